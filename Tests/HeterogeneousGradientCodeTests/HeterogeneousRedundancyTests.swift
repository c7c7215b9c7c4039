import ExactArithmetic
import GradientCodeReference
import GradientCodes
import Testing

/// Minimum redundancy and the exact search, against all reachable sums of tiny instances.
@Suite struct HeterogeneousRedundancyTests {
    /// T_LB from the page: m·r, and the number of the largest copies that sum to mτ.
    static func lowerBound(_ instance: SmallInstance, _ τ: Int) -> Int? {
        func fewest(_ numbers: [Int], _ target: Int) -> Int? {
            let descending = numbers.filter { $0 > 0 }.sorted(by: >)
            return (0...descending.count).first { descending.prefix($0).reduce(0, +) >= target }
        }
        let copies = zip(instance.odds, instance.loads).flatMap { [Int](repeating: $0, count: $1) }
        guard let r = fewest(instance.odds, τ), let t = fewest(copies, instance.partitions * τ) else { return nil }
        return max(instance.partitions * r, t)
    }

    /// Every instance of so many workers, odds 0 to 3 and ∞ in descending order, and all loads.
    static func instances(_ n: Int, _ m: Int) -> [SmallInstance] {
        let odds = HeterogeneousAllocationTests.multisets([SmallInstance.infinite, 3, 2, 1, 0], n)
        var loads: [[Int]] = [[]]
        for _ in 0..<n { loads = loads.flatMap { prefix in (0...m).map { prefix + [$0] } } }
        return odds.flatMap { odds in loads.map { SmallInstance(odds: odds, loads: $0, partitions: m) } }
    }

    static let tiny = instances(1, 3) + instances(2, 2) + instances(2, 3) + instances(3, 2)

    /// Checks an answer by its certificates and by all reachable sums; gives the status.
    @discardableResult
    static func expect(_ instance: SmallInstance, _ τ: Int, _ reachable: [[Int]: Int]) throws
        -> MinimumRedundancy.Status
    {
        let answer = try instance.problem.minimumRedundancy(target: Rational(τ))
        let best = reachable.filter { $0.key.allSatisfy { $0 >= τ } }.values.min()
        let bound = lowerBound(instance, τ)
        #expect(answer.lowerBound == bound, "\(instance) \(τ)")
        if let bound, let best { #expect(bound <= best) }
        let p = instance.straggling.map(\.rational)
        let greedy = SmallInstance.greedy(
            HeterogeneousAllocationTests.odds(p), instance.loads, instance.partitions, order: SmallInstance.order(p),
            below: Rational(τ))
        switch answer.status {
        case .complete:
            let allocation = try #require(answer.allocation)
            #expect(allocation.holders == greedy.holders, "\(instance) \(τ)")
            let sums = instance.sums(allocation)
            let copies = allocation.loads.reduce(0, +)
            #expect(sums.allSatisfy { $0 >= τ && $0 < τ + instance.largest })
            #expect(zip(allocation.loads, instance.loads).allSatisfy { $0 <= $1 })
            #expect(try #require(best) <= copies && copies >= bound!)
            if instance.loads.allSatisfy({ $0 == instance.partitions }) {
                #expect(copies == bound && copies % instance.partitions == 0)
            }
        case .infeasible:
            #expect(answer.allocation == nil && best == nil && (bound ?? .max) > instance.capacity)
        case .greedyFailed:
            #expect(answer.allocation == nil && (bound ?? .max) <= instance.capacity)
            #expect(greedy.sums.contains { $0 < .finite(Rational(τ)) })
        }
        return answer.status
    }

    @Test func `all tiny instances and targets`() throws {
        var seen: [MinimumRedundancy.Status: Int] = [:]
        for instance in Self.tiny {
            let reachable = instance.reachable
            for τ in [1, 2, 3, 4, 6] { seen[try Self.expect(instance, τ, reachable), default: 0] += 1 }
        }
        #expect(seen[.complete, default: 0] > 1000 && seen[.infeasible, default: 0] > 1000)
    }

    @Test func `random larger instances`() throws {
        var random = SplitMix64(seed: 20)
        var seen: [MinimumRedundancy.Status: Int] = [:]
        for _ in 0..<150 {
            let (n, m) = (random.int(3...6), random.int(2...3))
            let odds = (0..<n).map { _ in random.int(0...5) }
            let instance = SmallInstance(odds: odds, loads: odds.map { _ in random.int(1...m) }, partitions: m)
            seen[try Self.expect(instance, random.int(1...8), instance.reachable), default: 0] += 1
        }
        #expect(seen.count == 3)
    }

    @Test func `the greedy rule is not optimal`() throws {
        let instance = SmallInstance(odds: [5, 4, 3, 2, 2], loads: [1, 1, 1, 1, 2], partitions: 2)
        let reachable = instance.reachable
        #expect(try Self.expect(instance, 8, reachable) == .complete)
        let answer = try instance.problem.minimumRedundancy(target: 8)
        let allocation = try #require(answer.allocation)
        #expect(instance.sums(allocation) == [9, 9] && allocation.loads.reduce(0, +) == 6 && answer.lowerBound! <= 5)
        #expect(reachable[[8, 8]] == 5)
        #expect(reachable.filter { $0.key.allSatisfy { $0 >= 8 } }.values.min() == 5)
        let fewest = try #require(try instance.problem.fewestCopies(target: 8))
        #expect(fewest.loads.reduce(0, +) == 5)
    }

    @Test func `the greedy rule is not complete, and what it says then`() throws {
        let feasible = SmallInstance(odds: [3, 3, 2, 2, 2], loads: [1, 1, 1, 1, 1], partitions: 2)
        #expect(try Self.expect(feasible, 6, feasible.reachable) == .greedyFailed)
        #expect(feasible.reachable[[6, 6]] == 5)
        #expect(try feasible.problem.fewestCopies(target: 6)?.loads.reduce(0, +) == 5)
        let certified = SmallInstance(odds: [3, 3, 3], loads: [1, 1, 1], partitions: 2)
        #expect(try Self.expect(certified, 4, certified.reachable) == .infeasible)
        #expect(try certified.problem.minimumRedundancy(target: 4).lowerBound == 4)
        let uncertified = SmallInstance(odds: [3, 3, 3, 1], loads: [1, 1, 1, 1], partitions: 2)
        #expect(try Self.expect(uncertified, 5, uncertified.reachable) == .greedyFailed)
        #expect(try uncertified.problem.minimumRedundancy(target: 5).lowerBound == 4)
        #expect(try uncertified.problem.fewestCopies(target: 5) == nil)
        #expect(uncertified.reachable.keys.allSatisfy { $0.contains { $0 < 5 } })
    }

    @Test(arguments: [
        ("1/2 1/3 1/4", [2, 2, 2], 3, 3, "2 2 01", "3 3 3", 4, 4),
        ("1/20 1/20 1/20 1/2 1/2 1/2", [2, 2, 2, 2, 2, 2], 6, 19, "01 23 45 - - -", "19 19 19 19 19 19", 6, 6),
        ("1/4 1/4 1/3 1/3 1/3", [1, 1, 1, 1, 1], 2, 6, "", "", 0, 5),
        ("0 1 1/2 1/3", [1, 2, 3, 2], 3, 3, "0 - 12 12", "inf 3 3", 5, 3),
    ])
    func `the golden allocations`(
        _ p: String, _ loads: [Int], _ m: Int, _ τ: Int, _ held: String, _ sums: String, _ copies: Int, _ bound: Int
    ) throws {
        let problem = try HeterogeneousAllocationTests.problem(p, loads: loads, partitions: m)
        let answer = try problem.minimumRedundancy(target: Rational(τ))
        #expect(answer.lowerBound == bound)
        guard !held.isEmpty else {
            #expect(answer.status == .greedyFailed && answer.allocation == nil)
            return
        }
        let allocation = try #require(answer.allocation)
        #expect(answer.status == .complete && allocation.held == decimalSets(held))
        #expect(allocation.loads.reduce(0, +) == copies)
        let code = try HeterogeneousGradientCode(allocation: allocation, straggling: problem.straggling)
        #expect(code.oddsSums() == ExtendedRational.list(sums))
    }

    @Test func `the exact search finds the optima of all tiny instances`() throws {
        for instance in Self.tiny {
            let (problem, reachable) = (instance.problem, instance.reachable)
            let choices = instance.loads.map { load in
                (0..<1 << instance.partitions).count { $0.nonzeroBitCount <= load }
            }.reduce(1, *)
            #expect(problem.choices == Rational(choices))
            if let best = reachable.keys.compactMap(SmallInstance.residual).min() {
                let allocation = try problem.leastResidual()
                #expect(SmallInstance.residual(instance.sums(allocation)) == best, "\(instance)")
                #expect(zip(allocation.loads, instance.loads).allSatisfy { $0 <= $1 })
            } else {
                #expect(refusal { try problem.leastResidual() } == .infeasiblePartition, "\(instance)")
            }
            for τ in [1, 4] {
                let best = reachable.filter { $0.key.allSatisfy { $0 >= τ } }.values.min()
                let found = try problem.fewestCopies(target: Rational(τ))
                #expect(found?.loads.reduce(0, +) == best, "\(instance) \(τ)")
                if let found {
                    #expect(instance.sums(found).allSatisfy { $0 >= τ })
                    #expect(zip(found.loads, instance.loads).allSatisfy { $0 <= $1 })
                }
            }
        }
    }

    @Test func `whole residuals of larger instances, and the limit of the search`() throws {
        for instance in [
            SmallInstance(odds: [3, 3, 2, 2, 2], loads: [1, 1, 1, 1, 1], partitions: 2),
            SmallInstance(odds: [5, 4, 3, 2], loads: [2, 1, 2, 3], partitions: 3),
        ] {
            let best = instance.reachable.keys.compactMap(SmallInstance.residual).min()
            #expect(try SmallInstance.residual(instance.sums(instance.problem.leastResidual())) == best)
        }
        // 4¹⁰ choices are too many, 2²⁰ too; 4⁹ are not, but take long.
        for problem in [
            SmallInstance(odds: [Int](repeating: 1, count: 10), loads: [Int](repeating: 2, count: 10), partitions: 2),
            SmallInstance(odds: [1], loads: [20], partitions: 20),
        ].map(\.problem) {
            #expect(problem.choices == nil)
            #expect(refusal { try problem.leastResidual() } == .invalidParameters)
            #expect(refusal { try problem.fewestCopies(target: 1) } == .invalidParameters)
        }
    }

    @Test func `large problems are refused or certified at once`() throws {
        let half = try Probability(1, 2)
        let large = try AllocationProblem(
            straggling: [Probability](repeating: half, count: 4096), loads: [Int](repeating: 4096, count: 4096),
            partitions: 4096)
        #expect(large.choices == nil)
        #expect(refusal { try large.leastResidual() } == .invalidParameters)
        let answer = try large.minimumRedundancy(target: 4097)
        #expect(answer.status == .infeasible && answer.lowerBound == nil)
        let beyond = try large.minimumRedundancy(target: Rational(2).power(100))
        #expect(beyond.status == .infeasible && beyond.lowerBound == nil)
        // One choice, and 65 537 of them: the search does not go deep where copies are fewer than partitions.
        let wide = try AllocationProblem(straggling: [half], loads: [1], partitions: 65_536)
        let idle = [Probability](repeating: half, count: 16_384)
        let tall = try AllocationProblem(straggling: idle, loads: idle.map { _ in 0 }, partitions: 1)
        #expect(wide.choices == 65_537 && tall.choices == 1)
        for problem in [wide, tall] {
            #expect(refusal { try problem.leastResidual() } == .infeasiblePartition)
            #expect(try problem.fewestCopies(target: 1) == nil)
        }
        let last = try AllocationProblem(straggling: idle, loads: idle.indices.map { $0 == 7 ? 1 : 0 }, partitions: 1)
        #expect(try last.leastResidual().workers(of: 0) == [7])
    }
}
