import ExactArithmetic
import GradientCodeTheory
import GradientCodes
import Testing

/// The law that draws of few bits realise, against all words.
@Suite struct OneBitDrawsTests {
    /// The law of Σ over workers of one coordinate, over all words: u stragglers, then one sign a worker.
    static func enumerate(bits: Int, p: [Rational], coded: [Rational], ranges: [Rational]) -> OneBitMoments? {
        let words = 1 << bits
        let scale = Rational(words)
        var (mean, second): (Rational, Rational) = (0, 0)
        let draws = 2 * p.count
        for state in 0..<1 << (bits * draws) {
            let u = (0..<draws).map { Rational(state >> (bits * $0) & (words - 1)) }
            let update = p.indices.map { i -> Rational in
                let straggles = u[i] < p[i] * scale
                let bit = u[p.count + i] * 2 * ranges[i] < (ranges[i] + coded[i]) * scale
                return straggles ? 0 : bit ? ranges[i] : -ranges[i]
            }.total
            mean += update
            second += update * update
        }
        let count = scale.power(draws)
        (mean, second) = (mean / count, second / count)
        let draw = try? OneBitDraws(bits: bits)
        let moments = draw.map {
            OneBitMoments(coded: coded.map { [$0] }, straggling: p, ranges: ranges.map { [$0] }, draws: $0)
        }
        return moments?.mean == [mean] && moments?.variance == second - mean * mean ? moments : nil
    }

    @Test(arguments: [2, 3]) func `moments over all words are those of the rounded law`(bits: Int) throws {
        let draws = try OneBitDraws(bits: bits)
        for p in [Rational.list("1/3 1/2"), Rational.list("0 5/7")] {
            for (coded, ranges) in [("1/3 -1", "1 1"), ("2 0", "2 3/2"), ("-1/5 3/4", "1/4 1"), ("-99/100 0", "1 1")] {
                let (coded, ranges) = (Rational.list(coded), Rational.list(ranges))
                let moments = try #require(Self.enumerate(bits: bits, p: p, coded: coded, ranges: ranges))
                let exact = OneBitMoments(coded: coded.map { [$0] }, straggling: p, ranges: ranges.map { [$0] })
                let bias = (moments.mean[0] - exact.mean[0]).magnitude
                let sharp = draws.biasBound(
                    coded: coded.map { [$0] }, straggling: p, ranges: ranges.map { [$0] })
                #expect(bias <= sharp[0] && sharp[0] <= draws.biasBound(ranges: ranges.map { [$0] })[0])
                if p.allSatisfy({ draws.probability($0) == $0 }) { #expect(moments.mean[0] >= exact.mean[0]) }
            }
        }
    }

    @Test func `values and probabilities are rounded up by less than one unit`() throws {
        for bits in [1, 2, 5, 32, 64] {
            let draws = try OneBitDraws(bits: bits)
            let unit = Rational(2).power(-bits)
            for numerator in 0...12 {
                let p = Rational(numerator, 12)
                let excess = draws.probability(p) - p
                #expect(0 <= excess && excess < unit && (draws.probability(p) / unit).isInteger)
                for B in Rational.list("1/3 1 7") {
                    let x = (2 * p - 1) * B
                    let excess = draws.value(x, range: B) - x
                    #expect(0 <= excess && excess < 2 * unit * B && draws.value(x, range: B) <= B)
                    if (x / B / (2 * unit)).isInteger { #expect(excess == 0) }
                }
            }
            #expect(draws.value(0, range: 0) == 0)
        }
        for bits in [0, -1, 65] {
            #expect(throws: Refusal.self) { try OneBitDraws(bits: bits) }
        }
    }

    @Test func `the examples by hand`() throws {
        let draws = try OneBitDraws(bits: 2)
        func mean(_ g: Rational, _ p: Rational) -> Rational {
            OneBitMoments(coded: [[g]], straggling: [p], ranges: [[1]], draws: draws).mean[0]
        }
        let third = Rational(1, 3)
        #expect(draws.probability(third) == Rational(1, 2))
        #expect(mean(1, third) == Rational(1, 2) && mean(-1, third) == Rational(-1, 2))
        #expect(draws.value(third, range: 1) == Rational(1, 2) && mean(third, 0) - third == Rational(1, 6))
        // (2 · (1/2) · 1 + 1/3)/4, and 3 (1 + 2)/4.
        #expect(draws.biasBound(coded: [[third]], straggling: [Rational(1, 2)], ranges: [[1]]) == [third])
        #expect(draws.biasBound(ranges: [[1, 0], [2, 5]]) == Rational.list("9/4 15/4"))
        #expect(draws.probability(Rational(4, 5)) == 1 && mean(1, Rational(4, 5)) == 0)
    }
}
