import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// Closed forms of E‖1 − α‖² against the sum over everything that can happen.
@Suite struct ExpectedResidualTests {
    static func refusal(_ build: () throws -> Rational) -> Refusal.Kind? {
        do {
            _ = try build()
            return nil
        } catch {
            return (error as? Refusal)?.kind
        }
    }

    /// The mean of `value` over all sets of responders, worker i straggling with probability p_i.
    static func mean<T: Sequence<Rational>>(_ p: [Rational], _ value: (WorkerSet) -> T) -> [Rational] {
        var mean: [Rational] = []
        for responders in WorkerSet.subsets(of: p.count) {
            let weight = p.indices.map { responders.contains($0) ? 1 - p[$0] : p[$0] }.reduce(1, *)
            let terms = value(responders).map { $0 * weight }
            mean = mean.isEmpty ? terms : zip(mean, terms).map(+)
        }
        return mean
    }

    @Test(arguments: [Rational(1, 2), Rational(1, 3), Rational(3, 7), 1])
    func `one-step decoding over all Bernoulli matrices`(density: Rational) throws {
        for (n, k) in [(1, 1), (2, 2), (3, 2), (2, 3)] {
            for responders in WorkerSet.subsets(of: n) {
                var mean: Rational = 0
                for mask in 0..<1 << (n * k) {
                    let matrix = RationalMatrix(rows: n, columns: k) { i, j in mask >> (i * k + j) & 1 == 1 ? 1 : 0 }
                    let ones = mask.nonzeroBitCount
                    let weight = density.power(ones) * (1 - density).power(n * k - ones)
                    mean += weight * matrix.oneStepDecoding(responders: responders, density: density).residual
                }
                let closed = try ExpectedResidual.oneStep(
                    partitions: k, density: density, responders: responders.count)
                #expect(mean == closed, "\(n) by \(k), \(responders)")
            }
        }
    }

    @Test(arguments: [
        [[1, 1, 0], [0, 1, 1], [1, 0, 0], [0, 1, 0]], [[1]], [[1, 1], [1, 1], [0, 1]], [[1, 0, 1, 0], [0, 1, 1, 1]],
        [[0, 1], [1, 0], [0, 0], [1, 1], [0, 1]],
    ]) func `stochastic gradient coding is unbiased, with the residual of its formula`(rows: [[Int]]) throws {
        let allocation = try Allocation(rows)
        let replications = (0..<rows[0].count).map { j in rows.count { $0[j] == 1 } }
        for straggling in [Probability.zero, try Probability(1, 4), try Probability(5, 6)] {
            let p = Rational(straggling)
            let matrix = try StochasticGradientCode(allocation: allocation, straggling: straggling).encodingMatrix
            for (i, row) in rows.enumerated() {
                for (j, entry) in row.enumerated() {
                    #expect(matrix[i, j] * Rational(replications[j]) * (1 - p) == Rational(entry))
                }
            }
            let ones = [Rational](repeating: 1, count: rows.count)
            let everyone = [Rational](repeating: p, count: rows.count)
            let recovered = Self.mean(everyone) { matrix.fixedDecoding(responders: $0, weights: ones).recovered }
            #expect(recovered == [Rational](repeating: 1, count: rows[0].count))
            let residual = Self.mean(everyone) { [matrix.fixedDecoding(responders: $0, weights: ones).residual] }
            #expect(try residual == [ExpectedResidual.stochastic(replications: replications, straggling: straggling)])
        }
    }

    @Test(arguments: [[(1, 2)], [(0, 1), (1, 3), (2, 3)], [(1, 5), (1, 1), (3, 4), (0, 1)], [(1, 7), (1, 7)]])
    func `uncoded data with plain and with unbiased weights`(probabilities: [(Int, Int)]) throws {
        let straggling = try probabilities.map { try Probability(UInt64($0.0), UInt64($0.1)) }
        let p = probabilities.map { Rational($0.0, $0.1) }
        let identity = RationalMatrix.identity(p.count)
        let plain = [Rational](repeating: 1, count: p.count)
        let residual = Self.mean(p) { [identity.fixedDecoding(responders: $0, weights: plain).residual] }
        #expect(residual == [ExpectedResidual.ignoringStragglers(straggling)])
        let recovered = Self.mean(p) { identity.fixedDecoding(responders: $0, weights: plain).recovered }
        #expect(recovered == p.map { 1 - $0 })
        guard !p.contains(1) else {
            #expect(Self.refusal { try ExpectedResidual.unbiasedWeights(straggling) } == .invalidProbability)
            return
        }
        let weights = p.map { 1 / (1 - $0) }
        let unbiased = Self.mean(p) { identity.fixedDecoding(responders: $0, weights: weights).recovered }
        #expect(unbiased == plain)
        let variance = Self.mean(p) { [identity.fixedDecoding(responders: $0, weights: weights).residual] }
        #expect(try variance == [ExpectedResidual.unbiasedWeights(straggling)])
    }

    @Test func `a partition on d of n workers, r of which respond`() throws {
        for n in 2...6 {
            for (d, r) in (1...n).flatMap({ d in (1...n).map { (d, $0) } }) {
                let weight = Rational(n, r * d)
                let column = RationalMatrix(rows: n, columns: 1) { i, _ in i < d ? 1 : 0 }
                let decodings = WorkerSet.subsets(of: n, count: r).map {
                    column.fixedDecoding(responders: $0, weights: [Rational](repeating: weight, count: n))
                }
                let share = Rational.binomial(n, r)
                #expect(decodings.map { $0.recovered[0] }.total == share)
                let closed = try ExpectedResidual.fixedResponders(workers: n, replication: d, responders: r)
                #expect(decodings.map(\.residual).total == closed * share, "n = \(n), d = \(d), r = \(r)")
            }
        }
    }

    @Test func `what has no expected residual is refused`() throws {
        let half = try Probability(1, 2)
        func oneStep(_ k: Int, _ density: Rational, _ r: Int) -> Refusal.Kind? {
            Self.refusal { try ExpectedResidual.oneStep(partitions: k, density: density, responders: r) }
        }
        for (k, r) in [(0, 1), (-1, 1), (1, -1)] {
            #expect(oneStep(k, Rational(1, 2), r) == .invalidParameters && oneStep(k, 2, r) == .invalidParameters)
        }
        for density in [0, Rational(-1, 2), Rational(3, 2)] { #expect(oneStep(1, density, 0) == .invalidProbability) }
        func stochastic(_ d: [Int], _ p: Probability) -> Refusal.Kind? {
            Self.refusal { try ExpectedResidual.stochastic(replications: d, straggling: p) }
        }
        for d in [[], [0], [1, 0], [2, -1]] { #expect(stochastic(d, half) == .invalidParameters) }
        #expect(stochastic([0], .one) == .invalidParameters && stochastic([1], .one) == .invalidProbability)
        for (n, d, r) in [(1, 1, 1), (3, 0, 1), (3, 4, 1), (3, 1, 0), (3, 1, 4), (0, 1, 1), (-2, 1, 1)] {
            let kind = Self.refusal {
                try ExpectedResidual.fixedResponders(workers: n, replication: d, responders: r)
            }
            #expect(kind == .invalidParameters, "\(n), \(d), \(r)")
        }
    }
}
