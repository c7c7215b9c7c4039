public import ExactArithmetic

/// A two-sided test of the claim that a success probability lies in an interval, by the number of successes.
///
/// A subject for which the claim holds is rejected with a probability of at most `level`, half of it for each side,
/// proved by enclosures of the tails (`docs/numerics.md#binomial-tails`).
public struct BinomialTest: Hashable, Sendable {
    /// The number n of trials.
    public let trials: Int
    /// The numbers of successes that pass; fewer and more are rejected. A part of 0…n, never empty.
    public let accepted: ClosedRange<Int>

    /// The test of the claim that the success probability of n independent trials is at least `lowest` and at most
    /// `highest`.
    ///
    /// `accepted` ends at the least u for which P(X > u) ≤ level/2 is certified when the probability is `highest`, and
    /// begins at the greatest l for which P(X < l) ≤ level/2 is when it is `lowest`. Probabilities between have smaller
    /// tails.
    ///
    /// - Precondition: 0 ≤ `lowest` ≤ `highest` ≤ 1, 0 < `level` < 1, and ``BinomialLaw`` takes both probabilities.
    public init(trials: Int, between lowest: Rational, and highest: Rational, level: Rational) {
        precondition(lowest <= highest, "an interval has its lower end first")
        precondition(0 < level && level < 1, "the level of a test lies strictly between 0 and 1")
        let few = BinomialLaw(trials: trials, probability: lowest).complement
        let many = BinomialLaw(trials: trials, probability: highest)
        self.trials = trials
        accepted = trials - few.quantile(tail: level / 2)...many.quantile(tail: level / 2)
    }

    /// An upper bound of the probability that a subject with success probability `p` passes.
    ///
    /// P(l ≤ X ≤ u) = P(X ≤ u) − P(X ≤ l − 1). Where these are near 1, they were made as 1 − a small tail, exactly, so a
    /// small difference is as well known as that tail.
    ///
    /// - Precondition: ``BinomialLaw`` takes `p`.
    public func missProbability(_ p: Rational) -> Rational {
        let law = BinomialLaw(trials: trials, probability: p)
        return law.atMost(accepted.upperBound).upper - law.atMost(accepted.lowerBound - 1).lower
    }
}

extension BinomialLaw {
    /// A number u in 0…n for which P(X > u) ≤ `tail` is certified and, unless u is 0, for u − 1 is not; `tail` < 1/2.
    ///
    /// By bisection. At ⌊np⌋ − 1 it cannot be certified: ⌊np⌋ is at most the median, so P(X ≥ ⌊np⌋) ≥ 1/2.
    fileprivate func quantile(tail: Rational) -> Int {
        func isCertified(_ u: Int) -> Bool { atLeast(u + 1).upper <= tail }
        var low = Int(exactly: (Rational(trials) * probability).floor)! - 1
        // A few standard deviations suffice, which are at most √n/2 each; nothing exceeds n.
        var step = 1 << ((Int.bitWidth - trials.leadingZeroBitCount) / 2)
        var high = min(trials, low + step)
        while !isCertified(high) {
            low = high
            step *= 2
            high = min(trials, high + step)
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if isCertified(middle) { high = middle } else { low = middle }
        }
        return high
    }
}
