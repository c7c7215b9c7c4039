public import ExactArithmetic
public import GradientCodes

// The encoder of 1-bit gradient coding (`docs/OneBitGradientCode.md#encoder`).
extension OneBitGradientCode {
    /// The standard weights W_ik = S_ik / (d_k (1 − p_i)), one row a worker and one column a subset.
    public var weights: RationalMatrix { allocation.weights(straggling: straggling) }

    /// Refuses weights with which the update would be biased.
    ///
    /// - Throws: `dimensionMismatch` unless there is one row a worker and one column a subset; else `invalidParameters`
    ///   if W_ik ≠ 0 where worker i does not hold subset k, or Σ_i (1 − p_i) W_ik ≠ 1 for some k.
    public func validate(weights: RationalMatrix) throws(Refusal) {
        guard weights.rows == workers, weights.columns == subsets else {
            throw Refusal(
                .dimensionMismatch,
                "\(weights.rows) by \(weights.columns) weights; expected \(workers) by \(subsets)")
        }
        for k in 0..<subsets {
            if let i = (0..<workers).first(where: { i in
                !weights[i, k].isZero && !allocation.holds(worker: i, partition: k)
            }) {
                throw Refusal(.invalidParameters, "worker \(i) has a weight for subset \(k), which it does not hold")
            }
            let total = (0..<workers).map { i in (1 - Rational(straggling[i])) * weights[i, k] }.total
            guard total == 1 else {
                throw Refusal(.invalidParameters, "Σ_i (1 − p_i) W_ik is \(total) for subset \(k), expected 1")
            }
        }
    }

    /// The coded gradients g_i = Σ_k W_ik ∇f_k, one a worker, each with one number a coordinate; zeros for a worker
    /// without data.
    ///
    /// - Precondition: one gradient a column of the weights, all of one dimension.
    public static func codedGradients(weights: RationalMatrix, gradients: [[Rational]]) -> [[Rational]] {
        precondition(gradients.count == weights.columns, "one gradient a subset")
        return weights.rowVectors.map { row in
            gradients[0].indices.map { j in row.innerProduct(gradients.map { $0[j] }) }
        }
    }
}

extension Allocation {
    /// W_ik = S_ik / (d_k (1 − p_i)), one row a worker and one column a subset: the weights of the schemes whose workers
    /// straggle independently.
    ///
    /// - Precondition: one probability below 1 a worker.
    func weights(straggling: [Probability]) -> RationalMatrix {
        let replication = replication
        let answers = straggling.map { 1 - Rational($0) }
        return RationalMatrix(rows: workers, columns: partitions) { i, k in
            holds(worker: i, partition: k) ? 1 / (Rational(replication[k]) * answers[i]) : 0
        }
    }
}

/// The stochastic sign: +B with probability (B + x)/(2B), else −B (`docs/OneBitGradientCode.md#quantiser`).
public enum StochasticSign {
    /// (B + x)/(2B), the probability of +B.
    ///
    /// - Precondition: B > 0 and |x| ≤ B.
    public static func probability(of x: Rational, range: Rational) -> Rational {
        precondition(range > 0 && x.magnitude <= range, "\(x) is outside ±\(range)")
        return (range + x) / (2 * range)
    }

    /// c = ⌈2^b (B + x)/(2B)⌉: of the draws 0 … 2^b − 1 those below c send +B.
    public static func threshold(of x: Rational, range: Rational, bits: Int = 32) -> Rational {
        (Rational(2).power(bits) * probability(of: x, range: range)).ceiling
    }

    /// Whether a draw sends +B: u · 2B < (B + x) · 2^b.
    public static func isPositive(_ x: Rational, range: Rational, draw: UInt32, bits: Int = 32) -> Bool {
        Rational(draw) * 2 * range < (range + x) * Rational(2).power(bits)
    }
}
