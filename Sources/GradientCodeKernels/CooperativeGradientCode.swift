public import GradientCodes

// Partial sums, decoding and aggregation are the linear combination of `GradientCode.combine`, with its order, error and
// traffic. What the clients cannot hear is left out of the combination, never multiplied by zero.
// Error: docs/CooperativeGradientCode.md#float32.
extension CooperativeGradientCode {
    /// The partial sum Σ_{k ∈ Up_m} b_mk g_k of a client.
    ///
    /// - Parameters:
    ///   - coefficients: row m of B, one number a client, finite and not 0 where available.
    ///   - available: Up_m.
    ///   - gradients: one a client, all of one dimension; those of other clients are not looked at.
    /// - Returns: nil where a coordinate is not finite, because a gradient is not or the sum overflows: such a row is
    ///   removed (`docs/CooperativeGradientCode.md#rounds`).
    public static func partialSum(
        coefficients: [Float], available: WorkerSet, gradients: [[Float]]
    ) -> [Float]? {
        try? GradientCode.combine(available.map { coefficients[$0] }, available.map { gradients[$0] })
    }

    /// The update on full recovery, (1/M) Σ_i a_i y_i, divided at the end.
    ///
    /// - Parameters:
    ///   - coefficients: a, one number a row, finite; rows with 0 are not looked at.
    ///   - rows: y, the partial sums received, all of one dimension, at least one with a coefficient that is not 0.
    ///   - clients: M.
    /// - Throws: `outOfRange` when a coordinate of the sum is beyond binary32.
    public static func mean(coefficients: [Float], rows: [[Float]], clients: Int) throws(Refusal) -> [Float] {
        let used = coefficients.indices.filter { coefficients[$0] != 0 }
        let sum = try GradientCode.combine(used.map { coefficients[$0] }, used.map { rows[$0] })
        let divisor = Float(clients)
        return sum.map { $0 / divisor }
    }

    /// The sum divided by M, for a sum that is known: `outcome` full of `cooperative.aggregate`.
    public static func mean(sum: [Float], clients: Int) -> [Float] {
        let divisor = Float(clients)
        return sum.map { $0 / divisor }
    }

    /// PR-mean: the mean of the recovered gradients, added in ascending order and divided by their number.
    ///
    /// - Precondition: at least one gradient, all of one dimension and finite.
    /// - Throws: `outOfRange` when a coordinate of the sum is beyond binary32.
    public static func mean(ofRecovered gradients: [[Float]]) throws(Refusal) -> [Float] {
        let sum = try GradientCode.combine([Float](repeating: 1, count: gradients.count), gradients)
        let divisor = Float(gradients.count)
        return sum.map { $0 / divisor }
    }

    /// PR-IPW and PR-LS: (1/M) Σ_k w_k v_k of weighted vectors, divided at the end.
    ///
    /// - Throws: `outOfRange` when a coordinate of the sum is beyond binary32.
    public static func weightedMean(weights: [Float], vectors: [[Float]], clients: Int) throws(Refusal) -> [Float] {
        let sum = try GradientCode.combine(weights, vectors)
        let divisor = Float(clients)
        return sum.map { $0 / divisor }
    }
}
