import ExactArithmetic
import Foundation
import GradientCodeReference
import GradientCodes

// Allocation by LPT: seconds of the strategy, and the ratio to sorting all partitions for every worker.

/// LPT as a textbook has it: every worker sorts all partitions by (S_j, j).
private func textbook(_ problem: AllocationProblem) -> [ExtendedRational] {
    let odds = problem.odds
    var sums = [ExtendedRational](repeating: .finite(0), count: problem.partitions)
    for worker in problem.order {
        for j in sums.indices.sorted(by: { (sums[$0], $0) < (sums[$1], $1) }).prefix(problem.loads[worker]) {
            sums[j] = sums[j] + odds[worker]
        }
    }
    return sums
}

func allocate() throws {
    print("allocation by LPT, one thread")
    for (workers, partitions, load) in [(100, 1000, 30), (1000, 10_000, 30)] {
        let straggling = try (0..<workers).map { try Probability(UInt64(1 + $0 * 7919 % 997), 1000) }
        let problem = try AllocationProblem(
            straggling: straggling, loads: Array(repeating: load, count: workers), partitions: partitions)
        var sink = 0
        let strategy = try median(3) { sink &+= try problem.longestProcessingTimeFirst().partitions }
        let peer = workers > 100 ? nil : median(1) { sink &+= textbook(problem).count }
        let ratio = peer.map { String(format: ", %.0f times as fast as sorting for every worker", $0 / strategy) } ?? ""
        print("  n = \(workers), m = \(partitions): \(String(format: "%.3f", strategy)) s\(ratio)", sink < 0 ? "" : "")
    }
}
