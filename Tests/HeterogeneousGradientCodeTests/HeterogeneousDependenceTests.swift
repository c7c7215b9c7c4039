import ExactArithmetic
import GradientCodeTheory
import Testing

/// Stragglers that depend on each other (docs/HeterogeneousGradientCode.md#dependent-stragglers).
@Suite struct HeterogeneousDependenceTests {
    typealias Law = [(responders: [Int], weight: Rational)]

    /// Means and covariance of the indicators of a law on n workers.
    static func indicators(_ law: Law, _ n: Int) -> (q: [Rational], K: RationalMatrix) {
        let q = (0..<n).map { i in law.filter { $0.responders.contains(i) }.map(\.weight).total }
        let K = RationalMatrix(rows: n, columns: n) { i, l in
            law.filter { $0.responders.contains(i) && $0.responders.contains(l) }.map(\.weight).total - q[i] * q[l]
        }
        return (q, K)
    }

    /// All sets of r of n workers with the same probability.
    static func exactly(_ r: Int, of n: Int) -> Law {
        let sets = (0..<1 << n).map { set in (0..<n).filter { set >> $0 & 1 == 1 } }.filter { $0.count == r }
        return sets.map { ($0, Rational(1, sets.count)) }
    }

    static func column(_ entries: [Rational]) -> RationalMatrix {
        RationalMatrix(rows: entries.count, columns: 1) { i, _ in entries[i] }
    }

    @Test func `exactly r of n responders, all 2 ≤ n ≤ 6`() throws {
        for n in 1...6 {
            for r in 1...n {
                let law = Self.exactly(r, of: n)
                let (q, K) = Self.indicators(law, n)
                #expect(q.allSatisfy { $0 == Rational(r, n) })
                for d in 1...n {
                    let c = Self.column((0..<n).map { $0 < d ? Rational(n, r * d) : 0 })
                    let moments = HeterogeneousMoments(coefficients: c, responding: q, dependence: K)
                    let expected = n == 1 ? 0 : Rational((n - d) * (n - r), r * d * (n - 1))
                    let enumeration = Enumeration(c, sets: law, gradients: [[2]])
                    #expect(moments.residual == expected && enumeration.residual == expected, "\(n) \(r) \(d)")
                    #expect(moments.mean == [1] && moments.gradientError([[2]]) == 4 * expected)
                    #expect(moments.covariance == enumeration.covariance)
                    // Another unbiased column with the same support is not better.
                    if d > 1 {
                        var other = c
                        other[0, 0] += Rational(1, 3)
                        other[d - 1, 0] -= Rational(1, 3)
                        let worse = HeterogeneousMoments(coefficients: other, responding: q, dependence: K)
                        #expect(worse.mean == [1] && worse.residual >= expected)
                    }
                    guard r < n, d < n else { continue }
                    // The restriction of K is positive definite: c = K⁻¹q/(qᵀK⁻¹q).
                    let part = RationalMatrix(rows: d, columns: d) { K[$0, $1] }
                    guard case .solution(let x) = part.solve(Array(q.prefix(d))) else { throw Singular() }
                    let form = x.innerProduct(q.prefix(d))
                    #expect(x.map { $0 / form } == c.column(0).prefix(d).map { $0 } && 1 / form == expected)
                }
            }
        }
    }

    struct Singular: Error {}

    @Test func `any law on three workers, any code`() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<30 {
            let counts = (0..<8).map { _ in random.int(0...5) }
            let total = max(1, counts.reduce(0, +))
            let law = (0..<8).map { set in
                (responders: (0..<3).filter { set >> $0 & 1 == 1 }, weight: Rational(counts[set], total))
            }
            guard counts.contains(where: { $0 > 0 }) else { continue }
            let (q, K) = Self.indicators(law, 3)
            let C = RationalMatrix(rows: 3, columns: 2) { _, _ in random.number() }
            let gradients = [random.numbers(2), random.numbers(2)]
            let moments = HeterogeneousMoments(coefficients: C, responding: q, dependence: K)
            let expected = Enumeration(C, sets: law, gradients: gradients)
            #expect(moments.mean == expected.mean && moments.covariance == expected.covariance)
            #expect(moments.residual == expected.residual)
            #expect(moments.gradientError(gradients) == expected.gradientError)
        }
    }
}
