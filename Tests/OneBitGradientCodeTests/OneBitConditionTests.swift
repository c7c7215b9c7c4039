import ExactArithmetic
import GradientCodeTheory
import GradientCodes
import Testing

/// What the bounds ask for, and what they refuse.
@Suite struct OneBitConditionTests {
    @Test func `the conditions of Theorem 5 are needed`() throws {
        // (i) γ ≤ 1/L. Theorem 5′ with V alone in place of ‖s‖² + V is the formula without its condition.
        let steep = try OneBitTraining.e2q(1)
        for γ in [Rational(9, 8), 2, 5] {
            let laws = try steep.run.laws(step: γ, iterations: 1)
            #expect(laws.variances == [0] && laws.gaps(to: [0]) == [Rational(1, 2)])
            let formula = try OneBitBound.nonsmooth(squaredDistance: 1, step: γ, secondMoments: laws.variances)
            #expect(formula == 1 / (2 * γ) && formula < Rational(1, 2))
            #expect(
                OneBitBoundTests.refusal {
                    try OneBitBound.convex(squaredDistance: 1, smoothness: 1, step: γ, variances: laws.variances)
                } == .invalidParameters)
            #expect(
                try OneBitBound.nonsmooth(squaredDistance: 1, step: γ, secondMoments: laws.secondMoments)
                    >= Rational(1, 2))
        }
        // (ii) ∇F(θ*) = 0: a minimiser on the edge of the box.
        let code = try OneBitGradientCode(allocation: Allocation([[1]]), straggling: [.zero])
        let run = try OneBitRun(
            code: code, weights: code.plainWeights,
            loss: SeparableLoss(.quadratic, curvatures: [[1]], centres: [[0]]), ranges: .given([2]), start: [2],
            box: ModelBox(lower: [1], upper: [2]))
        #expect(run.loss.isMinimiser([1], on: run.box) && !run.loss.isMinimiser([1]))
        let laws = try run.laws(step: 1, iterations: 1)
        #expect(laws.variances == [0] && laws.gaps(to: [1]) == [Rational(3, 2)])
        let convex = try OneBitBound.convex(squaredDistance: 1, smoothness: 1, step: 1, variances: [0])
        let nonsmooth = try OneBitBound.nonsmooth(
            squaredDistance: 1, step: 1, secondMoments: laws.secondMoments)
        #expect(convex == Rational(1, 2) && nonsmooth == Rational(5, 2))
        let strong = try OneBitBound.stronglyConvex(
            squaredDistance: 1, strongConvexity: 1, smoothness: 1, step: 1, variances: [0])
        #expect(strong == 0 && laws.squaredDistances(to: [1])[1] == 0)
    }

    @Test func `what no theorem covers is refused`() {
        let cases: [() throws -> Any] = [
            { try OneBitBound.convex(squaredDistance: 1, smoothness: 2, step: Rational(3, 5), variances: [1]) },
            { try OneBitBound.convex(squaredDistance: 1, smoothness: 0, step: 1, variances: [1]) },
            { try OneBitBound.convex(squaredDistance: 1, smoothness: 1, step: 0, variances: [1]) },
            { try OneBitBound.convex(squaredDistance: -1, smoothness: 1, step: 1, variances: [1]) },
            { try OneBitBound.convex(squaredDistance: 1, smoothness: 1, step: 1, variances: [1, -1]) },
            { try OneBitBound.convex(squaredDistance: 1, smoothness: 1, step: 1, variances: []) },
            {
                try OneBitBound.convex(
                    squaredDistance: 1, smoothness: 1, step: 1, largestVariance: 1, iterations: 0)
            },
            {
                try OneBitBound.convexDecaying(
                    squaredDistance: 1, smoothness: 2, scale: 1, largestVariance: 1, iterations: 3, bits: 64)
            },
            {
                try OneBitBound.convexDecaying(
                    squaredDistance: 1, smoothness: 1, scale: 1, largestVariance: 1, iterations: 3, bits: 7)
            },
            {
                try OneBitBound.convexBiased(
                    squaredDistance: 1, smoothness: 1, step: 1, variances: [1], bias: -1, distance: 1, steepness: 1)
            },
            { try OneBitBound.nonsmooth(squaredDistance: 1, step: -1, secondMoments: [1]) },
            { try OneBitBound.contraction(strongConvexity: 3, smoothness: 2, step: 1) },
            { try OneBitBound.contraction(strongConvexity: 0, smoothness: 2, step: 1) },
            {
                try OneBitBound.stronglyConvex(
                    squaredDistance: 1, strongConvexity: 1, smoothness: 2, step: 1, largestVariance: 1, iterations: 1)
            },
            {
                try OneBitBound.stronglyConvexSmallStep(
                    squaredDistance: 1, strongConvexity: 1, smoothness: 2, step: Rational(3, 4), largestVariance: 1,
                    iterations: 1)
            },
            {
                try OneBitBound.stronglyConvexDecaying(
                    squaredDistance: 1, strongConvexity: 1, smoothness: 2, offset: Rational(5, 2), largestVariance: 1,
                    iterations: 1)
            },
            { try OneBitBound.nonconvex(initialGap: 1, smoothness: 2, step: 1, variances: [1]) },
            { try OneBitBound.nonconvex(initialGap: -1, smoothness: 1, step: 1, variances: [1]) },
            { try OneBitBound.deviation(largestCoordinate: 1, radius: -1, step: 1, dimension: 1) },
            { try OneBitBound.range(atStart: 1, slope: 1, step: 1, participants: 1, iterations: 2) },
            { try OneBitBound.range(atStart: -1, slope: 1, step: 1, participants: 1, iterations: 1) },
            { try OneBitBound.range(weights: .identity(1), gradientBounds: [-1]) },
            { try OneBitBound.ranges(center: [1], slopes: .identity(1), radii: [-1]) },
        ]
        for (number, build) in cases.enumerated() {
            #expect(OneBitBoundTests.refusal(build) == .invalidParameters, "case \(number)")
        }
        #expect(
            OneBitBoundTests.refusal {
                try OneBitBound.nonsmoothWeighted(squaredDistance: 1, steps: [1], secondMoments: [1, 1])
            } == .dimensionMismatch)
        #expect(
            OneBitBoundTests.refusal {
                try OneBitBound.withProbability(
                    failure: 1, squaredDistance: 1, smoothness: 1, step: 1, largestVariance: 1, deviation: 1,
                    iterations: 1, bits: 64)
            } == .invalidProbability)
        #expect(
            OneBitBoundTests.refusal { try OneBitBound.ranges(center: [1, 2], slopes: .identity(1), radii: [1]) } != nil
        )
    }
}
