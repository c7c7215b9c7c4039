public import ExactArithmetic
public import GradientCodes

// What no code can beat, and how near an allocation is to it.

/// Bounds on residuals from sums of odds (`docs/HeterogeneousGradientCode.md#theorem-h6`).
public struct BalanceBound: Hashable, Sendable {
    /// m²/Σ_j S_j: no allocation with these loads has a smaller residual (Theorem H6).
    public let leastResidual: Rational
    /// (a + b)²/(4ab), a and b the smallest and the largest S_j: the residual is at most this times the least one.
    public let factor: Rational
    /// 1 + s²/(4ab), s the largest odds: what a greedy allocation never exceeds (Theorem H7).
    public let greedyFactor: Rational

    /// The bounds of finite sums; nil where one is ∞, or 0.
    ///
    /// - Parameters:
    ///   - oddsSums: S_j, at least one.
    ///   - largestOdds: the largest s_i.
    public init?(oddsSums: [ExtendedRational], largestOdds: ExtendedRational) {
        let sums = oddsSums.compactMap(\.value)
        guard sums.count == oddsSums.count, let a = sums.min(), let b = sums.max(), a > 0, let s = largestOdds.value
        else { return nil }
        let m = Rational(sums.count)
        leastResidual = m * m / sums.total
        factor = (a + b) * (a + b) / (4 * a * b)
        greedyFactor = 1 + s * s / (4 * a * b)
    }
}

extension HeterogeneousGradientCode {
    /// m²/Σ_i s_i: no unbiased fixed code has a smaller common mode 1ᵀV1 (Theorem H5); nil where some p_i = 0.
    public var commonModeFloor: Rational? {
        guard !straggling.contains(.zero) else { return nil }
        let m = Rational(partitions)
        return m * m / straggling.map { (1 - $0.exact) / $0.exact }.total
    }

    /// Q_j, the probability that all holders of a partition straggle; below 1.
    public var lossProbabilities: [Rational] {
        (0..<partitions).map { j in allocation.workers(of: j).reduce(Rational(1)) { $0 * straggling[$1].exact } }
    }

    /// Σ_j Q_j: no decoder has a smaller residual (Theorem H8 (iii)).
    public var residualFloor: Rational { lossProbabilities.total }

    /// Σ_j Q_j/(1 − Q_j): no unbiased decoder has a smaller residual (Theorem H8 (iii)).
    public var unbiasedResidualFloor: Rational { lossProbabilities.map { $0 / (1 - $0) }.total }
}
