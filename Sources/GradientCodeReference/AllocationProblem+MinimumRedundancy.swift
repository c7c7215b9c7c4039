public import ExactArithmetic
public import GradientCodes

/// What the minimum redundancy strategy answers (`docs/HeterogeneousGradientCode.md#minimum-redundancy`).
public struct MinimumRedundancy: Hashable, Sendable {
    /// What became of the target.
    public enum Status: String, CaseIterable, Sendable {
        /// Every S_j reaches it.
        case complete
        /// No allocation with these loads reaches it, which is certified.
        case infeasible
        /// The greedy rule did not reach it; another allocation may.
        case greedyFailed
    }

    /// What became of the target.
    public let status: Status
    /// The allocation; nil unless complete.
    public let allocation: Allocation?
    /// T_LB: no allocation that reaches the target has fewer copies; nil where even all copies do not.
    public let lowerBound: Int?
}

extension AllocationProblem {
    /// Few copies with S_j ≥ τ for every partition, by the greedy rule.
    ///
    /// - Throws: `invalidParameters` unless τ > 0.
    public func minimumRedundancy(target τ: Rational) throws(Refusal) -> MinimumRedundancy {
        try requirePositive(τ)
        let bound = leastCopies(target: τ)
        let available = order.map { loads[$0] }.reduce(0, +)
        guard let bound, bound <= available else {
            return MinimumRedundancy(status: .infeasible, allocation: nil, lowerBound: bound)
        }
        let (odds, holders) = (odds, holders(below: τ))
        guard holders.allSatisfy({ $0.map { odds[$0] }.total >= .finite(τ) }) else {
            return MinimumRedundancy(status: .greedyFailed, allocation: nil, lowerBound: bound)
        }
        let allocation = try Allocation(workers: straggling.count, partitions: partitions) { holders[$0] }
        return MinimumRedundancy(status: .complete, allocation: allocation, lowerBound: bound)
    }

    /// T_LB: the greater of m·r and the number of the largest copies that sum to at least mτ, r being the number of the
    /// largest odds that sum to at least τ; nil where one of the two does not exist.
    func leastCopies(target τ: Rational) -> Int? {
        let (odds, order) = (odds, order)
        /// The number of the first copies that sum to at least the target.
        func fewest(_ copies: [(odds: ExtendedRational, count: Int)], reaching target: Rational) -> Int? {
            var (missing, taken) = (target, 0)
            for (odds, count) in copies where count > 0 {
                guard let odds = odds.value else { return taken + 1 }
                if let needed = Int(exactly: (missing / odds).ceiling), needed <= count { return taken + needed }
                missing -= Rational(count) * odds
                taken += count
            }
            return nil
        }
        guard let each = fewest(order.map { (odds[$0], 1) }, reaching: τ),
            let all = fewest(order.map { (odds[$0], loads[$0]) }, reaching: Rational(partitions) * τ)
        else { return nil }
        return max(partitions * each, all)
    }

    func requirePositive(_ τ: Rational) throws(Refusal) {
        guard τ > 0 else { throw Refusal(.invalidParameters, "the target is \(τ), expected a positive number") }
    }
}
