public import ExactArithmetic
public import GradientCodes

// Bounds for GC+, whose rounds may end with a part of the gradients.
extension CooperativeBound {
    /// Theorem G (i), on (1/T) Σ_t E‖∇f(x_t)‖²: 2Δ/(η(1 − P_n)T) + (P_p/(1 − P_n))ζ²; nil, infinite, if P_n = 1
    /// (`docs/CooperativeGradientCode.md#theorem-g`).
    ///
    /// - Parameter squaredDissimilarity: ζ², at least ‖∇f_k − ∇f‖² for all k at all points that are reached.
    /// - Throws: `invalidParameters` unless η ≤ 1/μ; `invalidProbability` unless P_p + P_n ≤ 1.
    public static func partialGradients(
        gap Δ: Rational, partial Pp: Rational, none Pn: Rational, step η: Rational, smoothness μ: Rational,
        squaredDissimilarity ζ2: Rational, iterations T: Int
    ) throws(Refusal) -> Rational? {
        try demand(gap: Δ, stableStep: η, smoothness: μ)
        try demand(η * μ <= 1, "step \(η); expected at most 1/μ")
        try demand(partial: Pp, none: Pn, squaredDissimilarity: ζ2, iterations: T)
        return Pn == 1 ? nil : 2 * Δ / (η * (1 - Pn) * Rational(T)) + Pp / (1 - Pn) * ζ2
    }

    /// Theorem G (ii), the same for an update that is unbiased given that there is one:
    /// Δ/(η(1 − ημ/2)(1 − P_n)T) + μηP_pζ²/((2 − ημ)(1 − P_n)); nil, infinite, if P_n = 1
    /// (`docs/CooperativeGradientCode.md#theorem-g`).
    ///
    /// - Throws: `invalidParameters` unless η < 2/μ; `invalidProbability` unless P_p + P_n ≤ 1.
    public static func unbiasedPartialGradients(
        gap Δ: Rational, partial Pp: Rational, none Pn: Rational, step η: Rational, smoothness μ: Rational,
        squaredDissimilarity ζ2: Rational, iterations T: Int
    ) throws(Refusal) -> Rational? {
        try demand(gap: Δ, stableStep: η, smoothness: μ)
        try demand(partial: Pp, none: Pn, squaredDissimilarity: ζ2, iterations: T)
        guard Pn < 1 else { return nil }
        return Δ / (η * (1 - η * μ / 2) * (1 - Pn) * Rational(T)) + μ * η * Pp * ζ2 / ((2 - η * μ) * (1 - Pn))
    }

    /// Theorem G (iii): E D_t ≤ κ^t D_0 + β(1 − κ^t)/(1 − κ), κ = P_n + P_f ρ² + P_p ρ, for every f_k λ-strongly convex
    /// and μ-smooth (`docs/CooperativeGradientCode.md#theorem-g`).
    ///
    /// - Parameter drift: Σ_K P_K ‖∇f_K(x*)‖², over partial outcomes.
    /// - Throws: `invalidParameters` unless η ≤ 2/(λ + μ) and P_n < 1; `invalidProbability` unless P_p + P_n ≤ 1.
    public static func partialDistance(
        squaredDistance: Rational, partial Pp: Rational, none Pn: Rational, drift: Rational, step η: Rational,
        strongConvexity λ: Rational, smoothness μ: Rational, iterations t: Int
    ) throws(Refusal) -> Rational {
        try demand(gap: 0, stableStep: η, smoothness: μ)
        try demand(0 < λ && λ <= μ && η * (λ + μ) <= 2, "step \(η); expected 0 < λ ≤ μ and η ≤ 2/(λ + μ)")
        try demand(squaredDistance >= 0 && drift >= 0 && t >= 0, "a square or a number of rounds is negative")
        try demand(partial: Pp, none: Pn, squaredDissimilarity: 0, iterations: 1)
        let ρ = 1 - η * λ
        let κ = Pn + (1 - Pn - Pp) * ρ * ρ + Pp * ρ
        guard κ < 1 else { throw Refusal(.invalidParameters, "κ = \(κ); expected less than 1") }
        let β = η * η / (1 - ρ) * drift
        return κ.power(t) * squaredDistance + β * (1 - κ.power(t)) / (1 - κ)
    }

    /// Theorem G (iv), one step of a single run: ‖x⁺ − x*‖ ≤ ρ‖x − x*‖ + η‖∇f_K(x*)‖ with ρ = 1 − ηλ
    /// (`docs/CooperativeGradientCode.md#theorem-g`).
    public static func singleStep(distance: Rational, drift: Rational, step η: Rational, strongConvexity λ: Rational)
        -> Rational
    {
        (1 - η * λ) * distance + η * drift
    }

    /// Theorem H, strongly convex, on E D_t: (1 − ηλ)^{2t} D_0 + ησ²/(λ(2 − ηλ)) · (1 − (1 − ηλ)^{2t})
    /// (`docs/CooperativeGradientCode.md#theorem-h`).
    ///
    /// - Parameter variance: σ², at least E‖update − ∇f‖² at every point that is reached.
    /// - Throws: `invalidParameters` unless η ≤ 2/(λ + μ).
    public static func unbiasedDistance(
        squaredDistance: Rational, variance σ2: Rational, step η: Rational, strongConvexity λ: Rational,
        smoothness μ: Rational, iterations t: Int
    ) throws(Refusal) -> Rational {
        try demand(gap: 0, stableStep: η, smoothness: μ)
        try demand(0 < λ && λ <= μ && η * (λ + μ) <= 2, "step \(η); expected 0 < λ ≤ μ and η ≤ 2/(λ + μ)")
        try demand(squaredDistance >= 0 && σ2 >= 0 && t >= 0, "a square or a number of rounds is negative")
        let factor = (1 - η * λ).power(2 * t)
        return factor * squaredDistance + η * σ2 / (λ * (2 - η * λ)) * (1 - factor)
    }

    /// Theorem H, on (1/T) Σ_t E‖∇f(x_t)‖²: Δ/(Tη(1 − ημ/2)) + μησ²/(2 − ημ)
    /// (`docs/CooperativeGradientCode.md#theorem-h`).
    ///
    /// - Throws: `invalidParameters` unless 0 < η < 2/μ.
    public static func unbiasedGradients(
        gap Δ: Rational, variance σ2: Rational, step η: Rational, smoothness μ: Rational, iterations T: Int
    ) throws(Refusal) -> Rational {
        try demand(gap: Δ, stableStep: η, smoothness: μ)
        try demand(σ2 >= 0 && T >= 1, "variance \(σ2) in \(T) rounds; expected σ² ≥ 0 and T ≥ 1")
        return Δ / (Rational(T) * η * (1 - η * μ / 2)) + μ * η * σ2 / (2 - η * μ)
    }

    private static func demand(
        partial Pp: Rational, none Pn: Rational, squaredDissimilarity ζ2: Rational, iterations T: Int
    ) throws(Refusal) {
        try demand(ζ2 >= 0 && T >= 1, "ζ² = \(ζ2) in \(T) rounds; expected ζ² ≥ 0 and T ≥ 1")
        try demand(probability: Pp)
        try demand(probability: Pn)
        try demand(probability: Pp + Pn)
    }
}
