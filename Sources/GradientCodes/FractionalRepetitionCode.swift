/// The fractional repetition code of Tandon et al.: groups of workers that all send the same sum.
///
/// There are G = ⌊n/(s + 1)⌋ groups. Worker i is in group i mod G, partition j in group ⌊j G / k⌋; a worker sends the
/// plain sum of its group's partitions. Every group has at least s + 1 workers, so s stragglers cannot silence one, and
/// the loads of two groups differ by at most one partition. If k < G some groups have no partitions.
///
/// See docs/GradientCode.md.
public struct FractionalRepetitionCode: Hashable, Sendable {
    /// n, the number of workers.
    public let workers: Int
    /// s, the number of stragglers tolerated, in `0..<workers`.
    public let stragglers: Int
    /// k, the number of partitions.
    public let partitions: Int

    /// The strict code: s + 1 divides n, k = n, and every group has s + 1 workers and s + 1 partitions.
    ///
    /// It equals the balanced code of the same n and s with n partitions.
    ///
    /// - Throws: `invalidParameters` if n < 1 or exceeds ``GradientCode/maximumWorkers``, s < 0 or s ≥ n; else
    ///   `nonDivisible` unless s + 1 divides n.
    public init(workers: Int, stragglers: Int) throws(Refusal) {
        try self.init(workers: workers, stragglers: stragglers, partitions: workers)
        guard workers % (stragglers + 1) == 0 else {
            throw Refusal(
                .nonDivisible,
                "fractional repetition for \(stragglers) stragglers of \(workers) workers; expected s + 1 to divide n")
        }
    }

    /// The balanced code, for any k ≥ 1.
    ///
    /// - Throws: `invalidParameters` if n or k is below 1 or exceeds its limit in ``GradientCode``, s < 0 or s ≥ n.
    public init(workers: Int, stragglers: Int, partitions: Int) throws(Refusal) {
        try GradientCode.validate(workers: workers, stragglers: stragglers)
        try GradientCode.validate(partitions: partitions)
        self.workers = workers
        self.stragglers = stragglers
        self.partitions = partitions
    }

    /// G, the number of groups, at least 1.
    public var groups: Int { workers / (stragglers + 1) }

    /// The group of a worker, which must exist.
    public func group(ofWorker worker: Int) -> Int {
        precondition(0..<workers ~= worker, "worker \(worker)")
        return worker % groups
    }

    /// The group of a partition, which must exist.
    public func group(ofPartition partition: Int) -> Int {
        precondition(0..<partitions ~= partition, "partition \(partition)")
        return partition * groups / partitions
    }

    /// The workers of a group, ascending; at least s + 1. The group must exist.
    public func workers(inGroup group: Int) -> [Int] {
        precondition(0..<groups ~= group, "group \(group)")
        return (0..<workers).filter { self.group(ofWorker: $0) == group }
    }

    /// The partitions of a group, consecutive and ascending; none for some groups if k < G. The group must exist.
    public func partitions(inGroup group: Int) -> [Int] {
        precondition(0..<groups ~= group, "group \(group)")
        return (0..<partitions).filter { self.group(ofPartition: $0) == group }
    }
}
