/// A closed interval of rational numbers: an exact statement about a number that is not rational.
///
/// Every operation returns an interval that contains all results of the operation on members of its operands. So a bound
/// or a decision that holds for the interval holds for the number it encloses (`docs/numerics.md#enclosures`).
public struct RationalInterval: Sendable, Hashable {
    /// The least member.
    public let lower: Rational
    /// The greatest member.
    public let upper: Rational

    /// The interval from `lower` to `upper`.
    ///
    /// - Precondition: `lower` does not exceed `upper`.
    public init(_ lower: Rational, _ upper: Rational) {
        precondition(lower <= upper, "an interval has its lower end first")
        self.lower = lower
        self.upper = upper
    }

    /// The interval of one number.
    public init(_ value: Rational) { self.init(value, value) }

    /// The length, how little is known.
    public var width: Rational { upper - lower }
    /// The middle.
    public var center: Rational { (lower + upper) / 2 }

    /// Whether `value` is a member.
    public func contains(_ value: Rational) -> Bool { lower <= value && value <= upper }

    /// All sums.
    public static func + (a: RationalInterval, b: RationalInterval) -> RationalInterval {
        RationalInterval(a.lower + b.lower, a.upper + b.upper)
    }

    /// All differences.
    public static func - (a: RationalInterval, b: RationalInterval) -> RationalInterval {
        RationalInterval(a.lower - b.upper, a.upper - b.lower)
    }

    /// All products.
    public static func * (a: RationalInterval, b: RationalInterval) -> RationalInterval {
        let ends = [a.lower * b.lower, a.lower * b.upper, a.upper * b.lower, a.upper * b.upper]
        return RationalInterval(ends.min()!, ends.max()!)
    }

    /// All quotients.
    ///
    /// - Precondition: 0 is not a member of the divisor.
    public static func / (a: RationalInterval, b: RationalInterval) -> RationalInterval {
        precondition(!b.contains(0), "division by an interval that contains 0")
        return a * RationalInterval(b.upper.reciprocal, b.lower.reciprocal)
    }

    /// The smallest interval around this one whose ends are multiples of 2^−bits: short numbers for a little width.
    public func rounded(outwardTo bits: Int) -> RationalInterval {
        let (unit, scale) = (Rational.powerOfTwo(-bits), Rational.powerOfTwo(bits))
        return RationalInterval((lower * scale).floor * unit, (upper * scale).ceiling * unit)
    }
}
