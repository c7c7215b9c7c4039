public import ExactArithmetic
public import GradientCodes

/// The bounds on the training error of cooperative gradient coding, as exact numbers.
///
/// f is λ-strongly convex where λ is named, and μ-smooth; η is the step, T the number of rounds, Δ at least f(x_0) − inf f,
/// P_O, P_f, P_p and P_n the probabilities of outage, full, partial and none. A bound that is infinite is nil. All throw
/// `invalidParameters` unless η, λ and μ are positive, λ ≤ μ, T ≥ 1, and what is squared or a gap is not negative;
/// `invalidProbability` unless probabilities are in [0, 1].
///
/// See docs/CooperativeGradientCode.md#convergence.
public enum CooperativeBound {
    /// ρ = max(|1 − ηλ|, |1 − ημ|), by which an exact gradient step contracts.
    public static func contraction(step η: Rational, strongConvexity λ: Rational, smoothness μ: Rational) -> Rational {
        max((1 - η * λ).magnitude, (1 - η * μ).magnitude)
    }

    /// Theorem A on a single run: D_T ≤ ρ^{2 N_T} D_0 (`docs/CooperativeGradientCode.md#theorem-a`).
    ///
    /// - Throws: `invalidParameters` unless 0 < η < 2/μ.
    public static func singleRun(
        squaredDistance: Rational, successes: Int, step η: Rational, strongConvexity λ: Rational,
        smoothness μ: Rational
    ) throws(Refusal) -> Rational {
        try demand(squaredDistance >= 0 && successes >= 0, "a squared distance or a number of successes is negative")
        return try square(step: η, strongConvexity: λ, smoothness: μ).power(successes) * squaredDistance
    }

    /// Theorem A on a single run: Σ_{t successful} ‖∇f(x_t)‖² ≤ Δ/(η(1 − ημ/2)) (`docs/CooperativeGradientCode.md#theorem-a`).
    ///
    /// - Throws: `invalidParameters` unless 0 < η < 2/μ.
    public static func singleRunGradients(gap Δ: Rational, step η: Rational, smoothness μ: Rational)
        throws(Refusal) -> Rational
    {
        try demand(gap: Δ, stableStep: η, smoothness: μ)
        return Δ / (η * (1 - η * μ / 2))
    }

    /// Theorem B: E D_T ≤ Π_t (P_{O,t} + (1 − P_{O,t})ρ²) D_0, with the outage of every round
    /// (`docs/CooperativeGradientCode.md#theorem-b`).
    ///
    /// - Throws: `invalidParameters` unless 0 < η < 2/μ.
    public static func expectedDistance(
        squaredDistance: Rational, outages: [Rational], step η: Rational, strongConvexity λ: Rational,
        smoothness μ: Rational
    ) throws(Refusal) -> Rational {
        try demand(squaredDistance >= 0, "a squared distance is negative")
        let square = try square(step: η, strongConvexity: λ, smoothness: μ)
        for outage in outages { try demand(probability: outage) }
        return outages.reduce(squaredDistance) { $0 * ($1 + (1 - $1) * square) }
    }

    /// Theorem B: E[f(x_T) − f*] ≤ Π_t (1 − 2λη(1 − ημ/2)(1 − P_{O,t})) (f(x_0) − f*), for ‖∇f‖² ≥ 2λ(f − f*)
    /// (`docs/CooperativeGradientCode.md#theorem-b`).
    ///
    /// - Throws: `invalidParameters` unless 0 < η < 2/μ.
    public static func expectedGap(
        gap Δ: Rational, outages: [Rational], step η: Rational, dominance λ: Rational, smoothness μ: Rational
    ) throws(Refusal) -> Rational {
        try demand(gap: Δ, stableStep: η, smoothness: μ)
        try demand(0 < λ && λ <= μ, "λ = \(λ), μ = \(μ); expected 0 < λ ≤ μ")
        for outage in outages { try demand(probability: outage) }
        return outages.reduce(Δ) { $0 * (1 - 2 * λ * η * (1 - η * μ / 2) * (1 - $1)) }
    }

    /// Theorem B: (1/T) Σ_t E‖∇f(x_t)‖² ≤ Δ/((1 − P_O) η(1 − ημ/2) T); nil, infinite, if P_O = 1
    /// (`docs/CooperativeGradientCode.md#theorem-b`).
    ///
    /// - Throws: `invalidParameters` unless 0 < η < 2/μ.
    public static func expectedGradients(
        gap Δ: Rational, outage: Rational, step η: Rational, smoothness μ: Rational, iterations T: Int
    ) throws(Refusal) -> Rational? {
        try demand(probability: outage)
        try demand(T >= 1, "\(T) iterations; expected at least one")
        let sum = try singleRunGradients(gap: Δ, step: η, smoothness: μ)
        return outage == 1 ? nil : sum / ((1 - outage) * Rational(T))
    }

    /// Theorem F, E local steps, on (1/T) Σ_t E‖∇f(x_t)‖²:
    /// 4Δ/((1 − P_O) ηET) + (14/3) μ²η²(E − 1)(2EG² + σ²) + 4μησ²/M; nil, infinite, if P_O = 1
    /// (`docs/CooperativeGradientCode.md#theorem-f`).
    ///
    /// - Parameters:
    ///   - squaredDissimilarity: G² of (1/M) Σ_m ‖∇f_m‖² ≤ G² + β²‖∇f‖².
    ///   - squaredGrowth: β².
    ///   - variance: σ², of the noise of one local step.
    /// - Throws: `invalidParameters` unless M ≥ 1, E ≥ 1, ηEμ ≤ 1/2 and (14/3) μ²η²E(E − 1)β² ≤ 1/2.
    public static func localSteps(
        _ E: Int, clients M: Int, gap Δ: Rational, outage: Rational, step η: Rational, smoothness μ: Rational,
        squaredDissimilarity G2: Rational, squaredGrowth β2: Rational, variance σ2: Rational, iterations T: Int
    ) throws(Refusal) -> Rational? {
        try demand(gap: Δ, stableStep: η, smoothness: μ)
        try demand(E >= 1 && M >= 1 && T >= 1, "\(E) local steps of \(M) clients in \(T) rounds; expected positive")
        try demand(G2 >= 0 && β2 >= 0 && σ2 >= 0, "a square or a variance is negative")
        let steps = Rational(E)
        try demand(2 * η * steps * μ <= 1, "step \(η); expected ηEμ ≤ 1/2")
        let drift = Rational(14, 3) * μ * μ * η * η * (steps - 1)
        try demand(2 * drift * steps * β2 <= 1, "step \(η); expected (14/3) μ²η²E(E − 1)β² ≤ 1/2")
        try demand(probability: outage)
        guard outage < 1 else { return nil }
        return 4 * Δ / ((1 - outage) * η * steps * Rational(T)) + drift * (2 * steps * G2 + σ2)
            + 4 * μ * η * σ2 / Rational(M)
    }

    static func demand(_ condition: Bool, _ reason: @autoclosure () -> String) throws(Refusal) {
        guard condition else { throw Refusal(.invalidParameters, reason()) }
    }

    static func demand(probability: Rational) throws(Refusal) {
        guard 0 <= probability, probability <= 1 else {
            throw Refusal(.invalidProbability, "probability \(probability); expected 0...1")
        }
    }

    /// Δ ≥ 0 and 0 < η < 2/μ.
    static func demand(gap Δ: Rational, stableStep η: Rational, smoothness μ: Rational) throws(Refusal) {
        try demand(Δ >= 0, "the gap \(Δ) is negative")
        try demand(μ > 0, "smoothness \(μ); expected a positive number")
        try demand(0 < η && η * μ < 2, "step \(η); expected 0 < η < 2/μ")
    }

    /// ρ² for 0 < λ ≤ μ and 0 < η < 2/μ.
    private static func square(step η: Rational, strongConvexity λ: Rational, smoothness μ: Rational)
        throws(Refusal) -> Rational
    {
        try demand(gap: 0, stableStep: η, smoothness: μ)
        try demand(0 < λ && λ <= μ, "λ = \(λ), μ = \(μ); expected 0 < λ ≤ μ")
        let ρ = contraction(step: η, strongConvexity: λ, smoothness: μ)
        return ρ * ρ
    }
}
