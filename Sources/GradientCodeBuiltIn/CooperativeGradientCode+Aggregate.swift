import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodes

extension BuiltIn {
    /// The update of a round.
    static func aggregate(_ question: CooperativeGradientCode.Aggregate) throws(Refusal) -> [Float]? {
        let M = question.clients
        var defects = Defects()
        defects.require(
            1...CodeDescriptor.maximumSize ~= M, .invalidParameters, "\(M) clients; expected 1...1024")
        let given = question.vectors.compactMap { $0 } + [question.sum].compactMap { $0 }
        defects.require(given.allSatisfy { $0.count > 0 }, .invalidParameters, "a vector of dimension 0")
        defects.require(Set(given.map(\.count)).count <= 1, .dimensionMismatch, "vectors of different dimensions")
        defects.require(given.allSatisfy(\.isFinite), .nonFinite, "a coordinate is not finite")
        switch question.outcome {
        case .none: break
        case .full: defects.require(question.sum != nil, .invalidParameters, "full recovery without the sum")
        case .partial: check(question, &defects)
        }
        let recovered = defects.attempt { () throws(Refusal) in
            try WorkerSet(question.recovered, of: max(1, min(M, CodeDescriptor.maximumSize)))
        }
        try defects.refuse()
        switch question.outcome {
        case .none: return nil
        case .full:
            return CooperativeGradientCode.mean(sum: question.sum.sound.values, clients: M)
        case .partial:
            let members = recovered.sound.members
            switch question.rule {
            case .mean:
                return try CooperativeGradientCode.mean(ofRecovered: members.map { question.vectors[$0].sound.values })
            case .inverseProbability:
                let full = question.full.sound
                let weights = members.map { full == 1 ? 0 : (1 - full) / question.recovery.sound[$0] }
                return try weighted(weights, members.map { question.vectors[$0].sound.values }, clients: M)
            case .leastSquares:
                return try weighted(
                    question.coefficients.sound, question.vectors.map { $0.sound.values }, clients: M)
            }
        }
    }

    /// What partial recovery asks for.
    private static func check(_ question: CooperativeGradientCode.Aggregate, _ defects: inout Defects) {
        let M = question.clients
        defects.require(!question.recovered.isEmpty, .invalidParameters, "partial recovery of nobody")
        if question.rule == .leastSquares {
            defects.require(
                question.coefficients != nil && !question.vectors.contains(nil) && !question.vectors.isEmpty,
                .invalidParameters, "leastSquares needs coefficients and rows")
            defects.require(
                (question.coefficients?.count ?? question.vectors.count) == question.vectors.count, .dimensionMismatch,
                "not one coefficient a row")
            return
        }
        defects.require(question.vectors.count == M, .dimensionMismatch, "not one vector a client")
        defects.require(
            question.recovered.allSatisfy { !question.vectors.indices.contains($0) || question.vectors[$0] != nil },
            .invalidParameters, "the gradient of a recovered client is missing")
        guard question.rule == .inverseProbability else { return }
        defects.require(
            question.full != nil && question.recovery != nil, .invalidParameters,
            "inverseProbability needs full and recovery")
        guard let full = question.full, let recovery = question.recovery else { return }
        defects.require(recovery.count == M, .dimensionMismatch, "not one probability of recovery a client")
        _ = defects.attempt { () throws(Refusal) in try Probability.all(recovery + [full]) }
        defects.require(
            full == 1 || recovery.allSatisfy { $0 > 0 }, .invalidProbability,
            "a client is never recovered on partial recovery, and full recovery is not certain")
    }

    /// (1/M) Σ_k w_k v_k with weights rounded once.
    private static func weighted(_ weights: [Rational], _ vectors: [[Float]], clients: Int) throws(Refusal) -> [Float] {
        let rounded = try rounded(weights)
        let used = rounded.indices.filter { rounded[$0] != 0 }
        guard !used.isEmpty else { return [Float](repeating: 0, count: vectors[0].count) }
        return try CooperativeGradientCode.weightedMean(
            weights: used.map { rounded[$0] }, vectors: used.map { vectors[$0] }, clients: clients)
    }
}
