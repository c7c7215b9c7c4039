public import ExactArithmetic
public import GradientCodes

extension CompressedGradientCode {
    /// What opens rounds of compressed gradient coding.
    public struct Session: Opening {
        /// One row a worker, 1 where it holds the subset.
        public var allocation: [[Int]]
        /// Straggling probabilities, one a worker.
        public var probabilities: [Rational]
        /// C.
        public var compressor: CompressorDescriptor
        /// γ, one binary32, until it is set anew.
        public var step: Binary32Vector
        /// D.
        public var dimension: Int

        /// An opening.
        public init(
            allocation: [[Int]], probabilities: [Rational], compressor: CompressorDescriptor, step: Binary32Vector,
            dimension: Int
        ) {
            self.allocation = allocation
            self.probabilities = probabilities
            self.compressor = compressor
            self.step = step
            self.dimension = dimension
        }

        /// The input of a round.
        public typealias Round = CompressedGradientCode.Round
        /// `compressed`
        public static let scheme = "compressed"
        /// Where a round is defined.
        public static let section = "CompressedGradientCode.md#rounds"
        /// The fields.
        public static let shape = Shape(
            Self.init(allocation:probabilities:compressor:step:dimension:),
            Field("allocation", \.allocation, "one row a worker, 1 where it holds the subset"),
            Field("probabilities", \.probabilities, "straggling probabilities, one a worker, each below 1"),
            Field("compressor", \.compressor, "the compressor"),
            Field("step", \.step, "γ, one positive binary32, until it is set anew"),
            Field("dimension", \.dimension, "coordinates of a gradient"))
    }

    /// One round of compressed gradient coding.
    public struct Round: SessionRound {
        /// θ, on which the answer does not depend; optional.
        public var model: Binary32Vector?
        /// The gradients, one a subset.
        public var gradients: [Binary32Vector]
        /// Who responds, in any order; absent where the subject draws them.
        public var responders: [Int]?
        /// Of a random compressor: D words for every responder that holds data, workers ascending.
        public var tape: Words?
        /// The seed of all draws.
        public var seed: Seed?
        /// The iteration of the draws.
        public var t: Int?

        /// Any combination, also a wrong one.
        public init(
            model: Binary32Vector? = nil, gradients: [Binary32Vector], responders: [Int]? = nil, tape: Words? = nil,
            seed: Seed? = nil, t: Int? = nil
        ) {
            self.model = model
            self.gradients = gradients
            self.responders = responders
            self.tape = tape
            self.seed = seed
            self.t = t
        }

        /// Without a tape and a seed.
        public var drawsFreely: Bool { tape == nil && seed == nil }

        /// What a round answers.
        public struct Outcome: Record {
            /// The sum of the messages, the step inside; or that over M where that is the subject's convention.
            public var update: Binary32Vector
            /// The messages sent, one a worker, null for who sends none; optional.
            public var messages: [Bytes?]?
            /// The messages as the server read them, one a worker; optional.
            public var decoded: [Binary32Vector?]?

            /// An outcome.
            public init(update: Binary32Vector, messages: [Bytes?]? = nil, decoded: [Binary32Vector?]? = nil) {
                self.update = update
                self.messages = messages
                self.decoded = decoded
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(update:messages:decoded:),
                Field("update", \.update, "the sum of the decoded messages, the step inside; zeros for none"),
                Field("messages", \.messages, "the messages, null for who sends none; optional"),
                Field("decoded", \.decoded, "the messages as the server read them, null for who sends none; optional"))
        }

        /// The fields.
        public static let shape = Shape(
            Self.init(model:gradients:responders:tape:seed:t:),
            Field("model", \.model, "the model, on which the answer does not depend; optional"),
            Field("gradients", \.gradients, "one gradient a subset"),
            Field("responders", \.responders, "who responds, in any order; drawn freely when absent; or"),
            Field(
                "tape", \.tape,
                "of a random compressor: D words for every responder with data, workers ascending; drawn freely when absent; or"
            ),
            Field("seed", \.seed, "the seed and"), Field("t", \.t, "the iteration of the draws of responders and words")
        )
    }
}
