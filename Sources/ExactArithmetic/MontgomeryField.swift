/// Arithmetic modulo a prime p, 2⁶¹ < p < 2⁶², with residues in Montgomery form, 2⁶⁴x mod p.
struct MontgomeryField: Sendable {
    let prime: UInt
    /// −1/p modulo 2⁶⁴.
    private let negativeInverse: UInt
    /// 2¹²⁸ mod p.
    private let square: UInt
    /// 2⁶⁴ mod p: the number 1.
    let one: UInt

    init(odd prime: UInt) {
        self.prime = prime
        var x = (3 &* prime) ^ 2
        for _ in 0..<4 { x = x &* (2 &- prime &* x) }
        negativeInverse = 0 &- x
        one = UInt.max % prime + 1
        let wide = one.multipliedFullWidth(by: one)
        square = prime.dividingFullWidth((wide.high, wide.low)).remainder
    }

    /// t/2⁶⁴ modulo p for t = high · 2⁶⁴ + low below p · 2⁶⁴.
    @inline(__always) func reduce(_ high: UInt, _ low: UInt) -> UInt {
        let multiple = (low &* negativeInverse).multipliedFullWidth(by: prime)
        let sum = high &+ multiple.high &+ (low != 0 ? 1 : 0)
        return sum >= prime ? sum &- prime : sum
    }

    @inline(__always) func product(_ a: UInt, _ b: UInt) -> UInt {
        let wide = a.multipliedFullWidth(by: b)
        return reduce(wide.high, wide.low)
    }

    /// x − ab, with `negative` = p − a.
    @inline(__always) func adding(_ negative: UInt, times b: UInt, to x: UInt) -> UInt {
        let wide = negative.multipliedFullWidth(by: b)
        let high = wide.high &+ x
        return reduce(high >= prime ? high &- prime : high, wide.low)
    }

    @inline(__always) func difference(_ a: UInt, _ b: UInt) -> UInt { a >= b ? a &- b : a &+ prime &- b }

    /// The form of an integer below 2⁶² in magnitude.
    @inline(__always) func residue(_ value: Int) -> UInt {
        let magnitude = value.magnitude % prime
        return product(value < 0 && magnitude != 0 ? prime &- magnitude : magnitude, square)
    }

    /// The form of a number below 2⁶⁴.
    func residue(unsigned value: UInt) -> UInt { product(value % prime, square) }

    /// The number 0 ..< p that a form stands for.
    func value(_ residue: UInt) -> UInt { reduce(0, residue) }

    /// The inverse of a residue that is not 0, by the extended Euclidean algorithm.
    func inverse(_ residue: UInt) -> UInt {
        var (r, next) = (prime, value(residue))
        var (s, following) = (0, 1)
        while next != 0 {
            let quotient = r / next
            (r, next) = (next, r &- quotient &* next)
            (s, following) = (following, s &- Int(bitPattern: quotient) &* following)
        }
        return self.residue(unsigned: s < 0 ? UInt(bitPattern: s) &+ prime : UInt(s))
    }

    func power(_ base: UInt, _ exponent: UInt) -> UInt {
        var (result, square, rest) = (one, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result = product(result, square) }
            square = product(square, square)
            rest >>= 1
        }
        return result
    }

    /// The 512 largest primes below 2⁶², descending.
    static let all: [MontgomeryField] = {
        var fields: [MontgomeryField] = []
        var candidate: UInt = (1 << 62) - 1
        while fields.count < 512 {
            let field = MontgomeryField(odd: candidate)
            if field.isPrime { fields.append(field) }
            candidate -= 2
        }
        return fields
    }()

    /// The test of Miller and Rabin with the first twelve primes as bases, which is certain below 2⁶⁴ (Sorenson and
    /// Webster, 2015).
    private var isPrime: Bool {
        let shift = (prime - 1).trailingZeroBitCount
        let minusOne = prime - one
        for base in [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37] {
            var x = power(residue(base), (prime - 1) >> UInt(shift))
            if x == one || x == minusOne { continue }
            var steps = 1
            while steps < shift, x != minusOne {
                x = product(x, x)
                steps += 1
            }
            if x != minusOne { return false }
        }
        return true
    }
}
