public import ExactArithmetic
public import GradientCodes

/// Convergence with an unbiased fixed code, λ-strongly convex and μ-smooth (`docs/HeterogeneousGradientCode.md#convergence`).
///
/// All bounds are rational functions of their parameters. Λ bounds λ_max(L^½VL^½), σ*² is the noise at the minimiser, θ > 0 is
/// free; θ = 0 is allowed where σ*² = 0. D_0 and noise are not negative, nor is T.
public enum HeterogeneousBound {
    /// Theorem C1, on E D_T: (1 − ηλ)^T D_0 + (1 + 1/θ)(ησ*²/λ)(1 − (1 − ηλ)^T).
    ///
    /// - Throws: `invalidParameters` unless 0 < η ≤ 1/(μ + (1 + θ)Λ).
    public static func stronglyConvex(
        squaredDistance D: Rational, _ loss: Loss, theta θ: Rational = 1, step η: Rational, iterations T: Int
    ) throws(Refusal) -> Rational {
        let factor = try loss.noiseFactor(θ)
        try demand(η > 0 && η * (loss.smoothness + (1 + θ) * loss.expectedSmoothness) <= 1, "step \(η)", "C1")
        let decay = (1 - η * loss.strongConvexity).power(T)
        return decay * D + factor * η * loss.optimumNoise / loss.strongConvexity * (1 - decay)
    }

    /// k0 = 2(μ + 2Λ)/λ, where the steps 2/(λ(t + k0)) of Theorem C1′ begin.
    public static func offset(_ loss: Loss) -> Rational {
        2 * (loss.smoothness + 2 * loss.expectedSmoothness) / loss.strongConvexity
    }

    /// The steps η_t = 2/(λ(t + k0)), t < T, of Theorem C1′.
    public static func decreasingSteps(_ loss: Loss, iterations T: Int) -> [Rational] {
        precondition(T >= 0, "a number of iterations is not negative")
        return (0..<T).map { 2 / (loss.strongConvexity * (Rational($0) + offset(loss))) }
    }

    /// Theorem C1′, on E D_T with decreasing steps: max(k0 D_0, 8σ*²/λ²)/(T + k0).
    public static func decreasingSteps(squaredDistance D: Rational, _ loss: Loss, iterations T: Int) -> Rational {
        precondition(T >= 0, "a number of iterations is not negative")
        let k0 = offset(loss)
        let noise = 8 * loss.optimumNoise / (loss.strongConvexity * loss.strongConvexity)
        return max(k0 * D, noise) / (Rational(T) + k0)
    }

    /// Theorem C1″, on E D_T: ρ^T D_0 + η²(1 + 1/θ)σ*²(1 − ρ^T)/(1 − ρ) with ρ = (1 − ηλ)² + η²(1 + θ)Λμ.
    ///
    /// - Throws: `invalidParameters` unless 0 < η ≤ 2/(λ + μ) and ρ < 1.
    public static func smallSteps(
        squaredDistance D: Rational, _ loss: Loss, theta θ: Rational = 1, step η: Rational, iterations T: Int
    ) throws(Refusal) -> Rational {
        let factor = try loss.noiseFactor(θ)
        try demand(η > 0 && η * (loss.strongConvexity + loss.smoothness) <= 2, "step \(η)", "C1″")
        let contraction = (1 - η * loss.strongConvexity) * (1 - η * loss.strongConvexity)
        let ρ = contraction + η * η * (1 + θ) * loss.expectedSmoothness * loss.smoothness
        try demand(ρ < 1, "ρ = \(ρ)", "C1″")
        let decay = ρ.power(T)
        return decay * D + η * η * factor * loss.optimumNoise * (1 - decay) / (1 - ρ)
    }

    /// Theorem C2, on E D_T with noise at most σ²: (1 − ηλ)^{2T} D_0 + (ησ²/(λ(2 − ηλ)))(1 − (1 − ηλ)^{2T}).
    ///
    /// - Throws: `invalidParameters` unless 0 < η ≤ 2/(λ + μ).
    public static func boundedNoise(
        squaredDistance D: Rational, _ loss: Loss, noise: Rational, step η: Rational, iterations T: Int
    ) throws(Refusal) -> Rational {
        let λ = loss.strongConvexity
        try demand(η > 0 && η * (λ + loss.smoothness) <= 2, "step \(η)", "C2")
        let decay = (1 - η * λ).power(2 * T)
        return decay * D + η * noise / (λ * (2 - η * λ)) * (1 - decay)
    }

    /// Theorem C3, on (1/T) Σ_t E‖∇f(x_t)‖² with noise at most σ²: (f(x_0) − f_inf)/(Tη(1 − ημ/2)) + μησ²/(2 − ημ).
    ///
    /// - Throws: `invalidParameters` unless 0 < η < 2/μ and T ≥ 1.
    public static func nonConvex(
        initialGap: Rational, smoothness μ: Rational, noise: Rational, step η: Rational, iterations T: Int
    ) throws(Refusal) -> Rational {
        try demand(η > 0 && η * μ < 2, "step \(η)", "C3")
        try demand(T >= 1, "\(T) iterations", "C3")
        return initialGap / (Rational(T) * η * (1 - η * μ / 2)) + μ * η * noise / (2 - η * μ)
    }

    /// Theorem P1, on ‖x_T − x*‖ of every single run: (1 − ηλ)^T ‖x_0 − x*‖ + η Σ_t (1 − ηλ)^{T−1−t} ‖ε_t‖.
    ///
    /// - Parameter errors: ‖ε_t‖ of the recorded errors, T of them.
    /// - Throws: `invalidParameters` unless 0 < η ≤ 2/(λ + μ).
    public static func singleRun(
        distance: Rational, _ loss: Loss, step η: Rational, errors: [Rational]
    ) throws(Refusal) -> Rational {
        try demand(η > 0 && η * (loss.strongConvexity + loss.smoothness) <= 2, "step \(η)", "P1")
        return errors.reduce(distance) { (1 - η * loss.strongConvexity) * $0 + η * $1 }
    }

    /// Theorem P2, on (1/T) Σ_t ‖∇f(x_t)‖² of every single run: 2(f(x_0) − f_inf)/(ηT) + (1/T) Σ_t ‖ε_t‖².
    ///
    /// - Parameter squaredErrors: ‖ε_t‖², T ≥ 1 of them.
    /// - Throws: `invalidParameters` unless 0 < η ≤ 1/μ and T ≥ 1.
    public static func singleRunNonConvex(
        initialGap: Rational, smoothness μ: Rational, step η: Rational, squaredErrors: [Rational]
    ) throws(Refusal) -> Rational {
        try demand(η > 0 && η * μ <= 1, "step \(η)", "P2")
        try demand(!squaredErrors.isEmpty, "no iteration", "P2")
        let T = Rational(squaredErrors.count)
        return 2 * initialGap / (η * T) + squaredErrors.total / T
    }

    private static func demand(_ condition: Bool, _ found: String, _ theorem: String) throws(Refusal) {
        guard condition else {
            throw Refusal(.invalidParameters, "\(found) is outside the range of Theorem \(theorem)")
        }
    }

    /// The constants of a loss and a code.
    public struct Loss: Hashable, Sendable {
        /// λ.
        public let strongConvexity: Rational
        /// μ.
        public let smoothness: Rational
        /// Λ.
        public let expectedSmoothness: Rational
        /// σ*².
        public let optimumNoise: Rational

        /// The constants.
        ///
        /// - Throws: `invalidParameters` unless 0 < λ ≤ μ, 0 ≤ Λ and 0 ≤ σ*².
        public init(
            strongConvexity λ: Rational, smoothness μ: Rational, expectedSmoothness Λ: Rational, optimumNoise: Rational
        ) throws(Refusal) {
            guard λ > 0, λ <= μ, Λ >= 0, optimumNoise >= 0 else {
                throw Refusal(
                    .invalidParameters,
                    "λ = \(λ), μ = \(μ), Λ = \(Λ), σ*² = \(optimumNoise); expected 0 < λ ≤ μ, 0 ≤ Λ, 0 ≤ σ*²")
            }
            strongConvexity = λ
            smoothness = μ
            expectedSmoothness = Λ
            self.optimumNoise = optimumNoise
        }

        /// 1 + 1/θ; 0 for θ = 0 where there is no noise at the minimiser.
        fileprivate func noiseFactor(_ θ: Rational) throws(Refusal) -> Rational {
            guard θ > 0 || (θ.isZero && optimumNoise.isZero) else {
                throw Refusal(.invalidParameters, "θ = \(θ); expected more than 0, or 0 where σ*² = 0")
            }
            return θ.isZero ? 0 : 1 + 1 / θ
        }
    }
}

extension HeterogeneousRun {
    /// The constants of the bounds.
    public var loss: HeterogeneousBound.Loss {
        get throws(Refusal) {
            try HeterogeneousBound.Loss(
                strongConvexity: strongConvexity, smoothness: smoothness, expectedSmoothness: expectedSmoothness,
                optimumNoise: optimumNoise)
        }
    }
}
