import ExactArithmetic
import Foundation
import Testing

@Suite struct RationalIntervalTrigonometryTests {
    /// The first 100 decimals of π, as published; π lies strictly between this and one unit more.
    static let pi100 =
        "3" + "14159265358979323846264338327950288419716939937510"
        + "58209749445923078164062862089986280348253421170679"

    /// Multiples of a half turn in every quarter of several turns, some with large parts.
    static let angles: [Rational] =
        (-5...8).map { Rational($0, 4) } + (-4...4).map { Rational(2 * $0 + 1, 7) }
        + [(1, 1_000_003), (-1_000_002, 1_000_003), (22, 7), (355, 113), (-49, 5)].map { Rational($0, $1) }

    static func width(_ bits: Int) -> Rational { Rational(2).power(-bits) }

    static func meet(_ a: RationalInterval, _ b: RationalInterval) -> Bool { a.lower <= b.upper && b.lower <= a.upper }

    static func sine(_ x: Rational, _ bits: Int) -> RationalInterval { .sine(ofHalfTurns: x, bits: bits) }
    static func cosine(_ x: Rational, _ bits: Int) -> RationalInterval { .cosine(ofHalfTurns: x, bits: bits) }

    @Test func `pi is enclosed between the ends of its published digits, to any width`() throws {
        for decimals in [50, 100] {
            let digits = try Rational(parsing: Self.pi100.prefix(decimals + 1))
            let unit = Rational(10).power(-decimals)
            for bits in Array(0...64) + [100, 166, 167, 200, 332, 333, 400, 1000, 1024, 1025, 1100] {
                let pi = RationalInterval.pi(bits: bits)
                #expect(pi.width <= Self.width(bits), "\(bits) bits")
                // Anything that contains π reaches into the open bracket.
                #expect(pi.lower < (digits * unit) + unit && digits * unit < pi.upper, "\(bits) bits")
            }
        }
    }

    @Test func `the sine is no wider than asked for`() {
        for bits in 0...200 { #expect(Self.sine(Rational(3, 7), bits).width <= Self.width(bits), "\(bits) bits") }
        for x in [Rational(1, 2), Rational(-1, 3), Rational(1_000_002, 1_000_003), Rational(99, 200), Rational(7, 5)] {
            for bits in [1, 2, 13, 63, 64, 65, 500] {
                #expect(Self.sine(x, bits).width <= Self.width(bits), "\(x), \(bits) bits")
            }
        }
    }

    @Test func `rational values of the sine and roots of known equations are contained`() {
        for bits in [1, 2, 7, 30, 64, 150] {
            let sixth = Self.sine(Rational(1, 6), bits)
            #expect(sixth.contains(Rational(1, 2)) && sixth.width <= Self.width(bits))
            let right = Self.sine(Rational(1, 2), bits)
            #expect(right.upper == 1 && right.width <= Self.width(bits))
            #expect(Self.sine(Rational(7, 6), bits).contains(Rational(-1, 2)))
            #expect(Self.sine(Rational(-1, 2), bits).lower == -1)
            #expect(Self.cosine(Rational(2, 3), bits).contains(Rational(-1, 2)))
            let quarter = Self.sine(Rational(1, 4), bits)
            #expect((quarter * quarter).contains(Rational(1, 2)))
            let third = Self.sine(Rational(1, 3), bits)
            #expect((third * third).contains(Rational(3, 4)))
            // sin π/10 is the positive root of 4x² + 2x − 1, sin 3π/10 that of 4x² − 2x − 1.
            let (tenth, threeTenths) = (Self.sine(Rational(1, 10), bits), Self.sine(Rational(3, 10), bits))
            let four = RationalInterval(4)
            let two = RationalInterval(2)
            #expect((four * tenth * tenth + two * tenth).contains(1))
            #expect((four * threeTenths * threeTenths - two * threeTenths).contains(1))
        }
        for halfTurns in -5...5 { #expect(Self.sine(Rational(halfTurns), 20) == RationalInterval(0)) }
        // Whole turns of any number change nothing.
        let turns = Rational(10).power(30)
        #expect(Self.sine(turns + Rational(1, 6), 40) == Self.sine(Rational(1, 6), 40))
        #expect(Self.sine(turns + Rational(7, 6), 40) == Self.sine(Rational(-1, 6), 40))
    }

    @Test func `the sine is odd, and the same after a turn and mirrored at a quarter turn`() {
        for x in Self.angles {
            let value = Self.sine(x, 40)
            #expect(Self.sine(-x, 40) == RationalInterval(0) - value, "\(x)")
            #expect(Self.sine(x + 1, 40) == RationalInterval(0) - value, "\(x)")
            #expect(Self.sine(1 - x, 40) == value, "\(x)")
            #expect(Self.cosine(x, 40) == Self.sine(Rational(1, 2) - x, 40), "\(x)")
        }
    }

    @Test(arguments: [3, 40, 120])
    func `sines and cosines have sums of squares 1 and obey the addition theorem`(bits: Int) {
        for (x, y) in zip(Self.angles, Self.angles.dropFirst(9) + Self.angles) {
            let (sine, cosine) = (Self.sine(x, bits), Self.cosine(x, bits))
            #expect((sine * sine + cosine * cosine).contains(1), "\(x)")
            let sum = sine * Self.cosine(y, bits) + cosine * Self.sine(y, bits)
            // Four factors at most 1 in magnitude, each known to 2^−bits.
            #expect(sum.width <= 5 * Self.width(bits))
            #expect(Self.meet(sum, Self.sine(x + y, bits)), "\(x) + \(y)")
        }
    }

    @Test func `the sine rises on the first quarter turn, strictly where the enclosures are narrow`() {
        let n = 150
        let sines = (0...n).map { Self.sine(Rational($0, 2 * n), 30) }
        // The last step is the shortest: 1 − cos(π/300) > 2⁻¹⁵.
        for (before, after) in zip(sines, sines.dropFirst()) { #expect(before.upper < after.lower) }
        // Jordan: 2x ≤ sin πx ≤ 4x on this quarter.
        for (m, value) in sines.enumerated() {
            #expect(Rational(m, n) <= value.upper && value.lower <= Rational(2 * m, n))
        }
    }

    @Test func `wider enclosures contain what narrower ones leave possible`() {
        for x in Self.angles {
            let narrow = Self.sine(x, 220)
            for bits in [1, 25, 100] { #expect(Self.meet(Self.sine(x, bits), narrow), "\(x), \(bits) bits") }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 12, 15]) func `a whole turn of sines is the sines one by one`(n: Int) {
        for bits in [5, 60] {
            let sines = RationalInterval.sines(dividing: n, bits: bits)
            #expect(sines == (0..<2 * n).map { Self.sine(Rational($0, n), bits) })
            #expect(sines.allSatisfy { $0.width <= Self.width(bits) })
        }
    }

    @Test func `a binary64 sine is as near as its own errors allow`() {
        for m in -32...32 {
            // |πx| ≤ π/2: π and the product are off by less than 1.2 · 2⁻⁵² together, the sine by another 2⁻⁵³ and the
            // centre by 2⁻⁶⁰.
            let x = Rational(m, 64)
            let angle = Double.pi * Double(m) / 64
            #expect((Self.sine(x, 60).center - Rational(exactly: sin(angle))!).magnitude <= Self.width(51), "\(m)")
            #expect((Self.cosine(x, 60).center - Rational(exactly: cos(angle))!).magnitude <= Self.width(51), "\(m)")
        }
    }
}
