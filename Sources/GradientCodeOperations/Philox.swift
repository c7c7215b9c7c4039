public import GradientCodes

extension Philox {
    /// `philox.block`: the generator itself.
    public struct Block: Question {
        /// The counter, four words.
        public var counter: Words
        /// The key, two words.
        public var key: Words

        /// A question.
        public init(counter: Words, key: Words) {
            self.counter = counter
            self.key = key
        }

        /// The words drawn.
        public typealias Answer = DrawnWords
        /// `philox.block`
        public static let name = "philox.block"
        /// What is asked.
        public static let summary = "One block of Philox4x32-10."
        /// Where it is defined.
        public static let section = "numerics.md#randomness"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(.dimensionMismatch, "the counter has not four words, or the key not two")
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("counter", \.counter, "four words, c0 first"), Field("key", \.key, "two words, k0 first"))
    }

    /// `philox.words`: the draw contract.
    public struct DrawWords: Question {
        /// The seed.
        public var seed: Seed
        /// The stream's number.
        public var stream: Int
        /// The iteration.
        public var t: Int
        /// The worker, partition, client or receiver, by stream.
        public var i: Int
        /// The first j.
        public var first: Int
        /// How many words.
        public var count: Int

        /// A question.
        public init(seed: Seed, stream: Int, t: Int, i: Int, first: Int, count: Int) {
            self.seed = seed
            self.stream = stream
            self.t = t
            self.i = i
            self.first = first
            self.count = count
        }

        /// The words drawn.
        public typealias Answer = DrawnWords
        /// `philox.words`
        public static let name = "philox.words"
        /// What is asked.
        public static let summary = "The draws j = first, first + 1, … of one stream, iteration and index."
        /// Where it is defined.
        public static let section = "numerics.md#randomness"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters,
                "stream, t or i is not in 0 ..< 2³², first + count exceeds 2³⁴, or one of them is negative")
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("seed", \.seed, "the seed"), Field("stream", \.stream, "the stream's number"),
            Field("t", \.t, "the iteration"), Field("i", \.i, "worker, partition, client or receiver, by stream"),
            Field("first", \.first, "the first j"), Field("count", \.count, "how many words"))
    }
}

/// An answer of random words.
public struct DrawnWords: Record {
    /// The words.
    public var words: Words

    /// An answer.
    public init(words: Words) { self.words = words }

    /// One field.
    public static let shape = Shape(Self.init, Field("words", \.words, "the words, in order"))
}
