import GradientCodeKernels
package import GradientCodes

/// A way to send gradients to the server: who holds what, what a message costs, and what the server makes of a round.
package struct Method: Sendable {
    /// The word in tables and in the CSV file.
    package let name: String
    /// One sentence for the page.
    let summary: String
    /// Who holds which subset.
    package let allocation: Allocation
    /// Whether a coded gradient has the weights 1/(d_k q_i); if not, they are 1.
    let isWeighted: Bool
    /// Bits of one message on the wire.
    package let messageBits: Int
    /// Whether the range is agreed before the first iteration; each worker then sends 32 bits for it, once.
    package let needsRange: Bool
    /// The sum that the server forms of the messages of one round.
    package let update: @Sendable (Round) throws -> [Float]

    /// W_ik for the subsets of each worker, ascending: exact rationals den/(d_k (den − num)) rounded once, because both
    /// parts are integers below 2²⁴.
    package func weights(straggling: [Probability]) -> [[Float]] {
        let replication = allocation.replication
        return straggling.indices.map { worker in
            let responding = straggling[worker].complement.value
            return allocation.partitions(of: worker).map { k in
                guard isWeighted else { return 1 }
                return Float(responding.denominator) / Float(UInt64(replication[k]) * responding.numerator)
            }
        }
    }
}

/// What is known of one round when the responders have encoded.
package struct Round: Sendable {
    /// The responders, ascending; at least one.
    let workers: [Int]
    /// Their coded gradients, in the same order.
    let coded: [[Float]]
    /// The seed of the random words.
    let seed: UInt64
    /// The iteration.
    let t: UInt32
    /// The range agreed in advance, one for all coordinates; 0 where the method needs none.
    let range: Float

    /// A round; `coded` has one vector for each of the workers.
    package init(workers: [Int], coded: [[Float]], seed: UInt64, t: UInt32, range: Float) {
        self.workers = workers
        self.coded = coded
        self.seed = seed
        self.t = t
        self.range = range
    }
}
