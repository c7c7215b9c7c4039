public import ExactArithmetic
public import GradientCodes

// Lemma 8 and Theorems 8 to 10: bounds known before the run.

/// What Lemma 8 and the theorems after it know of a problem in advance.
///
/// See docs/CompressedGradientCode.md#lemma-8.
public struct CompressedConstants: Hashable, Sendable {
    /// Λ = max_k L_k Σ_i ω_i W_ik with ω_i = Σ_k W_ik; times 4, the slope of Γ(θ) ≤ 2σ*² + 4ΛΔ(θ).
    public let Λ: Rational
    /// σ*² = Σ_i ‖g_i(θ*)‖².
    public let squaredσ: Rational
    /// v, max_i p_i q_i for independent workers; pqN/(N − 1) for exactly s of N.
    public let v: Rational
    /// N_P, the number of workers that take part.
    public let participants: Int

    /// The constants; for independent workers as ``init(code:weights:smoothness:minimiserGradients:)`` finds them.
    ///
    /// - Throws: `invalidParameters` if a constant is negative or N_P < 1.
    public init(Λ: Rational, squaredσ: Rational, v: Rational, participants: Int) throws(Refusal) {
        try OneBitBound.demand(
            Λ >= 0 && squaredσ >= 0 && v >= 0 && participants >= 1,
            "Λ \(Λ), σ*² \(squaredσ), v \(v), N_P \(participants)")
        self.Λ = Λ
        self.squaredσ = squaredσ
        self.v = v
        self.participants = participants
    }

    /// The constants of workers that straggle independently.
    ///
    /// - Parameters:
    ///   - code: allocation and p_i.
    ///   - weights: W, without a negative entry.
    ///   - smoothness: L_k, one a subset.
    ///   - minimiserGradients: ∇f_k(θ*), one a subset.
    /// - Throws: `dimensionMismatch` unless there is one L_k and one gradient a column of W; else `invalidParameters` if a
    ///   weight or an L_k is negative.
    public init(
        code: CompressedGradientCode, weights: RationalMatrix, smoothness: [Rational], minimiserGradients: [[Rational]]
    ) throws(Refusal) {
        guard smoothness.count == weights.columns, minimiserGradients.count == weights.columns else {
            throw Refusal(.dimensionMismatch, "expected \(weights.columns) subsets, as the weights have")
        }
        let rows = weights.rowVectors
        try OneBitBound.demand(rows.joined().allSatisfy { $0 >= 0 }, "a weight is negative")
        try OneBitBound.demand(smoothness.allSatisfy { $0 >= 0 }, "a smoothness is negative")
        let ω = rows.map(\.total)
        let squared = rows.map { row in
            zip(row, minimiserGradients).map { weight, gradient in gradient.map { weight * $0 } }.vectorSum.squaredNorm
        }
        try self.init(
            Λ: smoothness.indices.map { k in smoothness[k] * rows.indices.map { ω[$0] * rows[$0][k] }.total }.max()
                ?? 0,
            squaredσ: squared.total,
            v: code.participants.map { i in
                let p = code.straggling[i].exact
                return p * (1 - p)
            }.max() ?? 0, participants: code.participants.count)
    }

    /// Lemma 8, on Γ(θ) = Σ_i ‖g_i(θ)‖²: 2σ*² + 4Λ Δ(θ) (`docs/CompressedGradientCode.md#lemma-8`).
    public func squaredGradients(gap Δ: Rational) -> Rational { 2 * squaredσ + 4 * Λ * Δ }
}

extension CompressedBound {
    /// Theorem 5 in advance, on (1/T) Σ_t E[F(θ_t) − F*] where ‖g_i‖ ≤ G_i at all reachable points:
    /// R²/(2γT) + (γ/2) Σ_i p_i q_i G_i² + L(γκ Σ_i G_i)²/(2(1 − γL)) (`docs/CompressedGradientCode.md#theorem-5`).
    ///
    /// - Throws: `invalidParameters` if γ ≥ 1/L or a G_i is negative; `dimensionMismatch` unless there is one probability
    ///   a G_i.
    public static func convexInAdvance(
        _ contraction: Contraction, squaredDistance: Rational, smoothness L: Rational, step γ: Rational,
        iterations T: Int, gradientBounds: [Rational], straggling: [Rational]
    ) throws(Refusal) -> RationalInterval {
        try demand(squaredDistance: squaredDistance, step: γ, variances: [0], memories: [1])
        try OneBitBound.demand(iterations: T)
        try demand(shortStep: γ, smoothness: L, memories: [1])
        guard gradientBounds.count == straggling.count else {
            throw Refusal(.dimensionMismatch, "\(straggling.count) probabilities for \(gradientBounds.count) workers")
        }
        let memory = try self.memory(contraction, step: γ, gradientBounds: gradientBounds)
        let variance = zip(straggling, gradientBounds).map { $0 * (1 - $0) * $1 * $1 }.total
        return RationalInterval(squaredDistance / (2 * γ * Rational(T)) + γ / 2 * variance)
            + RationalInterval(L / (2 * (1 - γ * L))) * memory * memory
    }

    /// Theorem 8, on (1/T) Σ_t E[F(θ_t) − F*] of a sum of convex smooth f_k, in advance:
    /// [R²/(2γT) + γvσ*² + LN_P κ²γ²σ*²/(1 − γL)] / den (`docs/CompressedGradientCode.md#theorem-8`).
    ///
    /// - Throws: `invalidParameters` if γ ≥ 1/L or den is not positive.
    public static func convexInAdvance(
        _ contraction: Contraction, _ constants: CompressedConstants, squaredDistance: Rational, smoothness L: Rational,
        step γ: Rational, iterations T: Int
    ) throws(Refusal) -> RationalInterval {
        try demand(squaredDistance: squaredDistance, step: γ, variances: [0], memories: [1])
        try OneBitBound.demand(iterations: T)
        try demand(shortStep: γ, smoothness: L, memories: [1])
        // L N_P κ²γ²/(1 − γL), which stands before σ*² and before 2Λ.
        let memory =
            contraction.squaredκ * RationalInterval(L * Rational(constants.participants) * γ * γ / (1 - γ * L))
        let straggling = RationalInterval(γ * constants.v)
        let den = RationalInterval(1) - RationalInterval(2 * constants.Λ) * (straggling + memory)
        try OneBitBound.demand(den.lower > 0, "the step \(γ) is too long for the contraction \(contraction.δ)")
        let start = RationalInterval(squaredDistance / (2 * γ * Rational(T)))
        return (start + RationalInterval(constants.squaredσ) * (straggling + memory)) / den
    }

    /// Theorem 9, on E[‖θ̃_T − θ*‖² + Σ_i c_i ‖e_i^T‖²], in advance:
    /// (1 − η)^T R² + (2σ*²γ²/η)[v + 2γN_P(4L + μ)κ²] (`docs/CompressedGradientCode.md#theorem-9`).
    ///
    /// - Parameter leastResponding: q_min, the least q_i of a worker that takes part.
    /// - Throws: `invalidParameters` if μ > L, γ > 1/(4L) or 4γvΛ + 8γ²N_P(4L + μ)κ²Λ > 1; `invalidProbability` unless
    ///   0 < q_min ≤ 1.
    public static func stronglyConvexInAdvance(
        _ contraction: Contraction, _ constants: CompressedConstants, squaredDistance: Rational,
        strongConvexity μ: Rational, smoothness L: Rational, step γ: Rational, iterations T: Int,
        leastResponding q: Rational
    ) throws(Refusal) -> RationalInterval {
        try demand(squaredDistance: squaredDistance, step: γ, variances: [0], memories: [0])
        try OneBitBound.demand(iterations: T)
        _ = try OneBitBound.contraction(strongConvexity: μ, smoothness: L, step: γ)
        try OneBitBound.demand(4 * L * γ <= 1, "step \(γ); expected at most 1/(4L) = \(1 / (4 * L))")
        guard 0 < q, q <= 1 else {
            throw Refusal(.invalidProbability, "a worker responds with probability \(q); expected 0 < q ≤ 1")
        }
        let bracket =
            RationalInterval(constants.v) + contraction.squaredκ
            * RationalInterval(2 * γ * Rational(constants.participants) * (4 * L + μ))
        try OneBitBound.demand(
            (bracket * RationalInterval(4 * γ * constants.Λ)).upper <= 1,
            "the step \(γ) is too long for the contraction \(contraction.δ)")
        // η is least, and the bound largest, at the upper end of r.
        let η = [contraction.r.upper, contraction.r.lower].map { min(γ * μ / 2, q * (1 - $0) / 2) }
        let decay = RationalInterval((1 - η[1]).power(T), (1 - η[0]).power(T))
        let noise = RationalInterval(2 * constants.squaredσ * γ * γ) * bracket / RationalInterval(η[0], η[1])
        return decay * RationalInterval(squaredDistance) + noise
    }

    /// c_i = 2γN_P(4L + μ)/(q_i(1 − r)), the weight of ‖e_i^T‖² in Theorem 9
    /// (`docs/CompressedGradientCode.md#theorem-9`).
    ///
    /// - Throws: `invalidParameters` unless γ, L and μ are positive and N_P ≥ 1; `invalidProbability` unless 0 < q_i ≤ 1.
    public static func memoryWeight(
        _ contraction: Contraction, participants: Int, strongConvexity μ: Rational, smoothness L: Rational,
        step γ: Rational, responding q: Rational
    ) throws(Refusal) -> RationalInterval {
        try OneBitBound.demand(positive: γ, "step")
        try OneBitBound.demand(μ > 0 && L > 0 && participants >= 1, "μ \(μ), L \(L), N_P \(participants)")
        guard 0 < q, q <= 1 else {
            throw Refusal(.invalidProbability, "a worker responds with probability \(q); expected 0 < q ≤ 1")
        }
        return RationalInterval(2 * γ * Rational(participants) * (4 * L + μ))
            / (RationalInterval(q) * (RationalInterval(1) - contraction.r))
    }

    /// Theorem 10, on (1/T) Σ_t E‖∇F(θ_t)‖² of an L-smooth F with Γ(θ) ≤ a² + b²‖∇F(θ)‖² at the reachable points:
    /// [2(F(θ_0) − F_inf)/(γT) + (L²N_P κ²γ² + Lγv)a²]/den (`docs/CompressedGradientCode.md#theorem-10`).
    ///
    /// - Throws: `invalidParameters` if den is not positive, or the gap, a² or b² is negative.
    public static func nonconvexInAdvance(
        _ contraction: Contraction, initialGap: Rational, smoothness L: Rational, step γ: Rational, iterations T: Int,
        v: Rational, participants: Int, squaredA: Rational, squaredB: Rational
    ) throws(Refusal) -> RationalInterval {
        try OneBitBound.demand(positive: γ, "step")
        try OneBitBound.demand(positive: L, "smoothness")
        try OneBitBound.demand(iterations: T)
        try OneBitBound.demand(
            initialGap >= 0 && squaredA >= 0 && squaredB >= 0 && v >= 0 && participants >= 1,
            "gap \(initialGap), a² \(squaredA), b² \(squaredB), v \(v), N_P \(participants)")
        let both =
            contraction.squaredκ * RationalInterval(L * L * Rational(participants) * γ * γ)
            + RationalInterval(L * γ * v)
        let den = RationalInterval(1 - L * γ) - both * RationalInterval(squaredB)
        try OneBitBound.demand(den.lower > 0, "the step \(γ) is too long for the contraction \(contraction.δ)")
        return (RationalInterval(2 * initialGap / (γ * Rational(T))) + both * RationalInterval(squaredA)) / den
    }

    /// a² and b² of Theorem 10 for an exactly balanced allocation, one p and (1/M) Σ_k ‖∇f_k − ∇F/M‖² ≤ β²
    /// (`docs/CompressedGradientCode.md#theorem-10`).
    ///
    /// - Throws: `invalidParameters` unless the allocation is pairwise balanced and β² ≥ 0; `invalidProbability` if p is 1.
    public static func balancedHeterogeneity(
        _ allocation: Allocation, straggling p: Probability, squaredβ: Rational
    ) throws(Refusal) -> (squaredA: Rational, squaredB: Rational) {
        try OneBitBound.demand(
            allocation.isPairwiseBalanced, "balance gap \(allocation.balanceGap); expected a balanced allocation")
        try OneBitBound.demand(squaredβ >= 0, "β² = \(squaredβ); expected no negative number")
        guard p < .one else { throw Refusal(.invalidProbability, "straggling probability 1; expected p < 1") }
        let q = 1 - p.exact
        let (N, M) = (Rational(allocation.workers), Rational(allocation.partitions))
        let spread = Rational(1, allocation.replication.min() ?? 1) - 1 / N
        return (spread * M * squaredβ / (q * q), (1 / N + spread / M) / (q * q))
    }
}
