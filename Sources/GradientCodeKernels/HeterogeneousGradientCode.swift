public import GradientCodes

// Workers encode and the server adds up with the kernel of all codes, `GradientCode.combine`; only what is done about
// messages that are missing or not finite is this scheme's own (`docs/HeterogeneousGradientCode.md#recover`).
extension HeterogeneousGradientCode {
    /// What the server makes of the messages of one round.
    public struct Sum: Hashable, Sendable {
        /// Σ_i w_i y_i over the messages used, one value a coordinate; zeros where there is none.
        public let vector: [Float]
        /// Workers treated as stragglers because their message is not finite, ascending.
        public let excluded: [Int]

        /// A sum.
        public init(vector: [Float], excluded: [Int]) {
            self.vector = vector
            self.excluded = excluded
        }
    }

    /// The weighted sum of the messages that arrived, by ascending worker, messages of weight 0 left out.
    ///
    /// - Parameters:
    ///   - messages: one a worker, nil for a straggler; all of one dimension, at least one not nil.
    ///   - weights: w, one binary32 a worker, finite.
    /// - Throws: `dimensionMismatch` when messages differ in dimension, or have none; `outOfRange` when a coordinate of
    ///   the sum is beyond binary32.
    public static func recover(_ messages: [[Float]?], weights: [Float]) throws(Refusal) -> Sum {
        precondition(messages.count == weights.count, "one weight a worker")
        try GradientCode.requireOneDimension(of: messages)
        let received = messages.indices.filter { messages[$0] != nil }
        let excluded = received.filter { !messages[$0]!.isFinite }
        let used = received.filter { !excluded.contains($0) && weights[$0] != 0 }
        guard !used.isEmpty else {
            return Sum(vector: [Float](repeating: 0, count: messages[received[0]]!.count), excluded: excluded)
        }
        return Sum(
            vector: try GradientCode.combine(used.map { weights[$0] }, used.map { messages[$0]! }), excluded: excluded)
    }
}
