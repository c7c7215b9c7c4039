extension Rational {
    /// The numerator in lowest terms, with the number's sign.
    public var numerator: Rational {
        switch storage {
        case .small(let numerator, _): Rational(numerator)
        case .big(let big): Rational(big.numerator)
        }
    }

    /// The denominator in lowest terms, positive; that of an integer is 1.
    public var denominator: Rational {
        switch storage {
        case .small(_, let denominator): Rational(denominator)
        case .big(let big): Rational(big.denominator)
        }
    }

    /// Whether the denominator is 1.
    public var isInteger: Bool {
        switch storage {
        case .small(_, let denominator): denominator == 1
        case .big(let big): big.isInteger
        }
    }

    /// The greatest integer that is not above the number.
    public var floor: Rational {
        switch storage {
        case .small(let numerator, let denominator):
            Rational(numerator / denominator - (numerator % denominator < 0 ? 1 : 0))
        case .big(let big): Rational(big.floor)
        }
    }

    /// The least integer that is not below the number.
    public var ceiling: Rational { -(-self).floor }

    /// The nearest integer; of two that are equally near, the even one.
    var roundedToEven: Rational {
        let below = floor
        let rest = self - below
        let half = Rational(1, 2)
        if rest == half { return (below * half).isInteger ? below : below + 1 }
        return rest < half ? below : below + 1
    }

    /// The binomial coefficient C(n, k): the number of k-subsets of an n-set, and 0 for `k` outside `0...n`.
    public static func binomial(_ n: Int, _ k: Int) -> Rational {
        guard 0 <= k, k <= n else { return 0 }
        let size = min(k, n - k)
        guard size <= fewFactors else { return Rational(BigRational(binomial: n.magnitude, size.magnitude)) }
        var result: Rational = 1
        for i in 0..<size { result *= Rational(n - i, i + 1) }
        return result
    }

    /// Up to here a plain product is fast; a longer one takes time in proportion to the square of its length.
    private static let fewFactors = 32

    /// The greatest common divisor of two integers, never negative; that of 0 and 0 is 0.
    ///
    /// - Precondition: both numbers are integers.
    public static func greatestCommonDivisor(_ a: Rational, _ b: Rational) -> Rational {
        precondition(a.isInteger && b.isInteger, "a greatest common divisor is one of integers")
        guard case .small(let p, _) = a.storage, case .small(let q, _) = b.storage else {
            return Rational(BigRational.greatestCommonDivisor(a.big, b.big))
        }
        return Rational(p.magnitude.greatestCommonDivisor(with: q.magnitude))
    }

    /// The least common multiple of two positive integers.
    ///
    /// - Precondition: both numbers are positive integers.
    public static func leastCommonMultiple(_ a: Rational, _ b: Rational) -> Rational {
        precondition(a > 0 && b > 0, "a least common multiple is one of positive integers")
        return a / greatestCommonDivisor(a, b) * b
    }
}

extension Int {
    /// The integer `value`, or nil when `value` is not an integer or does not fit.
    public init?(exactly value: Rational) {
        guard case .small(let numerator, 1) = value.storage else { return nil }
        self = numerator
    }
}
