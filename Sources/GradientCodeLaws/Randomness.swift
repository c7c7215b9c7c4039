import ExactArithmetic
import GradientCodeOperations
import GradientCodes

// Laws of the draw contract: each asks a subject about itself or judges it by the contract's own words, not by ours.
extension Law {
    static let randomness: [Law] = [
        generated(
            id: "philox.wordsAreBlocks", "Word j AND 3 of the block with counter (j >> 2, i, t, stream) is draw j.",
            profile: .tape, basis: .house, section: "numerics.md#randomness", needs: ["philox.words", "philox.block"]
        ) { choices in
            Philox.DrawWords(
                seed: Seed(choices.draw(upTo: .max)), stream: choices.integer(in: 0...8),
                t: choices.integer(in: 0...0xffff_ffff), i: choices.integer(in: 0...0xffff_ffff),
                first: choices.element(of: [0, 1, 0xffff_fffe, 0x1_0000_0001, 0x3_ffff_fff0]),
                count: choices.integer(in: 0...9))
        } trial: { question, examiner in
            let words = try await examiner.answer(question).words.words
            let indices = (0..<question.count).map { question.first + $0 }
            let seed = question.seed.value
            let blocks = indices.map { j in
                Philox.Block(
                    counter: [UInt32(j >> 2), UInt32(question.i), UInt32(question.t), UInt32(question.stream)],
                    key: [UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32)])
            }
            let answers = try await examiner.answers(blocks)
            let expected = try zip(indices, answers).map { j, answer in
                let block = answer.words.words
                guard block.count == 4 else {
                    throw Violation(
                        question, Mismatch("a block has not four words", expected: "4", received: Words(block)))
                }
                return block[j & 3]
            }
            guard words == expected else {
                throw Violation(question, Mismatch(expected: Words(expected), received: Words(words)))
            }
        },
        generated(
            id: "stragglers.thresholdRule", "Worker i straggles exactly when its draw u has u·den < num·2³².",
            profile: .tape, basis: .house, section: "numerics.md#randomness",
            needs: ["stragglers.draw", "philox.words"]
        ) { choices in
            let workers = choices.integer(in: 1...8)
            let probabilities = (0..<workers).map { _ in
                let denominator = choices.integer(in: 1...1000)
                return Rational(choices.integer(in: 0...denominator), denominator)
            }
            return StragglerModel.Draw(
                seed: Seed(choices.draw(upTo: .max)), t: choices.integer(in: 0...100), probabilities: probabilities)
        } trial: { question, examiner in
            let draws = try await draws(question, workers: question.probabilities?.count ?? 0, examiner)
            let responders = zip(draws, question.probabilities ?? []).enumerated()
                .filter { Rational($1.0) >= $1.1 * Rational(2).power(32) }.map(\.offset)
            try await examiner.check([(question, .init(responders: responders))], profile: .tape)
        },
        generated(
            id: "stragglers.exactly", "Among exactly s stragglers are those with the smallest (u_i, i).",
            profile: .tape, basis: .house, section: "numerics.md#randomness",
            needs: ["stragglers.draw", "philox.words"]
        ) { choices in
            let workers = choices.integer(in: 1...9)
            return StragglerModel.Draw(
                seed: Seed(choices.draw(upTo: .max)), t: choices.integer(in: 0...100),
                stragglers: choices.integer(in: 0...workers), workers: workers)
        } trial: { question, examiner in
            let workers = question.workers ?? 0
            let draws = try await draws(question, workers: workers, examiner)
            let order = (0..<workers).sorted { (draws[$0], $0) < (draws[$1], $1) }
            let responders = order.dropFirst(question.stragglers ?? 0).sorted()
            try await examiner.check([(question, .init(responders: responders))], profile: .tape)
        },
        generated(
            200, id: "rounding.nearest", "No float is nearer to the number than its rounding, and ties are even.",
            profile: .core, basis: .paper, section: "numerics.md#binary32-rounding", needs: ["rounding.binary32"]
        ) { choices in
            // A float or the middle between two, moved by nothing or by very little.
            let bits = UInt32(choices.draw(upTo: 0x7f7f_fffe))
            let low = Rational(exactly: Float(bitPattern: bits)) ?? 0
            let high = Rational(exactly: Float(bitPattern: bits + 1)) ?? 0
            let base = choices.element(of: [low, (low + high) / 2, (2 * low + high) / 3])
            let shift =
                choices.element(of: [0, 1, -1]) * (high - low) * Rational(2).power(-choices.integer(in: 2...80))
            return (choices.coin() ? -1 : 1) * (base + shift)
        } trial: { (value: Rational, examiner) in
            let question = Rounding.Binary32(values: [value])
            let answer = try await examiner.answer(question).values
            guard answer.count == 1, let rounded = Rational(exactly: answer.values[0]) else {
                throw Violation(question, Mismatch("not one finite float", expected: "one float", received: answer))
            }
            let distance = (rounded - value).magnitude
            for neighbour in [answer.values[0].nextUp, answer.values[0].nextDown] {
                guard let other = Rational(exactly: neighbour) else { continue }
                let theirs = (other - value).magnitude
                let isEven = answer.bits[0] & 1 == 0
                guard distance < theirs || distance == theirs && isEven else {
                    let expected = "\(neighbour) is nearer, or as near and even"
                    throw Violation(question, Mismatch("not the nearest float", expected: expected, received: answer))
                }
            }
        },
    ]

    /// The draws u_i, j = 0 of the straggler stream, as the subject itself draws them.
    private static func draws(
        _ question: StragglerModel.Draw, workers: Int, _ examiner: Examiner
    ) async throws -> [UInt32] {
        let questions = (0..<workers).map {
            Philox.DrawWords(seed: question.seed, stream: 0, t: question.t, i: $0, first: 0, count: 1)
        }
        return try await examiner.answers(questions).map { answer in
            guard let word = answer.words.words.first else {
                throw Violation(questions[0], Mismatch("no word", expected: "one word", received: Words([])))
            }
            return word
        }
    }
}
