import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// What is refused, and why (docs/HeterogeneousGradientCode.md#edge-cases).
@Suite struct HeterogeneousRefusalTests {
    static let half = Probability.of(Rational(1, 2))

    @Test func `codes`() throws {
        func kind(_ rows: [[Int]], _ p: [Rational]) -> Refusal.Kind? {
            refusal {
                try HeterogeneousGradientCode(allocation: Allocation(rows), straggling: p.map(Probability.of))
            }
        }
        let h = Rational(1, 2)
        #expect(kind([[1, 1], [0, 1]], [h, h]) == nil)
        #expect(kind([[1, 0], [0, 1]], [h]) == .dimensionMismatch)
        #expect(kind([[1, 0], [0, 1]], [h, 1, h]) == .dimensionMismatch)
        #expect(kind([[1, 0], [1, 0]], [h, h]) == .infeasiblePartition)
        #expect(kind([[1, 0], [0, 1]], [h, 1]) == .infeasiblePartition)
        #expect(kind([[1, 0], [1, 1], [0, 1]], [1, 1, h]) == .infeasiblePartition)
        #expect(kind([[1, 0], [1, 1], [0, 1]], [1, h, 1]) == nil && kind([[1], [1]], [0, 1]) == nil)
        #expect(kind([[1, 2], [0, 1]], [h, h]) == .invalidParameters && kind([], []) == .invalidParameters)
        #expect(kind([[1], [0, 1]], [h, h]) == .dimensionMismatch)
        #expect(refusal { try Probability(3, 2) } == .invalidProbability)
        #expect(throws: Refusal(.infeasiblePartition, "partition 1 is held by workers only that always straggle")) {
            try HeterogeneousGradientCode(allocation: Allocation([[1, 0], [0, 1]]), straggling: [Self.half, .one])
        }
    }

    @Test func `allocation problems`() throws {
        func kind(_ workers: Int, _ loads: [Int], _ m: Int) -> Refusal.Kind? {
            let straggling = [Probability](repeating: Self.half, count: workers)
            return refusal { try AllocationProblem(straggling: straggling, loads: loads, partitions: m) }
        }
        #expect(kind(2, [0, 3], 3) == nil)
        #expect(kind(0, [], 3) == .invalidParameters && kind(2, [1, 1], 0) == .invalidParameters)
        #expect(kind(2, [1, -1], 3) == .invalidParameters && kind(2, [4, 1], 3) == .invalidParameters)
        #expect(kind(2, [1], 3) == .dimensionMismatch && kind(1, [1, 1], 3) == .dimensionMismatch)
        #expect(kind(1, [1, 9], 3) == .invalidParameters)
        #expect(kind(1, [1], .max) == .invalidParameters && kind(1, [.max], 1) == .invalidParameters)
        let problem = try AllocationProblem(straggling: [Self.half, .one], loads: [1, 3], partitions: 3)
        #expect(refusal { try problem.longestProcessingTimeFirst() } == .infeasiblePartition)
        #expect(refusal { try problem.leastResidual() } == .infeasiblePartition)
        #expect(refusal { try problem.cyclic() } == .infeasiblePartition)
        for τ: Rational in [0, -1] {
            #expect(refusal { try problem.minimumRedundancy(target: τ) } == .invalidParameters)
            #expect(refusal { try problem.fewestCopies(target: τ) } == .invalidParameters)
        }
        #expect(try problem.minimumRedundancy(target: 1).status == .infeasible)
        #expect(try problem.minimumRedundancy(target: 2).lowerBound == nil)
    }

    @Test func `baselines of dead workers`() throws {
        let idle = try HeterogeneousGradientCode(Rational.list("1 1/2"), holders: decimalSets("1 1"))
        #expect(try idle.blindCoefficients() == idle.coefficients())
        #expect(refusal { try GoldenCode.deadWorker.code.blindCoefficients() } == .invalidProbability)
        #expect(try idle.stochasticCoefficients()[1, 0] == 4)
    }

    @Test func `bounds outside their range`() throws {
        typealias Bound = HeterogeneousBound
        func loss(_ λ: Rational, _ μ: Rational, _ Λ: Rational, _ noise: Rational) throws -> Bound.Loss {
            try Bound.Loss(strongConvexity: λ, smoothness: μ, expectedSmoothness: Λ, optimumNoise: noise)
        }
        for (λ, μ, Λ, noise): (Rational, Rational, Rational, Rational) in [
            (0, 1, 0, 0), (-1, 1, 0, 0), (2, 1, 0, 0), (1, 1, -1, 0), (1, 1, 0, -1),
        ] {
            #expect(refusal { try loss(λ, μ, Λ, noise) } == .invalidParameters)
        }
        let noisy = try loss(1, 3, 1, 1)
        let quiet = try loss(1, 3, 1, 0)
        func c1(_ loss: Bound.Loss, _ θ: Rational, _ η: Rational) -> Refusal.Kind? {
            refusal { try Bound.stronglyConvex(squaredDistance: 1, loss, theta: θ, step: η, iterations: 1) }
        }
        func sharp(_ loss: Bound.Loss, _ θ: Rational, _ η: Rational) -> Refusal.Kind? {
            refusal { try Bound.smallSteps(squaredDistance: 1, loss, theta: θ, step: η, iterations: 1) }
        }
        let small = Rational(1, 100)
        for bound in [c1, sharp] {
            #expect(bound(noisy, 1, small) == nil && bound(quiet, 0, small) == nil)
            #expect(bound(noisy, 0, small) == .invalidParameters && bound(noisy, -1, small) == .invalidParameters)
            #expect(bound(quiet, -1, small) == .invalidParameters)
            #expect(bound(noisy, 1, 0) == .invalidParameters && bound(noisy, 1, -1) == .invalidParameters)
        }
        // C1: η ≤ 1/(μ + (1 + θ)Λ).
        #expect(c1(noisy, 1, Rational(1, 5)) == nil && c1(noisy, 1, Rational(11, 50)) == .invalidParameters)
        #expect(c1(noisy, 2, Rational(1, 5)) == .invalidParameters && c1(quiet, 0, Rational(1, 4)) == nil)
        // C1″: ρ < 1, here 1 − 2η + 7η² < 1, and η ≤ 2/(λ + μ).
        #expect(sharp(noisy, 1, Rational(1, 4)) == nil && sharp(noisy, 1, Rational(2, 7)) == .invalidParameters)
        let calm = try loss(1, 3, 0, 1)
        #expect(sharp(calm, 1, Rational(1, 2)) == nil && sharp(calm, 1, Rational(51, 100)) == .invalidParameters)
        func c2(_ η: Rational) -> Refusal.Kind? {
            refusal { try Bound.boundedNoise(squaredDistance: 1, noisy, noise: 1, step: η, iterations: 1) }
        }
        #expect(c2(Rational(1, 2)) == nil && c2(Rational(51, 100)) == .invalidParameters && c2(0) == .invalidParameters)
        func c3(_ η: Rational, _ T: Int) -> Refusal.Kind? {
            refusal { try Bound.nonConvex(initialGap: 1, smoothness: 3, noise: 1, step: η, iterations: T) }
        }
        #expect(c3(Rational(65, 100), 1) == nil && c3(Rational(2, 3), 1) == .invalidParameters)
        #expect(c3(0, 1) == .invalidParameters && c3(small, 0) == .invalidParameters)
        func p1(_ η: Rational) -> Refusal.Kind? {
            refusal { try Bound.singleRun(distance: 1, noisy, step: η, errors: [1]) }
        }
        #expect(p1(Rational(1, 2)) == nil && p1(Rational(51, 100)) == .invalidParameters && p1(0) == .invalidParameters)
        func p2(_ η: Rational, _ errors: [Rational]) -> Refusal.Kind? {
            refusal { try Bound.singleRunNonConvex(initialGap: 1, smoothness: 3, step: η, squaredErrors: errors) }
        }
        #expect(p2(Rational(1, 3), [1]) == nil && p2(Rational(34, 100), [1]) == .invalidParameters)
        #expect(p2(0, [1]) == .invalidParameters && p2(small, []) == .invalidParameters)
    }
}
