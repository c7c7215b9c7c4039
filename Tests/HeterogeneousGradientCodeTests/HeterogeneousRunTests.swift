import ExactArithmetic
import GradientCodeTheory
import GradientCodes
import Testing

/// Theorem C0 against all paths, and the golden trajectory.
@Suite struct HeterogeneousRunTests {
    static func expectMoments(_ training: QuadraticTraining, from start: [Rational], steps: [Rational]) throws {
        let run = try training.run
        let minimiser = training.minimiser
        let moments = run.moments(start: start, steps: steps)
        #expect(run.minimiser == minimiser && run.totalCurvatures == training.curvature)
        #expect(moments.means.count == steps.count + 1 && moments.squares.count == steps.count + 1)
        for t in 0...steps.count {
            let paths = training.paths(from: start, steps: Array(steps.prefix(t)))
            #expect(paths.map(\.weight).total == 1)
            for d in start.indices {
                #expect(moments.means[t][d] == paths.mean { $0.models[t][d] - minimiser[d] })
                #expect(
                    moments.squares[t][d]
                        == paths.mean { ($0.models[t][d] - minimiser[d]) * ($0.models[t][d] - minimiser[d]) })
            }
            #expect(moments.squaredDistances[t] == paths.mean { squaredDistance($0.models[t], minimiser) })
            let gradients = paths.mean { path in
                QuadraticTraining.combine(training.h.map { _ in 1 }, training.gradients(path.models[t])).map { $0 * $0 }
                    .total
            }
            #expect(run.squaredGradients(moments)[t] == gradients)
        }
        #expect(run.gap(at: start) == training.value(start) - training.value(minimiser))
        #expect(run.optimumNoise == training.noise(minimiser))
        #expect(
            run.optimumGradients == training.gradients(minimiser)
                && QuadraticTraining.combine(training.h.map { _ in 1 }, run.optimumGradients).allSatisfy { $0.isZero })
        #expect(run.strongConvexity == training.curvature.min() && run.smoothness == training.curvature.max())
    }

    @Test func `random runs by all paths, with steps that change, in one and two dimensions`() throws {
        var random = SplitMix64(seed: 22)
        for _ in 0..<30 {
            let training = QuadraticTraining.random(&random, workers: 2)
            let start = random.numbers(training.h[0].count)
            try Self.expectMoments(training, from: start, steps: Rational.list("1/3 1/5"))
        }
    }

    @Test func `the trajectory by all 512 paths of three steps`() throws {
        try Self.expectMoments(.triangle, from: [2], steps: Rational.list("1/8 1/8 1/8"))
    }

    @Test func `the numbers of the golden trajectory`() throws {
        let run = try QuadraticTraining.triangle.run
        #expect(run.minimiser == [0] && run.totalCurvatures == [4] && run.strongConvexity == 4 && run.smoothness == 4)
        #expect(run.optimumGradients == [[-1], [0], [1]])
        let (h, r) = (Rational.list("1 2 1"), Rational.list("-1 0 1"))
        #expect(h.innerProduct(run.covariance * h) == Rational(161, 60))
        #expect(h.innerProduct(run.covariance * r) == Rational(-1, 20))
        #expect(run.optimumNoise == Rational(5, 12) && run.expectedSmoothness == Rational(41, 60))
        #expect(run.constantNoise == nil)
        let loss = try run.loss
        #expect(HeterogeneousBound.offset(loss) == Rational(161, 60))
        let moments = run.moments(start: [2], steps: [Rational](repeating: Rational(1, 8), count: 25))
        #expect(moments.means.enumerated().allSatisfy { $1 == [2 / Rational(2).power($0)] })
        let squares: [(Int, String)] = [
            (0, "4"), (1, "1499/1280"), (2, "568233/1638400"), (3, "673033993/6291456000"),
            (4, "902320322153/24159191040000"),
            (
                25,
                "414542325805385893387808858817765800696961487581855504768419853118727810199085968272713"
                    + "/45085625548536706630230230570354806775549792552497456994435727360000000000000000000000000"
            ),
        ]
        for (t, value) in squares {
            #expect(moments.squares[t] == [.of(value)] && moments.squaredDistances[t] == .of(value))
        }
        #expect((Double(moments.squares[25][0]) - 0.00919455637).magnitude < 5e-12)
        // The limit is the fixed point of the second line of C0: η²rᵀVr/(1 − (1 − ηH)² − η²hᵀVh).
        let η = Rational(1, 8)
        let limit = η * η * Rational(5, 12) / (1 - Rational(1, 4) - η * η * Rational(161, 60))
        #expect(limit == Rational(25, 2719) && (moments.squares[25][0] - limit).magnitude < Rational(1, 1_000_000))
        let bounds: [(Int, String, String)] = [
            (0, "4", "4"), (1, "773/384", "867/640"), (2, "261/256", "143587/307200"),
        ]
        for (t, c1, c1Second) in bounds {
            #expect(try HeterogeneousBound.stronglyConvex(squaredDistance: 4, loss, step: η, iterations: t) == .of(c1))
            let small = try HeterogeneousBound.smallSteps(squaredDistance: 4, loss, step: η, iterations: t)
            #expect(small == .of(c1Second))
        }
        let c1 = try HeterogeneousBound.stronglyConvex(squaredDistance: 4, loss, step: η, iterations: 25)
        let c1Second = try HeterogeneousBound.smallSteps(squaredDistance: 4, loss, step: η, iterations: 25)
        #expect((Double(c1) - 0.0260418).magnitude < 5e-8 && (Double(c1Second) - 0.0195925).magnitude < 5e-8)
        // The largest step of C1 is 30/161.
        let largest = Rational(30, 161)
        #expect(
            refusal { try HeterogeneousBound.stronglyConvex(squaredDistance: 4, loss, step: largest, iterations: 1) }
                == nil)
        let beyond = largest + Rational(1, 1_000_000)
        #expect(
            refusal { try HeterogeneousBound.stronglyConvex(squaredDistance: 4, loss, step: beyond, iterations: 1) }
                == .invalidParameters)
    }

    @Test func `the bound Λ holds: Λ L⁻¹ − V has no negative principal minor`() throws {
        var random = SplitMix64(seed: 23)
        for _ in 0..<60 {
            let training = QuadraticTraining.random(&random)
            let run = try training.run
            let L = training.h.map { $0.max()! }
            let V = run.covariance
            let expected = (0..<V.rows).map { j in (0..<V.rows).map { V[j, $0].magnitude * L[$0] }.total }.max()
            #expect(run.expectedSmoothness == expected)
            let curved = L.indices.filter { !L[$0].isZero }
            for subset in 1..<1 << curved.count {
                let chosen = curved.indices.filter { subset >> $0 & 1 == 1 }.map { curved[$0] }
                let minor = chosen.map { j in
                    chosen.map { k in (j == k ? run.expectedSmoothness / L[j] : 0) - V[j, k] }
                }
                #expect(HeterogeneousMomentsTests.determinant(minor) >= 0)
            }
        }
    }

    @Test func `noise is constant exactly where it is the same at all models`() throws {
        var random = SplitMix64(seed: 24)
        var constant = 0
        for round in 0..<60 {
            var training = QuadraticTraining.random(&random)
            if round % 4 == 1 {
                training = .opposite(random.number(), curvature: 2, slopes: random.numbers(2))
            } else if round % 2 == 0 {
                // An exact worker beside the others carries the first partition, which alone has curvature.
                let others = training.C.rowVectors.map { [0] + $0 }
                let m = training.h.count
                let D = training.h[0].count
                training = QuadraticTraining(
                    C: RationalMatrix([[1] + [Rational](repeating: 0, count: m)] + others)!, p: [0] + training.p,
                    h: [[Rational](repeating: 2, count: D)] + training.h.map { $0.map { _ in 0 } },
                    l: [[Rational](repeating: 2, count: D)] + training.l)
            }
            let run = try training.run
            let noises = (0..<6).map { _ in training.noise(random.numbers(training.h[0].count)) }
            if let σ = run.constantNoise {
                #expect(noises.allSatisfy { $0 == σ })
                constant += 1
            } else {
                #expect(Set(noises + [training.noise(run.minimiser)]).count > 1)
            }
        }
        #expect(constant >= 45)
    }

    @Test func `centres y are slopes −hy`() throws {
        var random = SplitMix64(seed: 30)
        for _ in 0..<20 {
            let training = QuadraticTraining.random(&random)
            let y = training.h.map { random.numbers($0.count) }
            let moments = HeterogeneousMoments(
                coefficients: training.C, straggling: training.p.map(Probability.of))
            let run = try HeterogeneousRun(moments: moments, curvatures: training.h, centres: y)
            for (h, (y, l)) in zip(training.h, zip(y, run.slopes)) {
                // The gradients h(x − y) and hx + l agree at x = 0 and 1.
                for (d, h) in h.enumerated() { #expect(l[d] == -h * y[d] && h + l[d] == h * (1 - y[d])) }
            }
            let weighted = training.h[0].indices.map { d in
                training.h.indices.map { training.h[$0][d] * y[$0][d] }.total / training.curvature[d]
            }
            #expect(run.minimiser == weighted)
        }
    }

    @Test func `what is no run is refused`() {
        let triangle = QuadraticTraining.triangle
        func kind(_ C: RationalMatrix, _ h: [[Rational]], _ y: [[Rational]]) -> Refusal.Kind? {
            let slopes = refusal { try QuadraticTraining(C: C, p: triangle.p, h: h, l: y).run }
            let moments = HeterogeneousMoments(coefficients: C, straggling: triangle.p.map(Probability.of))
            #expect(refusal { try HeterogeneousRun(moments: moments, curvatures: h, centres: y) } == slopes)
            return slopes
        }
        #expect(kind(triangle.C, triangle.h, triangle.l) == nil)
        var biased = triangle.C
        biased[1, 2] = 1
        // The triangle's worker 1 does not hold partition 2; whatever is not unbiased is no run.
        #expect(kind(biased, triangle.h, triangle.l) == .invalidParameters)
        #expect(kind(triangle.C, [[1], [-1], [1]], triangle.l) == .invalidParameters)
        #expect(kind(triangle.C, [[], [], []], [[], [], []]) == .invalidParameters)
        #expect(kind(triangle.C, [], []) == .invalidParameters)
        #expect(kind(triangle.C, [[0], [0], [0]], triangle.l) == .invalidParameters)
        #expect(kind(triangle.C, [[1, 0], [1, 0], [1, 0]], [[1, 1], [1, 1], [1, 1]]) == .invalidParameters)
        #expect(kind(triangle.C, [[1], [-1], [1]], [[1]]) == .invalidParameters)
        #expect(kind(biased, triangle.h, [[1]]) == .invalidParameters)
        #expect(kind(triangle.C, [[1], [2]], [[1], [0]]) == .dimensionMismatch)
        #expect(kind(triangle.C, [[1], [2], [1]], [[1], [0]]) == .dimensionMismatch)
        #expect(kind(triangle.C, [[1], [2], [1, 1]], triangle.l) == .dimensionMismatch)
        #expect(kind(triangle.C, triangle.h, [[1], [0], [1, 1]]) == .dimensionMismatch)
    }
}
