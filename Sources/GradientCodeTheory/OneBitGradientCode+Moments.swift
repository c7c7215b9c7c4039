public import ExactArithmetic

/// Mean and covariance of the update Y = Σ_{i ∈ A} Q(g_i) of 1-bit gradient coding at one model, exactly.
///
/// The coded gradients g_i are given: the standard weights, and the condition on general ones, are no part of this.
///
/// See docs/OneBitGradientCode.md#moments.
public struct OneBitMoments: Hashable, Sendable {
    /// E Y, `D` coordinates (Theorem 1, `docs/OneBitGradientCode.md#theorem-1`).
    public let mean: [Rational]
    /// Cov(Y), `D` × `D`.
    public let covariance: RationalMatrix
    /// The part of V that comes from who straggles: the trace of Cov(Σ I_i g_i).
    public let stragglerPart: Rational
    /// The part of V that comes from the signs: Σ_i q_i Σ_j (B_ij² − g_ij²).
    public let quantiserPart: Rational

    /// V = E‖Y − E Y‖², the trace of the covariance.
    public var variance: Rational { stragglerPart + quantiserPart }
    /// E‖Y‖² = ‖E Y‖² + V.
    public var secondMoment: Rational { mean.squaredNorm + variance }

    /// Workers that straggle independently (Theorem 2, `docs/OneBitGradientCode.md#theorem-2`):
    ///
    ///     Cov(Y) = Σ_i [ p_i q_i g_i g_iᵀ + q_i diag_j(B_ij² − g_ij²) ].
    ///
    /// - Parameters:
    ///   - coded: g_i of the workers that take part, at least one, `D` ≥ 1 coordinates each.
    ///   - straggling: p_i of the same workers, in [0, 1].
    ///   - ranges: B_ij ≥ 0, in the shape of `coded`.
    /// - Precondition: the shapes agree, and |g_ij| ≤ B_ij.
    public init(coded: [[Rational]], straggling: [Rational], ranges: [[Rational]]) {
        precondition(straggling.count == coded.count, "one probability a worker that takes part")
        precondition(straggling.allSatisfy { 0 <= $0 && $0 <= 1 }, "a probability lies in [0, 1]")
        let responding = straggling.map { 1 - $0 }
        self.init(coded: coded, responding: responding, ranges: ranges) { j, l in
            coded.indices.map { i in straggling[i] * responding[i] * coded[i][j] * coded[i][l] }.total
        }
    }

    /// Exactly s of the N workers straggle, each set with the same probability
    /// (Theorem 4, `docs/OneBitGradientCode.md#theorem-4`): with p = s/N, q = 1 − p and ḡ the mean of all N rows,
    ///
    ///     Cov(Y) = (pqN/(N − 1)) Σ_i (g_i − ḡ)(g_i − ḡ)ᵀ + q Σ_i diag_j(B_ij² − g_ij²);
    ///
    /// the first sum is absent for N = 1.
    ///
    /// - Parameters:
    ///   - coded: a row for each of all N workers; zeros for those without data, which can straggle too.
    ///   - stragglers: s, in `0..<N`.
    ///   - ranges: B_ij ≥ 0, in the shape of `coded`; zeros for workers without data.
    /// - Precondition: the shapes agree, |g_ij| ≤ B_ij, and s is below N.
    public init(coded: [[Rational]], stragglers: Int, ranges: [[Rational]]) {
        let n = coded.count
        precondition(0..<n ~= stragglers, "\(stragglers) of \(n) workers straggle")
        let p = Rational(stragglers, n)
        let factor = n == 1 ? 0 : p * (1 - p) * Rational(n, n - 1)
        let total = coded.vectorSum
        let centred = coded.map { row in zip(row, total).map { $0 - $1 / Rational(n) } }
        let responding = [Rational](repeating: 1 - p, count: n)
        self.init(coded: coded, responding: responding, ranges: ranges) { j, l in
            factor * centred.map { $0[j] * $0[l] }.total
        }
    }

    /// The moments whose straggler part has the covariance `straggling`; the rest is the same in both theorems.
    private init(
        coded: [[Rational]], responding q: [Rational], ranges: [[Rational]],
        straggling: (_ j: Int, _ l: Int) -> Rational
    ) {
        let dimension = coded.first?.count ?? 0
        precondition(dimension >= 1 && ranges.count == coded.count, "a worker takes part and has coordinates")
        for (row, bounds) in zip(coded, ranges) {
            precondition(row.count == dimension && bounds.count == dimension, "one range a coordinate")
            precondition(zip(row, bounds).allSatisfy { $0.magnitude <= $1 }, "a coordinate exceeds its range")
        }
        let stragglers = RationalMatrix(rows: dimension, columns: dimension, straggling)
        let quantiser = (0..<dimension).map { j in
            coded.indices.map { i in q[i] * (ranges[i][j] * ranges[i][j] - coded[i][j] * coded[i][j]) }.total
        }
        mean = (0..<dimension).map { j in coded.indices.map { q[$0] * coded[$0][j] }.total }
        covariance = RationalMatrix(rows: dimension, columns: dimension) { j, l in
            stragglers[j, l] + (j == l ? quantiser[j] : 0)
        }
        stragglerPart = (0..<dimension).map { stragglers[$0, $0] }.total
        quantiserPart = quantiser.total
    }
}

extension Collection<Rational> {
    /// ‖x‖².
    var squaredNorm: Rational { map { $0 * $0 }.total }
}

extension Collection<[Rational]> {
    /// The sum of vectors of the same length; that of none is empty.
    var vectorSum: [Rational] {
        guard let first else { return [] }
        return dropFirst().reduce(first) { zip($0, $1).map(+) }
    }
}
