import GradientCodes

// What a decoder refuses (docs/CompressedGradientCode.md#wire-format).
extension CompressedGradientCode {
    /// What makes the bytes no message of that compressor; nil for a message.
    static func fault(in message: [UInt8], by compressor: Compressor) -> String? {
        if case .stochasticSign(let ranges) = compressor.kind {
            return OneBitGradientCode.fault(in: message, hasRange: ranges == nil, dimension: compressor.dimension)
        }
        guard message.count == compressor.messageBytes else {
            return "\(message.count) bytes; expected \(compressor.messageBytes)"
        }
        let bytes = message.span
        let used = compressor.packedBits % 8
        if used > 0, message[message.count - 1] >> UInt8(used) > 0 { return "a bit of the padding is 1" }
        if hasFaultyNumber(bytes, compressor.floats) { return "a number is not finite or is −0" }
        return switch compressor.kind {
        case .scaledSign, .blockSign: faultOfSigns(bytes, compressor)
        case .topK(let k): faultOfIndices(bytes, k, compressor)
        case .levels(let s): faultOfLevels(bytes, s, compressor)
        case .identity, .randK, .stochasticSign: nil
        }
    }

    /// Whether a number of the message is infinite, not a number or −0; without branches, so that it vectorises.
    private static func hasFaultyNumber(_ bytes: Span<UInt8>, _ count: Int) -> Bool {
        var seen: UInt32 = 0
        for n in 0..<count {
            let bits = float(n, in: bytes).bitPattern
            seen |= bits & 0x7f80_0000 == 0x7f80_0000 ? 1 : 0
            seen |= bits == 0x8000_0000 ? 1 : 0
        }
        return seen != 0
    }

    private static func faultOfSigns(_ bytes: Span<UInt8>, _ compressor: Compressor) -> String? {
        for b in 0..<compressor.floats {
            let scale = float(b, in: bytes)
            if scale < 0 { return "scale \(b) is \(scale)" }
            guard scale == 0 else { continue }
            let start = b * compressor.blockLength
            for j in start..<min(start + compressor.blockLength, compressor.dimension)
            where bytes[4 * compressor.floats + j / 8] >> UInt8(j % 8) & 1 == 0 {
                return "scale \(b) is 0, but the sign of coordinate \(j) is −"
            }
        }
        return nil
    }

    private static func faultOfIndices(_ bytes: Span<UInt8>, _ k: Int, _ compressor: Compressor) -> String? {
        var last = -1
        for n in 0..<k {
            let j = PackedIntegers.integer(n, of: compressor.indexBits, in: bytes, at: 4 * k)
            guard j < compressor.dimension else { return "index \(j); expected less than \(compressor.dimension)" }
            guard j > last else { return "index \(j) after \(last)" }
            last = j
        }
        return nil
    }

    private static func faultOfLevels(_ bytes: Span<UInt8>, _ s: Int, _ compressor: Compressor) -> String? {
        let norm = float(0, in: bytes)
        if norm < 0 { return "the norm is \(norm)" }
        for j in 0..<compressor.dimension {
            let code = PackedIntegers.integer(j, of: compressor.levelBits ?? 0, in: bytes, at: 4)
            guard code <= 2 * s else { return "the code of level \(j) is \(code); expected at most \(2 * s)" }
            guard norm > 0 || code == s else { return "the norm is 0, but level \(j) is not" }
        }
        return nil
    }
}
