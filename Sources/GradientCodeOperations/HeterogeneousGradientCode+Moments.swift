public import ExactArithmetic
public import GradientCodes

extension HeterogeneousGradientCode {
    /// `heterogeneous.moments`: mean, residual and covariance of a fixed code.
    public struct Moments: Question {
        /// p_i.
        public var probabilities: [Rational]
        /// c_ij, one row a worker, any sign, biased or not.
        public var coefficients: [[Rational]]
        /// One gradient a partition; absent where no error is asked for.
        public var gradients: [[Rational]]?
        /// K, the covariance of the indicators of responding; absent for independent workers.
        public var dependence: [[Rational]]?
        /// τ, to be compared with λ_max(V).
        public var threshold: Rational?

        /// A question.
        public init(
            probabilities: [Rational], coefficients: [[Rational]], gradients: [[Rational]]? = nil,
            dependence: [[Rational]]? = nil, threshold: Rational? = nil
        ) {
            self.probabilities = probabilities
            self.coefficients = coefficients
            self.gradients = gradients
            self.dependence = dependence
            self.threshold = threshold
        }

        /// The moments.
        public struct Answer: Record {
            /// E α_j.
            public var mean: [Rational]
            /// E‖α − 1‖².
            public var residual: Rational
            /// V.
            public var covariance: [[Rational]]
            /// 1ᵀV1.
            public var commonMode: Rational
            /// An upper bound of λ_max(V).
            public var eigenvalueBound: Rational?
            /// E‖ĝ − g‖², with the bias.
            public var gradientError: Rational?
            /// Whether λ_max(V) ≤ τ.
            public var isWithinThreshold: Bool?

            /// An answer.
            public init(
                mean: [Rational], residual: Rational, covariance: [[Rational]], commonMode: Rational,
                eigenvalueBound: Rational? = nil, gradientError: Rational? = nil, isWithinThreshold: Bool? = nil
            ) {
                self.mean = mean
                self.residual = residual
                self.covariance = covariance
                self.commonMode = commonMode
                self.eigenvalueBound = eigenvalueBound
                self.gradientError = gradientError
                self.isWithinThreshold = isWithinThreshold
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(
                    mean:residual:covariance:commonMode:eigenvalueBound:gradientError:isWithinThreshold:),
                Field("mean", \.mean, "E α_j, one number a partition"),
                Field("residual", \.residual, "E‖α − 1‖²"),
                Field("covariance", \.covariance, "V = Cov α"),
                Field("commonMode", \.commonMode, "1ᵀV1"),
                Field("eigenvalueBound", \.eigenvalueBound, "an upper bound of λ_max(V); optional"),
                Field("gradientError", \.gradientError, "E‖ĝ − g‖², bias included, where gradients are given"),
                Field("isWithinThreshold", \.isWithinThreshold, "λ_max(V) ≤ τ, where a threshold is given"))
        }

        /// `heterogeneous.moments`
        public static let name = "heterogeneous.moments"
        /// What is asked.
        public static let summary = "Mean, residual and covariance of the recovered coefficients, exact."
        /// Where it is defined.
        public static let section = "HeterogeneousGradientCode.md#moments"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters,
                "no worker or partition; gradients of dimension 0; a dependence that is not symmetric and positive semidefinite"
            ),
            RefusalRule(
                .dimensionMismatch,
                "rows of different lengths; not one probability a worker, one gradient a partition; a dependence that is not n × n"
            ),
            RefusalRule(.invalidProbability, "a probability outside [0, 1], or with a term beyond 64 bits"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(probabilities:coefficients:gradients:dependence:threshold:),
            Field("probabilities", \.probabilities, "straggling probabilities, one a worker"),
            Field("coefficients", \.coefficients, "c_ij, one row a worker; any sign, biased or not"),
            Field("gradients", \.gradients, "one gradient a partition"),
            Field("dependence", \.dependence, "K, covariance of the responses; absent for independent workers"),
            Field("threshold", \.threshold, "τ, to be compared with λ_max(V)"))

        /// Everything is unique but the bound of the eigenvalue.
        public static func verdict(of expected: Answer) -> Verdict { .relation }

        /// What is wrong with an answer: the bound has to be the documented one in wire, a bound at all in core.
        public static func mismatch(
            of answer: Answer, with expected: Answer, to question: Moments, profile: Profile
        ) -> Mismatch? {
            var claimed = answer
            claimed.eigenvalueBound = profile == .wire ? answer.eigenvalueBound : expected.eigenvalueBound
            guard claimed == expected else { return Mismatch(expected: expected, received: answer) }
            guard let bound = answer.eigenvalueBound, let covariance = RationalMatrix(expected.covariance) else {
                return nil
            }
            let shifted = RationalMatrix(rows: covariance.rows, columns: covariance.columns) { j, k in
                (j == k ? bound : 0) - covariance[j, k]
            }
            guard case .certificate = shifted.positiveSemidefiniteness() else {
                return Mismatch(
                    "an eigenvalue of V is greater than its bound", expected: "λI − V positive semidefinite",
                    received: answer)
            }
            return nil
        }
    }

    /// `heterogeneous.adaptive`: decoders that see who responded.
    public struct Adaptive: Question {
        /// B, one row a worker.
        public var matrix: [[Rational]]
        /// p_i.
        public var probabilities: [Rational]

        /// A question.
        public init(matrix: [[Rational]], probabilities: [Rational]) {
            self.matrix = matrix
            self.probabilities = probabilities
        }

        /// The decoders.
        public struct Answer: Record {
            /// P̄1, the mean of least squares.
            public var mean: [Rational]
            /// m − 1ᵀP̄1, its residual.
            public var residual: Rational
            /// P̄.
            public var projection: [[Rational]]?
            /// τ with P̄τ = 1.
            public var target: [Rational]?
            /// z with P̄z = 0 and 1ᵀz = 1, where there is no unbiased decoder.
            public var witness: [Rational]?
            /// 1ᵀτ − m.
            public var optimum: Rational?

            /// An answer.
            public init(
                mean: [Rational], residual: Rational, projection: [[Rational]]? = nil, target: [Rational]? = nil,
                witness: [Rational]? = nil, optimum: Rational? = nil
            ) {
                self.mean = mean
                self.residual = residual
                self.projection = projection
                self.target = target
                self.witness = witness
                self.optimum = optimum
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(mean:residual:projection:target:witness:optimum:),
                Field("mean", \.mean, "P̄1, the mean of least squares"),
                Field("residual", \.residual, "m − 1ᵀP̄1, the residual of least squares"),
                Field("projection", \.projection, "P̄; optional"),
                Field("target", \.target, "τ with P̄τ = 1, where there is an unbiased decoder"),
                Field("witness", \.witness, "z with P̄z = 0 and 1ᵀz = 1, where there is none"),
                Field("optimum", \.optimum, "1ᵀτ − m, the least residual of an unbiased decoder"))
        }

        /// `heterogeneous.adaptive`
        public static let name = "heterogeneous.adaptive"
        /// What is asked.
        public static let summary = "The best decoders that see who responded, for a fixed encoding."
        /// Where it is defined.
        public static let section = "HeterogeneousGradientCode.md#adaptive-decoding"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(.invalidParameters, "no worker or partition"),
            RefusalRule(.dimensionMismatch, "rows of different lengths; not one probability a worker"),
            RefusalRule(.invalidProbability, "a probability outside [0, 1], or with a term beyond 64 bits"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(matrix:probabilities:), Field("matrix", \.matrix, "B, one row a worker"),
            Field("probabilities", \.probabilities, "straggling probabilities, one a worker"))

        /// Any τ and any witness are right.
        public static func verdict(of expected: Answer) -> Verdict { .relation }

        /// What is wrong with an answer: τ and z are verified, everything else is unique.
        public static func mismatch(
            of answer: Answer, with expected: Answer, to question: Adaptive, profile: Profile
        ) -> Mismatch? {
            guard answer.mean == expected.mean, answer.residual == expected.residual,
                answer.projection == nil || answer.projection == expected.projection,
                answer.optimum == expected.optimum
            else { return Mismatch(expected: expected, received: answer) }
            guard let projection = expected.projection.flatMap({ RationalMatrix($0) }) else { return nil }
            let m = projection.columns
            if expected.optimum == nil {
                guard let z = answer.witness, z.count == m, (projection * z).allSatisfy(\.isZero), z.total == 1,
                    answer.target == nil
                else { return Mismatch("the witness proves nothing", expected: expected, received: answer) }
            } else {
                guard let target = answer.target, target.count == m, (projection * target).allSatisfy({ $0 == 1 }),
                    answer.witness == nil
                else { return Mismatch("τ does not make P̄τ = 1", expected: expected, received: answer) }
            }
            return nil
        }
    }
}
