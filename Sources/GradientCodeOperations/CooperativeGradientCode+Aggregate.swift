public import ExactArithmetic
public import GradientCodes

extension CooperativeGradientCode {
    /// `cooperative.aggregate`: the update, from what was decoded.
    public struct Aggregate: Question {
        /// The rule for partial recovery.
        public var rule: PartialRule
        /// What the round came to.
        public var outcome: Outcome
        /// M.
        public var clients: Int
        /// K, in any order.
        public var recovered: [Int]
        /// One gradient a client, null where it is not recovered; with leastSquares the rows.
        public var vectors: [Binary32Vector?]
        /// Σ_k g_k, on full.
        public var sum: Binary32Vector?
        /// P_full, for inverseProbability.
        public var full: Rational?
        /// ρ_k, one a client, for inverseProbability.
        public var recovery: [Rational]?
        /// The coefficients that make the projection α of the rows, for leastSquares.
        public var coefficients: [Rational]?

        /// A question.
        public init(
            rule: PartialRule, outcome: Outcome, clients: Int, recovered: [Int] = [],
            vectors: [Binary32Vector?] = [], sum: Binary32Vector? = nil, full: Rational? = nil,
            recovery: [Rational]? = nil, coefficients: [Rational]? = nil
        ) {
            self.rule = rule
            self.outcome = outcome
            self.clients = clients
            self.recovered = recovered
            self.vectors = vectors
            self.sum = sum
            self.full = full
            self.recovery = recovery
            self.coefficients = coefficients
        }

        /// The update.
        public struct Answer: Record {
            /// The estimate of the mean; null where nothing was recovered.
            public var update: Binary32Vector?

            /// An answer.
            public init(update: Binary32Vector?) { self.update = update }

            /// One field.
            public static let shape = Shape(
                Self.init(update:),
                Field("update", \.update, "the estimate of the mean; null where nothing was recovered", null: true))
        }

        /// What a right answer says.
        public struct Expected: Record {
            /// The update; null where there is none.
            public var update: FloatExpectation?

            /// An expectation.
            public init(update: FloatExpectation?) { self.update = update }

            /// One field.
            public static let shape = Shape(
                Self.init(update:), Field("update", \.update, "the update; null where there is none", null: true))
        }

        /// `cooperative.aggregate`
        public static let name = "cooperative.aggregate"
        /// What is asked.
        public static let summary = "The update of a round, from its outcome and what was recovered."
        /// Where it is defined.
        public static let section = "CooperativeGradientCode.md#aggregate"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters,
                "M ≤ 0; on full no sum; on partial nobody recovered, a gradient missing of a client that is, or a field missing that the rule needs; a dimension 0"
            ),
            RefusalRule(
                .dimensionMismatch,
                "vectors of different dimensions; on partial not one vector a client, with leastSquares not one coefficient a row; not one ρ a client"
            ),
            RefusalRule(.nonFinite, "a coordinate is not finite"),
            RefusalRule(
                .invalidProbability,
                "P_full or a ρ outside [0, 1] or with a term beyond 64 bits; with inverseProbability a ρ that is 0 while P_full < 1"
            ),
            RefusalRule(.indexOutOfRange, "a recovered client that does not exist"),
            RefusalRule(.duplicateWorker, "a client is recovered twice"),
            RefusalRule(.outOfRange, "a result or a coefficient beyond binary32"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(rule:outcome:clients:recovered:vectors:sum:full:recovery:coefficients:),
            Field("rule", \.rule, "the rule for partial recovery"),
            Field("outcome", \.outcome, "what the round came to"),
            Field("clients", \.clients, "M"), Field("recovered", \.recovered, "K, in any order"),
            Field(
                "vectors", \.vectors,
                "on partial one gradient a client, null where it is not recovered; with leastSquares the rows received"),
            Field("sum", \.sum, "on full: Σ_k g_k"), Field("full", \.full, "P_full, for inverseProbability"),
            Field("recovery", \.recovery, "P(partial, k ∈ K), one a client, for inverseProbability"),
            Field("coefficients", \.coefficients, "c with cᵀG = α, one a row, for leastSquares"))

        /// These bits, or within the enclosure.
        public static func verdict(of expected: Expected) -> Verdict { expected.update?.verdict ?? .exact }

        /// What is wrong with an answer.
        public static func mismatch(of answer: Answer, with expected: Expected, to question: Self, profile: Profile)
            -> Mismatch?
        {
            switch (answer.update, expected.update) {
            case (nil, nil): return nil
            case (let update?, let right?): return right.mismatch(of: update, profile: profile)
            case (nil, _?): return Mismatch("there is an update", expected: expected, received: answer)
            case (_?, nil): return Mismatch("there is no update", expected: expected, received: answer)
            }
        }
    }
}
