public import ExactArithmetic

/// The law of the number X of successes among `trials` independent trials, each with the success probability
/// `probability`.
///
/// Tails are enclosed by rationals, so a statement about the enclosure holds for the tail itself. For up to 2²² trials
/// an enclosure is relatively no wider than 2⁻³²; of a tail below 2⁻⁴⁰⁹⁶ it says no more than that
/// (`docs/numerics.md#binomial-tails`).
public struct BinomialLaw: Hashable, Sendable {
    /// The number n of trials; may be 0.
    public let trials: Int
    /// The probability p of a success in one trial; 0 and 1 included.
    public let probability: Rational

    /// The law of n trials with success probability p.
    ///
    /// - Precondition: n is not negative, p is in [0, 1], and n times the denominator of p is below 2⁶².
    public init(trials: Int, probability: Rational) {
        precondition(trials >= 0, "a number of trials is not negative")
        precondition(0 <= probability && probability <= 1, "a probability lies in [0, 1]")
        precondition(
            Rational(trials) * probability.denominator < Rational(1 << 62),
            "the ratios of a binomial law are quotients of 62-bit integers")
        self.trials = trials
        self.probability = probability
    }

    /// An enclosure of P(X ≥ k), within [0, 1]: exactly 1 for k ≤ 0 and 0 for k > n, and exact for p = 0 and p = 1.
    public func atLeast(_ k: Int) -> RationalInterval {
        guard k > 0 else { return RationalInterval(1) }
        guard k <= trials, !probability.isZero else { return RationalInterval(0) }
        guard probability < 1 else { return RationalInterval(1) }
        guard Rational(k) < Rational(trials) * probability else { return upperTail(k) }
        return RationalInterval(1) - complement.upperTail(trials - k + 1)
    }

    /// An enclosure of P(X ≤ k), within [0, 1]: exactly 0 for k < 0 and 1 for k ≥ n, and exact for p = 0 and p = 1.
    public func atMost(_ k: Int) -> RationalInterval {
        k < 0 ? RationalInterval(0) : complement.atLeast(trials - min(k, trials))
    }

    /// The law of the number of failures.
    var complement: BinomialLaw { BinomialLaw(trials: trials, probability: 1 - probability) }

    /// P(X ≥ k) for np ≤ k ≤ n, k > 0 and 0 < p < 1.
    private func upperTail(_ k: Int) -> RationalInterval {
        let tail = (mass(k) * FloatingInterval(relativeTail(k))).rational(least: Self.leastExponent)
        return RationalInterval(tail.lower, min(1, tail.upper))
    }

    /// Below 2 to this power tails are not told apart: their digits would fill the memory.
    private static let leastExponent = -4096

    /// P(X ≥ k)/P(X = k) = 1 + r_k + r_k r_(k+1) + …, where r_i = (n − i)p/((i + 1)(1 − p)), for np ≤ k ≤ n.
    ///
    /// From np on the ratios are below 1 and fall, so what follows a term t of index i is at most t r_i/(1 − r_i).
    /// Terms are rounded outward to multiples of 2⁻⁶²; the sum ends when the rest is at most 2⁻⁴⁰ of it.
    private func relativeTail(_ k: Int) -> RationalInterval {
        let success = UInt64(Int(exactly: probability.numerator)!)
        let failure = UInt64(Int(exactly: probability.denominator)!) - success
        var term = (lower: one, upper: one)
        var sum = (lower: UInt128(one), upper: UInt128(one))
        var i = k
        while true {
            // r_i as a quotient; both are below 2⁶².
            let (numerator, denominator) = (UInt64(trials - i) * success, UInt64(i + 1) * failure)
            let (product, gap) = (UInt128(term.upper) * UInt128(numerator), UInt128(denominator - numerator))
            if product <= (sum.lower >> 40) * gap {
                let upper = sum.upper + (product + gap - 1) / gap
                return RationalInterval(Rational(sum.lower) / Rational(one), Rational(upper) / Rational(one))
            }
            term.lower = denominator.dividingFullWidth(term.lower.multipliedFullWidth(by: numerator)).quotient
            let (quotient, remainder) = denominator.dividingFullWidth(term.upper.multipliedFullWidth(by: numerator))
            term.upper = remainder == 0 ? quotient : quotient + 1
            sum.lower += UInt128(term.lower)
            sum.upper += UInt128(term.upper)
            i += 1
        }
    }
}

/// The number 1 in units of 2⁻⁶².
private let one: UInt64 = 1 << 62
