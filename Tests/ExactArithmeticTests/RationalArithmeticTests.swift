import ExactArithmetic
import Testing

@Suite struct RationalArithmeticTests {
    @Test func `an operation on fractions of Int has the value and text of its formula in Int128`() {
        var generator = SplitMix64(seed: 1)
        for _ in 0..<600 {
            let (p, q) = (generator.integer(), max(1, generator.integer()))
            let (r, s) = (generator.integer(), max(1, generator.integer()))
            let (a, b) = (Rational(p, q), Rational(r, s))
            let (w, x, y, z) = (Int128(p), Int128(q), Int128(r), Int128(s))
            #expect((a + b).description == text(w * z + y * x, x * z), "\(p)/\(q) + \(r)/\(s)")
            #expect((a - b).description == text(w * z - y * x, x * z), "\(p)/\(q) - \(r)/\(s)")
            #expect((a * b).description == text(w * y, x * z), "\(p)/\(q) * \(r)/\(s)")
            if r != 0 { #expect((a / b).description == text(w * z, x * y), "\(p)/\(q) / \(r)/\(s)") }
            #expect((-a).description == text(-w, x), "-(\(p)/\(q))")
            #expect((a < b) == (w * z < y * x), "\(p)/\(q) < \(r)/\(s)")
        }
    }

    @Test func `an operation on numbers of any size agrees with residues modulo a prime`() {
        var generator = SplitMix64(seed: 2)
        for _ in 0..<300 {
            let (a, b) = (generator.rational(), generator.nonzeroRational())
            #expect(Residue(a + b) == Residue(a) + Residue(b), "\(a) + \(b)")
            #expect(Residue(a - b) == Residue(a) - Residue(b), "\(a) - \(b)")
            #expect(Residue(a * b) == Residue(a) * Residue(b), "\(a) * \(b)")
            #expect(Residue(a / b) == Residue(a) / Residue(b), "\(a) / \(b)")
            #expect(Residue(-a) == Residue(0) - Residue(a), "-\(a)")
            #expect(Residue(b.reciprocal) == Residue(1) / Residue(b), "1 / \(b)")
        }
    }

    @Test func `every result is in lowest terms with a positive denominator`() {
        var generator = SplitMix64(seed: 3)
        for _ in 0..<300 {
            let (a, b) = (generator.rational(), generator.nonzeroRational())
            for result in [a + b, a - b, a * b, a / b, -a, a.magnitude, b.reciprocal, a * b / b] {
                #expect(result.denominator > 0, "\(a), \(b)")
                #expect(Rational.greatestCommonDivisor(result.numerator, result.denominator) == 1, "\(a), \(b)")
            }
        }
    }

    @Test func `a value has one representation, whatever way it came about`() {
        var generator = SplitMix64(seed: 4)
        for _ in 0..<300 {
            let (a, b) = (generator.rational(), generator.nonzeroRational())
            for detour in [a + b - b, a - b + b, a * b / b, a / b * b, -(-a), b - (b - a)] {
                #expect(detour == a, "\(a), \(b)")
                #expect(detour.hashValue == a.hashValue, "\(a), \(b)")
            }
            #expect((a == b) == (a.description == b.description))
            #expect(a + 1 != a)
        }
    }

    @Test func `the limits of Int are no limits`() {
        #expect((Rational(Int.max) + 1).description == "9223372036854775808/1")
        #expect((Rational(Int.min) - 1).description == "-9223372036854775809/1")
        #expect((-Rational(Int.min)).description == "9223372036854775808/1")
        #expect(Rational(Int.min, -1).description == "9223372036854775808/1")
        #expect(Rational(1, Int.min).description == "-1/9223372036854775808")
        #expect(Rational(Int.min, Int.min) == 1)
        #expect(Rational(Int.min, Int.max).reciprocal.description == "-9223372036854775807/9223372036854775808")
        #expect(Rational(Int.min).magnitude == Rational(UInt(1) << 63))
        #expect(Rational(Int.max) + 1 - 1 == Rational(Int.max))
        let pairs = [Rational(Int.min), -(-Rational(Int.min)), Rational(Int.max) + 1, Rational(2).power(63)]
        #expect(Set(pairs).count == 2)
    }

    @Test func `an integer of any width keeps its value`() {
        #expect(Rational(UInt64.max).description == "18446744073709551615/1")
        #expect(Rational(Int128.min).description == "\(Int128.min)/1")
        #expect(Rational(UInt128.max).description == "\(UInt128.max)/1")
        #expect(Rational(Int8(-128)) == -128)
        #expect(Rational(exactly: UInt8(255)) == 255)
    }

    @Test func `a quotient of integers is reduced, with the sign above`() {
        #expect(Rational(6, -4).description == "-3/2")
        #expect(Rational(-6, -4).description == "3/2")
        #expect(Rational(0, -7).description == "0/1")
    }

    @Test func `order agrees with the sign of the difference, on numbers of any size`() {
        var generator = SplitMix64(seed: 5)
        for _ in 0..<300 {
            let (a, b) = (generator.rational(), generator.rational())
            #expect((a < b) == ((a - b).signum == -1), "\(a) < \(b)")
            #expect((a > b) == ((a - b).signum == 1), "\(a) > \(b)")
            #expect(a < a + b.magnitude + 1)
            #expect(a.signum == (a.description.hasPrefix("-") ? -1 : a.description == "0/1" ? 0 : 1))
            #expect(a.isZero == (a == 0))
            #expect(a.magnitude == max(a, -a))
        }
    }

    @Test func `a power is the repeated product`() {
        var generator = SplitMix64(seed: 6)
        for _ in 0..<40 {
            let a = generator.nonzeroRational()
            var product: Rational = 1
            for exponent in 0...9 {
                #expect(a.power(exponent) == product, "\(a)")
                #expect(a.power(-exponent) == 1 / product, "\(a)")
                product *= a
            }
        }
        #expect(Rational(0).power(0) == 1)
        #expect(Rational(0).power(3) == 0)
        #expect(Rational(-1).power(.min) == 1)
        #expect(Rational(2).power(100).description == "1267650600228229401496703205376/1")
    }

    @Test func `totals and inner products add up, and those of nothing are zero`() {
        let a: [Rational] = [1, Rational(1, 2), Rational(-1, 3)]
        #expect(a.total == Rational(7, 6))
        #expect(a.innerProduct([6, 4, 9]) == 5)
        #expect([Rational]().total == 0)
        #expect([Rational]().innerProduct([]) == 0)
    }

    @Test func `large numbers may be shared between tasks`() async {
        let shared = Rational(3).power(100) / Rational(2).power(90)
        let sums = await withTaskGroup(of: Rational.self) { group in
            for _ in 0..<8 { group.addTask { (0..<50).reduce(0) { sum, _ in sum + shared } } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sums == [Rational](repeating: 50 * shared, count: 8))
    }

    /// The text of a quotient, reduced by the binary algorithm.
    private func text(_ numerator: Int128, _ denominator: Int128) -> String {
        let divisor = Int128(binaryGCD(numerator.magnitude, denominator.magnitude)) * denominator.signum()
        return "\(numerator / divisor)/\(denominator / divisor)"
    }
}

/// The greatest common divisor by the binary algorithm.
func binaryGCD(_ a: UInt128, _ b: UInt128) -> UInt128 {
    if a == 0 || b == 0 { return a | b }
    let twos = (a | b).trailingZeroBitCount
    var (a, b) = (a >> a.trailingZeroBitCount, b >> b.trailingZeroBitCount)
    while a != b {
        if a < b { swap(&a, &b) }
        a -= b
        a >>= a.trailingZeroBitCount
    }
    return a << twos
}
