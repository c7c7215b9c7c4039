import ExactArithmetic
import Foundation
import GradientCodeOperations
import GradientCodes
import Testing

@Suite struct DrawnDataTests {
    static let x = DrawnData(seed: 7, stream: .testData, t: 1, i: 2, count: 5)
    static let tape = DrawnData(seed: 7, stream: .quantizer, t: 1, i: 2, count: 5)

    static func question() throws -> OneBitGradientCode.Quantize {
        .init(x: try Binary32Vector(x), bound: .given([1]), tape: try Words(tape))
    }

    @Test func `the values are those of the draw contract`() throws {
        let question = try Self.question()
        #expect(question.x.values == Philox.testFloats(seed: 7, t: 1, i: 2, count: 5))
        let words = Philox.words(seed: 7, stream: .quantizer, t: 1, i: 2, first: 0, count: 5)
        #expect(question.tape?.words == words)
    }

    @Test func `files hold the draws, lines the values`() throws {
        let question = try Self.question()
        let line = JSONText.compact(question)
        #expect(line.contains("\"tape\":\"") && !line.contains("seed"))
        let file = JSONText.abridged(question)
        let drawn = #"{"count":5,"i":2,"seed":"0000000000000007","stream":3,"t":1}"#
        #expect(file.contains("\"x\":\(drawn)"))
        let read = try JSONText.read(
            OneBitGradientCode.Quantize.self, from: Data(file.utf8), userInfo: DrawnData.userInfo)
        #expect(read == question)
        #expect(JSONText.abridged(read) == file && JSONText.compact(read) == line)
    }

    @Test func `on the wire nobody may send draws in place of values`() throws {
        let file = JSONText.abridged(try Self.question())
        #expect(throws: JSONReadingError.self) { try read(OneBitGradientCode.Quantize.self, file) }
    }

    @Test(arguments: [
        #"{"count":5,"i":2,"seed":"0000000000000007","stream":1,"t":1}"#,
        #"{"count":4194305,"i":2,"seed":"0000000000000007","stream":3,"t":1}"#,
        #"{"count":-1,"i":2,"seed":"0000000000000007","stream":3,"t":1}"#,
        #"{"count":1,"i":4294967296,"seed":"0000000000000007","stream":3,"t":1}"#,
        #"{"count":1,"i":0,"seed":"0000000000000007","stream":3,"t":-1}"#, #"{"count":1}"#, "3", "null",
    ])
    func `values are drawn from the test data, and not without end`(json: String) {
        #expect(throws: JSONReadingError.self) {
            try JSONText.read(Binary32Vector.self, from: Data(json.utf8), userInfo: DrawnData.userInfo)
        }
    }
}
