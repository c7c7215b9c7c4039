public import ExactArithmetic
public import GradientCodes

// Theorem 6, strongly convex losses, and Theorem 7, losses that need not be convex.

extension OneBitBound {
    /// ρ = max(|1 − γμ|, |1 − γL|): θ − γ∇F(θ) contracts distances by it
    /// (Lemma 0 (b), `docs/OneBitGradientCode.md#lemma-0`).
    ///
    /// - Throws: `invalidParameters` if μ > L.
    public static func contraction(strongConvexity μ: Rational, smoothness L: Rational, step γ: Rational)
        throws(Refusal) -> Rational
    {
        try demand(positive: μ, "strong convexity")
        try demand(positive: γ, "step")
        try demand(μ <= L, "strong convexity \(μ), smoothness \(L); expected μ ≤ L")
        return max((1 - γ * μ).magnitude, (1 - γ * L).magnitude)
    }

    /// Theorem 6, on E‖θ_T − θ*‖²: ρ^{2T} R² + γ² Σ_t ρ^{2(T−1−t)} E V(θ_t), for every γ > 0
    /// (`docs/OneBitGradientCode.md#theorem-6`).
    ///
    /// - Throws: `invalidParameters` if μ > L.
    public static func stronglyConvex(
        squaredDistance: Rational, strongConvexity μ: Rational, smoothness L: Rational, step γ: Rational,
        variances: [Rational]
    ) throws(Refusal) -> Rational {
        let ρ = try contraction(strongConvexity: μ, smoothness: L, step: γ)
        try demand(squaredDistance: squaredDistance, variances: variances)
        try demand(iterations: variances.count)
        return variances.reduce(squaredDistance) { bound, variance in ρ * ρ * bound + γ * γ * variance }
    }

    /// Theorem 6 with V_max: ρ^{2T} R² + γ² V_max (1 − ρ^{2T})/(1 − ρ²) (`docs/OneBitGradientCode.md#theorem-6`).
    ///
    /// - Throws: `invalidParameters` if μ > L or γ ≥ 2/L.
    public static func stronglyConvex(
        squaredDistance: Rational, strongConvexity μ: Rational, smoothness L: Rational, step γ: Rational,
        largestVariance: Rational, iterations T: Int
    ) throws(Refusal) -> Rational {
        let ρ = try contraction(strongConvexity: μ, smoothness: L, step: γ)
        try demand(stableStep: γ, smoothness: L)
        try demand(squaredDistance: squaredDistance, variances: [largestVariance])
        try demand(iterations: T)
        let decay = ρ.power(2 * T)
        return decay * squaredDistance + γ * γ * largestVariance * (1 - decay) / (1 - ρ * ρ)
    }

    /// Theorem 6 for small steps, where ρ = 1 − γμ: (1 − γμ)^{2T} R² + γ V_max/(μ(2 − γμ))
    /// (`docs/OneBitGradientCode.md#theorem-6`).
    ///
    /// - Throws: `invalidParameters` if μ > L or γ > 2/(μ + L).
    public static func stronglyConvexSmallStep(
        squaredDistance: Rational, strongConvexity μ: Rational, smoothness L: Rational, step γ: Rational,
        largestVariance: Rational, iterations T: Int
    ) throws(Refusal) -> Rational {
        _ = try contraction(strongConvexity: μ, smoothness: L, step: γ)
        try demand(γ * (μ + L) <= 2, "step \(γ); expected at most 2/(μ + L) = \(2 / (μ + L))")
        try demand(squaredDistance: squaredDistance, variances: [largestVariance])
        try demand(iterations: T)
        return (1 - γ * μ).power(2 * T) * squaredDistance + γ * largestVariance / (μ * (2 - γ * μ))
    }

    /// Theorem 6 with γ_t = 2/(μ(t + t0)): max(t0 R², 4 V_max/μ²)/(T + t0) (`docs/OneBitGradientCode.md#theorem-6`).
    ///
    /// - Parameter offset: t0, at least 1 + L/μ.
    /// - Throws: `invalidParameters` if μ > L or t0 < 1 + L/μ.
    public static func stronglyConvexDecaying(
        squaredDistance: Rational, strongConvexity μ: Rational, smoothness L: Rational, offset t0: Rational,
        largestVariance: Rational, iterations T: Int
    ) throws(Refusal) -> Rational {
        try demand(positive: μ, "strong convexity")
        try demand(μ <= L, "strong convexity \(μ), smoothness \(L); expected μ ≤ L")
        try demand(t0 >= 1 + L / μ, "offset \(t0); expected at least 1 + L/μ = \(1 + L / μ)")
        try demand(squaredDistance: squaredDistance, variances: [largestVariance])
        try demand(iterations: T)
        return max(t0 * squaredDistance, 4 * largestVariance / (μ * μ)) / (Rational(T) + t0)
    }

    /// Theorem 7, on (1/T) Σ_t E‖∇F(θ_t)‖² of an L-smooth F without projection:
    /// (F(θ_0) − F_inf)/(γ(1 − γL/2)T) + (Lγ/(2 − Lγ))(1/T) Σ_t E V(θ_t) (`docs/OneBitGradientCode.md#theorem-7`).
    ///
    /// - Parameter initialGap: F(θ_0) − F_inf.
    /// - Throws: `invalidParameters` if γ ≥ 2/L or the gap is negative.
    public static func nonconvex(
        initialGap: Rational, smoothness L: Rational, step γ: Rational, variances: [Rational]
    ) throws(Refusal) -> Rational {
        try demand(stableStep: γ, smoothness: L)
        try demand(initialGap >= 0, "initial gap \(initialGap); expected no negative number")
        try demand(variances.allSatisfy { $0 >= 0 }, "a variance is negative")
        try demand(iterations: variances.count)
        let T = Rational(variances.count)
        return initialGap / (γ * (1 - γ * L / 2) * T) + L * γ / (2 - L * γ) * variances.total / T
    }
}
