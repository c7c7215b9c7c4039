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
        heterogeneous("gaugeTwice", "the gauge is applied twice", caughtBy: "heterogeneous.coefficients") {
            (question: Optimal, answer) in
            var wrong = answer
            wrong.encoding = answer.coefficients
            return wrong
        },
        heterogeneous("heterogeneousWeightsForgotten", "w = 1 beside b = 1/S", caughtBy: "heterogeneous.coefficients") {
            (question: Optimal, answer) in
            var wrong = answer
            wrong.weights = .exact(question.probabilities.map { _ in 1 })
            return wrong
        },
        heterogeneous("sharesCancel", "exact workers' shares add up to 0", caughtBy: "heterogeneous.coefficients") {
            (question: Optimal, answer) in
            guard answer.oddsSums?.first == .infinite, let i = question.probabilities.firstIndex(of: 0) else {
                return answer
            }
            var wrong = answer
            (wrong.weights, wrong.encoding) = (nil, nil)
            wrong.coefficients = answer.coefficients.enumerated().map { row, values in
                guard row == i, case .exact(var numbers) = values else { return values }
                numbers[0] = numbers[0] - 1
                return .exact(numbers)
            }
            return wrong
        },
        heterogeneous(
            "infinityIsZero", "an infinite sum of odds is written as 0", caughtBy: "heterogeneous.coefficients"
        ) {
            (question: Optimal, answer) in
            var wrong = answer
            wrong.oddsSums = answer.oddsSums?.map { $0 == .infinite ? .finite(0) : $0 }
            return wrong
        },
        heterogeneous("residualIsSum", "the residual is Σ S", caughtBy: "heterogeneous.coefficientsAreOptimal") {
            (question: Optimal, answer) in
            var wrong = answer
            wrong.residual = .exact(answer.oddsSums?.compactMap(\.value).total ?? 0)
            return wrong
        },
        heterogeneous("variancesForgotten", "quantisers are ignored", caughtBy: "heterogeneous.coefficientsAreOptimal")
        {
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
        heterogeneous(
            "varianceSquared", "the variance of a response is p²", caughtBy: "heterogeneous.momentsAreEnumerated"
        ) {
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
        heterogeneous("diagonalOnly", "the gradient error forgets V_jk", caughtBy: "heterogeneous.momentsAreEnumerated")
        {
            (question: Code.Moments, answer) in
            var wrong = answer
            wrong.gradientError = question.gradients.map { gradients in
                gradients.indices.map { j in answer.covariance[j][j] * gradients[j].innerProduct(gradients[j]) }.total
            }
            return wrong
        },
        heterogeneous(
            "biasForgotten", "the gradient error forgets the bias", caughtBy: "heterogeneous.momentsAreEnumerated"
        ) {
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
        heterogeneous("meanOfEigenvalues", "trace/m is taken for a bound of λ_max", caughtBy: "heterogeneous.moments") {
            (question: Code.Moments, answer) in
            var wrong = answer
            let trace = answer.mean.indices.map { answer.covariance[$0][$0] }.total
            wrong.eigenvalueBound = trace / Rational(answer.mean.count)
            return wrong
        },
        heterogeneous("rowSumsWithSigns", "row sums without magnitudes bound λ_max", caughtBy: "heterogeneous.moments")
        {
            (question: Code.Moments, answer) in
            var wrong = answer
            wrong.eigenvalueBound = answer.covariance.map(\.total).max()
            return wrong
        },
        heterogeneous("zeroPivotIsSuccess", "a zero pivot ends the elimination well", caughtBy: "heterogeneous.moments")
        {
            (question: Code.Moments, answer) in
            guard let τ = question.threshold else { return answer }
            var wrong = answer
            wrong.isWithinThreshold = answer.covariance[0][0] == τ || answer.isWithinThreshold == true
            return wrong
        },
        heterogeneous("independentAnyway", "the dependence of responses is ignored", caughtBy: "heterogeneous.moments")
        {
            (question: Code.Moments, answer) throws(Refusal) in
            var independent = question
            independent.dependence = nil
            return try BuiltIn.moments(independent)
        },
        heterogeneous(
            "leastSquaresUnbiased", "least squares is called unbiased", caughtBy: "heterogeneous.adaptiveIsCertified"
        ) {
            (question: Code.Adaptive, answer) in
            var wrong = answer
            wrong.mean = answer.mean.map { _ in 1 }
            return wrong
        },
        heterogeneous("oneScalar", "one scalar is to remove the bias", caughtBy: "heterogeneous.adaptiveIsCertified") {
            (question: Code.Adaptive, answer) in
            guard answer.target != nil, !answer.mean.total.isZero else { return answer }
            var wrong = answer
            let scale = Rational(answer.mean.count) / answer.mean.total
            wrong.target = answer.mean.map { _ in scale }
            wrong.optimum = scale * Rational(answer.mean.count) - Rational(answer.mean.count)
            return wrong
        },
        heterogeneous(
            "allOnesEncoding", "the optimum is that of the all-ones encoding", caughtBy: "heterogeneous.adaptive"
        ) {
            (question: Code.Adaptive, answer) throws(Refusal) in
            var ones = question
            ones.matrix = question.matrix.map { $0.map { $0.isZero ? 0 : 1 } }
            return try BuiltIn.adaptive(ones)
        },
        heterogeneous(
            "nonFiniteTimesZero", "a message that is not finite is multiplied by 0", caughtBy: "heterogeneous.recover"
        ) {
            (question: Code.Recover, answer) in
            guard !answer.excluded.isEmpty else { return answer }
            return .init(vector: Binary32Vector(answer.vector.values.map { _ in Float.nan }), excluded: answer.excluded)
        },
        heterogeneous("lastMessageForgotten", "the last message is not added", caughtBy: "heterogeneous.recoverAddsUp")
        {
            (question: Code.Recover, answer) throws(Refusal) in
            guard let last = question.messages.lastIndex(where: { $0?.isFinite ?? false }),
                question.messages.count(where: { $0 != nil }) > 1
            else { return answer }
            var shorter = question
            shorter.messages[last] = nil
            return try BuiltIn.recover(shorter)
        },
    ]

    /// A mutant that changes right answers of the scheme.
    static func heterogeneous<Asked: HeterogeneousQuestion>(
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
        heterogeneous(name, defect, caughtBy: killer) { (question: Optimal, answer) throws(Refusal) in
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
protocol HeterogeneousQuestion: Question {
    static func right(_ question: Self) throws(Refusal) -> Answer
}

extension HeterogeneousGradientCode.OptimalCoefficients: HeterogeneousQuestion {
    static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.coefficients(question) }
}

extension HeterogeneousGradientCode.Moments: HeterogeneousQuestion {
    static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.moments(question) }
}

extension HeterogeneousGradientCode.Adaptive: HeterogeneousQuestion {
    static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.adaptive(question) }
}

extension HeterogeneousGradientCode.Recover: HeterogeneousQuestion {
    static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.recover(question) }
}

extension HeterogeneousGradientCode.Allocate: HeterogeneousQuestion {
    static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.allocate(question) }
}

extension HeterogeneousGradientCode.AllocateBits: HeterogeneousQuestion {
    static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.allocateBits(question) }
}

extension HeterogeneousGradientCode.Trajectory: HeterogeneousQuestion {
    static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.trajectory(question) }
}

extension HeterogeneousGradientCode.Convergence: HeterogeneousQuestion {
    static func right(_ question: Self) throws(Refusal) -> Answer { try BuiltIn.convergence(question) }
}
