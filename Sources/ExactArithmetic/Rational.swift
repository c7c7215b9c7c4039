/// A rational number of any size, exact under every operation.
///
/// Always in lowest terms with a positive denominator; zero is 0/1 and has no sign. The printed form is `n/d`, also for
/// integers (`3/1`), and is the encoded form as well.
///
/// A value whose numerator and denominator both fit `Int` is held in place, any other by GMP. Each value has only one
/// representation, so equality and hashing compare representations.
public struct Rational: Sendable, Hashable {
    enum Storage: Sendable, Hashable {
        case small(Int, Int)
        case big(BigRational)
    }

    let storage: Storage
}

extension Rational {
    /// The integer `value`, of any width.
    public init(_ value: some BinaryInteger) {
        if let value = Int(exactly: value) {
            self.init(storage: .small(value, 1))
        } else {
            self.init(storage: .big(BigRational(numerator: value, denominator: 1)))
        }
    }

    /// The quotient `numerator / denominator`, reduced; either may be negative.
    ///
    /// - Precondition: `denominator` is not zero.
    public init(_ numerator: Int, _ denominator: Int) {
        precondition(denominator != 0, "a rational number needs a nonzero denominator")
        let sign = Int128(denominator.signum())
        self.init(reducing: sign * Int128(numerator), over: sign * Int128(denominator))
    }

    /// The quotient `numerator / denominator` of a positive denominator, reduced.
    init(reducing numerator: Int128, over denominator: Int128) {
        if let numerator = Int(exactly: numerator), let denominator = Int(exactly: denominator) {
            let divisor = Int(numerator.magnitude.greatestCommonDivisor(with: denominator.magnitude))
            self.init(storage: .small(numerator / divisor, denominator / divisor))
        } else {
            self.init(BigRational(numerator: numerator, denominator: denominator))
        }
    }

    /// The value of `big`, in its only representation.
    init(_ big: BigRational) {
        if let (numerator, denominator) = big.small {
            self.init(storage: .small(numerator, denominator))
        } else {
            self.init(storage: .big(big))
        }
    }

    /// The value as GMP holds it, whatever its size.
    var big: BigRational {
        switch storage {
        case .small(let numerator, let denominator): BigRational(small: numerator, denominator)
        case .big(let big): big
        }
    }
}

extension Rational: ExpressibleByIntegerLiteral {
    /// The integer a literal stands for.
    public init(integerLiteral value: Int) {
        self.init(value)
    }
}

extension UInt {
    /// The greatest common divisor by Euclid's algorithm; that of 0 and 0 is 0.
    ///
    /// Not the binary algorithm: most divisors here are 1 or small, where Euclid needs few steps and reads in two lines.
    func greatestCommonDivisor(with other: UInt) -> UInt {
        var (a, b) = (self, other)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
