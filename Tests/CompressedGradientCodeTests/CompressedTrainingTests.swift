import ExactArithmetic
import GradientCodeKernels
import GradientCodeReference
import GradientCodes
import Testing

/// The golden run, the hand examples and Theorem 1, in exact arithmetic and by the kernels.
@Suite struct CompressedTrainingTests {
    typealias Cases = CompressedCases

    @Test func `the golden run's responders are those of its seed`() throws {
        let code = try GoldenRun.code(.scaledSign)
        for t in 0..<4 {
            let drawn = try StragglerModel.independent(code.straggling).responders(seed: GoldenRun.seed, t: UInt32(t))
            #expect(drawn.members == GoldenRun.responders[t])
        }
        let coded = code.codedGradients(GoldenRun.gradients(1).map { Cases.numbers($0) })
        #expect(coded[2] == Cases.numbers([-4, 2, -3, 3, -2, 4, -1, 5]))
    }

    @Test func `the golden run with top-2`() throws {
        let run = try GoldenRun.run(.topK(2), rounds: 8)
        let messages = run.outcomes.prefix(4).flatMap { $0.messages.compactMap(\.self) }.map {
            Cases.hexadecimal($0.bytes)
        }
        #expect(
            messages == [
                "0000203f000020bf22", "000040bf0000403f10", "0000203f000020bf3d", "0000203f0000603f3d",
                "0000203f0000903f3b", "000000bf0000003f31", "0000c0be0000c0be28", "0000403f000000bf29",
                "0000903f000060bf29",
            ])
        let updates = run.outcomes.map { $0.update.map { 8 * $0 } }
        #expect(
            updates
                == [
                    [-6, 0, 11, 0, -5, 0, 0, 0], [0, 0, 0, 5, 0, 10, 0, 11], [-3, 11, 0, 0, 0, -14, 4, 0],
                    [0, 0, 0, 0, 0, 0, 0, 0], [-3, -2, -3, -7, 3, 0, 0, 0], [0, 0, 1, -2, -3, -2, 0, -7],
                    [0, 0, -1, 0, 0, 0, 0, -1], [0, 0, 0, 0, 0, 0, 0, 0],
                ].map { Cases.numbers($0) })
        #expect(run.training.memories.allSatisfy { $0.allSatisfy(\.isZero) })
        #expect(run.model == Cases.numbers([12, -9, -8, 4, 5, 6, -4, -3], over: 8))
        let four = try GoldenRun.run(.topK(2))
        #expect(four.model == Cases.numbers([9, -11, -11, -5, 5, 4, -4, -11], over: 8))
        #expect(
            four.training.memories
                == [
                    [1, 0, 2, -3, 3, -2, 0, -1], [0, -2, -1, 0, 1, 0, 3, -2], [-1, 0, -3, -2, -1, 0, -3, -3],
                    [-3, 0, -1, -4, -3, 0, 0, -2],
                ].map { Cases.numbers($0, over: 8) })
    }

    @Test func `the golden run with scaled sign and block sign`() throws {
        let run = try GoldenRun.run(.scaledSign, rounds: 5)
        let messages = run.outcomes.prefix(4).flatMap { $0.messages.compactMap(\.self) }.map {
            Cases.hexadecimal($0.bytes)
        }
        #expect(
            messages == [
                "0000b03ead", "0000c83eae", "0000b83e6a", "0000a43eaa", "0000be3ecc", "0000a03e55", "0000963e54",
                "0000c93e46", "0000ea3ed2",
            ])
        #expect(
            run.outcomes.prefix(3).map { $0.update.map { 512 * $0 } }
                == [
                    [-24, 24, 376, 376, -376, 376, -376, 376], [-538, 158, -158, 538, -538, 158, 210, 170],
                    [-425, 125, 277, -745, 343, -745, 745, -277],
                ].map { Cases.numbers($0) })
        #expect(
            run.outcomes[4].update == Cases.numbers([2674, 1042, -1106, -3698, 1106, -1042, -2674, -526], over: 4096))
        let four = try GoldenRun.run(.scaledSign)
        #expect(four.model == Cases.numbers([987, -307, -495, -169, 571, 211, -579, -269], over: 512))
        #expect(
            four.training.memories
                == [
                    [-96, -96, -32, -32, 32, 32, 96, 96], [142, -162, -30, -34, 98, 94, -142, -114],
                    [125, 195, -85, -267, 157, -75, -53, 117], [48, 332, 164, -92, -36, -224, -224, -176],
                ].map { Cases.numbers($0, over: 512) })
        let blocks = try GoldenRun.run(.blockSign(length: 4))
        #expect(blocks.model == Cases.numbers([684, -412, -516, 28, 352, 128, -128, -352], over: 512))
    }

    @Test func `every compressor has the same virtual iterate on the golden run`() throws {
        for kind: Compressor.Kind in [.topK(2), .topK(7), .scaledSign, .blockSign(length: 3), .identity] {
            let run = try GoldenRun.run(kind)
            #expect(
                run.training.virtualIterate(of: run.model) == Cases.numbers([12, -9, -8, 4, 5, 6, -4, -3], over: 8))
        }
    }

    @Test func `the kernels run the golden run bit for bit`() throws {
        for kind: Compressor.Kind in [.topK(2), .scaledSign, .blockSign(length: 4), .identity] {
            let (code, run) = (try GoldenRun.code(kind), try GoldenRun.run(kind))
            var memories = [[Float]](repeating: [Float](repeating: 0, count: 8), count: 4)
            var model = [Float](repeating: 0, count: 8)
            for t in 0..<4 {
                let coded = code.codedGradients(GoldenRun.gradients(t).map { Cases.numbers($0) })
                let messages = try GoldenRun.responders[t].map { i in
                    try CompressedGradientCode.workerStep(
                        coded[i].map { Float($0) }, memory: &memories[i], step: 0.125, by: code.compressor)
                }
                #expect(messages == run.outcomes[t].messages.compactMap { $0?.bytes })
                let update = try CompressedGradientCode.aggregate(messages, by: code.compressor)
                #expect(Cases.exact(update) == run.outcomes[t].update)
                model = try CompressedGradientCode.serverStep(model, update: update)
            }
            #expect(Cases.exact(model) == run.model)
            #expect(memories.map(Cases.exact) == run.training.memories)
        }
    }

    @Test func `a straggler keeps its memory: three active iterations, three gradients`() throws {
        var memory: [Float] = [0, 0]
        let top = try Compressor(.topK(1), dimension: 2)
        let sent = try (0..<3).map { _ in
            let bytes = try CompressedGradientCode.workerStep([1, 0.5], memory: &memory, step: 1, by: top)
            return try CompressedGradientCode.aggregate([bytes], by: top)
        }
        #expect(sent == [[1, 0], [1, 0], [0, 1.5]] && memory == [1, 0])
    }

    /// A run with prescribed gradients, responders and steps that a seed decides.
    static func expectTheorem1(_ kind: Compressor.Kind, rounded: Bool, seed: UInt64) throws {
        let words = Cases.words(seed, 600)
        let rows = [[1, 0, 1], [1, 1, 0], [0, 0, 0], [0, 1, 1]]
        let code = try CompressedGradientCode(
            allocation: try Allocation(rows),
            straggling: [try Probability(1, 3), try Probability(1, 7), .zero, try Probability(3, 5)],
            compressor: try Compressor(kind, dimension: 5))
        var training = CompressedTraining(code, isRounded: rounded)
        var (model, virtual) = ([Rational](repeating: 0, count: 5), [Rational](repeating: 0, count: 5))
        var (sent, owed) = ([[Rational]](repeating: model, count: 4), [[Rational]](repeating: model, count: 4))
        for t in 0..<6 {
            let word = { (n: Int) in words[90 * t + n] }
            let gradients = (0..<3).map { k in
                (0..<5).map { j in Rational(Int(word(5 * k + j) % 41) - 20, 1 + Int(word(20 + j) % 6)) }
            }
            let γ = Rational(1 + Int(word(30) % 5), 3)
            let responders = try WorkerSet((0..<4).filter { word(31 + $0) % 3 > 0 }, of: 4)
            let before = training.memories
            let outcome = try training.round(gradients, responders: responders, step: γ)
            let coded = code.codedGradients(gradients)
            for i in 0..<4 {
                guard responders.contains(i), i != 2 else {
                    #expect(training.memories[i] == before[i] && outcome.messages[i] == nil)
                    continue
                }
                sent[i] = zip(sent[i], outcome.decoded[i]!).map(+)
                owed[i] = zip(owed[i], coded[i]).map { $0 + γ * $1 }
                virtual = zip(virtual, coded[i]).map { $0 - γ * $1 }
                #expect(zip(sent[i], training.memories[i]).map(+) == owed[i])
            }
            model = zip(model, outcome.update).map(-)
            #expect(training.virtualIterate(of: model) == virtual)
        }
    }

    @Test(arguments: [false, true])
    func `Theorem 1 holds on every run, with exact messages and with rounded ones`(_ isRounded: Bool) throws {
        for kind: Compressor.Kind in [.scaledSign, .blockSign(length: 2), .topK(1), .topK(3), .identity] {
            for seed in 0..<6 as Range<UInt64> { try Self.expectTheorem1(kind, rounded: isRounded, seed: seed) }
        }
    }

    @Test func `without feedback top-1 slides to (1, 1), with it the run stays near the optimum`() throws {
        // Three workers of docs/CompressedGradientCode.md#tight-three-workers, L = 1, γ = 1/8, 320 iterations.
        for (feedback, range) in [(true, 3..<5), (false, 882..<884)] {
            let code = try CompressedGradientCode(
                allocation: try Allocation([[1, 0, 0], [0, 1, 0], [0, 0, 1]]), straggling: [.zero, .zero, .zero],
                compressor: try Compressor(.topK(1), dimension: 2))
            var training = CompressedTraining(code, hasFeedback: feedback)
            var model: [Rational] = [0, 0]
            for _ in 0..<320 {
                let gradients = [model.map { $0 + 1 }, [-1, 0], [0, -1]]
                let update = try training.round(gradients, responders: .all(3), step: Rational(1, 8)).update
                // Kept to 40 binary digits, which is far finer than what is looked at.
                model = zip(model, update).map { ($0 - $1) * Rational(1 << 40) }.map { $0.floor / Rational(1 << 40) }
            }
            let gap = (model[0] * model[0] + model[1] * model[1]) / 2
            #expect(range.contains(Int(exactly: (gap * 1000).floor)!), "\(gap.decimal(digits: 5))")
        }
    }
}
