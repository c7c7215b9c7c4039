/// The null-space form of a cyclic code (Tandon et al.): the rows of B are the vectors with H Bᵀ = 0, cyclic support
/// and b_ii = 1, for a matrix H of s rows that sum to zero.
///
/// Not every H gives a code, not even when all its minors are nonzero: B is formed only after every n − s workers have
/// been seen to recover the sum.
///
/// See docs/GradientCode.md.
public struct NullSpaceCode: Hashable, Sendable {
    /// n, the number of workers and of partitions.
    public let workers: Int
    /// H, s rows of n integers, each with sum 0; no row for s = 0.
    public let parityCheck: [[Int]]

    /// The code of H for `workers` workers.
    ///
    /// - Throws: `invalidParameters` if n < 1 or exceeds ``GradientCode/maximumWorkers``, H has n rows or more,
    ///   there are more than ``GradientCode/maximumVerifiedSets`` sets of n − s workers, or the sum of a row is not zero; else `dimensionMismatch` if a row has not n entries.
    public init(workers: Int, parityCheck: [[Int]]) throws(Refusal) {
        try GradientCode.validate(workers: workers, stragglers: parityCheck.count)
        try GradientCode.validate(verifiable: workers, stragglers: parityCheck.count)
        for (index, row) in parityCheck.enumerated() {
            let sum = row.reduce(0 as Int128) { $0 + Int128($1) }
            guard sum == 0 else { throw Refusal(.invalidParameters, "row \(index) of H has the sum \(sum), not 0") }
        }
        for (index, row) in parityCheck.enumerated() where row.count != workers {
            throw Refusal(.dimensionMismatch, "row \(index) of H has \(row.count) entries; expected \(workers)")
        }
        self.workers = workers
        self.parityCheck = parityCheck
    }

    /// s, the number of stragglers tolerated: the rows of H.
    public var stragglers: Int { parityCheck.count }
    /// k, the number of partitions: as many as workers.
    public var partitions: Int { workers }
}
