import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

extension Law {
    static let fractionalRepetitionCode: [Law] = [
        generated(
            60, id: "gradientCode.fractionalRepetition",
            "A worker of group i mod G holds the partitions j with ⌊jG/k⌋ equal to it, each with coefficient 1.",
            profile: .wire, basis: .paper, section: "GradientCode.md#fractional-repetition",
            needs: ["gradientCode.encodingMatrix"]
        ) { choices in
            let workers = choices.integer(in: 1...12)
            return (
                workers: workers, stragglers: choices.integer(in: 0...workers - 1),
                partitions: choices.integer(in: 1...12)
            )
        } trial: { drawn, examiner in
            let question = GradientCode.EncodingMatrix(
                code: CodeDescriptor(
                    .fractionalRepetition, workers: drawn.workers, stragglers: drawn.stragglers,
                    partitions: drawn.partitions))
            let answer = try await examiner.answer(question)
            let groups = drawn.workers / (drawn.stragglers + 1)
            let expected = (0..<drawn.workers).map { i in
                (0..<drawn.partitions).map { j in i % groups == j * groups / drawn.partitions ? 1 as Rational : 0 }
            }
            guard answer.matrix == expected else {
                throw Violation(question, Mismatch(expected: expected, received: answer.matrix))
            }
            let ones = Binary32Vector(expected.joined().map { $0 == 0 ? 0 : 1 })
            guard answer.binary32.withoutNegativeZeros == ones else {
                throw Violation(question, Mismatch(expected: ones, received: answer.binary32))
            }
        },
        generated(
            60, id: "theory.fractionalRepetitionRecovery",
            "P(decodable) = Π_q (1 − Π_{i ∈ q} p_i) is the sum over the recoverable patterns (Theorem 1).",
            profile: .core, basis: .paper, section: "GradientCode.md#theorem-1", needs: ["theory.value"]
        ) { choices in
            let workers = choices.integer(in: 1...7)
            let probabilities = (0..<workers).map { _ in
                let denominator = choices.integer(in: 1...12)
                return Rational(choices.integer(in: 0...denominator), denominator)
            }
            return (
                stragglers: choices.integer(in: 0...workers - 1), partitions: choices.integer(in: 1...7),
                probabilities: probabilities
            )
        } trial: { drawn, examiner in
            let workers = drawn.probabilities.count
            let code = try FractionalRepetitionCode(
                workers: workers, stragglers: drawn.stragglers, partitions: drawn.partitions)
            let question = TheoryValue(
                .fractionalRepetitionRecovery, workers: workers, stragglers: drawn.stragglers,
                partitions: drawn.partitions, probabilities: drawn.probabilities)
            let value = code.encodingMatrix.recoveryProbability(try Probability.all(drawn.probabilities))
            try await examiner.check([(question, .init(value: value))], profile: .core)
        },
    ]
}
