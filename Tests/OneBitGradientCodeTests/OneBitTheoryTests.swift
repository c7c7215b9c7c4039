import ExactArithmetic
import GradientCodeTheory
import GradientCodes
import Testing

/// Moments of the update against the sum over everything that can happen.
@Suite struct OneBitTheoryTests {
    /// Mean and covariance of Σ ±B_ij over the workers of each set, for sets with given weights and all signs.
    static func enumerate(
        sets: [(members: WorkerSet, weight: Rational)], coded: [[Rational]], ranges: [[Rational]]
    ) -> (mean: [Rational], covariance: RationalMatrix) {
        let dimension = coded[0].count
        let places = coded.indices.flatMap { i in (0..<dimension).map { (i, $0) } }
        var mean = [Rational](repeating: 0, count: dimension)
        var second = RationalMatrix(rows: dimension, columns: dimension) { _, _ in 0 }
        for signs in 0..<1 << places.count {
            var (weight, messages) = (Rational(1), ranges)
            for (bit, (i, j)) in places.enumerated() {
                let (x, B) = (coded[i][j], ranges[i][j])
                let isPlus = signs >> bit & 1 == 1
                if B.isZero { weight *= isPlus ? 1 : 0 } else { weight *= (isPlus ? B + x : B - x) / (2 * B) }
                messages[i][j] = isPlus ? B : -B
            }
            guard !weight.isZero else { continue }
            for set in sets {
                let update = (0..<dimension).map { j in set.members.map { messages[$0][j] }.total }
                for j in 0..<dimension {
                    mean[j] += set.weight * weight * update[j]
                    for l in 0..<dimension { second[j, l] += set.weight * weight * update[j] * update[l] }
                }
            }
        }
        let covariance = RationalMatrix(rows: dimension, columns: dimension) { second[$0, $1] - mean[$0] * mean[$1] }
        return (mean, covariance)
    }

    static func independent(_ p: [Rational]) -> [(members: WorkerSet, weight: Rational)] {
        WorkerSet.subsets(of: p.count).map { set in
            (set, p.indices.map { set.contains($0) ? 1 - p[$0] : p[$0] }.reduce(1, *))
        }
    }

    static let coded: [[[Rational]]] = [
        [Rational.list("3/4 -1/2"), Rational.list("0 2"), Rational.list("-3 5/7")],
        [Rational.list("-1 1"), Rational.list("1/3 0"), Rational.list("2 -2")],
    ]
    static let ranges: [[[Rational]]] = [
        [Rational.list("1 2/3"), Rational.list("1/5 3"), Rational.list("3 1")],
        [Rational.list("1 1"), Rational.list("1 0"), Rational.list("5/2 7")],
    ]

    @Test(arguments: ["1/2 1/3 0", "0 0 0", "2/7 99/100 1/4"])
    func `mean and covariance over all patterns and signs`(probabilities: String) throws {
        let p = Rational.list(probabilities)
        for (coded, ranges) in zip(Self.coded, Self.ranges) {
            let moments = OneBitMoments(coded: coded, straggling: p, ranges: ranges)
            let (mean, covariance) = Self.enumerate(sets: Self.independent(p), coded: coded, ranges: ranges)
            #expect(moments.mean == mean && moments.covariance == covariance)
            #expect(moments.variance == covariance[0, 0] + covariance[1, 1])
            #expect(moments.secondMoment == moments.variance + mean.innerProduct(mean))
            // Formula (3).
            let terms = p.indices.map { i in
                let q = 1 - p[i]
                return q * (ranges[i].innerProduct(ranges[i]) - q * coded[i].innerProduct(coded[i]))
            }
            #expect(moments.variance == terms.total)
        }
    }

    @Test func `standard and general weights give the gradient`() throws {
        let gradients = [Rational.list("1 -2"), Rational.list("1/2 3")]
        let allocation = try Allocation([[1, 1], [0, 1], [1, 0]])
        let p = Rational.list("1/4 2/3 0")
        let straggling = try [Probability(1, 4), Probability(2, 3), .zero]
        let code = try OneBitGradientCode(allocation: allocation, straggling: straggling)
        let general = try #require(RationalMatrix([Rational.list("-4 2"), Rational.list("0 -3/2"), [4, 0]]))
        for weights in [code.plainWeights, general] {
            #expect(weights.multiplied(byRow: p.map { 1 - $0 }) == [1, 1])
            let coded = (0..<3).map { i in (0..<2).map { j in weights.row(i).innerProduct(gradients.map { $0[j] }) } }
            let ranges = coded.enumerated().map { i, row in row.map { $0.magnitude + Rational(i, 3) } }
            let moments = OneBitMoments(coded: coded, straggling: p, ranges: ranges)
            let (mean, covariance) = Self.enumerate(sets: Self.independent(p), coded: coded, ranges: ranges)
            #expect(moments.mean == Rational.list("3/2 1") && mean == moments.mean)
            #expect(moments.covariance == covariance)
        }
    }

    @Test func `exactly s stragglers over all their sets, with and without a worker that has no data`() throws {
        for (coded, ranges) in zip(Self.coded, Self.ranges) {
            for idle in [0, 1] {
                let coded = coded + [[Rational]](repeating: [0, 0], count: idle)
                let ranges = ranges + [[Rational]](repeating: [0, 0], count: idle)
                let n = coded.count
                for s in 0..<n {
                    let sets = WorkerSet.subsets(of: n, count: n - s).map { ($0, 1 / Rational.binomial(n, s)) }
                    let moments = OneBitMoments(coded: coded, stragglers: s, ranges: ranges)
                    let (mean, covariance) = Self.enumerate(sets: sets, coded: coded, ranges: ranges)
                    #expect(moments.mean == mean && moments.covariance == covariance, "\(s) of \(n)")
                    #expect(moments.variance == covariance[0, 0] + covariance[1, 1])
                }
            }
        }
        let alone = OneBitMoments(coded: [[1]], stragglers: 0, ranges: [[2]])
        #expect(alone.mean == [1] && alone.stragglerPart == 0 && alone.quantiserPart == 3)
    }

    @Test func `the examples by hand`() throws {
        let p = Rational.list("1/2 1/3")
        let moments = OneBitMoments(coded: [[4], [Rational(3, 2)]], straggling: p, ranges: [[4], [3]])
        #expect(moments.mean == [3] && moments.variance == 9 && moments.secondMoment == 18)
        #expect(moments.stragglerPart == Rational(9, 2) && moments.quantiserPart == Rational(9, 2))
        let code = try OneBitGradientCode(
            allocation: Allocation([[1, 1], [0, 1]]), straggling: [Probability(1, 2), Probability(1, 3)])
        #expect(code.plainWeights == RationalMatrix([[2, 1], [0, Rational(3, 4)]]))
        #expect(try code.allocation.expectedMessages(gradients: [[1], [2]]) == [[2], [1]])
        let general = OneBitMoments(coded: [[6], [0]], straggling: p, ranges: [[6], [3]])
        #expect(general.mean == [3] && general.quantiserPart == 6)
        let three = Rational(3, 4)
        let fixed = OneBitMoments(coded: [[three], [three], [0]], stragglers: 1, ranges: [[1], [1], [0]])
        #expect(fixed.mean == [1] && fixed.variance == Rational(17, 24))
        #expect(fixed.stragglerPart == Rational(1, 8) && fixed.quantiserPart == Rational(7, 12))
        let short = OneBitMoments(coded: [[three], [three]], stragglers: 1, ranges: [[1], [1]])
        #expect(short.stragglerPart != Rational(1, 8))
    }

    @Test func `the variance of the golden iteration`() throws {
        let allocation = try Allocation((0..<4).map { i in (0..<4).map { $0 == i || $0 == (i + 1) % 4 ? 1 : 0 } })
        let straggling = try [(1, 4), (0, 1), (1, 2), (3, 8)].map { try Probability($0.0, $0.1) }
        let code = try OneBitGradientCode(allocation: allocation, straggling: straggling)
        let gradients = (0..<4).map { k in (0..<11).map { j in Rational((3 * k + 5 * j) % 7 - 3, 2) } }
        let coded = (0..<4).map { i in
            (0..<11).map { j in code.plainWeights.row(i).innerProduct(gradients.map { $0[j] }) }
        }
        #expect(coded[1] == Rational.list("3 -1 2 -2 1 -3 0 3 -1 2 -2").map { $0 / 4 })
        #expect(coded[2] == Rational.list("2 -2 1 -3 0 3 -1 2 -2 1 -3").map { $0 / 2 })
        #expect(coded[3] == Rational.list("-8 -2 4 -4 2 8 0 -8 -2 4 -4").map { $0 / 5 })
        let ranges = [[Rational]](repeating: [Rational](repeating: 4, count: 11), count: 4)
        let moments = OneBitMoments(coded: coded, straggling: Rational.list("1/4 0 1/2 3/8"), ranges: ranges)
        #expect(moments.variance == Rational(3945, 8))
        #expect(try allocation.messageEnergy(gradients: gradients) == Rational(103, 8))
        #expect(moments.mean == Rational.list("-1 -2 4 -4 2 1 0 -1 -2 4 -4").map { $0 / 2 })
    }
}
