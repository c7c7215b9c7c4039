import ExactArithmetic
import GradientCodeTheory
import GradientCodes
import Testing

/// Theorems 8 and 9 and Lemma 10 on the whole tree of runs.
@Suite struct OneBitSingleRunTests {
    struct Path {
        var models: [[Rational]]
        var updates: [[Rational]] = []
        var probability: Rational = 1

        func record(_ loss: SeparableLoss) throws -> OneBitRecord {
            try OneBitRecord(
                models: models, updates: updates, gradients: models.dropLast().map(loss.gradient))
        }
    }

    /// All runs of T iterations.
    static func paths(_ run: OneBitRun, step γ: Rational, iterations T: Int) throws -> [Path] {
        var paths = [Path(models: [run.start])]
        for _ in 0..<T {
            paths = try paths.flatMap { path in
                try run.updates(at: path.models.last!).map { update, share in
                    var next = path
                    next.models.append(run.model(after: path.models.last!, update: update, step: γ))
                    next.updates.append(update)
                    next.probability *= share
                    return next
                }
            }
        }
        return paths
    }

    @Test(arguments: [try! OneBitTraining.e2h(3), try! .e2q(4), try! .e3(4)] + OneBitTraining.generated)
    func `Theorem 8 and Jensen's inequality on all paths`(_ instance: OneBitTraining) throws {
        let (run, loss, γ) = (instance.run, instance.run.loss, instance.step)
        let T = min(instance.iterations, run.loss.dimension == 1 ? 4 : 2)
        let laws = try run.laws(step: γ, iterations: T)
        let paths = try Self.paths(run, step: γ, iterations: T)
        var ends: [[Rational]: Rational] = [:]
        for path in paths { ends[path.models[T], default: 0] += path.probability }
        #expect(ends == laws.models[T])
        let average = paths.map { path in
            let mean = path.models.dropLast().reduce([Rational](repeating: 0, count: loss.dimension)) {
                zip($0, $1).map(+)
            }
            return path.probability * loss.value(at: mean.map { $0 / Rational(T) })
        }
        #expect(average.total <= laws.values.dropLast().total / Rational(T))
        guard let L = loss.smoothness else { return }
        let least = loss.value(at: instance.minimiser)
        for path in paths {
            let record = try path.record(loss)
            if loss.isMinimiser(instance.minimiser) {
                let gap = path.models.dropLast().map { loss.value(at: $0) - least }.total
                let bound = try OneBitBound.convex(
                    record: record, minimiser: instance.minimiser, smoothness: L, step: γ)
                #expect(gap <= bound)
                if instance.testDescription.hasPrefix("E") { #expect(gap == bound) }
            }
            if run.box == nil {
                let bound = try OneBitBound.smooth(
                    record: record, initialValue: loss.value(at: run.start), smoothness: L, step: γ)
                #expect(loss.value(at: path.models[T]) <= bound)
                if loss.kind == .quadratic, loss.strongConvexity == L {
                    #expect(loss.value(at: path.models[T]) == bound)
                }
            }
        }
    }

    @Test func `a record whose parts do not belong together fails, or is refused`() throws {
        let instance = try OneBitTraining.e2h(3)
        let loss = instance.run.loss
        for path in try Self.paths(instance.run, step: 1, iterations: 3) {
            var other = path
            other.models[3][0] += other.models[3][0] >= 0 ? 1 : -1
            let bound = try OneBitBound.convex(
                record: other.record(loss), minimiser: [0], smoothness: 1, step: 1)
            #expect(path.models.dropLast().map(loss.value).total > bound)
        }
        func kind(_ models: [[Rational]], _ updates: [[Rational]]) -> Refusal.Kind? {
            OneBitBoundTests.refusal { try OneBitRecord(models: models, updates: updates, gradients: updates) }
        }
        #expect(kind([[1]], []) == .invalidParameters)
        #expect(kind([[1]], [[1]]) == .dimensionMismatch && kind([[1], [1]], [[1, 2]]) == .dimensionMismatch)
        #expect(kind([[1], [1]], [[1]]) == nil)
    }

    @Test func `the tail of Theorem 9`() throws {
        let straggling = try [Probability(1, 2), .zero]
        let code = try OneBitGradientCode(allocation: Allocation([[1], [1]]), straggling: straggling)
        let (γ, T) = (Rational(1, 2), 4)
        let run = try OneBitRun(
            code: code, weights: code.plainWeights,
            loss: SeparableLoss(.quadratic, curvatures: [[1]], centres: [[0]]), ranges: .given([1]), start: [1],
            box: ModelBox(lower: [-1], upper: [1]))
        let laws = try run.laws(step: γ, iterations: T)
        let β = OneBitBound.largestCoordinate(ranges: [[1], [1]])
        let C = try OneBitBound.deviation(largestCoordinate: β, radius: 1, step: γ, dimension: 1)
        #expect(β == 2 && C == 5)
        let paths = try Self.paths(run, step: γ, iterations: T)
        var second: [[Rational]: Rational] = [:]
        for model in laws.reachable { second[model] = try run.moments(at: model).secondMoment }
        // X_t is bounded, of mean zero, and what Theorem 8 leaves.
        var noise: [(sum: Rational, gap: Rational, probability: Rational)] = []
        for path in paths {
            let terms = (0..<T).map { t in
                let (θ, y) = (path.models[t][0], path.updates[t][0])
                return -(y - θ) * θ + γ / 2 * (y * y - second[path.models[t]]!)
            }
            #expect(terms.allSatisfy { $0.magnitude <= C } && path.updates.allSatisfy { $0[0].magnitude <= β })
            let gap = path.models.dropLast().map(run.loss.value).total
            let variances = try path.models.dropLast().map { try run.moments(at: $0).variance }
            #expect(gap <= 1 / (2 * γ) + γ / 2 * variances.total + terms.total)
            noise.append((terms.total, gap / Rational(T), path.probability))
        }
        #expect(noise.map { $0.sum * $0.probability }.total == 0)
        let expected = try OneBitBound.convex(
            squaredDistance: 1, smoothness: 1, step: γ, largestVariance: laws.largestVariance, iterations: T)
        var largest: Rational = 0
        for η in [Rational(1, 100), Rational(1, 10), Rational(1, 2), Rational(99, 100), 1 - Rational(10).power(-6)] {
            let bound = try OneBitBound.withProbability(
                failure: η, squaredDistance: 1, smoothness: 1, step: γ, largestVariance: laws.largestVariance,
                deviation: C, iterations: T, bits: 80)
            #expect(bound.width < Rational(2).power(-60))
            // a = C√(2T ln(1/η)) is T times the last term.
            let a = (bound.lower - expected) * Rational(T)
            let tail = noise.filter { $0.sum >= a }.map(\.probability).total
            largest = max(largest, tail)
            #expect(tail <= η)
            #expect(noise.filter { $0.gap > bound.lower }.map(\.probability).total <= η)
        }
        #expect(largest > 0)
        // η next to 1, with few bits: the enclosure still holds the bound without the last term.
        let certain = try OneBitBound.withProbability(
            failure: 1 - Rational(2).power(-200), squaredDistance: 1, smoothness: 1, step: γ,
            largestVariance: laws.largestVariance, deviation: C, iterations: T, bits: 8)
        #expect(certain.lower == expected && certain.width < 1)
        // η = 1/4, T = 4, C = 2: C √(2 ln 4/4) = 2 √(ln 2), and ln 2 lies between 0.6931471805 and 0.6931471806.
        let known = try OneBitBound.withProbability(
            failure: Rational(1, 4), squaredDistance: 0, smoothness: 1, step: 1, largestVariance: 0, deviation: 2,
            iterations: 4, bits: 80)
        let quotients = [known.lower * known.lower / 4, known.upper * known.upper / 4]
        #expect(quotients.allSatisfy { Rational(6_931_471_805) < $0 * Rational(10).power(10) })
        #expect(quotients.allSatisfy { $0 * Rational(10).power(10) < Rational(6_931_471_806) })
    }

    @Test func `the range of a finite horizon is attained, and a smaller one is left`() throws {
        let code = try OneBitGradientCode(allocation: Allocation([[1]]), straggling: [.zero])
        let loss = try SeparableLoss(.quadratic, curvatures: [[1]], centres: [[1]])
        let step = Rational(1, 8)
        for (T, documented) in zip(2...4, Rational.list("8/7 4/3 8/5")) {
            let range = try OneBitBound.range(atStart: 1, slope: 1, step: step, participants: 1, iterations: T)
            #expect(range == documented)
            func laws(_ range: Rational) throws -> OneBitLaws {
                try OneBitRun(code: code, weights: [[1]].matrix, loss: loss, ranges: .given([range]), start: [0])
                    .laws(step: step, iterations: T)
            }
            #expect(try laws(range).reachable.map { ($0[0] - 1).magnitude }.max() == range)
            #expect(OneBitBoundTests.refusal { try laws(range * Rational(99, 100)) } == .outOfRange)
        }
    }

    @Test func `ranges of bounded gradients and of a box are the largest values`() throws {
        let weights = [Rational.list("1 -2"), Rational.list("0 5/2")].matrix
        #expect(try OneBitBound.range(weights: weights, gradientBounds: Rational.list("1 1/2")) == 2)
        #expect(try OneBitBound.range(weights: weights, gradientBounds: Rational.list("1/4 1")) == Rational(5, 2))
        let slopes = [Rational.list("1 -2"), Rational.list("-1/3 3")].matrix
        let (center, radii) = (Rational.list("-1 1/2"), Rational.list("2 1/5"))
        let ranges = try OneBitBound.ranges(center: center, slopes: slopes, radii: radii)
        var corners = Rational.list("0 0")
        for signs in [[1, 1], [1, -1], [-1, 1], [-1, -1]] {
            let offset = zip(radii, signs).map { $0 * Rational($1) }
            let value = zip(center, slopes * offset).map { ($0 + $1).magnitude }
            corners = zip(corners, value).map { max($0, $1) }
        }
        #expect(ranges == corners)
    }
}

extension [[Rational]] {
    /// The matrix of these rows, which have one length.
    fileprivate var matrix: RationalMatrix { RationalMatrix(self)! }
}
