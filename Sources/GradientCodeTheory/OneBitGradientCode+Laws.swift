public import ExactArithmetic

/// The exact laws of the models of a run, and the expectations that the bounds of ``OneBitBound`` speak of.
///
/// See docs/OneBitGradientCode.md#convergence.
public struct OneBitLaws: Sendable {
    /// F.
    public let loss: SeparableLoss
    /// The law of θ_t for t = 0, …, T: the points with their probabilities, all positive.
    public let models: [[[Rational]: Rational]]
    /// V(θ) at every reachable point, that is for t < T.
    let variance: [[Rational]: Rational]

    /// T.
    public var iterations: Int { models.count - 1 }

    /// E F(θ_t), t = 0, …, T.
    public var values: [Rational] { models.map { mean($0, of: loss.value) } }

    /// E‖∇F(θ_t)‖², t = 0, …, T; of a subgradient where there is no gradient.
    public var squaredGradients: [Rational] { models.map { mean($0) { loss.gradient(at: $0).squaredNorm } } }

    /// E V(θ_t), t = 0, …, T − 1.
    public var variances: [Rational] { models.dropLast().map { mean($0) { variance[$0]! } } }

    /// E[‖s(θ_t)‖² + V(θ_t)], t = 0, …, T − 1, of Theorem 5′ (`docs/OneBitGradientCode.md#theorem-5-prime`).
    public var secondMoments: [Rational] { zip(squaredGradients, variances).map(+) }

    /// V_max, the largest V of a reachable point; 0 if T = 0.
    public var largestVariance: Rational { variance.values.max() ?? 0 }

    /// The points that θ_t takes with positive probability for some t < T.
    public var reachable: Set<[Rational]> { Set(variance.keys) }

    /// E‖θ_t − θ*‖², t = 0, …, T.
    ///
    /// - Precondition: θ* has the dimension of the loss.
    public func squaredDistances(to minimiser: [Rational]) -> [Rational] {
        precondition(minimiser.count == loss.dimension, "a minimiser of the dimension of the loss")
        return models.map { mean($0) { zip($0, minimiser).map(-).squaredNorm } }
    }

    /// E F(θ_t) − F(θ*), t = 0, …, T − 1.
    ///
    /// - Precondition: θ* has the dimension of the loss.
    public func gaps(to minimiser: [Rational]) -> [Rational] {
        let least = loss.value(at: minimiser)
        return values.dropLast().map { $0 - least }
    }

    private func mean(_ law: [[Rational]: Rational], of value: ([Rational]) -> Rational) -> Rational {
        law.map { $0.value * value($0.key) }.total
    }
}
