import ExactArithmetic
import GradientCodeOperations
import GradientCodes

extension BuiltIn {
    static func answerAllocations(_ table: inout Implementation.Table) {
        table.answer(Allocation.Build.self, unless: { tooLarge($0.descriptor) }) { question throws(Refusal) in
            .init(allocation: try allocation(question.descriptor).rows)
        }
        table.answer(Allocation.Report.self, unless: tooLarge) { question throws(Refusal) in
            let allocation = try Allocation(question.allocation)
            let gap = allocation.balanceGap
            return .init(
                gap: .exact(Rational(gap.numerator) / Rational(gap.denominator)), loads: allocation.loads,
                replication: allocation.replication)
        }
    }

    private static func tooLarge(_ descriptor: AllocationDescriptor) -> String? {
        // Sizes beyond the families' own limit are refused by them; below it, large matrices are not for one line.
        let sizes = [descriptor.workers, descriptor.partitions].map { $0 ?? 1 }
        guard sizes.allSatisfy({ (1...65_536).contains($0) }) else { return nil }
        let entries = descriptor.kind == .cyclic ? sizes[0] * sizes[0] : sizes[0] * sizes[1]
        return entries > 1 << 20 || (descriptor.order ?? 0) > 10 && descriptor.kind != .affinePlane
            ? "more than 2^20 entries" : nil
    }

    private static func tooLarge(_ question: Allocation.Report) -> String? {
        let partitions = question.allocation.first?.count ?? 0
        let entries = question.allocation.count.multipliedReportingOverflow(by: partitions)
        return entries.overflow || entries.partialValue > 1 << 20 || partitions > 1 << 10
            ? "more than 2^20 entries" : nil
    }

    /// The allocation a descriptor stands for.
    static func allocation(_ descriptor: AllocationDescriptor) throws(Refusal) -> Allocation {
        func required<Value>(_ value: Value?, _ name: String) throws(Refusal) -> Value {
            guard let value else { throw Refusal(.invalidParameters, "\(descriptor.kind.rawValue) needs \(name)") }
            return value
        }
        func workers() throws(Refusal) -> Int { try required(descriptor.workers, "workers") }
        func partitions() throws(Refusal) -> Int { try required(descriptor.partitions, "partitions") }
        func replication() throws(Refusal) -> Int { try required(descriptor.replication, "replication") }
        func order() throws(Refusal) -> Int { try required(descriptor.order, "order") }

        let family: Allocation =
            switch descriptor.kind {
            case .fullReplication: try .fullReplication(workers: workers(), partitions: partitions())
            case .hadamard: try .hadamard(order: order(), partitions: partitions())
            case .affinePlane:
                try .affinePlane(
                    order: order(), subsets: partitions(), a: required(descriptor.threshold, "threshold"))
            case .fullFactorial:
                try .fullFactorial(
                    levels: required(descriptor.levels, "levels"),
                    thresholds: required(descriptor.thresholds, "thresholds"))
            case .cyclic: try .cyclic(workers: workers(), replication: replication())
            case .fractionalRepetition:
                try .fractionalRepetition(
                    workers: workers(), partitions: partitions(), replication: replication())
            case .differenceSet:
                try .differenceSet(
                    required(descriptor.set, "set"), modulus: required(descriptor.modulus, "modulus"))
            case .random:
                try .random(
                    seed: required(descriptor.seed, "seed").value, workers: workers(),
                    replication: required(descriptor.replications, "replications"))
            }
        guard let universal = descriptor.universal, universal != 0 else { return family }
        return try family.adding(universalPartitions: universal)
    }
}
