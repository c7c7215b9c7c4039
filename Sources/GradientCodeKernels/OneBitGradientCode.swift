public import GradientCodes

// The stochastic sign of a coded gradient, packed.
//
// Order: coordinates are independent, and each bit is the exact decision, so a message has the same bytes on every
// platform and at every vector width. Error: none. Traffic: one read a coordinate (with a tape or with one range a
// coordinate, one more of each) and one bit written; words drawn from a seed stay in the first-level cache. Mode S
// reads x once more, for its maximum.
extension OneBitGradientCode {
    /// Coordinates decided at a time, a multiple of 8: 2 KiB of words.
    static let tile = 512

    /// The random words of one message.
    private enum Words {
        case tape([UInt32])
        case stream(seed: UInt64, t: UInt32, worker: UInt32)
    }

    /// The message of a worker in mode G, its words from a tape.
    ///
    /// Bit j is 1, for +B_j, if and only if u_j · 2B_j < (B_j + x_j) · 2³², decided exactly, also where x or B is
    /// subnormal (docs/OneBitGradientCode.md#decision). −0 counts as 0. The bits are packed as
    /// docs/OneBitGradientCode.md#wire-format says, the padding 0.
    ///
    /// - Parameters:
    ///   - x: the coded gradient, finite.
    ///   - ranges: B, one number for all coordinates or one a coordinate, finite and positive.
    ///   - tape: u, one word a coordinate.
    /// - Returns: ⌈D/8⌉ bytes for the D coordinates of x.
    /// - Throws: `outOfRange` when |x_j| > B_j for some j.
    public static func quantize(_ x: [Float], ranges: [Float], tape: [UInt32]) throws(Refusal) -> [UInt8] {
        precondition(tape.count == x.count, "\(tape.count) words for \(x.count) coordinates")
        return try message(x, ranges: ranges, words: .tape(tape))
    }

    /// The message of a worker in mode G, its words drawn from stream ``RandomStream/quantizer`` of iteration `t`: word
    /// j of index `worker` for coordinate j.
    ///
    /// As ``quantize(_:ranges:tape:)`` with these words as its tape.
    public static func quantize(
        _ x: [Float], ranges: [Float], seed: UInt64, t: UInt32, worker: UInt32
    ) throws(Refusal) -> [UInt8] {
        try message(x, ranges: ranges, words: .stream(seed: seed, t: t, worker: worker))
    }

    /// The message of a worker in mode S, its words from a tape: the range B = max_j |x_j| as binary32, little-endian,
    /// then the payload of mode G with this range; for B = 0 all bits are 0.
    ///
    /// - Parameters:
    ///   - x: the coded gradient, finite.
    ///   - tape: one word a coordinate, not looked at where B = 0.
    /// - Returns: 4 + ⌈D/8⌉ bytes for the D coordinates of x.
    public static func quantizePerMessage(_ x: [Float], tape: [UInt32]) -> [UInt8] {
        precondition(tape.count == x.count, "\(tape.count) words for \(x.count) coordinates")
        return messageWithRange(x, words: .tape(tape))
    }

    /// The message of a worker in mode S, its words drawn as in ``quantize(_:ranges:seed:t:worker:)``.
    public static func quantizePerMessage(_ x: [Float], seed: UInt64, t: UInt32, worker: UInt32) -> [UInt8] {
        messageWithRange(x, words: .stream(seed: seed, t: t, worker: worker))
    }

    private static func message(_ x: [Float], ranges: [Float], words: Words) throws(Refusal) -> [UInt8] {
        requireRanges(ranges, dimension: x.count)
        var message = [UInt8](repeating: 0, count: payloadBytes(x.count))
        guard pack(x, ranges: ranges, words: words, into: &message, at: 0) else {
            let j = x.indices.first { x[$0].magnitude > ranges[ranges.count == 1 ? 0 : $0] }!
            let range = ranges[ranges.count == 1 ? 0 : j]
            throw Refusal(.outOfRange, "coordinate \(j) is \(x[j]); expected at most \(range) in magnitude")
        }
        return message
    }

    private static func messageWithRange(_ x: [Float], words: Words) -> [UInt8] {
        let range = x.largestMagnitude
        precondition(range.isFinite, "a coordinate is not finite")
        var message = [UInt8](repeating: 0, count: headerBytes + payloadBytes(x.count))
        for k in 0..<headerBytes { message[k] = UInt8(truncatingIfNeeded: range.bitPattern >> (8 * UInt32(k))) }
        if range > 0 {
            let fits = pack(x, ranges: [range], words: words, into: &message, at: headerBytes)
            precondition(fits, "no coordinate is beyond the maximum")
        }
        return message
    }

    /// Decides every coordinate and writes the payload into zeroed bytes; false when one is beyond its range.
    private static func pack(
        _ x: [Float], ranges: [Float], words: Words, into message: inout [UInt8], at offset: Int
    ) -> Bool {
        let oneRange = [Float](repeating: ranges[0], count: ranges.count == 1 ? min(tile, x.count) : 0)
        var drawn = [UInt32](repeating: 0, count: min(tile, x.count))
        var signs = [UInt8](repeating: 0, count: tile)
        for start in stride(from: 0, to: x.count, by: tile) {
            let part = start..<min(start + tile, x.count)
            let block = 0..<part.count
            let b = ranges.count == 1 ? oneRange.span.extracting(block) : ranges.span.extracting(part)
            let decided: Bool
            switch words {
            case .tape(let tape):
                decided = decide(x.span.extracting(part), ranges: b, words: tape.span.extracting(part), into: &signs)
            case .stream(let seed, let t, let worker):
                Philox.fill(
                    &drawn, count: part.count, seed: seed, stream: .quantizer, t: t, i: worker, first: UInt64(start))
                decided = decide(x.span.extracting(part), ranges: b, words: drawn.span.extracting(block), into: &signs)
            }
            guard decided else { return false }
            packBits(signs.span, count: part.count, into: &message, at: offset + start / 8)
        }
        return true
    }
}
