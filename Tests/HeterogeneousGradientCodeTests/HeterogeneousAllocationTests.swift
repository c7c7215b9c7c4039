import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// Theorems H6 and H7, LPT and cyclic allocations.
@Suite struct HeterogeneousAllocationTests {
    static func odds(_ p: [Rational]) -> [ExtendedRational] {
        p.map { $0.isZero ? .infinite : .finite((1 - $0) / $0) }
    }

    static func problem(_ p: String, loads: [Int], partitions: Int) throws -> AllocationProblem {
        let straggling = Rational.list(p).map(Probability.of)
        return try AllocationProblem(straggling: straggling, loads: loads, partitions: partitions)
    }

    static func residual(_ allocation: Allocation, _ problem: AllocationProblem) throws -> Rational {
        try HeterogeneousGradientCode(allocation: allocation, straggling: problem.straggling).residual()
    }

    @Test func `LPT is the textbook rule, which sorts all partitions for every worker`() throws {
        var random = SplitMix64(seed: 17)
        var refused = 0
        for round in 0..<400 {
            let (n, m) = (random.int(1...(round % 10 == 0 ? 30 : 8)), random.int(1...(round % 10 == 0 ? 40 : 7)))
            let pool = round % 4 == 0 ? Rational.list("1/2") : SplitMix64.any
            let p = (0..<n).map { _ in random.pick(pool) }
            let loads = p.map { _ in random.int(0...m) }
            let problem = try AllocationProblem(straggling: p.map(Probability.of), loads: loads, partitions: m)
            let order = SmallInstance.order(p)
            #expect(problem.odds == Self.odds(p) && problem.order == order)
            guard order.map({ loads[$0] }).reduce(0, +) >= m else {
                #expect(refusal { try problem.longestProcessingTimeFirst() } == .infeasiblePartition)
                refused += 1
                continue
            }
            let expected = SmallInstance.greedy(Self.odds(p), loads, m, order: order)
            let allocation = try problem.longestProcessingTimeFirst()
            #expect(allocation.holders == expected.holders, "p = \(p), ℓ = \(loads), m = \(m)")
            #expect(allocation.loads == p.indices.map { p[$0] == 1 ? 0 : loads[$0] })
            let code = try HeterogeneousGradientCode(allocation: allocation, straggling: problem.straggling)
            #expect(code.oddsSums() == expected.sums)
        }
        #expect(refused > 20)
    }

    @Test func `at a larger size the loads are kept, and the sums differ by the largest odds at most`() throws {
        let (n, m) = (120, 1000)
        let p = (0..<n).map { Rational(37 * $0 % 999 + 1, 1000) }
        let loads = (0..<n).map { 10 + 7 * $0 % 90 }
        let problem = try AllocationProblem(straggling: p.map(Probability.of), loads: loads, partitions: m)
        let allocation = try problem.longestProcessingTimeFirst()
        #expect(allocation.loads == loads)
        let odds = p.map { (1 - $0) / $0 }
        let sums = allocation.holders.map { $0.map { odds[$0] }.total }
        #expect(sums.max()! - sums.min()! <= odds.max()! && sums.min()! > 0)
        #expect(sums.total == zip(odds, loads).map { $0 * Rational($1) }.total)
    }

    @Test func `in any order the sums differ by the largest odds at most`() {
        var random = SplitMix64(seed: 18)
        for _ in 0..<300 {
            let (n, m) = (random.int(1...7), random.int(1...6))
            let odds = (0..<n).map { _ in ExtendedRational.finite(Rational(random.int(0...12), random.int(1...3))) }
            let loads = odds.map { _ in random.int(0...m) }
            let (sums, _) = SmallInstance.greedy(odds, loads, m, order: Array(0..<n).shuffled(using: &random))
            let finite = sums.map { $0.value! }
            #expect(finite.max()! - finite.min()! <= odds.max()!.value!)
        }
    }

    /// All multisets of so many odds.
    static func multisets(_ values: [Int], _ count: Int) -> [[Int]] {
        guard count > 0, let first = values.first else { return count == 0 ? [[]] : [] }
        return multisets(values, count - 1).map { [first] + $0 } + multisets(Array(values.dropFirst()), count)
    }

    @Test func `LPT of the page's 309 instances: two are not optimal, 36/35 is the worst`() throws {
        var (instances, optimal) = (0, 0)
        var worst: (ratio: Rational, instance: String) = (1, "")
        let patterns: [(Int) -> Int] = [{ _ in 1 }, { _ in 2 }, { $0 % 2 + 1 }]
        for n in 1...5 {
            for odds in Self.multisets([3, 2, 1], n) {
                for m in 2...3 {
                    for pattern in patterns {
                        let instance = SmallInstance(odds: odds, loads: (0..<n).map(pattern), partitions: m)
                        guard instance.capacity >= m else { continue }
                        instances += 1
                        let best = instance.reachable.keys.compactMap(SmallInstance.residual).min()!
                        let sums = instance.sums(try instance.problem.longestProcessingTimeFirst())
                        let ratio = SmallInstance.residual(sums)! / best
                        optimal += ratio == 1 ? 1 : 0
                        if ratio > worst.ratio { worst = (ratio, "\(instance)") }
                        Self.expectBounds(instance, sums, least: best)
                        for order in [
                            Array((0..<n).reversed()),
                            Array(stride(from: 1, to: n, by: 2)) + Array(stride(from: 0, to: n, by: 2)),
                        ] {
                            let any = SmallInstance.greedy(
                                odds.map { .finite(Rational($0)) }, instance.loads, m, order: order)
                            Self.expectBounds(instance, any.sums.map { Int(exactly: $0.value!)! }, least: best)
                        }
                    }
                }
            }
        }
        #expect(instances == 309 && optimal == 307)
        #expect(worst.ratio == Rational(36, 35) && worst.instance == "s = [3, 3, 2, 2, 2], ℓ = [1, 1, 1, 1, 1], m = 2")
    }

    /// Theorems H6 and H7 for the sums of a greedy allocation with full loads, and the best residual.
    static func expectBounds(_ instance: SmallInstance, _ sums: [Int], least: Rational) {
        let (a, b, s, m) = (sums.min()!, sums.max()!, instance.largest, instance.partitions)
        #expect(b - a <= s && a * m >= sums.reduce(0, +) - s * m, "\(instance)")
        #expect(sums.reduce(0, +) == zip(instance.odds, instance.loads).map { $0 * $1 }.reduce(0, +))
        let bound = BalanceBound(
            oddsSums: sums.map { .finite(Rational($0)) }, largestOdds: .finite(Rational(s)))
        guard a > 0, let bound, let residual = SmallInstance.residual(sums) else {
            #expect(a == 0 && bound == nil, "\(instance)")
            return
        }
        #expect(bound.leastResidual == Rational(m * m, sums.reduce(0, +)))
        #expect(bound.factor == Rational((a + b) * (a + b), 4 * a * b))
        #expect(bound.greedyFactor == 1 + Rational(s * s, 4 * a * b))
        #expect(bound.leastResidual <= least && residual <= bound.factor * bound.leastResidual)
        #expect((residual == bound.leastResidual) == (a == b))
        #expect(residual <= bound.greedyFactor * least && bound.factor <= bound.greedyFactor)
    }

    @Test func `of all allocations none is below the bound of Theorem H6, and equal sums attain it`() {
        let instance = SmallInstance(odds: [4, 3, 2, 1, 1], loads: [2, 1, 2, 1, 3], partitions: 3)
        var equal = 0
        for sums in instance.reachable.keys {
            guard let residual = SmallInstance.residual(sums) else { continue }
            let bound = BalanceBound(oddsSums: sums.map { .finite(Rational($0)) }, largestOdds: .finite(4))!
            #expect(residual >= bound.leastResidual && residual <= bound.factor * bound.leastResidual)
            #expect((residual == bound.leastResidual) == (Set(sums).count == 1))
            equal += Set(sums).count == 1 ? 1 : 0
            // With weights G = (1, 4, 9): (Σ √G)²/Σ, attained where S is proportional to √G.
            let weighted = zip([1, 4, 9], sums).map { Rational($0, $1) }.total
            let floor = Rational(36, sums.reduce(0, +))
            #expect(weighted >= floor)
            #expect((weighted == floor) == (sums[1] == 2 * sums[0] && sums[2] == 3 * sums[0]))
        }
        #expect(equal > 1)
    }

    @Test func `bounds of infinite or zero sums are absent`() {
        #expect(BalanceBound(oddsSums: [.infinite, .finite(1)], largestOdds: .infinite) == nil)
        #expect(BalanceBound(oddsSums: [.infinite, .finite(1)], largestOdds: .finite(1)) == nil)
        #expect(BalanceBound(oddsSums: [.finite(2), .finite(1)], largestOdds: .infinite) == nil)
        #expect(BalanceBound(oddsSums: [.finite(0), .finite(1)], largestOdds: .finite(1)) == nil)
        #expect(BalanceBound(oddsSums: [], largestOdds: .finite(1)) == nil)
    }

    @Test func `cyclic allocations take the next partitions, whatever the probabilities`() throws {
        var random = SplitMix64(seed: 19)
        var refused = 0
        for _ in 0..<200 {
            let (n, m) = (random.int(1...9), random.int(1...5))
            let p = (0..<n).map { _ in random.pick(SplitMix64.any) }
            let loads = p.map { _ in random.int(0...m) }
            let problem = try AllocationProblem(straggling: p.map(Probability.of), loads: loads, partitions: m)
            let held = p.indices.map { i in (0..<loads[i]).map { (i + $0) % m }.sorted() }
            let isFeasible = (0..<m).allSatisfy { j in p.indices.contains { held[$0].contains(j) && p[$0] < 1 } }
            if isFeasible {
                #expect(try problem.cyclic().held == held)
            } else {
                #expect(refusal { try problem.cyclic() } == .infeasiblePartition)
                refused += 1
            }
        }
        #expect(refused > 10)
    }

    @Test(arguments: [
        ("1/2 1/3 1/4", [2, 2, 2], 3, "12 02 01", "5 4 3", "47/60", "16/15", "01 12 02", "4 3 5", "47/60"),
        (
            "1/20 1/20 1/20 1/2 1/2 1/2", [2, 2, 2, 2, 2, 2], 6, "01 23 45 01 23 45", "20 20 20 20 20 20", "3/10", "1",
            "01 12 23 34 45 05", "20 38 38 20 2 2", "219/190"
        ),
        ("1/4 1/4 1/3 1/3 1/3", [1, 1, 1, 1, 1], 2, "0 1 0 1 0", "7 5", "12/35", "36/35", "0 1 0 1 0", "7 5", "12/35"),
        ("0 1 1/2 1/3", [1, 2, 3, 2], 3, "0 - 012 12", "inf 3 3", "2/3", "", "0 12 012 01", "inf 3 1", "4/3"),
    ])
    func `the golden allocations`(
        _ p: String, _ loads: [Int], _ m: Int, _ lpt: String, _ lptSums: String, _ lptResidual: String,
        _ factor: String, _ cyclic: String, _ cyclicSums: String, _ cyclicResidual: String
    ) throws {
        let problem = try Self.problem(p, loads: loads, partitions: m)
        for (allocation, held, sums, residual) in [
            (try problem.longestProcessingTimeFirst(), lpt, lptSums, lptResidual),
            (try problem.cyclic(), cyclic, cyclicSums, cyclicResidual),
        ] {
            #expect(allocation.held == decimalSets(held))
            let code = try HeterogeneousGradientCode(allocation: allocation, straggling: problem.straggling)
            #expect(code.oddsSums() == ExtendedRational.list(sums) && code.residual() == .of(residual))
        }
        let bound = BalanceBound(oddsSums: ExtendedRational.list(lptSums), largestOdds: problem.odds.max()!)
        #expect(bound?.factor == (factor.isEmpty ? nil : Rational.of(factor)))
    }
}
