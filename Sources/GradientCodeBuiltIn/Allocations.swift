import ExactArithmetic
import GradientCodeOperations
import GradientCodes

extension BuiltIn {
    static func answerAllocations(_ table: inout Implementation.Table) {
        table.answer(Allocation.Build.self) { question throws(Refusal) in
            .init(allocation: try allocation(question.descriptor).rows)
        }
        table.answer(Allocation.Report.self) { question throws(Refusal) in
            let allocation = try Allocation(question.allocation)
            let gap = allocation.balanceGap
            return .init(
                gap: .exact(Rational(gap.numerator) / Rational(gap.denominator)), loads: allocation.loads,
                replication: allocation.replication)
        }
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
