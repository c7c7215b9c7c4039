import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// The tight instances by hand: where bounds are attained, and a constant a few per cent too small fails.
@Suite struct CompressedTightTests {
    typealias Instances = CompressedInstances

    @Test(arguments: 1...6) func `one worker: what Theorems 5, 6 and 7 lose is what their proofs drop`(_ T: Int) throws
    {
        let laws = try Instances.oneWorker().laws(iterations: T)
        let (gaps, V, X) = (laws.gaps(to: [0]), laws.variances, laws.squaredDistances(to: [0]))
        let S = Array(laws.memories.dropLast())
        #expect(
            gaps == Array(repeating: Rational(1, 2), count: T) && V.allSatisfy { $0 == 1 } && X.allSatisfy { $0 == 1 })
        let convex = try CompressedBound.convex(
            squaredDistance: 1, smoothness: 1, step: 1, variances: V, memories: S)
        #expect(convex == Rational(1, 2 * T) + Rational(1, 2))
        #expect(gaps.total / Rational(T) == convex - X[T] / Rational(2 * T))
        let sharp = try CompressedBound.stronglyConvexSharp(
            squaredDistance: 1, strongConvexity: 1, smoothness: 1, step: 1, variances: V, memories: S, bits: 8)
        #expect(sharp == RationalInterval(X[T]))
        let smooth = try CompressedBound.nonconvex(
            initialGap: Rational(1, 2), smoothness: 1, step: 1, variances: V, memories: S, c: 0)
        #expect(smooth == Rational(1, T) + 1)
        // With 9/10 of the V term all three fail.
        let few = V.map { $0 * Rational(9, 10) }
        if T > 10 || T == 6 {
            #expect(
                try CompressedBound.stronglyConvexSharp(
                    squaredDistance: 1, strongConvexity: 1, smoothness: 1, step: 1, variances: few, memories: S, bits: 8
                ).upper < X[T])
        }
    }

    @Test func `two workers: the table of the document, and a V term that is too small`() throws {
        let laws = try Instances.twoWorkers().laws(iterations: 4)
        let means: [Rational] = [2, Rational(23, 16), Rational(229, 192), Rational(2159, 2048)]
        let bounds: [Rational] = [
            Rational(23, 8), Rational(229, 128), Rational(2159, 1536), Rational(19_789, 16_384),
        ]
        let losses: [Rational] = [
            Rational(7, 8), Rational(45, 128), Rational(109, 512), Rational(2517, 16_384),
        ]
        let (gaps, V, X) = (laws.gaps(to: [0, 1]), laws.variances, laws.squaredDistances(to: [0, 1]))
        for T in 1...4 {
            let mean = gaps.prefix(T).total / Rational(T)
            let zeros = [Rational](repeating: 0, count: T)
            func bound(_ factor: Rational) throws -> Rational {
                try CompressedBound.convex(
                    squaredDistance: 4, smoothness: 1, step: 1, variances: V.prefix(T).map { factor * $0 },
                    memories: zeros)
            }
            #expect(try mean == means[T - 1] && bound(1) == bounds[T - 1])
            #expect(bounds[T - 1] - mean == losses[T - 1] && losses[T - 1] == X[T] / Rational(2 * T))
            #expect(try (bound(Rational(7, 10)) < mean) == (T >= 3))
        }
    }

    @Test func `three workers: the ratios of the document, and a term in S that is 2 per cent too small`() throws {
        for z in [Rational(1, 100), Rational(1, 8)] {
            for L in [Rational(1), Rational(3)] {
                let γ = z / L
                let run = try Instances.threeWorkers(smoothness: L, step: γ)
                let laws = try run.laws(iterations: 2)
                let record = try run.record(responders: [[0, 1, 2], [0, 1, 2]])
                #expect(record.states[1].model == [0, γ] && record.states[1].owed == [0, γ])
                #expect(record.states[2].model == [γ, -γ * z] && record.states[2].virtual == [0, -γ * z])
                let S = Array(laws.memories.prefix(2))
                #expect(S == [0, γ * γ])
                let gap = laws.gaps(to: [0, 0]).total / 2
                #expect(gap == L * γ * γ / 4)
                func convex(_ factor: Rational) throws -> Rational {
                    try CompressedBound.convex(
                        squaredDistance: 0, smoothness: L, step: γ, variances: [0, 0], memories: S.map { factor * $0 })
                }
                #expect(try gap == (1 - z) * convex(1))
                let squared = laws.squaredGradients.total / 2
                let smooth = try CompressedBound.nonconvex(
                    initialGap: 0, smoothness: L, step: γ, variances: [0, 0], memories: S)
                #expect(squared == L * L * γ * γ / 2 && squared == (1 - z) * smooth)
                let sharp = try CompressedBound.stronglyConvexSharp(
                    squaredDistance: 0, strongConvexity: L, smoothness: L, step: γ, variances: [0, 0], memories: S,
                    bits: 32)
                let X = laws.squaredDistances(to: [0, 0])[2]
                #expect(X == γ * γ * z * z && sharp.contains(X) && sharp.width < Rational(1, 1 << 30))
                if z == Rational(1, 100) { #expect(try convex(Rational(98, 100)) < gap) }
            }
        }
    }

    @Test func `three workers, long runs: the decimals of the document and the cycle`() throws {
        func ratio(_ z: Rational, _ T: Int) throws -> Rational {
            let record = try Instances.threeWorkers(smoothness: 1, step: z).record(
                responders: Array(repeating: [0, 1, 2], count: T))
            let gaps = record.states.dropLast().map { $0.model.map { $0 * $0 }.total / 2 }
            let S = record.states.dropLast().map(\.squaredMemory)
            let bound = try CompressedBound.convex(
                squaredDistance: 0, smoothness: 1, step: z, variances: S.map { _ in 0 }, memories: S)
            return gaps.total / Rational(T) / bound
        }
        #expect(try ratio(Rational(1, 100), 10).decimal(digits: 3) == "0.957")
        #expect(try ratio(Rational(1, 100), 300).decimal(digits: 3) == "0.583")
        #expect(try ratio(Rational(1, 8), 60).decimal(digits: 3) == "0.531")
        // The cycle: from the state it names the run comes back after two iterations, coordinates exchanged after one.
        let z = Rational(1, 8)
        let run = try Instances.threeWorkers(smoothness: 1, step: z)
        let zero: [Rational] = [0, 0]
        let state = CompressedRun.State(
            model: [z / 2, -z / 2], memories: [[z * (1 - z / 2), 0], zero, zero])
        #expect(state.virtual == [-z * (1 - z) / 2, -z / 2] && state.squaredMemory == (z * (1 - z / 2)).power(2))
        let next = run.state(after: state, responders: [0, 1, 2])
        #expect(next.model == state.model.reversed() && next.memories[0] == [0, z * (1 - z / 2)])
        #expect(run.state(after: next, responders: [0, 1, 2]) == state)
    }

    @Test func `memory: the contraction v to (1 − r)v attains Theorem 3, and 0.99 κ fails`() throws {
        let contraction = try Contraction(Rational(3, 4))
        #expect(contraction.r == RationalInterval(Rational(1, 2)) && contraction.κ == RationalInterval(1))
        var e = Rational(0)
        for t in 1...12 {
            e = (2 + e) / 2
            #expect(e == 2 * (1 - Rational(1, 2).power(t)))
            let bound = try CompressedBound.memory(contraction, step: 1, gradientBounds: [2])
            let exact = try CompressedBound.memory(
                contraction, steps: Array(repeating: 1, count: t), squaredGradients: Array(repeating: 4, count: t),
                bits: 16)
            #expect(e < bound.upper && bound == RationalInterval(2) && exact == RationalInterval(e))
            #expect((e > Rational(99, 100) * bound.upper) == (t >= 7))
        }
    }

    @Test(arguments: 2...6) func `memory: top-1 of a constant gradient permutes 0 … D − 1`(_ D: Int) throws {
        let compressor = try Compressor(.topK(1), dimension: D)
        var e = [Rational](repeating: 0, count: D)
        for t in 1...3 * D {
            let a = e.map { $0 + 1 }
            e = zip(a, try CompressedCases.image(a, compressor)).map(-)
            guard t >= D - 1 else { continue }
            #expect(e.sorted() == (0..<D).map { Rational($0) })
        }
        let norm = CompressedCases.squaredNorm(e)
        #expect(norm == Rational(D * (D - 1) * (2 * D - 1), 6))
        let contraction = try Contraction(Rational(try #require(compressor.contraction)))
        let bound = try CompressedBound.memory(contraction, step: 1, gradientBounds: [1])
        // ‖g‖ = √D, so squares are compared.
        #expect(norm < (bound * bound).lower * Rational(D))
    }

    @Test func `memory: two coordinates of the scaled sign have one magnitude`() throws {
        let compressor = try Compressor(.scaledSign, dimension: 2)
        for seed in 0..<20 as Range<UInt64> {
            let words = CompressedCases.words(seed, 2)
            let g = words.map { Rational(Int($0 % 21) - 10) }
            var e: [Rational] = [0, 0]
            for _ in 0..<12 {
                let a = zip(g, e).map(+)
                e = zip(a, try CompressedCases.image(a, compressor)).map(-)
                #expect(e[0].magnitude == e[1].magnitude)
                #expect(CompressedCases.squaredNorm(e) <= CompressedCases.squaredNorm(g))
            }
        }
    }

    @Test func `the measured contraction of a run`() throws {
        #expect(Contraction.ofRun(vectors: [[0, 0]], images: [[0, 0]]) == nil)
        #expect(Contraction.ofRun(vectors: [[1, 0], [3, 1]], images: [[1, 0], [3, 0]]) == Rational(9, 10))
    }
}
