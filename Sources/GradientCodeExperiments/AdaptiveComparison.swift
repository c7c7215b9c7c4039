package import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
package import GradientCodes

/// Fixed codes against decoders that see who responded, on the LPT allocation, by enumeration of all patterns.
package struct AdaptiveComparison: Sendable {
    package let profile: StragglingProfile
    package let load: Int
    /// Σ_j Q_j, below which no decoder comes, over m like all others.
    package let floor: Rational
    /// Least squares decoding of the optimal encoding, which is biased.
    package let leastSquares: Rational
    /// Σ_j Q_j/(1 − Q_j), below which no unbiased decoder comes.
    package let unbiasedFloor: Rational
    /// The best unbiased decoder of the optimal encoding.
    package let unbiased: Rational
    /// The optimal fixed code.
    package let optimal: Rational
    /// Blind weights.
    package let blind: Rational

    /// - Precondition: no worker is dead, so that an unbiased decoder exists.
    package init(_ profile: StragglingProfile, load: Int) throws(Refusal) {
        self.profile = profile
        self.load = load
        let code = try HeterogeneousDesign(weights: .optimal, placement: .longestFirst).code(profile, load: load)
        let adaptive = AdaptiveDecoding(encoding: code.gauge().encoding, straggling: code.straggling)
        let m = Rational(code.partitions)
        floor = code.residualFloor / m
        leastSquares = adaptive.leastSquaresResidual / m
        unbiasedFloor = code.unbiasedResidualFloor / m
        unbiased = adaptive.unbiasedResidual! / m
        optimal = code.residual() / m
        blind = try HeterogeneousDesign.Weights.blind.score(of: code).mean
    }

    /// The numbers with their names, ascending for unbiased decoders.
    package var columns: [(name: String, value: Rational)] {
        [
            ("Σ Q/m", floor), ("least squares", leastSquares), ("Σ Q/(1 − Q)/m", unbiasedFloor),
            ("adaptive, unbiased", unbiased), ("optimal, LPT", optimal), ("blind, LPT", blind),
        ]
    }
}
