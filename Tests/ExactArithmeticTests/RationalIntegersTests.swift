import ExactArithmetic
import Testing

@Suite struct RationalIntegersTests {
    @Test func `numerator and denominator are integers that make up the number`() {
        var generator = SplitMix64(seed: 10)
        for _ in 0..<300 {
            let a = generator.rational()
            #expect(a.numerator.isInteger && a.denominator.isInteger, "\(a)")
            #expect(a.numerator / a.denominator == a, "\(a)")
            #expect("\(a.numerator.description.dropLast(2))/\(a.denominator.description.dropLast(2))" == "\(a)")
            #expect(a.isInteger == a.description.hasSuffix("/1"), "\(a)")
        }
    }

    @Test func `floor and ceiling are the integers that enclose the number`() {
        var generator = SplitMix64(seed: 11)
        for _ in 0..<300 {
            let a = generator.rational()
            #expect(a.floor.isInteger && a.floor <= a && a < a.floor + 1, "\(a)")
            #expect(a.ceiling.isInteger && a.ceiling - 1 < a && a <= a.ceiling, "\(a)")
        }
        #expect(Rational(-7, 2).floor == -4)
        #expect(Rational(-7, 2).ceiling == -3)
        #expect(Rational(Int.min).floor == Rational(Int.min))
        #expect(Rational(Int.min).ceiling == Rational(Int.min))
    }

    @Test func `the greatest common divisor is that of the binary and of Euclid's algorithm`() {
        var generator = SplitMix64(seed: 12)
        for _ in 0..<200 {
            let (p, q) = (generator.integer(), generator.integer())
            let expected = binaryGCD(UInt128(p.magnitude), UInt128(q.magnitude))
            #expect(Rational.greatestCommonDivisor(Rational(p), Rational(q)) == Rational(expected), "\(p), \(q)")

            let common = generator.rational().numerator
            let (a, b) = (common * Rational(p), common * generator.rational().numerator)
            #expect(Rational.greatestCommonDivisor(a, b) == euclid(a, b), "\(a), \(b)")
        }
        #expect(Rational.greatestCommonDivisor(0, 0) == 0)
        #expect(Rational.greatestCommonDivisor(Rational(Int.min), 0) == -Rational(Int.min))
    }

    @Test func `the least common multiple is the product over the greatest common divisor`() {
        var generator = SplitMix64(seed: 13)
        for _ in 0..<200 {
            let common = generator.nonzeroRational().numerator.magnitude
            let (a, b) = (common * Rational(generator.nonzeroInteger()).magnitude, common * 12)
            let multiple = Rational.leastCommonMultiple(a, b)
            #expect(multiple * euclid(a, b) == a * b && multiple == Rational.leastCommonMultiple(b, a), "\(a), \(b)")
            #expect((multiple / a).isInteger && (multiple / b).isInteger, "\(a), \(b)")
        }
        for a in 1...12 {
            for b in 1...12 {
                let least = (1...144).first { $0 % a == 0 && $0 % b == 0 }!
                #expect(Rational.leastCommonMultiple(Rational(a), Rational(b)) == Rational(least))
            }
        }
    }

    @Test func `a least common multiple of anything but positive integers stops the program`() async {
        await #expect(processExitsWith: .failure) { _ = Rational.leastCommonMultiple(0, 3) }
        await #expect(processExitsWith: .failure) { _ = Rational.leastCommonMultiple(2, -3) }
        await #expect(processExitsWith: .failure) { _ = Rational.leastCommonMultiple(Rational(1, 2), 3) }
    }

    @Test func `binomial coefficients are Pascal's triangle, beyond Int too`() {
        var row: [Rational] = [1]
        for n in 0...72 {
            #expect((0...n).map { Rational.binomial(n, $0) } == row)
            row = [1] + zip(row, row.dropFirst()).map { $0 + $1 } + [1]
        }
        #expect(Rational.binomial(100, 50).description == "100891344545564193334812497256/1")
    }

    @Test func `large binomial coefficients obey the rule of Pascal's triangle and that of neighbours`() {
        for n in [63, 64, 65, 66, 100, 1000, 5000] {
            for k in [0, 1, 30, 31, 32, 33, 34, n / 2 - 1, n / 2, n - 34, n - 33, n - 32, n - 31, n - 1] {
                let value = Rational.binomial(n, k)
                #expect(value == Rational.binomial(n - 1, k) + Rational.binomial(n - 1, k - 1), "\(n), \(k)")
                #expect(value * Rational(n - k) == Rational.binomial(n, k + 1) * Rational(k + 1), "\(n), \(k)")
                #expect(value == Rational.binomial(n, n - k), "\(n), \(k)")
            }
        }
        // Kummer: adding 2¹⁹ to 2¹⁹ in binary carries once, so C(2²⁰, 2¹⁹) is divisible by 2 and not by 4.
        let central = Rational.binomial(1 << 20, 1 << 19)
        #expect((central / 2).isInteger && !(central / 4).isInteger)
        // 4^m/(2m + 1) ≤ C(2m, m) ≤ 4^m.
        let power = Rational(2).power(1 << 20)
        #expect(power < central * Rational((1 << 20) + 1) && central < power)
    }

    @Test func `a binomial coefficient outside the triangle is zero`() {
        for (n, k) in [(5, -1), (5, 6), (-1, 0), (-3, -3), (0, 1), (Int.min, Int.max)] {
            #expect(Rational.binomial(n, k) == 0)
        }
    }

    @Test func `an Int comes back from the integers that fit it, and from nothing else`() {
        for value in [0, 1, -1, Int.max, Int.min] { #expect(Int(exactly: Rational(value)) == value) }
        for value in [Rational(1, 2), Rational(Int.max) + 1, Rational(Int.min) - 1, Rational(1, Int.min)] {
            #expect(Int(exactly: value) == nil)
        }
    }

    private func euclid(_ a: Rational, _ b: Rational) -> Rational {
        var (a, b) = (a.magnitude, b.magnitude)
        while !b.isZero { (a, b) = (b, a - b * (a / b).floor) }
        return a
    }
}
