public import ExactArithmetic
public import GradientCodes

/// Whether an encoding matrix tolerates s stragglers, and whether it needs n − s responders.
public struct CodeProperties: Hashable, Sendable {
    /// GC(s) with the worst amplification of the canonical decoding vectors over |F| = n − s; or a set that breaks it.
    public enum Recovery: Hashable, Sendable {
        /// Every n − s responders recover the sum.
        case always(worstAmplification: Rational)
        /// These do not, by this witness.
        case fails(responders: WorkerSet, witness: [Rational])
    }

    /// GC(s), or what breaks it.
    public let recovery: Recovery
    /// TIGHT(s): GC(s), and no n − s − 1 responders recover the sum.
    public let isTight: Bool
}

extension RationalMatrix {
    /// The properties of an encoding matrix, decided on all C(n, s) + C(n, s + 1) sets of responders.
    ///
    /// Sets of n − s and of n − s − 1 responders are enough: more rows only enlarge the span. The set named in a
    /// failure is the first in lexicographic order.
    ///
    /// - Precondition: 0 ≤ s < n.
    public func properties(stragglers: Int) -> CodeProperties {
        precondition((0..<rows).contains(stragglers), "s is in 0 ..< n")
        var worst: Rational = 0
        for responders in WorkerSet.subsets(of: rows, count: rows - stragglers) {
            switch decode(responders: responders) {
            case .exact(let vector):
                worst = max(worst, amplification(of: vector))
            case .undecodable(let witness):
                return CodeProperties(recovery: .fails(responders: responders, witness: witness), isTight: false)
            }
        }
        let smaller = WorkerSet.subsets(of: rows, count: rows - stragglers - 1)
        let isTight = smaller.allSatisfy { decode(responders: $0).vector == nil }
        return CodeProperties(recovery: .always(worstAmplification: worst), isTight: isTight)
    }

    /// The matrix itself, once every n − s of its workers have been seen to recover the sum.
    ///
    /// - Throws: `invalidParameters` with a set that does not and its witness.
    func verified(stragglers: Int, of name: String) throws(Refusal) -> RationalMatrix {
        for responders in WorkerSet.subsets(of: rows, count: rows - stragglers) {
            guard case .undecodable(let witness) = decode(responders: responders) else { continue }
            throw Refusal(
                .invalidParameters,
                "\(name) does not tolerate \(stragglers) stragglers: workers \(responders.members) cannot recover the sum, witness \(witness)"
            )
        }
        return self
    }
}
