extension Rational {
    /// Reads what `description` writes, and integers without their "/1"; safe on text from anywhere.
    ///
    /// The grammar is `-? number ("/" number)?`, where a number is 0 or decimal digits that do not begin with 0. The
    /// value must be in lowest terms, "-0" is refused, and so is text of more than 65,536 bytes.
    public init(parsing text: some StringProtocol) throws(RationalParsingError) {
        if text.utf8.count > 65_536 { throw .tooLong }
        var reader = RationalReader(bytes: Array(text.utf8))
        if reader.isAtEnd { throw .empty }

        let isNegative = reader.skip(UInt8(ascii: "-"))
        let magnitude = try reader.number()
        if isNegative, magnitude.isZero { throw .negativeZero }
        let numerator = isNegative ? -magnitude : magnitude
        let denominator = reader.skip(UInt8(ascii: "/")) ? try reader.number() : 1
        if !reader.isAtEnd { throw .unexpectedCharacter(offset: reader.offset) }

        if denominator.isZero { throw .zeroDenominator }
        if Rational.greatestCommonDivisor(numerator, denominator) != 1 { throw .notInLowestTerms }
        self = numerator / denominator
    }
}

/// Takes the parts of a rational number off the front of a text.
private struct RationalReader {
    let bytes: [UInt8]
    var offset = 0

    var isAtEnd: Bool { offset == bytes.count }

    /// Passes over `byte` if it comes next; says whether it did.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard bytes[offset...].first == byte else { return false }
        offset += 1
        return true
    }

    mutating func number() throws(RationalParsingError) -> Rational {
        let digits = bytes[offset...].prefix { byte in UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
        if digits.isEmpty {
            throw isAtEnd ? .missingDigits(offset: offset) : .unexpectedCharacter(offset: offset)
        }
        if digits.count > 1, digits.first == UInt8(ascii: "0") { throw .leadingZero(offset: offset) }
        offset += digits.count
        let text = String(decoding: digits, as: UTF8.self)
        return Int(text).map { Rational($0) } ?? Rational(BigRational(decimalDigits: text))
    }
}
