import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

/// A code, a set of responders and what any right decoder makes of them.
///
/// The forward error of a decode depends on the decoding vector. Codes and responders are therefore chosen so that
/// every sensible vector has the same amplification: n − s workers of CRC-Z, whose rows are independent, or any workers
/// of fractional repetition, where non-negative weights of replicas add up to 1. Elsewhere only decodability is judged.
struct DecodingCase: Sendable {
    let code: CodeCases.Case
    let responders: WorkerSet
    /// The canonical decoding vector, nil for an undecodable set.
    let vector: [Rational]?

    /// Whether the bound of the canonical vector is that of every sensible one.
    var hasOneBound: Bool {
        code.named.kind == .fractionalRepetition || responders.count <= code.workers - code.stragglers
    }

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
            guard let vector = decoding.vector, let sum = answer.sum, decoding.hasOneBound else { return }
            let values = drawn.responders.map { drawn.message($0) }
            let bound = ForwardError.roundedCombinationBound(
                coefficients: drawn.responders.map { vector[$0] }, values: values)
            let expected = FloatExpectation.enclosure(
                center: [Rational(drawn.gradients.reduce(0, +))], bound: [bound], derivation: "recover")
            if let mismatch = expected.mismatch(of: sum, profile: .core) { throw Violation(question, mismatch) }
        }
    ]

    /// Messages of one coordinate that are exact combinations of integer gradients, some of them spoilt.
    private struct RecoverCase: Sendable {
        let code: CodeCases.Case
        let gradients: [Int]
        /// Who sent a finite message.
        let responders: WorkerSet
        /// Who sent something else.
        let excluded: [Int]

        init(_ choices: inout Choices) {
            code = choices.element(of: CodeCases.all)
            gradients = (0..<code.matrix.columns).map { _ in choices.integer(in: 0...200) - 100 }
            let sent = choices.subset(of: 0..<code.workers)
            let spoilt = choices.integer(in: 0...2) == 2 ? choices.subset(of: sent) : []
            excluded = spoilt
            guard let set = try? WorkerSet(sent, of: code.workers) else { preconditionFailure("members are in range") }
            responders = set.removing(spoilt)
        }

        func message(_ worker: Int) -> Rational { code.matrix.row(worker).innerProduct(gradients.map { Rational($0) }) }

        var question: GradientCode.Recover {
            let messages = (0..<code.workers).map { i -> Binary32Vector? in
                if excluded.contains(i) { return i.isMultiple(of: 2) ? [.nan] : [-.infinity] }
                return responders.contains(i) ? [Float(message(i))] : nil
            }
            return GradientCode.Recover(code: code.explicit, messages: messages)
        }
    }
}
