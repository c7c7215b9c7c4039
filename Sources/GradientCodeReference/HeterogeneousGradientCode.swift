public import ExactArithmetic
public import GradientCodes

// The optimal coefficients (`docs/HeterogeneousGradientCode.md#optimal-code`). A quantiser's variance δ_i, 0 without one,
// takes its place beside p_i (`docs/HeterogeneousGradientCode.md#quantised`).
extension Probability {
    /// q/(p + δ), the odds of responding; ∞ where p + δ = 0.
    ///
    /// - Precondition: δ is not negative.
    public func odds(variance: Rational = 0) -> ExtendedRational {
        precondition(variance >= 0, "a variance is not negative")
        let denominator = Rational(self) + variance
        return denominator.isZero ? .infinite : .finite(Rational(complement) / denominator)
    }
}

extension HeterogeneousGradientCode {
    /// S_j, the sums of odds over the holders of each partition; positive, ∞ where an exact worker holds it.
    ///
    /// - Parameter variances: δ_i, one a worker, not negative; nil without a quantiser.
    public func oddsSums(variances: [Rational]? = nil) -> [ExtendedRational] {
        let odds = odds(variances)
        return (0..<partitions).map { j in allocation.workers(of: j).map { odds[$0] }.total }
    }

    /// Σ_j 1/S_j, the residual of the optimal code; with variances the surrogate residual.
    public func residual(variances: [Rational]? = nil) -> Rational {
        oddsSums(variances: variances).map(\.reciprocal).total
    }

    /// ν_j = 2/S_j, the multipliers that certify optimality.
    public func multipliers(variances: [Rational]? = nil) -> [Rational] {
        oddsSums(variances: variances).map { 2 * $0.reciprocal }
    }

    /// The optimal coefficients c_ij, n × m: (1/(p_i + δ_i))/S_j; with exact workers among the holders 1/e_j on these
    /// e_j; 0 for dead workers (`docs/HeterogeneousGradientCode.md#edge-rules`).
    public func coefficients(variances: [Rational]? = nil) -> RationalMatrix {
        let (odds, sums) = (odds(variances), oddsSums(variances: variances))
        let exact = (0..<partitions).map { j in allocation.workers(of: j).count { odds[$0] == .infinite } }
        return RationalMatrix(rows: workers, columns: partitions) { i, j in
            guard allocation.holds(worker: i, partition: j), !odds[i].isZero else { return 0 }
            guard let S = sums[j].value else { return odds[i] == .infinite ? Rational(1, exact[j]) : 0 }
            return 1 / (noise(i, variances) * S)
        }
    }

    /// Gauge A: the server's weights w_i = 1/(p_i + δ_i) and the workers' encoding b_ij = 1/S_j, n × m, with
    /// w_i b_ij = c_ij (`docs/HeterogeneousGradientCode.md#gauge`).
    public func gauge(variances: [Rational]? = nil) -> (weights: [Rational], encoding: RationalMatrix) {
        let (odds, sums, c) = (odds(variances), oddsSums(variances: variances), coefficients(variances: variances))
        let weights = (0..<workers).map { i -> Rational in
            if odds[i].isZero { return 0 }
            return odds[i] == .infinite ? 1 : noise(i, variances).reciprocal
        }
        let encoding = RationalMatrix(rows: workers, columns: partitions) { i, j in
            guard allocation.holds(worker: i, partition: j), !odds[i].isZero else { return 0 }
            return odds[i] == .infinite ? c[i, j] : sums[j].reciprocal
        }
        return (weights, encoding)
    }

    private func odds(_ variances: [Rational]?) -> [ExtendedRational] {
        precondition(variances?.count ?? workers == workers, "one variance a worker")
        return straggling.indices.map { straggling[$0].odds(variance: variances?[$0] ?? 0) }
    }

    private func noise(_ i: Int, _ variances: [Rational]?) -> Rational {
        Rational(straggling[i]) + (variances?[i] ?? 0)
    }
}
