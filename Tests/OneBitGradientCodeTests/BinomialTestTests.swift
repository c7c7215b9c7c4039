import ExactArithmetic
import GradientCodeTheory
import Testing

@Suite struct BinomialTestTests {
    static let level = Rational(2).power(-60)

    @Test(arguments: [0, 1, 2, 7, 30, 70, 200])
    func `the level is kept, and no narrower test keeps it, by enumeration`(n: Int) {
        let claims: [(Rational, Rational)] = [
            (Rational(1, 2), Rational(1, 2)), (Rational(1, 3), Rational(2, 5)), (0, Rational(1, 64)),
            (Rational(9, 10), 1),
            (0, 1),
        ]
        for (lowest, highest) in claims {
            let (low, high) = (BinomialLawTests.masses(n, lowest), BinomialLawTests.masses(n, highest))
            for level in [Rational(9, 10), Rational(1, 20), Rational(1, 1 << 20), Self.level] {
                let test = BinomialTest(trials: n, between: lowest, and: highest, level: level)
                let (l, u) = (test.accepted.lowerBound, test.accepted.upperBound)
                #expect(0 <= l && u <= n)
                #expect(low.prefix(l).total <= level / 2 && high.dropFirst(u + 1).total <= level / 2)
                if l < n { #expect(low.prefix(l + 1).total > level / 2, "\(n), \(lowest), \(level)") }
                if u > 0 { #expect(high.dropFirst(u).total > level / 2, "\(n), \(highest), \(level)") }
            }
        }
    }

    @Test func `the probability of a miss is that of the accepted numbers`() {
        let n = 60
        let test = BinomialTest(trials: n, between: Rational(1, 3), and: Rational(2, 5), level: Rational(1, 1000))
        for p in [0, Rational(1, 999), Rational(1, 4), Rational(3, 8), Rational(1, 2), Rational(998, 999), 1] {
            let exact = BinomialLawTests.masses(n, p)[test.accepted].total
            let bound = test.missProbability(p)
            // Differences of two tails are off by the width of the larger one.
            #expect(exact <= bound && bound - exact <= 2 * BinomialLawTests.relativeWidth, "\(p)")
            if p < Rational(1, 10) || p > Rational(7, 10) {
                #expect(bound - exact <= 4 * BinomialLawTests.relativeWidth * exact, "\(p)")
            }
        }
    }

    @Test func `enough trials find an effect that half of them miss`() {
        let effect = Rational(1, 2) + Rational(1, 100)
        let (whole, half) = (380_000, 190_000)
        let miss = [whole, half].map { trials in
            BinomialTest(trials: trials, between: Rational(1, 2), and: Rational(1, 2), level: Self.level)
                .missProbability(effect)
        }
        // The limits lie about 9.0 standard deviations from the middle, the effect 12.3 and 8.7.
        #expect(miss[0] < Rational(1, 1000))
        #expect(miss[1] > Rational(1, 2))
    }

    @Test func `the largest tests are made, symmetric where the claim is, and wider for weaker claims`() {
        let n = 1 << 22
        let half = Rational(1, 2)
        let fair = BinomialTest(trials: n, between: half, and: half, level: Self.level)
        #expect(fair.accepted.lowerBound + fair.accepted.upperBound == n)
        let slack = Rational(1, 1 << 34)
        let weaker = BinomialTest(trials: n, between: half - slack, and: half + slack, level: Self.level)
        #expect(weaker.accepted.lowerBound <= fair.accepted.lowerBound)
        #expect(fair.accepted.upperBound <= weaker.accepted.upperBound)
        let rare = BinomialTest(trials: n, between: slack, and: 3 * slack, level: Self.level)
        #expect(rare.accepted.lowerBound == 0 && (2...10).contains(rare.accepted.upperBound))
    }

    @Test func `claims without a probability and levels without a meaning are refused`() async {
        await #expect(processExitsWith: .failure) {
            _ = BinomialTest(trials: 9, between: Rational(2, 3), and: Rational(1, 3), level: Rational(1, 2))
        }
        await #expect(processExitsWith: .failure) {
            _ = BinomialTest(trials: 9, between: 0, and: Rational(1, 3), level: 0)
        }
        await #expect(processExitsWith: .failure) {
            _ = BinomialTest(trials: 9, between: 0, and: Rational(1, 3), level: 1)
        }
    }
}
