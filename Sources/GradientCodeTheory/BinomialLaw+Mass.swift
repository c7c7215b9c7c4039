import ExactArithmetic

extension BinomialLaw {
    /// An enclosure of P(X = k) = C(n, k) p^k q^(n−k), q = 1 − p, for 0 ≤ k ≤ n and 0 < p < 1.
    ///
    /// Far from both ends by Stirling's formula, in which the large factors have left for powers of numbers about 1:
    /// √(n/(2πk(n−k))) (np/k)^k (nq/(n−k))^(n−k) exp(λ(n) − λ(k) − λ(n−k)).
    func mass(_ k: Int) -> FloatingInterval {
        let (p, q, failures) = (probability, 1 - probability, trials - k)
        guard min(k, failures) >= StirlingRemainder.least else {
            return FloatingInterval(.binomial(trials, k)) * FloatingInterval(p).power(k)
                * FloatingInterval(q).power(failures)
        }
        let n = Rational(trials)
        let variance = Rational(k) * Rational(failures) / n
        let root = RationalInterval.squareRoot(
            of: RationalInterval(1) / (RationalInterval(2 * variance) * .pi(bits: 128)), bits: 128)
        let remainders =
            StirlingRemainder.enclosure(trials) - StirlingRemainder.enclosure(k) - StirlingRemainder.enclosure(failures)
        return FloatingInterval(root * StirlingRemainder.exponential(remainders))
            * FloatingInterval(n * p / Rational(k)).power(k)
            * FloatingInterval(n * q / Rational(failures)).power(failures)
    }
}

/// λ(m) = ln m! − ln(√(2πm) (m/e)^m), what Stirling's formula leaves over.
///
/// Its series 1/(12m) − 1/(360m³) + … with the Bernoulli numbers diverges, but for every m > 0 a partial sum is off by
/// less than the first term left out, in the direction of that term.
enum StirlingRemainder {
    /// From here on the enclosure is narrower than 2⁻⁴⁶.
    static let least = 8

    /// B_2j/(2j(2j − 1)) for j = 1…7.
    private static let coefficients = [
        Rational(1, 12), Rational(-1, 360), Rational(1, 1260), Rational(-1, 1680), Rational(1, 1188),
        Rational(-691, 360_360), Rational(1, 156),
    ]

    /// λ(m) for m ≥ 8, between the sums of six and of seven terms.
    static func enclosure(_ m: Int) -> RationalInterval {
        let inverse = Rational(1, m)
        let square = inverse * inverse
        func sum(_ terms: Int) -> Rational {
            coefficients.prefix(terms).reversed().reduce(0) { $0 * square + $1 } * inverse
        }
        return RationalInterval(sum(6), sum(7)).rounded(outwardTo: 96)
    }

    /// exp y for λ(n) − λ(k) − λ(n−k), where y lies between −1/32 and 0 and may be known to be a little wider.
    ///
    /// For −1 ≤ y ≤ 0 the exponential series alternates with shrinking terms, so the limit lies between the sums up to
    /// y⁹/9! and up to y⁸/8!.
    static func exponential(_ y: RationalInterval) -> RationalInterval {
        func sum(_ degree: Int, _ y: Rational) -> Rational {
            (1...degree).reversed().reduce(1) { 1 + $0 * y / Rational($1) }
        }
        return RationalInterval(sum(9, y.lower), sum(8, min(0, y.upper)))
    }
}
