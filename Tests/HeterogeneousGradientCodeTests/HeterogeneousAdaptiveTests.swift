import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// Theorem H8: projectors by orthogonalisation, witnesses, and other decoders.
@Suite struct HeterogeneousAdaptiveTests {
    /// The projector on the span of some rows, Σ vvᵀ/‖v‖² over their orthogonalisation.
    static func projector(_ rows: [[Rational]], _ m: Int) -> RationalMatrix {
        var basis: [[Rational]] = []
        for row in rows {
            var v = row
            for b in basis {
                let share = row.innerProduct(b) / b.innerProduct(b)
                for j in v.indices { v[j] -= share * b[j] }
            }
            if v.contains(where: { !$0.isZero }) { basis.append(v) }
        }
        return RationalMatrix(rows: m, columns: m) { j, k in
            basis.map { $0[j] * $0[k] / $0.innerProduct($0) }.total
        }
    }

    typealias Patterns = [(projector: RationalMatrix, weight: Rational)]

    static func projectors(_ B: RationalMatrix, _ p: [Rational]) -> Patterns {
        patterns(p).map { (projector($0.responders.map(B.row), B.columns), $0.weight) }
    }

    static func mean(_ patterns: Patterns, of vector: (Int) -> [Rational], _ m: Int) -> [Rational] {
        patterns.indices.map { index in
            (patterns[index].projector * vector(index)).map { patterns[index].weight * $0 }
        }.reduce([Rational](repeating: 0, count: m)) { zip($0, $1).map { $0 + $1 } }
    }

    /// Checks all statements (i) and (ii) and the witness; gives the optimum, nil where there is no unbiased decoder.
    @discardableResult
    static func expectWitnesses(
        _ B: RationalMatrix, _ p: [Rational], _ random: inout SplitMix64
    ) throws -> Rational? {
        let m = B.columns
        let ones = [Rational](repeating: 1, count: m)
        let adaptive = AdaptiveDecoding(encoding: B, straggling: p.map(Probability.of))
        let patterns = projectors(B, p)
        #expect(patterns.map(\.weight).total == 1)
        for j in 0..<m {
            #expect(
                adaptive.projection.column(j) == mean(patterns, of: { _ in ones.indices.map { $0 == j ? 1 : 0 } }, m))
        }
        #expect(adaptive.leastSquaresMean == mean(patterns, of: { _ in ones }, m))
        func residual(_ α: (Int) -> [Rational]) -> Rational {
            patterns.indices.map { index in
                let difference = α(index).map { $0 - 1 }
                return patterns[index].weight * difference.innerProduct(difference)
            }.total
        }
        #expect(adaptive.leastSquaresResidual == residual { patterns[$0].projector * ones })
        // (i) No decoder has a smaller one.
        let free = patterns.map { _ in random.numbers(m) }
        #expect(residual { patterns[$0].projector * free[$0] } >= adaptive.leastSquaresResidual)
        switch adaptive.unbiased {
        case .target(let τ):
            #expect(mean(patterns, of: { _ in τ }, m) == ones)
            let square = patterns.map { pattern -> Rational in
                let α = pattern.projector * τ
                return pattern.weight * α.innerProduct(α)
            }.total
            let optimum = try #require(adaptive.unbiasedResidual)
            #expect(square == τ.total && optimum == residual { patterns[$0].projector * τ })
            // Another unbiased decoder: free coefficients, corrected by the projections of one vector.
            guard case .solution(let σ) = adaptive.projection.solve(mean(patterns, of: { free[$0] }, m)) else {
                Issue.record("the mean of projections is in the range of P̄")
                return nil
            }
            func other(_ index: Int) -> [Rational] {
                patterns[index].projector * ones.indices.map { τ[$0] + free[index][$0] - σ[$0] }
            }
            #expect(mean(patterns, of: other, m) == ones && residual(other) >= optimum)
            return optimum
        case .none(let z):
            #expect(z.total == 1 && adaptive.projection * z == z.map { _ in 0 } && adaptive.unbiasedResidual == nil)
            #expect(patterns.allSatisfy { ($0.projector * z).allSatisfy { $0.isZero } })
            return nil
        }
    }

    @Test(arguments: GoldenCode.all)
    func `the golden codes`(golden: GoldenCode) throws {
        let code = golden.code
        let B = code.gauge().encoding
        let adaptive = AdaptiveDecoding(encoding: B, straggling: code.straggling)
        #expect(adaptive.unbiasedResidual == golden.optimum)
        #expect(golden.lowerBound <= golden.optimum && golden.optimum <= golden.residual)
        if let leastSquares = golden.leastSquares {
            #expect(adaptive.leastSquaresMean == leastSquares.mean)
            #expect(adaptive.leastSquaresResidual == leastSquares.residual)
        } else {
            #expect((Double(adaptive.leastSquaresResidual) - 0.6126).magnitude < 5e-5)
        }
        if let target = golden.target { #expect(adaptive.unbiased == .target(target)) }
        // The row spaces do not depend on the gauge.
        let scaled = RationalMatrix(rows: B.rows, columns: B.columns) { i, j in Rational(-i - 2) * B[i, j] }
        #expect(AdaptiveDecoding(encoding: scaled, straggling: code.straggling).projection == adaptive.projection)
        var random = SplitMix64(seed: 13)
        if code.workers < 5 { try Self.expectWitnesses(B, code.p, &random) }
    }

    @Test func `the mixed example, by encodings`() throws {
        let p = GoldenCode.mixedLPT.code.p
        let expected = [
            ("03 03 14 14 25 25", "2/13"), ("05 01 12 23 34 45", "326072165143585818/387721331193615697"),
            ("0 1 2 3 4 5", "60/19"),
        ]
        for (holders, optimum) in expected {
            let code = try HeterogeneousGradientCode(p, holders: decimalSets(holders))
            let ones = RationalMatrix(rows: 6, columns: 6) { i, j in
                code.allocation.holds(worker: i, partition: j) ? 1 : 0
            }
            let adaptive = AdaptiveDecoding(encoding: ones, straggling: code.straggling)
            #expect(adaptive.unbiasedResidual == .of(optimum))
        }
        let uncoded = try HeterogeneousGradientCode(p, holders: decimalSets("0 1 2 3 4 5"))
        #expect(uncoded.residual() == Rational(60, 19) && uncoded.unbiasedResidualFloor == Rational(60, 19))
        #expect((Double(GoldenCode.mixedCyclic.optimum) - 0.7819).magnitude < 5e-5)
    }

    @Test(arguments: [
        (
            "1 0, 1 2", "11/20 1/10, 1/10 9/20", "13/20 11/20", "4/5", "28/19 36/19", "26/19"
        ),
        ("1 0, 1 1", "5/8 1/8, 1/8 3/8", "3/4 1/2", "3/4", "8/7 16/7", "10/7"),
    ])
    func `two workers, two encodings`(
        rows: String, projection: String, mean: String, residual: String, target: String, optimum: String
    ) throws {
        // N = ({0,1}, {1}): worker 0 holds partition 0 only.
        let half = try Probability(1, 2)
        let B = RationalMatrix(Rational.table(rows))!
        let adaptive = AdaptiveDecoding(encoding: B, straggling: [half, half])
        #expect(adaptive.projection == RationalMatrix(Rational.table(projection)))
        #expect(adaptive.leastSquaresMean == Rational.list(mean) && adaptive.leastSquaresResidual == .of(residual))
        #expect(adaptive.unbiased == .target(Rational.list(target)) && adaptive.unbiasedResidual == .of(optimum))
        let code = try HeterogeneousGradientCode(Rational.list("1/2 1/2"), holders: decimalSets("01 1"))
        #expect(code.oddsSums() == [.finite(2), .finite(1)] && code.residual() == Rational(3, 2))
        #expect(code.unbiasedResidualFloor == Rational(4, 3) && code.residualFloor == Rational(3, 4))
    }

    @Test func `random encodings: witnesses, other decoders, and what no decoder can beat`() throws {
        var random = SplitMix64(seed: 14)
        var impossible = 0
        for round in 0..<60 {
            let code = random.code(workers: 3, partitions: 3, straggling: SplitMix64.any)
            let gauge = round % 3 == 0
            let B =
                gauge
                ? code.gauge().encoding
                : RationalMatrix(rows: code.workers, columns: code.partitions) { i, j in
                    code.allocation.holds(worker: i, partition: j) ? random.number() : 0
                }
            let optimum = try Self.expectWitnesses(B, code.p, &random)
            let Q = (0..<code.partitions).map {
                code.allocation.workers(of: $0).reduce(Rational(1)) { $0 * code.p[$1] }
            }
            #expect(code.lossProbabilities == Q && code.residualFloor == Q.total)
            #expect(code.unbiasedResidualFloor == Q.map { $0 / (1 - $0) }.total)
            let adaptive = AdaptiveDecoding(encoding: B, straggling: code.straggling)
            #expect(adaptive.leastSquaresResidual >= Q.total)
            if let optimum { #expect(optimum >= code.unbiasedResidualFloor) } else { impossible += 1 }
            if gauge { #expect(try #require(optimum) <= code.residual()) }
        }
        #expect(impossible > 3)
    }

    @Test func `fractional repetition attains both bounds`() throws {
        var random = SplitMix64(seed: 15)
        for _ in 0..<20 {
            // Groups {0, 1}, {2}, {3, 4}; each partition in one of them.
            let groups = [[0, 1], [2], [3, 4]]
            let holders = (0..<random.int(1...4)).map { _ in groups[random.int(0...2)] }
            let p = (0..<5).map { _ in random.pick(SplitMix64.uncertain) }
            let code = try HeterogeneousGradientCode(p, holders: holders)
            let ones = RationalMatrix(rows: 5, columns: holders.count) { i, j in holders[j].contains(i) ? 1 : 0 }
            let adaptive = AdaptiveDecoding(encoding: ones, straggling: code.straggling)
            #expect(adaptive.leastSquaresMean == code.lossProbabilities.map { 1 - $0 })
            #expect(adaptive.leastSquaresResidual == code.residualFloor)
            #expect(adaptive.unbiasedResidual == code.unbiasedResidualFloor)
        }
    }

    /// E α, Σ Var α_j/(E α_j)² and the scaled encoding b_ij/E α_j of least squares, where all means are nonzero.
    static func debiased(_ B: RationalMatrix, _ p: [Rational]) -> (residual: Rational, encoding: RationalMatrix)? {
        let m = B.columns
        let α = projectors(B, p).map { (weight: $0.weight, α: $0.projector * [Rational](repeating: 1, count: m)) }
        let mean = (0..<m).map { j in α.map { $0.weight * $0.α[j] }.total }
        guard mean.allSatisfy({ !$0.isZero }) else { return nil }
        let residual = (0..<m).map { j in
            α.map { $0.weight * ($0.α[j] / mean[j] - 1) * ($0.α[j] / mean[j] - 1) }.total
        }.total
        return (residual, RationalMatrix(rows: B.rows, columns: m) { i, j in B[i, j] / mean[j] })
    }

    @Test func `debiased least squares is never below the optimum of the scaled encoding`() throws {
        var random = SplitMix64(seed: 16)
        var codes = 0
        while codes < 660 {
            let (n, m) = (random.int(1...3), random.int(1...3))
            let p = (0..<n).map { _ in random.pick(SplitMix64.uncertain) }
            let B = RationalMatrix(rows: n, columns: m) { _, _ in Rational(random.int(-1...2)) }
            guard let debiased = Self.debiased(B, p) else { continue }
            codes += 1
            let scaled = AdaptiveDecoding(encoding: debiased.encoding, straggling: p.map(Probability.of))
            #expect(try debiased.residual >= #require(scaled.unbiasedResidual), "\(B) \(p)")
        }
        let alone = RationalMatrix([[1, 2]])!
        let half = Rational.list("1/2")
        #expect(try Self.expectWitnesses(alone, half, &random) == nil)
        let scaled = try #require(Self.debiased(alone, half))
        #expect(scaled.residual == 2)
        #expect(scaled.encoding[0, 0] == scaled.encoding[0, 1])
        let p = Rational.list("9/10 1/10")
        let two = RationalMatrix([[1, 1], [1, 2]])!
        #expect(Self.debiased(two, p)?.residual == .of("747240399/3083009288"))
        let adaptive = AdaptiveDecoding(encoding: two, straggling: p.map(Probability.of))
        #expect(adaptive.unbiasedResidual == Rational(1962, 919))
    }
}
