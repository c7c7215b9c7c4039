/// A cyclic repetition code: worker i combines the s + 1 partitions from i on, cyclically, and k = n.
///
/// The coefficients are chosen so that any n − s workers recover the sum. The support is the same for every
/// construction; the entries belong to the encoding matrix, not to this type.
///
/// See docs/GradientCode.md.
public struct CyclicRepetitionCode: Hashable, Sendable {
    /// Where the coefficients come from.
    public enum Construction: Hashable, Sendable {
        /// CRC-Z: products of two binomial coefficients, from interpolation at the integer nodes 0, 1, …, n − 1.
        case integers
    }

    /// n, the number of workers and of partitions.
    public let workers: Int
    /// s, the number of stragglers tolerated, in `0..<workers`.
    public let stragglers: Int
    /// Where the coefficients come from.
    public let construction: Construction

    /// The code for `workers` workers that tolerates any `stragglers` stragglers.
    ///
    /// - Throws: `invalidParameters` if n < 1 or exceeds ``GradientCode/maximumWorkers``, s < 0 or s ≥ n.
    public init(workers: Int, stragglers: Int, construction: Construction = .integers) throws(Refusal) {
        try GradientCode.validate(workers: workers, stragglers: stragglers)
        self.workers = workers
        self.stragglers = stragglers
        self.construction = construction
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
