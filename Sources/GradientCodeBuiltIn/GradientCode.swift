import ExactArithmetic
import GradientCodeKernels
public import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
public import GradientCodes

extension BuiltIn {
    static func answerGradientCodes(_ table: inout Implementation.Table) {
        table.answer(GradientCode.EncodingMatrix.self, regression: true, unless: { Work.tooMuch($0.code, times: 0) }) {
            question throws(Refusal) in
            let matrix = try question.code.exactMatrix()
            let rounded = matrix.rowVectors.flatMap { $0.map { Float($0) } }
            return .init(matrix: matrix.rowVectors, binary32: Binary32Vector(rounded))
        }
        table.answer(GradientCode.Check.self, regression: true, unless: tooManySets) { question throws(Refusal) in
            try check(question)
        }
        table.answer(
            GradientCode.DecodingVector.self, regression: true,
            unless: { Work.tooMuch($0.code, responders: $0.responders.count) }
        ) {
            question throws(Refusal) in
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
        table.answer(
            GradientCode.LeastSquares.self, regression: true,
            // Two systems of products: numbers twice as long, and longer again.
            unless: { Work.tooMuch($0.code, responders: $0.responders.count, times: 16) }
        ) {
            question throws(Refusal) in
            let matrix = try question.code.exactMatrix()
            let decoding = matrix.leastSquaresDecoding(
                responders: try WorkerSet(question.responders, of: matrix.rows))
            return .init(
                vector: .exact(decoding.vector), recovered: .exact(decoding.recovered),
                residual: .exact(decoding.residual))
        }
        table.answer(GradientCode.Approximate.self, regression: true, unless: { Work.tooMuch($0.code, times: 0) }) {
            question throws(Refusal) in try approximate(question)
        }
        table.answer(
            GradientCode.RealCirculant.self, regression: true,
            unless: { 41...RealCirculantCode.maximumWorkers ~= $0.workers ? "more than 40 workers" : nil }
        ) { question throws(Refusal) in try realCirculant(question) }
        table.answer(GradientCode.Encode.self) { question throws(Refusal) in
            .init(vector: try combine(question))
        }
        table.answer(GradientCode.Decode.self) { question throws(Refusal) in
            .init(vector: try combine(question))
        }
        table.answer(
            GradientCode.Recover.self,
            unless: { Work.tooMuch($0.code, responders: $0.messages.count { $0 != nil }) }
        ) { question throws(Refusal) in
            let messages = question.messages.map { $0?.values }
            let matrix = try question.code.exactMatrix(for: messages.count, "messages") { () throws(Refusal) in
                try GradientCode.requireOneDimension(of: messages)
            }
            let recovery = try recover(messages, by: matrix)
            return .init(
                status: recovery.sum == nil ? .undecodable : .exact, sum: recovery.sum.map { Binary32Vector($0) },
                excluded: recovery.excluded)
        }
        table.answer(GradientCode.RecoveryProbability.self, regression: true, unless: tooManyPatterns) {
            question throws(Refusal) in
            if case .named(let code)? = try? question.code.resolved(),
                let probabilities = try? Probability.all(question.probabilities),
                let probability = try code.closedRecoveryProbability(probabilities)
            {
                return .init(probability: .exact(probability))
            }
            let matrix = try question.code.exactMatrix(for: question.probabilities.count, "probabilities")
            let probabilities = try Probability.all(question.probabilities)
            return .init(probability: .exact(matrix.recoveryProbability(probabilities)))
        }
        table.hold(GradientCode.Session.self, flags: ["save", "seed"], unless: { Work.tooMuch($0.code) }) {
            opening throws(Refusal) in
            try GradientCodeRounds(opening)
        }
    }

    private static func tooManySets(_ question: GradientCode.Check) -> String? {
        guard let n = question.code.claimedWorkers, (0..<max(0, n)).contains(question.stragglers) else { return nil }
        let sets = Rational.binomial(n, question.stragglers) + .binomial(n, question.stragglers + 1)
        return Work.tooMuch(question.code, times: sets)
    }

    private static func tooManyPatterns(_ question: GradientCode.RecoveryProbability) -> String? {
        guard ![.fractionalRepetition, .crcOnes].contains(question.code.kind) else { return nil }
        return Work.tooMuch(
            question.code, times: Rational(2).power(min(64, max(0, question.code.claimedWorkers ?? 0))))
    }

    /// GC(s), TIGHT(s) and worst amplification, on all sets of responders.
    public static func check(_ question: GradientCode.Check) throws(Refusal) -> GradientCode.Check.Answer {
        let workers = question.code.claimedWorkers
        guard question.stragglers >= 0, question.stragglers < workers ?? .max else {
            throw Refusal(.invalidParameters, "s is \(question.stragglers), expected 0 ..< \(workers ?? 0)")
        }
        let matrix = try question.code.exactMatrix()
        let properties = matrix.properties(stragglers: question.stragglers)
        switch properties.recovery {
        case .always(let kappa):
            return .init(recovers: true, tight: properties.isTight, kappa: .exact(kappa))
        case .fails(let responders, let witness):
            return .init(
                recovers: false, tight: false, witness: .init(responders: responders.members, vector: witness))
        }
    }

    /// Window and decoding vector of the real circulant, each number rounded once from its enclosure.
    static func realCirculant(_ question: GradientCode.RealCirculant) throws(Refusal)
        -> GradientCode.RealCirculant.Answer
    {
        let code = try RealCirculantCode(workers: question.workers, stragglers: question.stragglers)
        guard question.responders.count == code.workers - code.stragglers else {
            throw Refusal(
                .invalidParameters,
                "\(question.responders.count) responders; expected \(code.workers - code.stragglers)")
        }
        let responders = try WorkerSet(question.responders, of: code.workers)
        let vector = try code.decodingVector(responders: responders, bits: 64)
        return .init(
            window: .floats(try rounded(code.window(bits: 64).map(\.center)).map(\.bitPattern)),
            vector: .floats(try rounded(vector.map { $0.contains(0) ? 0 : $0.center }).map(\.bitPattern)))
    }

    /// One step or fixed weights.
    static func approximate(_ question: GradientCode.Approximate) throws(Refusal)
        -> GradientCode.Approximate.Answer
    {
        let decoding: ApproximateDecoding
        switch question.rule {
        case .oneStep:
            guard let density = question.density else { throw Refusal(.invalidParameters, "oneStep needs density") }
            let matrix = try question.code.exactMatrix()
            guard density > 0, density <= 1 else {
                throw Refusal(.invalidProbability, "density \(density); expected 0 < δ ≤ 1")
            }
            decoding = matrix.oneStepDecoding(
                responders: try WorkerSet(question.responders, of: matrix.rows), density: density)
        case .fixedWeights:
            guard let weights = question.weights else {
                throw Refusal(.invalidParameters, "fixedWeights needs weights")
            }
            let matrix = try question.code.exactMatrix(for: weights.count, "weights")
            decoding = matrix.fixedDecoding(
                responders: try WorkerSet(question.responders, of: matrix.rows), weights: weights)
        }
        return .init(
            vector: .exact(decoding.vector), recovered: .exact(decoding.recovered), residual: .exact(decoding.residual))
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

extension GradientCode {
    /// P(decodable) where the construction has a closed form; nil where it has none.
    ///
    /// - Throws: `dimensionMismatch` unless there is one probability a worker.
    fileprivate func closedRecoveryProbability(_ probabilities: [Probability]) throws(Refusal) -> Rational? {
        switch self {
        case .fractionalRepetition(let code): try code.recoveryProbability(probabilities)
        case .cyclicRepetition(let code) where code.construction == .ones: try code.recoveryProbability(probabilities)
        case .cyclicRepetition, .nullSpace, .bernoulli, .graph, .stochastic: nil
        }
    }
}

extension CodeDescriptor {
    /// The encoding matrix described.
    func exactMatrix() throws(Refusal) -> RationalMatrix { try resolved().exactMatrix }

    /// The encoding matrix of a question that has so many items, which ought to be one a worker.
    ///
    /// Sizes are compared before a construction refuses what is neither a parameter nor a size.
    ///
    /// - Parameter sizes: compares further sizes of the question.
    /// - Throws: as `exactMatrix()`, and `dimensionMismatch`.
    func exactMatrix(
        for count: Int, _ items: String, sizes: () throws(Refusal) -> Void = {}
    ) throws(Refusal) -> RationalMatrix {
        func compare(_ workers: Int?) throws(Refusal) {
            if let workers, workers != count {
                throw Refusal(.dimensionMismatch, "\(count) \(items) for \(workers) workers")
            }
            try sizes()
        }
        do throws(Refusal) {
            let matrix = try exactMatrix()
            try compare(matrix.rows)
            return matrix
        } catch {
            if ![.invalidParameters, .dimensionMismatch].contains(error.kind) { try compare(claimedWorkers) }
            throw error
        }
    }
}

extension CodeDescriptor.Resolved {
    /// The encoding matrix described.
    var exactMatrix: RationalMatrix {
        get throws(Refusal) {
            switch self {
            case .named(let code): try code.encodingMatrix
            case .matrix(let matrix): matrix
            }
        }
    }
}
