/// Why a text is not a rational number. Offsets count UTF-8 bytes from the start of the text.
public enum RationalParsingError: Error, Hashable, Sendable {
    /// The text is empty.
    case empty
    /// The text has more than 65,536 bytes.
    case tooLong
    /// Something other than a digit, or than the one "/", stands at `offset`.
    case unexpectedCharacter(offset: Int)
    /// The text ends at `offset`, where a digit is required.
    case missingDigits(offset: Int)
    /// A number of more than one digit begins with 0 at `offset`.
    case leadingZero(offset: Int)
    /// Zero is written with a minus sign.
    case negativeZero
    /// The denominator is zero.
    case zeroDenominator
    /// Numerator and denominator have a common divisor above 1.
    case notInLowestTerms
}

extension RationalParsingError: CustomStringConvertible {
    /// The reason, and where it applies, in one line that repeats nothing of the text.
    public var description: String {
        switch self {
        case .empty: "a rational number is missing: the text is empty"
        case .tooLong: "a rational number of more than 65536 bytes is refused"
        case .unexpectedCharacter(let offset): "unexpected character at offset \(offset) of a rational number"
        case .missingDigits(let offset): "digits are missing at offset \(offset), where a rational number ends"
        case .leadingZero(let offset): "leading zero at offset \(offset) of a rational number"
        case .negativeZero: "zero has no sign in a rational number"
        case .zeroDenominator: "the denominator of a rational number is zero"
        case .notInLowestTerms: "a rational number is not in lowest terms"
        }
    }
}
