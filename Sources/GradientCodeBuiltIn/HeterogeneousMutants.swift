import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

// Defects of codes, moments and allocations (`docs/HeterogeneousGradientCode.md#mistakes`).
extension Mutant {
    private typealias Code = HeterogeneousGradientCode
    private typealias Optimal = HeterogeneousGradientCode.OptimalCoefficients

    static let heterogeneous: [Mutant] =
        heterogeneousCoefficients + heterogeneousMoments + heterogeneousAllocations + heterogeneousTheory

    private static let heterogeneousCoefficients: [Mutant] = [
        coefficients("oddsInverted", "odds are p/q", caughtBy: "heterogeneous.coefficientsAreOptimal") {
            code, _, i, j, c in
            let holders = code.allocation.workers(of: j)
            let sum = holders.map { code.p($0) / code.q($0) }.total
            return c.isZero || sum.isZero ? c : (1 / code.p(i)) / sum
        },
        coefficients("dividedByResponse", "c = 1/(q S)", caughtBy: "heterogeneous.coefficientsAreOptimal") {
            code, _, i, _, c in c * code.p(i) / code.q(i)
        },
        coefficients("blindWeights", "c = 1/(d q)", caughtBy: "heterogeneous.coefficientsAreOptimal") {
            code, _, i, j, _ in 1 / (Rational(code.allocation.replication[j]) * code.q(i))
        },
        coefficients("replicasAveraged", "c = 1/d", caughtBy: "heterogeneous.coefficients") {
            code, _, _, j, _ in Rational(1, code.allocation.replication[j])
        },
        coefficients(
            "sumOverEverybody", "S is the sum of all workers' odds", caughtBy: "heterogeneous.coefficientsAreOptimal"
        ) { code, sums, i, j, c in
            let all = code.straggling.map { $0.odds() }.total
            guard let S = sums[j].value, let everybody = all.value, !everybody.isZero else { return c }
            return c * S / everybody
        },
        coefficients(
            "deadWorkerWeighted", "a dead worker gets the coefficient 1/S", caughtBy: "heterogeneous.coefficients"
        ) { code, sums, i, j, c in
            code.straggling[i] == .one ? sums[j].reciprocal : c
        },
        coefficients(
            "firstExactWorker", "the lowest exact worker takes all", caughtBy: "heterogeneous.coefficients"
        ) { code, sums, i, j, c in
            guard sums[j] == .infinite, code.straggling[i] == .zero else { return c }
            return code.allocation.workers(of: j).first { code.straggling[$0] == .zero } == i ? 1 : 0
        },
        answer("gaugeTwice", "the gauge is applied twice", caughtBy: "heterogeneous.coefficients") {
            (question: Optimal, answer) in
            var wrong = answer
            wrong.encoding = answer.coefficients
            return wrong
        },
        answer("weightsForgotten", "w = 1 beside b = 1/S", caughtBy: "heterogeneous.coefficients") {
            (question: Optimal, answer) in
            var wrong = answer
            wrong.weights = .exact(question.probabilities.map { _ in 1 })
            return wrong
        },
        answer("infinityIsZero", "an infinite sum of odds is written as 0", caughtBy: "heterogeneous.coefficients") {
            (question: Optimal, answer) in
            var wrong = answer
            wrong.oddsSums = answer.oddsSums?.map { $0 == .infinite ? .finite(0) : $0 }
            return wrong
        },
        answer("residualIsSum", "the residual is Σ S", caughtBy: "heterogeneous.coefficientsAreOptimal") {
            (question: Optimal, answer) in
            var wrong = answer
            wrong.residual = .exact(answer.oddsSums?.compactMap(\.value).total ?? 0)
            return wrong
        },
        answer("variancesForgotten", "quantisers are ignored", caughtBy: "heterogeneous.coefficientsAreOptimal") {
            (question: Optimal, answer) throws(Refusal) in
            var plain = question
            plain.variances = question.variances?.map { _ in 0 }
            return try BuiltIn.coefficients(plain)
        },
        Mutant(
            "infeasibleIsZero", of: "heterogeneous", "a partition without responses gets zeros",
            caughtBy: "heterogeneous.coefficients"
        ) { table in
            table.answer(Optimal.self) { question throws(Refusal) in
                do throws(Refusal) { return try BuiltIn.coefficients(question) } catch {
                    guard error.kind == .infeasiblePartition else { throw error }
                    let zeros = Coefficients.exact((question.allocation.first ?? []).map { _ in 0 })
                    return .init(coefficients: question.allocation.map { _ in zeros }, residual: .exact(0))
                }
            }
        },
    ]

    private static let heterogeneousMoments: [Mutant] = [
        answer("varianceSquared", "the variance of a response is p²", caughtBy: "heterogeneous.momentsAreEnumerated") {
            (question: Code.Moments, answer) in
            guard question.dependence == nil else { return answer }
            var wrong = answer
            wrong.residual =
                answer.mean.indices.map { j in
                    (answer.mean[j] - 1) * (answer.mean[j] - 1)
                        + question.probabilities.indices.map { i -> Rational in
                            let pc = question.probabilities[i] * question.coefficients[i][j]
                            return pc * pc
                        }.total
                }.total
            return wrong
        },
        answer("diagonalOnly", "the gradient error forgets V_jk", caughtBy: "heterogeneous.momentsAreEnumerated") {
            (question: Code.Moments, answer) in
            var wrong = answer
            wrong.gradientError = question.gradients.map { gradients in
                gradients.indices.map { j in answer.covariance[j][j] * gradients[j].innerProduct(gradients[j]) }.total
            }
            return wrong
        },
        answer("biasForgotten", "the gradient error forgets the bias", caughtBy: "heterogeneous.momentsAreEnumerated") {
            (question: Code.Moments, answer) in
            var wrong = answer
            wrong.gradientError = question.gradients.map { gradients in
                (gradients.first ?? []).indices.map { d in
                    gradients.indices.map { j in
                        gradients.indices.map { k in answer.covariance[j][k] * gradients[j][d] * gradients[k][d] }.total
                    }.total
                }.total
            }
            return wrong
        },
        answer("meanOfEigenvalues", "trace/m is taken for a bound of λ_max", caughtBy: "heterogeneous.moments") {
            (question: Code.Moments, answer) in
            var wrong = answer
            let trace = answer.mean.indices.map { answer.covariance[$0][$0] }.total
            wrong.eigenvalueBound = trace / Rational(answer.mean.count)
            return wrong
        },
        answer("rowSumsWithSigns", "row sums without magnitudes bound λ_max", caughtBy: "heterogeneous.moments") {
            (question: Code.Moments, answer) in
            var wrong = answer
            wrong.eigenvalueBound = answer.covariance.map(\.total).max()
            return wrong
        },
        answer("zeroPivotIsSuccess", "a zero pivot ends the elimination well", caughtBy: "heterogeneous.moments") {
            (question: Code.Moments, answer) in
            guard let τ = question.threshold else { return answer }
            var wrong = answer
            wrong.isWithinThreshold = answer.covariance[0][0] == τ || answer.isWithinThreshold == true
            return wrong
        },
        answer("independentAnyway", "the dependence of responses is ignored", caughtBy: "heterogeneous.moments") {
            (question: Code.Moments, answer) throws(Refusal) in
            var independent = question
            independent.dependence = nil
            return try BuiltIn.moments(independent)
        },
        answer(
            "leastSquaresUnbiased", "least squares is called unbiased", caughtBy: "heterogeneous.adaptiveIsCertified"
        ) {
            (question: Code.Adaptive, answer) in
            var wrong = answer
            wrong.mean = answer.mean.map { _ in 1 }
            return wrong
        },
        answer("oneScalar", "one scalar is to remove the bias", caughtBy: "heterogeneous.adaptiveIsCertified") {
            (question: Code.Adaptive, answer) in
            guard answer.target != nil, !answer.mean.total.isZero else { return answer }
            var wrong = answer
            let scale = Rational(answer.mean.count) / answer.mean.total
            wrong.target = answer.mean.map { _ in scale }
            wrong.optimum = scale * Rational(answer.mean.count) - Rational(answer.mean.count)
            return wrong
        },
        answer("allOnesEncoding", "the optimum is that of the all-ones encoding", caughtBy: "heterogeneous.adaptive") {
            (question: Code.Adaptive, answer) throws(Refusal) in
            var ones = question
            ones.matrix = question.matrix.map { $0.map { $0.isZero ? 0 : 1 } }
            return try BuiltIn.adaptive(ones)
        },
        answer(
            "nonFiniteTimesZero", "a message that is not finite is multiplied by 0", caughtBy: "heterogeneous.recover"
        ) {
            (question: Code.Recover, answer) in
            guard !answer.excluded.isEmpty else { return answer }
            return .init(vector: Binary32Vector(answer.vector.values.map { _ in Float.nan }), excluded: answer.excluded)
        },
        answer("lastMessageForgotten", "the last message is not added", caughtBy: "heterogeneous.recoverAddsUp") {
            (question: Code.Recover, answer) throws(Refusal) in
            guard let last = question.messages.lastIndex(where: { $0?.isFinite ?? false }),
                question.messages.count(where: { $0 != nil }) > 1
            else { return answer }
            var shorter = question
            shorter.messages[last] = nil
            return try BuiltIn.recover(shorter)
        },
    ]

    private static let heterogeneousAllocations: [Mutant] = [
        answer("ascendingOdds", "LPT takes the workers by ascending odds", caughtBy: "heterogeneous.allocate") {
            (question: Code.Allocate, answer) in
            guard question.strategy == .lpt else { return answer }
            return allotted(question, answer, order: { $0 < $1 }, largestFirst: false)
        },
        answer(
            "largestSumsFirst", "the largest sums are filled first", caughtBy: "heterogeneous.allocationsKeepPromises"
        ) {
            (question: Code.Allocate, answer) in
            guard question.strategy == .lpt else { return answer }
            return allotted(question, answer, order: { $0 > $1 }, largestFirst: true)
        },
        answer("capsIgnored", "loads are ignored", caughtBy: "heterogeneous.allocationsKeepPromises") {
            (question: Code.Allocate, answer) throws(Refusal) in
            var free = question
            free.loads = question.loads?.map { _ in question.partitions }
            return question.strategy == .exact ? answer : try BuiltIn.allocate(free)
        },
        answer("greedyIsCertain", "greedyFailed is reported as infeasible", caughtBy: "heterogeneous.allocate") {
            (question: Code.Allocate, answer) in
            var wrong = answer
            if answer.status == .greedyFailed { wrong.status = .infeasible }
            return wrong
        },
        answer("oneWorkerTwice", "a worker counts twice", caughtBy: "heterogeneous.allocationsKeepPromises") {
            (question: Code.Allocate, answer) in
            guard var rows = answer.allocation, let i = rows.firstIndex(where: { $0.contains(1) }),
                let j = rows[i].firstIndex(of: 1)
            else { return answer }
            rows[i][j] = 2
            var wrong = answer
            wrong.allocation = rows
            return wrong
        },
        answer(
            "targetMissed", "a partition keeps less than the target", caughtBy: "heterogeneous.allocationsKeepPromises"
        ) {
            (question: Code.Allocate, answer) in
            guard question.target != nil, var rows = answer.allocation,
                let i = rows.lastIndex(where: { $0.contains(1) }), let j = rows[i].firstIndex(of: 1)
            else { return answer }
            rows[i][j] = 0
            return .init(status: .complete, allocation: rows)
        },
        answer(
            "greedyBits", "bits are given one by one to the greatest increment", caughtBy: "heterogeneous.allocateBits"
        ) {
            (question: Code.AllocateBits, answer) in
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
        answer("equalBits", "every worker gets the same bits", caughtBy: "heterogeneous.bitsAreBest") {
            (question: Code.AllocateBits, answer) in
            let b = min(question.maximum, question.budget / question.probabilities.count)
            return .init(bits: answer.bits.map { _ in b }, gain: answer.gain)
        },
    ]

    private static let heterogeneousTheory: [Mutant] = [
        answer("crossTermForgotten", "2η² hᵀVr E e is left out", caughtBy: "heterogeneous.trajectory") {
            (question: Code.Trajectory, answer) in
            guard question.training.iterations > 0 else { return answer }
            var wrong = answer
            wrong.squaredDistances[1] += question.step * question.step / 10
            return wrong
        },
        answer("constantsExchanged", "λ and μ are exchanged", caughtBy: "heterogeneous.convergence") {
            (question: Code.Convergence, answer) in
            let totals = question.training.start.indices.map { d in question.training.curvatures.map { $0[d] }.total }
            guard let λ = totals.min(), let μ = totals.max(), λ < μ else { return answer }
            return .init(measured: answer.measured, bound: answer.bound * λ / μ)
        },
        Mutant(
            "stepUpToTwo", of: "heterogeneous", "every step up to 2/μ is accepted",
            caughtBy: "heterogeneous.convergence"
        ) { table in
            table.answer(Code.Convergence.self) { question throws(Refusal) in
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
        _ question: Code.Allocate, _ right: Code.Allocate.Answer,
        order: (ExtendedRational, ExtendedRational) -> Bool, largestFirst: Bool
    ) -> Code.Allocate.Answer {
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

    private typealias Damage<Asked: Question> =
        @Sendable (Asked, Asked.Answer) throws(Refusal) -> Asked.Answer

    /// A mutant that changes right answers.
    private static func answer<Asked: HeterogeneousQuestion>(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ damage: @escaping @Sendable (Asked, Asked.Answer) throws(Refusal) -> Asked.Answer
    ) -> Mutant {
        Mutant(name, of: "heterogeneous", defect, caughtBy: killer) { table in
            table.answer(Asked.self) { question throws(Refusal) in
                try damage(question, try Asked.right(question))
            }
        }
    }

    /// A mutant that changes coefficients of living holders: code, S, worker, partition and right coefficient are given.
    private static func coefficients(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ damage: @escaping @Sendable (Code, [ExtendedRational], Int, Int, Rational) -> Rational
    ) -> Mutant {
        answer(name, defect, caughtBy: killer) { (question: Optimal, answer) throws(Refusal) in
            guard question.variances == nil else { return answer }
            let allocation = try Allocation(question.allocation)
            let code = try Code(allocation: allocation, straggling: Probability.all(question.probabilities))
            let (sums, right) = (code.oddsSums(), code.coefficients())
            let isSpecial = name == "deadWorkerWeighted" || name == "firstExactWorker"
            let rows = (0..<code.workers).map { i in
                (0..<code.partitions).map { j -> Rational in
                    let isOrdinary = code.straggling[i] != .zero && code.straggling[i] != .one && sums[j] != .infinite
                    guard allocation.holds(worker: i, partition: j), isOrdinary || isSpecial else { return right[i, j] }
                    return damage(code, sums, i, j, right[i, j])
                }
            }
            var wrong = answer
            wrong.coefficients = rows.map { .exact($0) }
            (wrong.weights, wrong.encoding) = (nil, nil)
            return wrong
        }
    }
}

extension HeterogeneousGradientCode {
    fileprivate func p(_ i: Int) -> Rational { Rational(straggling[i]) }
    fileprivate func q(_ i: Int) -> Rational { Rational(straggling[i].complement) }
}

/// A question that the built-in subject answers by a function of its own.
private protocol HeterogeneousQuestion: Question {
    static func right(_ question: Self) throws(Refusal) -> Answer
}

extension HeterogeneousGradientCode.OptimalCoefficients: HeterogeneousQuestion {
    fileprivate static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.coefficients(question) }
}

extension HeterogeneousGradientCode.Moments: HeterogeneousQuestion {
    fileprivate static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.moments(question) }
}

extension HeterogeneousGradientCode.Adaptive: HeterogeneousQuestion {
    fileprivate static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.adaptive(question) }
}

extension HeterogeneousGradientCode.Recover: HeterogeneousQuestion {
    fileprivate static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.recover(question) }
}

extension HeterogeneousGradientCode.Allocate: HeterogeneousQuestion {
    fileprivate static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.allocate(question) }
}

extension HeterogeneousGradientCode.AllocateBits: HeterogeneousQuestion {
    fileprivate static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.allocateBits(question) }
}

extension HeterogeneousGradientCode.Trajectory: HeterogeneousQuestion {
    fileprivate static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.trajectory(question) }
}

extension HeterogeneousGradientCode.Convergence: HeterogeneousQuestion {
    fileprivate static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.convergence(question) }
}
