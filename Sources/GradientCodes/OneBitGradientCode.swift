/// 1-bit gradient coding: N workers hold M subsets of the data redundantly, each responder sends one random sign a
/// coordinate of its coded gradient, and the server adds up what arrives. The result is an unbiased estimate of the
/// gradient, whoever straggles.
///
/// See docs/OneBitGradientCode.md.
public struct OneBitGradientCode: Hashable, Sendable {
    /// Who holds which subset.
    public let allocation: Allocation
    /// p_i, the probability that worker i straggles; below 1, because the weights divide by 1 − p_i.
    public let straggling: [Probability]

    /// The scheme of an allocation whose workers straggle independently.
    ///
    /// - Throws: `dimensionMismatch` unless there is one probability a worker; else `invalidProbability` if one is 1.
    public init(allocation: Allocation, straggling: [Probability]) throws(Refusal) {
        guard straggling.count == allocation.workers else {
            throw Refusal(
                .dimensionMismatch, "\(straggling.count) probabilities for \(allocation.workers) workers")
        }
        if let worker = straggling.firstIndex(of: .one) {
            throw Refusal(.invalidProbability, "worker \(worker) straggles with probability 1; expected less")
        }
        self.allocation = allocation
        self.straggling = straggling
    }

    /// N, the number of workers.
    public var workers: Int { allocation.workers }
    /// M, the number of subsets of the data.
    public var subsets: Int { allocation.partitions }

    /// The workers that hold data, ascending: N_P of them. The others send nothing and use no random words.
    public var participants: [Int] {
        allocation.loads.enumerated().filter { $0.element > 0 }.map(\.offset)
    }
}
