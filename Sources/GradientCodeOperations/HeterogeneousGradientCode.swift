public import ExactArithmetic
public import GradientCodes

extension HeterogeneousGradientCode {
    /// `heterogeneous.coefficients`: the optimal code of an allocation.
    public struct OptimalCoefficients: Question {
        /// One row a worker, 1 where it holds the partition.
        public var allocation: [[Int]]
        /// p_i.
        public var probabilities: [Rational]
        /// δ_i of unbiased quantisers; absent without.
        public var variances: [Rational]?

        /// A question.
        public init(allocation: [[Int]], probabilities: [Rational], variances: [Rational]? = nil) {
            self.allocation = allocation
            self.probabilities = probabilities
            self.variances = variances
        }

        /// The optimal code.
        public struct Answer: Record {
            /// c_ij, one row a worker.
            public var coefficients: [Coefficients]
            /// Σ_j 1/S_j.
            public var residual: Number
            /// w_i, of any gauge.
            public var weights: Coefficients?
            /// b_ij of the same gauge.
            public var encoding: [Coefficients]?
            /// S_j.
            public var oddsSums: [ExtendedRational]?
            /// ν_j.
            public var multipliers: [Rational]?

            /// An answer.
            public init(
                coefficients: [Coefficients], residual: Number, weights: Coefficients? = nil,
                encoding: [Coefficients]? = nil, oddsSums: [ExtendedRational]? = nil, multipliers: [Rational]? = nil
            ) {
                self.coefficients = coefficients
                self.residual = residual
                self.weights = weights
                self.encoding = encoding
                self.oddsSums = oddsSums
                self.multipliers = multipliers
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(coefficients:residual:weights:encoding:oddsSums:multipliers:),
                Field("coefficients", \.coefficients, "c_ij, one row a worker, one number a partition"),
                Field("residual", \.residual, "Σ_j 1/S_j; with variances the surrogate residual"),
                Field("weights", \.weights, "w_i of any gauge; optional"),
                Field("encoding", \.encoding, "b_ij of the same gauge, one row a worker; optional"),
                Field("oddsSums", \.oddsSums, "S_j; optional"),
                Field("multipliers", \.multipliers, "ν_j = 2/S_j, 0 for S_j = inf; optional"))
        }

        /// What a right answer says.
        public struct Expected: Record {
            /// c_ij.
            public var coefficients: [[Rational]]
            /// Σ_j 1/S_j.
            public var residual: Rational
            /// w_i of gauge A.
            public var weights: [Rational]
            /// b_ij of gauge A.
            public var encoding: [[Rational]]
            /// S_j.
            public var oddsSums: [ExtendedRational]
            /// ν_j.
            public var multipliers: [Rational]

            /// An expectation.
            public init(
                coefficients: [[Rational]], residual: Rational, weights: [Rational], encoding: [[Rational]],
                oddsSums: [ExtendedRational], multipliers: [Rational]
            ) {
                self.coefficients = coefficients
                self.residual = residual
                self.weights = weights
                self.encoding = encoding
                self.oddsSums = oddsSums
                self.multipliers = multipliers
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(coefficients:residual:weights:encoding:oddsSums:multipliers:),
                Field("coefficients", \.coefficients, "c_ij; what the edge rules fix is compared in wire only"),
                Field("residual", \.residual, "Σ_j 1/S_j"),
                Field("weights", \.weights, "w_i of gauge A, compared in wire"),
                Field("encoding", \.encoding, "b_ij of gauge A, compared in wire"),
                Field("oddsSums", \.oddsSums, "S_j"), Field("multipliers", \.multipliers, "ν_j"))
        }

        /// `heterogeneous.coefficients`
        public static let name = "heterogeneous.coefficients"
        /// What is asked.
        public static let summary = "The unbiased coefficients with the least residual, for a given allocation."
        /// Where it is defined.
        public static let section = "HeterogeneousGradientCode.md#optimal-code"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters, "no worker or partition; an entry other than 0 and 1; a negative variance"),
            RefusalRule(
                .dimensionMismatch, "rows of different lengths; not one probability a worker, one variance a worker"),
            RefusalRule(.invalidProbability, "a probability outside [0, 1], or with a term beyond 64 bits"),
            RefusalRule(.infeasiblePartition, "a partition that nobody holds, or only workers with p = 1"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(allocation:probabilities:variances:),
            Field("allocation", \.allocation, "one row a worker, 1 where it holds the partition"),
            Field("probabilities", \.probabilities, "straggling probabilities, one a worker"),
            Field("variances", \.variances, "δ_i of unbiased quantisers, one a worker; 0 when absent"))

        /// Exact answers are compared, floats lie within `docs/numerics.md#odds`.
        public static func verdict(of expected: Expected) -> Verdict { .relation }
    }

    /// `heterogeneous.recover`: from messages to the estimate.
    public struct Recover: Question {
        /// w_i, one a worker.
        public var weights: Binary32Vector
        /// One message a worker; null for a straggler.
        public var messages: [Binary32Vector?]

        /// A question.
        public init(weights: Binary32Vector, messages: [Binary32Vector?]) {
            self.weights = weights
            self.messages = messages
        }

        /// The estimate.
        public struct Answer: Record {
            /// Σ_i w_i y_i.
            public var vector: Binary32Vector
            /// Workers treated as stragglers, ascending.
            public var excluded: [Int]

            /// An answer.
            public init(vector: Binary32Vector, excluded: [Int]) {
                self.vector = vector
                self.excluded = excluded
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("vector", \.vector, "Σ_i w_i y_i over the messages used; zeros for none"),
                Field("excluded", \.excluded, "workers whose message is not finite, ascending"))
        }

        /// What a right answer says.
        public struct Expected: Record {
            /// The sum and how near an answer must be.
            public var vector: FloatExpectation
            /// The workers excluded.
            public var excluded: [Int]

            /// An expectation.
            public init(vector: FloatExpectation, excluded: [Int]) {
                self.vector = vector
                self.excluded = excluded
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("vector", \.vector, "the weighted sum"),
                Field("excluded", \.excluded, "workers whose message is not finite"))
        }

        /// `heterogeneous.recover`
        public static let name = "heterogeneous.recover"
        /// What is asked.
        public static let summary = "The weighted sum of the messages that arrived."
        /// Where it is defined.
        public static let section = "HeterogeneousGradientCode.md#recover"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(.invalidParameters, "null messages only"),
            RefusalRule(
                .dimensionMismatch,
                "not one message (or null) a weight; messages of different dimensions, or of none"),
            RefusalRule(.nonFinite, "a weight is not finite"),
            RefusalRule(.outOfRange, "the sum is beyond binary32"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("weights", \.weights, "w_i, one a worker"),
            Field("messages", \.messages, "one message a worker, all of one dimension; null for a straggler"))

        /// Excluded workers are exact; the sum lies within its enclosure.
        public static func verdict(of expected: Expected) -> Verdict { expected.vector.verdict }

        /// What is wrong with an answer.
        public static func mismatch(
            of answer: Answer, with expected: Expected, to question: Recover, profile: Profile
        ) -> Mismatch? {
            guard answer.excluded == expected.excluded else {
                return Mismatch("other workers are excluded", expected: expected.excluded, received: answer)
            }
            return expected.vector.mismatch(of: answer.vector, profile: profile)
        }
    }
}
