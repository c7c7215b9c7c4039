/// Approximate gradient coding for workers that straggle with probabilities of their own: fixed coefficients that make the
/// server's sum unbiased with the least residual.
///
/// λ is strong convexity and μ smoothness here, as in the paper. See docs/HeterogeneousGradientCode.md.
public struct HeterogeneousGradientCode: Hashable, Sendable {
    /// Who holds which partition.
    public let allocation: Allocation
    /// p_i, the probability that worker i straggles; 0 for an exact worker, 1 for a dead one.
    public let straggling: [Probability]

    /// The code of an allocation whose workers straggle independently.
    ///
    /// - Throws: `dimensionMismatch` unless there is one probability a worker; else `infeasiblePartition` if all holders
    ///   of a partition are dead: then no unbiased code exists.
    public init(allocation: Allocation, straggling: [Probability]) throws(Refusal) {
        guard straggling.count == allocation.workers else {
            throw Refusal(
                .dimensionMismatch, "\(straggling.count) probabilities for \(allocation.workers) workers")
        }
        for partition in 0..<allocation.partitions
        where allocation.workers(of: partition).allSatisfy({ straggling[$0] == .one }) {
            throw Refusal(
                .infeasiblePartition, "partition \(partition) is held by workers only that always straggle")
        }
        self.allocation = allocation
        self.straggling = straggling
    }

    /// n, the number of workers.
    public var workers: Int { allocation.workers }
    /// m, the number of partitions.
    public var partitions: Int { allocation.partitions }
}

/// What an allocation strategy is given: who straggles how often, and how many partitions each worker may hold.
///
/// See docs/HeterogeneousGradientCode.md#data-allocation.
public struct AllocationProblem: Hashable, Sendable {
    /// p_i, one a worker.
    public let straggling: [Probability]
    /// ℓ_i, the most partitions of worker i, `0...partitions`.
    public let loads: [Int]
    /// m, the number of partitions.
    public let partitions: Int

    /// The problem with these loads.
    ///
    /// - Throws: `invalidParameters` if there is no worker or partition, a size limit is exceeded, or a load is outside
    ///   `0...partitions`; else `dimensionMismatch` unless there is one load a worker.
    public init(straggling: [Probability], loads: [Int], partitions: Int) throws(Refusal) {
        try Allocation.validate(workers: straggling.count, partitions: partitions)
        if let worker = loads.firstIndex(where: { !(0...partitions ~= $0) }) {
            throw Refusal(
                .invalidParameters, "the load of worker \(worker) is \(loads[worker]), expected 0...\(partitions)")
        }
        guard loads.count == straggling.count else {
            throw Refusal(.dimensionMismatch, "\(loads.count) loads for \(straggling.count) workers")
        }
        self.straggling = straggling
        self.loads = loads
        self.partitions = partitions
    }
}
