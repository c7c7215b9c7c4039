public import ExactArithmetic
public import GradientCodes

/// Mean, residual and covariance of the recovered coefficients α of a fixed code
/// (`docs/HeterogeneousGradientCode.md#moments`).
public struct HeterogeneousMoments: Hashable, Sendable {
    /// E α_j, one number a partition.
    public let mean: [Rational]
    /// V = Cov α, m × m.
    public let covariance: RationalMatrix

    /// Theorem H1: independent workers.
    ///
    /// - Precondition: one probability a row of C.
    public init(coefficients C: RationalMatrix, straggling: [Probability]) {
        precondition(straggling.count == C.rows, "one probability a worker")
        let p = straggling.map(\.exact)
        mean = C.multiplied(byRow: p.map { 1 - $0 })
        covariance = RationalMatrix(rows: C.columns, columns: C.columns) { j, k in
            p.indices.map { i in p[i] * (1 - p[i]) * C[i, j] * C[i, k] }.total
        }
    }

    /// Dependent stragglers: V = CᵀKC (`docs/HeterogeneousGradientCode.md#dependent-stragglers`).
    ///
    /// - Parameters:
    ///   - responding: q_i, the means of the indicators.
    ///   - dependence: K, their covariance, n × n.
    public init(coefficients C: RationalMatrix, responding: [Rational], dependence K: RationalMatrix) {
        mean = C.multiplied(byRow: responding)
        covariance = C.transposed * K * C
    }

    /// E α_j − 1; zeros for an unbiased code (Corollary H1′ where C was made for other probabilities).
    public var bias: [Rational] { mean.map { $0 - 1 } }

    /// R = E‖α − 1‖².
    public var residual: Rational {
        bias.innerProduct(bias) + mean.indices.map { covariance[$0, $0] }.total
    }

    /// E‖ĝ − g‖² = tr(VΓ) + ‖Σ_j (E α_j − 1) g_j‖² (Theorem H2).
    ///
    /// - Parameter gradients: one a partition, all of one dimension.
    public func gradientError(_ gradients: [[Rational]]) -> Rational {
        precondition(gradients.count == mean.count, "one gradient a partition")
        return (gradients.first ?? []).indices.map { d in
            let column = gradients.map { $0[d] }
            let shift = bias.innerProduct(column)
            return column.innerProduct(covariance * column) + shift * shift
        }.total
    }

    /// 1ᵀV1, the variance for parallel gradients of norm 1 (Corollary H3 (b)).
    public var commonMode: Rational { covariance.rowVectors.joined().total }

    /// λ_ub, the smaller of the trace and the largest row sum of magnitudes: no eigenvalue of V is greater
    /// (`docs/HeterogeneousGradientCode.md#corollary-h3`).
    public var eigenvalueBound: Rational {
        let trace = mean.indices.map { covariance[$0, $0] }.total
        return min(trace, covariance.rowVectors.map { $0.map(\.magnitude).total }.max() ?? 0)
    }

    /// Whether λ_max(V) ≤ τ, with the certificate or refutation of τI − V
    /// (`docs/HeterogeneousGradientCode.md#eigenvalue-certificate`).
    public func isLargestEigenvalue(atMost τ: Rational) -> Bool {
        let shifted = RationalMatrix(rows: mean.count, columns: mean.count) { j, k in
            (j == k ? τ : 0) - covariance[j, k]
        }
        if case .certificate = shifted.positiveSemidefiniteness() { return true }
        return false
    }
}
