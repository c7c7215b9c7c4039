public import ExactArithmetic
public import GradientCodes

extension GradientCode {
    /// `gradientCode.encode`: a worker's coded gradient.
    public struct Encode: LinearCombinationQuestion {
        /// One coefficient a vector.
        public var coefficients: Binary32Vector
        /// The partition gradients, all of one dimension.
        public var vectors: [Binary32Vector]

        /// A question.
        public init(coefficients: Binary32Vector, vectors: [Binary32Vector]) {
            self.coefficients = coefficients
            self.vectors = vectors
        }

        /// `gradientCode.encode`
        public static let name = "gradientCode.encode"
        /// What is asked.
        public static let summary = "The coded gradient Σ_j b_j g_j of one worker."
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("coefficients", \.coefficients, "b_j, one a vector"),
            Field("vectors", \.vectors, "g_j, all of one dimension"))
    }

    /// `gradientCode.decode`: the server's combination.
    public struct Decode: LinearCombinationQuestion {
        /// One coefficient a vector.
        public var coefficients: Binary32Vector
        /// The messages received, all of one dimension.
        public var vectors: [Binary32Vector]

        /// A question.
        public init(coefficients: Binary32Vector, vectors: [Binary32Vector]) {
            self.coefficients = coefficients
            self.vectors = vectors
        }

        /// `gradientCode.decode`
        public static let name = "gradientCode.decode"
        /// What is asked.
        public static let summary = "The sum Σ_i a_i y_i of the messages received, weighted by a decoding vector."
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("coefficients", \.coefficients, "a_i, one a vector"),
            Field("vectors", \.vectors, "y_i, all of one dimension"))
    }

    /// `gradientCode.recover`: from messages to the sum.
    public struct Recover: Question {
        /// The code.
        public var code: CodeDescriptor
        /// One message a worker; null for a straggler.
        public var messages: [Binary32Vector?]

        /// A question.
        public init(code: CodeDescriptor, messages: [Binary32Vector?]) {
            self.code = code
            self.messages = messages
        }

        /// The sum, if it can be recovered.
        public struct Answer: Record {
            /// Whether the sum can be recovered from the finite messages.
            public var status: DecodingVector.Status
            /// The sum, null where undecodable.
            public var sum: Binary32Vector?
            /// Workers treated as stragglers because their message is not finite, ascending.
            public var excluded: [Int]

            /// An answer.
            public init(status: DecodingVector.Status, sum: Binary32Vector?, excluded: [Int]) {
                self.status = status
                self.sum = sum
                self.excluded = excluded
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("status", \.status, "whether the finite messages determine the sum"),
                Field("sum", \.sum, "Σ_j g_j; null where undecodable", null: true),
                Field("excluded", \.excluded, "workers whose message is not finite, ascending"))
        }

        /// What a right answer says.
        public struct Expected: Record {
            /// Whether the sum can be recovered.
            public var status: DecodingVector.Status
            /// The sum and how near an answer must be; null where undecodable.
            public var sum: FloatExpectation?
            /// The workers excluded.
            public var excluded: [Int]

            /// An expectation.
            public init(status: DecodingVector.Status, sum: FloatExpectation?, excluded: [Int]) {
                self.status = status
                self.sum = sum
                self.excluded = excluded
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("status", \.status, "whether the finite messages determine the sum"),
                Field("sum", \.sum, "the sum; null where undecodable", null: true),
                Field("excluded", \.excluded, "workers whose message is not finite"))
        }

        /// `gradientCode.recover`
        public static let name = "gradientCode.recover"
        /// What is asked.
        public static let summary = "The sum of the partition gradients from the messages that arrived."
        /// Where it is defined.
        public static let section = "GradientCode.md#recover"
        /// When it is refused.
        public static let refusals =
            [
                CodeDescriptor.refusals[0],
                RefusalRule(
                    .dimensionMismatch,
                    "a ragged matrix; not one message (or null) a worker; messages of different dimensions, or of none"),
                RefusalRule(.outOfRange, "the sum is beyond binary32"),
            ] + CodeDescriptor.refusals.dropFirst(2)
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("code", \.code, "the code"),
            Field("messages", \.messages, "one message a worker, all of one dimension; null for a straggler"))

        /// Status and excluded workers are exact; the sum lies within its enclosure.
        public static func verdict(of expected: Expected) -> Verdict { expected.sum?.verdict ?? .exact }

        /// What is wrong with an answer.
        public static func mismatch(
            of answer: Answer, with expected: Expected, to question: Recover, profile: Profile
        ) -> Mismatch? {
            guard answer.status == expected.status, answer.excluded == expected.excluded,
                (answer.sum == nil) == (expected.sum == nil)
            else {
                return Mismatch(expected: expected, received: answer)
            }
            guard let sum = answer.sum, let expectation = expected.sum else { return nil }
            return expectation.mismatch(of: sum, profile: profile)
        }
    }

    /// `gradientCode.recoveryProbability`: how often the sum can be recovered.
    public struct RecoveryProbability: Question {
        /// The code.
        public var code: CodeDescriptor
        /// Straggling probabilities, one a worker, independent.
        public var probabilities: [Rational]

        /// A question.
        public init(code: CodeDescriptor, probabilities: [Rational]) {
            self.code = code
            self.probabilities = probabilities
        }

        /// The probability.
        public struct Answer: Record {
            /// P(1 ∈ row space of B_F).
            public var probability: Number

            /// An answer.
            public init(probability: Number) { self.probability = probability }

            /// One field.
            public static let shape = Shape(
                Self.init, Field("probability", \.probability, "that the responders can recover the sum"))
        }

        /// The probability itself.
        public typealias Expected = Rational
        /// `gradientCode.recoveryProbability`
        public static let name = "gradientCode.recoveryProbability"
        /// What is asked.
        public static let summary = "The probability that independent stragglers leave the sum recoverable."
        /// Where it is defined.
        public static let section = "GradientCode.md#recovery-probability"
        /// When it is refused.
        public static let refusals: [RefusalRule] = CodeDescriptor.refusals.map { rule in
            switch rule.kind {
            case .dimensionMismatch: RefusalRule(rule.kind, rule.condition + "; not one probability a worker")
            case .invalidProbability:
                RefusalRule(rule.kind, "of the code; or a probability outside [0, 1], or with a term beyond 64 bits")
            default: rule
            }
        }
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("code", \.code, "the code"),
            Field("probabilities", \.probabilities, "straggling probabilities, one a worker"))

        /// Exact, or within the enclosure of a double.
        public static func verdict(of expected: Rational) -> Verdict { .exact }

        /// What is wrong with an answer (`docs/numerics.md#probability-enumeration`).
        public static func mismatch(
            of answer: Answer, with expected: Rational, to question: RecoveryProbability, profile: Profile
        ) -> Mismatch? {
            let workers = question.probabilities.count
            let bound = (Rational(2).power(workers) + Rational(workers)) * Rational(2).power(-52)
            return answer.probability.mismatch(with: expected, binary64Bound: bound)
        }
    }
}
