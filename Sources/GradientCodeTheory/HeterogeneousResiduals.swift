public import ExactArithmetic
public import GradientCodes

/// The residual of each partition under a fixed code, in its two parts: Theorem H1 without the covariances between
/// partitions, so that it costs one term an entry that is not 0 (`docs/HeterogeneousGradientCode.md#theorem-h1`).
public struct HeterogeneousResiduals: Hashable, Sendable {
    /// (E α_j − 1)², one number a partition.
    public let squaredBiases: [Rational]
    /// Var α_j, likewise.
    public let variances: [Rational]

    /// Independent workers.
    ///
    /// - Precondition: one probability a row of C.
    public init(coefficients C: RationalMatrix, straggling: [Probability]) {
        precondition(straggling.count == C.rows, "one probability a worker")
        let p = straggling.map(\.exact)
        let holders = (0..<C.columns).map { j in p.indices.filter { i in !C[i, j].isZero } }
        squaredBiases = holders.indices.map { j in
            let bias = holders[j].map { i in (1 - p[i]) * C[i, j] }.total - 1
            return bias * bias
        }
        variances = holders.indices.map { j in
            holders[j].map { i in p[i] * (1 - p[i]) * C[i, j] * C[i, j] }.total
        }
    }

    /// E(α_j − 1)², one number a partition.
    public var residuals: [Rational] { zip(squaredBiases, variances).map { $0 + $1 } }
}
