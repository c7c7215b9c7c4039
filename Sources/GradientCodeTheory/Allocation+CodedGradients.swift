public import ExactArithmetic
public import GradientCodes

/// What the allocation contributes to the variance of 1-bit gradient coding: Σ_i ‖h_i‖², where
/// h_i = Σ_{k ∈ S_i} ∇f_k/d_k is q_i times the coded gradient with the standard weights.
///
/// Everywhere `gradients` are the ∇f_k, one row of `D` coordinates a partition.
///
/// See docs/OneBitGradientCode.md#theorem-3.
extension Allocation {
    /// h_i, one row a worker; zeros for a worker without data.
    ///
    /// - Throws: `dimensionMismatch` unless there is one gradient a partition, all of one length.
    public func expectedMessages(gradients: [[Rational]]) throws(Refusal) -> [[Rational]] {
        let dimension = try dimension(of: gradients)
        let replication = replication.map { Rational($0) }
        return (0..<workers).map { worker in
            let held = partitions(of: worker)
            return (0..<dimension).map { j in held.map { gradients[$0][j] / replication[$0] }.total }
        }
    }

    /// Σ_i ‖h_i‖² = Σ_{k,l} λ_kl/(d_k d_l) ⟨∇f_k, ∇f_l⟩, the Gram form, for every allocation (Theorem 3).
    ///
    /// - Throws: `dimensionMismatch` unless there is one gradient a partition, all of one length.
    public func messageEnergy(gradients: [[Rational]]) throws(Refusal) -> Rational {
        _ = try dimension(of: gradients)
        let d = replication
        var energy: Rational = 0
        for k in 0..<partitions {
            for l in 0..<partitions {
                energy += Rational(common(k, l), d[k] * d[l]) * gradients[k].innerProduct(gradients[l])
            }
        }
        return energy
    }

    /// The bounds of Theorem 3: ‖∇F‖²/N_P ≤ Σ_i ‖h_i‖² ≤ ρ Σ_k ‖∇f_k‖², ρ = max_i Σ_{k ∈ S_i} 1/d_k, where N_P workers
    /// hold data.
    ///
    /// - Throws: `dimensionMismatch` unless there is one gradient a partition, all of one length.
    public func messageEnergyBounds(gradients: [[Rational]]) throws(Refusal) -> ClosedRange<Rational> {
        _ = try dimension(of: gradients)
        let replication = replication
        let participants = loads.count { $0 > 0 }
        let shares = (0..<workers).map { partitions(of: $0).map { Rational(1, replication[$0]) }.total }
        let lower = gradients.vectorSum.squaredNorm / Rational(participants)
        return lower...(shares.max() ?? 0) * gradients.map(\.squaredNorm).total
    }

    /// Formula (5), Σ_i ‖h_i‖² of an exactly pairwise balanced allocation: ‖∇F‖²/N + Σ_k (1/d_k − 1/N) ‖∇f_k‖².
    ///
    /// - Throws: `invalidParameters` unless the allocation is pairwise balanced; else as ``messageEnergy(gradients:)``.
    public func balancedMessageEnergy(gradients: [[Rational]]) throws(Refusal) -> Rational {
        guard isPairwiseBalanced else {
            throw Refusal(.invalidParameters, "balance gap \(balanceGap); expected a pairwise balanced allocation")
        }
        return try randomMessageEnergy(gradients: gradients)
    }

    /// Formula (5) as the expectation of Σ_i ‖h_i‖² over allocations whose columns are independent, column k a
    /// uniformly random set of as many workers, d_k, as hold partition k here (Theorem 3).
    ///
    /// - Throws: `dimensionMismatch` unless there is one gradient a partition, all of one length.
    public func randomMessageEnergy(gradients: [[Rational]]) throws(Refusal) -> Rational {
        _ = try dimension(of: gradients)
        let single = zip(replication, gradients).map { d, gradient in
            (Rational(1, d) - Rational(1, workers)) * gradient.squaredNorm
        }
        return gradients.vectorSum.squaredNorm / Rational(workers) + single.total
    }

    /// Σ_i ‖h_i‖² of a block design, d_k = d and λ_kl = λ for all k ≠ l:
    /// (λ/d²) ‖∇F‖² + (1/d − λ/d²) Σ_k ‖∇f_k‖² (Theorem 3).
    ///
    /// - Throws: `invalidParameters` unless there are two partitions or more and d_k and λ_kl do not depend on the
    ///   partitions; else as ``messageEnergy(gradients:)``.
    public func designMessageEnergy(gradients: [[Rational]]) throws(Refusal) -> Rational {
        guard partitions >= 2 else { throw Refusal(.invalidParameters, "one partition; expected a block design") }
        let (d, common) = (replication[0], common(0, 1))
        let isDesign = (0..<partitions).allSatisfy { k in
            (0...k).allSatisfy { l in self.common(k, l) == (k == l ? d : common) }
        }
        guard isDesign else {
            throw Refusal(.invalidParameters, "replications or common workers differ; expected a block design")
        }
        _ = try dimension(of: gradients)
        let pairs = Rational(common, d * d)
        return pairs * gradients.vectorSum.squaredNorm
            + (Rational(1, d) - pairs) * gradients.map(\.squaredNorm).total
    }

    private func dimension(of gradients: [[Rational]]) throws(Refusal) -> Int {
        guard gradients.count == partitions, let dimension = gradients.first?.count,
            gradients.allSatisfy({ $0.count == dimension })
        else {
            throw Refusal(.dimensionMismatch, "expected \(partitions) gradients of one length")
        }
        return dimension
    }
}

extension Allocation {
    /// Formula (4): both parts of V with the standard weights, one p and one range B for all workers,
    /// (p/q) Σ_i ‖h_i‖² and q N_P D B² − (1/q) Σ_i ‖h_i‖² (Theorem 2, `docs/OneBitGradientCode.md#theorem-2`).
    ///
    /// - Throws: `invalidProbability` if p is 1; else as ``messageEnergy(gradients:)``.
    public func oneBitVariance(gradients: [[Rational]], straggling: Probability, range B: Rational) throws(Refusal)
        -> (stragglerPart: Rational, quantiserPart: Rational)
    {
        guard straggling < .one else { throw Refusal(.invalidProbability, "straggling probability 1; expected p < 1") }
        let energy = try messageEnergy(gradients: gradients)
        let (p, q) = (straggling.exact, 1 - straggling.exact)
        let participants = loads.count { $0 > 0 }
        let messages = Rational(participants * gradients[0].count)
        return (p / q * energy, q * messages * B * B - energy / q)
    }
}
