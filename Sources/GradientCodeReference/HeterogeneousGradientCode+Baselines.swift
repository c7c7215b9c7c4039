public import ExactArithmetic
public import GradientCodes

// Codes with which the optimal one is compared (`docs/HeterogeneousGradientCode.md#baselines`).
extension HeterogeneousGradientCode {
    /// Stragglers ignored and replicas averaged: 1/d_j on the holders. Biased.
    public var ignoringCoefficients: RationalMatrix {
        onHolders { _, replication in Rational(1, replication) }
    }

    /// Unbiased, but blind to the differences within a partition: 1/(d_j q_i) on the holders.
    ///
    /// - Throws: `invalidProbability` if a holder is dead.
    public func blindCoefficients() throws(Refusal) -> RationalMatrix {
        let loads = allocation.loads
        if let worker = straggling.indices.first(where: { straggling[$0] == .one && loads[$0] > 0 }) {
            throw Refusal(.invalidProbability, "worker \(worker) holds data and straggles with probability 1")
        }
        return onHolders { i, replication in 1 / (Rational(replication) * Rational(straggling[i].complement)) }
    }

    /// Stochastic gradient coding, which knows one probability for all: 1/(d_j q̄) on the holders, q̄ the mean of all q_i.
    ///
    /// - Throws: `invalidProbability` if all workers are dead.
    public func stochasticCoefficients() throws(Refusal) -> RationalMatrix {
        let mean = straggling.map { Rational($0.complement) }.total / Rational(workers)
        guard !mean.isZero else { throw Refusal(.invalidProbability, "all workers straggle with probability 1") }
        return onHolders { _, replication in 1 / (Rational(replication) * mean) }
    }

    private func onHolders(_ entry: (_ worker: Int, _ replication: Int) -> Rational) -> RationalMatrix {
        let replication = allocation.replication
        return RationalMatrix(rows: workers, columns: partitions) { i, j in
            allocation.holds(worker: i, partition: j) ? entry(i, replication[j]) : 0
        }
    }
}
