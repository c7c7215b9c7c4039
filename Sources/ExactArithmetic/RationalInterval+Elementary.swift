// Square roots by exact integer roots, logarithms by the series of the inverse hyperbolic tangent, whose terms have one
// sign: a partial sum is a lower end, and with a bound of the rest an upper end (docs/numerics.md#enclosures).

extension RationalInterval {
    /// √x for all members x: both ends are multiples of 2^−bits, the largest below and the smallest above.
    ///
    /// So a number whose root is a multiple of 2^−bits has exactly that root, and for any other number the interval is
    /// 2^−bits wide; for an interval its own length under the root comes on top.
    ///
    /// - Precondition: no member of `x` is negative.
    public static func squareRoot(of x: RationalInterval, bits: Int) -> RationalInterval {
        precondition(x.lower >= 0, "a square root is one of numbers that are not negative")
        // ⌊√y⌋ = ⌊√⌊y⌋⌋ and ⌈√y⌉ = ⌈√⌈y⌉⌉, because an integer is at most y if and only if it is at most ⌊y⌋.
        let (unit, scale) = (Rational.powerOfTwo(-bits), Rational.powerOfTwo(2 * bits))
        let (below, above) = ((x.lower * scale).floor, (x.upper * scale).ceiling)
        let root = above.integerSquareRoot
        return RationalInterval(
            below.integerSquareRoot * unit, (root * root == above ? root : root + 1) * unit)
    }

    /// The natural logarithms of all members of `x`; exactly 0 for the number 1.
    ///
    /// For one number no wider than 2^−bits, for an interval no wider than the difference of the logarithms of its ends
    /// and 2 · 2^−bits.
    ///
    /// - Precondition: all members of `x` are positive.
    public static func logarithm(of x: RationalInterval, bits: Int) -> RationalInterval {
        precondition(x.lower > 0, "a logarithm is one of positive numbers")
        let lower = logarithm(of: x.lower, bits: bits)
        return x.width.isZero ? lower : RationalInterval(lower.lower, logarithm(of: x.upper, bits: bits).upper)
    }

    /// The natural logarithm of 2 = (1 + 1/3)/(1 − 1/3), no wider than 2^−bits.
    public static func logarithmOfTwo(bits: Int) -> RationalInterval {
        (bits <= longLogarithmBits ? longLogarithm : logarithmOfTwoSeries(bits: bits + 2)).rounded(outwardTo: bits + 2)
    }

    /// Enough for most; made once, because every logarithm needs it.
    private static let longLogarithmBits = 1088
    private static let longLogarithm = logarithmOfTwoSeries(bits: longLogarithmBits + 2)

    private static func logarithmOfTwoSeries(bits: Int) -> RationalInterval {
        RationalInterval(2) * inverseHyperbolicTangent(Rational(1, 3), bits: bits + 1)
    }

    /// ln x = e ln 2 + 2 artanh ((m − 1)/(m + 1)), where x = 2^e m and 3/4 ≤ m < 3/2.
    private static func logarithm(of x: Rational, bits: Int) -> RationalInterval {
        let exponent = (x * Rational(4, 3)).binaryExponent
        let significand = x / .powerOfTwo(exponent)
        let tangent = inverseHyperbolicTangent((significand - 1) / (significand + 1), bits: bits + 3)
        guard exponent != 0 else { return (RationalInterval(2) * tangent).rounded(outwardTo: bits + 2) }
        // |e| < 2^digits: its product with ln 2 is no wider than 2^−(bits + 3).
        let digits = Int.bitWidth - exponent.magnitude.leadingZeroBitCount
        let powers = RationalInterval(Rational(exponent)) * logarithmOfTwo(bits: bits + 3 + digits)
        return (RationalInterval(2) * tangent + powers).rounded(outwardTo: bits + 2)
    }

    /// artanh t = Σ t^(2k+1)/(2k+1) for |t| ≤ 1/3, no wider than 2^−bits.
    ///
    /// What follows the term t^(2k+1)/(2k+1) adds up to at most t^(2k+3)/((2k+3)(1 − t²)), less than t^(2k+1)/16.
    /// Powers and terms are enclosures with ends that are multiples of 2^−(bits + 20), each at most three such units wide,
    /// so up to 2¹² terms are together no wider than 2⁻⁶ of 2^−bits.
    private static func inverseHyperbolicTangent(_ t: Rational, bits: Int) -> RationalInterval {
        let (limit, inner) = (Rational.powerOfTwo(-bits - 1), bits + 20)
        var power = RationalInterval(t.magnitude).rounded(outwardTo: inner)
        let square = RationalInterval(t * t).rounded(outwardTo: inner)
        var (sum, k) = (power, 0)
        while power.upper > limit {
            k += 1
            power = RationalInterval(power.lower * square.lower, power.upper * square.upper).rounded(outwardTo: inner)
            let share = Rational(1, 2 * k + 1)
            sum = sum + RationalInterval(power.lower * share, power.upper * share).rounded(outwardTo: inner)
        }
        let magnitude = RationalInterval(sum.lower, sum.upper + power.upper)
        return t.signum < 0 ? RationalInterval(0) - magnitude : magnitude
    }
}

extension Rational {
    /// The greatest integer whose square is not above this one, which must be an integer and not negative.
    fileprivate var integerSquareRoot: Rational { Rational(big.integerSquareRoot) }
}
