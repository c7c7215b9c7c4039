package import GradientCodes

/// A value that is written as one hexadecimal string.
protocol HexadecimalValue: FieldValue {
    associatedtype Integer: FixedWidthInteger & UnsignedInteger
    static var expectation: String { get }
    init?(integers: [Integer])
    var integers: [Integer] { get }
}

extension HexadecimalValue {
    init(hexadecimal decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let integers = Hexadecimal.integers(text, as: Integer.self), let value = Self(integers: integers) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected \(Self.expectation), found \"\(text.prefix(40))\"")
        }
        self = value
    }

    func encode(hexadecimal encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Hexadecimal.text(integers))
    }
}

/// Binary32 values, compared by their bits: −0 differs from +0 and a NaN equals itself.
public struct Binary32Vector: HexadecimalValue, ExpressibleByArrayLiteral {
    /// The bit patterns.
    public let bits: [UInt32]
    /// Where drawn values come from: what a vector file stores in place of them.
    let drawn: DrawnData?

    /// The given values, bit for bit.
    public init(_ values: some Sequence<Float>) { (bits, drawn) = (values.map(\.bitPattern), nil) }
    /// The given values, bit for bit.
    public init(arrayLiteral values: Float...) { self.init(values) }
    init?(integers: [UInt32]) { (bits, drawn) = (integers, nil) }

    /// The draws as test data (`docs/numerics.md#randomness`).
    ///
    /// - Throws: `invalidParameters` for anything but test data, or more than is sensible.
    package init(_ drawn: DrawnData) throws(Refusal) {
        bits = try drawn.words(of: .testData).map { (Float(Int32(bitPattern: $0) >> 8) * 0x1p-23).bitPattern }
        self.drawn = drawn
    }

    /// The values that ``hexadecimal`` writes; nil for any other text.
    package init?(hexadecimal text: String) {
        guard let bits = Hexadecimal.integers(text, as: UInt32.self) else { return nil }
        self.init(integers: bits)
    }

    /// Eight hexadecimal digits a value.
    package var hexadecimal: String { Hexadecimal.text(bits) }
    /// The values.
    public var values: [Float] { bits.map(Float.init(bitPattern:)) }
    /// How many values there are.
    public var count: Int { bits.count }
    /// False when a value is infinite or not a number.
    public var isFinite: Bool { bits.allSatisfy { $0 & 0x7f80_0000 != 0x7f80_0000 } }
    /// The same values with −0 replaced by +0, as the core profile compares them.
    public var withoutNegativeZeros: Binary32Vector {
        Binary32Vector(integers: bits.map { $0 == 0x8000_0000 ? 0 : $0 })!
    }

    var integers: [UInt32] { bits }
    static let expectation = "lower-case hexadecimal, eight digits for each binary32"
    /// Eight hexadecimal digits a value.
    public static var schema: Schema { .binary32 }
    /// Reads a hexadecimal string; in vector files also where drawn values come from.
    public init(from decoder: any Decoder) throws {
        if DrawnData.stands(in: decoder) {
            try self.init(DrawnData(from: decoder))
        } else {
            try self.init(hexadecimal: decoder)
        }
    }
    /// Writes a hexadecimal string; in vector files where drawn values come from.
    public func encode(to encoder: any Encoder) throws {
        if let drawn, DrawnData.isUsed(by: encoder.userInfo) {
            try drawn.encode(to: encoder)
        } else {
            try encode(hexadecimal: encoder)
        }
    }
    /// The same bits, wherever they come from.
    public static func == (a: Binary32Vector, b: Binary32Vector) -> Bool { a.bits == b.bits }
    /// Feeds the bits.
    public func hash(into hasher: inout Hasher) { hasher.combine(bits) }
}

/// 32-bit words, such as a tape of random draws.
public struct Words: HexadecimalValue, ExpressibleByArrayLiteral {
    /// The words.
    public let words: [UInt32]
    /// Where drawn words come from: what a vector file stores in place of them.
    let drawn: DrawnData?

    /// The given words.
    public init(_ words: some Sequence<UInt32>) { (self.words, drawn) = (Array(words), nil) }
    /// The given words.
    public init(arrayLiteral words: UInt32...) { (self.words, drawn) = (words, nil) }
    init?(integers: [UInt32]) { (words, drawn) = (integers, nil) }

    /// The draws themselves.
    ///
    /// - Throws: `invalidParameters` for an unknown stream, or more than is sensible.
    package init(_ drawn: DrawnData) throws(Refusal) { (words, self.drawn) = (try drawn.words(of: nil), drawn) }

    var integers: [UInt32] { words }
    static let expectation = "lower-case hexadecimal, eight digits for each word"
    /// Eight hexadecimal digits a word.
    public static var schema: Schema { .words }
    /// Reads a hexadecimal string; in vector files also where drawn words come from.
    public init(from decoder: any Decoder) throws {
        if DrawnData.stands(in: decoder) {
            try self.init(DrawnData(from: decoder))
        } else {
            try self.init(hexadecimal: decoder)
        }
    }
    /// Writes a hexadecimal string; in vector files where drawn words come from.
    public func encode(to encoder: any Encoder) throws {
        if let drawn, DrawnData.isUsed(by: encoder.userInfo) {
            try drawn.encode(to: encoder)
        } else {
            try encode(hexadecimal: encoder)
        }
    }
    /// The same words, wherever they come from.
    public static func == (a: Words, b: Words) -> Bool { a.words == b.words }
    /// Feeds the words.
    public func hash(into hasher: inout Hasher) { hasher.combine(words) }
}

/// The bytes of a message on the wire.
public struct Bytes: HexadecimalValue {
    /// The bytes.
    public let bytes: [UInt8]

    /// The given bytes.
    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
    init?(integers: [UInt8]) { bytes = integers }

    var integers: [UInt8] { bytes }
    static let expectation = "lower-case hexadecimal, two digits for each byte"
    /// Two hexadecimal digits a byte.
    public static var schema: Schema { .bytes }
    /// Reads a hexadecimal string.
    public init(from decoder: any Decoder) throws { try self.init(hexadecimal: decoder) }
    /// Writes a hexadecimal string.
    public func encode(to encoder: any Encoder) throws { try encode(hexadecimal: encoder) }
}

/// A 64-bit seed.
public struct Seed: HexadecimalValue, ExpressibleByIntegerLiteral {
    /// The seed's value.
    public let value: UInt64

    /// The given seed.
    public init(_ value: UInt64) { self.value = value }
    /// The given seed.
    public init(integerLiteral value: UInt64) { self.value = value }
    init?(integers: [UInt64]) {
        guard integers.count == 1 else { return nil }
        value = integers[0]
    }

    var integers: [UInt64] { [value] }
    static let expectation = "sixteen lower-case hexadecimal digits"
    /// Sixteen hexadecimal digits.
    public static var schema: Schema { .seed }
    /// Reads a hexadecimal string.
    public init(from decoder: any Decoder) throws { try self.init(hexadecimal: decoder) }
    /// Writes a hexadecimal string.
    public func encode(to encoder: any Encoder) throws { try encode(hexadecimal: encoder) }
}
