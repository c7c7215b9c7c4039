package import GradientCodes

extension OneBitExperiment {
    /// What is compared, in the order of the tables.
    package func methods() throws(Refusal) -> [Method] {
        let redundant = try Allocation.cyclic(workers: workers, replication: replication)
        let single = try Allocation.cyclic(workers: workers, replication: 1)
        return [
            .signs(
                "1-bit G", "1-bit gradient coding, range agreed in advance", allocation: redundant, isWeighted: true,
                dimension: dimension),
            .signsWithRange(
                "1-bit S", "1-bit gradient coding, range sent with each message", allocation: redundant,
                dimension: dimension),
            .signsWithRange(
                "1-bit S, d = 1", "the same without redundancy, weights 1/q_i", allocation: single,
                dimension: dimension),
            .signs(
                "uncoded sign", "stochastic sign, one subset a worker, stragglers ignored: weights 1",
                allocation: single, isWeighted: false, dimension: dimension),
            .uncompressed(
                "uncompressed", "stochastic gradient coding in binary32", allocation: redundant, dimension: dimension),
            .uncompressed(
                "uncompressed, d = 1", "the same without redundancy, weights 1/q_i", allocation: single,
                dimension: dimension),
            .randK(
                "rand-K", "\(kept) of \(dimension) coordinates of the coded gradient, times \(dimension)/\(kept)",
                allocation: redundant, dimension: dimension, k: kept),
        ]
    }
}
