// Alternating series whose terms shrink: any two successive partial sums enclose the limit.

extension RationalInterval {
    /// π, by Machin's formula 16 arctan 1/5 − 4 arctan 1/239, no wider than 2^−bits.
    public static func pi(bits: Int) -> RationalInterval {
        let parts = [(16 as Rational, 5), (-4, 239)].map { factor, inverse in
            RationalInterval(factor) * arctangent(ofInverse: inverse, bits: bits + 8)
        }
        return (parts[0] + parts[1]).rounded(outwardTo: bits + 2)
    }

    /// sin(πx), no wider than 2^−bits; exactly 0 where x is an integer.
    public static func sine(ofHalfTurns x: Rational, bits: Int) -> RationalInterval {
        // To the first quarter turn, where the sine rises and its series has shrinking terms.
        let halfTurns = x.floor
        let rest = x - halfTurns
        let isNegative = !(halfTurns / 2).isInteger
        let acute = rest <= Rational(1, 2) ? rest : 1 - rest
        guard !acute.isZero else { return RationalInterval(0) }
        let pi = pi(bits: bits + 4)
        let angle = pi * RationalInterval(acute)
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
        let (inverse, square) = (Rational(1, m), Rational(1, m * m))
        return alternating(first: inverse, bits: bits) { k, power in
            let next = power * square
            return (next, next / Rational(2 * k + 1))
        }
    }

    /// sin y = Σ (−1)^k y^(2k+1) / (2k+1)! for 0 ≤ y ≤ 2, no wider than 2^−bits.
    private static func sineSeries(_ y: Rational, bits: Int) -> RationalInterval {
        let square = y * y
        return alternating(first: y, bits: bits) { k, term in
            let next = term * square / Rational(2 * k * (2 * k + 1))
            return (next, next)
        }
    }

    /// The limit of first − t_1 + t_2 − …, where `next(k, state)` gives the state after t_k and t_k itself.
    private static func alternating(
        first: Rational, bits: Int, next: (Int, Rational) -> (state: Rational, term: Rational)
    ) -> RationalInterval {
        let limit = Rational(2).power(-bits)
        var (sum, state, k) = (first, first, 0)
        while true {
            k += 1
            let (following, term) = next(k, state)
            state = following
            let before = sum
            sum = k.isMultiple(of: 2) ? sum + term : sum - term
            if term <= limit { return RationalInterval(min(before, sum), max(before, sum)) }
        }
    }
}
