/// A compressor of vectors of one dimension, its parameters checked.
///
/// Those of ``hasMemory`` are biased and need error feedback; the others are the unbiased baselines, and run without.
///
/// See docs/CompressedGradientCode.md#compressors.
public struct Compressor: Hashable, Sendable {
    /// What is sent of a vector v.
    public enum Kind: Hashable, Sendable {
        /// ‖v‖₁/D and a sign a coordinate.
        case scaledSign
        /// The same in blocks of this length, of which the last may be shorter.
        case blockSign(length: Int)
        /// The so many coordinates of largest magnitude, the smaller index first among equals.
        case topK(Int)
        /// v itself.
        case identity
        /// (D/K) v_j for a uniformly random set of K coordinates.
        case randK(Int)
        /// A random one of the two next multiples of ‖v‖_∞/s, for each coordinate.
        case levels(Int)
        /// A random sign a coordinate, of these ranges, one for all or one a coordinate; nil for the largest magnitude.
        case stochasticSign(ranges: [Float]?)
    }

    /// The most coordinates of a vector, 2²⁶: a hostile number must not exhaust memory.
    public static let maximumDimension = 1 << 26
    /// The most levels s, 65 535.
    public static let maximumLevels = 65_535

    /// What is sent.
    public let kind: Kind
    /// D.
    public let dimension: Int

    /// The compressor of vectors with `dimension` coordinates.
    ///
    /// - Throws: `invalidParameters` unless 1 ≤ D ≤ ``maximumDimension``, 1 ≤ K ≤ D, the block length is at least 1,
    ///   1 ≤ s ≤ ``maximumLevels`` and the finite ranges are positive; else `dimensionMismatch` unless there are 1 or D
    ///   ranges; else `nonFinite` for a range that is not finite.
    public init(_ kind: Kind, dimension: Int) throws(Refusal) {
        guard 1...Compressor.maximumDimension ~= dimension else {
            throw Refusal(.invalidParameters, "dimension \(dimension); expected 1...\(Compressor.maximumDimension)")
        }
        switch kind {
        case .scaledSign, .identity, .stochasticSign(ranges: nil): break
        case .blockSign(let length):
            guard length >= 1 else { throw Refusal(.invalidParameters, "blocks of length \(length); expected ≥ 1") }
        case .topK(let k), .randK(let k):
            guard 1...dimension ~= k else {
                throw Refusal(.invalidParameters, "K = \(k) of \(dimension) coordinates; expected 1...\(dimension)")
            }
        case .levels(let s):
            guard 1...Compressor.maximumLevels ~= s else {
                throw Refusal(.invalidParameters, "\(s) levels; expected 1...\(Compressor.maximumLevels)")
            }
        case .stochasticSign(let ranges?):
            if let range = ranges.first(where: { $0.isFinite && $0 <= 0 }) {
                throw Refusal(.invalidParameters, "the range is \(range); expected a positive number")
            }
            guard ranges.count == 1 || ranges.count == dimension else {
                throw Refusal(.dimensionMismatch, "\(ranges.count) ranges for \(dimension) coordinates")
            }
            guard ranges.allSatisfy(\.isFinite) else { throw Refusal(.nonFinite, "a range is not finite") }
        }
        self.kind = kind
        self.dimension = dimension
    }

    /// Whether the compressor is a contraction that runs with a memory; the random ones are not, and run without.
    public var hasMemory: Bool { contraction != nil }

    /// δ of ‖v − C(v)‖² ≤ (1 − δ)‖v‖², before messages are rounded; nil for the random compressors.
    ///
    /// See docs/CompressedGradientCode.md#compressors.
    public var contraction: Fraction? {
        switch kind {
        case .scaledSign: Fraction(1, nonzero: UInt64(dimension))
        case .blockSign(let length): Fraction(1, nonzero: UInt64(min(length, dimension)))
        case .topK(let k): Fraction(UInt64(k), nonzero: UInt64(dimension))
        case .identity: Fraction(1, nonzero: 1)
        case .randK, .levels, .stochasticSign: nil
        }
    }

    /// The coordinates that share a scale, block by block; the last block may be shorter
    /// (`docs/CompressedGradientCode.md#block-sign`).
    ///
    /// All coordinates for a compressor other than block sign.
    public var blocks: [Range<Int>] {
        stride(from: 0, to: dimension, by: blockLength).map { $0..<min($0 + blockLength, dimension) }
    }

    /// The length of all blocks but the last.
    package var blockLength: Int {
        if case .blockSign(let length) = kind { min(length, dimension) } else { dimension }
    }

    /// The coordinates that rand-K keeps with these words, ascending: those of the K smallest pairs of word and index
    /// (`docs/CompressedGradientCode.md#unbiased-compressors`).
    ///
    /// - Precondition: one word a coordinate, at most 2³² of them.
    public static func randomCoordinates(_ k: Int, words: [UInt32]) -> [Int] {
        indicesOfSmallest(k, among: words).sorted()
    }
}
