public import ExactArithmetic
public import GradientCodes

extension CooperativeGradientCode.Decoder: Choice {}
extension CooperativeGradientCode.PartialRule: Choice {}
extension CooperativeGradientCode.Outcome: Choice {}

extension CooperativeGradientCode {
    /// `cooperative.outage`: how standard decoding ends in one attempt.
    public struct Outage: Question {
        /// M.
        public var clients: Int
        /// s.
        public var stragglers: Int
        /// p_m, one a client.
        public var uplinks: [Rational]
        /// p_{m,k}, one row a receiver.
        public var links: [[Rational]]

        /// A question.
        public init(clients: Int, stragglers: Int, uplinks: [Rational], links: [[Rational]]) {
            self.clients = clients
            self.stragglers = stragglers
            self.uplinks = uplinks
            self.links = links
        }

        /// The five probabilities, which sum to 1.
        public struct Answer: Record {
            /// 1 − P_O.
            public var success: Rational
            /// Too few clients are complete.
            public var links: Rational
            /// Too few uplinks are up.
            public var uplinks: Rational
            /// Too few of either.
            public var both: Rational
            /// Enough of either, but of different clients.
            public var misaligned: Rational

            /// An answer.
            public init(success: Rational, links: Rational, uplinks: Rational, both: Rational, misaligned: Rational) {
                self.success = success
                self.links = links
                self.uplinks = uplinks
                self.both = both
                self.misaligned = misaligned
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("success", \.success, "1 − P_O"),
                Field("links", \.links, "too few clients are complete, enough uplinks are up"),
                Field("uplinks", \.uplinks, "too few uplinks are up, enough clients are complete"),
                Field("both", \.both, "too few of either"),
                Field("misaligned", \.misaligned, "enough of either, too few clients with both"))
        }

        /// `cooperative.outage`
        public static let name = "cooperative.outage"
        /// What is asked.
        public static let summary = "The exact outage of standard decoding in one attempt, by its causes."
        /// Where it is defined.
        public static let section = "CooperativeGradientCode.md#causes"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(.invalidParameters, "M ≤ 0 or M > 1024; s < 0 or s ≥ M"),
            RefusalRule(.dimensionMismatch, "not M uplinks, or links that are not M by M"),
            RefusalRule(.invalidProbability, "a probability outside [0, 1], or with a term beyond 64 bits"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(clients:stragglers:uplinks:links:), Field("clients", \.clients, "M"),
            Field("stragglers", \.stragglers, "s; windows are cyclic"),
            Field("uplinks", \.uplinks, "outage probabilities p_m, one a client"),
            Field("links", \.links, "outage probabilities p_{m,k}, one row a receiver; others than neighbours unused"))
    }

    /// `cooperative.law`: the exact law of the outcome for homogeneous outages.
    public struct OutcomeLaw: Question {
        /// The code.
        public var code: CodeDescriptor
        /// s.
        public var stragglers: Int
        /// What counts as full recovery.
        public var decoder: Decoder
        /// p.
        public var uplink: Rational
        /// q.
        public var link: Rational
        /// t_r.
        public var attempts: Int

        /// A question.
        public init(
            code: CodeDescriptor, stragglers: Int, decoder: Decoder = .plus, uplink: Rational, link: Rational,
            attempts: Int = 1
        ) {
            self.code = code
            self.stragglers = stragglers
            self.decoder = decoder
            self.uplink = uplink
            self.link = link
            self.attempts = attempts
        }

        /// How many patterns with so many rows undelivered and links down lead to an outcome.
        public struct Count: Record {
            /// The outcome.
            public var outcome: Outcome
            /// u, rows that are not delivered.
            public var undelivered: Int
            /// j, links down among the delivered rows.
            public var down: Int
            /// N[u][j], not 0.
            public var patterns: Int

            /// A count.
            public init(outcome: Outcome, undelivered: Int, down: Int, patterns: Int) {
                self.outcome = outcome
                self.undelivered = undelivered
                self.down = down
                self.patterns = patterns
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("outcome", \.outcome, "the outcome"),
                Field("undelivered", \.undelivered, "u, rows that are not delivered"),
                Field("down", \.down, "j, links down among the delivered rows"),
                Field("patterns", \.patterns, "N[u][j], not 0"))
        }

        /// The probabilities, which sum to 1.
        public struct Answer: Record {
            /// P(full).
            public var full: Rational
            /// P(partial).
            public var partial: Rational
            /// P(none).
            public var none: Rational
            /// ρ_k, one a client; optional.
            public var recovery: [Rational]?
            /// The integer table; optional.
            public var table: [Count]?

            /// An answer.
            public init(
                full: Rational, partial: Rational, none: Rational, recovery: [Rational]? = nil, table: [Count]? = nil
            ) {
                self.full = full
                self.partial = partial
                self.none = none
                self.recovery = recovery
                self.table = table
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(full:partial:none:recovery:table:), Field("full", \.full, "P(full)"),
                Field("partial", \.partial, "P(partial)"), Field("none", \.none, "P(none)"),
                Field("recovery", \.recovery, "P(partial, k ∈ K), one a client; optional"),
                Field("table", \.table, "the counts of patterns that are not 0; optional"))
        }

        /// `cooperative.law`
        public static let name = "cooperative.law"
        /// What is asked.
        public static let summary = "The exact law of the outcome for homogeneous outages and stacked attempts."
        /// Where it is defined.
        public static let section = "CooperativeGradientCode.md#laws"
        /// When it is refused.
        public static let refusals =
            (CodeDescriptor.cooperativeRefusals + [
                RefusalRule(.invalidProbability, "a probability outside [0, 1], or with a term beyond 64 bits")
            ]).inPrecedence
        /// The fields.
        public static let shape = Shape(
            Self.init(code:stragglers:decoder:uplink:link:attempts:), Field("code", \.code, "the code"),
            Field("stragglers", \.stragglers, "s: the threshold is M − s"),
            Field("decoder", \.decoder, "what counts as full recovery"),
            Field("uplink", \.uplink, "outage probability p of every uplink"),
            Field("link", \.link, "outage probability q of every link"),
            Field("attempts", \.attempts, "t_r, stacked"))

        /// The probabilities are compared; what is optional is compared where it is given.
        public static func mismatch(of answer: Answer, with expected: Answer, to question: Self, profile: Profile)
            -> Mismatch?
        {
            var stripped = expected
            if answer.recovery == nil || expected.recovery == nil { stripped.recovery = answer.recovery }
            if answer.table == nil || expected.table == nil { stripped.table = answer.table }
            if let table = answer.table, let right = stripped.table, Set(table) == Set(right),
                table.count == right.count
            {
                stripped.table = table
            }
            return answer == stripped ? nil : Mismatch(expected: expected, received: answer)
        }
    }
}

extension CodeDescriptor {
    /// The refusals of operations on cooperative codes.
    static let cooperativeRefusals: [RefusalRule] =
        [
            RefusalRule(
                .invalidParameters, "s < 0 or s ≥ M; fewer than 1 attempt, or more than 4096; b_mm = 0"),
            RefusalRule(.dimensionMismatch, "a matrix that is not square"),
        ] + refusals
}

extension [RefusalRule] {
    /// The rules in the protocol's order: what is wrong with parameters, sizes and values first, the others as they stand.
    var inPrecedence: [RefusalRule] {
        let first: [Refusal.Kind] = [.invalidParameters, .dimensionMismatch, .nonFinite]
        return first.flatMap { kind in filter { $0.kind == kind } } + filter { !first.contains($0.kind) }
    }
}
