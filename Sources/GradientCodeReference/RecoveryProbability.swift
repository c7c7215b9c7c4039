public import ExactArithmetic
public import GradientCodes

extension Rational {
    /// The exact value of a fraction.
    public init(_ fraction: Fraction) { self = Rational(fraction.numerator) / Rational(fraction.denominator) }
    /// The exact value of a probability.
    public init(_ probability: Probability) { self.init(probability.value) }
}

extension RationalMatrix {
    /// The probability that the responders can recover the sum, worker i straggling with probability p_i
    /// independently, by enumerating all 2ⁿ patterns.
    ///
    /// Enumeration, although whole families have closed forms: it is what those are checked against.
    ///
    /// - Precondition: one probability a worker, at most 62 of them.
    public func recoveryProbability(_ probabilities: [Probability]) -> Rational {
        precondition(probabilities.count == rows, "one probability a worker")
        let straggles = probabilities.map { Rational($0) }
        var probability: Rational = 0
        for responders in WorkerSet.subsets(of: rows) where decode(responders: responders).vector != nil {
            probability += (0..<rows).reduce(1) { $0 * (responders.contains($1) ? 1 - straggles[$1] : straggles[$1]) }
        }
        return probability
    }
}
