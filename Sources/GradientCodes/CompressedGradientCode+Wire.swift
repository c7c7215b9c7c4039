// The sizes of messages (`docs/CompressedGradientCode.md#wire-format`).
extension Compressor {
    /// w = ⌈log₂ D⌉, the bits of an index of top-K; 0 for D = 1.
    public var indexBits: Int { Compressor.bits(ofCodesBelow: dimension) }

    /// b = ⌈log₂(2s + 1)⌉, the bits of a level of −s … s; nil for the other compressors.
    public var levelBits: Int? {
        if case .levels(let s) = kind { Compressor.bits(ofCodesBelow: 2 * s + 1) } else { nil }
    }

    /// ⌈log₂ n⌉, the bits that tell n codes apart.
    private static func bits(ofCodesBelow n: Int) -> Int { Int.bitWidth - (n - 1).leadingZeroBitCount }

    /// How many binary32 numbers begin a message.
    package var floats: Int {
        switch kind {
        case .scaledSign, .levels, .stochasticSign(ranges: nil): 1
        case .blockSign: (dimension - 1) / blockLength + 1
        case .topK(let k), .randK(let k): k
        case .identity: dimension
        case .stochasticSign: 0
        }
    }

    /// How many bits of signs, indices or levels follow them.
    package var packedBits: Int {
        switch kind {
        case .scaledSign, .blockSign, .stochasticSign: dimension
        case .topK(let k): k * indexBits
        case .levels: dimension * (levelBits ?? 0)
        case .randK, .identity: 0
        }
    }

    /// The bits of a message without padding.
    public var informationBits: Int { 32 * floats + packedBits }

    /// The bytes of a message on the wire, where the packed bits are filled up to a byte; a straggler sends none.
    public var messageBytes: Int { 4 * floats + (packedBits + 7) / 8 }

    /// The random words of a message: D for the random compressors, else 0.
    public var words: Int { hasMemory ? 0 : dimension }

    /// The stream of these words; nil where there are none (`docs/CompressedGradientCode.md#randomness`).
    public var stream: RandomStream? {
        switch kind {
        case .randK: .randK
        case .levels: .levels
        case .stochasticSign: .quantizer
        case .scaledSign, .blockSign, .topK, .identity: nil
        }
    }
}
