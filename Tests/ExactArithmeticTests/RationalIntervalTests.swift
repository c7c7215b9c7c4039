import ExactArithmetic
import Testing

@Suite struct RationalIntervalTests {
    /// Intervals of all signs, some of one number, some far from short.
    static func sampleIntervals(seed: UInt64, count: Int) -> [RationalInterval] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { sample in
            let ends = (0..<2).map { _ in sample % 3 == 0 ? generator.rational() : generator.vector(1)[0] }.sorted()
            return sample % 7 == 0 ? RationalInterval(ends[0]) : RationalInterval(ends[0], ends[1])
        }
    }

    /// The ends, the middle and two members elsewhere.
    static func members(of interval: RationalInterval) -> [Rational] {
        [0, Rational(1, 7), Rational(1, 2), Rational(4, 5), 1].map { interval.lower + $0 * interval.width }
    }

    @Test func `an interval knows its length, its middle and its members`() {
        let interval = RationalInterval(Rational(-1, 3), Rational(5, 6))
        #expect(interval.width == Rational(7, 6) && interval.center == Rational(1, 4))
        for member in Self.members(of: interval) { #expect(interval.contains(member)) }
        let little = Rational(1, 1_000_000)
        #expect(!interval.contains(interval.lower - little) && !interval.contains(interval.upper + little))
        #expect(RationalInterval(3) == RationalInterval(3, 3) && RationalInterval(3).width.isZero)
    }

    @Test func `an operation gives exactly the interval from the least to the greatest result`() {
        let samples = Self.sampleIntervals(seed: 70, count: 60)
        var quotients = 0
        for (a, b) in zip(samples, samples.dropFirst(7)) {
            expect(a + b, holds: +, of: a, b)
            expect(a - b, holds: -, of: a, b)
            expect(a * b, holds: *, of: a, b)
            guard !b.contains(0) else { continue }
            quotients += 1
            expect(a / b, holds: /, of: a, b)
        }
        #expect(quotients > 10)
    }

    /// All results on members are contained, and each end is the result on two ends.
    private func expect(
        _ result: RationalInterval, holds operation: (Rational, Rational) -> Rational, of a: RationalInterval,
        _ b: RationalInterval
    ) {
        for x in Self.members(of: a) {
            for y in Self.members(of: b) { #expect(result.contains(operation(x, y)), "\(a) and \(b)") }
        }
        let corners = [a.lower, a.upper].flatMap { x in [b.lower, b.upper].map { operation(x, $0) } }
        #expect(corners.contains(result.lower) && corners.contains(result.upper), "\(a) and \(b)")
    }

    @Test func `a square as a product forgets that its factors are equal`() {
        let around = RationalInterval(-2, 3)
        #expect(around * around == RationalInterval(-6, 9))
        #expect(around - around == RationalInterval(-5, 5))
        #expect(RationalInterval(1, 2) / RationalInterval(-4, -1) == RationalInterval(-2, Rational(-1, 4)))
    }

    @Test(arguments: [-3, 0, 1, 10, 70]) func `rounding outward gives the nearest multiples on either side`(bits: Int) {
        let unit = Rational(2).power(-bits)
        for interval in Self.sampleIntervals(seed: 71, count: 40) {
            let rounded = interval.rounded(outwardTo: bits)
            #expect((rounded.lower / unit).isInteger && (rounded.upper / unit).isInteger)
            #expect(rounded.lower <= interval.lower && interval.lower < rounded.lower + unit)
            #expect(rounded.upper - unit < interval.upper && interval.upper <= rounded.upper)
            #expect(rounded.width < interval.width + 2 * unit)
            #expect(rounded.rounded(outwardTo: bits) == rounded)
        }
    }
}
