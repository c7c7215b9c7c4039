public import GradientCodes

/// A compressor as the protocol describes it (`docs/CompressedGradientCode.md#compressors`).
public struct CompressorDescriptor: Record {
    /// The names.
    public enum Kind: String, Choice {
        /// A scale and a sign a coordinate.
        case scaledSign
        /// The same in blocks.
        case blockSign
        /// The K largest coordinates.
        case topK
        /// The vector itself.
        case identity
        /// K random coordinates.
        case randK
        /// Random levels.
        case levels
        /// Random signs.
        case stochasticSign
    }
    /// The compressor.
    public var kind: Kind
    /// K of topK and randK.
    public var k: Int?
    /// m of blockSign.
    public var blockLength: Int?
    /// s of levels.
    public var levels: Int?
    /// B of stochasticSign.
    public var bound: SignRange?

    /// Any combination, also a wrong one.
    public init(
        kind: Kind, k: Int? = nil, blockLength: Int? = nil, levels: Int? = nil, bound: SignRange? = nil
    ) {
        self.kind = kind
        self.k = k
        self.blockLength = blockLength
        self.levels = levels
        self.bound = bound
    }

    /// A legal compressor.
    public init(_ compressor: Compressor) {
        switch compressor.kind {
        case .scaledSign: self.init(kind: .scaledSign)
        case .blockSign(let length): self.init(kind: .blockSign, blockLength: length)
        case .topK(let k): self.init(kind: .topK, k: k)
        case .identity: self.init(kind: .identity)
        case .randK(let k): self.init(kind: .randK, k: k)
        case .levels(let s): self.init(kind: .levels, levels: s)
        case .stochasticSign(let ranges):
            self.init(kind: .stochasticSign, bound: ranges.map { .given(Binary32Vector($0)) } ?? .perMessage)
        }
    }

    /// Whether a message needs random words.
    public var isRandom: Bool { [.randK, .levels, .stochasticSign].contains(kind) }

    /// The compressor of a dimension.
    ///
    /// - Throws: `invalidParameters` if the parameter of the kind is missing; else as
    ///   `Compressor.init(_:dimension:)`.
    public func compressor(dimension: Int) throws(Refusal) -> Compressor {
        func required<Value>(_ value: Value?, _ name: String) throws(Refusal) -> Value {
            guard let value else { throw Refusal(.invalidParameters, "\(kind.rawValue) needs \(name)") }
            return value
        }
        let chosen: Compressor.Kind =
            switch kind {
            case .scaledSign: .scaledSign
            case .blockSign: .blockSign(length: try required(blockLength, "blockLength"))
            case .topK: .topK(try required(k, "k"))
            case .identity: .identity
            case .randK: .randK(try required(k, "k"))
            case .levels: .levels(try required(levels, "levels"))
            case .stochasticSign:
                switch try required(bound, "bound") {
                case .perMessage: .stochasticSign(ranges: nil)
                case .given(let ranges): .stochasticSign(ranges: ranges.values)
                }
            }
        return try Compressor(chosen, dimension: dimension)
    }

    /// The fields.
    public static let shape = Shape(
        Self.init(kind:k:blockLength:levels:bound:), Field("kind", \.kind, "the compressor"),
        Field("k", \.k, "K of topK and randK"), Field("blockLength", \.blockLength, "m of blockSign"),
        Field("levels", \.levels, "s of levels"), Field("bound", \.bound, "B of stochasticSign"))
}

extension CompressedGradientCode {
    /// `compressed.compress`: the message of one vector.
    public struct Compress: Question {
        /// C.
        public var compressor: CompressorDescriptor
        /// The vector.
        public var x: Binary32Vector
        /// One word a coordinate for a random compressor; absent where the subject draws by itself.
        public var tape: Words?

        /// A question.
        public init(_ compressor: CompressorDescriptor, x: Binary32Vector, tape: Words? = nil) {
            self.compressor = compressor
            self.x = x
            self.tape = tape
        }

        /// The message.
        public typealias Answer = OneBitGradientCode.Quantize.Answer
        /// The message, or of a long one its digest.
        public typealias Expected = OneBitGradientCode.Quantize.Expected

        /// A random message needs words, or a subject that draws them.
        public var flags: [String] { tape == nil ? compressor.isRandom ? ["free"] : [] : ["tape"] }

        /// Only one message is right.
        public static func verdict(of expected: Expected) -> Verdict { .exact }

        /// What is wrong with an answer.
        public static func mismatch(of answer: Answer, with expected: Expected, to question: Self, profile: Profile)
            -> Mismatch?
        {
            expected.mismatch(of: answer.message)
        }

        /// `compressed.compress`
        public static let name = "compressed.compress"
        /// What is asked.
        public static let summary = "The message of a vector."
        /// Where it is defined.
        public static let section = "CompressedGradientCode.md#wire-format"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(.invalidParameters, "no coordinate; \(compressorCondition); no tape, where none is drawn"),
            RefusalRule(.dimensionMismatch, "not 1 or D ranges; not the words that the message takes"),
            RefusalRule(.nonFinite, "a coordinate or a range is not finite"),
            RefusalRule(.outOfRange, "|x_j| > B_j for some j; a value of randK beyond binary32"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(_:x:tape:), Field("compressor", \.compressor, "the compressor"), Field("x", \.x, "the vector"),
            Field(
                "tape", \.tape, "one word a coordinate for a random compressor; absent where the subject draws freely"))
    }

    /// `compressed.decompress`: what a message stands for.
    public struct Decompress: Question {
        /// C.
        public var compressor: CompressorDescriptor
        /// The message.
        public var message: Bytes
        /// D.
        public var dimension: Int
        /// The words of a message of randK.
        public var tape: Words?

        /// A question.
        public init(_ compressor: CompressorDescriptor, message: Bytes, dimension: Int, tape: Words? = nil) {
            self.compressor = compressor
            self.message = message
            self.dimension = dimension
            self.tape = tape
        }

        /// The vector.
        public struct Answer: Record {
            /// One value a coordinate.
            public var x: Binary32Vector

            /// An answer.
            public init(x: Binary32Vector) { self.x = x }

            /// One field.
            public static let shape = Shape(Self.init, Field("x", \.x, "the vector that the message stands for"))
        }
        /// These bits, or an enclosure.
        public typealias Expected = FloatExpectation

        /// These bits, or within the enclosure.
        public static func verdict(of expected: FloatExpectation) -> Verdict { expected.verdict }

        /// What is wrong with an answer.
        public static func mismatch(
            of answer: Answer, with expected: FloatExpectation, to question: Self, profile: Profile
        ) -> Mismatch? {
            expected.mismatch(of: answer.x, profile: profile)
        }

        /// With words only for who takes a tape.
        public var flags: [String] { tape == nil ? [] : ["tape"] }

        /// `compressed.decompress`
        public static let name = "compressed.decompress"
        /// What is asked.
        public static let summary = "The vector that a message stands for."
        /// Where it is defined.
        public static let section = "CompressedGradientCode.md#wire-format"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters, "D < 1 or D > 2²⁶; \(compressorCondition); no tape for randK"),
            RefusalRule(.dimensionMismatch, "not 1 or D ranges; words where none are taken, or not D words"),
            RefusalRule(.nonFinite, "a range is not finite"),
            RefusalRule(.malformedMessage, messageCondition),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(_:message:dimension:tape:), Field("compressor", \.compressor, "the compressor"),
            Field("message", \.message, "the message"), Field("dimension", \.dimension, "coordinates D"),
            Field("tape", \.tape, "the D words of a message of randK, else absent"))
    }

    static let compressorCondition =
        "a parameter of the compressor missing; K < 1 or K > D; blockLength < 1; levels < 1 or > 65 535; a range that is 0 or negative"
    static let messageCondition =
        "a wrong number of bytes; a padding bit that is 1; a float that is not finite or −0; a scale or norm with sign bit 1; a scale 0 with a bit 0; an index ≥ D; indices that do not increase; a level code above 2s; a norm 0 with another level"
}
