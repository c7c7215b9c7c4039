public import ExactArithmetic
public import GradientCodes

/// The law that draws of b bits realise in place of the real one: u is uniform among the integers of [0, 2^b), the bit
/// is 1 if and only if u · 2B < (B + x) · 2^b, and a worker straggles if and only if u · den < num · 2^b.
///
/// See docs/OneBitGradientCode.md#discretised-draws.
public struct OneBitDraws: Hashable, Sendable {
    /// b, in 1...64; 32 in the draw contract.
    public let bits: Int

    /// Draws of `bits` bits.
    ///
    /// - Throws: `invalidParameters` unless 1 ≤ b ≤ 64.
    public init(bits: Int) throws(Refusal) {
        guard 1...64 ~= bits else { throw Refusal(.invalidParameters, "draws of \(bits) bits; expected 1...64") }
        self.bits = bits
    }

    private var words: Rational { Rational(2).power(bits) }

    /// p̂ = ⌈2^b p⌉/2^b, the probability with which a worker does straggle; 0 ≤ p̂ − p < 2^−b.
    public func probability(_ p: Rational) -> Rational { (words * p).ceiling / words }

    /// x̂ = B (2⌈z⌉/2^b − 1) with z = 2^b (B + x)/(2B), the mean of the message that stands for x;
    /// 0 ≤ x̂ − x < 2^(1−b) B. For B = 0 it is 0.
    ///
    /// - Precondition: |x| ≤ B.
    public func value(_ x: Rational, range B: Rational) -> Rational {
        precondition(x.magnitude <= B, "a coordinate exceeds its range")
        guard !B.isZero else { return 0 }
        let z = words * (B + x) / (2 * B)
        return B * (2 * z.ceiling / words - 1)
    }

    /// The bias E Y_j − ∂_j F is at most this in magnitude: Σ_i (2^(1−b) q_i B_ij + 2^−b |g_ij|), one number a
    /// coordinate.
    ///
    /// - Precondition: `coded` and `ranges` have one row a worker that takes part and the same shape.
    public func biasBound(coded: [[Rational]], straggling: [Rational], ranges: [[Rational]]) -> [Rational] {
        precondition(coded.count == straggling.count && coded.count == ranges.count, "one row a worker")
        let terms = coded.indices.map { i in
            zip(coded[i], ranges[i]).map { (2 * (1 - straggling[i]) * $1 + $0.magnitude) / words }
        }
        return terms.vectorSum
    }

    /// ε_j = 3 · 2^−b Σ_i B_ij, one number a coordinate: not below ``biasBound(coded:straggling:ranges:)``, and the same
    /// at all models if the ranges are.
    public func biasBound(ranges: [[Rational]]) -> [Rational] {
        ranges.vectorSum.map { 3 * $0 / words }
    }
}

extension OneBitMoments {
    /// The moments of the update when it is made from draws: those of Theorem 2 with x̂_ij in place of g_ij and p̂_i in
    /// place of p_i, exactly (`docs/OneBitGradientCode.md#discretised-draws`).
    ///
    /// - Precondition: that of Theorem 2.
    public init(coded: [[Rational]], straggling: [Rational], ranges: [[Rational]], draws: OneBitDraws) {
        precondition(ranges.count == coded.count, "one row of ranges a worker that takes part")
        self.init(
            coded: zip(coded, ranges).map { row, bounds in zip(row, bounds).map { draws.value($0, range: $1) } },
            straggling: straggling.map(draws.probability), ranges: ranges)
    }
}
