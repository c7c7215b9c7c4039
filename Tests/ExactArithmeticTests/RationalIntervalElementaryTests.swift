import ExactArithmetic
import Testing

@Suite struct RationalIntervalElementaryTests {
    /// The first 100 decimals, as published; the logarithm lies strictly between this and one unit more.
    static let logarithms: [(x: Rational, digits: String)] = [
        (
            2,
            "69314718055994530941723212145817656807550013436025" + "52541206800094933936219696947156058633269964186875"
        ),
        (
            10,
            "230258509299404568401799145468436420760110148862877" + "29760333279009675726096773524802359972050895982983"
        ),
    ]

    /// Beside 1 and the seams of the reduction, ordinary, tiny and huge, and of many digits.
    static let arguments: [Rational] =
        [(1, 1), (1, 2), (3, 4), (749, 1000), (3, 2), (1499, 1000), (7, 5), (22, 7), (1, 1_000_003)].map {
            Rational($0, $1)
        }
        + [1 + width(70), 1 - width(70), 2 - width(90), width(1000), Rational(7).power(900), Rational(3).power(-1500)]
        + [Rational(11).power(800) / Rational(13).power(750), 1 + Rational(3).power(-1200)]

    static func width(_ bits: Int) -> Rational { Rational(2).power(-bits) }

    static func meet(_ a: RationalInterval, _ b: RationalInterval) -> Bool { a.lower <= b.upper && b.lower <= a.upper }

    static func root(_ x: Rational, _ bits: Int) -> RationalInterval {
        .squareRoot(of: RationalInterval(x), bits: bits)
    }

    static func logarithm(_ x: Rational, _ bits: Int) -> RationalInterval {
        .logarithm(of: RationalInterval(x), bits: bits)
    }

    /// exp y for 0 ≤ y < 4096 by Taylor's series at y/2¹², whose rest is less than twice its last term, and by squaring,
    /// to about `bits` bits.
    static func exponential(_ y: Rational, _ bits: Int) -> RationalInterval {
        let x = RationalInterval(y * width(12)).rounded(outwardTo: bits + 20)
        var (sum, term, j) = (RationalInterval(1), RationalInterval(1), 0)
        while term.upper > width(bits + 20) {
            j += 1
            term = (term * x / RationalInterval(Rational(j))).rounded(outwardTo: bits + 40)
            sum = sum + term
        }
        sum = RationalInterval(sum.lower, sum.upper + 2 * term.upper)
        for _ in 0..<12 { sum = (sum * sum).rounded(outwardTo: bits + 20) }
        return sum
    }

    @Test func `the ends of a root are the nearest multiples of the unit, by their squares`() {
        var generator = SplitMix64(seed: 40)
        let drawn = (0..<60).map { _ in generator.rational().magnitude }
        for x in Self.arguments + drawn {
            for bits in [0, 1, 20, 64, 129, 1024] {
                let (root, unit) = (Self.root(x, bits), Self.width(bits))
                #expect(root.lower * root.lower <= x && x <= root.upper * root.upper, "\(x), \(bits) bits")
                #expect((root.lower / unit).isInteger && (root.upper / unit).isInteger, "\(x), \(bits) bits")
                #expect(root.width <= unit, "\(x), \(bits) bits")
                // Of width 0 only where the square says so.
                #expect((root.width == 0) == (root.lower * root.lower == x), "\(x), \(bits) bits")
            }
        }
    }

    @Test func `roots that are multiples of the unit are exact`() {
        for n in 0...40 {
            for bits in [0, 5, 200] {
                let root = Rational(n) * Self.width(min(bits, 3))
                #expect(Self.root(root * root, bits) == RationalInterval(root))
            }
        }
        let long = Rational(7).power(700)
        #expect(Self.root(long * long, 0) == RationalInterval(long))
        #expect(Self.root(long * long - 1, 0) == RationalInterval(long - 1, long))
        #expect(Self.root(long * long + 1, 0) == RationalInterval(long, long + 1))
    }

    @Test func `the root of an interval is that of its ends`() {
        for (a, b) in [(0, 2), (1, 4), (2, 3), (10, 1000)] {
            let root = RationalInterval.squareRoot(of: RationalInterval(Rational(a, 3), Rational(b, 3)), bits: 40)
            #expect(root.lower == Self.root(Rational(a, 3), 40).lower)
            #expect(root.upper == Self.root(Rational(b, 3), 40).upper)
        }
    }

    @Test func `logarithms are enclosed between the ends of their published digits, to any width`() throws {
        let unit = Rational(10).power(-100)
        for (x, text) in Self.logarithms {
            let digits = try Rational(parsing: text) * unit
            for bits in Array(0...40) + [100, 331, 332, 333, 400, 1000, 1024, 1088, 1089, 1200] {
                let value = Self.logarithm(x, bits)
                #expect(value.width <= Self.width(bits), "ln \(x), \(bits) bits")
                #expect(value.lower < digits + unit && digits < value.upper, "ln \(x), \(bits) bits")
            }
        }
        for bits in [0, 50, 1088, 1089] {
            let value = RationalInterval.logarithmOfTwo(bits: bits)
            #expect(value.width <= Self.width(bits) && Self.meet(value, Self.logarithm(2, 300)))
        }
    }

    @Test(arguments: [4, 60, 200]) func `the exponential of a logarithm is the number`(bits: Int) {
        for x in Self.arguments {
            let (value, argument) = (Self.logarithm(x, bits), max(x, x.reciprocal))
            let ends = x < 1 ? RationalInterval(0) - value : value
            // The test's own exponential is much narrower than the logarithm, so the ends must lie on their own sides.
            let (least, greatest) = (max(0, ends.lower), ends.upper)
            #expect(Self.exponential(least, bits + 60).lower <= argument, "\(x)")
            #expect(argument <= Self.exponential(greatest, bits + 60).upper, "\(x)")
            #expect(value.width <= Self.width(bits), "\(x)")
        }
    }

    @Test func `a logarithm is no wider than asked for, and narrow enclosures lie in what wide ones allow`() {
        for x in Self.arguments {
            let narrow = Self.logarithm(x, 1024)
            #expect(narrow.width <= Self.width(1024), "\(x)")
            for bits in [0, 1, 25, 130, 500] {
                let wide = Self.logarithm(x, bits)
                #expect(wide.width <= Self.width(bits) && Self.meet(wide, narrow), "\(x), \(bits) bits")
            }
        }
        #expect(Self.logarithm(1, 77) == RationalInterval(0))
    }

    @Test func `numbers whose logarithms lie just beside an end in the format are not left out`() {
        for bits in [0, 3, 10, 40, 100] {
            for j in [3, 5, 7] {
                // exp y is irrational, so the ends of its enclosure have logarithms just below and just above y.
                let y = (Rational(j, 20) / Self.width(bits + 2)).floor * Self.width(bits + 2)
                guard !y.isZero else { continue }
                let beside = Self.exponential(y, bits + 60)
                let (below, above) = (Self.logarithm(beside.lower, bits), Self.logarithm(beside.upper, bits))
                #expect(below.lower < y && y < above.upper, "\(y), \(bits) bits")
                let (less, more) = (beside.upper.reciprocal, beside.lower.reciprocal)
                #expect(Self.logarithm(less, bits).lower < -y && -y < Self.logarithm(more, bits).upper, "\(y)")
            }
        }
    }

    @Test func `logarithms turn products into sums`() {
        for (x, y) in zip(Self.arguments, Self.arguments.dropFirst(5)) {
            let sum = Self.logarithm(x, 90) + Self.logarithm(y, 90)
            #expect(Self.meet(sum, Self.logarithm(x * y, 90)), "\(x), \(y)")
            #expect(Self.meet(Self.logarithm(x, 90) - Self.logarithm(y, 90), Self.logarithm(x / y, 90)))
        }
    }

    @Test func `the logarithm rises strictly, and that of an interval reaches from end to end`() {
        let values = (1...200).map { Self.logarithm(Rational($0, 100), 30) }
        for (before, after) in zip(values, values.dropFirst()) { #expect(before.upper < after.lower) }
        for (x, value) in zip((1...200).map({ Rational($0, 100) }), values) {
            // 1 − 1/x ≤ ln x ≤ x − 1.
            #expect(1 - x.reciprocal <= value.upper && value.lower <= x - 1)
        }
        let interval = RationalInterval.logarithm(of: RationalInterval(Rational(1, 100), 2), bits: 30)
        #expect(interval == RationalInterval(values[0].lower, values[199].upper))
    }

    @Test func `what has no real root or logarithm is refused`() async {
        await #expect(processExitsWith: .failure) {
            _ = RationalInterval.squareRoot(of: RationalInterval(-1, 1), bits: 8)
        }
        await #expect(processExitsWith: .failure) {
            _ = RationalInterval.logarithm(of: RationalInterval(0, 1), bits: 8)
        }
    }
}
