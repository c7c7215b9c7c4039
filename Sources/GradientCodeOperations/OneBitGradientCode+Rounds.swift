public import ExactArithmetic
public import GradientCodes

extension OneBitGradientCode {
    /// What opens rounds of 1-bit gradient coding.
    public struct Session: Opening {
        /// One row a worker, 1 where it holds the subset.
        public var allocation: [[Int]]
        /// Straggling probabilities, one a worker.
        public var probabilities: [Rational]
        /// W, where it is not the standard one.
        public var weights: [[Rational]]?
        /// B.
        public var bound: SignRange
        /// D.
        public var dimension: Int

        /// An opening.
        public init(
            allocation: [[Int]], probabilities: [Rational], weights: [[Rational]]? = nil, bound: SignRange,
            dimension: Int
        ) {
            self.allocation = allocation
            self.probabilities = probabilities
            self.weights = weights
            self.bound = bound
            self.dimension = dimension
        }

        /// The input of a round.
        public typealias Round = OneBitGradientCode.Round
        /// `oneBit`
        public static let scheme = "oneBit"
        /// Where a round is defined.
        public static let section = "OneBitGradientCode.md#rounds"
        /// The fields.
        public static let shape = Shape(
            Self.init(allocation:probabilities:weights:bound:dimension:),
            Field("allocation", \.allocation, "one row a worker, 1 where it holds the subset"),
            Field("probabilities", \.probabilities, "straggling probabilities, one a worker, each below 1"),
            Field("weights", \.weights, "one row a worker; 1/(d_k (1 − p_i)) when absent"),
            Field("bound", \.bound, "B, one or one a coordinate; `perMessage` for the largest magnitude"),
            Field("dimension", \.dimension, "coordinates of a gradient"))
    }

    /// One round of 1-bit gradient coding.
    public struct Round: SessionRound {
        /// The gradients, one a subset.
        public var gradients: [Binary32Vector]
        /// Who responds, in any order; absent where the subject draws them.
        public var responders: [Int]?
        /// D words for every responder that holds data, workers ascending; absent where the subject draws them.
        public var tape: Words?
        /// The seed of all draws.
        public var seed: Seed?
        /// The iteration of the draws.
        public var t: Int?

        /// Any combination, also a wrong one.
        public init(
            gradients: [Binary32Vector], responders: [Int]? = nil, tape: Words? = nil, seed: Seed? = nil, t: Int? = nil
        ) {
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
            /// The update Y, or Y/M where that is the subject's convention.
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
                Field("update", \.update, "the sum of the decoded messages; zeros for none"),
                Field("messages", \.messages, "the messages, null for who sends none; optional"),
                Field("decoded", \.decoded, "the messages as the server read them, null for who sends none; optional"))
        }

        /// The fields.
        public static let shape = Shape(
            Self.init(gradients:responders:tape:seed:t:),
            Field("gradients", \.gradients, "one gradient a subset"),
            Field("responders", \.responders, "who responds, in any order; drawn freely when absent; or"),
            Field(
                "tape", \.tape, "D words for every responder with data, workers ascending; drawn freely when absent; or"
            ),
            Field("seed", \.seed, "the seed and"), Field("t", \.t, "the iteration of the draws of responders and words")
        )
    }
}
