package import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
package import GradientCodes

// Moments and runs by going through everything that can happen: all straggler patterns and all messages. Slow and plain,
// it knows none of the theorems.

/// What can happen in one iteration, with its probability.
private struct OneBitOutcomes {
    /// Who responds, as a bit a worker, and the probability of it.
    let patterns: [(members: [Int], probability: Rational)]
    /// g_i and B_ij, one row a worker; nil for a worker without data.
    let coded: [[Rational]?]
    let ranges: [[Rational]]

    init(
        code: OneBitGradientCode, weights: RationalMatrix, gradients: [[Rational]],
        ranges: (Int, [Rational]) -> [Rational],
        patterns: [(members: [Int], probability: Rational)]
    ) {
        let rows = OneBitGradientCode.codedGradients(weights: weights, gradients: gradients)
        let holders = Set(code.participants)
        coded = rows.indices.map { holders.contains($0) ? rows[$0] : nil }
        self.ranges = rows.indices.map { ranges($0, rows[$0]) }
        self.patterns = patterns
    }

    /// Σ over the members of g_i: what a pattern gives on average.
    func mean(of members: [Int], dimension: Int) -> [Rational] {
        (0..<dimension).map { j in members.compactMap { coded[$0]?[j] }.total }
    }

    /// Every update with its probability; the same update may occur several times.
    func updates(dimension: Int) -> [(update: [Rational], probability: Rational)] {
        patterns.flatMap { pattern in
            var outcomes = [(update: [Rational](repeating: 0, count: dimension), probability: pattern.probability)]
            for worker in pattern.members {
                guard let x = coded[worker] else { continue }
                for j in 0..<dimension {
                    let range = ranges[worker][j]
                    let plus = range.isZero ? Rational(1, 2) : StochasticSign.probability(of: x[j], range: range)
                    outcomes = outcomes.flatMap { outcome in
                        [(range, plus), (-range, 1 - plus)].filter { !$0.1.isZero }.map { sign, probability in
                            var update = outcome.update
                            update[j] += sign
                            return (update, outcome.probability * probability)
                        }
                    }
                }
            }
            return outcomes
        }
    }
}

extension OneBitGradientCode {
    private init(_ allocation: [[Int]], _ probabilities: [Rational]) {
        guard let allocation = try? Allocation(allocation),
            let code = try? OneBitGradientCode(allocation: allocation, straggling: Probability.all(probabilities))
        else { preconditionFailure("the questions of the vectors are valid") }
        self = code
    }

    private static func matrix(_ weights: [[Rational]]?, _ code: OneBitGradientCode) -> RationalMatrix {
        weights.flatMap { RationalMatrix($0) } ?? code.weights
    }

    private static func independentPatterns(_ p: [Rational]) -> [(members: [Int], probability: Rational)] {
        WorkerSet.subsets(of: p.count).map { set in
            let probability = p.indices.map { set.contains($0) ? 1 - p[$0] : p[$0] }.reduce(1, *)
            return (set.members, probability)
        }.filter { !$0.probability.isZero }
    }

    /// Mean and covariance of the update over everything that can happen.
    static func enumeratedMoments(_ question: Moments) -> Moments.Answer {
        let n = question.allocation.count
        let dimension = question.gradients[0].count
        let patterns: [(members: [Int], probability: Rational)]
        let probabilities: [Rational]
        if let s = question.stragglers {
            let sets = WorkerSet.subsets(of: n).filter { $0.count == n - s }.map(\.members)
            patterns = sets.map { ($0, Rational(1, sets.count)) }
            probabilities = Array(repeating: Rational(s, n), count: n)
        } else {
            probabilities = question.probabilities ?? []
            patterns = independentPatterns(probabilities)
        }
        let code = OneBitGradientCode(question.allocation, probabilities)
        let outcomes = OneBitOutcomes(
            code: code, weights: matrix(question.weights, code), gradients: question.gradients,
            ranges: { worker, x in
                guard let rows = question.ranges else { return x.map { _ in x.map(\.magnitude).max() ?? 0 } }
                let row = rows[rows.count == 1 ? 0 : worker]
                return row.count == 1 ? Array(repeating: row[0], count: dimension) : row
            }, patterns: patterns)
        let updates = outcomes.updates(dimension: dimension)
        let mean = (0..<dimension).map { j in updates.map { $0.probability * $0.update[j] }.total }
        let covariance = (0..<dimension).map { j in
            (0..<dimension).map { l in
                updates.map { $0.probability * ($0.update[j] - mean[j]) * ($0.update[l] - mean[l]) }.total
            }
        }
        let stragglers = patterns.map { pattern in
            let average = outcomes.mean(of: pattern.members, dimension: dimension)
            return pattern.probability * zip(average, mean).map { ($0 - $1) * ($0 - $1) }.total
        }.total
        return .init(
            mean: mean, covariance: covariance, stragglerPart: stragglers,
            quantiserPart: (0..<dimension).map { covariance[$0][$0] }.total - stragglers)
    }

    /// Both sides of a bound, from the law of the run.
    package static func sides(of question: Convergence) -> Convergence.Answer {
        let code = OneBitGradientCode(question.allocation, question.probabilities)
        let weights = matrix(question.weights, code)
        let patterns = independentPatterns(question.probabilities)
        let (loss, D, γ) = (question.loss, question.start.count, question.step)
        var law = [question.start: Rational(1)]
        // E[F − F*], E V, E‖∇F‖², by iteration.
        var (gaps, variances, squares): ([Rational], [Rational], [Rational]) = ([], [], [])
        for _ in 0..<question.iterations {
            var (gap, variance, square): (Rational, Rational, Rational) = (0, 0, 0)
            var next: [[Rational]: Rational] = [:]
            for (model, probability) in law {
                let outcomes = OneBitOutcomes(
                    code: code, weights: weights, gradients: loss.gradients(at: model),
                    ranges: { _, x in
                        let given = question.ranges ?? [x.map(\.magnitude).max() ?? 0]
                        return x.indices.map { given[given.count == 1 ? 0 : $0] }
                    }, patterns: patterns)
                let gradient = (0..<D).map { j in loss.gradients(at: model).map { $0[j] }.total }
                for (update, chance) in outcomes.updates(dimension: D) {
                    next[(0..<D).map { model[$0] - γ * update[$0] }, default: 0] += probability * chance
                    variance +=
                        probability * chance * zip(update, gradient).map { ($0 - $1) * ($0 - $1) }.total
                }
                gap += probability * (loss.value(at: model) - loss.value(at: question.minimiser))
                square += probability * gradient.innerProduct(gradient)
            }
            gaps.append(gap)
            variances.append(variance)
            squares.append(square)
            law = next
        }
        func distance(_ model: [Rational]) -> Rational {
            zip(model, question.minimiser).map { ($0 - $1) * ($0 - $1) }.total
        }
        let curvatures = (0..<D).map { j in loss.curvatures.map { $0[j] }.total }
        let (L, μ, T) = (curvatures.max() ?? 0, curvatures.min() ?? 0, Rational(question.iterations))
        let (R2, last) = (distance(question.start), law.map { $0.value * distance($0.key) }.total)
        let measured: Rational
        let bound: Rational
        switch question.theorem {
        case .convex: (measured, bound) = (gaps.total / T, R2 / (2 * γ * T) + γ * variances.total / (2 * T))
        case .nonSmooth:
            (measured, bound) = (
                gaps.total / T, R2 / (2 * γ * T) + γ * (squares.total + variances.total) / (2 * T)
            )
        case .stronglyConvex:
            let ρ = max((1 - γ * μ).magnitude, (1 - γ * L).magnitude)
            let noise = variances.enumerated().map { t, v in ρ.power(2 * (question.iterations - 1 - t)) * v }.total
            (measured, bound) = (last, ρ.power(2 * question.iterations) * R2 + γ * γ * noise)
        case .nonConvex:
            let descent = γ * (1 - γ * L / 2) * T
            (measured, bound) = (
                squares.total / T, gaps[0] / descent + L * γ / (2 - L * γ) * variances.total / T
            )
        }
        return .init(measured: measured, bound: (question.factor ?? 1) * bound)
    }
}

extension OneBitGradientCode.Loss {
    /// ∇f_k(θ), one a subset; a subgradient of |x|, 0 at 0.
    package func gradients(at model: [Rational]) -> [[Rational]] {
        terms(at: model) { x in
            switch kind {
            case .quadratic: x
            case .huber: max(-1, min(1, x))
            case .absolute: Rational(x.signum)
            }
        }
    }

    /// F(θ).
    package func value(at model: [Rational]) -> Rational {
        terms(at: model) { x in
            switch kind {
            case .quadratic: x * x / 2
            case .huber: x.magnitude <= 1 ? x * x / 2 : x.magnitude - Rational(1, 2)
            case .absolute: x.magnitude
            }
        }.joined().reduce(0, +)
    }

    private func terms(at model: [Rational], _ function: (Rational) -> Rational) -> [[Rational]] {
        zip(curvatures, centres).map { curvature, centre in
            model.indices.map { curvature[$0] * function(model[$0] - centre[$0]) }
        }
    }
}
