import ExactArithmetic
import GradientCodeReference
import GradientCodes
import Testing

extension RationalMatrix {
    /// Whether the responders recover the sum, with the certificate of the answer multiplied out.
    func decodes(_ responders: WorkerSet, sourceLocation: SourceLocation = #_sourceLocation) -> Bool {
        switch decode(responders: responders) {
        case .exact(let vector):
            let isDecoding =
                vector.count == rows && multiplied(byRow: vector).allSatisfy { $0 == 1 }
                && vector.indices.allSatisfy { responders.contains($0) || vector[$0].isZero }
            #expect(isDecoding, "\(vector) for \(responders)", sourceLocation: sourceLocation)
            return true
        case .undecodable(let witness):
            let isWitness =
                witness.count == columns && witness.total == 1
                && responders.allSatisfy { row($0).innerProduct(witness).isZero }
            #expect(isWitness, "\(witness) for \(responders)", sourceLocation: sourceLocation)
            return false
        }
    }

    /// Whether every n − s of the n workers recover the sum.
    func tolerates(_ stragglers: Int, sourceLocation: SourceLocation = #_sourceLocation) -> Bool {
        WorkerSet.subsets(of: rows, count: rows - stragglers).allSatisfy {
            decodes($0, sourceLocation: sourceLocation)
        }
    }

    /// The same of a circulant, where sets that are rotations of one another recover alike: one of each is enough.
    func toleratesAsCirculant(_ stragglers: Int, sourceLocation: SourceLocation = #_sourceLocation) -> Bool {
        WorkerSet.subsets(of: rows, count: rows - stragglers).allSatisfy { set in
            let isFirst = (1..<rows).allSatisfy { shift in
                let rotated = set.map { ($0 + shift) % rows }.sorted()
                return !rotated.lexicographicallyPrecedes(set.members)
            }
            return !isFirst || decodes(set, sourceLocation: sourceLocation)
        }
    }

    /// The matrix of s + 1 ones a row, which is CRC-1 where s + 1 divides n.
    static func cyclicOnes(_ n: Int, _ s: Int) -> RationalMatrix {
        RationalMatrix(rows: n, columns: n) { i, j in (j - i + n) % n <= s ? 1 : 0 }
    }
}
