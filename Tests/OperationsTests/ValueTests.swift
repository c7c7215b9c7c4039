import ExactArithmetic
import Foundation
import GradientCodeOperations
import Testing

@Suite struct ValueTests {
    @Test func `hexadecimal strings hold big-endian bit patterns`() throws {
        let floats = try read(Binary32Vector.self, "\"3f800000c000000080000000\"")
        #expect(floats.values == [1, -2, 0] && floats.values[2].sign == .minus)
        #expect(try read(Words.self, "\"e3e8067000000001\"").words == [0xe3e8_0670, 1])
        #expect(try read(Bytes.self, "\"0106ff\"").bytes == [1, 6, 255])
        #expect(try read(Seed.self, "\"0123456789abcdef\"").value == 0x0123_4567_89ab_cdef)
        #expect(try read(Binary32Vector.self, "\"\"").count == 0)
        #expect(try read(Bytes.self, "\"\"").bytes.isEmpty)
    }

    @Test func `what is not a number stays the bits it was`() throws {
        let json = "\"7fc000007f800001ff80000080000000\""
        #expect(JSONText.compact(try read(Binary32Vector.self, json)) == json)
    }

    @Test(arguments: [
        "\"3f80000\"", "\"3F800000\"", "\"0x800000\"", "\"3f80000g\"", "\"３f80000\"", "\"3f800000 \"", "\"-f800000\"",
        "\"3f80000é\"", "\"3f8000\\u0000\"", "1065353216", "null", "[\"3f800000\"]", "true",
    ])
    func `anything else than whole lower-case values is no hexadecimal string`(json: String) {
        #expect(throws: JSONReadingError.self) { try read(Binary32Vector.self, json) }
        #expect(throws: JSONReadingError.self) { try read(Words.self, json) }
        #expect(throws: JSONReadingError.self) { try read(Seed.self, json) }
    }

    @Test(arguments: ["\"\"", "\"0\"", "\"0123456789abcde\"", "\"0123456789abcdef0123456789abcdef\""])
    func `a seed has sixteen digits`(json: String) {
        #expect(throws: JSONReadingError.self) { try read(Seed.self, json) }
    }

    @Test func `core takes -0 for +0, bits do not`() {
        let vector: Binary32Vector = [-0.0, 0.0, -1.0]
        #expect(vector != [0.0, 0.0, -1.0])
        #expect(vector.withoutNegativeZeros == [0.0, 0.0, -1.0])
        #expect(vector.isFinite && !Binary32Vector([Float.nan]).isFinite && !Binary32Vector([-.infinity]).isFinite)
    }

    @Test func `sixteen hexadecimal digits are a double, everything else is exact`() throws {
        let double = Number.binary64(0x1234_5678_9012_3456)
        #expect(try read(Number.self, "\"1234567890123456\"") == double)
        #expect(try read(Number.self, "\"1234567890123456/1\"") == .exact(1_234_567_890_123_456))
        #expect(try read(Number.self, "\"-123456789012345\"") == .exact(-123_456_789_012_345))
        #expect(try read(Number.self, "\"123456789012345\"") == .exact(123_456_789_012_345))
        #expect(try read(Number.self, "\"12345678901234567\"") == .exact(12_345_678_901_234_567))
        #expect(try read(Number.self, "\"12345678/9012347\"") == .exact(Rational(12_345_678, 9_012_347)))
        #expect(try read(Number.self, "\"3ff8000000000000\"").value == Rational(3, 2))
        #expect(JSONText.compact(Number.exact(1_234_567_890_123_456)) == "\"1234567890123456/1\"")
        for json in [
            "\"3FF8000000000000\"", "\"3ff800000000000\"", "\"3ff8000000000000 \"", "1.5", "\"1.5\"", "\"inf\"",
        ] {
            #expect(throws: JSONReadingError.self, "\(json)") { try read(Number.self, json) }
        }
        #expect(try read(Number.self, "\"7ff0000000000000\"").value == nil)
        #expect(try read(Number.self, "\"7ff8000000000001\"").value == nil)
        #expect(try read(Number.self, "\"8000000000000000\"").value == 0)
    }

    @Test func `a number that is not the expected one is a mismatch, a double within its bound is not`() {
        let third = Rational(1, 3)
        let near = Number.binary64((1.0 / 3).bitPattern)
        #expect(near.mismatch(with: third, binary64Bound: Rational(2).power(-50)) == nil)
        #expect(near.mismatch(with: third, binary64Bound: 0) != nil)
        #expect(Number.exact(third).mismatch(with: third, binary64Bound: 0) == nil)
        #expect(Number.exact(Rational(1, 4)).mismatch(with: third, binary64Bound: 1) != nil)
        #expect(Number.binary64(Double.nan.bitPattern).mismatch(with: third, binary64Bound: 1) != nil)
    }

    @Test func `the number of coefficients tells binary32 from binary64`() throws {
        let text = try read(Coefficients.self, "\"3ff800003fc00000\"")
        #expect(
            text.values(count: 1)?.values == [
                try #require(Rational(exactly: Double(bitPattern: 0x3ff8_0000_3fc0_0000)))
            ])
        #expect(text.values(count: 1)?.precision == .binary64)
        #expect(text.values(count: 2)?.values == [Rational(31, 16), Rational(3, 2)])
        #expect(text.values(count: 2)?.precision == .binary32)
        #expect(text.values(count: 3) == nil && text.values(count: 0) == nil)
        let exact = try read(Coefficients.self, "[\"31/16\",\"3/2\"]")
        #expect(exact.values(count: 2)?.values == [Rational(31, 16), Rational(3, 2)])
        #expect(exact.values(count: 2)?.precision == .none && exact.values(count: 1) == nil)
        #expect(try read(Coefficients.self, "\"7f800000\"").values(count: 1) == nil)
        #expect(try read(Coefficients.self, "\"7ff0000000000000\"").values(count: 1) == nil)
        #expect(try read(Coefficients.self, "\"\"").values(count: 0)?.values == [])
        for json in ["\"3ff8\"", "[\"2/4\"]", "[1]", "[null]", "{}", "[\"1/2\",\"3f800000\"]"] {
            #expect(throws: JSONReadingError.self, "\(json)") { try read(Coefficients.self, json) }
        }
    }

    @Test func `JSON has one text for one value`() {
        let question = TheoryValue(.thresholdRecovery, workers: 2, stragglers: 1, probabilities: [0, Rational(1, 2)])
        let text = #"{"probabilities":["0/1","1/2"],"quantity":"thresholdRecovery","stragglers":1,"workers":2}"#
        #expect(JSONText.compact(question) == text)
        #expect(JSONText.pretty(question).contains("\n"))
    }
}
