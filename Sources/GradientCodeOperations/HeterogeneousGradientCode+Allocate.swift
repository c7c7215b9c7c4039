public import ExactArithmetic
public import GradientCodes

extension HeterogeneousGradientCode {
    /// `heterogeneous.allocate`: who holds what.
    public struct Allocate: Question {
        /// The strategies (`docs/HeterogeneousGradientCode.md#data-allocation`).
        public enum Strategy: String, Choice {
            /// Longest processing time first.
            case lpt
            /// Windows.
            case cyclic
            /// Few copies for a target.
            case minimumRedundancy
            /// All choices of tiny sizes.
            case exact
        }

        /// What became of it.
        public enum Status: String, Choice {
            /// There is an allocation.
            case complete
            /// No allocation reaches the target, which is certain.
            case infeasible
            /// The strategy did not reach the target, which says nothing about others.
            case greedyFailed
        }

        /// The strategy.
        public var strategy: Strategy
        /// p_i.
        public var probabilities: [Rational]
        /// m.
        public var partitions: Int
        /// ℓ_i, the most partitions of each worker.
        public var loads: [Int]?
        /// τ; needed by minimumRedundancy.
        public var target: Rational?

        /// A question.
        public init(
            _ strategy: Strategy, probabilities: [Rational], partitions: Int, loads: [Int]?, target: Rational? = nil
        ) {
            self.strategy = strategy
            self.probabilities = probabilities
            self.partitions = partitions
            self.loads = loads
            self.target = target
        }

        /// The allocation and what certifies it.
        public struct Answer: Record {
            /// What became of it.
            public var status: Status
            /// One row a worker; null unless complete.
            public var allocation: [[Int]]?
            /// S_j.
            public var oddsSums: [ExtendedRational]?
            /// Σ_j 1/S_j.
            public var residual: Rational?
            /// T.
            public var copies: Int?
            /// max_i |A_i|.
            public var largestLoad: Int?
            /// (a + b)²/(4ab).
            public var factor: Rational?
            /// T_LB.
            public var lowerBound: Int?

            /// An answer.
            public init(
                status: Status, allocation: [[Int]]?, oddsSums: [ExtendedRational]? = nil, residual: Rational? = nil,
                copies: Int? = nil, largestLoad: Int? = nil, factor: Rational? = nil, lowerBound: Int? = nil
            ) {
                self.status = status
                self.allocation = allocation
                self.oddsSums = oddsSums
                self.residual = residual
                self.copies = copies
                self.largestLoad = largestLoad
                self.factor = factor
                self.lowerBound = lowerBound
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(
                    status:allocation:oddsSums:residual:copies:largestLoad:factor:lowerBound:),
                Field("status", \.status, "what became of it"),
                Field("allocation", \.allocation, "one row a worker; null unless complete", null: true),
                Field("oddsSums", \.oddsSums, "S_j; optional"), Field("residual", \.residual, "Σ_j 1/S_j; optional"),
                Field("copies", \.copies, "T; optional"),
                Field("largestLoad", \.largestLoad, "max_i |A_i|; optional"),
                Field("factor", \.factor, "(a + b)²/(4ab), null where an S_j is inf; optional"),
                Field("lowerBound", \.lowerBound, "T_LB of minimumRedundancy, null where no t exists; optional"))
        }

        /// What a right answer says.
        public struct Expected: Record {
            /// The documented answer, compared in wire.
            public var answer: Answer
            /// Whether the target can be reached at all; null where that was not decided.
            public var isFeasible: Bool?
            /// The least residual of `exact`.
            public var leastResidual: Rational?
            /// The fewest copies of `exact`.
            public var fewestCopies: Int?

            /// An expectation.
            public init(
                answer: Answer, isFeasible: Bool? = nil, leastResidual: Rational? = nil, fewestCopies: Int? = nil
            ) {
                self.answer = answer
                self.isFeasible = isFeasible
                self.leastResidual = leastResidual
                self.fewestCopies = fewestCopies
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(answer:isFeasible:leastResidual:fewestCopies:),
                Field("answer", \.answer, "the documented answer, compared in wire"),
                Field("isFeasible", \.isFeasible, "whether the target can be reached"),
                Field("leastResidual", \.leastResidual, "the least residual of exact"),
                Field("fewestCopies", \.fewestCopies, "the fewest copies of exact"))
        }

        /// `heterogeneous.allocate`
        public static let name = "heterogeneous.allocate"
        /// What is asked.
        public static let summary = "An allocation by a strategy, with what certifies it."
        /// Where it is defined.
        public static let section = "HeterogeneousGradientCode.md#data-allocation"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters,
                "no worker or partition; loads missing, or outside 0…m; a target ≤ 0, or missing for minimumRedundancy; exact with more than 10⁶ choices"
            ),
            RefusalRule(.dimensionMismatch, "not one load a worker"),
            RefusalRule(.invalidProbability, "a probability outside [0, 1], or with a term beyond 64 bits"),
            RefusalRule(
                .infeasiblePartition,
                "lpt or exact without target: fewer copies than partitions; cyclic: a partition that only workers with p = 1 hold, or nobody"
            ),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(_:probabilities:partitions:loads:target:), Field("strategy", \.strategy, "the strategy"),
            Field("probabilities", \.probabilities, "straggling probabilities, one a worker"),
            Field("partitions", \.partitions, "m"),
            Field("loads", \.loads, "ℓ_i, the most partitions of each worker"),
            Field("target", \.target, "τ: S_j ≥ τ for all j"))

        /// Any allocation that keeps the strategy's promises is right in core.
        public static func verdict(of expected: Expected) -> Verdict { .relation }
    }

    /// `heterogeneous.allocateBits`: bits of the workers' quantisers.
    public struct AllocateBits: Question {
        /// p_i.
        public var probabilities: [Rational]
        /// κ: δ_i = κ/(2^{b_i} − 1)².
        public var kappa: Rational
        /// The most bits in all.
        public var budget: Int
        /// The most bits of one worker.
        public var maximum: Int

        /// A question.
        public init(probabilities: [Rational], kappa: Rational, budget: Int, maximum: Int) {
            self.probabilities = probabilities
            self.kappa = kappa
            self.budget = budget
            self.maximum = maximum
        }

        /// The bits.
        public struct Answer: Record {
            /// b_i.
            public var bits: [Int]
            /// Their gain.
            public var gain: Number

            /// An answer.
            public init(bits: [Int], gain: Number) {
                self.bits = bits
                self.gain = gain
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("bits", \.bits, "b_i, one a worker"),
                Field("gain", \.gain, "Σ q_i/(p_i + δ_i) over workers with bits"))
        }

        /// What a right answer says.
        public struct Expected: Record {
            /// The greatest gain.
            public var gain: Rational

            /// An expectation.
            public init(gain: Rational) { self.gain = gain }

            /// One field.
            public static let shape = Shape(Self.init, Field("gain", \.gain, "the greatest gain"))
        }

        /// `heterogeneous.allocateBits`
        public static let name = "heterogeneous.allocateBits"
        /// What is asked.
        public static let summary = "The bits of quantisers with the greatest gain."
        /// Where it is defined.
        public static let section = "HeterogeneousGradientCode.md#bit-allocation"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(.invalidParameters, "no worker; κ ≤ 0; a negative budget; a maximum below 1"),
            RefusalRule(.invalidProbability, "a probability outside [0, 1], or with a term beyond 64 bits"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(probabilities:kappa:budget:maximum:),
            Field("probabilities", \.probabilities, "straggling probabilities, one a worker"),
            Field("kappa", \.kappa, "κ"), Field("budget", \.budget, "the most bits in all"),
            Field("maximum", \.maximum, "the most bits of one worker"))

        /// Any bits with the greatest gain are right.
        public static func verdict(of expected: Expected) -> Verdict { .relation }
    }
}
