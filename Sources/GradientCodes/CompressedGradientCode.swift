/// Compressed gradient coding with error feedback, COCO-EF: N workers hold M subsets of the data redundantly, each
/// responder adds to its coded gradient what its earlier messages left out, sends a compressed sum and remembers the
/// rest; the server subtracts what arrives.
///
/// See docs/CompressedGradientCode.md.
public struct CompressedGradientCode: Hashable, Sendable {
    /// Who holds which subset.
    public let allocation: Allocation
    /// p_i, the probability that worker i straggles; below 1, because the weights divide by 1 − p_i.
    public let straggling: [Probability]
    /// C, which knows the dimension.
    public let compressor: Compressor

    /// The scheme of an allocation whose workers straggle independently.
    ///
    /// - Throws: `dimensionMismatch` unless there is one probability a worker; else `invalidProbability` if one is 1.
    public init(allocation: Allocation, straggling: [Probability], compressor: Compressor) throws(Refusal) {
        // The same conditions on allocation and probabilities as there, in the same order.
        let code = try OneBitGradientCode(allocation: allocation, straggling: straggling)
        self.allocation = code.allocation
        self.straggling = code.straggling
        self.compressor = compressor
    }

    /// N, the number of workers.
    public var workers: Int { allocation.workers }
    /// M, the number of subsets of the data.
    public var subsets: Int { allocation.partitions }
    /// D, the number of coordinates.
    public var dimension: Int { compressor.dimension }

    /// The workers that hold data, ascending: N_P of them. The others send nothing and have no memory.
    public var participants: [Int] {
        allocation.loads.enumerated().filter { $0.element > 0 }.map(\.offset)
    }
}
