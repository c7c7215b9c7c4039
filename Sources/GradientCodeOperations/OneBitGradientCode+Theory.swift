public import ExactArithmetic
public import GradientCodes

extension OneBitGradientCode {
    /// `oneBit.moments`: mean and covariance of the update.
    public struct Moments: Question {
        /// One row a worker, 1 where it holds the subset.
        public var allocation: [[Int]]
        /// Straggling probabilities of independent workers.
        public var probabilities: [Rational]?
        /// Or: exactly this many stragglers, every set equally likely.
        public var stragglers: Int?
        /// W, where it is not the standard one.
        public var weights: [[Rational]]?
        /// ∇f_k, one a subset.
        public var gradients: [[Rational]]
        /// B, one row for all workers or one a worker, each of one number or of D; absent in mode S.
        public var ranges: [[Rational]]?

        /// A question.
        public init(
            allocation: [[Int]], probabilities: [Rational]? = nil, stragglers: Int? = nil,
            weights: [[Rational]]? = nil, gradients: [[Rational]], ranges: [[Rational]]?
        ) {
            self.allocation = allocation
            self.probabilities = probabilities
            self.stragglers = stragglers
            self.weights = weights
            self.gradients = gradients
            self.ranges = ranges
        }

        /// The moments.
        public struct Answer: Record {
            /// E Y.
            public var mean: [Rational]
            /// Cov Y.
            public var covariance: [[Rational]]
            /// The trace of its first part, which stragglers cause.
            public var stragglerPart: Rational
            /// The trace of its second part, which the quantiser causes.
            public var quantiserPart: Rational

            /// An answer.
            public init(
                mean: [Rational], covariance: [[Rational]], stragglerPart: Rational, quantiserPart: Rational
            ) {
                self.mean = mean
                self.covariance = covariance
                self.stragglerPart = stragglerPart
                self.quantiserPart = quantiserPart
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("mean", \.mean, "E Y"), Field("covariance", \.covariance, "Cov Y"),
                Field("stragglerPart", \.stragglerPart, "the trace of the part that stragglers cause"),
                Field("quantiserPart", \.quantiserPart, "the trace of the part that the quantiser causes"))
        }

        /// `oneBit.moments`
        public static let name = "oneBit.moments"
        /// What is asked.
        public static let summary = "Mean and covariance of the update, exact."
        /// Where it is defined.
        public static let section = "OneBitGradientCode.md#moments"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters,
                "no worker, subset or coordinate; an entry other than 0 and 1; neither or both of probabilities and stragglers; stragglers outside 0 ..< N; a range that is 0 or negative; weights where nothing is held, or with Σ_i q_i W_ik ≠ 1"
            ),
            RefusalRule(
                .dimensionMismatch,
                "rows of different lengths; not one probability a worker, one gradient a subset, 1 or N rows of 1 or D ranges"
            ),
            RefusalRule(.infeasiblePartition, "a subset that nobody holds"),
            RefusalRule(.invalidProbability, "a probability outside [0, 1), or with a term beyond 64 bits"),
            RefusalRule(.outOfRange, "|g_ij| > B_ij"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(allocation:probabilities:stragglers:weights:gradients:ranges:),
            Field("allocation", \.allocation, "one row a worker, 1 where it holds the subset"),
            Field("probabilities", \.probabilities, "straggling probabilities of independent workers"),
            Field("stragglers", \.stragglers, "or: exactly so many stragglers"),
            Field("weights", \.weights, "one row a worker; 1/(d_k q_i) when absent"),
            Field("gradients", \.gradients, "one gradient a subset"),
            Field("ranges", \.ranges, "B: one row for all workers or one a worker, of 1 or D numbers; absent in mode S")
        )
    }

    /// A loss Σ_j a_kj φ(θ_j − z_kj) of each subset k.
    public struct Loss: Record {
        /// φ.
        public enum Kind: String, Choice {
            /// x²/2.
            case quadratic
            /// x²/2 for |x| ≤ 1, else |x| − 1/2.
            case huber
            /// |x|, with the subgradient 0 at 0.
            case absolute
        }
        /// φ.
        public var kind: Kind
        /// a, one row a subset, not negative.
        public var curvatures: [[Rational]]
        /// z, one row a subset.
        public var centres: [[Rational]]

        /// A loss.
        public init(_ kind: Kind, curvatures: [[Rational]], centres: [[Rational]]) {
            self.kind = kind
            self.curvatures = curvatures
            self.centres = centres
        }

        /// The fields.
        public static let shape = Shape(
            Self.init(_:curvatures:centres:), Field("kind", \.kind, "φ: x²/2; Huber's, with threshold 1; |x|"),
            Field("curvatures", \.curvatures, "a, one row a subset, one number a coordinate, not negative"),
            Field("centres", \.centres, "z, likewise"))
    }

    /// `oneBit.convergence`: a run's exact law against a bound.
    public struct Convergence: Question {
        /// The bounds (`docs/OneBitGradientCode.md#convergence`).
        public enum Theorem: String, Choice {
            /// Theorem 5: the mean gap of a smooth convex loss.
            case convex
            /// Theorem 5′: the same with subgradients.
            case nonSmooth
            /// Theorem 6: the squared distance of a strongly convex loss.
            case stronglyConvex
            /// Theorem 7: the mean squared norm of the gradient.
            case nonConvex
        }
        /// The bound.
        public var theorem: Theorem
        /// One row a worker, 1 where it holds the subset.
        public var allocation: [[Int]]
        /// Straggling probabilities, one a worker.
        public var probabilities: [Rational]
        /// W, where it is not the standard one.
        public var weights: [[Rational]]?
        /// B, one or one a coordinate; absent in mode S.
        public var ranges: [Rational]?
        /// The loss.
        public var loss: Loss
        /// θ_0.
        public var start: [Rational]
        /// θ*.
        public var minimiser: [Rational]
        /// γ.
        public var step: Rational
        /// T.
        public var iterations: Int
        /// Multiplies the bound; 1 when absent.
        public var factor: Rational?

        /// A question.
        public init(
            _ theorem: Theorem, allocation: [[Int]], probabilities: [Rational], weights: [[Rational]]? = nil,
            ranges: [Rational]?, loss: Loss, start: [Rational], minimiser: [Rational], step: Rational, iterations: Int,
            factor: Rational? = nil
        ) {
            self.theorem = theorem
            self.allocation = allocation
            self.probabilities = probabilities
            self.weights = weights
            self.ranges = ranges
            self.loss = loss
            self.start = start
            self.minimiser = minimiser
            self.step = step
            self.iterations = iterations
            self.factor = factor
        }

        /// Both sides.
        public struct Answer: Record {
            /// The left side, exact.
            public var measured: Rational
            /// The right side, exact, times the factor.
            public var bound: Rational
            /// Whether the left side is at most the right one.
            public var holds: Bool

            /// An answer.
            public init(measured: Rational, bound: Rational) {
                self.init(measured: measured, bound: bound, holds: measured <= bound)
            }

            /// Any answer, also a wrong one.
            public init(measured: Rational, bound: Rational, holds: Bool) {
                self.measured = measured
                self.bound = bound
                self.holds = holds
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(measured:bound:holds:), Field("measured", \.measured, "the left side, exact"),
                Field("bound", \.bound, "the right side, exact, times the factor"),
                Field("holds", \.holds, "whether measured ≤ bound"))
        }

        /// `oneBit.convergence`
        public static let name = "oneBit.convergence"
        /// What is asked.
        public static let summary =
            "Both sides of a convergence bound, with the exact law of the run and the ideal quantiser."
        /// Where it is defined.
        public static let section = "OneBitGradientCode.md#convergence"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters,
                "as oneBit.moments; no iteration, or more than 64; more than 2^16 reachable points; a step that is not positive, or too large for the theorem; a loss that does not fit the theorem; a negative curvature; a point that is no minimiser"
            ),
            RefusalRule(
                .dimensionMismatch, "as oneBit.moments; curvatures, centres, start, minimiser or ranges that do not fit"
            ),
            RefusalRule(.infeasiblePartition, "a subset that nobody holds"),
            RefusalRule(.invalidProbability, "a probability outside [0, 1), or with a term beyond 64 bits"),
            RefusalRule(.outOfRange, "|g_ij(θ)| > B_j at a reachable θ"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(
                _:allocation:probabilities:weights:ranges:loss:start:minimiser:step:iterations:factor:),
            Field("theorem", \.theorem, "Theorem 5, 5′, 6 or 7"),
            Field("allocation", \.allocation, "one row a worker, 1 where it holds the subset"),
            Field("probabilities", \.probabilities, "straggling probabilities, one a worker"),
            Field("weights", \.weights, "one row a worker; 1/(d_k q_i) when absent"),
            Field("ranges", \.ranges, "B, one or one a coordinate; absent in mode S"),
            Field("loss", \.loss, "f_k(θ) = Σ_j a_kj φ(θ_j − z_kj)"), Field("start", \.start, "θ_0"),
            Field("minimiser", \.minimiser, "θ*"), Field("step", \.step, "γ"),
            Field("iterations", \.iterations, "T"),
            Field("factor", \.factor, "multiplies the bound; 1 when absent"))
    }
}
