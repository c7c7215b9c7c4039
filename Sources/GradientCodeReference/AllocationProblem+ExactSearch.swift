public import ExactArithmetic
public import GradientCodes

// All allocations of tiny sizes (`docs/HeterogeneousGradientCode.md#exact-search`).
extension AllocationProblem {
    /// The most choices that are tried, 10⁶.
    public static let maximumChoices: Rational = 1_000_000

    /// Π_i Σ_{k ≤ ℓ_i} C(m, k), the number of ways to give every worker at most ℓ_i partitions; nil where it exceeds
    /// ``maximumChoices``.
    public var choices: Rational? {
        var choices: Rational = 1
        for load in loads {
            var sets: Rational = 0
            for k in 0...load {
                sets += .binomial(partitions, k)
                guard choices * sets <= Self.maximumChoices else { return nil }
            }
            choices *= sets
        }
        return choices
    }

    /// An allocation with the smallest residual Σ_j 1/S_j.
    ///
    /// - Throws: `invalidParameters` if there are more than ``maximumChoices``; else `infeasiblePartition` if no
    ///   allocation gives every partition to a worker that is not dead.
    public func leastResidual() throws(Refusal) -> Allocation {
        try requireFewChoices()
        var best: (residual: Rational, holders: [[Int]])?
        visitAll { sums, holders in
            guard sums.allSatisfy({ !$0.isZero }) else { return }
            let residual = sums.map(\.reciprocal).total
            if best.map({ residual < $0.residual }) ?? true { best = (residual, holders) }
        }
        guard let best else {
            throw Refusal(.infeasiblePartition, "no allocation with these loads reaches every partition")
        }
        return try Allocation(workers: straggling.count, partitions: partitions) { best.holders[$0] }
    }

    /// An allocation with S_j ≥ τ for every partition and the fewest copies; nil where there is none.
    ///
    /// - Throws: `invalidParameters` unless τ > 0, or if there are more than ``maximumChoices``.
    public func fewestCopies(target τ: Rational) throws(Refusal) -> Allocation? {
        try requirePositive(τ)
        try requireFewChoices()
        var best: (copies: Int, holders: [[Int]])?
        visitAll { sums, holders in
            guard sums.allSatisfy({ $0 >= .finite(τ) }) else { return }
            let copies = holders.map(\.count).reduce(0, +)
            if best.map({ copies < $0.copies }) ?? true { best = (copies, holders) }
        }
        guard let best else { return nil }
        return try Allocation(workers: straggling.count, partitions: partitions) { best.holders[$0] }
    }

    private func requireFewChoices() throws(Refusal) {
        guard choices != nil else {
            throw Refusal(.invalidParameters, "too many choices; expected at most \(Self.maximumChoices)")
        }
    }

    /// Calls `body` with the sums of odds and the holders of every allocation with loads at most ℓ_i; not at all where
    /// there are fewer copies than partitions. Dead workers get nothing, which is never worse.
    private func visitAll(_ body: (_ sums: [ExtendedRational], _ holders: [[Int]]) -> Void) {
        let (odds, order) = (odds, order.filter { loads[$0] > 0 }.sorted())
        guard order.map({ loads[$0] }).reduce(0, +) >= partitions else { return }
        var sums = [ExtendedRational](repeating: .finite(0), count: partitions)
        var holders = [[Int]](repeating: [], count: partitions)
        /// Decides partition j of the place-th worker, which may still take `left` partitions.
        func visit(_ place: Int, _ j: Int, left: Int) {
            guard place < order.count else { return body(sums, holders) }
            guard j < partitions, left > 0 else {
                return visit(place + 1, 0, left: place + 1 < order.count ? loads[order[place + 1]] : 0)
            }
            visit(place, j + 1, left: left)
            let (worker, sum) = (order[place], sums[j])
            sums[j] = sum + odds[worker]
            holders[j].append(worker)
            visit(place, j + 1, left: left - 1)
            holders[j].removeLast()
            sums[j] = sum
        }
        visit(0, 0, left: order.first.map { loads[$0] } ?? 0)
    }
}
