package import ExactArithmetic
import GradientCodeTheory
package import GradientCodes

/// Descents with several codes and without stragglers, from one start with one step.
package struct DescentComparison: Sendable {
    package let profile: StragglingProfile
    /// Whether all partitions have their minimum at the same model.
    package let agreeing: Bool
    /// ημ.
    package let scaledStep: Rational
    /// Plain gradient descent first, then one a design of ``designs``.
    package let curves: [Curve]

    /// The codes compared, with names.
    package static let designs: [HeterogeneousDesign] = [
        .init(weights: .optimal, placement: .longestFirst),
        .init(weights: .optimal, placement: .cyclic(.mixed)),
        .init(weights: .blind, placement: .cyclic(.mixed)),
        .init(weights: .stochastic, placement: .cyclic(.mixed)),
        .init(weights: .ignore, placement: .cyclic(.mixed)),
    ]

    /// One descent.
    package struct Curve: Sendable {
        package let name: String
        /// E D_t/D_0.
        package let distances: [Rational]
        /// Its limit; nil where there is none.
        package let limit: Rational?

        /// The first t with E D_t ≤ x D_0; nil where it is not within the run.
        package func time(toReach x: Rational) -> Int? { distances.firstIndex { $0 <= x } }
        /// The first t with E D_t ≤ D_0/10⁶.
        package var timeToMillionth: Int? { time(toReach: Rational(1, 1_000_000)) }
    }

    /// The first t with E D_t more than twice the distance without stragglers: until then the descents are alike; nil where
    /// they are to the end.
    package func timeApart(_ curve: Curve) -> Int? {
        curve.distances.indices.first { curve.distances[$0] > 2 * curves[0].distances[$0] }
    }

    package init(
        _ profile: StragglingProfile, load: Int, agreeing: Bool, scaledStep: Rational, iterations: Int
    ) throws(Refusal) {
        self.profile = profile
        self.agreeing = agreeing
        self.scaledStep = scaledStep
        let quadratics = ExactQuadratics.stated(partitions: profile.straggling.count, agreeing: agreeing)
        let η = scaledStep / (quadratics.totalCurvatures.max() ?? 1)
        func curve(_ name: String, _ moments: HeterogeneousMoments?) -> Curve {
            let descent = ExactDescent(moments, quadratics)
            let distances = descent.squaredDistances(step: η, iterations: iterations)
            return Curve(
                name: name, distances: distances.map { $0 / distances[0] },
                limit: descent.limit(step: η).map { $0 / distances[0] })
        }
        var curves = [curve("no stragglers", nil)]
        for design in Self.designs {
            let code = try design.code(profile, load: load)
            let moments = HeterogeneousMoments(
                coefficients: try design.weights.coefficients(of: code), straggling: code.straggling)
            curves.append(curve(design.name, moments))
        }
        self.curves = curves
    }
}
