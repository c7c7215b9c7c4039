public import ExactArithmetic
public import GradientCodes

extension CodeDescriptor {
    /// What a descriptor stands for.
    public enum Resolved: Hashable, Sendable {
        /// A named construction.
        case named(GradientCode)
        /// An explicit matrix.
        case matrix(RationalMatrix)

        /// n.
        public var workers: Int {
            switch self {
            case .named(let code): code.workers
            case .matrix(let matrix): matrix.rows
            }
        }

        /// k.
        public var partitions: Int {
            switch self {
            case .named(let code): code.partitions
            case .matrix(let matrix): matrix.columns
            }
        }
    }

    /// The most workers or partitions of a code that the protocol speaks of.
    public static let maximumSize = 1024

    /// n as far as the descriptor names it, well-formed or not.
    public var claimedWorkers: Int? {
        switch kind {
        case nil: matrix?.count
        case .graph: edges?.count
        case .stochastic: allocation?.count
        default: workers
        }
    }

    /// k as far as the descriptor names it, well-formed or not.
    private var claimedPartitions: Int? {
        switch kind {
        case nil: matrix?.first?.count
        case .stochastic: allocation?.first?.count
        default: partitions
        }
    }

    /// The construction or matrix described.
    ///
    /// - Throws: `invalidParameters` when neither or both are given, a parameter is missing or out of range, or the
    ///   matrix is empty; `dimensionMismatch` when it is ragged; else what the construction throws.
    public func resolved() throws(Refusal) -> Resolved {
        guard (claimedWorkers ?? 0) <= Self.maximumSize, (claimedPartitions ?? 0) <= Self.maximumSize else {
            throw Refusal(.invalidParameters, "more than \(Self.maximumSize) workers or partitions")
        }
        switch (kind, matrix) {
        case (nil, let rows?):
            guard let width = rows.first?.count, width > 0 else {
                throw Refusal(.invalidParameters, "the encoding matrix has no row or no column")
            }
            guard let matrix = RationalMatrix(rows) else {
                throw Refusal(.dimensionMismatch, "the rows of the encoding matrix differ in length")
            }
            return .matrix(matrix)
        case (let kind?, nil):
            return .named(try named(kind))
        default:
            throw Refusal(.invalidParameters, "expected either kind or matrix")
        }
    }

    private func named(_ kind: Kind) throws(Refusal) -> GradientCode {
        func required<Value>(_ value: Value?, _ name: String) throws(Refusal) -> Value {
            guard let value else { throw Refusal(.invalidParameters, "\(kind.rawValue) needs \(name)") }
            return value
        }
        func workers() throws(Refusal) -> Int { try required(self.workers, "workers") }
        func stragglers() throws(Refusal) -> Int { try required(self.stragglers, "stragglers") }
        func cyclic(_ construction: CyclicRepetitionCode.Construction) throws(Refusal) -> GradientCode {
            try requireSquare(kind)
            return .cyclicRepetition(
                try CyclicRepetitionCode(workers: workers(), stragglers: stragglers(), construction: construction))
        }
        switch kind {
        case .uncoded:
            try requireSquare(kind)
            return .fractionalRepetition(try FractionalRepetitionCode(workers: workers(), stragglers: 0))
        case .fractionalRepetition:
            guard let partitions else {
                return .fractionalRepetition(
                    try FractionalRepetitionCode(workers: workers(), stragglers: stragglers()))
            }
            return .fractionalRepetition(
                try FractionalRepetitionCode(workers: workers(), stragglers: stragglers(), partitions: partitions))
        case .crcOnes: return try cyclic(.ones)
        case .crcZ: return try cyclic(.integers)
        case .crcZt: return try cyclic(.tightIntegers)
        case .crcQ:
            let chosen = CyclicRepetitionCode.defaultResolution(workers: try workers())
            return try cyclic(
                nodes.map { .nodes($0, resolution: resolution ?? chosen) }
                    ?? .cotangents(resolution: resolution ?? chosen))
        case .circulant: return try cyclic(.circulant(required(window, "window")))
        case .nullSpace:
            try requireSquare(kind)
            return .nullSpace(
                try NullSpaceCode(workers: workers(), parityCheck: required(parityCheck, "parityCheck")))
        case .bernoulli:
            let (seed, density) = (try required(seed, "seed"), try required(density, "density"))
            let (n, k) = (try workers(), try required(partitions, "partitions"))
            guard n >= 1, k >= 1 else { throw Refusal(.invalidParameters, "\(n) workers, \(k) partitions") }
            return .bernoulli(
                try BernoulliCode(workers: n, partitions: k, density: Probability(density), seed: seed.value))
        case .graph:
            return .graph(
                try GraphCode(partitions: required(partitions, "partitions"), ends: required(edges, "edges")))
        case .stochastic:
            let (rows, straggling) = (try required(allocation, "allocation"), try required(straggling, "straggling"))
            return .stochastic(
                try StochasticGradientCode(allocation: Allocation(rows), straggling: Probability(straggling)))
        }
    }

    /// Where k is n, it is not given.
    private func requireSquare(_ kind: Kind) throws(Refusal) {
        guard partitions == nil else {
            throw Refusal(.invalidParameters, "\(kind.rawValue) has as many partitions as workers")
        }
    }
}
