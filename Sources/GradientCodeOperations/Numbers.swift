public import ExactArithmetic

/// A number in an answer: exact, or a binary64 where the subject's conventions say that its numbers are doubles.
///
/// Sixteen characters without a slash are a binary64; an exact integer of sixteen digits is written with `/1`.
public enum Number: FieldValue {
    /// An exact number.
    case exact(Rational)
    /// A finite or non-finite double, kept by its bits.
    case binary64(UInt64)

    /// The exact value, nil for NaN and infinities.
    public var value: Rational? {
        switch self {
        case .exact(let value): value
        case .binary64(let bits): Rational(exactly: Double(bitPattern: bits))
        }
    }

    /// `"n/d"` or sixteen hexadecimal digits.
    public static var schema: Schema { .number }

    /// Reads `"n/d"` or sixteen hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        if text.utf8.count == 16, let bits = Hexadecimal.integers(text, as: UInt64.self) {
            self = .binary64(bits[0])
        } else {
            self = .exact(try container.decode(Rational.self))
        }
    }

    /// Writes `"n/d"` or sixteen hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .exact(let value): try container.encode(value)
        case .binary64(let bits): try container.encode(Hexadecimal.text(CollectionOfOne(bits)))
        }
    }
}

/// A vector of coefficients in an answer: exact numbers, or floats in one hexadecimal string.
///
/// The string holds eight digits a coefficient (binary32) or sixteen (binary64); which of the two follows from the
/// number of coefficients that the question fixes.
public enum Coefficients: FieldValue {
    /// Exact numbers.
    case exact([Rational])
    /// The half-words of a hexadecimal string, most significant first.
    case floats([UInt32])

    /// The precision of a float answer.
    public enum Precision: Int, Sendable {
        /// 24 significant bits.
        case binary32 = 24
        /// 53 significant bits.
        case binary64 = 53
        /// The unit roundoff u, half the distance from 1 to the next number.
        public var unitRoundoff: Rational { Rational(2).power(-rawValue) }
    }

    /// The exact values and their precision (nil: exact); nil when there are not `count` values or one is not finite.
    public func values(count: Int) -> (values: [Rational], precision: Precision?)? {
        switch self {
        case .exact(let values):
            return values.count == count ? (values, nil) : nil
        case .floats(let words) where words.count == count:
            let values = words.compactMap { Rational(exactly: Float(bitPattern: $0)) }
            return values.count == count ? (values, .binary32) : nil
        case .floats(let words) where words.count == 2 * count:
            let values = (0..<count).compactMap { index in
                let bits = UInt64(words[2 * index]) << 32 | UInt64(words[2 * index + 1])
                return Rational(exactly: Double(bitPattern: bits))
            }
            return values.count == count ? (values, .binary64) : nil
        case .floats:
            return nil
        }
    }

    /// Whether these are floats, each the correctly rounded image of the exact coefficient.
    public func isRounding(of exact: [Rational]) -> Bool {
        guard case .floats(let words) = self else { return false }
        let doubles = exact.map { Double($0).bitPattern }
        return words == exact.map { Float($0).bitPattern }
            || words == doubles.flatMap { [UInt32($0 >> 32), UInt32(truncatingIfNeeded: $0)] }
    }

    /// A list of `"n/d"`, or a hexadecimal string.
    public static var schema: Schema { .coefficients }

    /// Reads a list of `"n/d"`, or a hexadecimal string.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let values = try? container.decode([Rational].self) {
            self = .exact(values)
            return
        }
        guard let text = try? container.decode(String.self),
            let words = Hexadecimal.integers(text, as: UInt32.self)
        else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "expected a list of \"n/d\" in lowest terms, or a hexadecimal string of floats")
        }
        self = .floats(words)
    }

    /// Writes a list of `"n/d"`, or a hexadecimal string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .exact(let values): try container.encode(values)
        case .floats(let words): try container.encode(Hexadecimal.text(words))
        }
    }
}
