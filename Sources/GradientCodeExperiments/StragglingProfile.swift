package import ExactArithmetic
import GradientCodeReference
package import GradientCodes

/// How often each of n workers straggles, by a stated rule.
package struct StragglingProfile: Hashable, Sendable {
    /// What distinguishes it from the others, `halves, h = 3/4`.
    package let name: String
    /// p_i, ascending.
    package let straggling: [Probability]

    /// The order in which the workers stand, which matters to allocations that do not look at probabilities.
    package enum Order: String, CaseIterable, Sendable {
        /// Ascending probability: neighbours are alike.
        case sorted
        /// The order of (u, i), u the word of a worker in stream 3 with the experiment's seed, t = i = 0 and j = i.
        case mixed
    }

    /// p_i of the workers in an order.
    package func straggling(_ order: Order) -> [Probability] {
        guard order == .mixed else { return straggling }
        let words = Philox.words(
            seed: HeterogeneousExperiment.seed, stream: .testData, t: 0, i: 0, first: 0, count: straggling.count)
        return straggling.indices.sorted { (words[$0], $0) < (words[$1], $1) }.map { straggling[$0] }
    }

    /// A, the arithmetic over the harmonic mean of the odds: 1 where all are equal, otherwise more.
    ///
    /// - Precondition: all p_i are above 0 and below 1.
    package var spread: Rational {
        let odds = straggling.map { $0.odds().value! }
        let n = Rational(odds.count)
        return odds.total / n * (odds.map(\.reciprocal).total / n)
    }

    /// All profiles: p_i = (1 + h d_i)/5 with Σ d_i = 0 and min d_i = −1, by shape and h; then those without a common
    /// mean. The number of workers has to be a multiple of 4.
    package static func all(workers n: Int) throws(Refusal) -> [StragglingProfile] {
        var profiles = [try make("equal", n) { _ in (1, 5) }]
        for quarters in 1...4 {
            // h = 1/4, 1/2, 3/4 and 9/10, in twentieths.
            let k = quarters == 4 ? 18 : 5 * quarters
            let h = quarters == 4 ? "9/10" : quarters == 2 ? "1/2" : "\(quarters)/4"
            profiles += [
                try make("halves, h = \(h)", n) { i in (20 + (i < n / 2 ? -k : k), 100) },
                try make("line, h = \(h)", n) { i in (20 * (n - 1) + k * (2 * i - n + 1), 100 * (n - 1)) },
                try make("last quarter, h = \(h)", n) { i in (20 + (i < 3 * n / 4 ? -k : 3 * k), 100) },
            ]
        }
        return profiles + [
            try make("1/20 and 1/2", n) { i in i < n / 2 ? (1, 20) : (1, 2) },
            try make("power law", n) { i in (1, n + 1 - i) },
            try make("geometric odds", n) { i in (1, 1 + (1 << (7 - 8 * i / n))) },
        ]
    }

    private static func make(
        _ name: String, _ n: Int, _ probability: (Int) -> (Int, Int)
    ) throws(Refusal) -> StragglingProfile {
        var straggling: [Probability] = []
        for i in 0..<n {
            let (numerator, denominator) = probability(i)
            straggling.append(try Probability(UInt64(numerator), UInt64(denominator)))
        }
        return StragglingProfile(name: name, straggling: straggling)
    }
}
