extension Allocation {
    /// Partition k is held by a uniformly random set of `replication[k]` workers, independently of the other
    /// partitions: the workers i with the smallest (u, i), u = draw(seed, allocation, 0, k, i).
    ///
    /// Balanced on average: λ_kl has the hypergeometric mean d_k d_l / N.
    ///
    /// - Throws: `invalidParameters` if there is no partition, a size limit is exceeded or a replication is not in
    ///   `0...workers`; else `infeasiblePartition` if one is 0.
    ///
    /// See docs/notation.md#allocations and docs/numerics.md#randomness.
    public static func random(seed: UInt64, workers: Int, replication: [Int]) throws(Refusal) -> Allocation {
        try validate(workers: workers, partitions: replication.count)
        if let d = replication.first(where: { !(0...workers ~= $0) }) {
            throw Refusal(.invalidParameters, "replication \(d) of a random allocation; expected 0...\(workers)")
        }
        return try Allocation(workers: workers, partitions: replication.count) { partition in
            let words = Philox.words(
                seed: seed, stream: .allocation, t: 0, i: UInt32(partition), first: 0, count: workers)
            return indicesOfSmallest(replication[partition], among: words)
        }
    }
}
