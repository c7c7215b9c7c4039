public import ExactArithmetic
public import GradientCodes

extension CooperativeGradientCode {
    /// Outage probabilities of a session.
    public struct Outages: Record {
        /// p_m, one a client.
        public var uplinks: [Rational]
        /// p_{m,k}, one row a receiver.
        public var links: [[Rational]]

        /// Probabilities.
        public init(uplinks: [Rational], links: [[Rational]]) {
            self.uplinks = uplinks
            self.links = links
        }

        /// The fields.
        public static let shape = Shape(
            Self.init, Field("uplinks", \.uplinks, "p_m, one a client"),
            Field("links", \.links, "p_{m,k}, one row a receiver"))
    }

    /// What opens rounds of cooperative gradient coding.
    public struct Session: Opening {
        /// The code.
        public var code: CodeDescriptor
        /// s.
        public var stragglers: Int
        /// What counts as full recovery.
        public var decoder: Decoder
        /// The rule for partial recovery.
        public var partial: PartialRule
        /// t_r.
        public var attempts: Int
        /// D.
        public var dimension: Int
        /// Outage probabilities, where rounds draw them or the rule needs them.
        public var probabilities: Outages?

        /// An opening.
        public init(
            code: CodeDescriptor, stragglers: Int, decoder: Decoder = .plus, partial: PartialRule = .mean,
            attempts: Int = 1, dimension: Int, probabilities: Outages? = nil
        ) {
            self.code = code
            self.stragglers = stragglers
            self.decoder = decoder
            self.partial = partial
            self.attempts = attempts
            self.dimension = dimension
            self.probabilities = probabilities
        }

        /// The input of a round.
        public typealias Round = CooperativeGradientCode.Round
        /// `cooperative`
        public static let scheme = "cooperative"
        /// Where a round is defined.
        public static let section = "CooperativeGradientCode.md#rounds"
        /// The fields.
        public static let shape = Shape(
            Self.init(code:stragglers:decoder:partial:attempts:dimension:probabilities:),
            Field("code", \.code, "the code"), Field("stragglers", \.stragglers, "s: the threshold is M − s"),
            Field("decoder", \.decoder, "what counts as full recovery"),
            Field("partial", \.partial, "the rule for partial recovery"), Field("attempts", \.attempts, "t_r"),
            Field("dimension", \.dimension, "coordinates of a gradient"),
            Field(
                "probabilities", \.probabilities, "outage probabilities, for rounds with a seed and inverseProbability")
        )
    }

    /// One round of cooperative gradient coding.
    public struct Round: SessionRound {
        /// The gradients, one a client.
        public var gradients: [Binary32Vector]
        /// links[attempt][receiver][sender], 1 for up; absent where the subject draws them.
        public var links: [[[Int]]]?
        /// uplinks[attempt][client], 1 for up; absent where the subject draws them.
        public var uplinks: [[Int]]?
        /// The seed of the draws.
        public var seed: Seed?
        /// The iteration of the draws.
        public var t: Int?

        /// Any combination, also a wrong one.
        public init(
            gradients: [Binary32Vector], links: [[[Int]]]? = nil, uplinks: [[Int]]? = nil, seed: Seed? = nil,
            t: Int? = nil
        ) {
            self.gradients = gradients
            self.links = links
            self.uplinks = uplinks
            self.seed = seed
            self.t = t
        }

        /// What a round answers.
        public struct Outcome: Record {
            /// What it came to.
            public var outcome: CooperativeGradientCode.Outcome
            /// K, ascending.
            public var recovered: [Int]
            /// The estimate of the mean; null where nothing was recovered.
            public var update: Binary32Vector?
            /// Clients of which a delivered row was removed because it is not finite, ascending.
            public var excluded: [Int]

            /// An outcome.
            public init(
                outcome: CooperativeGradientCode.Outcome, recovered: [Int], update: Binary32Vector?, excluded: [Int]
            ) {
                self.outcome = outcome
                self.recovered = recovered
                self.update = update
                self.excluded = excluded
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(outcome:recovered:update:excluded:), Field("outcome", \.outcome, "what the round came to"),
                Field("recovered", \.recovered, "K of the rows that the decoder uses, ascending, also on full"),
                Field("update", \.update, "the estimate of the mean; null where nothing was recovered", null: true),
                Field("excluded", \.excluded, "clients of which a delivered row is not finite, ascending"))
        }

        /// The fields.
        public static let shape = Shape(
            Self.init(gradients:links:uplinks:seed:t:), Field("gradients", \.gradients, "one gradient a client"),
            Field("links", \.links, "links[attempt][receiver][sender], 1 for up, and"),
            Field("uplinks", \.uplinks, "uplinks[attempt][client], 1 for up; or"),
            Field("seed", \.seed, "the seed and"), Field("t", \.t, "the iteration of the draws of the outages"))
    }
}
