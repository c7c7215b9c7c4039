import ExactArithmetic
public import GradientCodes

/// An allocation as the protocol describes it: a family and its parameters.
public struct AllocationDescriptor: Record {
    /// The families (`docs/notation.md#allocations`).
    public enum Kind: String, Choice {
        /// Every worker holds everything.
        case fullReplication
        /// Sylvester's matrices.
        case hadamard
        /// Orthogonal arrays from an affine plane.
        case affinePlane
        /// All digit strings.
        case fullFactorial
        /// A window of consecutive partitions.
        case cyclic
        /// Groups of workers with equal data.
        case fractionalRepetition
        /// Translates of a difference set.
        case differenceSet
        /// Random columns.
        case random
    }

    /// The family.
    public var kind: Kind
    /// Number of workers.
    public var workers: Int?
    /// Number of partitions.
    public var partitions: Int?
    /// Workers a partition.
    public var replication: Int?
    /// The order r or q of the family.
    public var order: Int?
    /// The threshold a of an affine plane.
    public var threshold: Int?
    /// Digits' ranges s_k of a full factorial.
    public var levels: [Int]?
    /// Digits' thresholds h_k of a full factorial.
    public var thresholds: [Int]?
    /// The difference set.
    public var set: [Int]?
    /// Its modulus.
    public var modulus: Int?
    /// Workers of each partition of a random allocation.
    public var replications: [Int]?
    /// The seed of a random allocation.
    public var seed: Seed?
    /// Further partitions held by everybody.
    public var universal: Int?

    /// A descriptor.
    public init(
        _ kind: Kind, workers: Int? = nil, partitions: Int? = nil, replication: Int? = nil, order: Int? = nil,
        threshold: Int? = nil, levels: [Int]? = nil, thresholds: [Int]? = nil, set: [Int]? = nil, modulus: Int? = nil,
        replications: [Int]? = nil, seed: Seed? = nil, universal: Int? = nil
    ) {
        self.kind = kind
        self.workers = workers
        self.partitions = partitions
        self.replication = replication
        self.order = order
        self.threshold = threshold
        self.levels = levels
        self.thresholds = thresholds
        self.set = set
        self.modulus = modulus
        self.replications = replications
        self.seed = seed
        self.universal = universal
    }

    /// The fields.
    public static let shape = Shape(
        Self.init(
            _:workers:partitions:replication:order:threshold:levels:thresholds:set:modulus:replications:seed:universal:),
        Field("kind", \.kind, "the family"), Field("workers", \.workers, "N"), Field("partitions", \.partitions, "M"),
        Field("replication", \.replication, "d: workers a partition"),
        Field("order", \.order, "r of hadamard (N = 2^r), q of affinePlane (N = q²)"),
        Field("threshold", \.threshold, "a of affinePlane"), Field("levels", \.levels, "s_k of fullFactorial"),
        Field("thresholds", \.thresholds, "h_k of fullFactorial"), Field("set", \.set, "Δ of differenceSet"),
        Field("modulus", \.modulus, "v of differenceSet"), Field("replications", \.replications, "d_k of random"),
        Field("seed", \.seed, "of random"), Field("universal", \.universal, "further partitions held by all; 0"))
}

extension Allocation {
    /// `allocation.build`: a family's matrix.
    public struct Build: Question {
        /// The family.
        public var descriptor: AllocationDescriptor

        /// A question.
        public init(descriptor: AllocationDescriptor) { self.descriptor = descriptor }

        /// The matrix.
        public struct Answer: Record {
            /// Worker-major, 0 or 1.
            public var allocation: [[Int]]

            /// An answer.
            public init(allocation: [[Int]]) { self.allocation = allocation }

            /// One field.
            public static let shape = Shape(
                Self.init, Field("allocation", \.allocation, "one row a worker, 1 where it holds the partition"))
        }

        /// `allocation.build`
        public static let name = "allocation.build"
        /// What is asked.
        public static let summary = "The allocation of a family."
        /// Where it is defined.
        public static let section = "notation.md#allocations"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(.invalidParameters, "a parameter of the family is missing or out of its range"),
            RefusalRule(.dimensionMismatch, "levels and thresholds differ in number"),
            RefusalRule(.infeasiblePartition, "a partition would be held by nobody"),
            RefusalRule(.nonDivisible, "the groups of fractionalRepetition do not divide workers or partitions"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("descriptor", \.descriptor, "the family and its parameters"))
    }

    /// `allocation.report`: loads, replication and balance of any allocation.
    public struct Report: Question {
        /// Worker-major, 0 or 1.
        public var allocation: [[Int]]

        /// A question.
        public init(allocation: [[Int]]) { self.allocation = allocation }

        /// The report.
        public struct Answer: Record {
            /// max over k ≠ l of |λ_kl − d_k d_l / N|.
            public var gap: Number
            /// Partitions a worker.
            public var loads: [Int]
            /// Workers a partition.
            public var replication: [Int]

            /// An answer.
            public init(gap: Number, loads: [Int], replication: [Int]) {
                self.gap = gap
                self.loads = loads
                self.replication = replication
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("gap", \.gap, "max over k ≠ l of |λ_kl − d_k d_l / N|; 0 for one partition"),
                Field("loads", \.loads, "partitions of each worker"),
                Field("replication", \.replication, "workers of each partition"))
        }

        /// Loads and replication are compared, the gap exactly or as a double (`docs/numerics.md#balance-gap`).
        public static func mismatch(of answer: Answer, with expected: Answer, to question: Report, profile: Profile)
            -> Mismatch?
        {
            guard answer.loads == expected.loads, answer.replication == expected.replication,
                let gap = expected.gap.value
            else { return Mismatch(expected: expected, received: answer) }
            return answer.gap.mismatch(
                with: gap, binary64Bound: Rational(question.allocation.count) * Rational(2).power(-51))
        }

        /// `allocation.report`
        public static let name = "allocation.report"
        /// What is asked.
        public static let summary = "Loads, replication and the exact balance gap of an allocation."
        /// Where it is defined.
        public static let section = "notation.md#allocations"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(.invalidParameters, "no worker, no partition, or an entry other than 0 and 1"),
            RefusalRule(.dimensionMismatch, "rows of different lengths"),
            RefusalRule(.infeasiblePartition, "a partition held by nobody"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("allocation", \.allocation, "one row a worker, 1 where it holds the partition"))
    }
}
