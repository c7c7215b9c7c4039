/// The families of allocations that are exactly pairwise balanced: orthogonal arrays of strength 2 with two symbols.
///
/// Each refuses with `invalidParameters` what exceeds a size limit of ``GradientCode`` or ``Allocation``.
///
/// See docs/notation.md#allocations.
extension Allocation {
    /// Every worker holds every partition.
    ///
    /// - Throws: `invalidParameters` if a number is below 1.
    public static func fullReplication(workers: Int, partitions: Int) throws(Refusal) -> Allocation {
        try Allocation(workers: workers, partitions: partitions) { _ in Array(0..<workers) }
    }

    /// Sylvester's matrix of order N = 2^r without its constant column: worker i holds partition number k = 1, …, M,
    /// found at index k − 1, if and only if `i & k` has an even number of ones. Replication N/2; worker 0 holds
    /// everything.
    ///
    /// - Throws: `invalidParameters` if r < 1, M < 1 or M > N − 1.
    public static func hadamard(order r: Int, partitions: Int) throws(Refusal) -> Allocation {
        guard 1...16 ~= r, 1..<1 << r ~= partitions else {
            throw Refusal(
                .invalidParameters,
                "Hadamard order \(r), \(partitions) partitions; expected order 1...16, partitions 1..<2^order")
        }
        return try Allocation(workers: 1 << r, partitions: partitions) { index in
            (0..<1 << r).filter { worker in (worker & (index + 1)).nonzeroBitCount.isMultiple(of: 2) }
        }
    }

    /// The parallel classes of the affine plane over the integers modulo a prime q, N = q². Worker q x + y, the point
    /// (x, y), holds partition c < q if and only if (c x + y) mod q < a, and partition q, if there is one, if and only
    /// if x < a. Replication a q.
    ///
    /// - Throws: `invalidParameters` if q is not a prime, `subsets` (the number of partitions M) is not in `1...q + 1`,
    ///   or a not in `1...q`.
    public static func affinePlane(order q: Int, subsets: Int, a: Int) throws(Refusal) -> Allocation {
        guard 2...256 ~= q, (2..<q).allSatisfy({ q % $0 != 0 }) else {
            throw Refusal(.invalidParameters, "affine plane of order \(q); expected a prime up to 256")
        }
        guard 1...q + 1 ~= subsets, 1...q ~= a else {
            throw Refusal(
                .invalidParameters,
                "affine plane of order \(q): \(subsets) subsets, a = \(a); expected subsets 1...\(q + 1), a 1...\(q)")
        }
        return try Allocation(workers: q * q, partitions: subsets) { c in
            (0..<q * q).filter { worker in
                let (x, y) = (worker / q, worker % q)
                return c == q ? x < a : (c * x + y) % q < a
            }
        }
    }

    /// One worker for every string of digits, digit k in `0..<levels[k]`, in lexicographic order; partition k is held
    /// by those whose digit k is below `thresholds[k]`. N = Π levels, M the number of digits, replication N h_k / s_k.
    ///
    /// - Throws: `invalidParameters` if there is no digit, a level is below 1 or a threshold not in `0...levels[k]`;
    ///   else `dimensionMismatch` if the two lists differ in length; else `infeasiblePartition` if a threshold is 0.
    public static func fullFactorial(levels: [Int], thresholds: [Int]) throws(Refusal) -> Allocation {
        try GradientCode.validate(partitions: levels.count)
        var workers = 1
        for level in levels {
            guard 1...GradientCode.maximumWorkers ~= level else {
                throw Refusal(
                    .invalidParameters, "full factorial level \(level); expected 1...\(GradientCode.maximumWorkers)")
            }
            workers *= level
            try GradientCode.validate(workers: workers)
        }
        for (level, threshold) in zip(levels, thresholds) where !(0...level ~= threshold) {
            throw Refusal(.invalidParameters, "full factorial threshold \(threshold); expected 0...\(level)")
        }
        guard thresholds.count == levels.count else {
            throw Refusal(
                .dimensionMismatch, "\(thresholds.count) full factorial thresholds for \(levels.count) levels")
        }
        var strides = [Int](repeating: 1, count: levels.count)
        for k in levels.indices.dropLast().reversed() { strides[k] = strides[k + 1] * levels[k + 1] }
        return try Allocation(workers: workers, partitions: levels.count) { k in
            (0..<workers).filter { worker in worker / strides[k] % levels[k] < thresholds[k] }
        }
    }

    /// This allocation and, behind its partitions, `count` more that every worker holds. The balance gap stays what it
    /// is.
    ///
    /// - Throws: `invalidParameters` if `count` is negative.
    public func adding(universalPartitions count: Int) throws(Refusal) -> Allocation {
        guard 0...GradientCode.maximumPartitions ~= count else {
            throw Refusal(
                .invalidParameters,
                "\(count) universal partitions; expected 0...\(GradientCode.maximumPartitions)")
        }
        return try Allocation(workers: workers, partitions: partitions + count) { partition in
            partition < partitions ? self.workers(of: partition) : Array(0..<workers)
        }
    }
}
