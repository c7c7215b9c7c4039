/// A rational number, or +∞, which is greater than all of them: odds of what is certain, and sums of such odds.
public enum ExtendedRational: Sendable, Hashable, Comparable {
    /// A rational number.
    case finite(Rational)
    /// +∞.
    case infinite

    /// The number; nil for ∞.
    public var value: Rational? { if case .finite(let value) = self { value } else { nil } }

    /// Whether it is 0.
    public var isZero: Bool { self == .finite(0) }

    /// 1/x, and 0 for ∞.
    ///
    /// - Precondition: the number is not 0.
    public var reciprocal: Rational { value?.reciprocal ?? 0 }

    /// The sum; ∞ where one of the two is.
    public static func + (a: ExtendedRational, b: ExtendedRational) -> ExtendedRational {
        guard let a = a.value, let b = b.value else { return .infinite }
        return .finite(a + b)
    }
}

extension Collection<ExtendedRational> {
    /// The sum of the numbers; that of none is 0.
    public var total: ExtendedRational { reduce(.finite(0), +) }
}
