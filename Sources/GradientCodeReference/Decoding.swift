public import ExactArithmetic
public import GradientCodes

/// What a set of responders can do about the sum of the gradients.
public enum Decoding: Hashable, Sendable {
    /// It can be recovered: a with aᵀB = 1, one number a worker, zero off the responders.
    case exact([Rational])
    /// It cannot: x with B_F x = 0 and 1ᵀx = 1, one number a partition.
    case undecodable(witness: [Rational])

    /// The decoding vector, where there is one.
    public var vector: [Rational]? {
        if case .exact(let vector) = self { vector } else { nil }
    }
}

/// The best approximation of the sum of the gradients by a set of responders.
public struct LeastSquaresDecoding: Hashable, Sendable {
    /// a of minimum norm, one number a worker, zero off the responders.
    public let vector: [Rational]
    /// α = aᵀB, the orthogonal projection of 1 on the responders' rows, one number a partition.
    public let recovered: [Rational]
    /// ‖1 − α‖².
    public let residual: Rational
}

// Decoders of an encoding matrix B, one row a worker (`docs/GradientCode.md#decoders`).
extension RationalMatrix {
    /// The canonical decoder D1: the solution of B_Fᵀ a = 1 read off the reduced row echelon form, free variables zero.
    public func decode(responders: WorkerSet) -> Decoding {
        switch selecting(rows: responders.members).transposed.solve([Rational](repeating: 1, count: columns)) {
        case .solution(let solution): .exact(spread(solution, over: responders))
        case .inconsistent(let witness): .undecodable(witness: witness)
        }
    }

    /// The least-squares decoder D3.
    public func leastSquaresDecoding(responders: WorkerSet) -> LeastSquaresDecoding {
        let ones = [Rational](repeating: 1, count: columns)
        let (solution, projection) = selecting(rows: responders.members).transposed.leastSquares(ones)
        let residual = projection.map { (1 - $0) * (1 - $0) }.total
        return LeastSquaresDecoding(
            vector: spread(solution, over: responders), recovered: projection, residual: residual)
    }

    /// κ_j(a) = Σ_i |a_i b_ij| of a decoding vector, one number a partition: how much a rounding can be amplified.
    public func amplifications(of vector: [Rational]) -> [Rational] {
        (0..<columns).map { j in (0..<rows).map { i in (vector[i] * self[i, j]).magnitude }.total }
    }

    /// κ(a) = max_j κ_j(a), at least 1 for every decoding vector.
    public func amplification(of vector: [Rational]) -> Rational {
        amplifications(of: vector).max() ?? 0
    }

    private func spread(_ coefficients: [Rational], over responders: WorkerSet) -> [Rational] {
        var vector = [Rational](repeating: 0, count: rows)
        for (worker, coefficient) in zip(responders, coefficients) { vector[worker] = coefficient }
        return vector
    }
}
