public import ExactArithmetic
public import GradientCodes

extension GradientCode {
    /// What opens rounds of an exact gradient code.
    public struct Session: Opening {
        /// The code.
        public var code: CodeDescriptor
        /// Coordinates of a gradient.
        public var dimension: Int
        /// Straggling probabilities, one a worker; needed by rounds that draw their responders.
        public var probabilities: [Rational]?

        /// An opening.
        public init(code: CodeDescriptor, dimension: Int, probabilities: [Rational]? = nil) {
            self.code = code
            self.dimension = dimension
            self.probabilities = probabilities
        }

        /// The input of a round.
        public typealias Round = GradientCode.Round
        /// `gradientCode`
        public static let scheme = "gradientCode"
        /// Where a round is defined.
        public static let section = "GradientCode.md#rounds"
        /// The fields.
        public static let shape = Shape(
            Self.init(code:dimension:probabilities:), Field("code", \.code, "the code"),
            Field("dimension", \.dimension, "coordinates of a gradient"),
            Field("probabilities", \.probabilities, "straggling probabilities, for rounds with a seed"))
    }

    /// One round of an exact gradient code.
    public struct Round: SessionRound {
        /// The partition gradients, one a partition.
        public var gradients: [Binary32Vector]
        /// Who responds, in any order; absent where the subject draws them.
        public var responders: [Int]?
        /// The seed of the draws.
        public var seed: Seed?
        /// The iteration of the draws.
        public var t: Int?

        /// A round with the given responders.
        public init(gradients: [Binary32Vector], responders: [Int]) {
            self.init(gradients: gradients, responders: responders, seed: nil, t: nil)
        }

        /// Any combination, also a wrong one.
        public init(gradients: [Binary32Vector], responders: [Int]?, seed: Seed?, t: Int?) {
            self.gradients = gradients
            self.responders = responders
            self.seed = seed
            self.t = t
        }

        /// What a round answers.
        public struct Outcome: Record {
            /// The estimate of the sum (of the mean, where that is the subject's convention); null where undecodable.
            public var update: Binary32Vector?
            /// Responders treated as stragglers because their coded gradient is not finite, ascending.
            public var excluded: [Int]
            /// The coded gradients sent, one a worker, null for stragglers; optional.
            public var decoded: [Binary32Vector?]?

            /// An outcome.
            public init(update: Binary32Vector?, excluded: [Int], decoded: [Binary32Vector?]? = nil) {
                self.update = update
                self.excluded = excluded
                self.decoded = decoded
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(update:excluded:decoded:),
                Field("update", \.update, "the estimate of the sum; null where undecodable", null: true),
                Field("excluded", \.excluded, "responders whose coded gradient is not finite, ascending"),
                Field("decoded", \.decoded, "the coded gradients sent, null for stragglers; optional"))
        }

        /// The fields.
        public static let shape = Shape(
            Self.init(gradients:responders:seed:t:),
            Field("gradients", \.gradients, "one gradient a partition"),
            Field("responders", \.responders, "who responds, in any order; or"),
            Field("seed", \.seed, "the seed and"), Field("t", \.t, "the iteration of the draws of the responders"))
    }
}
