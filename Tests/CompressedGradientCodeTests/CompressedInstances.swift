import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// The runs of docs/CompressedGradientCode.md#tight-instances, and a tree on which hypotheses are exercised.
enum CompressedInstances {
    typealias Cases = CompressedCases

    static func compress(_ kind: Compressor.Kind, _ dimension: Int) throws -> @Sendable ([Rational]) -> [Rational] {
        let compressor = try Compressor(kind, dimension: dimension)
        return { v in (try? CompressedMessage(compressing: v, by: compressor).decoded()) ?? [] }
    }

    static func quadratic(_ curvatures: [[Rational]], _ centres: [[Rational]]) throws -> ExactLoss {
        ExactLoss(try SeparableLoss(.quadratic, curvatures: curvatures, centres: centres))
    }

    /// One worker, F = θ²/2, γ = 1: a response takes θ to −θ.
    static func oneWorker() throws -> CompressedRun {
        try CompressedRun(
            weights: RationalMatrix([[2]])!, straggling: [Rational(1, 2)], loss: quadratic([[1]], [[0]]), step: 1,
            start: [1], compress: { $0 })
    }

    /// Two workers with noise at the optimum (0, 1).
    static func twoWorkers() throws -> CompressedRun {
        let half = Rational(1, 2)
        return try CompressedRun(
            weights: RationalMatrix([[2, 0], [0, Rational(3, 2)]])!, straggling: [half, Rational(1, 3)],
            loss: quadratic([[half, half], [half, half]], [[1, 0], [-1, 2]]), step: 1, start: [2, 1], compress: { $0 })
    }

    /// Three workers with top-1, one of which has a memory; start and minimiser 0.
    static func threeWorkers(smoothness L: Rational, step: Rational, hasFeedback: Bool = true) throws -> CompressedRun {
        try CompressedRun(
            weights: .identity(3), straggling: [0, 0, 0],
            loss: ExactLoss(
                try SeparableLoss(
                    .quadratic, curvatures: [[L, L], [0, 0], [0, 0]], centres: [[0, 0], [0, 0], [0, 0]]),
                slopes: [[1, 1], [-1, 0], [0, -1]]), step: step, start: [0, 0], hasFeedback: hasFeedback,
            compress: try compress(.topK(1), 2))
    }

    /// Workers 0, 2 and 3 hold data and straggle differently, worker 1 holds none; least squares in D coordinates.
    static func tree(
        _ kind: Compressor.Kind, dimension: Int, step: Rational, alwaysAnswer: Bool = false
    ) throws -> (run: CompressedRun, code: CompressedGradientCode, minimiser: [Rational], smoothness: [Rational]) {
        let rows = [[1, 0, 1], [0, 0, 0], [1, 1, 0], [0, 1, 1]]
        let p: [(UInt64, UInt64)] = alwaysAnswer ? [(0, 1), (0, 1), (0, 1), (0, 1)] : [(1, 2), (1, 5), (1, 3), (1, 4)]
        let code = try CompressedGradientCode(
            allocation: try Allocation(rows), straggling: try p.map { try Probability($0.0, $0.1) },
            compressor: try Compressor(kind, dimension: dimension))
        let curvatures = (0..<3).map { k in (0..<dimension).map { j in Rational(1 + (k + j) % 2, 4) } }
        let centres = (0..<3).map { k in (0..<dimension).map { j in Rational((5 * k + 3 * j) % 7 - 3) } }
        let total = (0..<dimension).map { j in curvatures.map { $0[j] }.total }
        let minimiser = (0..<dimension).map { j in
            zip(curvatures, centres).map { $0[j] * $1[j] }.total / total[j]
        }
        let run = try CompressedRun(
            weights: code.weights, straggling: code.straggling.map { Rational($0) },
            loss: quadratic(curvatures, centres), step: step,
            start: (0..<dimension).map { Rational($0 % 2 == 0 ? 2 : -1) }, compress: try compress(kind, dimension))
        return (run, code, minimiser, curvatures.map { $0.max()! })
    }

    static func total(_ curvatures: CompressedRun, _ minimiser: [Rational]) -> (L: Rational, μ: Rational) {
        // The curvature of a coordinate is the difference of gradients one apart.
        let slopes = minimiser.indices.map { j in
            var moved = minimiser
            moved[j] += 1
            return curvatures.loss.gradient(at: moved)[j]
        }
        return (slopes.max()!, slopes.min()!)
    }
}
