extension Rational: CustomStringConvertible {
    /// The number as `n/d`, in lowest terms, with a positive denominator that is written even when it is 1.
    public var description: String {
        switch storage {
        case .small(let numerator, let denominator): "\(numerator)/\(denominator)"
        case .big(let big): "\(big.numeratorText)/\(big.denominator.numeratorText)"
        }
    }

    /// The number in decimal with `digits` digits after the point, correctly rounded, ties to even: for people to read.
    ///
    /// Without digits there is no point either, and what rounds to zero has no sign.
    ///
    /// - Precondition: `digits` is not negative.
    public func decimal(digits: Int) -> String {
        precondition(digits >= 0, "a number of digits is not negative")
        let scaled = (self * Rational(10).power(digits)).roundedToEven
        let text = scaled.magnitude.big.numeratorText
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        let sign = scaled.signum < 0 ? "-" : ""
        return sign + padded.dropLast(digits) + (digits > 0 ? "." + padded.suffix(digits) : "")
    }
}

extension Rational: Codable {
    /// Encodes the number as one string, its `description`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// Decodes a string by `init(parsing:)`.
    ///
    /// Throws `DecodingError.dataCorrupted` with the parser's reason when the string is not a rational number.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do {
            try self.init(parsing: text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }
}
