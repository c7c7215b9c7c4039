public import ExactArithmetic
public import GradientCodes

// Lemma 10: ranges that hold at every reachable point (`docs/OneBitGradientCode.md#lemma-10`).

extension OneBitBound {
    /// Lemma 10 (i): B = max_i Σ_k |W_ik| G_k, if |∂_j f_k| ≤ G_k everywhere.
    ///
    /// - Throws: `invalidParameters` if a G_k is negative; `dimensionMismatch` unless there is one a column of W.
    public static func range(weights: RationalMatrix, gradientBounds: [Rational]) throws(Refusal) -> Rational {
        try demand(gradientBounds.allSatisfy { $0 >= 0 }, "a bound on gradients is negative")
        guard gradientBounds.count == weights.columns else {
            throw Refusal(.dimensionMismatch, "\(gradientBounds.count) bounds for \(weights.columns) subsets")
        }
        return weights.rowVectors.map { zip($0, gradientBounds).map { $0.magnitude * $1 }.total }.max() ?? 0
    }

    /// Lemma 10 (ii): max |g_ij(θ)| over the box |θ_l − z_l| ≤ r_l for one worker with g_i(θ) = c + A(θ − z), one number
    /// a coordinate j: |c_j| + Σ_l |A_jl| r_l.
    ///
    /// - Parameters:
    ///   - center: c = g_i(z), D coordinates.
    ///   - slopes: A, D × D.
    ///   - radii: r, D numbers.
    /// - Throws: `invalidParameters` if a radius is negative; `dimensionMismatch` unless the shapes agree.
    public static func ranges(center: [Rational], slopes: RationalMatrix, radii: [Rational]) throws(Refusal)
        -> [Rational]
    {
        try demand(radii.allSatisfy { $0 >= 0 }, "a radius of the box is negative")
        guard slopes.rows == center.count, slopes.columns == radii.count else {
            throw Refusal(
                .dimensionMismatch,
                "\(center.count) coordinates, \(radii.count) radii; expected \(slopes.rows) and \(slopes.columns)")
        }
        return center.indices.map { j in
            center[j].magnitude + zip(slopes.row(j), radii).map { $0.magnitude * $1 }.total
        }
    }

    /// Lemma 10 (iii): the least range, c0/(1 − c1 γ(T − 1)N_P), of a finite horizon: any one range B > 0 that is at
    /// least this will do if |g_ij(θ)| ≤ c0 + c1 ‖θ − θ_0‖_∞.
    ///
    /// - Throws: `invalidParameters` if c0 or c1 is negative, N_P < 1, or c1 γ(T − 1)N_P ≥ 1.
    public static func range(
        atStart c0: Rational, slope c1: Rational, step γ: Rational, participants: Int, iterations T: Int
    ) throws(Refusal) -> Rational {
        try demand(c0 >= 0 && c1 >= 0, "c0 = \(c0), c1 = \(c1); expected no negative number")
        try demand(positive: γ, "step")
        try demand(iterations: T)
        try demand(participants >= 1, "\(participants) workers take part; expected at least one")
        let growth = c1 * γ * Rational(T - 1) * Rational(participants)
        try demand(growth < 1, "c1 γ(T − 1)N_P = \(growth); expected less than 1")
        return c0 / (1 - growth)
    }
}
