/// A cyclic repetition code: worker i combines the s + 1 partitions from i on, cyclically, and k = n.
///
/// The coefficients are chosen so that any n − s workers recover the sum. The support is the same for every
/// construction; the entries belong to the encoding matrix, not to this type.
///
/// See docs/GradientCode.md.
public struct CyclicRepetitionCode: Hashable, Sendable {
    /// Where the coefficients come from.
    public enum Construction: Hashable, Sendable {
        /// CRC-1: all coefficients are 1; needs s + 1 to divide n.
        case ones
        /// CRC-Z: products of two binomial coefficients, from interpolation at the integer nodes 0, 1, …, n − 1.
        case integers
        /// CRC-Zt: the same construction at the nodes 0, 1, …, n − 2, 2n, which make the code tight for small n.
        case tightIntegers
        /// CRC-Q(D): rational nodes with denominator D = `resolution` close to the cotangents of equally spaced angles.
        case cotangents(resolution: Int)
        /// CRC-Q at the given nodes: strictly increasing numerators, one a worker, over the denominator `resolution`.
        case nodes([Int], resolution: Int)
        /// A circulant: row i is the window b_0, …, b_s moved to i. Few windows are codes (Proposition 7).
        case circulant([Int])
    }

    /// n, the number of workers and of partitions.
    public let workers: Int
    /// s, the number of stragglers tolerated, in `0..<workers`.
    public let stragglers: Int
    /// Where the coefficients come from.
    public let construction: Construction

    /// The largest denominator of a node and the largest magnitude of a numerator, 2⁴⁰.
    public static let maximumResolution = 1 << 40

    /// The code for `workers` workers that tolerates any `stragglers` stragglers.
    ///
    /// Whether a circulant tolerates them is not decided here, but where its matrix is formed.
    ///
    /// - Throws: `invalidParameters` if n < 1 or exceeds ``GradientCode/maximumWorkers``, s < 0 or s ≥ n, a resolution
    ///   is not in 1...``maximumResolution`` or a numerator beyond it, a window begins or ends with 0, or a circulant has
    ///   more than ``GradientCode/maximumVerifiedSets`` sets of n − s workers; else
    ///   `dimensionMismatch` unless there are n nodes, or s + 1 coefficients in a window; else `nonDivisible` if CRC-1
    ///   is asked for although s + 1 does not divide n, and `nodesNotSorted` unless the nodes increase strictly.
    public init(workers: Int, stragglers: Int, construction: Construction = .integers) throws(Refusal) {
        try GradientCode.validate(workers: workers, stragglers: stragglers)
        self.workers = workers
        self.stragglers = stragglers
        self.construction = construction
        switch construction {
        case .integers, .tightIntegers: break
        case .ones:
            guard workers % (stragglers + 1) == 0 else {
                throw Refusal(
                    .nonDivisible,
                    "CRC-1 for \(stragglers) stragglers of \(workers) workers; expected s + 1 to divide n")
            }
        case .cotangents(let resolution): try Self.validate(resolution: resolution)
        case .nodes(let numerators, let resolution):
            try Self.validate(resolution: resolution)
            try Self.validate(numerators: numerators, workers: workers)
        case .circulant(let window):
            try GradientCode.validate(verifiable: workers, stragglers: stragglers)
            try Self.validate(window: window, stragglers: stragglers)
        }
    }

    /// D of CRC-Q where none is chosen: 64 up to 16 workers, then the smallest power of two that is at least 4n.
    public static func defaultResolution(workers: Int) -> Int {
        var resolution = 64
        while workers > 16, resolution < 4 * workers { resolution *= 2 }
        return resolution
    }

    private static func validate(resolution: Int) throws(Refusal) {
        guard 1...maximumResolution ~= resolution else {
            throw Refusal(.invalidParameters, "resolution \(resolution); expected 1...\(maximumResolution)")
        }
    }

    private static func validate(numerators: [Int], workers: Int) throws(Refusal) {
        if let numerator = numerators.first(where: { !(-maximumResolution...maximumResolution ~= $0) }) {
            throw Refusal(.invalidParameters, "node numerator \(numerator); expected at most \(maximumResolution)")
        }
        guard numerators.count == workers else {
            throw Refusal(.dimensionMismatch, "\(numerators.count) nodes for \(workers) workers")
        }
        for j in numerators.indices.dropFirst() where numerators[j] <= numerators[j - 1] {
            throw Refusal(
                .nodesNotSorted,
                "node \(j) is \(numerators[j]) after \(numerators[j - 1]); expected strictly increasing nodes")
        }
    }

    private static func validate(window: [Int], stragglers: Int) throws(Refusal) {
        guard window.first != 0, window.last != 0 else {
            throw Refusal(.invalidParameters, "a window begins and ends with a coefficient other than 0")
        }
        guard window.count == stragglers + 1 else {
            throw Refusal(.dimensionMismatch, "\(window.count) coefficients in a window for s = \(stragglers)")
        }
    }

    /// k, the number of partitions: as many as workers.
    public var partitions: Int { workers }

    /// d = n − s − 1, the degree of the polynomial of a row and the number of its zeros.
    public var degree: Int { workers - stragglers - 1 }

    /// W_i, the partitions of worker i: i, i + 1, …, i + s mod n, in this cyclic order. The worker must exist.
    public func window(of worker: Int) -> [Int] {
        precondition(0..<workers ~= worker, "worker \(worker)")
        return (0...stragglers).map { (worker + $0) % workers }
    }

    /// Z_i, the others: i + s + 1, …, i + n − 1 mod n, in this cyclic order; d of them. The worker must exist.
    public func zeros(of worker: Int) -> [Int] {
        precondition(0..<workers ~= worker, "worker \(worker)")
        return (0..<degree).map { (worker + stragglers + 1 + $0) % workers }
    }
}
