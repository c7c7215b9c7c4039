/// How evenly an allocation spreads its partitions.
///
/// λ_kl is the number of workers that hold both k and l, d_k = λ_kk the replication of k, m_i the load of worker i. An
/// allocation is *pairwise balanced* if λ_kl = d_k d_l / N for all k ≠ l: the columns, made to sum to zero, are
/// orthogonal. Then at most N − 1 partitions can have d_k < N, and Σ_i (m_i − m̄)² = Σ_k d_k (1 − d_k/N), so loads are
/// equal only under full replication.
///
/// See docs/notation.md#allocations.
extension Allocation {
    /// m_i, the number of partitions each worker holds.
    public var loads: [Int] {
        var loads = [Int](repeating: 0, count: workers)
        for partition in 0..<partitions {
            for worker in workers(of: partition) { loads[worker] += 1 }
        }
        return loads
    }

    /// d_k, the number of workers that hold each partition, at least 1.
    public var replication: [Int] {
        (0..<partitions).map { common($0, $0) }
    }

    /// λ_kl, the number of workers that hold both partitions; the replication if they are the same. Both must exist.
    public func common(_ k: Int, _ l: Int) -> Int {
        precondition(0..<partitions ~= k && 0..<partitions ~= l, "partitions \(k) and \(l)")
        var count = 0
        for word in 0..<wordsPerPartition {
            count += (bits[k * wordsPerPartition + word] & bits[l * wordsPerPartition + word]).nonzeroBitCount
        }
        return count
    }

    /// max over k ≠ l of |λ_kl − d_k d_l / N|, exactly; zero if there is only one partition.
    ///
    /// Looks at every pair, M² N / 128 words in all. N |λ_kl − d_k d_l / N| is an integer not above N² ≤ 2³², so
    /// nothing overflows.
    public var balanceGap: Fraction {
        let replication = replication
        var largest = 0
        for k in 0..<partitions {
            for l in 0..<k { largest = max(largest, abs(workers * common(k, l) - replication[k] * replication[l])) }
        }
        return Fraction(UInt64(largest), nonzero: UInt64(workers))
    }

    /// Whether λ_kl = d_k d_l / N for all k ≠ l: the balance gap is zero.
    public var isPairwiseBalanced: Bool { balanceGap == .zero }
}
