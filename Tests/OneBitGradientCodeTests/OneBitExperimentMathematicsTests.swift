import ExactArithmetic
import GradientCodeExperiments
import GradientCodes
import Testing

/// a + bε with ε² = 0: computing with it gives a value and, exactly, its derivative.
private struct Dual {
    var value: Rational
    var slope: Rational

    static func + (a: Dual, b: Dual) -> Dual { Dual(value: a.value + b.value, slope: a.slope + b.slope) }
    static func - (a: Dual, b: Dual) -> Dual { Dual(value: a.value - b.value, slope: a.slope - b.slope) }
    static func * (a: Dual, b: Dual) -> Dual {
        Dual(value: a.value * b.value, slope: a.value * b.slope + a.slope * b.value)
    }
    static func / (a: Dual, b: Dual) -> Dual {
        Dual(value: a.value / b.value, slope: (a.slope * b.value - a.value * b.slope) / (b.value * b.value))
    }
    static func constant(_ value: Rational) -> Dual { Dual(value: value, slope: 0) }

    /// The loss as it is defined.
    static func loss(_ loss: RegressionLoss, _ r: Dual) -> Dual {
        switch loss {
        case .leastSquares: r * r / .constant(2)
        case .robust: r * r / (.constant(1) + r * r)
        }
    }
}

@Suite struct OneBitExperimentMathematicsTests {
    /// 2r/(1 + r²)² has at most six roundings: r², the two sums, the product, the quotient; 2r is exact, and what r² may
    /// lose by underflow is far below the rounding of 1 + r². So its relative error is below 7u.
    @Test(arguments: [RegressionLoss.leastSquares, .robust])
    func `derivatives of the losses are exact derivatives up to seven roundings`(_ loss: RegressionLoss) throws {
        for r in Philox.testFloats(seed: 1, t: 0, i: 0, count: 50).map({ $0 * 8 }) + [0, 0x1p-80, 1, -1, 1000] {
            let exact = Rational(exactly: r)!
            let derivative = Dual.loss(loss, Dual(value: exact, slope: 1)).slope
            let float = try #require(Rational(exactly: loss.derivative(r)))
            let double = try #require(Rational(exactly: loss.derivative(Double(r))))
            #expect((float - derivative).magnitude <= 7 * Rational(2).power(-24) * derivative.magnitude)
            #expect((double - derivative).magnitude <= 7 * Rational(2).power(-53) * derivative.magnitude)
        }
    }

    /// The exact j-th derivative, at a model, of the part of the objective that comes from some samples, and a bound on
    /// the error of computing it with unit roundoff u and smallest number 2η.
    ///
    /// With S samples, n in all, D coordinates, ℓ' the derivative of the loss and L its curvature: a residual is a linear
    /// combination of D + 1 terms, error at most E. So ℓ' is off by L E, and by 7u of what it then is; the division by n
    /// makes this less than 9u. The gradient is a linear combination of S terms with these weights. Dividing after the
    /// sum in place of before moves one rounding only. Both combinations: numerics.md#linear-combination.
    private static func derivative(
        of problem: RegressionProblem, samples: Range<Int>, at model: [Rational], j: Int, u: Rational, eta: Rational
    ) -> (exact: Rational, bound: Rational) {
        func growth(_ m: Int) -> Rational { (Rational(1) + u).power(m) }
        let (loss, d, n) = (problem.loss, model.count, Rational(problem.data.samples))
        let curvature = Rational(exactly: loss.curvature)!
        var exact = Rational(0)
        var bound = Rational(samples.count) * growth(samples.count) * eta
        for s in samples {
            let x = problem.data.features[s].map { Rational(exactly: $0)! }
            let y = Rational(exactly: problem.data.labels[s])!
            var residual = Dual.constant(-y)
            for l in 0..<d {
                residual = residual + Dual(value: model[l], slope: l == j ? 1 : 0) * .constant(x[l])
            }
            exact = exact + Dual.loss(loss, residual).slope / n
            let size = zip(x, model).reduce(y.magnitude) { $0 + ($1.0 * $1.1).magnitude }
            let residualError = (growth(d + 1) - 1) * size + Rational(d + 1) * growth(d + 1) * eta
            let weight = (Dual.loss(loss, Dual(value: residual.value, slope: 1)).slope).magnitude
            let largest = (weight + curvature * residualError) / n
            let weightError = curvature * residualError / n + 9 * u * largest
            bound = bound + x[j].magnitude * (weightError + (growth(samples.count) - 1) * (largest * (1 + 9 * u)))
        }
        return (exact, bound)
    }

    @Test(arguments: [RegressionLoss.leastSquares, .robust])
    func `gradients are exact derivatives of the objective up to the bound on roundings`(_ loss: RegressionLoss) throws
    {
        let problem = RegressionProblem(RegressionData(dimension: 5, subsets: 2, samplesPerSubset: 8, seed: 3), loss)
        let (u32, eta32) = (Rational(2).power(-24), Rational(2).power(-150))
        let (u64, eta64) = (Rational(2).power(-53), Rational(2).power(-1075))
        for point in 0..<3 {
            let model = Philox.testFloats(seed: 4, t: 0, i: UInt32(point), count: 5).map { $0 * 2 }
            let exact = model.map { Rational(exactly: $0)! }
            let gradients = try problem.gradients(at: model, of: [true, true])
            let whole = problem.gradient(at: model.map(Double.init))
            for j in 0..<5 {
                for k in 0..<2 {
                    let expected = Self.derivative(
                        of: problem, samples: k * 8..<(k + 1) * 8, at: exact, j: j, u: u32, eta: eta32)
                    #expect((Rational(exactly: gradients[k][j])! - expected.exact).magnitude <= expected.bound)
                }
                let expected = Self.derivative(of: problem, samples: 0..<16, at: exact, j: j, u: u64, eta: eta64)
                #expect((Rational(exactly: whole[j])! - expected.exact).magnitude <= expected.bound)
            }
        }
    }

    /// A term of a label is rounded once when 3/8 is multiplied, once in the sum that is the model, once as a product, and
    /// at most D + 1 times in the sum that is the label: D + 4 times, 9 for D = 5.
    @Test func `the data are those that the page states`() throws {
        let data = RegressionData(dimension: 5, subsets: 2, samplesPerSubset: 8, seed: 3)
        func u(_ t: UInt32, _ i: UInt32, _ j: Int) -> Rational {
            let word = Philox.draw(seed: 3, stream: .testData, t: t, i: i, j: UInt64(j))
            return Rational(Int(Int32(bitPattern: word) >> 8), 1 << 23)
        }
        for k in 0..<2 {
            for s in 0..<8 {
                let sample = k * 8 + s
                #expect(
                    data.features[sample].indices.allSatisfy {
                        Rational(exactly: data.features[sample][$0]) == u(2, UInt32(sample), $0)
                    })
                var terms = [u(3, UInt32(k), s) / 8, s == 7 ? 4 * u(4, UInt32(k), s) : 0]
                for j in 0..<5 {
                    let x = u(2, UInt32(sample), j)
                    terms += [x * u(0, 0, j) * Rational(3, 8), x * u(1, UInt32(k), j) * Rational(3, 8)]
                }
                let growth = (Rational(1) + Rational(2).power(-24)).power(9) - 1
                let error = (Rational(exactly: data.labels[sample])! - terms.reduce(0, +)).magnitude
                #expect(error <= growth * terms.reduce(0) { $0 + $1.magnitude })
            }
        }
    }

    @Test func `gradients that nobody wants are not computed`() throws {
        let problem = RegressionProblem(
            RegressionData(dimension: 5, subsets: 2, samplesPerSubset: 8, seed: 3), .leastSquares)
        let gradients = try problem.gradients(at: [0, 0, 0, 0, 0], of: [false, true])
        #expect(gradients.map(\.count) == [0, 5])
    }

    @Test func `the reference minimum is a stationary point, and the convex one no model goes below`() throws {
        let data = RegressionData(dimension: 5, subsets: 2, samplesPerSubset: 8, seed: 3)
        for loss in [RegressionLoss.leastSquares, .robust] {
            let problem = RegressionProblem(data, loss)
            let minimum = ReferenceMinimum(of: problem, steps: 2000)
            #expect(minimum.gradientNorm < 0x1p-40)
            #expect(minimum.value < problem.value(at: [Double](repeating: 0, count: 5)))
            for point in 0..<20 where loss == .leastSquares {
                let model = Philox.testFloats(seed: 4, t: 1, i: UInt32(point), count: 5).map(Double.init)
                #expect(problem.value(at: model) > minimum.value)
            }
        }
    }

    /// For two degrees of freedom P(|T| ≤ t) = t/√(2 + t²), so t² = 2 · 0.9025/0.0975 = 722/39. The values 0, 3, 6 have
    /// the mean 3 and s² = 9, so the squared half width is t² · 9/3 = 722/13. An error of 4 · 2⁻⁵³ in the probability
    /// moves t by 2⁻⁵¹ (2 + t²)^(3/2)/2 < 2⁻⁴⁵, relative to t less than 2⁻⁴⁷; the square doubles it.
    @Test func `the confidence band is that of a hand example`() {
        let estimate = Estimate(of: [0, 3, 6])
        #expect(estimate.mean == 3)
        let square = estimate.halfWidth * estimate.halfWidth
        #expect((square - 722.0 / 13).magnitude <= 722.0 / 13 * 0x1p-45)
        #expect(estimate.low == 3 - estimate.halfWidth && estimate.high == 3 + estimate.halfWidth)
        #expect(Estimate(of: [7, 7, 7]).halfWidth == 0)
    }

    /// The 0.975 quantiles of the printed tables, to three decimals.
    @Test func `quantiles are those of the tables`() {
        for (nu, t) in [(2, 4303), (4, 2776), (6, 2447), (8, 2306), (10, 2228), (20, 2086), (30, 2042), (60, 2000)] {
            #expect((StudentDistribution.quantile(degreesOfFreedom: nu) * 1000).rounded() == Double(t))
        }
    }

    /// The density (1 + x²/ν)^(−(ν+1)/2) with ν = 30, by Simpson's rule on [0, t] and on [0, 64]; beyond that lies less
    /// than 10⁻³⁰ of it.
    @Test func `the probability within t is the integral of the density`() {
        func density(_ x: Double) -> Double {
            let u = 1 + x * x / 30
            var power = 1.0
            for _ in 0..<15 { power *= u }
            return 1 / (power * u.squareRoot())
        }
        func integral(to end: Double) -> Double {
            let h = end / 4000
            var sum = density(0) + density(end)
            for k in 1..<4000 { sum += density(Double(k) * h) * (k % 2 == 1 ? 4 : 2) }
            return sum * h / 3
        }
        for t in [0.5, 1, 2.0422724563, 4] {
            let probability = StudentDistribution.probability(within: t, degreesOfFreedom: 30)
            #expect((probability - integral(to: t) / integral(to: 64)).magnitude < 1e-7)
        }
    }
}
