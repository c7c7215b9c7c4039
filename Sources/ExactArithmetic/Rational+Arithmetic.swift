// Sums and products of the parts of two small values fit `Int128`: |a·d + c·b| ≤ 2·2⁶³·(2⁶³ − 1) < 2¹²⁷. So every
// operation is the schoolbook formula, followed by one reduction.

extension Rational: SignedNumeric {
    /// The integer `source`; there is none that cannot be represented.
    public init?(exactly source: some BinaryInteger) {
        self.init(source)
    }

    /// The sum of two numbers.
    public static func + (a: Rational, b: Rational) -> Rational {
        guard case .small(let p, let q) = a.storage, case .small(let r, let s) = b.storage else {
            return Rational(a.big + b.big)
        }
        return Rational(reducing: Int128(p) * Int128(s) + Int128(r) * Int128(q), over: Int128(q) * Int128(s))
    }

    /// The difference of two numbers.
    public static func - (a: Rational, b: Rational) -> Rational {
        guard case .small(let p, let q) = a.storage, case .small(let r, let s) = b.storage else {
            return Rational(a.big - b.big)
        }
        return Rational(reducing: Int128(p) * Int128(s) - Int128(r) * Int128(q), over: Int128(q) * Int128(s))
    }

    /// The product of two numbers.
    public static func * (a: Rational, b: Rational) -> Rational {
        guard case .small(let p, let q) = a.storage, case .small(let r, let s) = b.storage else {
            return Rational(a.big * b.big)
        }
        return Rational(reducing: Int128(p) * Int128(r), over: Int128(q) * Int128(s))
    }

    /// The quotient of two numbers.
    ///
    /// - Precondition: `b` is not zero.
    public static func / (a: Rational, b: Rational) -> Rational {
        precondition(!b.isZero, "division by zero")
        guard case .small(let p, let q) = a.storage, case .small(let r, let s) = b.storage else {
            return Rational(a.big / b.big)
        }
        let sign = Int128(r.signum())
        return Rational(reducing: sign * Int128(p) * Int128(s), over: sign * Int128(q) * Int128(r))
    }

    /// The additive inverse; that of zero is zero, without a sign.
    public static prefix func - (a: Rational) -> Rational {
        guard case .small(let p, let q) = a.storage else { return Rational(-a.big) }
        return Rational(reducing: -Int128(p), over: Int128(q))
    }

    /// Adds `b` to `a`.
    public static func += (a: inout Rational, b: Rational) { a = a + b }

    /// Subtracts `b` from `a`.
    public static func -= (a: inout Rational, b: Rational) { a = a - b }

    /// Multiplies `a` by `b`.
    public static func *= (a: inout Rational, b: Rational) { a = a * b }

    /// Divides `a` by `b`.
    ///
    /// - Precondition: `b` is not zero.
    public static func /= (a: inout Rational, b: Rational) { a = a / b }

    /// The absolute value.
    public var magnitude: Rational { signum < 0 ? -self : self }

    /// The multiplicative inverse.
    ///
    /// - Precondition: the number is not zero.
    public var reciprocal: Rational { 1 / self }

    /// The number raised to an integer power, by repeated squaring; 0⁰ = 1.
    ///
    /// - Precondition: the number is not zero when `exponent` is negative.
    public func power(_ exponent: Int) -> Rational {
        var square = exponent < 0 ? reciprocal : self
        var remaining = exponent.magnitude
        var result: Rational = 1
        while remaining > 0 {
            if !remaining.isMultiple(of: 2) { result *= square }
            remaining /= 2
            if remaining > 0 { square *= square }
        }
        return result
    }
}
