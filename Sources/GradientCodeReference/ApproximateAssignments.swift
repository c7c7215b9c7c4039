public import ExactArithmetic
public import GradientCodes

// Assignments that promise no exact recovery, and the decoders that do not look for one
// (`docs/GradientCode.md#approximate-assignments`).

extension BernoulliCode {
    /// B: the entries drawn.
    public var encodingMatrix: RationalMatrix {
        let rows = (0..<workers).map(holdings)
        return RationalMatrix(rows: workers, columns: partitions) { rows[$0][$1] ? 1 : 0 }
    }
}

extension GraphCode {
    /// B: a worker holds the two ends of its edge.
    public var encodingMatrix: RationalMatrix {
        RationalMatrix(rows: workers, columns: partitions) { i, j in edges[i].u == j || edges[i].v == j ? 1 : 0 }
    }
}

extension StochasticGradientCode {
    /// B: 1/(d_j (1 − p)) where worker i holds partition j, which d_j workers do.
    public var encodingMatrix: RationalMatrix {
        let replication = (0..<partitions).map { allocation.workers(of: $0).count }
        let answers = 1 - Rational(straggling)
        return RationalMatrix(rows: workers, columns: partitions) { i, j in
            allocation.holds(worker: i, partition: j) ? 1 / (Rational(replication[j]) * answers) : 0
        }
    }
}

/// What a decoder that takes its vector as given makes of the responders' messages.
public struct ApproximateDecoding: Hashable, Sendable {
    /// a, one number a worker, zero off the responders.
    public let vector: [Rational]
    /// α = aᵀB, one number a partition.
    public let recovered: [Rational]
    /// ‖1 − α‖².
    public let residual: Rational
}

extension RationalMatrix {
    /// One-step decoding D4: a_i = 1/(rδ) on the r responders of a Bernoulli code of density δ; 0 where nobody responds.
    ///
    /// - Precondition: δ is positive.
    public func oneStepDecoding(responders: WorkerSet, density: Rational) -> ApproximateDecoding {
        guard !responders.isEmpty else { return fixedDecoding(responders: responders, weights: ones(rows)) }
        let share = (Rational(responders.count) * density).reciprocal
        return fixedDecoding(responders: responders, weights: ones(rows).map { $0 * share })
    }

    /// Decoding with fixed weights D5: a_i = w_i for every responder, whoever else responds.
    ///
    /// - Precondition: one weight a worker.
    public func fixedDecoding(responders: WorkerSet, weights: [Rational]) -> ApproximateDecoding {
        precondition(weights.count == rows, "one weight a worker")
        let vector = (0..<rows).map { responders.contains($0) ? weights[$0] : 0 }
        let recovered = multiplied(byRow: vector)
        return ApproximateDecoding(
            vector: vector, recovered: recovered, residual: recovered.map { (1 - $0) * (1 - $0) }.total)
    }

    private func ones(_ count: Int) -> [Rational] { [Rational](repeating: 1, count: count) }
}
