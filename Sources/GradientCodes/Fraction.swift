/// A non-negative rational number, a quotient of two 64-bit integers in lowest terms.
///
/// The denominator is positive and zero is 0/1, so equal numbers have equal parts and hash alike. Order is decided by
/// the 128-bit products `a.numerator * b.denominator` and `b.numerator * a.denominator`: exact, and unable to overflow.
/// There is no arithmetic here on purpose; that belongs to exact rationals of unbounded size.
public struct Fraction: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The part above the line.
    public let numerator: UInt64
    /// The part below the line, at least 1 and without a common factor with the numerator.
    public let denominator: UInt64

    /// The number `n / d`, reduced.
    ///
    /// - Throws: `invalidParameters` if `d` is 0.
    public init(_ n: UInt64, _ d: UInt64) throws(Refusal) {
        guard d > 0 else { throw Refusal(.invalidParameters, "fraction \(n)/0; expected a positive denominator") }
        self.init(n, nonzero: d)
    }

    /// The number `n / d` for a `d` known to be positive.
    init(_ n: UInt64, nonzero d: UInt64) {
        let divisor = greatestCommonDivisor(n, d)
        numerator = n / divisor
        denominator = d / divisor
    }

    /// 0/1.
    public static let zero = Fraction(0, nonzero: 1)
    /// 1/1.
    public static let one = Fraction(1, nonzero: 1)

    /// Whether `lhs` is strictly less than `rhs`, exactly.
    public static func < (lhs: Fraction, rhs: Fraction) -> Bool {
        UInt128(lhs.numerator) * UInt128(rhs.denominator) < UInt128(rhs.numerator) * UInt128(lhs.denominator)
    }

    /// Numerator and denominator, `3/8`; integers too, `0/1`.
    public var description: String { "\(numerator)/\(denominator)" }
}

/// Euclid's algorithm; `b` is positive, so the result is.
private func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var (a, b) = (a, b)
    while b > 0 { (a, b) = (b, a % b) }
    return a
}
