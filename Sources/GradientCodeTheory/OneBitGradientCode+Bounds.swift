public import ExactArithmetic
public import GradientCodes

/// The bounds on the training error of 1-bit gradient coding, as exact numbers.
///
/// R² = ‖θ_0 − θ*‖², γ is the step, T the number of iterations, L the smoothness and μ the strong convexity of F, and
/// `variances` are the T numbers E V(θ_t), t = 0, …, T − 1; `largestVariance` is V_max, at least every V(θ) of a
/// reachable point. What is asked of F, of RANGE and of the projection is said in the document; a function refuses what
/// can be seen from its arguments. All throw `invalidParameters` unless R² and the variances are not negative, γ, L and μ
/// are positive and T ≥ 1.
///
/// See docs/OneBitGradientCode.md#convergence.
public enum OneBitBound {
    /// Theorem 5, on (1/T) Σ_t E[F(θ_t) − F*] of a convex L-smooth F with ∇F(θ*) = 0:
    /// R²/(2γT) + (γ/2)(1/T) Σ_t E V(θ_t) (`docs/OneBitGradientCode.md#theorem-5`).
    ///
    /// - Throws: `invalidParameters` if γ > 1/L.
    public static func convex(
        squaredDistance: Rational, smoothness L: Rational, step γ: Rational, variances: [Rational]
    ) throws(Refusal) -> Rational {
        try demand(shortStep: γ, smoothness: L)
        // The formula of Theorem 5′ without ‖s‖², which a short step makes superfluous.
        return try nonsmooth(squaredDistance: squaredDistance, step: γ, secondMoments: variances)
    }

    /// Theorem 5 with V_max: R²/(2γT) + (γ/2) V_max (`docs/OneBitGradientCode.md#theorem-5`).
    ///
    /// - Throws: `invalidParameters` if γ > 1/L.
    public static func convex(
        squaredDistance: Rational, smoothness L: Rational, step γ: Rational, largestVariance: Rational,
        iterations T: Int
    ) throws(Refusal) -> Rational {
        try demand(shortStep: γ, smoothness: L)
        try demand(squaredDistance: squaredDistance, variances: [largestVariance])
        try demand(iterations: T)
        return squaredDistance / (2 * γ * Rational(T)) + γ / 2 * largestVariance
    }

    /// Theorem 5 with steps γ_t, on Σ_t γ_t E[F(θ_t) − F*]: R²/2 + (1/2) Σ_t γ_t² E V(θ_t)
    /// (`docs/OneBitGradientCode.md#theorem-5`).
    ///
    /// - Throws: `invalidParameters` if a γ_t > 1/L; `dimensionMismatch` unless there is one step a variance.
    public static func convexWeighted(
        squaredDistance: Rational, smoothness L: Rational, steps: [Rational], variances: [Rational]
    ) throws(Refusal) -> Rational {
        for γ in steps { try demand(shortStep: γ, smoothness: L) }
        return try nonsmoothWeighted(squaredDistance: squaredDistance, steps: steps, secondMoments: variances)
    }

    /// Theorem 5 with γ_t = c/√(t + 1), on the expected gap of the γ-weighted mean of the θ_t:
    /// (R² + c² V_max (1 + ln T)) / (4c(√(T + 1) − 1)), enclosed (`docs/OneBitGradientCode.md#theorem-5`).
    ///
    /// - Parameter bits: the precision of the root and the logarithm, in 8...4096.
    /// - Throws: `invalidParameters` if c > 1/L or `bits` is not in its range.
    public static func convexDecaying(
        squaredDistance: Rational, smoothness L: Rational, scale c: Rational, largestVariance: Rational,
        iterations T: Int, bits: Int
    ) throws(Refusal) -> RationalInterval {
        try demand(shortStep: c, smoothness: L)
        try demand(squaredDistance: squaredDistance, variances: [largestVariance])
        try demand(iterations: T)
        try demand(bits: bits)
        let one = RationalInterval(1)
        let logarithm = RationalInterval.logarithm(of: RationalInterval(Rational(T)), bits: bits)
        let root = RationalInterval.squareRoot(of: RationalInterval(Rational(T) + 1), bits: bits)
        let numerator =
            RationalInterval(squaredDistance) + RationalInterval(c * c * largestVariance) * (one + logarithm)
        return numerator / (RationalInterval(4 * c) * (root - one))
    }

    /// Theorem 5 with bias, as b-bit draws cause it: R²/(2γT) + (γ/2)(1/T) Σ_t E V̂(θ_t) + ερ_1 + (γ/2)(2εG + ε²)
    /// (`docs/OneBitGradientCode.md#discretised-draws`).
    ///
    /// - Parameters:
    ///   - bias: ε, at least the norm of the bias of Y at every reachable point.
    ///   - distance: ρ_1, at least every ‖θ_t − θ*‖ of a reachable point.
    ///   - steepness: G, at least every ‖∇F(θ_t)‖ of a reachable point.
    ///   - variances: E V̂(θ_t), t = 0, …, T − 1.
    /// - Throws: `invalidParameters` if γ > 1/L, or ε, ρ_1 or G is negative.
    public static func convexBiased(
        squaredDistance: Rational, smoothness L: Rational, step γ: Rational, variances: [Rational], bias ε: Rational,
        distance: Rational, steepness G: Rational
    ) throws(Refusal) -> Rational {
        try demand(ε >= 0 && distance >= 0 && G >= 0, "bias \(ε), distance \(distance), steepness \(G); expected ≥ 0")
        let unbiased = try convex(squaredDistance: squaredDistance, smoothness: L, step: γ, variances: variances)
        return unbiased + ε * distance + γ / 2 * (2 * ε * G + ε * ε)
    }

    /// Theorem 5′, on (1/T) Σ_t E[F(θ_t) − F*] of a convex F whose workers encode subgradients, s their sum:
    /// R²/(2γT) + (γ/2)(1/T) Σ_t E[‖s(θ_t)‖² + V(θ_t)], for every γ > 0
    /// (`docs/OneBitGradientCode.md#theorem-5-prime`).
    ///
    /// - Parameter secondMoments: E[‖s(θ_t)‖² + V(θ_t)], t = 0, …, T − 1.
    public static func nonsmooth(squaredDistance: Rational, step γ: Rational, secondMoments: [Rational])
        throws(Refusal) -> Rational
    {
        let steps = [Rational](repeating: γ, count: secondMoments.count)
        let weighted = try nonsmoothWeighted(
            squaredDistance: squaredDistance, steps: steps, secondMoments: secondMoments)
        return weighted / steps.total
    }

    /// Theorem 5′ with steps γ_t > 0, on Σ_t γ_t E[F(θ_t) − F*]: R²/2 + (1/2) Σ_t γ_t² E[‖s(θ_t)‖² + V(θ_t)]
    /// (`docs/OneBitGradientCode.md#theorem-5-prime`).
    ///
    /// - Throws: `dimensionMismatch` unless there is one step a second moment.
    public static func nonsmoothWeighted(squaredDistance: Rational, steps: [Rational], secondMoments: [Rational])
        throws(Refusal) -> Rational
    {
        for γ in steps { try demand(positive: γ, "step") }
        try demand(squaredDistance: squaredDistance, variances: secondMoments)
        try demand(iterations: secondMoments.count)
        guard steps.count == secondMoments.count else {
            throw Refusal(.dimensionMismatch, "\(steps.count) steps for \(secondMoments.count) iterations")
        }
        return squaredDistance / 2 + zip(steps, secondMoments).map { $0 * $0 * $1 }.total / 2
    }
}
