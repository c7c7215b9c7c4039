import ExactArithmetic
import Testing

@Suite struct RationalParsingTests {
    @Test func `what is written can be read`() throws {
        var generator = SplitMix64(seed: 20)
        for _ in 0..<300 {
            let a = generator.rational()
            #expect(try Rational(parsing: a.description) == a)
            #expect(try Rational(parsing: "[\(a)]".dropFirst().dropLast()) == a)
            #expect(try Rational(parsing: a.numerator.description.dropLast(2)) == a.numerator)
        }
    }

    struct Refusal: CustomTestStringConvertible {
        let text: String
        let reason: RationalParsingError
        var testDescription: String { text.debugDescription }

        init(_ text: String, _ reason: RationalParsingError) {
            self.text = text
            self.reason = reason
        }
    }

    static let refusals: [Refusal] = [
        Refusal("", .empty),
        Refusal("-", .missingDigits(offset: 1)),
        Refusal("1/", .missingDigits(offset: 2)),
        Refusal("/", .unexpectedCharacter(offset: 0)),
        Refusal("/2", .unexpectedCharacter(offset: 0)),
        Refusal("+1", .unexpectedCharacter(offset: 0)),
        Refusal("--1", .unexpectedCharacter(offset: 1)),
        Refusal("1/-2", .unexpectedCharacter(offset: 2)),
        Refusal("1/+2", .unexpectedCharacter(offset: 2)),
        Refusal("1/2/3", .unexpectedCharacter(offset: 3)),
        Refusal("1//2", .unexpectedCharacter(offset: 2)),
        Refusal(" 1", .unexpectedCharacter(offset: 0)),
        Refusal("1 ", .unexpectedCharacter(offset: 1)),
        Refusal("1 /2", .unexpectedCharacter(offset: 1)),
        Refusal("1/2\n", .unexpectedCharacter(offset: 3)),
        Refusal("1\0", .unexpectedCharacter(offset: 1)),
        Refusal("1_000", .unexpectedCharacter(offset: 1)),
        Refusal("1.5", .unexpectedCharacter(offset: 1)),
        Refusal("1e5", .unexpectedCharacter(offset: 1)),
        Refusal("0x10", .unexpectedCharacter(offset: 1)),
        Refusal("nan", .unexpectedCharacter(offset: 0)),
        Refusal("∞", .unexpectedCharacter(offset: 0)),
        Refusal("−1", .unexpectedCharacter(offset: 0)),
        Refusal("٣", .unexpectedCharacter(offset: 0)),
        Refusal("1\u{301}", .unexpectedCharacter(offset: 1)),
        Refusal("1\u{2044}2", .unexpectedCharacter(offset: 1)),
        Refusal("00", .leadingZero(offset: 0)),
        Refusal("007", .leadingZero(offset: 0)),
        Refusal("-01", .leadingZero(offset: 1)),
        Refusal("1/02", .leadingZero(offset: 2)),
        Refusal("1/00", .leadingZero(offset: 2)),
        Refusal("-0", .negativeZero),
        Refusal("-0/1", .negativeZero),
        Refusal("0/0", .zeroDenominator),
        Refusal("1/0", .zeroDenominator),
        Refusal("2/4", .notInLowestTerms),
        Refusal("-3/3", .notInLowestTerms),
        Refusal("0/2", .notInLowestTerms),
        Refusal("18446744073709551616/2", .notInLowestTerms),
    ]

    @Test(arguments: refusals)
    func `hostile text is refused for a stated reason`(refusal: Refusal) {
        #expect(throws: refusal.reason) { try Rational(parsing: refusal.text) }
    }

    @Test func `every short text is refused, or is the one way to write its value`() throws {
        var texts = [""]
        var accepted: Set<Rational> = []
        for _ in 0..<4 {
            texts = texts.flatMap { text in "-/012".map { text + String($0) } }
            for text in texts {
                guard let value = try? Rational(parsing: text) else { continue }
                let canonical = value.description
                guard text != canonical, text + "/1" != canonical else {
                    accepted.insert(value)
                    continue
                }
                Issue.record("\(text) was read as \(canonical)")
            }
        }
        #expect(accepted == Self.shortValues)
    }

    /// The values that can be written with at most four of the characters "-/012".
    static let shortValues: Set<Rational> = {
        let allowed = Set("-/012")
        var values: Set<Rational> = []
        for numerator in -222...2222 {
            for denominator in 1...22 {
                let value = Rational(numerator, denominator)
                let texts = [value.description] + (value.isInteger ? [String(value.description.dropLast(2))] : [])
                if texts.contains(where: { $0.count <= 4 && allowed.isSuperset(of: $0) }) { values.insert(value) }
            }
        }
        return values
    }()

    @Test func `text of 65,536 bytes is read and one byte more is refused`() throws {
        let digits = String(repeating: "9", count: 65_536)
        #expect(try Rational(parsing: digits) == Rational(10).power(65_536) - 1)
        #expect(throws: RationalParsingError.tooLong) { try Rational(parsing: digits + "9") }
        #expect(throws: RationalParsingError.tooLong) { try Rational(parsing: String(repeating: "é", count: 40_000)) }
    }

    @Test func `a reason is one line that repeats nothing of the text`() {
        let reasons = Set(Self.refusals.map(\.reason) + [.tooLong])
        #expect(Set(reasons.map(\.description)).count == reasons.count)
        for reason in reasons { #expect(!reason.description.contains { $0.isNewline || !$0.isASCII }) }
    }
}
