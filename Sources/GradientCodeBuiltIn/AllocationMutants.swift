import ExactArithmetic
import GradientCodeOperations
import GradientCodes

extension Mutant {
    static let allocations: [Mutant] = [
        build("windowTooWide", "cyclic windows hold d + 1 partitions", caughtBy: "allocation.build") {
            descriptor throws(Refusal) in
            var wider = descriptor
            if descriptor.kind == .cyclic, let d = descriptor.replication, d < descriptor.workers ?? 0 {
                wider.replication = d + 1
            }
            return try BuiltIn.allocation(wider).rows
        },
        build("partitionMajor", "the matrix is transposed", caughtBy: "allocation.build") {
            descriptor throws(Refusal) in
            let rows = try BuiltIn.allocation(descriptor).rows
            return rows[0].indices.map { k in rows.map { $0[k] } }
        },
        build("popcountOdd", "Sylvester's matrix is complemented", caughtBy: "allocation.build") {
            descriptor throws(Refusal) in
            let rows = try BuiltIn.allocation(descriptor).rows
            return descriptor.kind == .hadamard ? rows.map { $0.map { 1 - $0 } } : rows
        },
        build("slopeOnY", "affine lines are x + cy, not cx + y", caughtBy: "allocation.balancedFamilies") {
            descriptor throws(Refusal) in
            let rows = try BuiltIn.allocation(descriptor).rows
            guard descriptor.kind == .affinePlane, let q = descriptor.order, let a = descriptor.threshold else {
                return rows
            }
            return rows.indices.map { worker in
                rows[worker].indices.map { c in
                    let (x, y) = (worker / q, worker % q)
                    return c < q ? ((x + c * y) % q < a ? 1 : 0) : rows[worker][c]
                }
            }
        },
        Mutant(
            "loadsSwapped", of: "allocation", "loads and replication are exchanged", caughtBy: "allocation.report"
        ) { table in
            table.answer(Allocation.Report.self) { question throws(Refusal) in
                let allocation = try Allocation(question.allocation)
                let gap = allocation.balanceGap
                return .init(
                    gap: .exact(Rational(gap.numerator) / Rational(gap.denominator)), loads: allocation.replication,
                    replication: allocation.loads)
            }
        },
        Mutant(
            "meanReplication", of: "allocation", "the balance gap is taken against the mean replication",
            caughtBy: "allocation.balanceGap"
        ) { table in
            table.answer(Allocation.Report.self) { question throws(Refusal) in
                let allocation = try Allocation(question.allocation)
                let (loads, replication) = (allocation.loads, allocation.replication)
                let mean = Rational(replication.reduce(0, +), replication.count)
                var gap: Rational = 0
                for k in replication.indices {
                    for l in replication.indices where k != l {
                        let expected = mean * mean / Rational(allocation.workers)
                        gap = max(gap, (Rational(allocation.common(k, l)) - expected).magnitude)
                    }
                }
                return .init(gap: .exact(gap), loads: loads, replication: replication)
            }
        },
    ]

    private static func build(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ rows: @escaping @Sendable (AllocationDescriptor) throws(Refusal) -> [[Int]]
    ) -> Mutant {
        Mutant(name, of: "allocation", defect, caughtBy: killer) { table in
            table.answer(Allocation.Build.self) { question throws(Refusal) in
                .init(allocation: try rows(question.descriptor))
            }
        }
    }
}
