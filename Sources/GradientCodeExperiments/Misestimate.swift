package import ExactArithmetic
import GradientCodeReference
package import GradientCodes

/// The optimal code and blind weights made for wrong probabilities p̂, LPT by p̂ too; residuals at the true p (Corollary H1′).
package struct Misestimate: Sendable {
    package let profile: StragglingProfile
    /// What is believed.
    package let belief: Belief
    /// R/m and its part due to bias, of the optimal code for p̂; one a draw.
    package let optimal: [HeterogeneousScore]
    /// The same of blind weights for p̂ on the same allocation.
    package let blind: [HeterogeneousScore]

    /// How p̂ comes about.
    package enum Belief: Hashable, Sendable {
        /// All odds are believed to be γ times what they are: p̂ = p/(p + γq).
        case scaledOdds(Rational)
        /// p̂ = (x + 1)/(k + 2) after a worker straggled in x of k observed rounds.
        case observed(Int)

        /// `odds × 1/2`, `100 rounds`.
        package var name: String {
            switch self {
            case .scaledOdds(let γ): "odds × " + (γ.isInteger ? γ.decimal(digits: 0) : "\(γ)")
            case .observed(let k): "\(k) rounds"
            }
        }
    }

    package static func measure(
        _ profile: StragglingProfile, _ experiment: HeterogeneousExperiment
    ) throws(Refusal) -> [Misestimate] {
        let p = profile.straggling(.mixed)
        var results: [Misestimate] = []
        for γ in experiment.oddsFactors {
            let (a, b) = (UInt64(γ.numerator.decimal(digits: 0))!, UInt64(γ.denominator.decimal(digits: 0))!)
            var believed: [Probability] = []
            for p in p {
                let (stay, leave) = (b * p.value.numerator, a * p.complement.value.numerator)
                believed.append(try Probability(stay, stay + leave))
            }
            results.append(
                try Misestimate(profile, .scaledOdds(γ), [believed], load: experiment.trainingLoad))
        }
        for k in experiment.observations {
            var believed: [[Probability]] = []
            for seed in experiment.seeds {
                believed.append(try Misestimate.estimate(p, rounds: k, seed: seed))
            }
            results.append(try Misestimate(profile, .observed(k), believed, load: experiment.trainingLoad))
        }
        return results
    }

    /// p̂ from the rounds t < k of the straggler model.
    package static func estimate(_ p: [Probability], rounds k: Int, seed: UInt64) throws(Refusal) -> [Probability] {
        let model = try StragglerModel.independent(p)
        var straggled = [Int](repeating: k, count: p.count)
        for t in 0..<k {
            for worker in model.responders(seed: seed, t: UInt32(t)) { straggled[worker] -= 1 }
        }
        var estimate: [Probability] = []
        for x in straggled { estimate.append(try Probability(UInt64(x + 1), UInt64(k + 2))) }
        return estimate
    }

    private init(
        _ profile: StragglingProfile, _ belief: Belief, _ believed: [[Probability]], load: Int
    ) throws(Refusal) {
        self.profile = profile
        self.belief = belief
        let p = profile.straggling(.mixed)
        let n = p.count
        var (optimal, blind): ([HeterogeneousScore], [HeterogeneousScore]) = ([], [])
        for estimate in believed {
            let problem = try AllocationProblem(
                straggling: estimate, loads: [Int](repeating: load, count: n), partitions: n)
            let code = try HeterogeneousGradientCode(
                allocation: try problem.longestProcessingTimeFirst(), straggling: estimate)
            optimal.append(HeterogeneousScore(of: code.coefficients(), straggling: p))
            blind.append(HeterogeneousScore(of: try code.blindCoefficients(), straggling: p))
        }
        self.optimal = optimal
        self.blind = blind
    }
}

extension [HeterogeneousScore] {
    /// The mean over the draws of R/m.
    package var averageMean: Rational { map(\.mean).total / Rational(count) }
    /// The mean over the draws of the part due to bias.
    package var averageBias: Rational { map(\.meanBias).total / Rational(count) }
    /// The greatest R/m of a draw.
    package var worstMean: Rational { map(\.mean).max() ?? 0 }
}
