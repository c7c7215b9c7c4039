public import ExactArithmetic
public import GradientCodes

extension CooperativeGradientCode {
    /// `cooperative.decode`: what a decoder makes of the links of one round.
    public struct Decode: Question {
        /// The code.
        public var code: CodeDescriptor
        /// s.
        public var stragglers: Int
        /// What counts as full recovery.
        public var decoder: Decoder
        /// One matrix an attempt, one row a receiver, 1 for up.
        public var links: [[[Int]]]
        /// One row an attempt, 1 for up.
        public var uplinks: [[Int]]

        /// A question.
        public init(
            code: CodeDescriptor, stragglers: Int, decoder: Decoder, links: [[[Int]]], uplinks: [[Int]]
        ) {
            self.code = code
            self.stragglers = stragglers
            self.decoder = decoder
            self.links = links
            self.uplinks = uplinks
        }

        /// The outcome.
        public struct Answer: Record {
            /// What the round came to.
            public var status: Outcome
            /// K, ascending.
            public var recovered: [Int]
            /// a, one number a delivered row in the stacked order; where full.
            public var vector: Coefficients?

            /// An answer.
            public init(status: Outcome, recovered: [Int], vector: Coefficients? = nil) {
                self.status = status
                self.recovered = recovered
                self.vector = vector
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(status:recovered:vector:), Field("status", \.status, "what the round came to"),
                Field("recovered", \.recovered, "K of the rows that the decoder uses, ascending, also on full"),
                Field(
                    "vector", \.vector,
                    "a with aᵀG = 1, one number a delivered row in the stacked order, 0 for rows that are not used; where full"
                ))
        }

        /// `cooperative.decode`
        public static let name = "cooperative.decode"
        /// What is asked.
        public static let summary = "Outcome, recovered set and coefficients of one round, from its links and uplinks."
        /// Where it is defined.
        public static let section = "CooperativeGradientCode.md#decoders"
        /// When it is refused.
        public static let refusals =
            ([
                RefusalRule(.invalidParameters, "a link or uplink that is neither 0 nor 1; no attempt"),
                RefusalRule(.dimensionMismatch, "not as many attempts of links as of uplinks, each of M by M and M"),
            ] + CodeDescriptor.cooperativeRefusals).inPrecedence
        /// The fields.
        public static let shape = Shape(
            Self.init(code:stragglers:decoder:links:uplinks:), Field("code", \.code, "the code"),
            Field("stragglers", \.stragglers, "s: the threshold is M − s"),
            Field("decoder", \.decoder, "what counts as full recovery"),
            Field("links", \.links, "links[attempt][receiver][sender], 1 for up; others than neighbours unused"),
            Field("uplinks", \.uplinks, "uplinks[attempt][client], 1 for up"))
        /// aᵀG = 1 is verified.
        public static func verdict(of expected: Answer) -> Verdict { .relation }
    }

    /// One delivered row.
    public struct DeliveredRow: Record {
        /// m.
        public var client: Int
        /// The attempt.
        public var attempt: Int
        /// Up_m, in any order.
        public var available: [Int]

        /// A row.
        public init(client: Int, attempt: Int = 0, available: [Int]) {
            self.client = client
            self.attempt = attempt
            self.available = available
        }

        /// The fields.
        public static let shape = Shape(
            Self.init(client:attempt:available:), Field("client", \.client, "m"),
            Field("attempt", \.attempt, "from 0"), Field("available", \.available, "Up_m, m among them"))
    }

    /// The proof that a target is in the row space, or that it is not.
    public struct Certificate: Record {
        /// a with aᵀG = t, one number a row.
        public var coefficients: Coefficients?
        /// x with Gx = 0 and t·x = 1, one number a client.
        public var witness: [Rational]?

        /// A certificate.
        public init(coefficients: Coefficients? = nil, witness: [Rational]? = nil) {
            self.coefficients = coefficients
            self.witness = witness
        }

        /// The fields.
        public static let shape = Shape(
            Self.init(coefficients:witness:),
            Field("coefficients", \.coefficients, "a with aᵀG = t, one number a row of the question; or"),
            Field("witness", \.witness, "x with Gx = 0 and t·x = 1, one number a client"))
    }

    /// `cooperative.decodePlus`: what GC+ makes of given rows, with proofs.
    public struct DecodePlus: Question {
        /// The code.
        public var code: CodeDescriptor
        /// t_r.
        public var attempts: Int
        /// The delivered rows, in any order.
        public var rows: [DeliveredRow]

        /// A question.
        public init(code: CodeDescriptor, attempts: Int = 1, rows: [DeliveredRow]) {
            self.code = code
            self.attempts = attempts
            self.rows = rows
        }

        /// The outcome and its proofs.
        public struct Answer: Record {
            /// What the rows come to.
            public var outcome: Outcome
            /// rank G.
            public var rank: Int
            /// K, ascending.
            public var recovered: [Int]
            /// The proof for the target 1.
            public var sum: Certificate
            /// The proofs for the targets e_k, one a client; optional.
            public var gradients: [Certificate]?
            /// α, the projection of 1; optional.
            public var projection: [Rational]?

            /// An answer.
            public init(
                outcome: Outcome, rank: Int, recovered: [Int], sum: Certificate, gradients: [Certificate]? = nil,
                projection: [Rational]? = nil
            ) {
                self.outcome = outcome
                self.rank = rank
                self.recovered = recovered
                self.sum = sum
                self.gradients = gradients
                self.projection = projection
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(outcome:rank:recovered:sum:gradients:projection:),
                Field("outcome", \.outcome, "full if 1 is in the row space, else partial if K is not empty, else none"),
                Field("rank", \.rank, "rank G"), Field("recovered", \.recovered, "K, ascending, also on full"),
                Field("sum", \.sum, "the proof for the target 1"),
                Field("gradients", \.gradients, "the proofs for the targets e_k, one a client; optional"),
                Field("projection", \.projection, "α, the projection of 1 on the row space; optional"))
        }

        /// `cooperative.decodePlus`
        public static let name = "cooperative.decodePlus"
        /// What is asked.
        public static let summary = "Outcome, rank and recovered set of given rows in GC+, with a proof for each claim."
        /// Where it is defined.
        public static let section = "CooperativeGradientCode.md#theorem-1"
        /// When it is refused.
        public static let refusals =
            ([
                RefusalRule(
                    .invalidParameters,
                    "an attempt outside 0 ..< t_r; Up_m of an existing client without m, or with an existing client outside W_m"
                )
            ] + CodeDescriptor.cooperativeRefusals + [
                RefusalRule(.indexOutOfRange, "a client that does not exist, also in Up_m"),
                RefusalRule(.duplicateWorker, "the same client twice in one attempt, or in Up_m"),
            ]).inPrecedence
        /// The fields.
        public static let shape = Shape(
            Self.init(code:attempts:rows:), Field("code", \.code, "the code"),
            Field("attempts", \.attempts, "t_r"), Field("rows", \.rows, "the delivered rows, in any order"))
        /// Decisions are compared, proofs are verified.
        public static func verdict(of expected: Answer) -> Verdict { .relation }
    }
}
