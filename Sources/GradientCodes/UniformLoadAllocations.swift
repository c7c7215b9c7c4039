/// The families in which every worker holds the same number of partitions. None is pairwise balanced unless every
/// worker holds everything.
///
/// Each refuses with `invalidParameters` what exceeds a size limit of ``GradientCode`` or ``Allocation``.
///
/// See docs/notation.md#allocations.
extension Allocation {
    /// Worker i holds the d partitions i, i + 1, …, i + d − 1 mod N, where d is the replication and M = N.
    ///
    /// - Throws: `invalidParameters` if N < 1 or d is not in `1...N`.
    public static func cyclic(workers: Int, replication: Int) throws(Refusal) -> Allocation {
        try validate(workers: workers, partitions: workers)
        try validate(replication: replication, workers: workers)
        return try Allocation(workers: workers, partitions: workers) { partition in
            (0..<replication).map { (partition - $0 + workers) % workers }
        }
    }

    /// G = N/d groups; worker i is in group i mod G, and group g holds the M/G partitions from g M/G on.
    ///
    /// - Throws: `invalidParameters` if N < 1, M < 1 or d is not in `1...N`; else `nonDivisible` unless d divides N and
    ///   G divides M.
    public static func fractionalRepetition(
        workers: Int, partitions: Int, replication: Int
    ) throws(Refusal) -> Allocation {
        try validate(workers: workers, partitions: partitions)
        try validate(replication: replication, workers: workers)
        let groups = workers / replication
        guard workers % replication == 0, partitions % groups == 0 else {
            throw Refusal(
                .nonDivisible,
                """
                fractional repetition of \(workers) workers, \(partitions) partitions, replication \(replication); \
                expected the replication to divide the workers and workers/replication to divide the partitions
                """)
        }
        return try Allocation(workers: workers, partitions: partitions) { partition in
            let group = partition / (partitions / groups)
            return Array(stride(from: group, to: workers, by: groups))
        }
    }

    /// The block design of a difference set D modulo v: worker i holds (δ + i) mod v for δ in D; N = M = v.
    ///
    /// A difference set is one in which every non-zero residue is the difference of equally many pairs, λ; then any two
    /// partitions have λ workers in common. {0, 1, 3} mod 7 is the Fano plane.
    ///
    /// - Throws: `invalidParameters` if v < 1, or if D has an element outside `0..<v`, has one twice, or is no
    ///   difference set; else `infeasiblePartition` if D is empty.
    public static func differenceSet(_ set: [Int], modulus v: Int) throws(Refusal) -> Allocation {
        try validate(workers: v, partitions: v)
        guard set.allSatisfy({ 0..<v ~= $0 }), Set(set).count == set.count else {
            throw Refusal(.invalidParameters, "difference set modulo \(v); expected distinct elements of 0..<\(v)")
        }
        var pairs = [Int](repeating: 0, count: v)
        for a in set {
            for b in set { pairs[(a - b + v) % v] += 1 }
        }
        guard Set(pairs.dropFirst()).count <= 1 else {
            throw Refusal(
                .invalidParameters, "difference set modulo \(v); expected every non-zero difference equally often")
        }
        return try Allocation(workers: v, partitions: v) { partition in set.map { (partition - $0 + v) % v } }
    }

    private static func validate(replication: Int, workers: Int) throws(Refusal) {
        guard 1...workers ~= replication else {
            throw Refusal(.invalidParameters, "replication \(replication) of an allocation; expected 1...\(workers)")
        }
    }
}
