/// An exact probability: a ``Fraction`` in [0, 1].
///
/// A random event of probability p is decided by one 32-bit word u, read as the point u/2³² of [0, 1): it occurs if and
/// only if that point lies below p, exactly. So 0 never occurs, 1 always does, and the law realised is ⌈2³² p⌉/2³².
///
/// See docs/numerics.md#randomness.
public struct Probability: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number itself, in lowest terms.
    public let value: Fraction

    /// The probability `n / d`.
    ///
    /// - Throws: `invalidProbability` if `d` is 0 or `n` exceeds `d`.
    public init(_ n: UInt64, _ d: UInt64) throws(Refusal) {
        guard d > 0, n <= d else { throw Refusal(.invalidProbability, "probability \(n)/\(d); expected 0 <= n/d <= 1") }
        value = Fraction(n, nonzero: d)
    }

    /// The probability of a fraction known not to exceed 1.
    private init(_ value: Fraction) {
        self.value = value
    }

    /// What never occurs.
    public static let zero = Probability(Fraction.zero)
    /// What always occurs.
    public static let one = Probability(Fraction.one)

    /// 1 − p, the probability that the event does not occur.
    public var complement: Probability {
        Probability(Fraction(value.denominator - value.numerator, nonzero: value.denominator))
    }

    /// Whether the event occurs when the random word is `word`: `word * denominator < numerator * 2^32`, in 128 bits.
    public func occurs(at word: UInt32) -> Bool {
        UInt128(word) * UInt128(value.denominator) < UInt128(value.numerator) << 32
    }

    /// Whether `lhs` is strictly less probable than `rhs`, exactly.
    public static func < (lhs: Probability, rhs: Probability) -> Bool { lhs.value < rhs.value }

    /// The fraction, `3/8`.
    public var description: String { value.description }
}
