internal import CGMP

extension BigRational {
    /// The quotient of two integers of any width, reduced; the denominator must be positive.
    convenience init(numerator: some BinaryInteger, denominator: some BinaryInteger) {
        self.init { result in
            set(cgmp_mpq_numref(result), to: numerator)
            set(cgmp_mpq_denref(result), to: denominator)
            __gmpq_canonicalize(result)
        }
    }

    /// The quotient of two integers that are in lowest terms already, with a positive denominator.
    convenience init(small numerator: Int, _ denominator: Int) {
        self.init { result in __gmpq_set_si(result, numerator, denominator.magnitude) }
    }

    /// The integer written in `digits`, which must be decimal digits and at least one.
    convenience init(decimalDigits digits: String) {
        self.init { result in __gmpz_set_str(cgmp_mpq_numref(result), digits, 10) }
    }

    /// The integer of least magnitude that is Σ_i d_i p_0 … p_{i−1} modulo the product of the primes.
    convenience init(mixedRadix digits: [UInt], primes: [UInt]) {
        self.init { result in
            let value = cgmp_mpq_numref(result)
            // The denominator, 1 at the end, serves as the product of the primes.
            let product = cgmp_mpq_denref(result)
            for (digit, prime) in zip(digits, primes).reversed() {
                __gmpz_mul_ui(value, value, prime)
                __gmpz_add_ui(value, value, digit)
                __gmpz_mul_ui(product, product, prime)
            }
            if digits.last.map({ $0 >= primes[digits.count - 1] / 2 }) == true {
                __gmpz_mul_2exp(value, value, 1)
                let isAboveHalf = __gmpz_cmp(value, product) > 0
                __gmpz_fdiv_q_2exp(value, value, 1)
                if isAboveHalf { __gmpz_sub(value, value, product) }
            }
            __gmpz_set_ui(product, 1)
        }
    }

    /// The number of `k`-subsets of a set of `n`.
    convenience init(binomial n: UInt, _ k: UInt) {
        self.init { result in __gmpz_bin_uiui(cgmp_mpq_numref(result), n, k) }
    }

    /// Numerator and denominator, when both fit.
    var small: (numerator: Int, denominator: Int)? {
        read { value in
            let (numerator, denominator) = (cgmp_mpq_numerator(value), cgmp_mpq_denominator(value))
            guard __gmpz_fits_slong_p(numerator) != 0, __gmpz_fits_slong_p(denominator) != 0 else { return nil }
            return (__gmpz_get_si(numerator), __gmpz_get_si(denominator))
        }
    }

    var numerator: BigRational {
        BigRational { result in read { value in __gmpz_set(cgmp_mpq_numref(result), cgmp_mpq_numerator(value)) } }
    }

    var denominator: BigRational {
        BigRational { result in read { value in __gmpz_set(cgmp_mpq_numref(result), cgmp_mpq_denominator(value)) } }
    }

    var isInteger: Bool { read { value in __gmpz_cmp_ui(cgmp_mpq_denominator(value), 1) == 0 } }

    /// The greatest integer that is not above the value.
    var floor: BigRational {
        BigRational { result in
            read { value in
                __gmpz_fdiv_q(cgmp_mpq_numref(result), cgmp_mpq_numerator(value), cgmp_mpq_denominator(value))
            }
        }
    }

    /// The greatest integer whose square is not above this one, which must be an integer and not negative.
    var integerSquareRoot: BigRational {
        BigRational { result in read { value in __gmpz_sqrt(cgmp_mpq_numref(result), cgmp_mpq_numerator(value)) } }
    }

    /// The greatest common divisor of two integers.
    static func greatestCommonDivisor(_ a: BigRational, _ b: BigRational) -> BigRational {
        BigRational { result in
            a.read { a in
                b.read { b in
                    __gmpz_gcd(cgmp_mpq_numref(result), cgmp_mpq_numerator(a), cgmp_mpq_numerator(b))
                }
            }
        }
    }

    /// The number of binary digits of the numerator's magnitude; the numerator must not be zero.
    var numeratorBitCount: Int { read { value in Int(__gmpz_sizeinbase(cgmp_mpq_numerator(value), 2)) } }

    /// The decimal digits of the numerator, after a minus sign when it is negative.
    var numeratorText: String {
        read { value in
            let numerator = cgmp_mpq_numerator(value)
            let room = Int(__gmpz_sizeinbase(numerator, 10)) + 2  // a sign and the final zero
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: room) { buffer in
                String(cString: __gmpz_get_str(buffer.baseAddress, 10, numerator))
            }
        }
    }
}

private func set(_ integer: mpz_ptr, to value: some BinaryInteger) {
    let words = Array(value.magnitude.words)
    __gmpz_import(integer, words.count, -1, MemoryLayout<UInt>.size, 0, 0, words)
    if value < 0 { __gmpz_neg(integer, integer) }
}
