/// Integers of a fixed number of bits, one after another without gaps, the least significant bit first
/// (docs/CompressedGradientCode.md#wire-format).
///
/// Order: integers only. Traffic: the packed bytes, once.
enum PackedIntegers {
    /// Writes integers into bytes that are there.
    struct Writer {
        private var place: Int
        private let width: UInt64
        private var pending: UInt64 = 0
        private var bits: UInt64 = 0

        /// Integers of `width` bits, at most 32, from a byte on.
        init(at place: Int, width: Int) {
            self.place = place
            self.width = UInt64(width)
        }

        /// Appends an integer below 2^width.
        mutating func append(_ integer: UInt64, to bytes: inout [UInt8]) {
            pending |= integer << bits
            bits += width
            while bits >= 8 {
                bytes[place] = UInt8(truncatingIfNeeded: pending)
                place += 1
                pending >>= 8
                bits -= 8
            }
        }

        /// Writes the last byte, its other bits 0.
        func finish(_ bytes: inout [UInt8]) {
            if bits > 0 { bytes[place] = UInt8(truncatingIfNeeded: pending) }
        }
    }

    /// Integer number n of those that begin at byte `place`.
    static func integer(_ n: Int, of width: Int, in bytes: Span<UInt8>, at place: Int) -> Int {
        var (value, bit, missing) = (0, n * width, width)
        while missing > 0 {
            let taken = min(8 - bit % 8, missing)
            let part = Int(bytes[place + bit / 8]) >> (bit % 8) & (1 << taken - 1)
            value |= part << (width - missing)
            bit += taken
            missing -= taken
        }
        return value
    }
}
