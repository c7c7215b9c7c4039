/// Which worker holds which data partition: a 0/1 matrix S of N workers (rows) by M partitions (columns).
///
/// Every partition is held by at least one worker; a worker may hold none. Stored as one bit set of workers per
/// partition, because balance is a statement about pairs of partitions.
///
/// See docs/notation.md#allocations.
public struct Allocation: Hashable, Sendable {
    /// The largest N · M an allocation may have, 2²⁶.
    public static let maximumEntries = 1 << 26

    /// N, the number of workers; 1...``GradientCode/maximumWorkers``.
    public let workers: Int
    /// M, the number of partitions; 1...``GradientCode/maximumPartitions``.
    public let partitions: Int

    /// Bit i mod 64 of word `k * wordsPerPartition + i / 64` says whether worker i holds partition k.
    let bits: [UInt64]
    var wordsPerPartition: Int { Allocation.words(forWorkers: workers) }

    /// The allocation whose row i lists, partition by partition, whether worker i holds it (1) or not (0).
    ///
    /// - Throws: `invalidParameters` if there is no row, the first row is empty, a size limit is exceeded or an entry
    ///   is neither 0 nor 1; else `dimensionMismatch` if the rows differ in length; else `infeasiblePartition` if a
    ///   partition is held by nobody.
    public init(_ rows: [[Int]]) throws(Refusal) {
        let partitions = rows.first?.count ?? 0
        try Allocation.validate(workers: rows.count, partitions: partitions)
        for (worker, row) in rows.enumerated() {
            guard let entry = row.first(where: { $0 != 0 && $0 != 1 }) else { continue }
            throw Refusal(.invalidParameters, "entry \(entry) in row \(worker) of an allocation; expected 0 or 1")
        }
        if let worker = rows.firstIndex(where: { $0.count != partitions }) {
            throw Refusal(
                .dimensionMismatch,
                "row \(worker) of an allocation has \(rows[worker].count) entries; expected \(partitions) as in row 0")
        }
        try self.init(workers: rows.count, partitions: partitions) { partition in
            rows.indices.filter { rows[$0][partition] == 1 }
        }
    }

    /// The allocation in which partition k is held by the workers `holders(k)`, which have to exist.
    ///
    /// - Throws: `invalidParameters` if a size limit is exceeded; else `infeasiblePartition` if a partition is held by
    ///   nobody. `holders` is not called before the sizes are known to be legal.
    package init(workers: Int, partitions: Int, holders: (_ partition: Int) -> [Int]) throws(Refusal) {
        try Allocation.validate(workers: workers, partitions: partitions)
        let stride = Allocation.words(forWorkers: workers)
        var bits = [UInt64](repeating: 0, count: partitions * stride)
        for partition in 0..<partitions {
            let holders = holders(partition)
            guard !holders.isEmpty else {
                throw Refusal(.infeasiblePartition, "partition \(partition) is held by nobody; expected a worker")
            }
            for worker in holders { bits[partition * stride + worker / 64] |= 1 << (worker % 64) }
        }
        self.workers = workers
        self.partitions = partitions
        self.bits = bits
    }

    /// Whether `worker` holds `partition`: S_ik = 1. Both indices must exist.
    public func holds(worker: Int, partition: Int) -> Bool {
        precondition(0..<workers ~= worker && 0..<partitions ~= partition, "worker \(worker), partition \(partition)")
        return bits[partition * wordsPerPartition + worker / 64] >> (worker % 64) & 1 == 1
    }

    /// The partitions of one worker, ascending; possibly none.
    public func partitions(of worker: Int) -> [Int] {
        (0..<partitions).filter { holds(worker: worker, partition: $0) }
    }

    /// The workers that hold one partition, ascending; at least one.
    public func workers(of partition: Int) -> [Int] {
        (0..<workers).filter { holds(worker: $0, partition: partition) }
    }

    /// The matrix itself, worker by worker, in zeros and ones.
    public var rows: [[Int]] {
        (0..<workers).map { worker in
            (0..<partitions).map { holds(worker: worker, partition: $0) ? 1 : 0 }
        }
    }

    private static func words(forWorkers workers: Int) -> Int { (workers + 63) / 64 }

    /// - Throws: `invalidParameters` unless N, M and N · M are within their limits.
    static func validate(workers: Int, partitions: Int) throws(Refusal) {
        try GradientCode.validate(workers: workers)
        try GradientCode.validate(partitions: partitions)
        guard workers * partitions <= maximumEntries else {
            throw Refusal(
                .invalidParameters,
                "allocation of \(workers) by \(partitions); expected at most \(maximumEntries) entries")
        }
    }
}
