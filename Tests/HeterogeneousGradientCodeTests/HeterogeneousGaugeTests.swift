import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// Gauges A and B, and the common-mode floor of Theorem H5.
@Suite struct HeterogeneousGaugeTests {
    @Test func `gauge A multiplies to the coefficients, with the numbers of the page`() {
        var random = SplitMix64(seed: 9)
        for round in 0..<60 {
            let code = random.code(workers: 4, partitions: 4, straggling: SplitMix64.any)
            let variances = round % 2 == 0 ? nil : code.p.map { _ in random.pick(Rational.list("0 1/4 3")) }
            let noise = code.p.indices.map { code.p[$0] + (variances?[$0] ?? 0) }
            let (w, b) = code.gauge(variances: variances)
            let (C, S) = (code.coefficients(variances: variances), code.oddsSums(variances: variances))
            for i in 0..<code.workers {
                let isDead = code.p[i] == 1
                #expect(w[i] == (isDead ? 0 : noise[i].isZero ? 1 : 1 / noise[i]))
                for j in 0..<code.partitions {
                    #expect(w[i] * b[i, j] == C[i, j])
                    if !code.allocation.holds(worker: i, partition: j) || isDead {
                        #expect(b[i, j] == 0)
                    } else if noise[i].isZero {
                        #expect(b[i, j] == C[i, j])
                    } else {
                        #expect(b[i, j] == (S[j].value.map { 1 / $0 } ?? 0))
                    }
                }
            }
        }
    }

    /// Whether some weights give the optimal code with the all-ones encoding: c_ij is the same for all j in A_i.
    static func allOnesReaches(_ code: HeterogeneousGradientCode) -> Bool {
        let C = code.coefficients()
        return (0..<code.workers).allSatisfy { i in
            Set(code.allocation.partitions(of: i).map { C[i, $0] }).count <= 1
        }
    }

    @Test func `gauge B reaches the optimum exactly where sums are constant on every worker's partitions`() {
        var random = SplitMix64(seed: 10)
        var reached = 0
        for _ in 0..<300 {
            let code = random.code(workers: 4, partitions: 3)
            let odds = code.p.map { (1 - $0) / $0 }
            let S = (0..<code.partitions).map { code.allocation.workers(of: $0).map { odds[$0] }.total }
            let condition = (0..<code.workers).allSatisfy { i in
                Set(code.allocation.partitions(of: i).map { S[$0] }).count <= 1
            }
            // The same, by connected components: partitions that share a worker get the smaller label.
            var label = Array(S.indices)
            for _ in S.indices {
                for i in 0..<code.workers {
                    let held = code.allocation.partitions(of: i)
                    guard let smallest = held.map({ label[$0] }).min() else { continue }
                    for j in held { label[j] = smallest }
                }
            }
            #expect(condition == S.indices.allSatisfy { S[$0] == S[label[$0]] })
            #expect(condition == Self.allOnesReaches(code))
            reached += condition && code.partitions > 1 ? 1 : 0
            // Whatever the weights, unbiased all-ones codes have the residual of the optimum only then.
            guard case .solution(let w) = Self.unbiasedWeights(code) else { continue }
            let C = RationalMatrix(rows: code.workers, columns: code.partitions) { i, j in
                code.allocation.holds(worker: i, partition: j) ? w[i] : 0
            }
            let moments = HeterogeneousMoments(coefficients: C, straggling: code.straggling)
            #expect(moments.bias.allSatisfy { $0.isZero } && moments.residual >= code.residual())
            if !condition { #expect(moments.residual > code.residual()) }
        }
        #expect(reached > 10)
    }

    /// Some weights of an unbiased all-ones code.
    static func unbiasedWeights(_ code: HeterogeneousGradientCode) -> RationalMatrix.Solution {
        let A = RationalMatrix(rows: code.partitions, columns: code.workers) { j, i in
            code.allocation.holds(worker: i, partition: j) ? 1 - code.p[i] : 0
        }
        return A.solve([Rational](repeating: 1, count: code.partitions))
    }

    @Test func `gauge B with exact and dead workers`() {
        var random = SplitMix64(seed: 11)
        var counts = [0, 0]
        for _ in 0..<400 {
            let code = random.code(workers: 4, partitions: 3, straggling: Rational.list("0 0 1/2 1/3 1"))
            let p = code.p
            let holders = (0..<code.partitions).map { code.allocation.workers(of: $0) }
            let e = holders.map { $0.count { p[$0].isZero } }
            let condition = (0..<code.workers).allSatisfy { i in
                let held = code.allocation.partitions(of: i)
                if p[i] == 1 { return true }
                if p[i].isZero { return Set(held.map { e[$0] }).count <= 1 }
                let finite = held.filter { e[$0] == 0 }
                let sums = Set(finite.map { j in holders[j].map { (1 - p[$0]) / p[$0] }.total })
                return finite.isEmpty || (finite.count == held.count && sums.count == 1)
            }
            #expect(condition == Self.allOnesReaches(code), "\(code)")
            counts[condition ? 1 : 0] += 1
        }
        #expect(counts[0] > 20 && counts[1] > 20)
    }

    @Test func `two exact workers: all ones reach the residual by weights that are not those of the edge rules`() throws
    {
        let code = try HeterogeneousGradientCode([0, 0], holders: decimalSets("01 0"))
        #expect(code.coefficients() == RationalMatrix(Rational.table("1/2 1, 1/2 0")) && !Self.allOnesReaches(code))
        let C = RationalMatrix([[1, 1], [0, 0]])!
        let moments = HeterogeneousMoments(coefficients: C, straggling: code.straggling)
        #expect(moments.bias == [0, 0] && moments.residual == 0)
    }

    @Test func `no unbiased code is below the common-mode floor, and those on it are known`() {
        var random = SplitMix64(seed: 12)
        var equalities = [0, 0]
        for round in 0..<300 {
            let pool = round % 3 == 0 ? Rational.list("1/2 1/3 1") : Rational.list("1/2 1/3")
            let code = random.code(workers: 3, partitions: round % 2 == 0 ? 3 : 1, straggling: pool)
            let odds = code.p.map { (1 - $0) / $0 }
            let floor = Rational(code.partitions * code.partitions) / odds.total
            #expect(code.commonModeFloor == floor)
            let living = code.p.indices.filter { !odds[$0].isZero }
            let C = code.coefficients()
            let optimal = HeterogeneousMoments(coefficients: C, straggling: code.straggling).commonMode
            let S = (0..<code.partitions).map { code.allocation.workers(of: $0).map { odds[$0] }.total }
            let shares = Set(living.map { i in code.allocation.partitions(of: i).map { 1 / S[$0] }.total })
            #expect(optimal >= floor && (optimal == floor) == (shares.count == 1), "\(code)")
            equalities[0] += optimal == floor ? 1 : 0
            // A code of any sign; from time to time the one with u_i ∝ 1/p_i.
            let other = random.unbiased(code)
            let moments = HeterogeneousMoments(coefficients: other, straggling: code.straggling)
            let slopes = Set(living.map { code.p[$0] * other.row($0).total })
            #expect(moments.bias.allSatisfy { $0.isZero } && moments.commonMode >= floor)
            #expect((moments.commonMode == floor) == (slopes.count == 1))
            equalities[1] += moments.commonMode == floor ? 1 : 0
        }
        #expect(equalities[0] > 20 && equalities[1] > 5)
        #expect(GoldenCode.exactWorker.code.commonModeFloor == nil)
    }
}
