import ExactArithmetic
public import GradientCodes

// The wire format (`docs/CompressedGradientCode.md#wire-format`).
extension CompressedMessage {
    /// The bytes: binary32 numbers, little-endian, then packed bits, the least significant first.
    ///
    /// - Precondition: the numbers are binary32 numbers, as after ``rounded()``.
    public var bytes: [UInt8] {
        let writer: (numbers: [Rational], codes: [Int], width: Int)
        switch content {
        case .values(let values): writer = (values, [], 0)
        case .signs(let scales, let signs): writer = (scales, signs.map { $0 ? 1 : 0 }, 1)
        case .kept(let indices, let values): writer = (values, indices, compressor.indexBits)
        case .levels(let norm, let levels):
            guard case .levels(let s) = compressor.kind else { preconditionFailure("levels of another compressor") }
            writer = ([norm], levels.map { $0 + s }, compressor.levelBits ?? 0)
        case .stochasticSign(let message): return message.bytes
        }
        let header = writer.numbers.flatMap { number -> [UInt8] in
            let float = Float(number)
            precondition(Rational(exactly: float) == number, "\(number) is no binary32 number")
            return (0..<4).map { UInt8(truncatingIfNeeded: float.bitPattern >> (8 * $0)) }
        }
        var packed = [UInt8](repeating: 0, count: (writer.codes.count * writer.width + 7) / 8)
        for (n, code) in writer.codes.enumerated() {
            for bit in 0..<writer.width where code >> bit & 1 == 1 {
                let place = n * writer.width + bit
                packed[place / 8] |= 1 << (place % 8)
            }
        }
        return header + packed
    }

    /// Reads the bytes of a message.
    ///
    /// - Throws: `malformedMessage` for a wrong number of bytes, a padding bit that is 1, a number that is not finite or
    ///   −0, a negative scale or norm, a scale 0 with a sign −, an index that is D or more or not above the one before, a
    ///   level code above 2s, a norm 0 with a level that is not 0.
    public init(reading bytes: [UInt8], by compressor: Compressor) throws(Refusal) {
        func demand(_ condition: Bool, _ reason: @autoclosure () -> String) throws(Refusal) {
            if !condition { throw Refusal(.malformedMessage, reason()) }
        }
        try demand(
            bytes.count == compressor.messageBytes, "\(bytes.count) bytes; expected \(compressor.messageBytes)")
        if case .stochasticSign(let ranges) = compressor.kind {
            let message = try SignMessage(
                reading: bytes, dimension: compressor.dimension, hasRange: ranges == nil)
            self.init(.stochasticSign(message), of: compressor)
            return
        }
        let floats = (0..<compressor.floats).map { n in
            Float(bitPattern: bytes[4 * n..<4 * n + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
        try demand(floats.allSatisfy(\.isFinite), "a number is not finite")
        try demand(floats.allSatisfy { $0 != 0 || $0.sign == .plus }, "a number is −0")
        let numbers = floats.compactMap { Rational(exactly: $0) }
        let bits = bytes.dropFirst(4 * floats.count).flatMap { byte in (0..<8).map { Int(byte >> $0 & 1) } }
        try demand(bits.dropFirst(compressor.packedBits).allSatisfy { $0 == 0 }, "a bit of the padding is 1")
        func codes(_ count: Int, of width: Int) -> [Int] {
            (0..<count).map { n in (0..<width).reduce(0) { $0 | bits[n * width + $1] << $1 } }
        }
        switch compressor.kind {
        case .scaledSign, .blockSign:
            try demand(numbers.allSatisfy { $0 >= 0 }, "a scale is negative")
            let signs = codes(compressor.dimension, of: 1).map { $0 == 1 }
            for (scale, block) in zip(numbers, compressor.blocks) where scale.isZero {
                try demand(signs[block].allSatisfy(\.self), "a sign is − where the scale is 0")
            }
            self.init(.signs(scales: numbers, signs), of: compressor)
        case .topK(let k):
            let indices = codes(k, of: compressor.indexBits)
            try demand(indices.allSatisfy { $0 < compressor.dimension }, "an index is out of range")
            try demand(zip(indices, indices.dropFirst()).allSatisfy(<), "the indices do not increase")
            self.init(.kept(indices, values: numbers), of: compressor)
        case .levels(let s):
            let levels = codes(compressor.dimension, of: compressor.levelBits ?? 0)
            try demand(levels.allSatisfy { $0 <= 2 * s }, "the code of a level is above \(2 * s)")
            try demand(numbers[0] >= 0, "the norm is negative")
            try demand(numbers[0] > 0 || levels.allSatisfy { $0 == s }, "the norm is 0 and a level is not")
            self.init(.levels(norm: numbers[0], levels.map { $0 - s }), of: compressor)
        case .identity, .randK, .stochasticSign:
            self.init(.values(numbers), of: compressor)
        }
    }
}
