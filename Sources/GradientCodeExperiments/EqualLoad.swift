package import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
package import GradientCodes

/// Residuals of all designs when every worker holds as many partitions.
package struct EqualLoad: Sendable {
    package let profile: StragglingProfile
    package let load: Int
    /// In the order of ``HeterogeneousDesign/all``.
    package let scores: [HeterogeneousScore]
    /// Mean residual of a Bernoulli code with the same expected load and one-step decoding, over the draw of the code too.
    package let bernoulli: Rational
    /// m/Σ_i ℓ s_i, the least mean residual of any allocation with these loads (Theorem H6).
    package let floor: Rational

    /// n, the number of workers and of partitions.
    package var workers: Int { profile.straggling.count }

    package init(_ profile: StragglingProfile, load: Int) throws(Refusal) {
        self.profile = profile
        self.load = load
        let n = profile.straggling.count
        var scores: [HeterogeneousScore] = []
        for design in HeterogeneousDesign.all {
            scores.append(try design.weights.score(of: design.code(profile, load: load)))
        }
        self.scores = scores
        var bernoulli = Rational(0)
        for (stragglers, probability) in PoissonBinomial(profile.straggling).probabilities.enumerated() {
            bernoulli +=
                try probability
                * ExpectedResidual.oneStep(partitions: n, density: Rational(load, n), responders: n - stragglers)
        }
        self.bernoulli = bernoulli / Rational(n)
        floor = profile.straggling.compactMap { $0.odds().value }.total.reciprocal * Rational(n, load)
    }

    /// The score of one design.
    package subscript(_ weights: HeterogeneousDesign.Weights, _ placement: HeterogeneousDesign.Placement)
        -> HeterogeneousScore
    {
        let design = HeterogeneousDesign(weights: weights, placement: placement)
        return scores[HeterogeneousDesign.all.firstIndex(of: design)!]
    }
}
