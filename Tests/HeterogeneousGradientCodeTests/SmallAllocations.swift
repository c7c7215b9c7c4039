import ExactArithmetic
import GradientCodeReference
import GradientCodes

/// Odds and loads in whole numbers, and every sum of odds that allocations reach: what solvers are compared with.
struct SmallInstance: CustomStringConvertible {
    /// Stands for the odds of an exact worker: more than all finite odds together.
    static let infinite = 1_000_000

    /// s_i; 0 for a dead worker.
    let odds: [Int]
    let loads: [Int]
    let partitions: Int

    var description: String { "s = \(odds), ℓ = \(loads), m = \(partitions)" }

    /// p = 1/(1 + s).
    var straggling: [Probability] {
        odds.map { $0 >= Self.infinite ? .zero : try! Probability(1, UInt64($0 + 1)) }
    }

    var problem: AllocationProblem {
        try! AllocationProblem(straggling: straggling, loads: loads, partitions: partitions)
    }

    /// Copies that living workers may hold.
    var capacity: Int { odds.indices.filter { odds[$0] > 0 }.map { loads[$0] }.reduce(0, +) }
    /// The largest odds.
    var largest: Int { odds.max()! }

    /// The subsets of the partitions with at most so many members.
    private func subsets(_ load: Int) -> [[Int]] {
        (0..<1 << partitions).map { set in (0..<partitions).filter { set >> $0 & 1 == 1 } }.filter { $0.count <= load }
    }

    /// Every vector of sums of odds with the fewest copies that reach it, worker by worker.
    var reachable: [[Int]: Int] {
        var all = [[Int](repeating: 0, count: partitions): 0]
        for (odds, load) in zip(odds, loads) {
            var next: [[Int]: Int] = [:]
            let subsets = subsets(load)
            for (sums, copies) in all {
                for subset in subsets {
                    var sums = sums
                    for j in subset { sums[j] += odds }
                    next[sums] = min(next[sums] ?? .max, copies + subset.count)
                }
            }
            all = next
        }
        return all
    }

    /// Σ 1/S_j; nil where a sum is 0.
    static func residual(_ sums: [Int]) -> Rational? {
        guard !sums.contains(0) else { return nil }
        return sums.map { $0 >= infinite ? 0 : Rational(1, $0) }.total
    }

    /// The sums of an allocation.
    func sums(_ allocation: Allocation) -> [Int] {
        (0..<partitions).map { j in allocation.workers(of: j).map { odds[$0] }.reduce(0, +) }
    }

    /// The page's rule for a worker, in any order of workers: its ℓ_i partitions with the smallest (S_j, j), all sorted
    /// afresh; among those with a sum below the target, where there is one. Gives sums and holders.
    static func greedy(
        _ odds: [ExtendedRational], _ loads: [Int], _ m: Int, order: [Int], below target: Rational? = nil
    ) -> (sums: [ExtendedRational], holders: [[Int]]) {
        var sums = [ExtendedRational](repeating: .finite(0), count: m)
        var holders = [[Int]](repeating: [], count: m)
        for i in order {
            let open = (0..<m).filter { j in target.map { sums[j] < .finite($0) } ?? true }
            for j in open.sorted(by: { (sums[$0], $0) < (sums[$1], $1) }).prefix(loads[i]) {
                sums[j] =
                    sums[j] == .infinite || odds[i] == .infinite
                    ? .infinite : .finite(sums[j].value! + odds[i].value!)
                holders[j].append(i)
            }
        }
        return (sums, holders.map { $0.sorted() })
    }

    /// Living workers by ascending p, ties by index.
    static func order(_ p: [Rational]) -> [Int] {
        p.indices.filter { p[$0] < 1 }.sorted { p[$0] < p[$1] || (p[$0] == p[$1] && $0 < $1) }
    }
}

extension Allocation {
    /// N_j for all j.
    var holders: [[Int]] { (0..<partitions).map(workers(of:)) }
    /// A_i for all i.
    var held: [[Int]] { (0..<workers).map(partitions(of:)) }
}
