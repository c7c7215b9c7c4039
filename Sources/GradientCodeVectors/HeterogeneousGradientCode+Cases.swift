package import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
package import GradientCodes

/// A code of the documentation (`docs/HeterogeneousGradientCode.md#golden-codes`).
package struct HeterogeneousCase: Sendable {
    /// Its name.
    package let name: String
    /// One row a worker.
    package let allocation: [[Int]]
    /// p_i.
    package let probabilities: [Rational]

    /// The code with the given holders of each partition.
    package init(_ name: String, probabilities: [Rational], holders: [[Int]]) {
        self.name = name
        self.probabilities = probabilities
        allocation = probabilities.indices.map { i in holders.map { $0.contains(i) ? 1 : 0 } }
    }

    /// The code itself.
    package var code: HeterogeneousGradientCode {
        guard let allocation = try? Allocation(allocation), let straggling = try? Probability.all(probabilities),
            let code = try? HeterogeneousGradientCode(allocation: allocation, straggling: straggling)
        else { preconditionFailure("the cases are valid") }
        return code
    }

    /// The integer gradients that belong to it, of one coordinate.
    package var gradients: [[Rational]] { [1, -2, 3, 5, -4, 2].prefix(allocation[0].count).map { [$0] } }

    private static let half = Rational(1, 2)
    private static let third = Rational(1, 3)
    private static let quarter = Rational(1, 4)
    private static let mixed: [Rational] = [Rational(1, 20), Rational(1, 20), Rational(1, 20), half, half, half]

    /// The hand example.
    package static let triangle = HeterogeneousCase(
        "triangle", probabilities: [half, third, quarter], holders: [[0, 1], [1, 2], [0, 2]])
    /// Four workers on a cycle.
    package static let cycle4 = HeterogeneousCase(
        "cycle4", probabilities: [third, third, third, third], holders: [[0, 3], [0, 1], [1, 2], [2, 3]])
    /// A worker that always straggles.
    package static let deadWorker = HeterogeneousCase(
        "dead worker", probabilities: [1, half], holders: [[0, 1], [1]])
    /// Workers that never straggle.
    package static let exactWorker = HeterogeneousCase(
        "exact worker", probabilities: [0, 0, half], holders: [[0, 1, 2], [1, 2], [2]])
    /// Six workers of two classes, cyclic.
    package static let mixedCyclic = HeterogeneousCase(
        "mixed6, cyclic", probabilities: mixed, holders: [[0, 5], [0, 1], [1, 2], [2, 3], [3, 4], [4, 5]])

    /// The golden codes, in the order of the documentation.
    package static let golden: [HeterogeneousCase] = [
        triangle,
        HeterogeneousCase("single", probabilities: [third], holders: [[0]]),
        exactWorker, deadWorker, cycle4,
        HeterogeneousCase(
            "complete", probabilities: [half, third, quarter], holders: [[0, 1, 2], [0, 1, 2], [0, 1, 2]]),
        HeterogeneousCase(
            "mixed6, LPT", probabilities: mixed, holders: [[0, 3], [0, 3], [1, 4], [1, 4], [2, 5], [2, 5]]),
        mixedCyclic,
    ]
}

/// All 2ⁿ patterns of independent workers, with their probabilities; those of probability 0 are left out.
package enum HeterogeneousEnumeration {
    /// Each set of responders with its probability.
    package static func patterns(_ straggling: [Rational]) -> [(responders: [Int], probability: Rational)] {
        WorkerSet.subsets(of: straggling.count).compactMap { responders in
            let probability = straggling.indices.reduce(Rational(1)) {
                $0 * (responders.contains($1) ? 1 - straggling[$1] : straggling[$1])
            }
            return probability.isZero ? nil : (responders.members, probability)
        }
    }

    /// The moments of recovered coefficients, from their definition.
    ///
    /// - Parameter recovered: α of a set of responders.
    package static func moments(
        _ straggling: [Rational], partitions m: Int, gradients: [[Rational]]? = nil,
        recovered: (_ responders: [Int]) -> [Rational]
    ) -> HeterogeneousGradientCode.Moments.Answer {
        let outcomes = patterns(straggling).map { (α: recovered($0.responders), probability: $0.probability) }
        let mean = (0..<m).map { j in outcomes.map { $0.probability * $0.α[j] }.total }
        let covariance = (0..<m).map { j in
            (0..<m).map { k in
                outcomes.map { $0.probability * ($0.α[j] - mean[j]) * ($0.α[k] - mean[k]) }.total
            }
        }
        let error = gradients.map { gradients in
            outcomes.map { outcome in
                let missing = (gradients.first ?? []).indices.map { d in
                    (0..<m).map { j in (outcome.α[j] - 1) * gradients[j][d] }.total
                }
                return outcome.probability * missing.innerProduct(missing)
            }.total
        }
        let trace = (0..<m).map { covariance[$0][$0] }.total
        let rows = covariance.map { $0.map(\.magnitude).total }
        return .init(
            mean: mean, residual: outcomes.map { $0.probability * $0.α.map { ($0 - 1) * ($0 - 1) }.total }.total,
            covariance: covariance, commonMode: covariance.joined().total,
            eigenvalueBound: min(trace, rows.max() ?? 0), gradientError: error)
    }

    /// The moments of a fixed code.
    package static func moments(
        _ straggling: [Rational], coefficients: [[Rational]], gradients: [[Rational]]? = nil
    ) -> HeterogeneousGradientCode.Moments.Answer {
        let m = coefficients[0].count
        return moments(straggling, partitions: m, gradients: gradients) { responders in
            (0..<m).map { j in responders.map { coefficients[$0][j] }.total }
        }
    }
}
