import ExactArithmetic
import GradientCodeExperiments
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

@Suite struct HeterogeneousExperimentDescentTests {
    /// Errors of 2⁻²⁵⁶ an iteration, at most two moments each, magnified by the constants of these instances by less than
    /// 2²⁰.
    private let rounding = Rational(2).power(-230)

    private let quadratics = ExactQuadratics(
        curvatures: [[1, 2], [3, 1], [1, 1]], centres: [[1, 0], [-1, 2], [2, -3]], start: [3, -2])

    private func code() throws -> HeterogeneousGradientCode {
        try HeterogeneousGradientCode(
            allocation: Allocation([[1, 0, 1], [1, 1, 0], [0, 1, 1]]),
            straggling: [Probability(1, 2), Probability(1, 3), Probability(1, 4)])
    }

    @Test func `unbiased codes descend as Theorem C0 says`() throws {
        let code = try code()
        let moments = HeterogeneousMoments(coefficients: code.coefficients(), straggling: code.straggling)
        let run = try HeterogeneousRun(
            moments: moments, curvatures: quadratics.curvatures, centres: quadratics.centres)
        let descent = ExactDescent(moments, quadratics)
        let η = Rational(1, 20)
        let expected = run.moments(start: quadratics.start, steps: [Rational](repeating: η, count: 12)).squaredDistances
        let found = descent.squaredDistances(step: η, iterations: 12)
        #expect(zip(found, expected).allSatisfy { ($0 - $1).magnitude <= rounding })
        let limit = try #require(descent.limit(step: η))
        #expect((descent.squaredDistances(step: η, iterations: 600)[600] - limit).magnitude < Rational(2).power(-60))
        #expect(descent.limit(step: 1) == nil)
    }

    /// All 8² paths of two iterations.
    @Test(arguments: HeterogeneousDesign.Weights.allCases)
    func `distances are those of all paths, also with a bias`(_ weights: HeterogeneousDesign.Weights) throws {
        let code = try code()
        let C = try weights.coefficients(of: code)
        let η = Rational(1, 10)
        var expected = [Rational](repeating: 0, count: 3)
        func visit(_ model: [Rational], _ t: Int, _ probability: Rational) {
            let e = zip(model, quadratics.minimiser).map { $0 - $1 }
            expected[t] += probability * e.innerProduct(e)
            guard t < 2 else { return }
            for responders in WorkerSet.subsets(of: 3) {
                var chance = probability
                for i in 0..<3 {
                    let p = code.straggling[i]
                    chance *= Rational(responders.contains(i) ? p.complement : p)
                }
                let next = model.indices.map { d in
                    let gradient = (0..<3).map { j in
                        let α = responders.members.map { C[$0, j] }.total
                        return α * quadratics.curvatures[j][d] * (model[d] - quadratics.centres[j][d])
                    }.total
                    return model[d] - η * gradient
                }
                visit(next, t + 1, chance)
            }
        }
        visit(quadratics.start, 0, 1)
        let moments = HeterogeneousMoments(coefficients: C, straggling: code.straggling)
        let descent = ExactDescent(moments, quadratics)
        let found = descent.squaredDistances(step: η, iterations: 2)
        #expect(zip(found, expected).allSatisfy { ($0 - $1).magnitude <= rounding })
        let limit = try #require(descent.limit(step: η))
        #expect((descent.squaredDistances(step: η, iterations: 400)[400] - limit).magnitude < Rational(2).power(-60))
    }

    @Test func `without stragglers it is gradient descent`() {
        let η = Rational(1, 10)
        let found = ExactDescent(nil, quadratics).squaredDistances(step: η, iterations: 3)
        var model = quadratics.start
        for t in 0...3 {
            let e = zip(model, quadratics.minimiser).map { $0 - $1 }
            #expect((found[t] - e.innerProduct(e)).magnitude <= rounding)
            model = model.indices.map { d in
                let gradient = (0..<3).map { j in
                    quadratics.curvatures[j][d] * (model[d] - quadratics.centres[j][d])
                }.total
                return model[d] - η * gradient
            }
        }
        #expect(ExactDescent(nil, quadratics).limit(step: η) == 0)
    }

    @Test func `the stated quadratics are those of the page`() {
        let disagreeing = ExactQuadratics.stated(partitions: 9, agreeing: false)
        // h_23 = 4 (1 + (8 mod 5)), y_23 = (2 · 9 mod 7) − 3.
        #expect(disagreeing.curvatures[2][3] == 16 && disagreeing.centres[2][3] == 1)
        let agreeing = ExactQuadratics.stated(partitions: 9, agreeing: true)
        #expect(agreeing.minimiser == [0, 0, 0, 0] && agreeing.start == [4, 4, 4, 4])
        #expect(agreeing.curvatures == disagreeing.curvatures)
    }

    @Test func `wrong probabilities have the bias of Corollary H1′`() throws {
        let experiment = HeterogeneousExperiment.small
        let profile = try StragglingProfile.all(workers: 8)[7]
        let p = profile.straggling(.mixed)
        let rows = try Misestimate.measure(profile, experiment)
        #expect(rows.map(\.belief) == [.scaledOdds(Rational(1, 2)), .scaledOdds(1), .observed(10)])
        #expect(rows.map(\.belief.name) == ["odds × 1/2", "odds × 1", "10 rounds"])
        // With the right odds there is no bias, and the residual is the sum of 1/S_j.
        let right = try HeterogeneousDesign(weights: .optimal, placement: .longestFirst).code(profile, load: 2)
        #expect(rows[1].optimal.averageBias == 0 && rows[1].optimal.averageMean == right.residual() / 8)
        for (index, seed) in experiment.seeds.enumerated() {
            let estimate = try Misestimate.estimate(p, rounds: 10, seed: seed)
            let problem = try AllocationProblem(
                straggling: estimate, loads: [Int](repeating: 2, count: 8), partitions: 8)
            let code = try HeterogeneousGradientCode(
                allocation: problem.longestProcessingTimeFirst(), straggling: estimate)
            let C = code.coefficients()
            var (bias, residual) = (Rational(0), Rational(0))
            for j in 0..<8 {
                let shift = (0..<8).map { i in (Rational(estimate[i]) - Rational(p[i])) * C[i, j] }.total
                bias += shift * shift
                residual += shift * shift
                for i in 0..<8 { residual += Rational(p[i]) * Rational(p[i].complement) * C[i, j] * C[i, j] }
            }
            #expect(rows[2].optimal[index].meanBias == bias / 8)
            #expect(rows[2].optimal[index].mean == residual / 8)
        }
        #expect(rows[2].optimal.count == 3 && rows[2].optimal.worstMean >= rows[2].optimal.averageMean)
    }

    @Test func `an estimate counts the rounds in which a worker straggled`() throws {
        let p = try [Probability(1, 2), Probability(0, 1), Probability(1, 1)]
        let estimate = try Misestimate.estimate(p, rounds: 20, seed: 5)
        let count = (0..<20).count { t in
            p[0].occurs(at: Philox.draw(seed: 5, stream: .stragglers, t: UInt32(t), i: 0, j: 0))
        }
        #expect(estimate == (try [Probability(UInt64(count + 1), 22), Probability(1, 22), Probability(21, 22)]))
    }
}
