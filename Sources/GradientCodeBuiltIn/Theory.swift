import ExactArithmetic
import GradientCodeOperations
import GradientCodeTheory
import GradientCodes

extension BuiltIn {
    static func answerTheory(_ table: inout Implementation.Table) {
        table.answer(
            TheoryValue.self, regression: true,
            unless: { ($0.probabilities?.count ?? 0) > 256 ? "more than 256 probabilities" : nil }
        ) { question throws(Refusal) in try value(question) }
    }

    /// The answer to a question of theory.
    static func value(_ question: TheoryValue) throws(Refusal) -> TheoryValue.Answer {
        func required<Value>(_ value: Value?, _ name: String) throws(Refusal) -> Value {
            guard let value else {
                throw Refusal(.invalidParameters, "\(question.quantity.rawValue) needs \(name)")
            }
            return value
        }
        func workers() throws(Refusal) -> Int { try required(question.workers, "workers") }
        func stragglers() throws(Refusal) -> Int { try required(question.stragglers, "stragglers") }
        func probabilities() throws(Refusal) -> [Probability] {
            let (n, values) = (try workers(), try required(question.probabilities, "probabilities"))
            guard n >= 1 else { throw Refusal(.invalidParameters, "\(n) workers; expected at least 1") }
            guard values.count == n else {
                throw Refusal(.dimensionMismatch, "\(values.count) probabilities for \(n) workers")
            }
            return try Probability.all(values)
        }
        func cyclic() throws(Refusal) -> CyclicRepetitionCode {
            try CyclicRepetitionCode(workers: workers(), stragglers: stragglers())
        }

        let value: Rational
        switch question.quantity {
        case .fractionalRepetitionRecovery:
            // Parameters, sizes and probabilities are refused before divisibility.
            _ = try FractionalRepetitionCode(
                workers: workers(), stragglers: stragglers(), partitions: question.partitions ?? 1)
            let p = try probabilities()
            let code =
                if let partitions = question.partitions {
                    try FractionalRepetitionCode(
                        workers: workers(), stragglers: stragglers(), partitions: partitions)
                } else {
                    try FractionalRepetitionCode(workers: workers(), stragglers: stragglers())
                }
            value = try code.recoveryProbability(p)
        case .thresholdRecovery:
            let (n, s) = (try workers(), try stragglers())
            guard n > 0, (0..<n).contains(s) else {
                throw Refusal(.invalidParameters, "expected 0 ≤ s < n, found s = \(s), n = \(n)")
            }
            value = PoissonBinomial(try probabilities()).atMost(s)
        case .crcZLargestEntry:
            value = try cyclic().largestEntry
        case .crcZWorstAmplification:
            value = try cyclic().worstAmplification()
        case .forwardErrorFactorBound:
            let roundings = try required(question.roundings, "roundings")
            let kappa = try required(question.kappa, "kappa")
            guard (0...4096).contains(roundings), kappa >= 0 else {
                throw Refusal(.invalidParameters, "expected 0 ≤ t ≤ 4096 and κ ≥ 0")
            }
            value = ForwardError.factor(roundings: roundings) * kappa
        case .crcOnesRecovery:
            _ = try cyclic()
            let p = try probabilities()
            let code = try CyclicRepetitionCode(workers: workers(), stragglers: stragglers(), construction: .ones)
            value = try code.recoveryProbability(p)
        case .oneStepResidual:
            value = try ExpectedResidual.oneStep(
                partitions: required(question.partitions, "partitions"), density: required(question.density, "density"),
                responders: required(question.responders, "responders"))
        case .stochasticResidual:
            let replications = try required(question.replications, "replications")
            let p = try required(question.probabilities, "probabilities")
            // A bad replication is refused before a wrong number of probabilities.
            _ = try ExpectedResidual.stochastic(replications: replications, straggling: .zero)
            guard p.count == 1 else {
                throw Refusal(.dimensionMismatch, "\(p.count) probabilities; expected one, common to all workers")
            }
            value = try ExpectedResidual.stochastic(replications: replications, straggling: Probability(p[0]))
        case .ignoringStragglersResidual:
            value = ExpectedResidual.ignoringStragglers(try probabilities())
        case .unbiasedWeightsResidual:
            value = try ExpectedResidual.unbiasedWeights(probabilities())
        case .fixedRespondersResidual:
            let replications = try required(question.replications, "replications")
            let values = try (replications.isEmpty ? [1] : replications).map { replication throws(Refusal) in
                try ExpectedResidual.fixedResponders(
                    workers: workers(), replication: replication,
                    responders: required(question.responders, "responders"))
            }
            guard replications.count == 1 else {
                throw Refusal(.dimensionMismatch, "\(replications.count) replications; expected that of one partition")
            }
            value = values[0]
        }
        return .init(value: value)
    }
}
