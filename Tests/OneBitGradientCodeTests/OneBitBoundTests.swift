import ExactArithmetic
import GradientCodeTheory
import GradientCodes
import Testing

/// The bounds on runs with exact laws.
@Suite struct OneBitBoundTests {
    static func refusal(_ build: () throws -> Any) -> Refusal.Kind? {
        do {
            _ = try build()
            return nil
        } catch {
            return (error as? Refusal)?.kind
        }
    }

    @Test(arguments: OneBitTraining.generated)
    func `Theorems 5 and 5′ hold`(_ instance: OneBitTraining) throws {
        let (run, γ, T) = (instance.run, instance.step, instance.iterations)
        #expect(run.loss.isMinimiser(instance.minimiser, on: run.box))
        let laws = try run.laws(step: γ, iterations: T)
        let R = laws.squaredDistances(to: instance.minimiser)[0]
        let gap = laws.gaps(to: instance.minimiser).total / Rational(T)
        let nonsmooth = try OneBitBound.nonsmooth(squaredDistance: R, step: γ, secondMoments: laws.secondMoments)
        #expect(gap <= nonsmooth)

        // Different steps.
        let steps = (0..<T).map { γ / Rational($0 + 1) }
        let other = try run.laws(steps: steps)
        let weighted = zip(steps, other.gaps(to: instance.minimiser)).map { $0 * $1 }.total
        let weightedBound = try OneBitBound.nonsmoothWeighted(
            squaredDistance: R, steps: steps, secondMoments: other.secondMoments)
        #expect(weighted <= weightedBound)

        guard let L = run.loss.smoothness, run.loss.isMinimiser(instance.minimiser) else { return }
        let convex = try OneBitBound.convex(
            squaredDistance: R, smoothness: L, step: γ, variances: laws.variances)
        let largest = try OneBitBound.convex(
            squaredDistance: R, smoothness: L, step: γ, largestVariance: laws.largestVariance, iterations: T)
        #expect(gap <= convex && convex <= largest && convex <= nonsmooth)
        let convexWeighted = try OneBitBound.convexWeighted(
            squaredDistance: R, smoothness: L, steps: steps, variances: other.variances)
        #expect(weighted <= convexWeighted)
    }

    @Test(arguments: OneBitTraining.generated.filter { $0.run.loss.strongConvexity > 0 })
    func `Theorem 6 holds`(_ instance: OneBitTraining) throws {
        let (run, loss) = (instance.run, instance.run.loss)
        let (μ, L) = (loss.strongConvexity, loss.smoothness!)
        for γ in [instance.step, 2 / (μ + L), Rational(19, 10) / L] {
            let laws = try run.laws(step: γ, iterations: instance.iterations)
            let distances = laws.squaredDistances(to: instance.minimiser)
            for T in 1...instance.iterations {
                let exact = try OneBitBound.stronglyConvex(
                    squaredDistance: distances[0], strongConvexity: μ, smoothness: L, step: γ,
                    variances: Array(laws.variances.prefix(T)))
                let largest = try OneBitBound.stronglyConvex(
                    squaredDistance: distances[0], strongConvexity: μ, smoothness: L, step: γ,
                    largestVariance: laws.largestVariance, iterations: T)
                #expect(distances[T] <= exact && exact <= largest)
                if μ == L, run.box == nil { #expect(distances[T] == exact) }
                guard γ * (μ + L) <= 2 else { continue }
                let small = try OneBitBound.stronglyConvexSmallStep(
                    squaredDistance: distances[0], strongConvexity: μ, smoothness: L, step: γ,
                    largestVariance: laws.largestVariance, iterations: T)
                #expect(largest <= small)
            }
        }
        // Decaying steps.
        let offset = 1 + L / μ
        let steps = (0..<instance.iterations).map { 2 / (μ * (Rational($0) + offset)) }
        let laws = try run.laws(steps: steps)
        let distances = laws.squaredDistances(to: instance.minimiser)
        for T in 1...instance.iterations {
            let bound = try OneBitBound.stronglyConvexDecaying(
                squaredDistance: distances[0], strongConvexity: μ, smoothness: L, offset: offset,
                largestVariance: laws.largestVariance, iterations: T)
            #expect(distances[T] <= bound)
        }
    }

    @Test(arguments: OneBitTraining.generated.filter { $0.run.loss.smoothness != nil && $0.run.box == nil })
    func `Theorem 7 holds`(_ instance: OneBitTraining) throws {
        let loss = instance.run.loss
        let L = loss.smoothness!
        for γ in [instance.step, Rational(3, 2) / L] {
            let laws = try instance.run.laws(step: γ, iterations: instance.iterations)
            let initialGap = laws.values[0] - loss.value(at: instance.minimiser)
            let bound = try OneBitBound.nonconvex(
                initialGap: initialGap, smoothness: L, step: γ, variances: laws.variances)
            let mean = laws.squaredGradients.dropLast().total / Rational(laws.iterations)
            #expect(mean <= bound)
            if loss.kind == .quadratic, loss.strongConvexity == L {
                let rest = laws.values[laws.iterations] - loss.value(at: instance.minimiser)
                #expect(bound - mean == rest / (γ * (1 - γ * L / 2) * Rational(laws.iterations)))
            }
        }
    }

    @Test func `decaying steps follow from the weighted form`() throws {
        let (R, V, c) = (Rational(7, 3), Rational(5, 2), Rational(1, 3))
        for T in [1, 2, 3, 10, 40] {
            let bound = try OneBitBound.convexDecaying(
                squaredDistance: R, smoothness: 3, scale: c, largestVariance: V, iterations: T, bits: 60)
            // Σ γ_t gap ≤ R²/2 + (1/2) Σ γ_t² V_max, divided by Σ γ_t.
            let squares = (1...T).map { c * c / Rational($0) }.total
            let roots = (1...T).map { RationalInterval.squareRoot(of: RationalInterval(Rational($0)), bits: 60) }
            let sum = roots.reduce(RationalInterval(0)) { $0 + RationalInterval(c) / $1 }
            let weighted = RationalInterval((R + squares * V) / 2) / sum
            #expect(weighted.upper <= bound.lower && bound.width < Rational(2).power(-50))
        }
        // T = 1: (R² + c²V)/(4c(√2 − 1)); its square root part is checked by squaring.
        let one = try OneBitBound.convexDecaying(
            squaredDistance: R, smoothness: 3, scale: c, largestVariance: V, iterations: 1, bits: 60)
        let ratio = [one.lower, one.upper].map { (R + c * c * V) / (4 * c * $0) + 1 }
        #expect(ratio[1] * ratio[1] <= 2 && 2 <= ratio[0] * ratio[0])
    }

    @Test func `few-bit draws obey Theorem 5 with bias, and need it`() throws {
        for start in [Rational(1, 3), 1, Rational(-5, 3)] {
            for kind in [SeparableLoss.Kind.huber, .quadratic] {
                let (gap, bound, _) = try Self.biased(
                    kind, straggling: [Probability(1, 3), .zero], bits: 2, start: start, range: 2, step: Rational(1, 4))
                #expect(gap <= bound)
            }
        }
        // p = 3/5 becomes 1 with one bit: nothing ever arrives, and the bound without bias is too small.
        let (gap, bound, unbiased) = try Self.biased(
            .quadratic, straggling: [Probability(3, 5)], bits: 1, start: 1, range: 5, step: 1)
        #expect(gap == Rational(1, 2) && unbiased == Rational(1, 8) && gap <= bound)
    }

    /// The mean gap of four iterations with draws of few bits on the box [−2, 2], the bound with bias, and the one without.
    static func biased(
        _ kind: SeparableLoss.Kind, straggling: [Probability], bits: Int, start: Rational, range: Rational,
        step γ: Rational
    ) throws -> (gap: Rational, bound: Rational, unbiased: Rational) {
        let rows = [[Int]](repeating: [1], count: straggling.count)
        let code = try OneBitGradientCode(allocation: Allocation(rows), straggling: straggling)
        let loss = try SeparableLoss(kind, curvatures: [[1]], centres: [[0]])
        let draws = try OneBitDraws(bits: bits)
        let run = try OneBitRun(
            code: code, weights: code.plainWeights, loss: loss, ranges: .given([range]), start: [start],
            box: ModelBox(lower: [-2], upper: [2]), draws: draws)
        let laws = try run.laws(step: γ, iterations: 4)
        let ε = draws.biasBound(ranges: rows.map { _ in [range] })[0]
        for model in laws.reachable {
            let mean = try run.updates(at: model).map { $0.value * $0.key[0] }.total
            #expect(try run.moments(at: model).mean == [mean])
            #expect((mean - loss.gradient(at: model)[0]).magnitude <= ε)
        }
        let bound = try OneBitBound.convexBiased(
            squaredDistance: start * start, smoothness: 1, step: γ, variances: laws.variances, bias: ε,
            distance: laws.reachable.map { $0[0].magnitude }.max()!,
            steepness: laws.reachable.map { loss.gradient(at: $0)[0].magnitude }.max()!)
        let unbiased = try OneBitBound.convex(
            squaredDistance: start * start, smoothness: 1, step: γ, variances: laws.variances)
        return (laws.gaps(to: [0]).total / 4, bound, unbiased)
    }

    @Test func `the bound with bias term by term`() throws {
        // R²/(2γT) + (γ/2) V̂ + ερ_1 + (γ/2)(2εG + ε²) = 4/2 + 3/4 + 5/8 + (1/4)(7/2 + 1/16).
        let bound = try OneBitBound.convexBiased(
            squaredDistance: 4, smoothness: 2, step: Rational(1, 2), variances: [1, 5], bias: Rational(1, 4),
            distance: Rational(5, 2), steepness: 7)
        #expect(bound == Rational.list("2 3/4 5/8 57/64").total)
    }

    @Test func `the forms of Theorems 6 and 7 by hand`() throws {
        // ρ = max(1/4, 1/2): 4/4 + (9/16) · 3.
        let largest = try OneBitBound.stronglyConvex(
            squaredDistance: 4, strongConvexity: 1, smoothness: 2, step: Rational(3, 4), largestVariance: 3,
            iterations: 1)
        #expect(largest == Rational(43, 16))
        // 4/16 + (1/2) · 3/(1 · 3/2).
        let small = try OneBitBound.stronglyConvexSmallStep(
            squaredDistance: 4, strongConvexity: 1, smoothness: 2, step: Rational(1, 2), largestVariance: 3,
            iterations: 2)
        #expect(small == Rational(5, 4))
        // max(5 R², 16)/(4 + 5).
        let decaying = try [Rational(3), 4].map { square in
            try OneBitBound.stronglyConvexDecaying(
                squaredDistance: square, strongConvexity: Rational(1, 2), smoothness: 2, offset: 5,
                largestVariance: 1, iterations: 4)
        }
        #expect(decaying == Rational.list("16/9 20/9"))
        // 3/((1/4)(3/4) · 2) + ((1/2)/(3/2)) · (1 + 3)/2.
        let nonconvex = try OneBitBound.nonconvex(
            initialGap: 3, smoothness: 2, step: Rational(1, 4), variances: [1, 3])
        #expect(nonconvex == Rational.list("8 2/3").total)
    }
}
