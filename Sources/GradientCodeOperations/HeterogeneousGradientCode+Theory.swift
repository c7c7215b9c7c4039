public import ExactArithmetic
public import GradientCodes

extension HeterogeneousGradientCode {
    /// Training on quadratics f_j(x) = Σ_d (h_jd/2)x_d² + l_jd x_d with a fixed unbiased code.
    public struct Training: Record {
        /// p_i.
        public var probabilities: [Rational]
        /// c_ij, unbiased.
        public var coefficients: [[Rational]]
        /// h, one row a partition, not negative.
        public var curvatures: [[Rational]]
        /// l, the gradients at 0, likewise.
        public var slopes: [[Rational]]
        /// x_0.
        public var start: [Rational]
        /// T.
        public var iterations: Int

        /// A training.
        public init(
            probabilities: [Rational], coefficients: [[Rational]], curvatures: [[Rational]], slopes: [[Rational]],
            start: [Rational], iterations: Int
        ) {
            self.probabilities = probabilities
            self.coefficients = coefficients
            self.curvatures = curvatures
            self.slopes = slopes
            self.start = start
            self.iterations = iterations
        }

        /// The fields.
        public static let shape = Shape(
            Self.init(probabilities:coefficients:curvatures:slopes:start:iterations:),
            Field("probabilities", \.probabilities, "straggling probabilities, one a worker"),
            Field("coefficients", \.coefficients, "c_ij, one row a worker, unbiased"),
            Field("curvatures", \.curvatures, "h, one row a partition, one number a coordinate, not negative"),
            Field("slopes", \.slopes, "l, the gradients at 0, likewise"), Field("start", \.start, "x_0"),
            Field("iterations", \.iterations, "T, 0…64"))

        /// When it is refused, whatever is asked about it.
        static let refusals = [
            RefusalRule(
                .invalidParameters,
                "no worker, partition or coordinate; T outside 0…64; a step that is not positive, or outside the range of the theorem; a negative curvature, or a coordinate without any; a biased code"
            ),
            RefusalRule(
                .dimensionMismatch,
                "rows of different lengths; not one probability a worker, one row of curvatures and slopes a partition, one number a coordinate"
            ),
            RefusalRule(.invalidProbability, "a probability outside [0, 1], or with a term beyond 64 bits"),
        ]
    }

    /// `heterogeneous.trajectory`: exact moments of the model.
    public struct Trajectory: Question {
        /// The training.
        public var training: Training
        /// η.
        public var step: Rational

        /// A question.
        public init(training: Training, step: Rational) {
            self.training = training
            self.step = step
        }

        /// The moments.
        public struct Answer: Record {
            /// E e_t, one row an iteration.
            public var means: [[Rational]]
            /// E D_t.
            public var squaredDistances: [Rational]

            /// An answer.
            public init(means: [[Rational]], squaredDistances: [Rational]) {
                self.means = means
                self.squaredDistances = squaredDistances
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("means", \.means, "E(x_t − x*), t = 0…T, one number a coordinate"),
                Field("squaredDistances", \.squaredDistances, "E‖x_t − x*‖², t = 0…T"))
        }

        /// `heterogeneous.trajectory`
        public static let name = "heterogeneous.trajectory"
        /// What is asked.
        public static let summary = "Exact moments of the model while training on quadratics."
        /// Where it is defined.
        public static let section = "HeterogeneousGradientCode.md#theorem-c0"
        /// When it is refused.
        public static let refusals = Training.refusals
        /// The fields.
        public static let shape = Shape(
            Self.init(training:step:), Field("training", \.training, "losses and code"), Field("step", \.step, "η"))
    }

    /// `heterogeneous.convergence`: exact moments against a bound.
    public struct Convergence: Question {
        /// The bounds (`docs/HeterogeneousGradientCode.md#convergence`).
        public enum Theorem: String, Choice {
            /// Theorem C1.
            case stronglyConvex
            /// Theorem C1′, with the steps it prescribes.
            case decreasingSteps
            /// Theorem C1″.
            case smallSteps
            /// Theorem C2.
            case boundedNoise
            /// Theorem C3.
            case nonConvex
        }

        /// The theorem.
        public var theorem: Theorem
        /// The training.
        public var training: Training
        /// η; absent for decreasing steps.
        public var step: Rational?
        /// θ of C1 and C1″; 1 when absent.
        public var theta: Rational?
        /// What the bound is multiplied by; 1 when absent.
        public var factor: Rational?

        /// A question.
        public init(
            _ theorem: Theorem, training: Training, step: Rational?, theta: Rational? = nil, factor: Rational? = nil
        ) {
            self.theorem = theorem
            self.training = training
            self.step = step
            self.theta = theta
            self.factor = factor
        }

        /// Both sides.
        public struct Answer: Record {
            /// E‖x_T − x*‖²; the mean of E‖∇f(x_t)‖² over t < T for nonConvex.
            public var measured: Rational
            /// The theorem's right side, times the factor.
            public var bound: Rational

            /// An answer.
            public init(measured: Rational, bound: Rational) {
                self.measured = measured
                self.bound = bound
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("measured", \.measured, "E‖x_T − x*‖²; nonConvex: the mean of E‖∇f(x_t)‖² over t < T"),
                Field("bound", \.bound, "the theorem's right side, times the factor"))
        }

        /// `heterogeneous.convergence`
        public static let name = "heterogeneous.convergence"
        /// What is asked.
        public static let summary = "The exact error of training on quadratics beside a theorem's bound."
        /// Where it is defined.
        public static let section = "HeterogeneousGradientCode.md#convergence"
        /// When it is refused.
        public static let refusals =
            [
                RefusalRule(
                    .invalidParameters,
                    Training.refusals[0].condition
                        + "; a step missing, or given for decreasingSteps; θ ≤ 0, or θ = 0 with noise at the minimiser; for boundedNoise and nonConvex a noise that depends on the model; T = 0 for nonConvex"
                )
            ] + Training.refusals.dropFirst()
        /// The fields.
        public static let shape = Shape(
            Self.init(_:training:step:theta:factor:), Field("theorem", \.theorem, "the theorem"),
            Field("training", \.training, "losses and code"),
            Field("step", \.step, "η; absent for decreasingSteps"),
            Field("theta", \.theta, "θ of C1 and C1″; 1 when absent"),
            Field("factor", \.factor, "what the bound is multiplied by; 1 when absent"))
    }
}
