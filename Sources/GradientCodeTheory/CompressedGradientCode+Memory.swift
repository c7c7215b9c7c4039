public import ExactArithmetic
public import GradientCodes

// Theorems 3 and 4: how large memories can become.

extension CompressedBound {
    /// Theorem 3, on ‖e_i^t‖ of this very run: Σ_{s<t, i ∈ A_s} r^{n_i(s,t)} γ_s ‖g_i(θ_s)‖, where n_i(s,t) counts the
    /// active iterations of worker i in s … t − 1 (`docs/CompressedGradientCode.md#theorem-3`).
    ///
    /// - Parameters:
    ///   - steps: γ_s, one for each active iteration of the worker, in their order.
    ///   - squaredGradients: ‖g_i(θ_s)‖², likewise.
    ///   - bits: the precision of the roots, in 8...4096.
    /// - Throws: `dimensionMismatch` unless there is one gradient a step.
    public static func memory(
        _ contraction: Contraction, steps: [Rational], squaredGradients: [Rational], bits: Int
    ) throws(Refusal) -> RationalInterval {
        for γ in steps { try OneBitBound.demand(positive: γ, "step") }
        try OneBitBound.demand(squaredGradients.allSatisfy { $0 >= 0 }, "a squared norm is negative")
        try OneBitBound.demand(bits: bits)
        guard steps.count == squaredGradients.count else {
            throw Refusal(.dimensionMismatch, "\(squaredGradients.count) gradients for \(steps.count) steps")
        }
        // Horner: each active iteration multiplies by r what was there and what it adds.
        return zip(steps, squaredGradients).reduce(RationalInterval(0)) { bound, next in
            let norm = RationalInterval.squareRoot(of: RationalInterval(next.1), bits: bits)
            return contraction.r * (bound + RationalInterval(next.0) * norm)
        }
    }

    /// Theorem 3 with a constant step, on √S_t = ‖Σ_i e_i^t‖: γκ Σ_i G_i where ‖g_i‖ ≤ G_i in the run; for one worker
    /// the bound on ‖e_i^t‖ (`docs/CompressedGradientCode.md#theorem-3`).
    ///
    /// - Throws: `invalidParameters` if a G_i is negative.
    public static func memory(
        _ contraction: Contraction, step γ: Rational, gradientBounds: [Rational]
    ) throws(Refusal) -> RationalInterval {
        try OneBitBound.demand(positive: γ, "step")
        try OneBitBound.demand(gradientBounds.allSatisfy { $0 >= 0 }, "a bound on gradients is negative")
        return contraction.κ * RationalInterval(γ * gradientBounds.total)
    }

    /// Theorem 4, on Σ_{t≤T} E‖e_i^t‖² of one worker: κ²γ² Σ_{t<T} E‖g_i(θ_t)‖²
    /// (`docs/CompressedGradientCode.md#theorem-4`).
    ///
    /// - Throws: `invalidParameters` if a squared norm is negative.
    public static func squaredMemories(
        _ contraction: Contraction, step γ: Rational, squaredGradients: [Rational]
    ) throws(Refusal) -> RationalInterval {
        try OneBitBound.demand(positive: γ, "step")
        try OneBitBound.demand(squaredGradients.allSatisfy { $0 >= 0 }, "a squared norm is negative")
        return contraction.squaredκ * RationalInterval(γ * γ * squaredGradients.total)
    }

    /// (4), on E‖e_i^{t+1}‖²: (1 − q_i(1 − r)) E‖e_i^t‖² + q_i (r²/(1 − r)) γ² E‖g_i(θ_t)‖²
    /// (`docs/CompressedGradientCode.md#theorem-4`).
    ///
    /// - Throws: `invalidParameters` if a squared norm is negative; `invalidProbability` unless 0 ≤ p_i < 1.
    public static func squaredMemory(
        _ contraction: Contraction, step γ: Rational, before: Rational, squaredGradient: Rational,
        straggling p: Rational
    ) throws(Refusal) -> RationalInterval {
        try OneBitBound.demand(positive: γ, "step")
        try OneBitBound.demand(before >= 0 && squaredGradient >= 0, "a squared norm is negative")
        guard 0 <= p, p < 1 else {
            throw Refusal(.invalidProbability, "straggling probability \(p); expected 0 ≤ p < 1")
        }
        let (one, q) = (RationalInterval(1), RationalInterval(1 - p))
        let left = one - contraction.r
        return (one - q * left) * RationalInterval(before)
            + q * contraction.r * contraction.κ * RationalInterval(γ * γ * squaredGradient)
    }
}
