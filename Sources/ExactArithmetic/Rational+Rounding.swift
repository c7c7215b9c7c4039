// Between a rational number and a binary float there is one rounding, and it is done in exact integers. A way through a
// second float format would round twice: 1 + 2⁻²⁴ + 2⁻⁶⁰ lies above the middle between two binary32 neighbours, its
// binary64 image on it.

extension Float {
    /// The binary32 number nearest to `value`, ties to even, as IEEE 754 rounds (`docs/numerics.md#binary32-rounding`).
    ///
    /// Subnormal results are rounded to their own precision. What would round to 2¹²⁸ with an unbounded exponent becomes
    /// an infinity; a nonzero value that rounds to zero keeps its sign, and the rational zero gives +0.
    public init(_ value: Rational) {
        self = value.rounded()
    }
}

extension Double {
    /// The binary64 number nearest to `value`, ties to even, as IEEE 754 rounds (`docs/numerics.md`).
    ///
    /// Subnormal results are rounded to their own precision. What would round to 2¹⁰²⁴ with an unbounded exponent becomes
    /// an infinity; a nonzero value that rounds to zero keeps its sign, and the rational zero gives +0.
    public init(_ value: Rational) {
        self = value.rounded()
    }
}

extension Rational {
    /// The exact value of a binary32 number; nil for infinities and NaNs. Both zeros give 0.
    public init?(exactly value: Float) {
        self.init(binary: value)
    }

    /// The exact value of a binary64 number; nil for infinities and NaNs. Both zeros give 0.
    public init?(exactly value: Double) {
        self.init(binary: value)
    }

    /// A finite float is an integer number of units in its last place.
    private init?<F: BinaryFloatingPoint>(binary value: F) {
        guard value.isFinite else { return nil }
        self = value.isZero ? 0 : Rational(Int(value / value.ulp)) * .powerOfTwo(Int(value.ulp.exponent))
    }

    /// The nearest number of a format with at most 62 bits of precision, ties to even.
    fileprivate func rounded<F: BinaryFloatingPoint>() -> F {
        guard !isZero else { return 0 }
        let sign: FloatingPointSign = signum < 0 ? .minus : .plus
        let exponent = magnitude.binaryExponent
        guard exponent <= Int(F.greatestFiniteMagnitude.exponent) else {
            return F(sign: sign, exponent: 0, significand: .infinity)
        }
        // The unit in the last place of the result, which below the normal numbers no longer shrinks.
        let unitExponent = max(exponent, Int(F.leastNormalMagnitude.exponent)) - F.significandBitCount
        let units = (magnitude / .powerOfTwo(unitExponent)).roundedToEven
        // At most 2^precision units: exact in F, and so is the product, unless it overflows to infinity as it must.
        let significand = F(Int(exactly: units)!)
        return F(sign: sign, exponent: F.Exponent(unitExponent), significand: significand)
    }

    /// The integer e with 2^e ≤ x < 2^(e+1), of a positive number x.
    ///
    /// - Precondition: the number is positive.
    public var binaryExponent: Int {
        precondition(signum > 0, "only a positive number lies between two powers of two")
        // With a and b binary digits in numerator and denominator, 2^(a−b−1) < x < 2^(a−b+1).
        let guess = numerator.bitCount - denominator.bitCount
        return Rational.powerOfTwo(guess) <= self ? guess : guess - 1
    }

    /// The number of binary digits of a positive integer.
    private var bitCount: Int {
        switch storage {
        case .small(let numerator, _): Int.bitWidth - numerator.leadingZeroBitCount
        case .big(let big): big.numeratorBitCount
        }
    }

    /// 2^exponent.
    static func powerOfTwo(_ exponent: Int) -> Rational {
        switch exponent {
        case 0..<62: Rational(1 << exponent)
        case -61..<0: Rational(1, 1 << -exponent)
        default: Rational(BigRational.powerOfTwo(exponent))
        }
    }
}
