import ExactArithmetic
import Testing

/// What the tests below need of a binary format; `Float` and `Double` have it all.
protocol BinaryFormat: BinaryFloatingPoint & Sendable where RawSignificand: FixedWidthInteger {
    init(_ value: Rational)
    init(bits: UInt64)
    var exact: Rational? { get }
}

extension Float: BinaryFormat {
    init(bits: UInt64) { self.init(bitPattern: UInt32(truncatingIfNeeded: bits)) }
    var exact: Rational? { Rational(exactly: self) }
}

extension Double: BinaryFormat {
    init(bits: UInt64) { self.init(bitPattern: bits) }
    var exact: Rational? { Rational(exactly: self) }
}

@Suite struct RationalRoundingTests {
    @Test func `a value just above a tie is not rounded twice`() {
        let value = 1 + Rational(2).power(-24) + Rational(2).power(-60)
        #expect(Float(value).bitPattern == 0x3f80_0001)
        #expect(Float(Double(value)).bitPattern == 0x3f80_0000)
    }

    @Test func `a finite float has the value its fields say`() {
        checkExactValues(of: Float.self)
        checkExactValues(of: Double.self)
        #expect(Rational(exactly: 0.1)?.description == "3602879701896397/36028797018963968")
        #expect(Rational(exactly: -0.75 as Float) == Rational(-3, 4))
    }

    private func checkExactValues<F: BinaryFormat>(of _: F.Type) {
        var generator = SplitMix64(seed: 40)
        let corners: [F] = [0, .leastNonzeroMagnitude, .leastNormalMagnitude.nextDown, .leastNormalMagnitude, 1]
        for value in corners + [.greatestFiniteMagnitude] + (0..<500).map({ _ in F(bits: generator.next()) }) {
            guard value.isFinite else { continue }
            // (hidden bit + fraction) · 2^(field − bias − fraction bits), the field 0 counting as 1 without hidden bit.
            let field = Int(value.exponentBitPattern)
            let bias = Int(F.greatestFiniteMagnitude.exponent)
            let hidden = field == 0 ? 0 : Rational(2).power(F.significandBitCount)
            let magnitude =
                (hidden + Rational(value.significandBitPattern))
                * Rational(2).power(max(field, 1) - bias - F.significandBitCount)
            #expect(value.exact == (value < 0 ? -magnitude : magnitude), "\(value)")
            #expect(F(magnitude) == value.magnitude && F(-magnitude) == -value.magnitude, "\(value)")
        }
    }

    @Test func `infinities and NaNs have no value, and negative zero has that of zero`() {
        for value in [Float.infinity, -.infinity, .nan, .signalingNaN] { #expect(Rational(exactly: value) == nil) }
        for value in [Double.infinity, -.infinity, .nan, .signalingNaN] { #expect(Rational(exactly: value) == nil) }
        #expect(Rational(exactly: -0.0 as Float) == 0)
        #expect(Rational(exactly: -0.0 as Double) == 0)
    }

    @Test func `no neighbour is nearer than the rounded value, nor as near unless it is odd`() {
        checkNeighbours(in: Float.self)
        checkNeighbours(in: Double.self)
    }

    private func checkNeighbours<F: BinaryFormat>(in _: F.Type) {
        var generator = SplitMix64(seed: 41)
        let range = Int(F.greatestFiniteMagnitude.exponent) + 80
        for _ in 0..<600 {
            let value = generator.rational() * Rational(2).power(Int.random(in: -range...range, using: &generator))
            expectNearest(F(value), to: value)
        }
    }

    @Test func `ties go to even and their surroundings to the nearer side, at every border of the formats`() {
        checkTies(in: Float.self)
        checkTies(in: Double.self)
    }

    private func checkTies<F: BinaryFormat>(in _: F.Type) {
        let borders: [F] = [0, .leastNormalMagnitude, 1, 2, F(1 << F.significandBitCount), .greatestFiniteMagnitude]
        let tiny = Rational(2).power(-3000)
        for border in borders {
            var lower = border
            for _ in 0..<4 where lower > 0 { lower = lower.nextDown }
            for _ in 0..<8 where lower.isFinite {
                let upper = lower.nextUp
                let tie = (value(lower) + value(upper)) / 2
                let even = isEven(lower) ? lower : upper
                #expect(F(tie) == even && F(-tie) == -even, "\(lower)")
                #expect(F(tie - tiny) == lower && F(tiny - tie) == -lower, "\(lower)")
                #expect(F(tie + tiny) == upper && F(-tiny - tie) == -upper, "\(lower)")
                lower = upper
            }
        }
    }

    @Test func `a quotient of small integers is the processor's`() {
        var generator = SplitMix64(seed: 42)
        for _ in 0..<1000 {
            let n = Int.random(in: -1 << 24...1 << 24, using: &generator)
            let d = Int.random(in: 1...1 << 24, using: &generator)
            #expect(Float(Rational(n, d)).bitPattern == (n == 0 ? 0 : Float(n) / Float(d)).bitPattern, "\(n)/\(d)")
            let m = Int.random(in: -1 << 53...1 << 53, using: &generator)
            let e = Int.random(in: 1...1 << 53, using: &generator)
            #expect(Double(Rational(m, e)).bitPattern == (m == 0 ? 0 : Double(m) / Double(e)).bitPattern, "\(m)/\(e)")
        }
    }

    @Test func `overflow begins half a unit above the greatest finite number`() {
        let limit = Rational(2).power(128) - Rational(2).power(103)
        #expect(Float(limit) == .infinity)
        #expect(Float(-limit) == -.infinity)
        #expect(Float(limit - Rational(1, 1000)) == .greatestFiniteMagnitude)
        #expect(Double(Rational(2).power(1024) - Rational(2).power(970)) == .infinity)
        #expect(Float(Rational(10).power(5000)) == .infinity)
        #expect(Double(-Rational(10).power(5000)) == -.infinity)
    }

    @Test func `underflow keeps the sign, and the number zero has none`() {
        #expect(Float(Rational(2).power(-150)).bitPattern == 0)
        #expect(Float(-Rational(2).power(-150)).bitPattern == 0x8000_0000)
        #expect(Float(-Rational(10).power(-5000)).bitPattern == 0x8000_0000)
        #expect(Float(Rational(2).power(-150) + Rational(2).power(-5000)).bitPattern == 1)
        #expect(Double(-Rational(2).power(-1075)).bitPattern == 1 << 63)
        #expect(Float(Rational(0)).bitPattern == 0)
        #expect(Double(Rational(0)).bitPattern == 0)
    }

    private func expectNearest<F: BinaryFormat>(_ rounded: F, to exact: Rational) {
        let error = (exact - value(rounded)).magnitude
        for neighbour in [rounded.nextUp, rounded.nextDown] where neighbour != rounded {
            let other = (exact - value(neighbour)).magnitude
            #expect(error < other || (error == other && isEven(rounded)), "\(exact) became \(rounded)")
        }
        #expect(rounded.sign == (exact < 0 ? .minus : .plus), "\(exact) became \(rounded)")
    }

    /// The exact value of a number, infinity standing for the next power of two as in IEEE 754's overflow rule.
    private func value<F: BinaryFormat>(_ number: F) -> Rational {
        let beyond = Rational(2).power(Int(F.greatestFiniteMagnitude.exponent) + 1)
        return number.exact ?? (number < 0 ? -beyond : beyond)
    }

    private func isEven<F: BinaryFormat>(_ number: F) -> Bool { number.significandBitPattern.isMultiple(of: 2) }
}
