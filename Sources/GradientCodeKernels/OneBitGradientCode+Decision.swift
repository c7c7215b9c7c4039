import GradientCodes

// The decisions of a block of coordinates, and their packing.
//
// Order: integers and comparisons only, exact. Two rules, both proved in docs/OneBitGradientCode.md#decision: a filter
// in binary32, which vectorises and leaves open what lies within about 2⁻²³ B of the threshold, and for a block with
// such a coordinate the rule with two products. Among random words one block in about 2¹⁴ has one; where B is below
// about 2⁻¹³⁹, most blocks have.
extension OneBitGradientCode {
    /// Sets a byte a coordinate to 1 where the message has +B and to 0 where it has −B, and those up to the next
    /// multiple of 8 to 0; false when a coordinate is beyond its range.
    static func decide(
        _ x: Span<Float>, ranges: Span<Float>, words: Span<UInt32>, into signs: inout [UInt8]
    ) -> Bool {
        precondition(ranges.count == x.count && words.count == x.count && signs.count >= x.count, "one of each")
        var target = signs.mutableSpan
        for j in x.count..<8 * payloadBytes(x.count) { target[j] = 0 }
        if filter(x, ranges: ranges, words: words, into: &target) { return true }
        for j in x.indices {
            precondition(x[j].isFinite, "coordinate \(x[j])")
            guard x[j].magnitude <= ranges[j] else { return false }
            target[j] = isPositive(x[j], range: ranges[j], word: words[j]) ? 1 : 0
        }
        return true
    }

    /// Decides by the filter; false when it leaves a coordinate open, or one is beyond its range or not a number.
    private static func filter(
        _ x: Span<Float>, ranges: Span<Float>, words: Span<UInt32>, into signs: inout MutableSpan<UInt8>
    ) -> Bool {
        precondition(ranges.count == x.count && words.count == x.count && signs.count >= x.count, "one of each")
        // One accumulator: with two, the loop does not vectorise.
        var open: UInt32 = 0
        for j in x.indices {
            let centred: Float = .init(Int32(bitPattern: words[j] ^ 0x8000_0000)) * 0x1p-31
            let difference: Float = centred * ranges[j] - x[j]
            let tolerance: Float = ranges[j] * 0x1p-23 + 0x1p-148
            signs[j] = UInt8(truncatingIfNeeded: difference.bitPattern &>> 31)
            let near: UInt32 = difference.magnitude <= tolerance ? 1 : 0
            let beyond: UInt32 = x[j].magnitude <= ranges[j] ? 0 : 1
            open |= near | beyond
        }
        return open == 0
    }

    /// The rule with two products: whether u · 2B < (B + x) · 2³².
    private static func isPositive(_ x: Float, range: Float, word: UInt32) -> Bool {
        let s = Int32(bitPattern: word ^ 0x8000_0000)
        let (high, low) = (s >> 16, s & 0xffff)
        return Double(high) * 0x1p16 * Double(range) - Double(x) * 0x1p31 + Double(low) * Double(range) < 0
    }

    /// Packs bytes 0 and 1 eight to a byte, the first in the least significant bit; a multiple of 8 is read.
    ///
    /// The product moves bit 0 of byte k of the eight to bit 56 + k; no two of its terms meet.
    static func packBits(_ bits: Span<UInt8>, count: Int, into message: inout [UInt8], at offset: Int) {
        let source = bits.bytes
        var target = message.mutableSpan
        for k in 0..<payloadBytes(count) {
            let eight = UInt64(littleEndian: source.unsafeLoadUnaligned(fromByteOffset: 8 * k, as: UInt64.self))
            target[offset + k] = UInt8(truncatingIfNeeded: (eight &* 0x0102_0408_1020_4080) &>> 56)
        }
    }
}
