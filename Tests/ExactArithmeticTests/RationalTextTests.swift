import ExactArithmetic
import Foundation
import Testing

@Suite struct RationalTextTests {
    @Test func `the text has numerator and denominator, of integers too`() {
        #expect(Rational(3).description == "3/1")
        #expect(Rational(0).description == "0/1")
        #expect(Rational(-10, 4).description == "-5/2")
        #expect("\(Rational(10).power(30))" == "1000000000000000000000000000000/1")
        #expect("\(-Rational(10).power(-20))" == "-1/100000000000000000000")
    }

    static let decimals: [(Rational, Int, String)] = [
        (Rational(1, 3), 5, "0.33333"),
        (Rational(-2, 3), 2, "-0.67"),
        (Rational(1, 8), 2, "0.12"),
        (Rational(3, 8), 2, "0.38"),
        (Rational(-1, 8), 2, "-0.12"),
        (Rational(1, 2), 0, "0"),
        (Rational(3, 2), 0, "2"),
        (Rational(5, 2), 0, "2"),
        (Rational(-1, 1000), 2, "0.00"),
        (Rational(999, 1000), 2, "1.00"),
        (Rational(12345, 100), 1, "123.4"),
        (0, 3, "0.000"),
        (Rational(2).power(70), 1, "1180591620717411303424.0"),
    ]

    @Test(arguments: decimals)
    func `a decimal is rounded to the nearest, ties to even`(value: Rational, digits: Int, text: String) {
        #expect(value.decimal(digits: digits) == text)
    }

    @Test func `a decimal is within half a unit of its last digit`() throws {
        var generator = SplitMix64(seed: 30)
        for _ in 0..<200 {
            let value = generator.rational()
            let digits = Int.random(in: 1...30, using: &generator)
            let text = value.decimal(digits: digits)
            let parts = text.drop { $0 == "-" }.split(separator: ".")
            #expect(parts.count == 2 && parts[1].count == digits, "\(value)")
            let joined = parts.joined().drop { $0 == "0" }
            let units = joined.isEmpty ? 0 : try Rational(parsing: joined) * (text.hasPrefix("-") ? -1 : 1)
            #expect((value * Rational(10).power(digits) - units).magnitude <= Rational(1, 2), "\(value) \(digits)")
        }
    }

    @Test func `a number is encoded as one string and decoded from it`() throws {
        let values: [Rational] = [0, -3, Rational(1, 2), Rational(7).power(40), Rational(7).power(-41)]
        let data = try JSONEncoder().encode(values)
        let start = #"["0\/1","-3\/1","1\/2","6366805760909027985741435139224001\/1","1\/"#
        #expect(String(decoding: data, as: UTF8.self).hasPrefix(start))
        #expect(try JSONDecoder().decode([Rational].self, from: data) == values)
        #expect(try JSONDecoder().decode([Rational].self, from: Data(#"["5","-5/3"]"#.utf8)) == [5, Rational(-5, 3)])
    }

    @Test func `a string that is no number is reported with its place and reason`() throws {
        let data = Data(#"{"weights": ["1/2", "2/4"]}"#.utf8)
        let error = try #require(throws: DecodingError.self) {
            try JSONDecoder().decode([String: [Rational]].self, from: data)
        }
        guard case .dataCorrupted(let context) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(context.codingPath.map(\.stringValue).first == "weights")
        #expect(context.codingPath.last?.intValue == 1)
        #expect(context.debugDescription == RationalParsingError.notInLowestTerms.description)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Rational].self, from: Data("[1]".utf8)) }
    }
}
