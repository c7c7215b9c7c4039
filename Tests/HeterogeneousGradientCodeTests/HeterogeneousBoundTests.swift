import ExactArithmetic
import GradientCodeTheory
import GradientCodes
import Testing

/// The noise lemma and Theorems C1 to C3, P1 and P2 on exact runs; formulas against the steps of their proofs.
@Suite struct HeterogeneousBoundTests {
    typealias Bound = HeterogeneousBound

    /// T times D ← aD + b.
    static func iterate(_ D: Rational, _ a: Rational, _ b: Rational, _ T: Int) -> Rational {
        (0..<T).reduce(D) { D, _ in a * D + b }
    }

    @Test func `the noise lemma at random models`() throws {
        var random = SplitMix64(seed: 25)
        for _ in 0..<40 {
            let training = QuadraticTraining.random(&random)
            let run = try training.run
            let x = random.numbers(training.h[0].count)
            let gap = training.value(x) - training.value(training.minimiser)
            for θ in Rational.list("1/3 1 5") {
                let bound = (1 + θ) * 2 * run.expectedSmoothness * gap + (1 + 1 / θ) * run.optimumNoise
                #expect(training.noise(x) <= bound)
            }
            let centred = training.centred(at: x)
            let away = random.numbers(x.count)
            #expect(centred.noise(away) <= 2 * run.expectedSmoothness * (centred.value(away) - centred.value(x)))
        }
    }

    @Test func `C1, C1′ and C1″ on random quadratics, and their formulas step by step`() throws {
        var random = SplitMix64(seed: 26)
        var loose = 0
        for round in 0..<40 {
            var training = QuadraticTraining.random(&random)
            // From time to time without noise at the minimiser, where θ = 0 is allowed.
            let isInterpolating = round % 4 == 0
            if isInterpolating {
                training = training.centred(at: random.numbers(training.h[0].count))
            }
            let run = try training.run
            let loss = try run.loss
            let (λ, μ, Λ, noise) = (loss.strongConvexity, loss.smoothness, loss.expectedSmoothness, loss.optimumNoise)
            #expect(!isInterpolating || noise.isZero)
            let start = random.numbers(training.h[0].count).map { $0 + 1 }
            let D = squaredDistance(start, run.minimiser)
            for θ in isInterpolating ? Rational.list("0 1") : Rational.list("1/2 1 3") {
                let factor = θ.isZero ? 0 : 1 + 1 / θ
                let largest = 1 / (μ + (1 + θ) * Λ)
                for η in [largest, largest / 3] {
                    let exact = run.moments(start: start, steps: [Rational](repeating: η, count: 6)).squaredDistances
                    for t in 0...6 {
                        let c1 = try Bound.stronglyConvex(squaredDistance: D, loss, theta: θ, step: η, iterations: t)
                        #expect(c1 == Self.iterate(D, 1 - η * λ, η * η * factor * noise, t))
                        #expect(exact[t] <= c1)
                        let ρ = (1 - η * λ) * (1 - η * λ) + η * η * (1 + θ) * Λ * μ
                        guard η * (λ + μ) <= 2, ρ < 1 else { continue }
                        let sharp = try Bound.smallSteps(squaredDistance: D, loss, theta: θ, step: η, iterations: t)
                        #expect(sharp == Self.iterate(D, ρ, η * η * factor * noise, t))
                        #expect(exact[t] <= sharp)
                        loose += exact[t] < sharp ? 1 : 0
                    }
                }
            }
            let steps = Bound.decreasingSteps(loss, iterations: 6)
            let k0 = Bound.offset(loss)
            #expect(k0 == 2 * (μ + 2 * Λ) / λ)
            #expect(steps == (0..<6).map { 2 / (λ * (Rational($0) + k0)) })
            #expect(steps[0] == 1 / (μ + 2 * Λ))
            let exact = run.moments(start: start, steps: steps).squaredDistances
            for t in 0...6 {
                let bound = Bound.decreasingSteps(squaredDistance: D, loss, iterations: t)
                let numerator = max(k0 * D, 8 * noise / (λ * λ))
                #expect(bound * (Rational(t) + k0) == numerator && exact[t] <= bound)
            }
        }
        #expect(loose > 100)
    }

    @Test func `C2 and C3 on random quadratics, with the largest noise that is reached`() throws {
        var random = SplitMix64(seed: 27)
        for _ in 0..<25 {
            let training = QuadraticTraining.random(&random, workers: 2)
            let run = try training.run
            let loss = try run.loss
            let (λ, μ) = (loss.strongConvexity, loss.smoothness)
            let start = random.numbers(training.h[0].count)
            let gap = training.value(start) - training.value(training.minimiser)
            for η in [2 / (λ + μ), 1 / (3 * μ)] {
                let paths = training.paths(from: start, steps: [η, η])
                let noise = Set(paths.flatMap(\.models)).map(training.noise).max()!
                for t in 0...2 {
                    let exact = paths.mean { squaredDistance($0.models[t], training.minimiser) }
                    let D = squaredDistance(start, training.minimiser)
                    let bound = try Bound.boundedNoise(
                        squaredDistance: D, loss, noise: noise, step: η, iterations: t)
                    #expect(bound == Self.iterate(D, (1 - η * λ) * (1 - η * λ), η * η * noise, t))
                    #expect(exact <= bound)
                    guard t > 0, η * μ < 2 else { continue }
                    let gradients =
                        (0..<t).map { t in
                            paths.mean { path in
                                zip(training.curvature, zip(path.models[t], training.minimiser)).map { H, x in
                                    H * H * (x.0 - x.1) * (x.0 - x.1)
                                }.total
                            }
                        }.total / Rational(t)
                    let c3 = try Bound.nonConvex(initialGap: gap, smoothness: μ, noise: noise, step: η, iterations: t)
                    // T·η(1 − ημ/2) times the bound is the sum of the descent's terms.
                    let scale = Rational(t) * η * (1 - η * μ / 2)
                    #expect(c3 * scale == gap + Rational(t) * μ * η * η * noise / 2)
                    #expect(gradients <= c3)
                }
            }
        }
    }

    @Test func `the trajectory keeps below C1 and C1″ for 25 steps, and for decreasing steps below C1′`() throws {
        let run = try QuadraticTraining.triangle.run
        let loss = try run.loss
        for η in Rational.list("1/8 30/161") {
            let exact = run.moments(start: [2], steps: [Rational](repeating: η, count: 25)).squaredDistances
            for t in 0...25 {
                let c1 = try Bound.stronglyConvex(squaredDistance: 4, loss, step: η, iterations: t)
                let sharp = try Bound.smallSteps(squaredDistance: 4, loss, step: η, iterations: t)
                #expect(exact[t] <= sharp && sharp <= c1)
            }
        }
        let exact = run.moments(start: [2], steps: Bound.decreasingSteps(loss, iterations: 25)).squaredDistances
        for t in 0...25 { #expect(exact[t] <= Bound.decreasingSteps(squaredDistance: 4, loss, iterations: t)) }
    }

    @Test(arguments: [("1/8", 3, 512), ("1/4", 2, 64)])
    func `P1 and P2 on every path of the trajectory`(step: String, iterations: Int, count: Int) throws {
        let training = QuadraticTraining.triangle
        let (η, loss) = (Rational.of(step), try training.run.loss)
        let paths = training.paths(from: [2], steps: [Rational](repeating: η, count: iterations))
        #expect(paths.count == count)
        let gap = training.value([2]) - training.value([0])
        #expect(try training.run.gap(at: [2]) == gap && gap == 8)
        var (nearest, closest): (Rational, Rational) = (0, 0)
        for path in paths {
            let norms = path.errors.map { $0[0].magnitude }
            let bound = try Bound.singleRun(distance: 2, loss, step: η, errors: norms)
            let contraction = 1 - 4 * η
            let formula =
                contraction.power(iterations) * 2
                + η * norms.indices.map { contraction.power(iterations - 1 - $0) * norms[$0] }.total
            #expect(bound == formula && path.models[iterations][0].magnitude <= bound)
            let gradients = path.models.dropLast().map { 16 * $0[0] * $0[0] }.total / Rational(iterations)
            let squares = path.errors.map { $0[0] * $0[0] }
            let second = try Bound.singleRunNonConvex(initialGap: gap, smoothness: 4, step: η, squaredErrors: squares)
            #expect(second == 2 * gap / (η * Rational(iterations)) + squares.total / Rational(iterations))
            #expect(gradients <= second)
            nearest = max(nearest, bound.isZero ? 0 : path.models[iterations][0].magnitude / bound)
            closest = max(closest, gradients / second)
        }
        // P1 is attained where all errors push the same way.
        #expect(nearest == 1 && closest > Rational(1, 10))
    }
}
