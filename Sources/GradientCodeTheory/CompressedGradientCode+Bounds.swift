public import ExactArithmetic
public import GradientCodes

/// The bounds on memories and training error of compressed gradient coding: exact numbers, enclosures where roots occur.
///
/// R² = ‖θ_0 − θ*‖², γ is the constant step, L the smoothness and μ the strong convexity of F; `variances` are E V(θ_t)
/// and `memories` E S_t with S_t = ‖Σ_i e_i^t‖², both for t = 0, …, T − 1. What is asked of F is said in the document; a
/// function refuses what can be seen from its arguments. All throw `invalidParameters` unless R², variances and memories
/// are not negative, γ, L and μ are positive and T ≥ 1, and `dimensionMismatch` unless there are as many memories as
/// variances. Of an enclosure the upper end is a bound.
///
/// See docs/CompressedGradientCode.md#convergence.
public enum CompressedBound {
    static func demand(
        squaredDistance: Rational, step γ: Rational, variances: [Rational], memories: [Rational]
    ) throws(Refusal) {
        try OneBitBound.demand(positive: γ, "step")
        try OneBitBound.demand(squaredDistance: squaredDistance, variances: variances)
        try OneBitBound.demand(memories.allSatisfy { $0 >= 0 }, "the squared norm of a memory is negative")
        try OneBitBound.demand(iterations: variances.count)
        guard memories.count == variances.count else {
            throw Refusal(.dimensionMismatch, "\(memories.count) memories for \(variances.count) iterations")
        }
    }

    /// γ < 1/L where a memory is not 0; else γ ≤ 1/L.
    static func demand(shortStep γ: Rational, smoothness L: Rational, memories: [Rational]) throws(Refusal) {
        try OneBitBound.demand(shortStep: γ, smoothness: L)
        try OneBitBound.demand(
            γ * L < 1 || memories.allSatisfy(\.isZero), "step \(γ) with memories; expected less than 1/L = \(1 / L)")
    }

    /// Theorem 5, on (1/T) Σ_t E[F(θ_t) − F*] of a convex L-smooth F with ∇F(θ*) = 0:
    /// R²/(2γT) + (γ/2) V̄ + S̄/(2c) (`docs/CompressedGradientCode.md#theorem-5`).
    ///
    /// - Parameter c: in 0 < c ≤ 1/L − γ; 1/L − γ when nil.
    /// - Throws: `invalidParameters` if γ ≥ 1/L and a memory is not 0, γ > 1/L, or c is out of its range.
    public static func convex(
        squaredDistance: Rational, smoothness L: Rational, step γ: Rational, variances: [Rational],
        memories: [Rational], c: Rational? = nil
    ) throws(Refusal) -> Rational {
        try demand(squaredDistance: squaredDistance, step: γ, variances: variances, memories: memories)
        try demand(shortStep: γ, smoothness: L, memories: memories)
        if let c { try OneBitBound.demand(c > 0 && c <= 1 / L - γ, "c = \(c); expected 0 < c ≤ 1/L − γ") }
        let T = Rational(variances.count)
        let rest = memories.total
        return squaredDistance / (2 * γ * T) + γ / 2 * variances.total / T
            + (rest.isZero ? 0 : rest / T / (2 * (c ?? 1 / L - γ)))
    }

    /// Theorem 5′, on (1/T) Σ_t E[F(θ_t) − F*] of a convex F whose workers encode subgradients of total norm at most G:
    /// R²/(2γT) + (γ/2)(G² + V̄) + G (1/T) Σ_t E√S_t, for every γ > 0
    /// (`docs/CompressedGradientCode.md#theorem-5-prime`).
    ///
    /// - Parameter rootMemories: E√S_t, enclosed.
    /// - Throws: `invalidParameters` if G is negative.
    public static func nonsmooth(
        squaredDistance: Rational, step γ: Rational, variances: [Rational], rootMemories: [RationalInterval],
        steepness G: Rational
    ) throws(Refusal) -> RationalInterval {
        try demand(squaredDistance: squaredDistance, step: γ, variances: variances, memories: rootMemories.map(\.lower))
        try OneBitBound.demand(G >= 0, "steepness \(G); expected no negative number")
        let T = Rational(variances.count)
        let roots = rootMemories.reduce(RationalInterval(0), +)
        return RationalInterval(squaredDistance / (2 * γ * T) + γ / 2 * (G * G + variances.total / T))
            + RationalInterval(G / T) * roots
    }

    /// (7) of Theorem 6, iterated, on E‖θ̃_T − θ*‖²: X ← ρX + γ²L² E S_t/(1 − ρ) + γ² E V(θ_t) with
    /// ρ = max(|1 − γμ|, |1 − γL|) (`docs/CompressedGradientCode.md#theorem-6`).
    ///
    /// - Throws: `invalidParameters` if μ > L or γ ≥ 2/L.
    public static func stronglyConvex(
        squaredDistance: Rational, strongConvexity μ: Rational, smoothness L: Rational, step γ: Rational,
        variances: [Rational], memories: [Rational]
    ) throws(Refusal) -> Rational {
        try demand(squaredDistance: squaredDistance, step: γ, variances: variances, memories: memories)
        try OneBitBound.demand(stableStep: γ, smoothness: L)
        let ρ = try OneBitBound.contraction(strongConvexity: μ, smoothness: L, step: γ)
        return zip(variances, memories).reduce(squaredDistance) { x, next in
            ρ * x + γ * γ * (L * L * next.1 / (1 - ρ) + next.0)
        }
    }

    /// (6) of Theorem 6, iterated, on E‖θ̃_T − θ*‖², for every γ > 0: X ← (ρ√X + γL√(E S_t))² + γ² E V(θ_t)
    /// (`docs/CompressedGradientCode.md#theorem-6`).
    ///
    /// - Parameter bits: the precision of the roots, in 8...4096.
    /// - Throws: `invalidParameters` if μ > L.
    public static func stronglyConvexSharp(
        squaredDistance: Rational, strongConvexity μ: Rational, smoothness L: Rational, step γ: Rational,
        variances: [Rational], memories: [Rational], bits: Int
    ) throws(Refusal) -> RationalInterval {
        try demand(squaredDistance: squaredDistance, step: γ, variances: variances, memories: memories)
        try OneBitBound.demand(bits: bits)
        let ρ = try OneBitBound.contraction(strongConvexity: μ, smoothness: L, step: γ)
        return zip(variances, memories).reduce(RationalInterval(squaredDistance)) { x, next in
            let root =
                RationalInterval(ρ) * .squareRoot(of: x, bits: bits)
                + RationalInterval(γ * L) * .squareRoot(of: RationalInterval(next.1), bits: bits)
            return root * root + RationalInterval(γ * γ * next.0)
        }
    }

    /// The third form of Theorem 6, on E‖θ̃_T − θ*‖²: (1 − γμ)^T R² + (L/μ)² S_max + γ V_max/μ
    /// (`docs/CompressedGradientCode.md#theorem-6`).
    ///
    /// - Throws: `invalidParameters` if μ > L or γ > 2/(μ + L).
    public static func stronglyConvex(
        squaredDistance: Rational, strongConvexity μ: Rational, smoothness L: Rational, step γ: Rational,
        largestVariance: Rational, largestMemory: Rational, iterations T: Int
    ) throws(Refusal) -> Rational {
        try demand(squaredDistance: squaredDistance, step: γ, variances: [largestVariance], memories: [largestMemory])
        try OneBitBound.demand(iterations: T)
        _ = try OneBitBound.contraction(strongConvexity: μ, smoothness: L, step: γ)
        try OneBitBound.demand(γ * (μ + L) <= 2, "step \(γ); expected at most 2/(μ + L) = \(2 / (μ + L))")
        return (1 - γ * μ).power(T) * squaredDistance + L * L / (μ * μ) * largestMemory + γ * largestVariance / μ
    }

    /// E‖θ_T − θ*‖² ≤ (√X_T + √(E S_T))², the iterate from the virtual one
    /// (`docs/CompressedGradientCode.md#theorem-6`).
    ///
    /// - Parameter bits: the precision of the roots, in 8...4096.
    public static func iterate(
        squaredVirtualDistance X: RationalInterval, memory S: Rational, bits: Int
    ) throws(Refusal) -> RationalInterval {
        try OneBitBound.demand(X.lower >= 0 && S >= 0, "a squared distance is negative")
        try OneBitBound.demand(bits: bits)
        let root: RationalInterval =
            .squareRoot(of: X, bits: bits) + .squareRoot(of: RationalInterval(S), bits: bits)
        return root * root
    }

    /// Theorem 7, on (1/T) Σ_t E‖∇F(θ_t)‖² of an L-smooth F that need not be convex:
    /// [2(F(θ_0) − F_inf)/(γT) + L²S̄/c + LγV̄]/(2 − c − Lγ) (`docs/CompressedGradientCode.md#theorem-7`).
    ///
    /// - Parameters:
    ///   - initialGap: F(θ_0) − F_inf.
    ///   - c: in 0 < c < 2 − Lγ; 0 is allowed where all memories are 0, which is the limit.
    /// - Throws: `invalidParameters` if the gap is negative or c out of its range.
    public static func nonconvex(
        initialGap: Rational, smoothness L: Rational, step γ: Rational, variances: [Rational], memories: [Rational],
        c: Rational = 1
    ) throws(Refusal) -> Rational {
        try demand(squaredDistance: 0, step: γ, variances: variances, memories: memories)
        try OneBitBound.demand(positive: L, "smoothness")
        try OneBitBound.demand(initialGap >= 0, "initial gap \(initialGap); expected no negative number")
        let (T, S) = (Rational(variances.count), memories.total)
        try OneBitBound.demand(
            (c > 0 || c.isZero && S.isZero) && c < 2 - L * γ, "c = \(c); expected 0 < c < 2 − Lγ = \(2 - L * γ)")
        let memory = S.isZero ? 0 : L * L * S / T / c
        return (2 * initialGap / (γ * T) + memory + L * γ * variances.total / T) / (2 - c - L * γ)
    }

    /// The c for which Theorem 7 is sharpest, (−s + √(s² + Asm))/A with A = 2(F(θ_0) − F_inf)/(γT) + LγV̄, s = L²S̄ and
    /// m = 2 − Lγ; m/2 for A = 0 (`docs/CompressedGradientCode.md#theorem-7`).
    ///
    /// Any c of the interval that lies in the theorem's range may be used.
    ///
    /// - Throws: `invalidParameters` if γ ≥ 2/L or the gap is negative.
    public static func sharpestParameter(
        initialGap: Rational, smoothness L: Rational, step γ: Rational, variances: [Rational], memories: [Rational],
        bits: Int
    ) throws(Refusal) -> RationalInterval {
        try demand(squaredDistance: 0, step: γ, variances: variances, memories: memories)
        try OneBitBound.demand(stableStep: γ, smoothness: L)
        try OneBitBound.demand(initialGap >= 0, "initial gap \(initialGap); expected no negative number")
        try OneBitBound.demand(bits: bits)
        let T = Rational(variances.count)
        let (A, s) = (2 * initialGap / (γ * T) + L * γ * variances.total / T, L * L * memories.total / T)
        let m = 2 - L * γ
        guard !A.isZero else { return RationalInterval(m / 2) }
        let root = RationalInterval.squareRoot(of: RationalInterval(s * s + A * s * m), bits: bits)
        return (root - RationalInterval(s)) / RationalInterval(A)
    }
}
