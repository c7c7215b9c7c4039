import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

extension BuiltIn {
    /// Sets of responders that one question may enumerate.
    private static let enumerationLimit: Rational = 0x10_0000

    static func answerGradientCodes(_ table: inout Implementation.Table) {
        table.answer(GradientCode.EncodingMatrix.self, regression: true) { question throws(Refusal) in
            let matrix = try question.code.exactMatrix()
            let rounded = matrix.rowVectors.flatMap { $0.map { Float($0) } }
            return .init(matrix: matrix.rowVectors, binary32: Binary32Vector(rounded))
        }
        table.answer(GradientCode.Check.self, regression: true, unless: tooManySets) { question throws(Refusal) in
            let matrix = try question.code.exactMatrix()
            guard (0..<matrix.rows).contains(question.stragglers) else {
                throw Refusal(.invalidParameters, "s is \(question.stragglers), expected 0 ..< \(matrix.rows)")
            }
            let properties = matrix.properties(stragglers: question.stragglers)
            switch properties.recovery {
            case .always(let kappa):
                return .init(recovers: true, tight: properties.isTight, kappa: .exact(kappa))
            case .fails(let responders, let witness):
                return .init(
                    recovers: false, tight: false, witness: .init(responders: responders.members, vector: witness))
            }
        }
        table.answer(GradientCode.DecodingVector.self, regression: true) { question throws(Refusal) in
            let matrix = try question.code.exactMatrix()
            let responders = try WorkerSet(question.responders, of: matrix.rows)
            switch matrix.decode(responders: responders) {
            case .exact(let vector):
                return .init(
                    status: .exact, vector: .exact(vector), kappa: .exact(matrix.amplification(of: vector)))
            case .undecodable(let witness):
                return .init(status: .undecodable, witness: witness)
            }
        }
        table.answer(GradientCode.LeastSquares.self, regression: true) { question throws(Refusal) in
            let matrix = try question.code.exactMatrix()
            let decoding = matrix.leastSquaresDecoding(
                responders: try WorkerSet(question.responders, of: matrix.rows))
            return .init(
                vector: .exact(decoding.vector), recovered: .exact(decoding.recovered),
                residual: .exact(decoding.residual))
        }
        table.answer(GradientCode.Encode.self) { question throws(Refusal) in
            .init(vector: try combine(question))
        }
        table.answer(GradientCode.Decode.self) { question throws(Refusal) in
            .init(vector: try combine(question))
        }
        table.answer(GradientCode.Recover.self) { question throws(Refusal) in
            let matrix = try question.code.exactMatrix()
            guard question.messages.count == matrix.rows else {
                throw Refusal(
                    .dimensionMismatch, "\(question.messages.count) messages for \(matrix.rows) workers")
            }
            let recovery = try recover(question.messages.map { $0?.values }, by: matrix)
            return .init(
                status: recovery.sum == nil ? .undecodable : .exact, sum: recovery.sum.map { Binary32Vector($0) },
                excluded: recovery.excluded)
        }
        table.answer(GradientCode.RecoveryProbability.self, unless: tooManyPatterns) { question throws(Refusal) in
            let code = try question.code.resolved()
            let matrix = code.exactMatrix
            guard question.probabilities.count == matrix.rows else {
                throw Refusal(
                    .dimensionMismatch, "\(question.probabilities.count) probabilities for \(matrix.rows) workers")
            }
            let probabilities = try Probability.all(question.probabilities)
            if case .named(.fractionalRepetition(let code)) = code {
                return .init(probability: .exact(try code.recoveryProbability(probabilities)))
            }
            return .init(probability: .exact(matrix.recoveryProbability(probabilities)))
        }
        table.hold(GradientCode.Session.self, flags: ["save", "seed"]) { opening throws(Refusal) in
            try GradientCodeRounds(opening)
        }
    }

    private static func tooManySets(_ question: GradientCode.Check) -> String? {
        guard let matrix = try? question.code.exactMatrix() else { return nil }
        return .binomial(matrix.rows, question.stragglers) > enumerationLimit ? "more than 2^20 sets" : nil
    }

    private static func tooManyPatterns(_ question: GradientCode.RecoveryProbability) -> String? {
        guard let code = try? question.code.resolved() else { return nil }
        if case .named(.fractionalRepetition) = code { return nil }
        return code.exactMatrix.rows > 20 ? "more than 2^20 patterns" : nil
    }

    private static func combine(_ question: some LinearCombinationQuestion) throws(Refusal) -> Binary32Vector {
        let (coefficients, vectors) = try question.validated()
        return Binary32Vector(try GradientCode.combine(coefficients, vectors))
    }

    /// The kernel's recovery with the reference's decisions: who can be decoded, and the rounded coefficients.
    static func recover(_ messages: [[Float]?], by matrix: RationalMatrix) throws(Refusal) -> Recovery {
        try GradientCode.recover(messages) { responders throws(Refusal) in
            guard let vector = matrix.decode(responders: responders).vector else { return nil }
            return try rounded(vector)
        }
    }

    /// Coefficients for the float kernels, each rounded once.
    ///
    /// - Throws: `outOfRange` when one overflows, or vanishes although it is not zero.
    static func rounded(_ coefficients: [Rational]) throws(Refusal) -> [Float] {
        var floats: [Float] = []
        for coefficient in coefficients {
            let float = Float(coefficient)
            guard float.isFinite, (float == 0) == coefficient.isZero else {
                throw Refusal(.outOfRange, "the coefficient \(coefficient) is beyond binary32")
            }
            floats.append(float)
        }
        return floats
    }
}

extension CodeDescriptor {
    /// The encoding matrix described.
    func exactMatrix() throws(Refusal) -> RationalMatrix { try resolved().exactMatrix }
}

extension CodeDescriptor.Resolved {
    /// The encoding matrix described.
    var exactMatrix: RationalMatrix {
        switch self {
        case .named(let code): code.encodingMatrix
        case .matrix(let matrix): matrix
        }
    }
}
