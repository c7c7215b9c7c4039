public import ExactArithmetic
public import GradientCodes

/// What a contraction ‖v − C(v)‖² ≤ (1 − δ)‖v‖² contributes to the bounds: r = √(1 − δ) and κ = r/(1 − r), enclosed, and
/// exact where 1 − δ is the square of a rational number.
///
/// See docs/CompressedGradientCode.md#conventions.
public struct Contraction: Hashable, Sendable {
    /// δ.
    public let δ: Rational
    /// r = √(1 − δ).
    public let r: RationalInterval
    /// κ = √(1 − δ)(1 + √(1 − δ))/δ.
    public let κ: RationalInterval

    /// The contraction δ, its roots no wider than 2^−bits.
    ///
    /// - Throws: `invalidParameters` unless 0 < δ ≤ 1 and `bits` is in 8...4096.
    public init(_ δ: Rational, bits: Int = 64) throws(Refusal) {
        try OneBitBound.demand(0 < δ && δ <= 1, "contraction \(δ); expected 0 < δ ≤ 1")
        try OneBitBound.demand(bits: bits)
        self.δ = δ
        // √(n/d) = √(nd)/d, so that the root of a square is exact whatever its denominator.
        let (n, d) = ((1 - δ).numerator, (1 - δ).denominator)
        r = .squareRoot(of: RationalInterval(n * d), bits: bits) / RationalInterval(d)
        // Increasing in r, so its ends are those of the ends of r.
        κ = RationalInterval(r.lower * (1 + r.lower) / δ, r.upper * (1 + r.upper) / δ)
    }

    /// κ².
    public var squaredκ: RationalInterval { κ * κ }

    /// δ_run = min 1 − ‖a − C(a)‖²/‖a‖² over the vectors a ≠ 0 of one run; nil where all are 0.
    ///
    /// It may stand for δ in Theorem 3, and for p = 0 in what is built on it, but in no expectation
    /// (`docs/CompressedGradientCode.md#contraction-of-a-run`).
    ///
    /// - Precondition: one image a vector, of its length.
    public static func ofRun(vectors: [[Rational]], images: [[Rational]]) -> Rational? {
        precondition(vectors.count == images.count, "one image a vector")
        return zip(vectors, images).compactMap { a, image in
            let norm = a.squaredNorm
            return norm.isZero ? nil : 1 - zip(a, image).map(-).squaredNorm / norm
        }.min()
    }
}

/// The straggler part of the variance, Theorem 2 of compressed gradient coding.
///
/// See docs/CompressedGradientCode.md#theorem-2.
public enum CompressedVariance {
    /// V(θ) = Σ_i p_i q_i ‖g_i(θ)‖².
    ///
    /// - Precondition: one probability a coded gradient.
    public static func independent(coded: [[Rational]], straggling: [Rational]) -> Rational {
        precondition(coded.count == straggling.count, "one probability a worker")
        return zip(coded, straggling).map { $1 * (1 - $1) * $0.squaredNorm }.total
    }

    /// (3): (pqN/(N − 1)) Σ_i ‖g_i − ḡ‖² where exactly s of all N workers straggle, those without data among them.
    ///
    /// - Precondition: a row for each of the N workers, zeros for those without data; s < N.
    public static func exactly(_ stragglers: Int, coded: [[Rational]]) -> Rational {
        // With no range above the values themselves, the 1-bit scheme's variance has only its straggler part.
        OneBitMoments(
            coded: coded, stragglers: stragglers, ranges: coded.map { $0.map(\.magnitude) }
        ).stragglerPart
    }

    /// E‖C(v) − v‖² of an unbiased compressor, of real draws; nil for the biased ones.
    ///
    /// See docs/CompressedGradientCode.md#unbiased-compressors.
    ///
    /// - Precondition: v has the compressor's dimension, and no |v_j| exceeds a given range.
    public static func ofUnbiased(_ compressor: Compressor, at v: [Rational]) -> Rational? {
        let largest = v.map(\.magnitude).max() ?? 0
        switch compressor.kind {
        case .randK(let k): return (Rational(v.count, k) - 1) * v.squaredNorm
        case .levels(let s):
            guard !largest.isZero else { return 0 }
            let step = largest / Rational(s)
            return v.map { value in
                let y = value.magnitude / step
                let f = y - y.floor
                return step * step * f * (1 - f)
            }.total
        case .stochasticSign(let given):
            let ranges = given?.compactMap { Rational(exactly: $0) } ?? [largest]
            return v.indices.map { j in
                let range = ranges[ranges.count == 1 ? 0 : j]
                return range * range - v[j] * v[j]
            }.total
        case .scaledSign, .blockSign, .topK, .identity: return nil
        }
    }

    /// E‖Y − ∇F‖² of Y = Σ_{i ∈ A} C(g_i) with an unbiased C: Σ_i [p_i q_i ‖g_i‖² + q_i E‖C(g_i) − g_i‖²]
    /// (`docs/CompressedGradientCode.md#unbiased-compressors`).
    ///
    /// - Parameter variances: E‖C(g_i) − g_i‖², one a worker.
    public static func aggregate(coded: [[Rational]], straggling: [Rational], variances: [Rational]) -> Rational {
        precondition(variances.count == coded.count, "one variance a worker")
        return independent(coded: coded, straggling: straggling)
            + zip(straggling, variances).map { (1 - $0) * $1 }.total
    }
}
