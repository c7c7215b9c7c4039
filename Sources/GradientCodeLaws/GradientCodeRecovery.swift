import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

/// A code, a set of responders and what any right decoder makes of them.
struct DecodingCase: Sendable {
    let code: CodeCases.Case
    let responders: WorkerSet
    /// The canonical decoding vector, nil for an undecodable set.
    let vector: [Rational]?

    init(_ code: CodeCases.Case, _ responders: WorkerSet) {
        self.code = code
        self.responders = responders
        vector = code.matrix.decode(responders: responders).vector
    }

    init(_ choices: inout Choices) {
        let code = choices.element(of: CodeCases.all)
        guard let responders = try? WorkerSet(choices.subset(of: 0..<code.workers), of: code.workers) else {
            preconditionFailure("members are in range")
        }
        self.init(code, responders)
    }
}

extension Law {
    static let gradientCodeRecovery: [Law] = [
        generated(
            150, id: "gradientCode.recoverSum",
            "The messages of a decodable set give the sum; NaN and infinities count as not received.", profile: .core,
            basis: .derived, section: "GradientCode.md#recover", needs: ["gradientCode.recover"]
        ) { choices in
            RecoverCase(&choices)
        } trial: { drawn, examiner in
            let question = drawn.question
            let answer = try await examiner.answer(question)
            let decoding = DecodingCase(drawn.code, drawn.responders)
            let status: GradientCode.DecodingVector.Status = decoding.vector == nil ? .undecodable : .exact
            guard answer.status == status, answer.excluded == drawn.excluded,
                (answer.sum == nil) == (decoding.vector == nil)
            else {
                let expected = "\(status.rawValue), excluded \(drawn.excluded)"
                throw Violation(question, Mismatch("wrong decision", expected: expected, received: answer))
            }
            guard decoding.vector != nil, let sum = answer.sum else { return }
            let columns = drawn.gradients[0].indices.map { d in drawn.gradients.map { Rational($0[d]) } }
            let expected = FloatExpectation.enclosure(
                center: columns.map(\.total),
                bound: columns.map {
                    ForwardError.anyDecodeBound(
                        matrix: drawn.code.matrix, responders: drawn.responders.members, gradients: $0)
                }, derivation: "recover-any")
            if let mismatch = expected.mismatch(of: sum, profile: .core) { throw Violation(question, mismatch) }
        }
    ]

    /// Messages that are exact combinations of integer gradients, some of them spoilt in one coordinate.
    private struct RecoverCase: Sendable {
        let code: CodeCases.Case
        let gradients: [[Int]]
        /// Who sent a finite message.
        let responders: WorkerSet
        /// Who sent something else.
        let excluded: [Int]
        /// What they sent, and in which coordinate.
        let spoiltValue: Float
        let spoiltCoordinate: Int

        init(_ choices: inout Choices) {
            code = choices.element(of: CodeCases.all)
            let dimension = choices.integer(in: 1...3)
            gradients = (0..<code.matrix.columns).map { _ in
                (0..<dimension).map { _ in choices.integer(in: 0...200) - 100 }
            }
            let sent = choices.subset(of: 0..<code.workers)
            excluded = choices.integer(in: 0...2) == 2 ? choices.subset(of: sent) : []
            spoiltValue = choices.element(of: [.nan, .infinity, -.infinity])
            spoiltCoordinate = choices.integer(in: 0...dimension - 1)
            guard let set = try? WorkerSet(sent, of: code.workers) else { preconditionFailure("members are in range") }
            responders = set.removing(excluded)
        }

        var question: GradientCode.Recover {
            let messages = (0..<code.workers).map { i -> Binary32Vector? in
                guard responders.contains(i) || excluded.contains(i) else { return nil }
                var message = gradients[0].indices.map { d in
                    Float(code.matrix.row(i).innerProduct(gradients.map { Rational($0[d]) }))
                }
                if excluded.contains(i) { message[spoiltCoordinate] = spoiltValue }
                return Binary32Vector(message)
            }
            return GradientCode.Recover(code: code.explicit, messages: messages)
        }
    }
}
