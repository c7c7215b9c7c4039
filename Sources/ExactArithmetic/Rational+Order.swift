extension Rational: Comparable {
    /// Whether `a` is less than `b`, exactly.
    public static func < (a: Rational, b: Rational) -> Bool {
        guard case .small(let p, let q) = a.storage, case .small(let r, let s) = b.storage else {
            return a.big < b.big
        }
        return Int128(p) * Int128(s) < Int128(r) * Int128(q)
    }

    /// −1, 0 or 1, as the number is negative, zero or positive.
    public var signum: Int {
        switch storage {
        case .small(let numerator, _): numerator.signum()
        case .big(let big): big.signum
        }
    }

    /// Whether the number is zero.
    public var isZero: Bool { signum == 0 }
}
