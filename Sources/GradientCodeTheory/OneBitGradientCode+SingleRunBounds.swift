public import ExactArithmetic
public import GradientCodes

/// What one run of 1-bit gradient coding leaves behind.
///
/// See docs/OneBitGradientCode.md#theorem-8.
public struct OneBitRecord: Hashable, Sendable {
    /// θ_0, …, θ_T.
    public let models: [[Rational]]
    /// Y_0, …, Y_{T−1}.
    public let updates: [[Rational]]
    /// ∇F(θ_0), …, ∇F(θ_{T−1}).
    public let gradients: [[Rational]]

    /// The record of a run; whether its parts belong together is for Theorem 8 to say.
    ///
    /// - Throws: `invalidParameters` if T = 0; `dimensionMismatch` unless there are T + 1 models, T updates and T gradients,
    ///   all of one length.
    public init(models: [[Rational]], updates: [[Rational]], gradients: [[Rational]]) throws(Refusal) {
        guard !updates.isEmpty else { throw Refusal(.invalidParameters, "a run without iterations; expected one") }
        guard models.count == updates.count + 1, gradients.count == updates.count else {
            throw Refusal(
                .dimensionMismatch,
                "\(models.count) models, \(updates.count) updates, \(gradients.count) gradients; expected T + 1, T, T")
        }
        guard (models + updates + gradients).allSatisfy({ $0.count == models[0].count }) else {
            throw Refusal(.dimensionMismatch, "vectors of a run differ in length")
        }
        self.models = models
        self.updates = updates
        self.gradients = gradients
    }
}

extension OneBitBound {
    /// Theorem 8 for convex F, on Σ_t (F(θ_t) − F*) of this very run, with or without projection:
    /// (R² − r_T²)/(2γ) + (γ/2) Σ_t ‖Y_t‖² − (1/(2L)) Σ_t ‖∇F(θ_t)‖² − Σ_t ⟨Y_t − ∇F(θ_t), θ_t − θ*⟩, for every
    /// γ > 0 (`docs/OneBitGradientCode.md#theorem-8`).
    ///
    /// - Throws: `dimensionMismatch` unless θ* has the dimension of the run.
    public static func convex(record: OneBitRecord, minimiser: [Rational], smoothness L: Rational, step γ: Rational)
        throws(Refusal) -> Rational
    {
        try demand(positive: L, "smoothness")
        try demand(positive: γ, "step")
        guard minimiser.count == record.models[0].count else {
            throw Refusal(.dimensionMismatch, "a minimiser of \(minimiser.count) coordinates")
        }
        let offsets = record.models.map { zip($0, minimiser).map(-) }
        let noise = record.updates.indices.map { t in
            zip(record.updates[t], record.gradients[t]).map(-).innerProduct(offsets[t])
        }
        return (offsets[0].squaredNorm - offsets[record.updates.count].squaredNorm) / (2 * γ)
            + γ / 2 * record.updates.map(\.squaredNorm).total
            - record.gradients.map(\.squaredNorm).total / (2 * L) - noise.total
    }

    /// Theorem 8 for L-smooth F, on F(θ_T) of this very run without projection:
    /// F(θ_0) + Σ_t (−γ⟨∇F(θ_t), Y_t⟩ + (Lγ²/2)‖Y_t‖²), for every γ > 0 (`docs/OneBitGradientCode.md#theorem-8`).
    public static func smooth(record: OneBitRecord, initialValue: Rational, smoothness L: Rational, step γ: Rational)
        throws(Refusal) -> Rational
    {
        try demand(positive: L, "smoothness")
        try demand(positive: γ, "step")
        let steps = zip(record.updates, record.gradients).map { update, gradient in
            L * γ * γ / 2 * update.squaredNorm - γ * gradient.innerProduct(update)
        }
        return initialValue + steps.total
    }

    /// β = max_j Σ_i B_ij, which no coordinate of an update exceeds in magnitude; `ranges` has one row a worker that
    /// takes part (Theorem 8, `docs/OneBitGradientCode.md#theorem-8`).
    public static func largestCoordinate(ranges: [[Rational]]) -> Rational { ranges.vectorSum.max() ?? 0 }

    /// Theorem 9, on (1/T) Σ_t (F(θ_t) − F*) with probability at least 1 − η, in the setting of Theorem 5 with a bounded
    /// Θ: R²/(2γT) + (γ/2) V_max + C √(2 ln(1/η)/T), enclosed; its upper end is a bound
    /// (`docs/OneBitGradientCode.md#theorem-9`).
    ///
    /// - Parameters:
    ///   - deviation: C, as ``deviation(largestCoordinate:radius:step:dimension:)`` gives it.
    ///   - failure: η.
    ///   - bits: the precision of the root and the logarithm, in 8...4096.
    /// - Throws: `invalidParameters` if γ > 1/L, C is negative or `bits` not in its range; `invalidProbability` unless
    ///   0 < η < 1.
    public static func withProbability(
        failure η: Rational, squaredDistance: Rational, smoothness L: Rational, step γ: Rational,
        largestVariance: Rational, deviation C: Rational, iterations T: Int, bits: Int
    ) throws(Refusal) -> RationalInterval {
        try demand(C >= 0, "deviation \(C); expected no negative number")
        try demand(bits: bits)
        let expected = try convex(
            squaredDistance: squaredDistance, smoothness: L, step: γ, largestVariance: largestVariance, iterations: T)
        guard 0 < η, η < 1 else {
            throw Refusal(.invalidProbability, "failure probability \(η); expected 0 < η < 1")
        }
        let logarithm = RationalInterval.logarithm(of: RationalInterval(1 / η), bits: bits)
        let root = RationalInterval.squareRoot(of: RationalInterval(2 / Rational(T)) * logarithm, bits: bits)
        return RationalInterval(expected) + RationalInterval(C) * root
    }

    /// C = 2βR_1 + (γ/2)Dβ², which the X_t of the proof of Theorem 9 do not exceed in magnitude
    /// (`docs/OneBitGradientCode.md#theorem-9`).
    ///
    /// - Parameters:
    ///   - largestCoordinate: β.
    ///   - radius: R_1, the largest ‖θ − θ*‖_1 of Θ.
    ///   - dimension: D.
    /// - Throws: `invalidParameters` if β or R_1 is negative or D < 1.
    public static func deviation(
        largestCoordinate β: Rational, radius: Rational, step γ: Rational, dimension D: Int
    ) throws(Refusal) -> Rational {
        try demand(positive: γ, "step")
        try demand(β >= 0 && radius >= 0 && D >= 1, "β = \(β), R_1 = \(radius), D = \(D)")
        return 2 * β * radius + γ / 2 * Rational(D) * β * β
    }
}
