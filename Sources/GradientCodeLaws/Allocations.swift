import ExactArithmetic
import GradientCodeOperations
import GradientCodes

extension Law {
    static let allocations: [Law] = [
        generated(
            id: "allocation.balanceGap", "The report counts loads, replication and the greatest |λ_kl − d_k d_l / N|.",
            profile: .core, basis: .derived, section: "notation.md#allocations", needs: ["allocation.report"]
        ) { choices in
            let (workers, partitions) = (choices.integer(in: 1...6), choices.integer(in: 1...5))
            var rows = (0..<workers).map { _ in (0..<partitions).map { _ in choices.coin() ? 1 : 0 } }
            // A partition that nobody drew goes to worker 0.
            for k in 0..<partitions where rows.allSatisfy({ $0[k] == 0 }) { rows[0][k] = 1 }
            return Allocation.Report(allocation: rows)
        } trial: { question, examiner in
            let rows = question.allocation
            let columns = rows[0].indices.map { k in rows.map { $0[k] } }
            let replication = columns.map { $0.reduce(0, +) }
            var gap: Rational = 0
            for k in columns.indices {
                for l in columns.indices where l != k {
                    let common = zip(columns[k], columns[l]).reduce(0) { $0 + $1.0 * $1.1 }
                    gap = max(gap, (Rational(common) - Rational(replication[k] * replication[l], rows.count)).magnitude)
                }
            }
            let expected = Allocation.Report.Answer(
                gap: .exact(gap), loads: rows.map { $0.reduce(0, +) }, replication: replication)
            try await examiner.check([(question, expected)], profile: .core)
        },
        generated(
            id: "allocation.balancedFamilies",
            "The orthogonal families are balanced and have the replication they promise.",
            profile: .wire, basis: .derived, section: "notation.md#allocations", needs: ["allocation.build"]
        ) { choices in
            switch choices.integer(in: 0...2) {
            case 0:
                let order = choices.integer(in: 1...4)
                return AllocationDescriptor(
                    .hadamard, partitions: choices.integer(in: 1...(1 << order) - 1), order: order)
            case 1:
                let order = choices.element(of: [2, 3, 5])
                return AllocationDescriptor(
                    .affinePlane, partitions: choices.integer(in: 1...order + 1), order: order,
                    threshold: choices.integer(in: 1...order))
            default:
                let levels = (0..<choices.integer(in: 1...3)).map { _ in choices.integer(in: 1...3) }
                let thresholds = levels.map { choices.integer(in: 1...$0) }
                return AllocationDescriptor(.fullFactorial, levels: levels, thresholds: thresholds)
            }
        } trial: { (descriptor: AllocationDescriptor, examiner) in
            let question = Allocation.Build(descriptor: descriptor)
            let rows = try await examiner.answer(question).allocation
            func fail(_ reason: String) -> Violation {
                Violation(question, Mismatch(reason, expected: "a balanced 0/1 allocation", received: rows))
            }
            guard let width = rows.first?.count, rows.allSatisfy({ $0.count == width && $0.allSatisfy { 0...1 ~= $0 } })
            else { throw fail("not a 0/1 matrix") }
            let columns = (0..<width).map { k in rows.map { $0[k] } }
            let replication = columns.map { $0.reduce(0, +) }
            guard replication == promised(descriptor, workers: rows.count) else { throw fail("another replication") }
            for k in columns.indices {
                for l in columns.indices where l != k {
                    let common = zip(columns[k], columns[l]).reduce(0) { $0 + $1.0 * $1.1 }
                    guard common * rows.count == replication[k] * replication[l] else { throw fail("not balanced") }
                }
            }
        },
    ]

    /// The replication of each partition that a balanced family promises, for N workers.
    private static func promised(_ descriptor: AllocationDescriptor, workers: Int) -> [Int] {
        let order = descriptor.order ?? 0
        let partitions = descriptor.partitions ?? 0
        return switch descriptor.kind {
        case .hadamard: Array(repeating: 1 << (order - 1), count: partitions)
        case .affinePlane: Array(repeating: order * (descriptor.threshold ?? 0), count: partitions)
        default:
            zip(descriptor.levels ?? [], descriptor.thresholds ?? []).map { levels, threshold in
                workers / levels * threshold
            }
        }
    }
}
