internal import CGMP

/// A rational number held by GMP: in lowest terms, with a positive denominator, and never changed once made.
///
/// `Rational` hands over to it what does not fit a pair of `Int`. This file and `BigRational+Integers.swift` are the
/// only ones that name GMP.
final class BigRational: @unchecked Sendable {
    // Unchecked: the header points to limbs that are written in `init` only, and released when the last user is gone.
    private let value: __mpq_struct

    /// The value `compute` leaves in its argument, which is 0/1 at first; it must be in lowest terms then.
    init(_ compute: (mpq_ptr) -> Void) {
        var value = __mpq_struct()
        __gmpq_init(&value)
        withUnsafeMutablePointer(to: &value, compute)
        self.value = value
    }

    deinit {
        var value = value
        __gmpq_clear(&value)
    }

    /// Lends the value to `body`, and keeps it alive until `body` returns.
    func read<Result>(_ body: (mpq_srcptr) -> Result) -> Result {
        withExtendedLifetime(self) { withUnsafePointer(to: value, body) }
    }

    /// The result of one of GMP's operations on two operands, which may be the same object.
    private convenience init(
        _ operation: (mpq_ptr, mpq_srcptr, mpq_srcptr) -> Void, _ a: BigRational, _ b: BigRational
    ) {
        self.init { result in a.read { a in b.read { b in operation(result, a, b) } } }
    }

    static func + (a: BigRational, b: BigRational) -> BigRational { BigRational(__gmpq_add, a, b) }
    static func - (a: BigRational, b: BigRational) -> BigRational { BigRational(__gmpq_sub, a, b) }
    static func * (a: BigRational, b: BigRational) -> BigRational { BigRational(__gmpq_mul, a, b) }

    /// The quotient; `b` must not be zero.
    static func / (a: BigRational, b: BigRational) -> BigRational { BigRational(__gmpq_div, a, b) }

    static prefix func - (a: BigRational) -> BigRational {
        BigRational { result in a.read { a in __gmpq_neg(result, a) } }
    }

    /// `2^exponent`.
    static func powerOfTwo(_ exponent: Int) -> BigRational {
        BigRational { result in
            __gmpq_set_si(result, 1, 1)
            if exponent >= 0 {
                __gmpq_mul_2exp(result, result, exponent.magnitude)
            } else {
                __gmpq_div_2exp(result, result, exponent.magnitude)
            }
        }
    }

    var signum: Int { Int(read { value in cgmp_mpq_sgn(value) }) }

    static func < (a: BigRational, b: BigRational) -> Bool {
        a.read { a in b.read { b in __gmpq_cmp(a, b) } } < 0
    }
}

extension BigRational: Hashable {
    static func == (a: BigRational, b: BigRational) -> Bool {
        a.read { a in b.read { b in __gmpq_equal(a, b) } } != 0
    }

    func hash(into hasher: inout Hasher) {
        read { value in
            for part in [cgmp_mpq_numerator(value), cgmp_mpq_denominator(value)] {
                hasher.combine(cgmp_mpz_sgn(part))
                for limb in 0..<__gmpz_size(part) { hasher.combine(__gmpz_getlimbn(part, Int(limb))) }
            }
        }
    }
}
