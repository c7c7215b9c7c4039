import GradientCodes

// The wire format: sizes, header and checks; and the conditions on ranges. See docs/OneBitGradientCode.md#wire-format.
extension OneBitGradientCode {
    /// The bytes of B before the payload in mode S.
    static let headerBytes = 4

    /// ⌈D/8⌉.
    static func payloadBytes(_ dimension: Int) -> Int { (dimension + 7) / 8 }

    /// The range in the header of a message of mode S.
    static func range(of message: [UInt8]) -> Float {
        var bits: UInt32 = 0
        for k in 0..<headerBytes { bits |= UInt32(message[k]) << (8 * UInt32(k)) }
        return Float(bitPattern: bits)
    }

    /// What makes the bytes no message of that dimension; nil for a message.
    static func fault(in message: [UInt8], hasRange: Bool, dimension: Int) -> String? {
        let payload = hasRange ? headerBytes : 0
        let size = payload + payloadBytes(dimension)
        guard message.count == size else { return "\(message.count) bytes; expected \(size)" }
        if dimension % 8 > 0, message[size - 1] >> UInt8(dimension % 8) > 0 {
            return "a bit after coordinate \(dimension - 1) is 1"
        }
        guard hasRange else { return nil }
        let range = range(of: message)
        guard range.sign == .plus, range.isFinite else { return "the range is \(range)" }
        guard range > 0 || message[payload...].allSatisfy({ $0 == 0 }) else { return "the range is 0 and a bit 1" }
        return nil
    }

    static func requireRanges(_ ranges: [Float], dimension: Int) {
        precondition(
            ranges.count == 1 || ranges.count == dimension, "\(ranges.count) ranges for \(dimension) coordinates")
        precondition(ranges.arePositive, "a range is not positive and finite")
    }
}

extension [Float] {
    /// Whether all values are finite and positive; without branches, so that it vectorises.
    var arePositive: Bool {
        let values = span
        var seen: UInt32 = 0
        // 1 … 7f7fffff are the bits of the positive finite numbers.
        for j in values.indices { seen |= values[j].bitPattern &- 1 < 0x7f7f_ffff ? 0 : 1 }
        return seen == 0
    }

    /// The largest magnitude, +0 for none; an infinity or a NaN is larger than any number.
    ///
    /// Magnitudes are ordered as their bits, which vectorise as signed integers.
    var largestMagnitude: Float {
        let values = span
        var largest: Int32 = 0
        for j in values.indices { largest = Swift.max(largest, Int32(bitPattern: values[j].magnitude.bitPattern)) }
        return Float(bitPattern: UInt32(bitPattern: largest))
    }
}
