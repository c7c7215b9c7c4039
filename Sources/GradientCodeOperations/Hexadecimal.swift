/// Reading and writing of lower-case hexadecimal strings, most significant digit first.
enum Hexadecimal {
    /// The integers written in `text`, each with all the digits of its width; nil when the text is anything else.
    static func integers<Integer: FixedWidthInteger & UnsignedInteger>(_ text: String, as _: Integer.Type)
        -> [Integer]?
    {
        var text = text
        return text.withUTF8 { utf8 -> [Integer]? in
            let width = Integer.bitWidth / 4
            guard utf8.count.isMultiple(of: width) else { return nil }
            var integers: [Integer] = []
            integers.reserveCapacity(utf8.count / width)
            var value: Integer = 0
            for (position, byte) in utf8.enumerated() {
                let digit: UInt8
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
                case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
                default: return nil
                }
                value = (value &<< 4) | Integer(digit)
                if (position + 1).isMultiple(of: width) {
                    integers.append(value)
                    value = 0
                }
            }
            return integers
        }
    }

    /// The integers, each with all the digits of its width.
    static func text(_ integers: some Collection<some FixedWidthInteger & UnsignedInteger>) -> String {
        guard let first = integers.first else { return "" }
        let width = type(of: first).bitWidth
        return String(unsafeUninitializedCapacity: integers.count * width / 4) { buffer in
            var position = 0
            for integer in integers {
                for shift in stride(from: width - 4, through: 0, by: -4) {
                    let digit = UInt8(truncatingIfNeeded: (integer >> shift) & 15)
                    buffer[position] = digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &+ digit &- 10
                    position += 1
                }
            }
            return position
        }
    }
}
