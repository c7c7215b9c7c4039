/// A Bernoulli gradient code: every worker holds every partition with probability δ, independently.
///
/// Entry (i, j) is 1 if the event of probability δ occurs at draw(seed, bernoulliCode, 0, i, j), else 0. It promises no
/// exact recovery; see its decoders.
///
/// See docs/GradientCode.md and docs/numerics.md#randomness.
public struct BernoulliCode: Hashable, Sendable {
    /// n, the number of workers.
    public let workers: Int
    /// k, the number of partitions.
    public let partitions: Int
    /// δ, the probability of an entry 1: the expected load divided by k. Positive.
    public let density: Probability
    /// The seed of the draws.
    public let seed: UInt64

    /// The code drawn from a seed.
    ///
    /// - Throws: `invalidParameters` if n or k is below 1 or exceeds its limit in ``GradientCode``; else
    ///   `invalidProbability` if δ is 0.
    public init(workers: Int, partitions: Int, density: Probability, seed: UInt64) throws(Refusal) {
        try GradientCode.validate(workers: workers)
        try GradientCode.validate(partitions: partitions)
        guard density > .zero else { throw Refusal(.invalidProbability, "density 0; expected 0 < δ ≤ 1") }
        self.workers = workers
        self.partitions = partitions
        self.density = density
        self.seed = seed
    }

    /// For each partition, whether `worker`, which must exist, holds it.
    public func holdings(of worker: Int) -> [Bool] {
        precondition(0..<workers ~= worker, "worker \(worker)")
        return Philox.words(
            seed: seed, stream: .bernoulliCode, t: 0, i: UInt32(worker), first: 0, count: partitions
        ).map(density.occurs)
    }
}
