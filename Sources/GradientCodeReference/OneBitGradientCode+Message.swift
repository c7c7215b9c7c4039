public import ExactArithmetic
public import GradientCodes

/// A message of 1-bit gradient coding: one sign a coordinate, and in mode S the range before them
/// (`docs/OneBitGradientCode.md#wire-format`).
public struct SignMessage: Hashable, Sendable {
    /// B_i where it is sent with the message (mode S); nil where it is known (mode G).
    public let range: Float?
    /// One sign a coordinate; true is +B.
    public let signs: [Bool]

    /// A message.
    ///
    /// - Precondition: a range is finite, not negative and not −0; if it is 0, all signs are false.
    public init(range: Float?, signs: [Bool]) {
        if let range {
            precondition(
                range.isFinite && range.sign == .plus && (range > 0 || !signs.contains(true)), "range \(range)")
        }
        self.range = range
        self.signs = signs
    }

    /// What the stochastic sign makes of a coded gradient, with one draw a coordinate.
    ///
    /// - Parameters:
    ///   - x: the coded gradient.
    ///   - ranges: B_j, one a coordinate; nil for mode S, where B is the largest |x_j|.
    /// - Precondition: one draw a coordinate, |x_j| ≤ B_j, and for mode S binary32 numbers.
    public init(quantizing x: [Rational], ranges: [Rational]?, draws: [UInt32]) {
        precondition(x.count == draws.count, "one draw a coordinate")
        let largest = x.map(\.magnitude).max() ?? 0
        let signs = x.indices.map { j in
            let range = ranges?[j] ?? largest
            return !range.isZero && StochasticSign.isPositive(x[j], range: range, draw: draws[j])
        }
        self.init(range: ranges == nil ? Float(largest) : nil, signs: signs)
    }

    /// The bytes: four of the range, if it is sent, then the signs, eight a byte, the least significant bit first.
    public var bytes: [UInt8] {
        let header = range.map { range in (0..<4).map { UInt8(truncatingIfNeeded: range.bitPattern >> (8 * $0)) } }
        var payload = [UInt8](repeating: 0, count: (signs.count + 7) / 8)
        for (j, sign) in signs.enumerated() where sign { payload[j / 8] |= 1 << (j % 8) }
        return (header ?? []) + payload
    }

    /// Reads the bytes of a message of the given dimension.
    ///
    /// - Throws: `malformedMessage` for a wrong number of bytes, a padding bit that is 1, a range that is negative, −0 or
    ///   not finite, a range 0 with a sign that is +.
    public init(reading bytes: [UInt8], dimension: Int, hasRange: Bool) throws(Refusal) {
        let header = hasRange ? 4 : 0
        guard bytes.count == header + (dimension + 7) / 8 else {
            throw Refusal(
                .malformedMessage, "\(bytes.count) bytes; expected \(header + (dimension + 7) / 8)")
        }
        let bits = bytes.dropFirst(header).flatMap { byte in (0..<8).map { byte >> $0 & 1 == 1 } }
        guard !bits.dropFirst(dimension).contains(true) else {
            throw Refusal(.malformedMessage, "a bit behind the last coordinate is 1")
        }
        signs = Array(bits.prefix(dimension))
        guard hasRange else {
            range = nil
            return
        }
        let range = Float(bitPattern: bytes.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) })
        guard range.isFinite, range.sign == .plus else {
            throw Refusal(.malformedMessage, "the range is \(range); expected a finite number, not negative")
        }
        guard range > 0 || !signs.contains(true) else {
            throw Refusal(.malformedMessage, "the range is 0, but a sign is +")
        }
        self.range = range
    }

    /// What the message stands for: ±B_j, one number a coordinate; zeros where the range sent is 0.
    ///
    /// - Parameter ranges: B_j, one a coordinate, where the message has none.
    public func decoded(ranges: [Rational]?) -> [Rational] {
        signs.indices.map { j in
            let own = range.flatMap { Rational(exactly: $0) }
            guard let range = own ?? ranges?[j] else { preconditionFailure("a message without range needs ranges") }
            return signs[j] ? range : -range
        }
    }
}
