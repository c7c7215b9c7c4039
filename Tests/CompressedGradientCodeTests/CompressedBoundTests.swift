import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// Theorems 2 to 10 on exact trees of all patterns, and certificates on single runs.
@Suite struct CompressedBoundTests {
    typealias Instances = CompressedInstances
    typealias Cases = CompressedCases

    static let kinds: [(Compressor.Kind, Int)] = [
        (.topK(3), 4), (.scaledSign, 2), (.topK(1), 3), (.blockSign(length: 2), 3), (.identity, 2),
    ]

    @Test(arguments: 0..<5) func `memories on the tree stay below (4) and Theorem 4, whatever p_i`(_ n: Int) throws {
        let (kind, D) = Self.kinds[n]
        let tree = try Instances.tree(kind, dimension: D, step: Rational(1, 4))
        let laws = try tree.run.laws(iterations: n == 0 ? 4 : 2)
        #expect(laws.states.map { $0.values.total } == Array(repeating: 1, count: laws.iterations + 1))
        let contraction = try Contraction(Rational(try #require(tree.code.compressor.contraction)))
        if n == 0 { #expect(contraction.κ == RationalInterval(1)) }
        for i in tree.code.participants {
            let (e, g) = (laws.memories(of: i), laws.squaredGradients(of: i))
            let bound = try CompressedBound.squaredMemories(contraction, step: tree.run.step, squaredGradients: g)
            #expect(e.total <= bound.upper)
            for t in 0..<laws.iterations {
                let next = try CompressedBound.squaredMemory(
                    contraction, step: tree.run.step, before: e[t], squaredGradient: g[t],
                    straggling: tree.run.straggling[i])
                #expect(e[t + 1] <= next.upper)
            }
        }
        #expect(laws.memories(of: 1).allSatisfy { $0.isZero })
    }

    @Test(arguments: 0..<5) func `(5) is an equality, and Theorems 5 to 9 hold on the tree`(_ n: Int) throws {
        let (kind, D) = Self.kinds[n]
        for alwaysAnswer in [false, true] {
            let tree = try Instances.tree(kind, dimension: D, step: Rational(1, 100), alwaysAnswer: alwaysAnswer)
            let (run, star) = (tree.run, tree.minimiser)
            #expect(run.loss.gradient(at: star).allSatisfy { $0.isZero })
            let T = alwaysAnswer ? 8 : 2
            let laws = try run.laws(iterations: T)
            let (L, μ) = Instances.total(run, star)
            let (gaps, V, X) = (laws.gaps(to: star), laws.variances, laws.squaredDistances(to: star))
            let (S, γ) = (Array(laws.memories.dropLast()), run.step)
            // (5), in expectation.
            let moved = laws.expectations { state in
                let g = run.loss.gradient(at: state.model)
                return Cases.squaredNorm(state.virtual.indices.map { state.virtual[$0] - γ * g[$0] - star[$0] })
            }
            for t in 0..<T { #expect(X[t + 1] == moved[t] + γ * γ * V[t]) }
            let mean = gaps.total / Rational(T)
            let convex = try CompressedBound.convex(
                squaredDistance: X[0], smoothness: L, step: γ, variances: V, memories: S)
            #expect(mean <= convex)
            #expect(
                try mean
                    <= CompressedBound.convex(
                        squaredDistance: X[0], smoothness: L, step: γ, variances: V, memories: S, c: (1 / L - γ) / 2))
            let weak = try CompressedBound.stronglyConvex(
                squaredDistance: X[0], strongConvexity: μ, smoothness: L, step: γ, variances: V, memories: S)
            let sharp = try CompressedBound.stronglyConvexSharp(
                squaredDistance: X[0], strongConvexity: μ, smoothness: L, step: γ, variances: V, memories: S, bits: 64)
            #expect(X[T] <= sharp.upper && sharp.lower <= weak)
            let third = try CompressedBound.stronglyConvex(
                squaredDistance: X[0], strongConvexity: μ, smoothness: L, step: γ,
                largestVariance: V.max()!, largestMemory: S.max()!, iterations: T)
            #expect(X[T] <= third)
            let distance = laws.expectations { Cases.squaredNorm(zip($0.model, star).map(-)) }[T]
            #expect(
                try distance
                    <= CompressedBound.iterate(
                        squaredVirtualDistance: RationalInterval(X[T]), memory: laws.memories[T], bits: 64
                    ).upper)
            let squared = laws.squaredGradients.total / Rational(T)
            let smooth = try CompressedBound.nonconvex(
                initialGap: gaps[0], smoothness: L, step: γ, variances: V, memories: S)
            let best = try CompressedBound.sharpestParameter(
                initialGap: gaps[0], smoothness: L, step: γ, variances: V, memories: S, bits: 64)
            let c = S.total.isZero ? 0 : best.center
            let sharpest = try CompressedBound.nonconvex(
                initialGap: gaps[0], smoothness: L, step: γ, variances: V, memories: S, c: c)
            #expect(squared <= sharpest && sharpest <= smooth)
            // In advance.
            let contraction = try Contraction(Rational(try #require(tree.code.compressor.contraction)))
            let constants = try CompressedConstants(
                code: tree.code, weights: run.weights, smoothness: tree.smoothness,
                minimiserGradients: run.loss.gradients(star))
            for law in laws.states.dropLast() {
                for state in law.keys {
                    let Γ = run.coded(at: state.model).map { Cases.squaredNorm($0) }.total
                    #expect(Γ <= constants.squaredGradients(gap: run.loss.value(state.model) - run.loss.value(star)))
                }
            }
            #expect(
                try mean
                    <= CompressedBound.convexInAdvance(
                        contraction, constants, squaredDistance: X[0], smoothness: L, step: γ, iterations: T
                    ).upper)
        }
    }

    @Test func `Theorem 9 holds on a tree with a small step, with its weights of the memories`() throws {
        for (kind, D) in [(Compressor.Kind.topK(3), 4), (.identity, 2)] {
            let tree = try Instances.tree(kind, dimension: D, step: Rational(1, 400))
            let (run, star, T) = (tree.run, tree.minimiser, 3)
            let laws = try run.laws(iterations: T)
            let (L, μ) = Instances.total(run, star)
            let contraction = try Contraction(Rational(try #require(tree.code.compressor.contraction)))
            let constants = try CompressedConstants(
                code: tree.code, weights: run.weights, smoothness: tree.smoothness,
                minimiserGradients: run.loss.gradients(star))
            let least = tree.code.participants.map { 1 - run.straggling[$0] }.min()!
            let bound = try CompressedBound.stronglyConvexInAdvance(
                contraction, constants, squaredDistance: laws.squaredDistances(to: star)[0], strongConvexity: μ,
                smoothness: L, step: run.step, iterations: T, leastResponding: least)
            var left = RationalInterval(laws.squaredDistances(to: star)[T])
            for i in tree.code.participants {
                let weight = try CompressedBound.memoryWeight(
                    contraction, participants: 3, strongConvexity: μ, smoothness: L, step: run.step,
                    responding: 1 - run.straggling[i])
                left = left + weight * RationalInterval(laws.memories(of: i)[T])
            }
            #expect(left.upper <= bound.upper)
        }
    }

    @Test func `Theorem 5′ holds with the absolute value`() throws {
        let loss = try SeparableLoss(.absolute, curvatures: [[1, 0], [0, 1]], centres: [[1, 0], [0, -1]])
        let run = try CompressedRun(
            weights: RationalMatrix([[2, 0], [0, Rational(3, 2)]])!, straggling: [Rational(1, 2), Rational(1, 3)],
            loss: ExactLoss(loss), step: Rational(1, 4), start: [0, 0], compress: { v in v.map { $0 / 2 } })
        let laws = try run.laws(iterations: 4)
        let bound = try CompressedBound.nonsmooth(
            squaredDistance: 2, step: Rational(1, 4), variances: laws.variances,
            rootMemories: laws.rootMemories(bits: 64),
            steepness: Rational(3, 2))
        #expect(laws.gaps(to: [1, -1]).total / 4 <= bound.upper)
    }

    @Test func `Theorem 7 holds where F is not convex: z²/(1 + z²) with half of every vector sent`() throws {
        let loss = ExactLoss(
            value: { $0[0] * $0[0] / (1 + $0[0] * $0[0]) },
            gradients: { z in
                let square = z[0] * z[0]
                return Array(repeating: [2 * z[0] / (3 * (1 + square) * (1 + square))], count: 3)
            })
        let run = try CompressedRun(
            weights: RationalMatrix(rows: 3, columns: 3) { i, k in i == k ? 1 / (1 - Rational(1, 2 + i)) : 0 },
            straggling: [Rational(1, 2), Rational(1, 3), Rational(1, 4)], loss: loss, step: Rational(1, 4), start: [1],
            compress: { v in v.map { $0 / 2 } })
        let laws = try run.laws(iterations: 3)
        #expect(laws.states[3].count <= 512)
        let bound = try CompressedBound.nonconvex(
            initialGap: Rational(1, 2), smoothness: 2, step: Rational(1, 4), variances: laws.variances,
            memories: laws.memories.dropLast())
        #expect(laws.squaredGradients.total / 3 <= bound)
    }

    @Test func `certificates hold on every single run, and their parts are what the proofs drop`() throws {
        for (kind, D) in Self.kinds {
            let tree = try Instances.tree(kind, dimension: D, step: Rational(1, 5))
            let (run, star) = (tree.run, tree.minimiser)
            let (L, _) = Instances.total(run, star)
            for seed in 0..<10 as Range<UInt64> {
                let words = Cases.words(seed, 8)
                let record = try run.record(
                    responders: words.map { word in (0..<4).filter { word >> UInt32($0) & 1 == 1 } })
                let gaps = record.states.dropLast().map { run.loss.value($0.model) - run.loss.value(star) }
                let bound = try CompressedBound.convex(record: record, minimiser: star, smoothness: L, step: run.step)
                #expect(gaps.total / 8 <= bound)
                let last = run.loss.value(record.states[8].virtual)
                let smooth = try CompressedBound.smooth(
                    record: record, initialValue: run.loss.value(run.start), smoothness: L, step: run.step)
                #expect(last <= smooth)
            }
        }
    }

    @Test func `(3) is the variance over all sets of s of N, workers without data counted`() throws {
        let coded: [[Rational]] = [[Rational(3, 2), 1], [0, 0], [-1, 2], [Rational(1, 2), 0]]
        for s in 0..<4 {
            let sets = (0..<16).filter { $0.nonzeroBitCount == 4 - s }
            let updates = sets.map { (set: Int) -> [Rational] in
                let members = (0..<4).filter { set >> $0 & 1 == 1 }
                let zero: [Rational] = [0, 0]
                return members.reduce(zero) { zip($0, coded[$1]).map(+) }
            }
            let share = 1 / Rational(sets.count)
            let mean = (0..<2).map { j in updates.map { $0[j] }.total * share }
            let variance = updates.map { Cases.squaredNorm(zip($0, mean).map(-)) }.total * share
            #expect(CompressedVariance.exactly(s, coded: coded) == variance)
        }
        // N in (3) is not N_P.
        let example: [[Rational]] = [[Rational(3, 4)], [Rational(3, 4)], [0]]
        #expect(CompressedVariance.exactly(1, coded: example) == Rational(1, 8))
        #expect(CompressedVariance.exactly(1, coded: Array(example.prefix(2))) != Rational(1, 8))
        #expect(CompressedVariance.exactly(0, coded: [[5]]) == 0)
    }

    @Test func `the aggregate of an unbiased compressor over all patterns and all sets`() throws {
        let compressor = try Compressor(.randK(1), dimension: 3)
        let coded: [[Rational]] = [[1, -2, 3], [0, 2, 1]]
        let straggling = [Rational(1, 3), Rational(1, 4)]
        let sets: [[UInt32]] = [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
        var (mean, second) = ([Rational](repeating: 0, count: 3), Rational(0))
        for pattern in 0..<4 {
            for a in sets {
                for b in sets {
                    let parts = try [(0, a), (1, b)].map { i, draws in
                        try Cases.image(coded[i], compressor, draws: draws).map { pattern >> i & 1 == 1 ? $0 : 0 }
                    }
                    let update = zip(parts[0], parts[1]).map(+)
                    let shares: [Rational] = (0..<2).map { i in
                        pattern >> i & 1 == 1 ? 1 - straggling[i] : straggling[i]
                    }
                    let share: Rational = shares[0] * shares[1] / 9
                    mean = zip(mean, update).map { $0 + share * $1 }
                    second += share * Cases.squaredNorm(update)
                }
            }
        }
        let expected = (0..<3).map { j in (0..<2).map { (1 - straggling[$0]) * coded[$0][j] }.total }
        #expect(mean == expected)
        let variances = coded.compactMap { CompressedVariance.ofUnbiased(compressor, at: $0) }
        #expect(variances == [28, 10])
        #expect(
            second - Cases.squaredNorm(mean)
                == CompressedVariance.aggregate(coded: coded, straggling: straggling, variances: variances))
        let levels = try Compressor(.levels(2), dimension: 3)
        #expect(CompressedVariance.ofUnbiased(levels, at: [1, Rational(1, 4), 0]) == Rational(1, 16))
        let sign = try Compressor(.stochasticSign(ranges: nil), dimension: 3)
        #expect(CompressedVariance.ofUnbiased(sign, at: [2, 0, 0]) == 8)
        #expect(CompressedVariance.ofUnbiased(try Compressor(.topK(1), dimension: 3), at: [1, 1, 1]) == nil)
    }

    @Test func `the constants of Theorem 10 are an equality on a Hadamard allocation`() throws {
        let allocation = try Allocation.hadamard(order: 2, partitions: 3)
        let p = try Probability(1, 3)
        let code = try CompressedGradientCode(
            allocation: allocation, straggling: Array(repeating: p, count: allocation.workers),
            compressor: try Compressor(.identity, dimension: 2))
        let M = allocation.partitions
        let gradients = (0..<M).map { k in [Rational(k * k - 1), Rational(3 - 2 * k)] }
        let total = (0..<2).map { j in gradients.map { $0[j] }.total }
        let squaredβ =
            gradients.map { g in Cases.squaredNorm((0..<2).map { g[$0] - total[$0] / Rational(M) }) }.total
            / Rational(M)
        let constants = try CompressedBound.balancedHeterogeneity(allocation, straggling: p, squaredβ: squaredβ)
        let Γ = code.codedGradients(gradients).map { Cases.squaredNorm($0) }.total
        #expect(Γ == constants.squaredA + constants.squaredB * Cases.squaredNorm(total))
        #expect(throws: Refusal.self) {
            try CompressedBound.balancedHeterogeneity(
                try Allocation([[1, 0], [0, 1], [1, 1]]), straggling: p, squaredβ: 1)
        }
    }

    @Test func `κ is r over 1 − r, exact for squares, and at most 2r/δ`() throws {
        for (n, d) in [(1, 4), (3, 4), (8, 9), (1, 1), (1, 1000), (1, 3)] {
            let contraction = try Contraction(Rational(n, d), bits: 80)
            let one = RationalInterval(1)
            let other = contraction.r / (one - contraction.r)
            #expect(contraction.κ.lower <= other.upper && other.lower <= contraction.κ.upper)
            #expect(contraction.κ.upper <= 2 * contraction.r.upper / contraction.δ)
        }
        #expect(try Contraction(Rational(8, 9)).κ == RationalInterval(Rational(1, 2)))
        #expect(try Contraction(1).κ == RationalInterval(0))
        for δ in [Rational(0), Rational(-1), Rational(3, 2)] {
            #expect(throws: Refusal.self) { try Contraction(δ) }
        }
    }

    @Test func `steps that are too long are refused`() throws {
        func kind(_ body: () throws -> Void) -> Refusal.Kind? {
            do { try body() } catch { return (error as? Refusal)?.kind }
            return nil
        }
        func convex(_ γ: Rational, _ S: Rational, c: Rational? = nil) -> Refusal.Kind? {
            kind {
                _ = try CompressedBound.convex(
                    squaredDistance: 1, smoothness: 2, step: γ, variances: [1], memories: [S], c: c)
            }
        }
        #expect(convex(Rational(1, 2), 0) == nil && convex(Rational(1, 2), 1) == .invalidParameters)
        #expect(convex(Rational(1, 4), 1) == nil && convex(Rational(1, 4), -1) == .invalidParameters)
        #expect(convex(Rational(1, 4), 1, c: Rational(1, 2)) == .invalidParameters)
        #expect(convex(0, 1) == .invalidParameters)
        #expect(
            kind {
                _ = try CompressedBound.convex(
                    squaredDistance: 1, smoothness: 1, step: 1, variances: [1], memories: [])
            } == .dimensionMismatch)
        #expect(
            kind {
                _ = try CompressedBound.nonconvex(
                    initialGap: 1, smoothness: 1, step: 1, variances: [1], memories: [1], c: 1)
            } == .invalidParameters)
        let constants = try CompressedConstants(Λ: 1, squaredσ: 1, v: Rational(1, 4), participants: 2)
        #expect(
            kind {
                _ = try CompressedBound.convexInAdvance(
                    try Contraction(Rational(1, 100)), constants, squaredDistance: 1, smoothness: 1,
                    step: Rational(1, 2), iterations: 3)
            } == .invalidParameters)
    }
}
