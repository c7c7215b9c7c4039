// Alternating series whose terms shrink: any two successive partial sums enclose the limit.

extension RationalInterval {
    /// π, by Machin's formula 16 arctan 1/5 − 4 arctan 1/239, no wider than 2^−bits.
    public static func pi(bits: Int) -> RationalInterval {
        bits <= longPiBits ? longPi.rounded(outwardTo: bits + 2) : machin(bits: bits)
    }

    /// Enough for most; made once, because a table of sines needs π again and again.
    private static let longPiBits = 1024
    private static let longPi = machin(bits: longPiBits + 4)

    private static func machin(bits: Int) -> RationalInterval {
        let parts = [(16 as Rational, 5), (-4, 239)].map { factor, inverse in
            RationalInterval(factor) * arctangent(ofInverse: inverse, bits: bits + 8)
        }
        return (parts[0] + parts[1]).rounded(outwardTo: bits + 2)
    }

    /// sin(πx), no wider than 2^−bits; exactly 0 where x is an integer.
    public static func sine(ofHalfTurns x: Rational, bits: Int) -> RationalInterval {
        sine(ofHalfTurns: x, pi: pi(bits: bits + 4), bits: bits)
    }

    /// sin(πm/n) for m = 0…2n − 1, each no wider than 2^−bits: a whole turn.
    public static func sines(dividing n: Int, bits: Int) -> [RationalInterval] {
        let pi = pi(bits: bits + 4)
        let quarter = (0...n / 2).map { sine(ofHalfTurns: Rational($0, n), pi: pi, bits: bits) }
        return (0..<2 * n).map { m in
            let value = quarter[min(m % n, n - m % n)]
            return m < n ? value : RationalInterval(0) - value
        }
    }

    /// The same with an enclosure of π that is no wider than 2^−(bits + 4).
    private static func sine(ofHalfTurns x: Rational, pi: RationalInterval, bits: Int) -> RationalInterval {
        // To the first quarter turn, where the sine rises and its series has shrinking terms.
        let halfTurns = x.floor
        let rest = x - halfTurns
        let isNegative = !(halfTurns / 2).isInteger
        let acute = rest <= Rational(1, 2) ? rest : 1 - rest
        guard !acute.isZero else { return RationalInterval(0) }
        let angle = pi.scaled(by: acute)
        let upper = angle.upper < pi.lower / 2 ? sineSeries(angle.upper, bits: bits + 4).upper : 1
        let value = RationalInterval(sineSeries(angle.lower, bits: bits + 4).lower, min(1, upper))
            .rounded(outwardTo: bits + 2)
        return isNegative ? RationalInterval(0) - value : value
    }

    /// cos(πx), no wider than 2^−bits.
    public static func cosine(ofHalfTurns x: Rational, bits: Int) -> RationalInterval {
        sine(ofHalfTurns: x + Rational(1, 2), bits: bits)
    }

    /// arctan(1/m) = Σ (−1)^k / ((2k+1) m^(2k+1)), no wider than 2^−bits.
    private static func arctangent(ofInverse m: Int, bits: Int) -> RationalInterval {
        let square = Rational(1, m * m)
        return alternating(first: RationalInterval(Rational(1, m)), bits: bits) { k, power in
            let next = power.scaled(by: square)
            return (next, next.scaled(by: Rational(1, 2 * k + 1)))
        }
    }

    /// sin y = Σ (−1)^k y^(2k+1) / (2k+1)! for 0 ≤ y ≤ 2, no wider than 2^−bits.
    private static func sineSeries(_ y: Rational, bits: Int) -> RationalInterval {
        let square = y * y
        return alternating(first: RationalInterval(y), bits: bits) { k, term in
            let next = term.scaled(by: square / Rational(2 * k * (2 * k + 1)))
            return (next, next)
        }
    }

    /// The limit of first − t_1 + t_2 − …, where `next(k, state)` gives the state after t_k and t_k itself.
    ///
    /// States and terms are enclosures with short ends. Up to 2¹² terms, their widths add up to less than a quarter of
    /// 2^−bits, and so does the last term.
    private static func alternating(
        first: RationalInterval, bits: Int,
        next: (Int, RationalInterval) -> (state: RationalInterval, term: RationalInterval)
    ) -> RationalInterval {
        let (limit, inner) = (Rational.powerOfTwo(-bits - 2), bits + 16)
        var (sum, state, k) = (first.rounded(outwardTo: inner), first.rounded(outwardTo: inner), 0)
        while true {
            k += 1
            let following = next(k, state)
            state = following.state.rounded(outwardTo: inner)
            let (before, term) = (sum, following.term.rounded(outwardTo: inner))
            sum = k.isMultiple(of: 2) ? sum + term : sum - term
            if term.upper <= limit {
                return RationalInterval(min(before.lower, sum.lower), max(before.upper, sum.upper))
            }
        }
    }

    /// All products with a number that is not negative.
    private func scaled(by factor: Rational) -> RationalInterval {
        RationalInterval(lower * factor, upper * factor)
    }
}
