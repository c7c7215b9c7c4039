/// Stochastic gradient coding: partition j is held by d_j workers, a worker sends Σ_j g_j/(d_j(1 − p)) over its
/// partitions, and the server adds what arrives.
///
/// Unbiased when every worker straggles with probability p.
///
/// See docs/GradientCode.md.
public struct StochasticGradientCode: Hashable, Sendable {
    /// Which worker holds which partition.
    public let allocation: Allocation
    /// p, the probability that a worker straggles; less than 1.
    public let straggling: Probability

    /// The code for an allocation and a straggling probability.
    ///
    /// - Throws: `invalidProbability` if p is 1: then nothing ever arrives.
    public init(allocation: Allocation, straggling: Probability) throws(Refusal) {
        guard straggling < .one else { throw Refusal(.invalidProbability, "straggling probability 1; expected p < 1") }
        self.allocation = allocation
        self.straggling = straggling
    }

    /// n, the number of workers.
    public var workers: Int { allocation.workers }
    /// k, the number of partitions.
    public var partitions: Int { allocation.partitions }
}
