package import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
package import GradientCodes

/// A fixed code of the comparison: how it weighs, and how it places data.
package struct HeterogeneousDesign: Hashable, Sendable {
    /// The coefficients (`docs/HeterogeneousGradientCode.md#baselines`).
    package enum Weights: String, CaseIterable, Sendable {
        case optimal, blind, stochastic, ignore
    }

    /// Where the partitions go; cyclic allocations depend on the order of the workers.
    package enum Placement: Hashable, Sendable {
        case longestFirst
        case cyclic(StragglingProfile.Order)
    }

    package let weights: Weights
    package let placement: Placement

    /// All combinations, the best first.
    package static let all: [HeterogeneousDesign] = Weights.allCases.flatMap { weights in
        [Placement.longestFirst, .cyclic(.mixed), .cyclic(.sorted)].map {
            HeterogeneousDesign(weights: weights, placement: $0)
        }
    }

    package init(weights: Weights, placement: Placement) {
        self.weights = weights
        self.placement = placement
    }

    /// `optimal, LPT`, `blind, cyclic mixed`.
    package var name: String {
        switch placement {
        case .longestFirst: "\(weights), LPT"
        case .cyclic(let order): "\(weights), cyclic \(order)"
        }
    }

    /// The code for a profile, n workers with the same load and n partitions. With LPT the workers stand in mixed order.
    package func code(_ profile: StragglingProfile, load: Int) throws(Refusal) -> HeterogeneousGradientCode {
        let n = profile.straggling.count
        func problem(_ order: StragglingProfile.Order) throws(Refusal) -> AllocationProblem {
            try AllocationProblem(
                straggling: profile.straggling(order), loads: [Int](repeating: load, count: n), partitions: n)
        }
        switch placement {
        case .longestFirst:
            let problem = try problem(.mixed)
            return try HeterogeneousGradientCode(
                allocation: try problem.longestProcessingTimeFirst(), straggling: problem.straggling)
        case .cyclic(let order):
            let problem = try problem(order)
            return try HeterogeneousGradientCode(allocation: try problem.cyclic(), straggling: problem.straggling)
        }
    }
}

extension HeterogeneousDesign.Weights {
    /// C, n × m.
    package func coefficients(of code: HeterogeneousGradientCode) throws(Refusal) -> RationalMatrix {
        switch self {
        case .optimal: code.coefficients()
        case .blind: try code.blindCoefficients()
        case .stochastic: try code.stochasticCoefficients()
        case .ignore: code.ignoringCoefficients
        }
    }

    /// What the code does to each partition; for the optimal one by its closed form 1/S_j.
    package func score(of code: HeterogeneousGradientCode) throws(Refusal) -> HeterogeneousScore {
        guard self != .optimal else {
            let residuals = code.oddsSums().map(\.reciprocal)
            return HeterogeneousScore(residuals: residuals, squaredBias: 0)
        }
        return HeterogeneousScore(of: try coefficients(of: code), straggling: code.straggling)
    }
}

/// How well a code recovers the sum.
package struct HeterogeneousScore: Hashable, Sendable {
    /// E(α_j − 1)², one number a partition.
    package let residuals: [Rational]
    /// Σ_j (E α_j − 1)², a part of the residual.
    package let squaredBias: Rational

    package init(residuals: [Rational], squaredBias: Rational) {
        self.residuals = residuals
        self.squaredBias = squaredBias
    }

    /// The score of any coefficients when the workers straggle with these probabilities, by Theorem H1.
    package init(of C: RationalMatrix, straggling: [Probability]) {
        let parts = HeterogeneousResiduals(coefficients: C, straggling: straggling)
        self.init(residuals: parts.residuals, squaredBias: parts.squaredBiases.total)
    }

    /// R/m.
    package var mean: Rational { residuals.total / Rational(residuals.count) }
    /// The greatest of one partition.
    package var largest: Rational { residuals.max() ?? 0 }
    /// The part of the mean that is due to bias.
    package var meanBias: Rational { squaredBias / Rational(residuals.count) }
}
