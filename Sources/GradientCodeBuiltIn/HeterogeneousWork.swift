import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

/// What questions about heterogeneous codes cost in exact arithmetic, so that none takes longer than the protocol waits.
///
/// Estimates: numbers of operations times the square of the length of the numbers, in words of 16 digits, because a
/// fraction is reduced after every operation. The limits are about a second.
enum HeterogeneousWork {
    private typealias Code = HeterogeneousGradientCode
    private static let limit = 1 << 24

    static func tooMuch(_ question: HeterogeneousGradientCode.OptimalCoefficients) -> String? {
        // S_j is as long as all odds of its holders together, and so is every coefficient.
        let given = question.probabilities + (question.variances ?? [])
        return cost(
            [question.allocation.count, question.allocation.first?.count ?? 0],
            words: min(total(given), question.allocation.count * 2 * longest(given)))
    }

    static func tooMuch(_ question: HeterogeneousGradientCode.Moments) -> String? {
        let (n, m) = (question.coefficients.count, question.coefficients.first?.count ?? 0)
        let d = question.gradients?.first?.count ?? 0
        let numbers = question.coefficients.joined() + question.probabilities
        // An entry of V is a sum of n terms; an elimination of V multiplies the length by m.
        let words = longest(numbers) * 4 + min(n, 1 << 10) / 4
        if let reason = cost([n, m, m], words: words) { return reason }
        if let reason = cost([m, m, d], words: words + longest((question.gradients ?? []).joined())) { return reason }
        if question.threshold != nil, let reason = cost([m, m, m], words: words * m / 2) { return reason }
        guard let K = question.dependence else { return nil }
        return cost([K.count, K.count, K.count], words: longest(K.joined()) * K.count)
            ?? cost([n, n, m], words: words + longest(K.joined()))
    }

    static func tooMuch(_ question: HeterogeneousGradientCode.Allocate) -> String? {
        let (n, m) = (question.probabilities.count, question.partitions)
        guard (1...GradientCode.maximumPartitions).contains(m), n <= GradientCode.maximumWorkers else { return nil }
        guard n * m <= 1 << 18 else { return "an allocation of more than 2^18 entries" }
        // 1/S_j is added up over groups of equal sums, whose number and length grow with the number of different odds.
        let different = Array(Set(question.probabilities))
        let words = total(different) + (question.target.map { longest([$0]) } ?? 0)
        if let reason = cost([n, min(m, different.count + 1)], words: words / 4 + 1) { return reason }
        guard question.strategy == .exact, let loads = question.loads,
            let straggling = try? Probability.all(question.probabilities),
            let problem = try? AllocationProblem(straggling: straggling, loads: loads, partitions: m),
            let choices = problem.choices
        else { return nil }
        return choices * Rational(m) > 500_000 ? "more than 500 000 sums to compare" : nil
    }

    static func tooMuch(_ question: HeterogeneousGradientCode.AllocateBits) -> String? {
        let (n, most) = (question.probabilities.count, max(0, min(question.maximum, question.budget)))
        // A program of n workers, n·most totals and most choices; a gain is a sum of n terms.
        return cost(
            [n, n, most, most], words: n * (longest(question.probabilities + [question.kappa]) + most / 8 + 1) / 8)
    }

    static func tooMuch(_ question: HeterogeneousGradientCode.Adaptive) -> String? {
        let (n, m) = (question.matrix.count, question.matrix.first?.count ?? 0)
        guard n <= 12, m <= 64 else { return "more than 12 workers or 64 partitions" }
        // A projector has numbers of m rows' length; P̄ adds up 2ⁿ of them.
        let words = longest(question.matrix.joined()) * min(n, m) + total(question.probabilities) / 4
        return cost([1 << n, m, m, min(n, m)], words: words)
    }

    static func tooMuch(_ training: HeterogeneousGradientCode.Training, _ steps: [Rational]) -> String? {
        let (n, m) = (training.coefficients.count, training.coefficients.first?.count ?? 0)
        let (d, T) = (training.start.count, min(64, max(1, training.iterations)))
        let rows = training.curvatures + training.slopes + training.coefficients
        let words = longest(rows.joined()) * 4 + min(n, 1 << 10) / 4
        return cost([n, m, m], words: words) ?? cost([m, m, d], words: words)
            ?? cost([T, d], words: T * (words + longest(training.start + steps)))
    }

    static func tooMuch(_ opening: HeterogeneousGradientCode.Session) -> String? {
        let (n, m) = (opening.allocation.count, opening.allocation.first?.count ?? 0)
        let p = opening.probabilities
        guard n <= 1 << 12, m <= 1 << 12, n * m <= 1 << 12 else { return "more than 2^12 entries" }
        guard opening.coefficients == .named(.leastSquares) else { return cost([n, m], words: total(p)) }
        return cost([n, m, min(n, m), min(n, m)], words: min(n, m) * (1 + total(p) / max(1, n)))
    }

    /// Why so many operations with numbers of so many words are too much; nil when they are not.
    private static func cost(_ sizes: [Int], words: Int) -> String? {
        var product = 1
        for factor in sizes + [max(1, words), max(1, words)] {
            let (next, isBeyond) = product.multipliedReportingOverflow(by: max(0, factor))
            guard !isBeyond else { return "more work than a question is given" }
            product = next
        }
        return product > limit ? "more work than a question is given" : nil
    }

    /// The length of the longest number, in words of 16 digits, at least 1.
    private static func longest(_ numbers: some Sequence<Rational>) -> Int {
        1 + (numbers.map { $0.description.utf8.count }.max() ?? 0) / 16
    }

    /// The length of all numbers together.
    private static func total(_ numbers: [Rational]) -> Int {
        1 + numbers.map { $0.description.utf8.count }.reduce(0, +) / 16
    }
}
