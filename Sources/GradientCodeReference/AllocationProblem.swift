public import ExactArithmetic
public import GradientCodes

// Allocation strategies (`docs/HeterogeneousGradientCode.md#data-allocation`).
extension AllocationProblem {
    /// s_i, the odds of each worker.
    public var odds: [ExtendedRational] { straggling.map { $0.odds() } }

    /// The workers that are not dead, by decreasing odds, exact workers first, ties by index.
    public var order: [Int] {
        let odds = odds
        return odds.indices.filter { !odds[$0].isZero }.sorted { (odds[$1], $0) < (odds[$0], $1) }
    }

    /// Longest processing time first: each worker in turn gets the ℓ_i partitions with the smallest (S_j, j)
    /// (`docs/HeterogeneousGradientCode.md#lpt`).
    ///
    /// - Throws: `infeasiblePartition` if the loads of workers that are not dead do not reach the number of partitions.
    public func longestProcessingTimeFirst() throws(Refusal) -> Allocation {
        let copies = order.map { loads[$0] }.reduce(0, +)
        guard copies >= partitions else {
            throw Refusal(.infeasiblePartition, "\(copies) copies for \(partitions) partitions")
        }
        let holders = holders(below: nil)
        return try Allocation(workers: straggling.count, partitions: partitions) { holders[$0] }
    }

    /// Worker i holds i, i + 1, …, i + ℓ_i − 1, all mod m (`docs/HeterogeneousGradientCode.md#cyclic`).
    ///
    /// - Throws: `infeasiblePartition` if a partition has no holder, or dead holders only.
    public func cyclic() throws(Refusal) -> Allocation {
        let allocation = try Allocation(workers: straggling.count, partitions: partitions) { j in
            loads.indices.filter { i in ((j - i) % partitions + partitions) % partitions < loads[i] }
        }
        return try HeterogeneousGradientCode(allocation: allocation, straggling: straggling).allocation
    }

    /// The holders of each partition, ascending, when each worker of ``order`` gets the ℓ_i partitions with the smallest
    /// (S_j, j), or all where there are fewer, among those with S_j below the target; among all where there is none.
    ///
    /// Partitions with equal sums are one group: a worker takes whole groups and splits one at most. All odds have one
    /// common denominator, so that sums are sums of integers.
    func holders(below target: Rational?) -> [[Int]] {
        let odds = odds
        let denominator = odds.reduce(Rational(1)) { Rational.leastCommonMultiple($0, $1.value?.denominator ?? 1) }
        func scaled(_ x: ExtendedRational) -> ExtendedRational {
            x.value.map { .finite($0 * denominator) } ?? .infinite
        }
        let limit = target.map { scaled(.finite($0)) }
        var groups = [Group(sum: .finite(0), partitions: Array(0..<partitions))]
        var holders = [[Int]](repeating: [], count: partitions)
        for worker in order where loads[worker] > 0 {
            let (given, rest) = Group.split(groups, taking: loads[worker], below: limit)
            for group in given { for partition in group.partitions { holders[partition].append(worker) } }
            let odds = scaled(odds[worker])
            groups = Group.merged(given.map { Group(sum: $0.sum + odds, partitions: $0.partitions) }, rest)
        }
        return holders.map { $0.sorted() }
    }

    /// Partitions with one sum of odds, ascending.
    private struct Group {
        let sum: ExtendedRational
        let partitions: [Int]

        /// The first `count` partitions, in the order of (S_j, j), among those with a sum below the limit; and the others.
        static func split(
            _ groups: [Group], taking count: Int, below limit: ExtendedRational?
        ) -> (given: [Group], rest: [Group]) {
            var (given, rest): ([Group], [Group]) = ([], [])
            var missing = count
            for group in groups {
                let taken = limit.map { group.sum < $0 } ?? true ? min(missing, group.partitions.count) : 0
                if taken > 0 { given.append(Group(sum: group.sum, partitions: Array(group.partitions.prefix(taken)))) }
                if taken < group.partitions.count {
                    rest.append(Group(sum: group.sum, partitions: Array(group.partitions.dropFirst(taken))))
                }
                missing -= taken
            }
            return (given, rest)
        }

        /// The groups by ascending sum, equal sums united.
        static func merged(_ a: [Group], _ b: [Group]) -> [Group] {
            var groups: [Group] = []
            for group in (a + b).sorted(by: { $0.sum < $1.sum }) {
                if let last = groups.last, last.sum == group.sum {
                    let united = (last.partitions + group.partitions).sorted()
                    groups[groups.count - 1] = Group(sum: last.sum, partitions: united)
                } else {
                    groups.append(group)
                }
            }
            return groups
        }
    }
}
