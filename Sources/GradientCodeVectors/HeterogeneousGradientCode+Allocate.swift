package import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
package import GradientCodes

extension HeterogeneousGradientCode.Allocate {
    /// What is expected of a valid question; feasibility is decided by the exact search where that is small enough.
    package var expected: HeterogeneousGradientCode.Allocate.Expected {
        guard let straggling = try? Probability.all(probabilities), let loads,
            let problem = try? AllocationProblem(straggling: straggling, loads: loads, partitions: partitions)
        else { preconditionFailure("the question is valid") }
        func expectation(_ allocation: Allocation?, _ status: Status, _ lowerBound: Int? = nil) -> Expected {
            .init(answer: describe(allocation, status, problem.odds, lowerBound))
        }
        switch strategy {
        case .lpt: return expectation(try? problem.longestProcessingTimeFirst(), .complete)
        case .cyclic: return expectation(try? problem.cyclic(), .complete)
        case .exact:
            if let target {
                let best = (try? problem.fewestCopies(target: target)).flatMap { $0 }
                var expected = expectation(best, best == nil ? .infeasible : .complete)
                expected.isFeasible = best != nil
                expected.fewestCopies = expected.answer.copies
                return expected
            }
            var expected = expectation(try? problem.leastResidual(), .complete)
            expected.leastResidual = expected.answer.residual
            return expected
        case .minimumRedundancy:
            guard let target, let greedy = try? problem.minimumRedundancy(target: target) else {
                preconditionFailure("the question has a target")
            }
            let status: Status =
                switch greedy.status {
                case .complete: .complete
                case .infeasible: .infeasible
                case .greedyFailed: .greedyFailed
                }
            var expected = expectation(greedy.allocation, status, greedy.lowerBound)
            if greedy.status != .greedyFailed {
                expected.isFeasible = greedy.status == .complete
            } else if let choices = problem.choices, choices <= 100_000 {
                expected.isFeasible = (try? problem.fewestCopies(target: target)).flatMap { $0 } != nil
            }
            return expected
        }
    }

    private func describe(
        _ allocation: Allocation?, _ status: Status, _ odds: [ExtendedRational], _ lowerBound: Int?
    ) -> Answer {
        guard let allocation else { return .init(status: status, allocation: nil, lowerBound: lowerBound) }
        let (rows, columns) = (allocation.rows, 0..<partitions)
        let sums = columns.map { j in rows.indices.filter { rows[$0][j] == 1 }.map { odds[$0] }.total }
        let counts = rows.map { $0.reduce(0, +) }
        return .init(
            status: status, allocation: rows, oddsSums: sums, residual: sums.map(\.reciprocal).total,
            copies: counts.reduce(0, +), largestLoad: counts.max(),
            factor: BalanceBound(oddsSums: sums, largestOdds: .finite(0))?.factor, lowerBound: lowerBound)
    }
}

extension HeterogeneousGradientCode {
    /// Vectors of `heterogeneous.allocate`.
    static var allocateVectors: VectorFile {
        var file = VectorFileBuilder(
            Allocate.self, "Allocations by strategy. In core any that keeps the strategy's promises is right.")
        for (tgId, profile) in [(1, Profile.core), (2, .wire)] {
            let name = profile == .core ? "Promises" : "TieBreaks"
            file.group(tgId, name, profile: profile, basis: profile == .core ? .derived : .house) { tests in
                for (index, question) in allocationQuestions.enumerated() {
                    let isGolden = index < 12
                    tests.valid(
                        100 * (tgId - 1) + index + 1, question.comment, [isGolden ? .handExample : question.flag],
                        question.question, question.question.expected)
                }
            }
        }
        file.group(
            3, "Refusals", profile: .core, basis: .house, section: "HeterogeneousGradientCode.md#edge-cases"
        ) { tests in
            let p = [Rational(1, 2), Rational(1, 3)]
            func refuse(
                _ tcId: Int, _ comment: String, _ kind: Refusal.Kind, _ flag: VectorFlag, _ strategy: Allocate.Strategy,
                _ damage: (inout Allocate) -> Void
            ) {
                var question = Allocate(strategy, probabilities: p, partitions: 2, loads: [1, 1])
                damage(&question)
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            refuse(300, "no worker", .invalidParameters, .smallest, .lpt) {
                $0.probabilities = []
                $0.loads = []
            }
            refuse(301, "no partition", .invalidParameters, .smallest, .lpt) {
                $0.partitions = 0
                $0.loads = [0, 0]
            }
            refuse(302, "loads missing", .invalidParameters, .invalidParameters, .lpt) { $0.loads = nil }
            refuse(303, "a load above m", .invalidParameters, .invalidParameters, .lpt) { $0.loads = [3, 1] }
            refuse(304, "a negative load", .invalidParameters, .invalidParameters, .cyclic) { $0.loads = [2, -1] }
            refuse(305, "no target", .invalidParameters, .invalidParameters, .minimumRedundancy) { _ in }
            refuse(306, "target 0", .invalidParameters, .invalidParameters, .minimumRedundancy) { $0.target = 0 }
            refuse(307, "a negative target", .invalidParameters, .invalidParameters, .exact) { $0.target = -1 }
            refuse(308, "more than 10⁶ choices", .invalidParameters, .invalidParameters, .exact) {
                $0.probabilities = Array(repeating: Rational(1, 2), count: 6)
                $0.partitions = 4
                $0.loads = Array(repeating: 4, count: 6)
            }
            refuse(309, "one load too few", .dimensionMismatch, .sizes, .lpt) { $0.loads = [2] }
            refuse(310, "p = 3/2", .invalidProbability, .invalidParameters, .lpt) {
                $0.probabilities[0] = Rational(3, 2)
            }
            refuse(311, "fewer copies than partitions", .infeasiblePartition, .invalidParameters, .lpt) {
                $0.loads = [1, 0]
            }
            refuse(312, "copies of a dead worker do not count", .infeasiblePartition, .invalidParameters, .lpt) {
                $0.probabilities = [1, Rational(1, 2)]
            }
            refuse(313, "a window of a dead worker", .infeasiblePartition, .invalidParameters, .cyclic) {
                $0.probabilities = [1, Rational(1, 2)]
            }
            refuse(314, "a partition in no window", .infeasiblePartition, .invalidParameters, .cyclic) {
                $0.loads = [1, 0]
            }
            refuse(315, "nothing to search", .infeasiblePartition, .invalidParameters, .exact) { $0.loads = [1, 0] }
            refuse(316, "one load too few and p = 3/2: the size is refused", .dimensionMismatch, .precedence, .lpt) {
                $0.loads = [2]
                $0.probabilities[0] = Rational(3, 2)
            }
            refuse(317, "p = 3/2 and fewer copies than partitions", .invalidProbability, .precedence, .lpt) {
                $0.loads = [1, 0]
                $0.probabilities[0] = Rational(3, 2)
            }
        }
        return file.file
    }

    /// The golden allocations, twelve of them, and edge cases.
    private static let allocationQuestions: [(comment: String, flag: VectorFlag, question: Allocate)] = {
        let (half, third, quarter) = (Rational(1, 2), Rational(1, 3), Rational(1, 4))
        let mixed = HeterogeneousCase.mixedCyclic.probabilities
        let inputs: [(String, [Rational], [Int], Int, Rational)] = [
            ("A", [half, third, quarter], [2, 2, 2], 3, 3),
            ("B", mixed, [2, 2, 2, 2, 2, 2], 6, 19),
            ("C", [quarter, quarter, third, third, third], [1, 1, 1, 1, 1], 2, 6),
            ("D", [0, 1, half, third], [1, 2, 3, 2], 3, 3),
        ]
        var all: [(comment: String, flag: VectorFlag, question: Allocate)] = []
        for (name, p, loads, m, target) in inputs {
            for strategy in [Allocate.Strategy.lpt, .cyclic, .minimumRedundancy] {
                let τ = strategy == .minimumRedundancy ? target : nil
                let title = "input \(name), \(strategy.rawValue)" + (τ.map { ", τ = \($0)" } ?? "")
                all.append(
                    (title, .handExample, .init(strategy, probabilities: p, partitions: m, loads: loads, target: τ)))
            }
        }
        func odds(_ s: [Int]) -> [Rational] { s.map { Rational(1, $0 + 1) } }
        func add(
            _ comment: String, _ strategy: Allocate.Strategy, _ p: [Rational], _ m: Int, _ loads: [Int],
            _ τ: Rational? = nil, _ flag: VectorFlag = .normal
        ) {
            all.append((comment, flag, .init(strategy, probabilities: p, partitions: m, loads: loads, target: τ)))
        }
        add("greedy needs 6 copies, 5 suffice", .minimumRedundancy, odds([5, 4, 3, 2, 2]), 2, [1, 1, 1, 1, 2], 8)
        add("the same, searched", .exact, odds([5, 4, 3, 2, 2]), 2, [1, 1, 1, 1, 2], 8)
        add("greedy fails, another allocation does not", .exact, odds([3, 3, 2, 2, 2]), 2, [1, 1, 1, 1, 1], 6)
        add("r = 2 and three copies: infeasible", .minimumRedundancy, odds([3, 3, 3]), 2, [1, 1, 1], 4)
        add("infeasible, though T_LB copies exist", .minimumRedundancy, odds([3, 3, 3, 1]), 2, [1, 1, 1, 1], 5)
        add("the same, searched", .exact, odds([3, 3, 3, 1]), 2, [1, 1, 1, 1], 5)
        add("no caps: the first r workers", .minimumRedundancy, odds([1, 4, 2, 3]), 3, [3, 3, 3, 3], 6)
        add("no caps, and no sum reaches τ", .minimumRedundancy, odds([1, 2]), 2, [2, 2], 4)
        add("an exact worker reaches every target", .minimumRedundancy, [0, half], 2, [2, 2], 1000)
        add("the least residual, LPT is not it", .exact, odds([3, 3, 2, 2, 2]), 2, [1, 1, 1, 1, 1])
        add("equal odds: ties by index", .lpt, odds([2, 2, 2, 2]), 4, [2, 2, 2, 2])
        add("one worker with all", .lpt, [half], 3, [3], nil, .smallest)
        add("a load 0", .lpt, [half, third], 2, [0, 2], nil, .smallest)
        add("dead workers hold windows", .cyclic, [1, half, half], 3, [3, 2, 2])
        add("more workers than partitions", .cyclic, odds([1, 2, 3, 4, 5]), 2, [1, 1, 1, 1, 1])
        add("seven workers, ten partitions", .lpt, odds([1, 7, 2, 9, 4, 4, 3]), 10, [3, 5, 4, 2, 6, 10, 1])
        return all
    }()

    /// Vectors of `heterogeneous.allocateBits`.
    static var allocateBitsVectors: VectorFile {
        var file = VectorFileBuilder(
            AllocateBits.self, "The greatest gain of quantisers' bits; any bits that reach it.")
        file.group(1, "Gains", profile: .core, basis: .derived) { tests in
            func add(_ tcId: Int, _ comment: String, _ flag: VectorFlag, _ question: AllocateBits) {
                tests.valid(tcId, comment, [flag], question, .init(gain: question.greatestGain))
            }
            let p = [Rational(3, 4), Rational(3, 10), Rational(7, 20)]
            add(1, "κ = 4: greedy loses 10 %", .handExample, .init(probabilities: p, kappa: 4, budget: 6, maximum: 6))
            add(2, "κ = 1", .handExample, .init(probabilities: p, kappa: 1, budget: 6, maximum: 6))
            add(3, "no bits", .smallest, .init(probabilities: p, kappa: 1, budget: 0, maximum: 3))
            add(4, "one worker, one bit", .smallest, .init(probabilities: [0], kappa: 1, budget: 1, maximum: 1))
            add(5, "a maximum that binds", .normal, .init(probabilities: p, kappa: 4, budget: 6, maximum: 2))
            add(6, "more bits than can be used", .normal, .init(probabilities: p, kappa: 1, budget: 20, maximum: 3))
            add(
                7, "exact and dead workers", .normal,
                .init(probabilities: [0, 1, Rational(1, 2), 0], kappa: Rational(1, 3), budget: 7, maximum: 4))
            add(
                8, "a tiny κ", .normal,
                .init(probabilities: [Rational(1, 3), Rational(1, 5)], kappa: Rational(1, 1000), budget: 4, maximum: 4))
        }
        file.group(
            2, "Refusals", profile: .core, basis: .house, section: "HeterogeneousGradientCode.md#edge-cases"
        ) { tests in
            func refuse(_ tcId: Int, _ comment: String, _ kind: Refusal.Kind, _ damage: (inout AllocateBits) -> Void) {
                var question = AllocateBits(probabilities: [Rational(1, 2)], kappa: 1, budget: 3, maximum: 2)
                damage(&question)
                tests.invalid(tcId, comment, [.invalidParameters], question, kind)
            }
            refuse(20, "no worker", .invalidParameters) { $0.probabilities = [] }
            refuse(21, "κ = 0", .invalidParameters) { $0.kappa = 0 }
            refuse(22, "a negative κ", .invalidParameters) { $0.kappa = -1 }
            refuse(23, "a negative budget", .invalidParameters) { $0.budget = -1 }
            refuse(24, "maximum 0", .invalidParameters) { $0.maximum = 0 }
            refuse(25, "p = 2", .invalidProbability) { $0.probabilities = [2] }
        }
        return file.file
    }
}

extension HeterogeneousGradientCode.AllocateBits {
    /// The greatest gain, from all choices of bits.
    ///
    /// - Precondition: the question is valid, and small.
    package var greatestGain: Rational {
        func best(_ worker: Int, left: Int) -> Rational {
            guard worker < probabilities.count else { return 0 }
            return (0...min(maximum, left)).map { b -> Rational in
                let levels = Rational(2).power(b) - 1
                let own =
                    b == 0 ? 0 : (1 - probabilities[worker]) / (probabilities[worker] + kappa / (levels * levels))
                return own + best(worker + 1, left: left - b)
            }.max() ?? 0
        }
        return best(0, left: budget)
    }
}
