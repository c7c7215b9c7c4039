public import ExactArithmetic
import GradientCodes

/// A gradient code as the protocol describes it: a named construction with its parameters, or an explicit matrix.
public struct CodeDescriptor: Record {
    /// The named constructions (`docs/GradientCode.md#constructions`).
    public enum Kind: String, Choice {
        /// B = I.
        case uncoded
        /// Fractional repetition; balanced when `partitions` is given.
        case fractionalRepetition
        /// The 0/1 circulant.
        case crcOnes
        /// The cyclic code with integer entries.
        case crcZ
        /// The tight cyclic code with integer entries.
        case crcZt
        /// The cyclic code with rational nodes, given or computed.
        case crcQ
        /// A circulant with a given window.
        case circulant
        /// The cyclic code of a matrix H.
        case nullSpace
        /// Independent random entries.
        case bernoulli
        /// Workers are the edges of a graph.
        case graph
        /// Stochastic gradient coding.
        case stochastic
    }

    /// The construction; absent with an explicit matrix.
    public var kind: Kind?
    /// Number of workers n.
    public var workers: Int?
    /// Stragglers tolerated, s.
    public var stragglers: Int?
    /// Number of partitions k, where it is not n.
    public var partitions: Int?
    /// D, the denominator of the nodes of crcQ.
    public var resolution: Int?
    /// The numerators of the nodes of crcQ.
    public var nodes: [Int]?
    /// b_0, …, b_s of a circulant.
    public var window: [Int]?
    /// H, s rows of n integers.
    public var parityCheck: [[Int]]?
    /// δ of a Bernoulli code.
    public var density: Rational?
    /// The seed of a Bernoulli code.
    public var seed: Seed?
    /// The two vertices of each worker of a graph.
    public var edges: [[Int]]?
    /// The allocation of stochastic gradient coding: one row a worker, 0 or 1.
    public var allocation: [[Int]]?
    /// p of stochastic gradient coding.
    public var straggling: Rational?
    /// An explicit encoding matrix: one row a worker, one column a partition.
    public var matrix: [[Rational]]?

    /// Any combination, also a wrong one.
    public init(
        kind: Kind? = nil, workers: Int? = nil, stragglers: Int? = nil, partitions: Int? = nil, resolution: Int? = nil,
        nodes: [Int]? = nil, window: [Int]? = nil, parityCheck: [[Int]]? = nil, density: Rational? = nil,
        seed: Seed? = nil, edges: [[Int]]? = nil, allocation: [[Int]]? = nil, straggling: Rational? = nil,
        matrix: [[Rational]]? = nil
    ) {
        self.kind = kind
        self.workers = workers
        self.stragglers = stragglers
        self.partitions = partitions
        self.resolution = resolution
        self.nodes = nodes
        self.window = window
        self.parityCheck = parityCheck
        self.density = density
        self.seed = seed
        self.edges = edges
        self.allocation = allocation
        self.straggling = straggling
        self.matrix = matrix
    }

    /// A named construction.
    public init(_ kind: Kind, workers: Int, stragglers: Int, partitions: Int? = nil) {
        self.init(kind: kind, workers: workers, stragglers: stragglers, partitions: partitions)
    }

    /// An explicit matrix.
    public init(_ matrix: RationalMatrix) { self.init(matrix: matrix.rowVectors) }

    /// The fields.
    public static let shape = Shape(
        Self.init(
            kind:workers:stragglers:partitions:resolution:nodes:window:parityCheck:density:seed:edges:allocation:
            straggling:matrix:),
        Field("kind", \.kind, "a named construction"), Field("workers", \.workers, "its number of workers n"),
        Field("stragglers", \.stragglers, "the stragglers s it tolerates"),
        Field("partitions", \.partitions, "k of balanced fractionalRepetition, bernoulli and graph"),
        Field("resolution", \.resolution, "D of crcQ; 64 for n ≤ 16, else the least power of two ≥ 4n"),
        Field("nodes", \.nodes, "node numerators of crcQ, n of them; computed when absent"),
        Field("window", \.window, "b_0 … b_s of circulant"),
        Field("parityCheck", \.parityCheck, "H of nullSpace: s rows of n integers"),
        Field("density", \.density, "δ of bernoulli"), Field("seed", \.seed, "of bernoulli"),
        Field("edges", \.edges, "of graph: the two partitions of each worker"),
        Field("allocation", \.allocation, "of stochastic: one row a worker, 1 where it holds the partition"),
        Field("straggling", \.straggling, "p of stochastic"),
        Field("matrix", \.matrix, "or an explicit matrix: one row a worker, one column a partition"))

    /// The refusals of every operation that takes a code.
    static let refusals = [
        RefusalRule(
            .invalidParameters,
            "neither or both of kind and matrix; a parameter missing or out of its range; n ≤ 0, k ≤ 0, s < 0 or s ≥ n; n or k > 1024; an empty matrix; a circulant or H that does not tolerate s stragglers, or has more than 2^14 sets of n − s workers"
        ),
        RefusalRule(
            .dimensionMismatch,
            "the rows of the matrix, of H or of the allocation differ in length; not n nodes, s + 1 coefficients or 2 vertices"
        ),
        RefusalRule(.nonDivisible, "strict fractionalRepetition or crcOnes when s + 1 does not divide n"),
        RefusalRule(.nodesNotSorted, "the nodes of crcQ do not increase strictly"),
        RefusalRule(.infeasiblePartition, "a partition of the allocation that nobody holds"),
        RefusalRule(.indexOutOfRange, "an edge that ends at no vertex"),
        RefusalRule(.invalidProbability, "density not in (0, 1], straggling not in [0, 1), or a term beyond 64 bits"),
    ]

    /// The same, for operations that also take responders.
    static let respondersRefusals: [RefusalRule] =
        refusals + [
            RefusalRule(.indexOutOfRange, "a responder is not in 0 ..< n"),
            RefusalRule(.duplicateWorker, "a responder is listed twice"),
        ]
}
