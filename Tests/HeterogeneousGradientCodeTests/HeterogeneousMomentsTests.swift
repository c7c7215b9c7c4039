import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// Theorems H1 and H2, Corollaries H1′ and H3, against sums over all patterns.
@Suite struct HeterogeneousMomentsTests {
    static func expectMoments(_ C: RationalMatrix, _ straggling: [Probability], _ gradients: [[Rational]]) {
        let found = HeterogeneousMoments(coefficients: C, straggling: straggling)
        let expected = Enumeration(C, sets: patterns(straggling.map(\.rational)), gradients: gradients)
        #expect(found.mean == expected.mean && found.covariance == expected.covariance, "\(C) \(straggling)")
        #expect(found.bias == expected.mean.map { $0 - 1 })
        #expect(found.residual == expected.residual)
        #expect(found.gradientError(gradients) == expected.gradientError)
        let parallel = Enumeration(C, sets: patterns(straggling.map(\.rational)), gradients: gradients.map { _ in [1] })
        let shift = expected.mean.map { $0 - 1 }.total
        #expect(found.commonMode == parallel.gradientError - shift * shift)
    }

    @Test(arguments: GoldenCode.all)
    func `the golden codes by all patterns`(golden: GoldenCode) throws {
        let C = golden.code.coefficients()
        Self.expectMoments(C, golden.code.straggling, golden.gradients)
        Self.expectMoments(golden.code.ignoringCoefficients, golden.code.straggling, golden.gradients)
        let moments = HeterogeneousMoments(coefficients: C, straggling: golden.code.straggling)
        #expect(moments.bias.allSatisfy { $0.isZero })
        #expect(moments.residual == golden.residual && golden.code.residual() == golden.residual)
        #expect(moments.commonMode == golden.commonMode && golden.code.commonModeFloor == golden.floor)
        #expect(moments.eigenvalueBound == golden.eigenvalueBound)
        #expect(moments.gradientError(golden.gradients) == golden.gradientError)
    }

    @Test func `random codes of any sign, biased or not, with exact and dead workers, in two dimensions`() {
        var random = SplitMix64(seed: 1)
        for round in 0..<60 {
            let code = random.code(workers: 4, partitions: 3, straggling: SplitMix64.any)
            let free = RationalMatrix(rows: code.workers, columns: code.partitions) { _, _ in random.number() }
            let gradients = (0..<code.partitions).map { _ in random.numbers(2) }
            Self.expectMoments(round % 2 == 0 ? free : random.unbiased(code), code.straggling, gradients)
        }
    }

    @Test func `wrong probabilities show as the bias of Corollary H1′`() throws {
        var random = SplitMix64(seed: 2)
        for _ in 0..<40 {
            let code = random.code(workers: 4, partitions: 3)
            let truth = code.p.map { _ in random.pick(SplitMix64.any) }
            let C = code.coefficients()
            let moments = HeterogeneousMoments(coefficients: C, straggling: truth.map(Probability.of))
            for j in 0..<code.partitions {
                #expect(moments.bias[j] == truth.indices.map { (code.p[$0] - truth[$0]) * C[$0, j] }.total)
            }
        }
        let equal = try HeterogeneousGradientCode(Rational.list("1/3 1/3 1/3"), holders: decimalSets("01 12 02"))
        let moments = HeterogeneousMoments(
            coefficients: equal.coefficients(), straggling: GoldenCode.triangle.code.straggling)
        #expect(moments.bias == Rational.list("-1/8 1/16 -1/16") && moments.residual == Rational(49, 64))
    }

    @Test func `the covariance of the triangle`() {
        let triangle = GoldenCode.triangle
        let moments = HeterogeneousMoments(
            coefficients: triangle.code.coefficients(), straggling: triangle.code.straggling)
        let V = RationalMatrix(Rational.table("1/3 2/15 1/12, 2/15 1/5 3/20, 1/12 3/20 1/4"))!
        #expect(moments.covariance == V)
        // Row sum 11/20 and trace 47/60: the smaller is reported.
        #expect(V.rowVectors.map(\.total).max() == Rational(11, 20) && moments.eigenvalueBound == Rational(11, 20))
    }

    /// λ_max(V) ≤ τ by the principal minors of τI − V, none of which may be negative.
    static func isBounded(_ V: RationalMatrix, by τ: Rational) -> Bool {
        (1..<1 << V.rows).allSatisfy { subset in
            let chosen = (0..<V.rows).filter { subset >> $0 & 1 == 1 }
            return determinant(chosen.map { j in chosen.map { k in (j == k ? τ : 0) - V[j, k] } }) >= 0
        }
    }

    static func determinant(_ rows: [[Rational]]) -> Rational {
        guard let first = rows.first else { return 1 }
        return first.indices.map { column in
            let minor = rows.dropFirst().map { row in row.indices.filter { $0 != column }.map { row[$0] } }
            return (column % 2 == 0 ? 1 : -1) * first[column] * determinant(minor)
        }.total
    }

    @Test func `the eigenvalue's bounds and its certificate, against principal minors`() {
        var random = SplitMix64(seed: 3)
        var refuted = 0
        for _ in 0..<60 {
            let code = random.code(workers: 3, partitions: 3, straggling: SplitMix64.any)
            let C = random.unbiased(code)
            let moments = HeterogeneousMoments(coefficients: C, straggling: code.straggling)
            let (V, m) = (moments.covariance, Rational(code.partitions))
            let trace = (0..<code.partitions).map { V[$0, $0] }.total
            let row = V.rowVectors.map { $0.map(\.magnitude).total }.max()!
            #expect(moments.eigenvalueBound == min(trace, row))
            #expect(moments.isLargestEigenvalue(atMost: moments.eigenvalueBound))
            #expect(Self.isBounded(V, by: moments.eigenvalueBound))
            for τ in [trace / m, max(trace, moments.commonMode) / m, trace / 2, random.number().magnitude, 0] {
                #expect(moments.isLargestEigenvalue(atMost: τ) == Self.isBounded(V, by: τ), "\(V) \(τ)")
                refuted += moments.isLargestEigenvalue(atMost: τ) ? 0 : 1
            }
            // No number below max(tr V, 1ᵀV1)/m is a bound.
            let below = max(trace, moments.commonMode) / m
            if below > 0 { #expect(!moments.isLargestEigenvalue(atMost: below * Rational(99, 100))) }
        }
        #expect(refuted > 60)
    }

    @Test func `a zero pivot is no success, and neither of the two upper bounds is always the smaller`() {
        // One worker with p = 1/2 and the row 2v has V = vvᵀ.
        func covariance(_ v: [Rational]) -> HeterogeneousMoments {
            HeterogeneousMoments(coefficients: RationalMatrix([v.map { 2 * $0 }])!, straggling: [.of(Rational(1, 2))])
        }
        let ones = covariance([1, 1])
        #expect(ones.covariance == RationalMatrix([[1, 1], [1, 1]]))
        #expect(ones.isLargestEigenvalue(atMost: 2) && !ones.isLargestEigenvalue(atMost: 1))
        let steep = covariance([3, 1])
        #expect(steep.covariance.rowVectors.map(\.total).max() == 12 && steep.eigenvalueBound == 10)
        // Row sums without magnitudes: 0 for (1, −1), although λ_max = 2.
        let mixed = covariance([1, -1])
        #expect(
            mixed.eigenvalueBound == 2 && mixed.commonMode == 0 && !mixed.isLargestEigenvalue(atMost: Rational(3, 2)))
        for golden in [GoldenCode.triangle, .deadWorker] {
            let code = golden.code
            let moments = HeterogeneousMoments(coefficients: code.coefficients(), straggling: code.straggling)
            #expect(!moments.isLargestEigenvalue(atMost: golden.residual / Rational(code.partitions)))
        }
    }

    @Test func `the worst gradients of given norms are those of Corollary H3`() {
        var random = SplitMix64(seed: 4)
        let units = Rational.table("1 0, -1 0, 0 1, 3/5 4/5, -5/13 12/13, 8/17 -15/17")
        for _ in 0..<40 {
            let code = random.code(workers: 4, partitions: 3, straggling: SplitMix64.any)
            let moments = HeterogeneousMoments(coefficients: code.coefficients(), straggling: code.straggling)
            let V = moments.covariance
            let norms = (0..<code.partitions).map { _ in random.number().magnitude }
            let directions = norms.map { _ in units[random.int(0...units.count - 1)] }
            let gradients = zip(norms, directions).map { norm, unit in unit.map { norm * $0 } }
            let error = moments.gradientError(gradients)
            #expect(error <= moments.eigenvalueBound * norms.innerProduct(norms))
            let worst = norms.innerProduct(V * norms)
            #expect(error <= worst)
            #expect(
                moments.gradientError(norms.map { norm in [Rational(3, 5) * norm, Rational(4, 5) * norm] }) == worst)
            let orthogonal = norms.indices.map { j in norms.indices.map { $0 == j ? norms[j] : 0 } }
            #expect(
                moments.gradientError(orthogonal) == norms.indices.map { V[$0, $0] * norms[$0] * norms[$0] }.total)
        }
    }
}
