import ExactArithmetic
import GradientCodeTheory
import Testing

@Suite struct BinomialLawTests {
    static let fine = Rational(1, 1 << 34)
    static let relativeWidth = Rational(1, 1 << 32)

    /// P(X = 0), …, P(X = n), exactly.
    static func masses(_ n: Int, _ p: Rational) -> [Rational] {
        (0...n).map { k in Rational.binomial(n, k) * p.power(k) * (1 - p).power(n - k) }
    }

    /// Whether the enclosure contains `value` and is relatively as narrow as stated.
    static func encloses(_ enclosure: RationalInterval, _ value: Rational) -> Bool {
        enclosure.contains(value) && enclosure.width <= relativeWidth * value
    }

    @Test(arguments: [0, 1, 2, 3, 10, 15, 16, 17, 18, 40, 65, 130])
    func `tails enclose the full exact sums, also where Stirling's formula begins`(n: Int) {
        let fine = Self.fine
        let probabilities = [Rational(1, 2), Rational(1, 3), Rational(9, 10), Rational(12345, 1 << 20), fine, 1 - fine]
        for p in probabilities.prefix(n > 40 ? 3 : 6) {
            let (law, masses) = (BinomialLaw(trials: n, probability: p), Self.masses(n, p))
            var sum: Rational = 0
            for k in (0...n).reversed() {
                #expect(Self.encloses(law.atMost(k), 1 - sum), "P(X <= \(k)), n = \(n), p = \(p)")
                sum += masses[k]
                #expect(Self.encloses(law.atLeast(k), sum), "P(X >= \(k)), n = \(n), p = \(p)")
            }
        }
    }

    @Test func `certain and impossible outcomes are exact`() {
        let (zero, one) = (RationalInterval(0), RationalInterval(1))
        for n in [0, 1, 5, 1 << 22] {
            for p in [0, Rational(1, 3), 1] {
                let law = BinomialLaw(trials: n, probability: p)
                for k in [-1, 0, .min] { #expect(law.atLeast(k) == one) }
                for k in [-1, .min] { #expect(law.atMost(k) == zero) }
                for k in [n + 1, .max] { #expect(law.atLeast(k) == zero && law.atMost(k) == one) }
                #expect(law.atMost(n) == one)
            }
            let (never, always) = (BinomialLaw(trials: n, probability: 0), BinomialLaw(trials: n, probability: 1))
            #expect(always.atLeast(n) == one && never.atMost(0) == one)
            if n > 0 { #expect(never.atLeast(1) == zero && always.atMost(n - 1) == zero) }
        }
    }

    @Test(arguments: [10, 16, 20])
    func `with an even number of fair coins half of them fall at least half the time and half the middle`(digits: Int) {
        let n = 1 << digits
        let middle = Rational.binomial(n, n / 2) / Rational(2).power(n)
        let law = BinomialLaw(trials: n, probability: Rational(1, 2))
        #expect(Self.encloses(law.atLeast(n / 2), (1 + middle) / 2))
        #expect(Self.encloses(law.atMost(n / 2 - 1), (1 - middle) / 2))
    }

    @Test func `neighbouring tails differ by the exact probability between them, deep in the tail too`() {
        let cases: [(n: Int, p: Rational, k: Int)] = [
            (1 << 18, Rational(1, 2), (1 << 17) + (4 << 8)), (1 << 18, Rational(1, 2), (1 << 17) - (9 << 8)),
            (5000, Rational(1, 3), 1900), (5000, Rational(1, 3), 1400), (3000, Self.fine * 1000, 40),
            (3000, 1 - Self.fine * 1_000_000_007, 2700), (4096, Rational(1, 4096), 33),
        ]
        for (n, p, k) in cases {
            let law = BinomialLaw(trials: n, probability: p)
            let mass = Rational.binomial(n, k) * p.power(k) * (1 - p).power(n - k)
            let isUpper = Rational(k) > Rational(n) * p
            let (whole, rest) = isUpper ? (law.atLeast(k), law.atLeast(k + 1)) : (law.atMost(k), law.atMost(k - 1))
            let difference = whole - rest
            #expect(difference.contains(mass), "\(n), \(p), \(k)")
            #expect(difference.width <= 2 * Self.relativeWidth * whole.upper, "\(n), \(p), \(k)")
        }
    }

    @Test func `of 2²² rare successes, none occurs about once in e`() throws {
        // (1 − 1/n)^n lies between (1 − 1/n)/e and 1/e.
        let n = 1 << 22
        let inverse = Rational(10).power(-40) * (try Rational(parsing: "3678794411714423215955237701614608674458"))
        let none = BinomialLaw(trials: n, probability: Rational(1, n)).atMost(0)
        #expect(none.lower <= inverse + Rational(10).power(-40) && inverse * (1 - Rational(1, n)) <= none.upper)
        #expect(none.width <= Self.relativeWidth * none.lower)
    }

    @Test func `a tail far below any level is known to be there`() {
        let limit = Rational(2).power(-4096)
        let half = BinomialLaw(trials: 1 << 22, probability: Rational(1, 2))
        for k in [(1 << 21) + (1 << 18), 1 << 22] { #expect(half.atLeast(k) == RationalInterval(0, limit)) }
        #expect(BinomialLaw(trials: 1 << 22, probability: Self.fine).atLeast(1 << 22) == RationalInterval(0, limit))
        for n in 4090...4100 {
            let tail = BinomialLaw(trials: n, probability: Rational(1, 2)).atLeast(n)
            #expect(tail.contains(Rational(2).power(-n)) && (tail.lower.isZero == (n > 4096)), "\(n)")
        }
    }

    @Test func `the two sides of a law add up to 1, and tails fall with k and rise with p`() {
        let n = 1 << 22
        let probabilities = [Rational(1, 5), Rational(1, 5) + Rational(1, 1 << 10), Rational(1, 4)]
        var before: [RationalInterval]?
        for p in probabilities {
            let law = BinomialLaw(trials: n, probability: p)
            let mean = Int(exactly: (Rational(n) * p).floor)!
            let points = [-8000, -3000, 0, 1, 500, 3000, 8000].map { mean + $0 }
            for k in points { #expect((law.atLeast(k) + law.atMost(k - 1)).contains(1)) }
            for (k, next) in zip(points, points.dropFirst()) {
                #expect(law.atLeast(next).upper < law.atLeast(k).lower)
                #expect(law.atMost(k).upper < law.atMost(next).lower)
            }
            let fixed = [n / 5 - 1000, n / 5, n / 5 + 3000].map(law.atLeast)
            for (less, more) in zip(before ?? [], fixed) { #expect(less.upper < more.upper) }
            before = fixed
        }
    }

    @Test func `laws whose ratios do not fit, and what is no probability, are refused`() async {
        await #expect(processExitsWith: .failure) {
            _ = BinomialLaw(trials: 1 << 22, probability: Rational(1, 1 << 40))
        }
        await #expect(processExitsWith: .failure) { _ = BinomialLaw(trials: -1, probability: 0) }
        await #expect(processExitsWith: .failure) { _ = BinomialLaw(trials: 1, probability: Rational(3, 2)) }
    }
}
