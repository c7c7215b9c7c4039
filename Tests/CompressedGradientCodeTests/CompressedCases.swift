import ExactArithmetic
import GradientCodeReference
import GradientCodes
import Testing

/// What the tests of compressed gradient coding share.
enum CompressedCases {
    /// All vectors of that dimension whose coordinates are integers of magnitude at most `limit`.
    static func vectors(_ dimension: Int, upTo limit: Int) -> [[Rational]] {
        (0..<dimension).reduce([[]]) { prefixes, _ in
            prefixes.flatMap { prefix in (-limit...limit).map { prefix + [Rational($0)] } }
        }
    }

    static func compressor(_ kind: Compressor.Kind, _ dimension: Int) throws -> Compressor {
        try Compressor(kind, dimension: dimension)
    }

    /// The biased compressors of a dimension: every K and every block length among them.
    static func biased(_ dimension: Int) throws -> [Compressor] {
        let kinds: [Compressor.Kind] =
            [.scaledSign, .identity] + (1...dimension).flatMap { [.topK($0), .blockSign(length: $0)] }
        return try kinds.map { try Compressor($0, dimension: dimension) }
    }

    static func image(_ v: [Rational], _ compressor: Compressor, draws: [UInt32] = []) throws -> [Rational] {
        try CompressedMessage(compressing: v, by: compressor, draws: draws).decoded(draws: draws)
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = Array(hexadecimal.utf8)
        return stride(from: 0, to: digits.count, by: 2).map { n in
            UInt8(String(decoding: digits[n...n + 1], as: UTF8.self), radix: 16)!
        }
    }

    static func exact(_ values: [Float]) -> [Rational] { values.map { Rational(exactly: $0)! } }

    static func numbers(_ integers: [Int], over denominator: Int = 1) -> [Rational] {
        integers.map { Rational($0, denominator) }
    }

    static func floats(_ integers: [Int], over denominator: Float = 1) -> [Float] {
        integers.map { Float($0) / denominator }
    }

    static func squaredNorm(_ v: [Rational]) -> Rational { v.map { $0 * $0 }.total }

    /// Random words, the same in every run.
    static func words(_ seed: UInt64, _ count: Int) -> [UInt32] {
        Philox.words(seed: seed, stream: .testData, t: 0, i: 0, first: 0, count: count)
    }
}

/// The golden run of docs/CompressedGradientCode.md#golden-run.
enum GoldenRun {
    static let seed: UInt64 = 20_260_317
    static let step = Rational(1, 8)
    static let rows = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1]]
    static let responders = [[2, 3], [1, 2, 3], [0, 1, 2, 3], []]

    static func gradients(_ t: Int) -> [[Int]] {
        (0..<4).map { k in (0..<8).map { j in (5 * k + 3 * j + 7 * t) % 11 - 5 } }
    }

    static func code(_ kind: Compressor.Kind) throws -> CompressedGradientCode {
        try CompressedGradientCode(
            allocation: try Allocation(rows), straggling: Array(repeating: try Probability(1, 2), count: 4),
            compressor: try Compressor(kind, dimension: 8))
    }

    /// One run: its outcomes and what it ends with, model and memories.
    static func run(_ kind: Compressor.Kind, rounds: Int = 4, feedback: Bool = true) throws -> (
        outcomes: [CompressedTraining.Outcome], model: [Rational], training: CompressedTraining
    ) {
        let code = try code(kind)
        var training = CompressedTraining(code, hasFeedback: feedback)
        var model = [Rational](repeating: 0, count: 8)
        var outcomes: [CompressedTraining.Outcome] = []
        for t in 0..<rounds {
            let gradients =
                t < 4
                ? gradients(t).map { CompressedCases.numbers($0) } : Array(repeating: model.map { _ in 0 }, count: 4)
            let responders = try WorkerSet(t < 4 ? responders[t] : [0, 1, 2, 3], of: 4)
            let outcome = try training.round(gradients, responders: responders, step: step)
            model = zip(model, outcome.update).map(-)
            outcomes.append(outcome)
        }
        return (outcomes, model, training)
    }
}
