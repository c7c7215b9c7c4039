public import GradientCodes

/// What the server makes of the messages of one round.
public struct Recovery: Hashable, Sendable {
    /// The sum of the gradients, one value a coordinate; nil where it cannot be recovered.
    public let sum: [Float]?
    /// Workers treated as stragglers because their message is not finite, ascending.
    public let excluded: [Int]
}

extension GradientCode {
    /// Recovers the sum of the gradients from the messages that arrived.
    ///
    /// A message with an infinite coordinate or a NaN is treated as not received and its worker reported: multiplied by
    /// zero it would still spoil the sum (`docs/GradientCode.md#recover`).
    ///
    /// - Parameters:
    ///   - messages: one a worker, nil for a straggler; all of one dimension.
    ///   - decodingVector: a decoding vector for the given responders, one binary32 a worker, zero off them; nil where
    ///     the set is undecodable. Decided exactly by the caller, never by floats.
    /// - Throws: `dimensionMismatch` when messages differ in dimension; `outOfRange` when the sum is beyond binary32.
    public static func recover(
        _ messages: [[Float]?], decodingVector: (WorkerSet) throws(Refusal) -> [Float]?
    ) throws(Refusal) -> Recovery {
        try requireOneDimension(of: messages)
        let received = messages.indices.filter { messages[$0] != nil }
        let excluded = received.filter { !messages[$0]!.isFinite }
        let responders = try WorkerSet(received, of: messages.count).removing(excluded)
        guard !responders.isEmpty, let vector = try decodingVector(responders) else {
            return Recovery(sum: nil, excluded: excluded)
        }
        let used = responders.filter { vector[$0] != 0 }
        let sum = try combine(used.map { vector[$0] }, used.map { messages[$0]! })
        return Recovery(sum: sum, excluded: excluded)
    }

    /// - Throws: `dimensionMismatch` when messages differ in dimension, or have none.
    package static func requireOneDimension(of messages: [[Float]?]) throws(Refusal) {
        let dimensions = Set(messages.compactMap { $0?.count })
        guard dimensions.count <= 1, dimensions.first != 0 else {
            throw Refusal(.dimensionMismatch, "messages have dimensions \(dimensions.sorted()), expected one, positive")
        }
    }
}
