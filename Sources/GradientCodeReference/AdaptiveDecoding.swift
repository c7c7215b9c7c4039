public import ExactArithmetic
public import GradientCodes

/// Decoders that see who responded, for a fixed encoding B (`docs/HeterogeneousGradientCode.md#adaptive-decoding`).
public struct AdaptiveDecoding: Hashable, Sendable {
    /// The best unbiased decoder.
    public enum Unbiased: Hashable, Sendable {
        /// α_F = Π_F τ with P̄τ = 1; its residual is 1ᵀτ − m.
        case target([Rational])
        /// There is none: P̄z = 0 and 1ᵀz = 1.
        case none(witness: [Rational])
    }

    /// P̄ = E Π_F, m × m, the mean of the projectors on the responders' rows.
    public let projection: RationalMatrix
    /// The best unbiased decoder.
    public let unbiased: Unbiased

    /// Enumerates all 2ⁿ patterns.
    ///
    /// - Precondition: one probability a row of B, at most 62.
    public init(encoding B: RationalMatrix, straggling: [Probability]) {
        precondition(straggling.count == B.rows, "one probability a worker")
        var mean = RationalMatrix(rows: B.columns, columns: B.columns) { _, _ in 0 }
        for responders in WorkerSet.subsets(of: B.rows) {
            let probability = straggling.indices.reduce(Rational(1)) {
                $0 * Rational(responders.contains($1) ? straggling[$1].complement : straggling[$1])
            }
            guard !probability.isZero else { continue }
            let projector = B.selecting(rows: responders.members).rowSpaceProjector
            for j in 0..<B.columns { for k in 0..<B.columns { mean[j, k] += probability * projector[j, k] } }
        }
        projection = mean
        switch mean.solve([Rational](repeating: 1, count: B.columns)) {
        case .solution(let target): unbiased = .target(target)
        case .inconsistent(let witness): unbiased = .none(witness: witness)
        }
    }

    /// P̄1, the mean of the recovered coefficients of least squares.
    public var leastSquaresMean: [Rational] { projection.rowVectors.map(\.total) }

    /// m − 1ᵀP̄1, the residual of least squares: the smallest of all decoders.
    public var leastSquaresResidual: Rational { Rational(projection.rows) - leastSquaresMean.total }

    /// 1ᵀτ − m, the least residual of an unbiased decoder; nil where there is none.
    public var unbiasedResidual: Rational? {
        guard case .target(let target) = unbiased else { return nil }
        return target.total - Rational(projection.rows)
    }
}
