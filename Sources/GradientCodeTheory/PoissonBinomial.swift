public import ExactArithmetic
public import GradientCodes

/// The law of the number of stragglers among independent workers with individual probabilities.
public struct PoissonBinomial: Hashable, Sendable {
    /// P(exactly v of the workers straggle), v = 0…n.
    public let probabilities: [Rational]

    /// The law for straggling probabilities p_i, by adding one worker at a time.
    public init(_ straggling: [Probability]) { self.init(straggling.map(\.exact)) }

    /// The law of the number of events that happen among independent ones with the given probabilities.
    public init(_ events: [Rational]) {
        probabilities = events.reduce([1]) { law, p in
            (0...law.count).map { v in
                (v < law.count ? law[v] * (1 - p) : 0) + (v > 0 ? law[v - 1] * p : 0)
            }
        }
    }

    /// P(at most `stragglers` of the workers straggle); 0 for a negative number.
    public func atMost(_ stragglers: Int) -> Rational { probabilities.prefix(max(0, stragglers + 1)).total }

    /// PBtail: P(at least `events` of them happen); 1 for 0 and for a negative number.
    public func atLeast(_ events: Int) -> Rational { probabilities.dropFirst(max(0, events)).total }
}
