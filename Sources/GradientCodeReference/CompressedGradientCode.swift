public import ExactArithmetic
public import GradientCodes

extension CompressedGradientCode {
    /// The weights W_ik = S_ik / (d_k (1 − p_i)), one row a worker and one column a subset
    /// (`docs/CompressedGradientCode.md#conventions`).
    public var weights: RationalMatrix { allocation.weights(straggling: straggling) }

    /// The coded gradients g_i = Σ_k W_ik ∇f_k, one a worker; zeros for a worker without data.
    ///
    /// - Precondition: one gradient a subset, all of one dimension.
    public func codedGradients(_ gradients: [[Rational]]) -> [[Rational]] {
        OneBitGradientCode.codedGradients(weights: weights, gradients: gradients)
    }
}

/// A training run of compressed gradient coding in exact arithmetic: what every worker remembers, round by round.
///
/// One run has all variants that the document compares: with the messages exact or rounded to binary32, and with error
/// feedback or without it, the baseline that stalls.
///
/// See docs/CompressedGradientCode.md#worker.
public struct CompressedTraining: Sendable {
    /// The scheme.
    public let code: CompressedGradientCode
    /// Whether the numbers sent are rounded to binary32, as on the wire.
    public let isRounded: Bool
    /// Whether what a message leaves out is remembered; never for the random compressors.
    public let hasFeedback: Bool
    /// e_i, one row a worker; zeros for a worker without data or without feedback.
    public private(set) var memories: [[Rational]]

    /// A run that has not begun: all memories are 0.
    public init(_ code: CompressedGradientCode, isRounded: Bool = true, hasFeedback: Bool = true) {
        self.code = code
        self.isRounded = isRounded
        self.hasFeedback = hasFeedback && code.compressor.hasMemory
        memories = [[Rational]](
            repeating: [Rational](repeating: 0, count: code.dimension), count: code.workers)
    }

    /// What a round leaves: the messages and what they stand for, one a worker, nil for who sends none.
    public struct Outcome: Hashable, Sendable {
        /// The messages.
        public let messages: [CompressedMessage?]
        /// m_i.
        public let decoded: [[Rational]?]
        /// Σ_i m_i, with the step inside; zeros for no message.
        public let update: [Rational]
    }

    /// One round: every responder with data sends C(γg_i + e_i) and remembers what that leaves out; nothing changes at
    /// the others.
    ///
    /// - Parameters:
    ///   - gradients: ∇f_k, one a subset.
    ///   - step: γ > 0.
    ///   - draws: the words of responders, for a random compressor.
    /// - Throws: `outOfRange` if a number sent is beyond binary32 or a coordinate above its range; the memories are
    ///   unchanged then.
    public mutating func round(
        _ gradients: [[Rational]], responders: WorkerSet, step γ: Rational, draws: [Int: [UInt32]] = [:]
    ) throws(Refusal) -> Outcome {
        let coded = code.codedGradients(gradients)
        let senders = Set(code.participants.filter(responders.contains))
        var messages = [CompressedMessage?](repeating: nil, count: code.workers)
        var decoded = [[Rational]?](repeating: nil, count: code.workers)
        var next = memories
        for i in senders.sorted() {
            let a = zip(coded[i], memories[i]).map { γ * $0 + $1 }
            let words = draws[i] ?? []
            let exact = try CompressedMessage(compressing: a, by: code.compressor, draws: words)
            let message = isRounded ? try exact.rounded() : exact
            // The memory is made from what the server decodes, after every rounding.
            let m = message.decoded(draws: words, isRounded: isRounded)
            if hasFeedback { next[i] = zip(a, m).map(-) }
            messages[i] = message
            decoded[i] = m
        }
        memories = next
        let zero = [Rational](repeating: 0, count: code.dimension)
        let update = decoded.compactMap(\.self).reduce(zero) { zip($0, $1).map(+) }
        return Outcome(messages: messages, decoded: decoded, update: update)
    }

    /// θ̃ = θ − Σ_i e_i, the virtual iterate of a model (`docs/CompressedGradientCode.md#theorem-1`).
    public func virtualIterate(of model: [Rational]) -> [Rational] {
        memories.reduce(model) { zip($0, $1).map(-) }
    }
}
