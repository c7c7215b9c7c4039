public import ExactArithmetic
public import GradientCodes

extension CooperativeReception {
    /// α, the weight of each client in the update (1/M) Σ_k α_k g_k: ones on full recovery, what the rule says on
    /// partial recovery, nil where there is no update (`docs/CooperativeGradientCode.md#aggregate`).
    ///
    /// - Parameter inverse: (1 − P_full)/ρ_k, one a client; used by `inverseProbability` only.
    /// - Precondition: `inverse` has M numbers where the rule needs them.
    public func weights(
        _ decoding: CooperativeDecoding, rule: CooperativeGradientCode.PartialRule, inverse: [Rational] = []
    ) -> [Rational]? {
        let M = scheme.clients
        let isRecovered = Set(decoding.recovered)
        switch decoding.outcome {
        case .none: return nil
        case .full: return [Rational](repeating: 1, count: M)
        case .partial:
            switch rule {
            case .mean:
                return (0..<M).map { isRecovered.contains($0) ? Rational(M, decoding.recovered.count) : 0 }
            case .inverseProbability:
                precondition(inverse.count == M, "one weight a client")
                return (0..<M).map { isRecovered.contains($0) ? inverse[$0] : 0 }
            case .leastSquares:
                return projection
            }
        }
    }

    /// The update (1/M) Σ_k α_k g_k of exact gradients; nil where there is none.
    ///
    /// - Precondition: one gradient a client, all of one dimension.
    public func update(
        _ decoding: CooperativeDecoding, rule: CooperativeGradientCode.PartialRule, gradients: [[Rational]],
        inverse: [Rational] = []
    ) -> [Rational]? {
        precondition(gradients.count == scheme.clients, "one gradient a client")
        guard let weights = weights(decoding, rule: rule, inverse: inverse) else { return nil }
        return gradients[0].indices.map { j in
            weights.innerProduct(gradients.map { $0[j] }) / Rational(scheme.clients)
        }
    }
}

extension CooperativeGradientCode {
    /// The scheme of an encoding matrix: W_m is the support of row m.
    ///
    /// - Throws: `invalidParameters` if b_mm = 0 or s or t_r is out of range; else `dimensionMismatch` unless the
    ///   matrix is square.
    public init(encodingMatrix: RationalMatrix, stragglers: Int, attempts: Int = 1) throws(Refusal) {
        _ = try CooperativeGradientCode(
            clients: encodingMatrix.rows, stragglers: stragglers, attempts: attempts)
        guard encodingMatrix.rows == encodingMatrix.columns else {
            throw Refusal(
                .dimensionMismatch,
                "a matrix of \(encodingMatrix.rows) by \(encodingMatrix.columns); expected a square")
        }
        var windows: [WorkerSet] = []
        for row in encodingMatrix.rowVectors {
            windows.append(try WorkerSet(row.indices.filter { !row[$0].isZero }, of: row.count))
        }
        try self.init(windows: windows, stragglers: stragglers, attempts: attempts)
    }
}
