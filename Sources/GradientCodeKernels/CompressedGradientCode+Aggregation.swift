public import GradientCodes

// What the server does: read messages, add them up, subtract the sum from the model.
//
// Order: coordinates are independent; for each, the decoded values are added by ascending message to +0. So results
// have the same bits on every platform. Error: docs/numerics.md#linear-combination, with coefficients 1. Traffic: the
// messages once for their test and once for the sum; scaled signs keep their sums in registers over all messages, the
// others read and write the sums once a message, top-K and rand-K only where they have values.
extension CompressedGradientCode {
    /// Adds a decoded message to sums. The message is not changed and can be decoded again.
    ///
    /// A sum beyond binary32 becomes infinite: the caller tests the sums when all messages are in.
    ///
    /// See docs/CompressedGradientCode.md#wire-format.
    ///
    /// - Parameters:
    ///   - message: the bytes of one message.
    ///   - compressor: C, of the dimension of the sums.
    ///   - tape: the words of the message for rand-K, else not looked at.
    ///   - sums: one value a coordinate.
    /// - Throws: `malformedMessage`; the sums are unchanged then.
    public static func accumulate(
        _ message: [UInt8], by compressor: Compressor, tape: [UInt32] = [], into sums: inout [Float]
    ) throws(Refusal) {
        let dimension = compressor.dimension
        precondition(sums.count == dimension, "\(sums.count) sums for \(dimension) coordinates")
        if let fault = fault(in: message, by: compressor) { throw Refusal(.malformedMessage, fault) }
        let bytes = message.span
        switch compressor.kind {
        case .identity:
            var target = sums.mutableSpan
            for j in target.indices { target[j] += float(j, in: bytes) }
        case .scaledSign:
            let signs = OneBitGradientCode.Signs([message], ranges: nil, dimension: dimension)
            sums.withUnsafeMutableBufferPointer { signs.add(to: $0, startingFromZero: false) }
        case .blockSign:
            // A scale a coordinate, so that blocks of any length are added alike.
            var scales = [Float](repeating: 0, count: dimension)
            for (b, block) in compressor.blocks.enumerated() {
                let scale = float(b, in: bytes)
                for j in block { scales[j] = scale }
            }
            let signs = OneBitGradientCode.Signs(
                [Array(message[(4 * compressor.floats)...])], ranges: scales, dimension: dimension)
            sums.withUnsafeMutableBufferPointer { signs.add(to: $0, startingFromZero: false) }
        case .topK(let k):
            for n in 0..<k {
                let j = PackedIntegers.integer(n, of: compressor.indexBits, in: bytes, at: 4 * k)
                sums[j] += float(n, in: bytes)
            }
        case .randK(let k):
            precondition(tape.count == dimension, "\(tape.count) words for \(dimension) coordinates")
            for (n, j) in Compressor.randomCoordinates(k, words: tape).enumerated() { sums[j] += float(n, in: bytes) }
        case .levels(let s):
            let norm = float(0, in: bytes)
            for j in sums.indices {
                let code = PackedIntegers.integer(j, of: compressor.levelBits ?? 0, in: bytes, at: 4)
                sums[j] += value(ofLevel: code - s, norm: norm, levels: s)
            }
        case .stochasticSign(let ranges):
            try OneBitGradientCode.accumulate(message, ranges: ranges, into: &sums)
        }
    }

    /// The sum of the decoded messages in the order given, beginning with +0: no messages give +0 everywhere.
    ///
    /// See docs/CompressedGradientCode.md#server.
    ///
    /// - Parameters:
    ///   - messages: the messages of the responders, workers ascending.
    ///   - compressor: C.
    ///   - tapes: the words of each message for rand-K, else not looked at.
    /// - Returns: one value a coordinate.
    /// - Throws: `malformedMessage`; else `outOfRange` when a sum is beyond binary32.
    public static func aggregate(
        _ messages: [[UInt8]], by compressor: Compressor, tapes: [[UInt32]] = []
    ) throws(Refusal) -> [Float] {
        var sums = [Float](repeating: 0, count: compressor.dimension)
        if compressor.kind == .scaledSign {
            for (n, message) in messages.enumerated() {
                if let fault = fault(in: message, by: compressor) {
                    throw Refusal(.malformedMessage, "message \(n): \(fault)")
                }
            }
            let signs = OneBitGradientCode.Signs(messages, ranges: nil, dimension: compressor.dimension)
            sums.withUnsafeMutableBufferPointer { signs.add(to: $0, startingFromZero: false) }
        } else {
            for (n, message) in messages.enumerated() {
                try accumulate(message, by: compressor, tape: tapes.isEmpty ? [] : tapes[n], into: &sums)
            }
        }
        guard sums.isFinite else { throw Refusal(.outOfRange, "a coordinate of the sum is beyond binary32") }
        return sums
    }

    /// fl(θ − update), the model after an iteration: the step is inside the messages.
    ///
    /// See docs/CompressedGradientCode.md#server.
    ///
    /// - Throws: `outOfRange` when a coordinate is beyond binary32.
    public static func serverStep(_ model: [Float], update: [Float]) throws(Refusal) -> [Float] {
        precondition(update.count == model.count, "\(update.count) coordinates for a model of \(model.count)")
        var moved = model
        for j in moved.indices { moved[j] = moved[j] - update[j] }
        guard moved.isFinite else { throw Refusal(.outOfRange, "a coordinate of the model is beyond binary32") }
        return moved
    }

    /// Number n of those at the beginning of a message.
    static func float(_ n: Int, in bytes: Span<UInt8>) -> Float {
        precondition(0 <= n && 4 * n + 4 <= bytes.count, "number \(n) of a message of \(bytes.count) bytes")
        let bits = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: 4 * n, as: UInt32.self)
        return Float(bitPattern: UInt32(littleEndian: bits))
    }
}
