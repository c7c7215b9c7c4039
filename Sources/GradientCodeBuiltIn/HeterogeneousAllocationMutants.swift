import ExactArithmetic
import GradientCodeOperations
import GradientCodes

// Defects of allocations, bits and convergence (`docs/HeterogeneousGradientCode.md#mistakes`).
extension Mutant {
    static let heterogeneousAllocations: [Mutant] = [
        heterogeneous("ascendingOdds", "LPT takes the workers by ascending odds", caughtBy: "heterogeneous.allocate") {
            (question: HeterogeneousGradientCode.Allocate, answer) in
            guard question.strategy == .lpt else { return answer }
            return allotted(question, answer, order: { $0 < $1 }, largestFirst: false)
        },
        heterogeneous(
            "largestSumsFirst", "the largest sums are filled first", caughtBy: "heterogeneous.allocationsKeepPromises"
        ) {
            (question: HeterogeneousGradientCode.Allocate, answer) in
            guard question.strategy == .lpt else { return answer }
            return allotted(question, answer, order: { $0 > $1 }, largestFirst: true)
        },
        heterogeneous("capsIgnored", "loads are ignored", caughtBy: "heterogeneous.allocationsKeepPromises") {
            (question: HeterogeneousGradientCode.Allocate, answer) throws(Refusal) in
            var free = question
            free.loads = question.loads?.map { _ in question.partitions }
            return question.strategy == .exact ? answer : try BuiltIn.allocate(free)
        },
        heterogeneous("greedyIsCertain", "greedyFailed is reported as infeasible", caughtBy: "heterogeneous.allocate") {
            (question: HeterogeneousGradientCode.Allocate, answer) in
            var wrong = answer
            if answer.status == .greedyFailed { wrong.status = .infeasible }
            return wrong
        },
        heterogeneous("oneWorkerTwice", "a worker counts twice", caughtBy: "heterogeneous.allocationsKeepPromises") {
            (question: HeterogeneousGradientCode.Allocate, answer) in
            guard var rows = answer.allocation, let i = rows.firstIndex(where: { $0.contains(1) }),
                let j = rows[i].firstIndex(of: 1)
            else { return answer }
            rows[i][j] = 2
            var wrong = answer
            wrong.allocation = rows
            return wrong
        },
        heterogeneous(
            "targetMissed", "a partition keeps less than the target", caughtBy: "heterogeneous.allocationsKeepPromises"
        ) {
            (question: HeterogeneousGradientCode.Allocate, answer) in
            guard question.target != nil, var rows = answer.allocation,
                let i = rows.lastIndex(where: { $0.contains(1) }), let j = rows[i].firstIndex(of: 1)
            else { return answer }
            rows[i][j] = 0
            return .init(status: .complete, allocation: rows)
        },
        heterogeneous(
            "greedyBits", "bits are given one by one to the greatest increment", caughtBy: "heterogeneous.allocateBits"
        ) {
            (question: HeterogeneousGradientCode.AllocateBits, answer) in
            var bits = question.probabilities.map { _ in 0 }
            func gain(_ i: Int, _ b: Int) -> Rational {
                let levels = Rational(2).power(b) - 1
                let p = question.probabilities[i]
                return b == 0 ? 0 : (1 - p) / (p + question.kappa / (levels * levels))
            }
            for _ in 0..<question.budget {
                let open = bits.indices.filter { bits[$0] < question.maximum }
                guard
                    let best = open.max(by: {
                        gain($0, bits[$0] + 1) - gain($0, bits[$0]) < gain($1, bits[$1] + 1) - gain($1, bits[$1])
                    })
                else { break }
                bits[best] += 1
            }
            return .init(bits: bits, gain: .exact(bits.indices.map { gain($0, bits[$0]) }.total))
        },
        heterogeneous("equalBits", "every worker gets the same bits", caughtBy: "heterogeneous.bitsAreBest") {
            (question: HeterogeneousGradientCode.AllocateBits, answer) in
            let b = min(question.maximum, question.budget / question.probabilities.count)
            return .init(bits: answer.bits.map { _ in b }, gain: answer.gain)
        },
    ]

    static let heterogeneousTheory: [Mutant] = [
        heterogeneous("crossTermForgotten", "2η² hᵀVr E e is left out", caughtBy: "heterogeneous.trajectory") {
            (question: HeterogeneousGradientCode.Trajectory, answer) throws(Refusal) in
            let (training, η) = (question.training, question.step)
            let V = try BuiltIn.moments(
                .init(probabilities: training.probabilities, coefficients: training.coefficients)
            ).covariance
            var wrong = answer
            var missing: Rational = 0
            for t in answer.means.indices.dropLast() {
                for d in training.start.indices {
                    let h = training.curvatures.map { $0[d] }
                    let x = training.start[d] - answer.means[0][d]
                    let r = h.indices.map { h[$0] * x + training.slopes[$0][d] }
                    let cross = h.indices.map { j in h[j] * V[j].innerProduct(r) }.total
                    missing += 2 * η * η * cross * answer.means[t][d]
                }
                wrong.squaredDistances[t + 1] -= missing
            }
            return wrong
        },
        heterogeneous("constantsExchanged", "λ and μ are exchanged", caughtBy: "heterogeneous.convergence") {
            (question: HeterogeneousGradientCode.Convergence, answer) in
            let totals = question.training.start.indices.map { d in question.training.curvatures.map { $0[d] }.total }
            guard let λ = totals.min(), let μ = totals.max(), λ < μ else { return answer }
            return .init(measured: answer.measured, bound: answer.bound * λ / μ)
        },
        Mutant(
            "stepUpToTwo", of: "heterogeneous", "every step up to 2/μ is accepted",
            caughtBy: "heterogeneous.convergence"
        ) { table in
            table.answer(HeterogeneousGradientCode.Convergence.self) { question throws(Refusal) in
                do throws(Refusal) { return try BuiltIn.convergence(question) } catch {
                    guard error.kind == .invalidParameters, let step = question.step, step > 0, step <= Rational(1, 2)
                    else { throw error }
                    return .init(measured: 1, bound: 1)
                }
            }
        },
    ]

    /// An allocation by another order, or into the largest sums.
    private static func allotted(
        _ question: HeterogeneousGradientCode.Allocate, _ right: HeterogeneousGradientCode.Allocate.Answer,
        order: (ExtendedRational, ExtendedRational) -> Bool, largestFirst: Bool
    ) -> HeterogeneousGradientCode.Allocate.Answer {
        guard let loads = question.loads else { return right }
        let odds = question.probabilities.map { $0.isZero ? .infinite : ExtendedRational.finite((1 - $0) / $0) }
        var rows = odds.map { _ in [Int](repeating: 0, count: question.partitions) }
        var sums = [ExtendedRational](repeating: .finite(0), count: question.partitions)
        for i in odds.indices.filter({ !odds[$0].isZero }).sorted(by: { order(odds[$0], odds[$1]) }) {
            let columns = sums.indices.sorted { largestFirst ? sums[$0] > sums[$1] : (sums[$0], $0) < (sums[$1], $1) }
            for j in columns.prefix(loads[i]) {
                rows[i][j] = 1
                sums[j] = sums[j] + odds[i]
            }
        }
        return .init(status: .complete, allocation: rows)
    }
}
