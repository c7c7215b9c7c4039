public import ExactArithmetic
public import GradientCodes

extension FractionalRepetitionCode {
    /// P(decodable) = Π_q (1 − Π_{i ∈ q} p_i) over the groups q that hold partitions, worker i straggling with
    /// probability p_i independently (Theorem 1).
    ///
    /// - Throws: `dimensionMismatch` unless there is one probability a worker.
    public func recoveryProbability(_ probabilities: [Probability]) throws(Refusal) -> Rational {
        guard probabilities.count == workers else {
            throw Refusal(.dimensionMismatch, "\(probabilities.count) probabilities for \(workers) workers")
        }
        return (0..<groups).filter { !partitions(inGroup: $0).isEmpty }.reduce(1) { product, group in
            product * (1 - workers(inGroup: group).reduce(1) { $0 * probabilities[$1].exact })
        }
    }
}

extension Probability {
    /// The exact value.
    var exact: Rational { Rational(value.numerator) / Rational(value.denominator) }
}
