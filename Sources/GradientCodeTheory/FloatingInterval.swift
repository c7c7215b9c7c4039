import ExactArithmetic

/// An enclosure of a positive number to a relative precision, however small the number: an interval of 62-bit
/// significands times a power of two.
///
/// Every operation rounds both ends outward, each by at most one unit of the last place. A unit is at most 2⁻⁶¹ of the
/// upper end, so the logarithms of the ends move apart by less than 2⁻⁵⁹ (`docs/numerics.md#binomial-tails`).
struct FloatingInterval {
    /// At most `upper`.
    private let lower: UInt64
    /// From 2⁶¹ to 2⁶², both included.
    private let upper: UInt64
    /// The power of two both significands are to be multiplied with.
    private let exponent: Int

    /// Encloses the members of `value`, all of them positive.
    init(_ value: RationalInterval) {
        exponent = value.upper.binaryExponent - 61
        let unit = Rational(2).power(exponent)
        lower = Self.integer((value.lower / unit).floor)
        upper = Self.integer((value.upper / unit).ceiling)
    }

    /// Encloses a positive number.
    init(_ value: Rational) { self.init(RationalInterval(value)) }

    private init(lower: UInt64, upper: UInt64, exponent: Int) {
        (self.lower, self.upper, self.exponent) = (lower, upper, exponent)
    }

    private static func integer(_ value: Rational) -> UInt64 { UInt64(Int(exactly: value)!) }

    /// The interval as rationals; from 0 to 2^least when it lies below 2^least.
    func rational(least: Int) -> RationalInterval {
        guard exponent + 62 > least else { return RationalInterval(0, Rational(2).power(least)) }
        let unit = Rational(2).power(exponent)
        return RationalInterval(Rational(lower) * unit, Rational(upper) * unit)
    }

    /// All products.
    static func * (a: FloatingInterval, b: FloatingInterval) -> FloatingInterval {
        let (lower, upper) = (UInt128(a.lower) * UInt128(b.lower), UInt128(a.upper) * UInt128(b.upper))
        // From 2¹²² to 2¹²⁴: 123 to 125 binary digits, of which 62 remain.
        let excess = 66 - upper.leadingZeroBitCount
        return FloatingInterval(
            lower: UInt64(lower >> excess), upper: UInt64((upper + (1 << excess) - 1) >> excess),
            exponent: a.exponent + b.exponent + excess)
    }

    /// All powers with an exponent that is not negative, by repeated squaring; the power 0 is 1.
    ///
    /// Every product enlarges the difference of the ends' logarithms as said above, so a power k ≥ 1 has k times the
    /// difference of the base and less than k · 2⁻⁵⁹.
    func power(_ exponent: Int) -> FloatingInterval {
        var (square, remaining) = (self, exponent)
        var result: FloatingInterval?
        while remaining > 0 {
            if !remaining.isMultiple(of: 2) { result = result.map { $0 * square } ?? square }
            remaining /= 2
            if remaining > 0 { square = square * square }
        }
        return result ?? FloatingInterval(1)
    }
}
