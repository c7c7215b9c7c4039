import Foundation
import GradientCodeOperations
import GradientCodes
import Testing

@Suite struct HostileLineTests {
    static func line(_ text: String, sessions: [Int: String] = [:]) throws(JSONReadingError) -> DecodedLine {
        try Wire.line(from: Data(text.utf8), sessions: sessions)
    }

    /// The refusal or the unsupported name that a line is answered with.
    static func reply(to text: String, sessions: [Int: String] = [:]) throws -> String {
        guard case .unreadable(1, let reply) = try line(text, sessions: sessions) else { return "read" }
        switch reply {
        case .refused(let refusal): return refusal.kind.rawValue
        case .unsupported(let name): return "unsupported \(name)"
        case .answer, .failed: return "\(reply)"
        }
    }

    @Test(arguments: [
        (#"{"cmd":"dance","seq":1}"#, "unsupported dance"),
        (#"{"cmd":"sample","seq":1,"operation":"dance","count":3,"input":{}}"#, "unsupported dance"),
        (#"{"cmd":"sample","seq":1,"operation":"philox.words","count":3}"#, "invalidParameters"),
        (#"{"cmd":"sample","seq":1,"operation":"philox.block","input":{"counter":"","key":""}}"#, "invalidParameters"),
        (#"{"cmd":"sample","seq":1,"session":3,"count":1,"input":{}}"#, "invalidParameters"),
        (#"{"cmd":"run","seq":1,"operation":"gradientCode.dance","input":{}}"#, "unsupported gradientCode.dance"),
        (#"{"cmd":"open","seq":1,"session":1,"scheme":"dance","input":{}}"#, "unsupported dance"),
        (#"{"cmd":"run","seq":1}"#, "invalidParameters"),
        (#"{"cmd":"run","seq":1,"operation":["philox.words"]}"#, "invalidParameters"),
        (#"{"cmd":"run","seq":1,"operation":"philox.words"}"#, "invalidParameters"),
        (#"{"cmd":"run","seq":1,"operation":"philox.words","input":[]}"#, "invalidParameters"),
        (#"{"cmd":"run","seq":1,"operation":"rounding.binary32","input":{"values":[0.5]}}"#, "invalidParameters"),
        (#"{"cmd":"run","seq":1,"operation":"rounding.binary32","input":{"values":["2/4"]}}"#, "invalidParameters"),
        (#"{"cmd":"round","seq":1,"session":3,"input":{}}"#, "invalidParameters"),
        (#"{"cmd":"save","seq":1,"session":"3"}"#, "invalidParameters"),
        (#"{"cmd":"close","seq":1}"#, "invalidParameters"),
        (#"{"cmd":"set","seq":1,"session":3,"input":{}}"#, "invalidParameters"),
        (#"{"cmd":"restore","seq":1,"session":3,"input":{"state":5}}"#, "invalidParameters"),
    ])
    func `a question that cannot be read has its reply`(line: String, expected: String) throws {
        #expect(try Self.reply(to: line) == expected)
    }

    @Test func `a round is read by the scheme of its session`() throws {
        let round = #"{"cmd":"round","seq":1,"session":3,"input":{"gradients":["3f800000"],"responders":[0]}}"#
        #expect(try Self.reply(to: round, sessions: [3: "gradientCode"]) == "read")
        #expect(try Self.reply(to: round, sessions: [3: "no such scheme"]) == "invalidParameters")
        #expect(try Self.reply(to: round, sessions: [4: "gradientCode"]) == "invalidParameters")
    }

    @Test(arguments: [
        "", "x", "[]", "3", "null", #"{"cmd":1}"#, #"{"cmd":"run"}"#, #"{"cmd":"run","seq":"1"}"#, #"{"seq":1}"#,
        #"{"cmd":"run","seq":99999999999999999999999999}"#, #"{"cmd":"start"}"#, #"{"cmd":"start","version":"1"}"#,
        #"{"cmd":"stop""#,
    ])
    func `what is no line of the protocol is an error`(text: String) {
        #expect(throws: JSONReadingError.self) { try Self.line(text) }
    }

    @Test func `bytes that are no UTF-8 are an error, or refused within a question`() throws {
        for bytes: [UInt8] in [
            [0xff, 0xfe], [0], [0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80],
        ] {
            let line = Data(#"{"cmd":"run","seq":1,"operation":""#.utf8) + bytes + Data(#"","input":{}}"#.utf8)
            #expect(throws: JSONReadingError.self, "\(bytes)") { try Wire.line(from: Data(bytes), sessions: [:]) }
            guard case .unreadable(1, .refused(let refusal)) = try Wire.line(from: line, sessions: [:]) else {
                Issue.record("\(bytes)")
                continue
            }
            #expect(refusal.kind == .invalidParameters)
        }
    }

    @Test(arguments: [10_000, 1_000_000])
    func `deep nesting is an error, not a crash`(depth: Int) {
        let lists = String(repeating: "[", count: depth)
        let objects = String(repeating: #"{"a":"#, count: depth)
        for deep in [lists, lists + String(repeating: "]", count: depth), objects] {
            #expect(throws: JSONReadingError.self) { try Self.line(deep) }
            let question = #"{"cmd":"run","seq":1,"operation":"allocation.report","input":{"allocation":"# + deep + "}}"
            #expect(throws: JSONReadingError.self) { try Self.line(question) }
        }
    }

    /// The reply to a question with a number where an integer is expected; nil where the line is an error.
    static func reply(toNumber number: String) throws -> String? {
        let line = #"{"cmd":"run","seq":1,"operation":"allocation.report","input":{"allocation":[["# + number + "]]}}"
        do throws(JSONReadingError) { _ = try Self.line(line) } catch { return nil }
        return try reply(to: line)
    }

    @Test(arguments: ["9", "-9", "1e", "9e", "1."])
    func `numbers without end are refused`(head: String) throws {
        let reply = try Self.reply(toNumber: head + String(repeating: "9", count: 1_000_000) + ".5")
        #expect(reply == nil || reply == "invalidParameters")
    }

    @Test(arguments: ["1e400", "-1e400", "18446744073709551616", "0.5", "1e3000000000", "NaN", "+1", "01", "0x1"])
    func `numbers that are no integers of 64 bits are refused`(number: String) throws {
        let reply = try Self.reply(toNumber: number)
        #expect(reply == nil || reply == "invalidParameters")
    }

    @Test(arguments: ["1", "-1", "1/", "1/1"])
    func `a rational of a million digits is refused at once`(head: String) throws {
        let value = head + String(repeating: "0", count: 1_000_000)
        let question = #"{"cmd":"run","seq":1,"operation":"rounding.binary32","input":{"values":[""# + value + #""]}}"#
        let start = ContinuousClock.now
        #expect(try Self.reply(to: question) == "invalidParameters")
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test func `a long text of digits is no more than a long text`() throws {
        func line(key: String) -> String {
            let counter = String(repeating: "0", count: 160_000)
            return
                #"{"cmd":"run","seq":1,"operation":"philox.block","input":{"counter":"\#(counter)","key":"\#(key)"}}"#
        }
        #expect(try Self.reply(to: line(key: "00")) == "invalidParameters")
        guard case .command(1, .run(let asked)) = try Self.line(line(key: "")), let block = asked as? Philox.Block
        else {
            Issue.record("not read")
            return
        }
        #expect(block.counter.words.count == 20_000)
    }
}
