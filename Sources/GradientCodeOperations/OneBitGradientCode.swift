public import ExactArithmetic
public import GradientCodes

/// The range B of the stochastic sign, as questions give it (`docs/OneBitGradientCode.md#quantiser`).
public enum SignRange: FieldValue {
    /// Mode G: one number for all coordinates, or one a coordinate.
    case given(Binary32Vector)
    /// Mode S: the largest magnitude of each coded gradient, sent with the message.
    case perMessage

    private static let word = "perMessage"
    /// Binary32 values, or the word `perMessage`.
    public static var schema: Schema { .either(.binary32, words: [word]) }

    /// Reads binary32 values or the word.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = try container.decode(String.self) == Self.word ? .perMessage : .given(Binary32Vector(from: decoder))
    }

    /// Writes binary32 values or the word.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .given(let ranges): try ranges.encode(to: encoder)
        case .perMessage:
            var container = encoder.singleValueContainer()
            try container.encode(Self.word)
        }
    }

    /// The ranges of mode G, one or one a coordinate; nil in mode S.
    ///
    /// - Throws: `invalidParameters` if one is 0 or negative; else `dimensionMismatch` unless there are 1 or
    ///   `dimension` of them; else `nonFinite`.
    public func ranges(dimension: Int) throws(Refusal) -> [Float]? {
        guard case .given(let given) = self else { return nil }
        let values = given.values
        if let range = values.first(where: { $0.isFinite && $0 <= 0 }) {
            throw Refusal(.invalidParameters, "the range is \(range), expected a positive number")
        }
        guard values.count == 1 || values.count == dimension else {
            throw Refusal(.dimensionMismatch, "\(values.count) ranges for \(dimension) coordinates")
        }
        guard given.isFinite else { throw Refusal(.nonFinite, "a range is not finite") }
        return values
    }
}

extension OneBitGradientCode {
    /// `oneBit.encode`: a worker's coded gradient.
    public struct Encode: Question {
        /// The gradients of the worker's subsets.
        public var gradients: [Binary32Vector]
        /// W_ik, one a gradient.
        public var weights: [Rational]

        /// A question.
        public init(gradients: [Binary32Vector], weights: [Rational]) {
            self.gradients = gradients
            self.weights = weights
        }

        /// The coded gradient.
        public typealias Answer = CombinedVector
        /// These bits, or an enclosure.
        public typealias Expected = FloatExpectation

        /// `oneBit.encode`
        public static let name = "oneBit.encode"
        /// What is asked.
        public static let summary = "The coded gradient Σ_k W_ik ∇f_k of one worker."
        /// Where it is defined.
        public static let section = "OneBitGradientCode.md#encoder"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(.invalidParameters, "no gradients, or gradients of dimension 0"),
            RefusalRule(.dimensionMismatch, "not one weight a gradient, or gradients of different dimensions"),
            RefusalRule(.nonFinite, "a coordinate is not finite"),
            RefusalRule(.outOfRange, "the result, or a weight, is beyond binary32"),
        ]

        /// These bits, or within the enclosure.
        public static func verdict(of expected: FloatExpectation) -> Verdict { expected.verdict }

        /// What is wrong with an answer.
        public static func mismatch(
            of answer: CombinedVector, with expected: FloatExpectation, to question: Self, profile: Profile
        ) -> Mismatch? {
            expected.mismatch(of: answer.vector, profile: profile)
        }

        /// The fields.
        public static let shape = Shape(
            Self.init, Field("gradients", \.gradients, "the gradients of the worker's subsets"),
            Field("weights", \.weights, "one weight a gradient"))
    }

    /// `oneBit.quantize`: the message of a coded gradient.
    public struct Quantize: Question {
        /// The coded gradient.
        public var x: Binary32Vector
        /// B.
        public var bound: SignRange
        /// One word a coordinate; absent where the subject draws by itself.
        public var tape: Words?

        /// A question.
        public init(x: Binary32Vector, bound: SignRange, tape: Words?) {
            self.x = x
            self.bound = bound
            self.tape = tape
        }

        /// The message.
        public struct Answer: Record {
            /// Its bytes.
            public var message: Bytes

            /// An answer.
            public init(message: Bytes) { self.message = message }

            /// One field.
            public static let shape = Shape(Self.init, Field("message", \.message, "the message"))
        }

        /// What a vector stores: the message, or of a long one its digest.
        public struct Expected: Record {
            /// The message.
            public var message: Bytes?
            /// SHA-256 of a long message.
            public var sha256: String?

            init(message: Bytes?, sha256: String?) {
                self.message = message
                self.sha256 = sha256
            }

            /// The only right message.
            public static func message(_ bytes: [UInt8]) -> Expected {
                Expected(message: Bytes(bytes), sha256: nil)
            }

            /// The digest of the only right message.
            public static func digest(of bytes: [UInt8]) -> Expected {
                Expected(message: nil, sha256: SHA256.hexadecimal(bytes))
            }

            /// What is wrong with a message.
            func mismatch(of received: Bytes) -> Mismatch? {
                if let message { return received == message ? nil : Mismatch(expected: message, received: received) }
                let digest = SHA256.hexadecimal(received.bytes)
                guard digest != sha256 else { return nil }
                return Mismatch("the message has another SHA-256", expected: self, received: digest)
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("message", \.message, "the only right message; or"),
                Field("sha256", \.sha256, "its SHA-256, hexadecimal"))
        }

        /// The words come with the question, or the subject draws freely.
        public var flags: [String] { [tape == nil ? "free" : "tape"] }

        /// Only one message is right.
        public static func verdict(of expected: Expected) -> Verdict { .exact }

        /// What is wrong with an answer.
        public static func mismatch(of answer: Answer, with expected: Expected, to question: Self, profile: Profile)
            -> Mismatch?
        {
            expected.mismatch(of: answer.message)
        }

        /// `oneBit.quantize`
        public static let name = "oneBit.quantize"
        /// What is asked.
        public static let summary = "The message of a coded gradient: one random sign a coordinate."
        /// Where it is defined.
        public static let section = "OneBitGradientCode.md#quantiser"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters, "no coordinate; a range that is 0 or negative; no tape, where none is drawn"),
            RefusalRule(.dimensionMismatch, "not 1 or D ranges; not one word a coordinate"),
            RefusalRule(.nonFinite, "a coordinate or a range is not finite"),
            RefusalRule(.outOfRange, "|x_j| > B_j for some j"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("x", \.x, "the coded gradient"),
            Field("bound", \.bound, "B, one or one a coordinate; `perMessage` for the largest magnitude"),
            Field("tape", \.tape, "one word a coordinate; absent where the subject draws freely"))
    }
}
