import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// Theorems H4 and H9 by their certificates and by perturbation; the edge rules.
@Suite struct HeterogeneousOptimumTests {
    /// Checks primal and dual values and other unbiased codes, partition by partition. `noise` is p_i + δ_i.
    static func expectOptimal(
        _ code: HeterogeneousGradientCode, variances: [Rational]?, _ random: inout SplitMix64
    ) {
        let q = code.p.map { 1 - $0 }
        let noise = code.p.indices.map { code.p[$0] + (variances?[$0] ?? 0) }
        let (C, ν) = (code.coefficients(variances: variances), code.multipliers(variances: variances))
        let sums = code.oddsSums(variances: variances)
        var total: Rational = 0
        for j in 0..<code.partitions {
            let holders = code.allocation.workers(of: j)
            for i in 0..<code.workers where !holders.contains(i) { #expect(C[i, j] == 0) }
            #expect(holders.map { q[$0] * C[$0, j] }.total == 1)
            let primal = holders.map { q[$0] * noise[$0] * C[$0, j] * C[$0, j] }.total
            total += primal
            for i in holders {
                #expect(2 * q[i] * noise[i] * C[i, j] == ν[j] * q[i], "\(code) \(i) \(j)")
                if q[i].isZero { #expect(C[i, j] == 0) }
            }
            if holders.contains(where: { noise[$0].isZero }) {
                let exact = holders.filter { noise[$0].isZero }
                #expect(sums[j] == .infinite && primal == 0 && ν[j] == 0)
                for i in holders { #expect(C[i, j] == (exact.contains(i) ? Rational(1, exact.count) : 0)) }
            } else {
                let S = holders.map { q[$0] / noise[$0] }.total
                #expect(sums[j] == .finite(S) && primal == 1 / S && ν[j] - ν[j] * ν[j] * S / 4 == primal)
            }
            // Two living holders exchange a part: still unbiased, and worse, but for exact workers.
            let living = holders.filter { !q[$0].isZero }
            guard living.count > 1 else { continue }
            for _ in 0..<4 {
                let (a, b) = (living[random.int(0...living.count - 1)], living[random.int(0...living.count - 1)])
                let t = random.number()
                guard a != b, !t.isZero else { continue }
                var other = C.column(j)
                other[a] += t / q[a]
                other[b] -= t / q[b]
                #expect(holders.map { q[$0] * other[$0] }.total == 1)
                let value = holders.map { q[$0] * noise[$0] * other[$0] * other[$0] }.total
                #expect(noise[a] + noise[b] == 0 ? value == primal : value > primal)
                if noise[a] + noise[b] == 0 {
                    #expect(other.innerProduct(other) > C.column(j).innerProduct(C.column(j)))
                }
            }
        }
        #expect(code.residual(variances: variances) == total)
        if variances == nil {
            #expect(HeterogeneousMoments(coefficients: C, straggling: code.straggling).residual == total)
        }
    }

    @Test func `every column is certified by its multiplier, and no other unbiased code is better`() {
        var random = SplitMix64(seed: 6)
        for golden in GoldenCode.all { Self.expectOptimal(golden.code, variances: nil, &random) }
        for _ in 0..<60 {
            let code = random.code(workers: 5, partitions: 4, straggling: SplitMix64.any)
            Self.expectOptimal(code, variances: nil, &random)
        }
    }

    @Test(arguments: GoldenCode.all)
    func `the golden codes`(golden: GoldenCode) {
        let code = golden.code
        #expect(code.oddsSums() == golden.sums && code.coefficients() == golden.coefficients)
        #expect(code.multipliers() == golden.multipliers && code.residual() == golden.residual)
        #expect(code.unbiasedResidualFloor == golden.lowerBound)
        let zero = [Rational](repeating: 0, count: code.workers)
        #expect(code.coefficients(variances: zero) == golden.coefficients)
    }

    @Test func `the triangle by hand`() throws {
        let code = GoldenCode.triangle.code
        #expect(code.straggling.map { $0.odds() } == ExtendedRational.list("1 2 3"))
        let C = code.coefficients()
        func update(_ responders: [Int]) -> Rational { recovered(C, responders).innerProduct([1, -2, 3]) }
        #expect(recovered(C, [0, 1, 2]) == Rational.list("5/3 7/5 3/2"))
        #expect(update([0, 1, 2]) == Rational(101, 30) && update([0, 2]) == Rational(107, 30))
        let hex = { (x: Rational) -> String in
            let digits = String(Float(x).bitPattern, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }
        #expect(C.row(0).map(hex) == ["3f2aaaab", "00000000", "3f000000"])
        #expect(C.row(1).map(hex) == ["3f800000", "3f19999a", "00000000"])
        #expect(C.row(2).map(hex) == ["00000000", "3f4ccccd", "3f800000"])
        let gauge = code.gauge()
        #expect(gauge.weights.map(hex) == ["40000000", "40400000", "40800000"])
        #expect(code.oddsSums().map { hex($0.reciprocal) } == ["3eaaaaab", "3e4ccccd", "3e800000"])
        let blind = HeterogeneousMoments(coefficients: try code.blindCoefficients(), straggling: code.straggling)
        #expect(blind.bias == [0, 0, 0] && blind.residual == Rational(11, 12))
    }

    @Test func `a code with a smaller common mode may have a larger residual`() throws {
        let code = try HeterogeneousGradientCode(Rational.list("1/2 1/3"), holders: decimalSets("01 1"))
        #expect(code.coefficients() == RationalMatrix(Rational.table("2/3 0, 1 3/2")))
        let other = RationalMatrix(Rational.table("4/3 0, 1/2 3/2"))!
        let (best, moments) = (
            HeterogeneousMoments(coefficients: code.coefficients(), straggling: code.straggling),
            HeterogeneousMoments(coefficients: other, straggling: code.straggling)
        )
        #expect(best.residual == Rational(5, 6) && best.commonMode == Rational(3, 2))
        #expect(moments.bias == [0, 0] && moments.residual == 1 && moments.commonMode == Rational(4, 3))
    }

    @Test func `the limit of exact workers depends on how they get there`() throws {
        let holders = decimalSets("012")
        for k in 1...6 {
            let ε = Rational(1, 10).power(k)
            // Together: 1/(2(1 − ε) + ε s_2), which goes to 1/2.
            let together = try HeterogeneousGradientCode([ε, ε, Rational(1, 3)], holders: holders).coefficients()
            #expect(together[0, 0] == 1 / (2 * (1 - ε) + 2 * ε) && together[0, 0] == together[1, 0])
            // p = (ε, 3ε): (1/a_i)/(Σ 1/a_l − 2ε + ε s_2), which goes to (3/4, 1/4).
            let apart = try HeterogeneousGradientCode([ε, 3 * ε, Rational(1, 3)], holders: holders).coefficients()
            #expect(apart[0, 0] == Rational(3, 4) && apart[1, 0] == Rational(1, 4))
            #expect(apart[2, 0] == 3 * ε * Rational(3, 4))
        }
        let exact = try HeterogeneousGradientCode([0, 0, Rational(1, 3)], holders: holders).coefficients()
        #expect(exact.column(0) == Rational.list("1/2 1/2 0"))
    }

    @Test func `one worker and one partition`() throws {
        for p in Rational.list("0 1/3 1/2 99/100") {
            let code = try HeterogeneousGradientCode([p], holders: [[0]])
            #expect(code.coefficients()[0, 0] == 1 / (1 - p) && code.residual() == p / (1 - p))
        }
    }

    @Test func `quantisers: certificates, and the example by all patterns and signs`() throws {
        var random = SplitMix64(seed: 7)
        for _ in 0..<60 {
            let code = random.code(workers: 4, partitions: 3, straggling: SplitMix64.any)
            let variances = code.p.map { _ in random.pick(Rational.list("0 0 1/4 1/9 2")) }
            Self.expectOptimal(code, variances: variances, &random)
        }
        let code = GoldenCode.triangle.code
        let variances = Rational.list("1/4 1/9 0")
        #expect(code.oddsSums(variances: variances) == ExtendedRational.list("13/6 9/2 11/3"))
        #expect(code.residual(variances: variances) == Rational(1231, 1287))
        let C = code.coefficients(variances: variances)
        #expect(C == RationalMatrix(Rational.table("8/13 0 4/11, 27/26 1/2 0, 0 8/9 12/11")))
        let gradients = Rational.list("1 -2 3")
        let sent = C * gradients
        let roots = Rational.list("1/2 1/3 0")
        var error: Rational = 0
        for (responders, weight) in patterns(code.p) {
            for signs in 0..<8 {
                let update = responders.map { sent[$0] * (1 + (signs >> $0 & 1 == 1 ? roots[$0] : -roots[$0])) }.total
                error += weight / 8 * (update - gradients.total) * (update - gradients.total)
            }
        }
        let bound = code.p.indices.map { i in (1 - code.p[i]) * (code.p[i] + variances[i]) * sent[i] * sent[i] }.total
        #expect(error == Rational(1945, 1287) && bound == error)
        let gauge = code.gauge(variances: variances)
        #expect(gauge.weights == Rational.list("4/3 9/4 4"))
        #expect(gauge.encoding.row(0) == Rational.list("6/13 0 3/11"))
    }

    @Test func `the baselines and their residuals`() throws {
        var random = SplitMix64(seed: 8)
        for _ in 0..<40 {
            let code = random.code(workers: 4, partitions: 3)
            let (p, m) = (code.p, code.partitions)
            func parts(_ C: RationalMatrix) -> [Rational] {
                let moments = HeterogeneousMoments(coefficients: C, straggling: code.straggling)
                return (0..<m).map { moments.bias[$0] * moments.bias[$0] + moments.covariance[$0, $0] }
            }
            let holders = (0..<m).map { code.allocation.workers(of: $0) }
            let ignored = holders.map { holders -> Rational in
                let d = Rational(holders.count)
                let bias = holders.map { p[$0] / d }.total
                return bias * bias + holders.map { p[$0] * (1 - p[$0]) / (d * d) }.total
            }
            #expect(parts(code.ignoringCoefficients) == ignored)
            let blind = holders.map { holders in
                holders.map { p[$0] / (1 - p[$0]) }.total / Rational(holders.count * holders.count)
            }
            let C = try code.blindCoefficients()
            #expect(parts(C) == blind && C.multiplied(byRow: p.map { 1 - $0 }).allSatisfy { $0 == 1 })
            for (j, sum) in code.oddsSums().enumerated() {
                let areEqual = Set(holders[j].map { p[$0] }).count == 1
                #expect(areEqual ? blind[j] == sum.reciprocal : blind[j] > sum.reciprocal)
            }
            let mean = p.map { 1 - $0 }.total / Rational(p.count)
            let stochastic = try code.stochasticCoefficients()
            for i in p.indices {
                for j in 0..<m {
                    let expected = holders[j].contains(i) ? 1 / (Rational(holders[j].count) * mean) : 0
                    #expect(stochastic[i, j] == expected)
                }
            }
            if Set(p).count == 1 { #expect(stochastic == code.coefficients() && C == stochastic) }
        }
        // s = (x, 1): the quotient (1 + 1/x)(1 + x)/4 grows without bound.
        for x in [1, 2, 10, 1000] {
            let code = try HeterogeneousGradientCode([Rational(1, x + 1), Rational(1, 2)], holders: [[0, 1]])
            let blind = HeterogeneousMoments(coefficients: try code.blindCoefficients(), straggling: code.straggling)
            let x = Rational(x)
            #expect(blind.residual / code.residual() == (1 + 1 / x) * (1 + x) / 4)
        }
        let uncoded = try HeterogeneousGradientCode(Rational.list("1/5 2/3"), holders: decimalSets("0 1"))
        let ignore = HeterogeneousMoments(coefficients: uncoded.ignoringCoefficients, straggling: uncoded.straggling)
        #expect(ignore.residual == Rational(1, 5) + Rational(2, 3))
        for mixed in [GoldenCode.mixedLPT, .mixedCyclic] {
            let C = try mixed.code.blindCoefficients()
            #expect(
                HeterogeneousMoments(coefficients: C, straggling: mixed.code.straggling).residual == Rational(30, 19))
        }
    }
}
