public import ExactArithmetic
public import GradientCodes

extension CompressedGradientCode {
    /// `compressed.convergence`: a run's exact law against a bound.
    public struct Convergence: Question {
        /// The bounds (`docs/CompressedGradientCode.md#convergence`).
        public enum Theorem: String, Choice {
            /// Theorem 4: the squared norms of all memories, summed over workers and iterations.
            case memory
            /// Theorem 5: the mean gap of a smooth convex loss.
            case convex
            /// Theorem 6, (7) iterated: the squared distance of the virtual iterate, strongly convex.
            case stronglyConvex
            /// Theorem 7 with c = 1: the mean squared norm of the gradient.
            case nonConvex
        }
        /// The bound.
        public var theorem: Theorem
        /// One row a worker, 1 where it holds the subset.
        public var allocation: [[Int]]
        /// Straggling probabilities, one a worker.
        public var probabilities: [Rational]
        /// C, one with a memory; messages are not rounded.
        public var compressor: CompressorDescriptor
        /// The loss.
        public var loss: OneBitGradientCode.Loss
        /// b, one row a subset; adds ⟨b_k, θ⟩ to f_k.
        public var slopes: [[Rational]]?
        /// θ_0.
        public var start: [Rational]
        /// θ*.
        public var minimiser: [Rational]
        /// γ.
        public var step: Rational
        /// T.
        public var iterations: Int
        /// Multiplies the terms of variance and memory in the bound; 1 when absent.
        public var factor: Rational?

        /// A question.
        public init(
            _ theorem: Theorem, allocation: [[Int]], probabilities: [Rational], compressor: CompressorDescriptor,
            loss: OneBitGradientCode.Loss, slopes: [[Rational]]? = nil, start: [Rational], minimiser: [Rational],
            step: Rational, iterations: Int, factor: Rational? = nil
        ) {
            self.theorem = theorem
            self.allocation = allocation
            self.probabilities = probabilities
            self.compressor = compressor
            self.loss = loss
            self.slopes = slopes
            self.start = start
            self.minimiser = minimiser
            self.step = step
            self.iterations = iterations
            self.factor = factor
        }

        /// Both sides.
        public typealias Answer = OneBitGradientCode.Convergence.Answer

        /// `compressed.convergence`
        public static let name = "compressed.convergence"
        /// What is asked.
        public static let summary = "Both sides of a bound, with the exact law of the run and exact messages."
        /// Where it is defined.
        public static let section = "CompressedGradientCode.md#convergence"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters,
                "\(compressorCondition); a compressor without memory; an entry of the allocation that is not 0 or 1; no iteration, or more than 64; more than 2^16 states; a step that is not positive, or too long for the theorem; a loss that does not fit the theorem; a negative curvature; a point where ∇F is not 0; for memory, 1 − δ that is no square"
            ),
            RefusalRule(
                .dimensionMismatch,
                "rows of different lengths; not one probability a worker; curvatures, centres, slopes or minimiser that do not fit"
            ),
            RefusalRule(.infeasiblePartition, "a subset that nobody holds"),
            RefusalRule(.invalidProbability, "a probability outside [0, 1), or with a term beyond 64 bits"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(
                _:allocation:probabilities:compressor:loss:slopes:start:minimiser:step:iterations:factor:),
            Field("theorem", \.theorem, "Theorem 4, 5, 6 or 7"),
            Field("allocation", \.allocation, "one row a worker, 1 where it holds the subset"),
            Field("probabilities", \.probabilities, "straggling probabilities, one a worker"),
            Field("compressor", \.compressor, "the compressor, one with a memory"),
            Field("loss", \.loss, "f_k(θ) = Σ_j a_kj φ(θ_j − z_kj)"),
            Field("slopes", \.slopes, "b, one row a subset; adds ⟨b_k, θ⟩"), Field("start", \.start, "θ_0"),
            Field("minimiser", \.minimiser, "θ*, where ∇F = 0"), Field("step", \.step, "γ"),
            Field("iterations", \.iterations, "T"),
            Field("factor", \.factor, "multiplies what variance and memory add to the bound; 1 when absent"))
    }
}
