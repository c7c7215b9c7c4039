import Foundation
import GradientCodeConformance
import GradientCodeOperations
import GradientCodes
import Testing

/// A server and the two pipes of its harness.
struct ServedSubject: Sendable {
    private let input = Pipe()
    private let output = Pipe()
    private let log = Log()

    /// Writes all of the input, closes it, and returns the lines of output, the messages and the exit status.
    func run(_ text: String) async throws -> (lines: [String], messages: [String], status: Int32) {
        async let status = serve()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let exit = await status
        let lines = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).split(separator: "\n")
        return (lines.map(String.init), log.lines, exit)
    }

    /// Serves until the input ends, then closes the output.
    private func serve() async -> Int32 {
        defer { try? output.fileHandleForWriting.close() }
        return await Server(Self.subject).run(
            input: input.fileHandleForReading, output: output.fileHandleForWriting, message: log.append)
    }

    /// Writes one line and waits for the reply to it, again and again.
    func converse(_ lines: [String]) async throws -> [String] {
        async let status = serve()
        var replies: [String] = []
        for line in lines {
            try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
            let handle = output.fileHandleForReading
            let reply: Data = await withCheckedContinuation { continuation in
                Thread.detachNewThread { continuation.resume(returning: handle.availableData) }
            }
            replies.append(String(decoding: reply, as: UTF8.self))
        }
        try input.fileHandleForWriting.close()
        #expect(await status == 0)
        return replies
    }

    /// Answers `philox.block`, and rounds that count themselves.
    static let subject = Implementation("mine") { table in
        table.answer(Philox.Block.self) { question throws(Refusal) in
            let (counter, key) = (question.counter.words, question.key.words)
            guard counter.count == 4, key.count == 2 else { throw Refusal(.dimensionMismatch, "not 4 and 2 words") }
            let block = Philox.block(
                counter: SIMD4(counter[0], counter[1], counter[2], counter[3]), key: SIMD2(key[0], key[1]))
            return DrawnWords(words: Words((0..<4).map { block[$0] }))
        }
        table.hold(GradientCode.Session.self, flags: ["save"]) { _ in Rounds() }
    }

    private struct Rounds: RoundSession {
        var count = 0
        mutating func round(_ input: GradientCode.Round) throws(Refusal) -> GradientCode.Round.Outcome {
            count += 1
            return GradientCode.Round.Outcome(update: nil, excluded: [count])
        }
        mutating func set(step: Float) {}
        func save() -> String { "\(count)" }
        mutating func restore(_ state: String) { count = Int(state) ?? 0 }
    }
}

/// The subject's half of the protocol.
@Suite(.timeLimit(.minutes(5))) struct ServerTests {
    static let start = #"{"cmd":"start","version":1,"nonce":"00"}"#
    static let declaration =
        #"{"implementation":{"language":"swift","name":"mine","version":"1"},"operations":"#
        + #"{"gradientCode.round":["save"],"philox.block":[]},"version":1}"#
    static let block =
        #"{"cmd":"run","seq":1,"operation":"philox.block","input":"#
        + #"{"counter":"00000000000000000000000000000000","key":"0000000000000000"}}"#
    static let answer = #"{"output":{"words":"6627e8d5e169c58dbc57ac4c9b00dbd8"},"seq":1}"#

    @Test func `a start is answered by the declaration, a question by its answer`() async throws {
        let (lines, messages, status) = try await ServedSubject().run("\(Self.start)\n\(Self.block)\n")
        #expect(lines == [Self.declaration, Self.answer])
        #expect(messages.isEmpty && status == 0)
    }

    @Test func `every reply is written before the next line comes`() async throws {
        let replies = try await ServedSubject().converse([Self.start, Self.block, Self.block])
        #expect(replies == [Self.declaration + "\n", Self.answer + "\n", Self.answer + "\n"])
    }

    @Test func `nothing is read after stop`() async throws {
        let (lines, messages, status) = try await ServedSubject().run("{\"cmd\":\"stop\"}\n\(Self.block)\nhello\n")
        #expect(lines.isEmpty && messages.isEmpty && status == 0)
    }

    @Test func `rounds are read by the scheme of their session`() async throws {
        func line(_ command: String, _ seq: Int, _ others: String = "") -> String {
            #"{"cmd":"\#(command)","seq":\#(seq),"session":7\#(others)}"#
        }
        func round(_ seq: Int) -> String { line("round", seq, #","input":{"gradients":[],"responders":[]}"#) }
        let opening = #","scheme":"gradientCode","input":{"code":{},"dimension":1}"#
        let (lines, _, status) = try await ServedSubject().run(
            [
                round(1), line("open", 2, opening), round(3), line("save", 4), round(5),
                line("restore", 6, #","input":{"state":"1"}"#), round(7), line("close", 8), round(9),
            ].joined(separator: "\n") + "\n")
        func refused(_ seq: Int) -> String {
            #"{"reason":"session 7 is not open","reject":"invalidParameters","seq":\#(seq)}"#
        }
        func outcome(_ seq: Int, _ count: Int) -> String {
            #"{"output":{"excluded":[\#(count)],"update":null},"seq":\#(seq)}"#
        }
        #expect(
            lines == [
                refused(1), #"{"output":{},"seq":2}"#, outcome(3, 1), #"{"output":{"state":"1"},"seq":4}"#,
                outcome(5, 2), #"{"output":{},"seq":6}"#, outcome(7, 2), #"{"output":{},"seq":8}"#, refused(9),
            ])
        #expect(status == 0)
    }

    @Test func `what cannot be answered is refused or unsupported`() async throws {
        let (lines, _, status) = try await ServedSubject().run(
            [
                #"{"cmd":"run","seq":1,"operation":"philox.block","input":{"counter":"0","key":""}}"#,
                #"{"cmd":"run","seq":2,"operation":"philox.block","input":{"counter":"","key":""}}"#,
                #"{"cmd":"run","seq":3,"operation":"no.such","input":{}}"#,
                #"{"cmd":"run","seq":4,"operation":"rounding.binary32","input":{"rationals":[]}}"#,
            ].joined(separator: "\n") + "\n")
        try #require(lines.count == 4)
        #expect(lines[0].contains(#""reject":"invalidParameters","seq":1"#))
        #expect(lines[1].contains(#""reject":"dimensionMismatch","seq":2"#))
        #expect(lines[2] == #"{"seq":3,"unsupported":"no.such"}"#)
        #expect(lines[3].contains(#""seq":4"#))
        #expect(status == 0)
    }

    @Test(arguments: [
        ("hello\n", "not a line of the protocol: "), ("\n", "received \"\""), ("{}\n", "key \"cmd\" is missing"),
        (#"{"cmd":"run"}"# + "\n", "key \"seq\" is missing"), (#"{"cmd":"#, "the input ends within a line: "),
        (#"{"cmd":"start","version":2,"nonce":""}"# + "\n", "version 2 of the protocol; expected 1"),
    ]) func `a line that is none of the protocol ends the run`(text: String, reason: String) async throws {
        let (lines, messages, status) = try await ServedSubject().run("\(Self.start)\n\(text)")
        #expect(lines == [Self.declaration])
        #expect(messages.count == 1 && messages[0].contains(reason), "\(messages)")
        #expect(status == 2)
    }

    @Test func `output that nobody reads ends the run`() async throws {
        let (input, output) = (Pipe(), Pipe())
        try output.fileHandleForReading.close()
        try input.fileHandleForWriting.write(contentsOf: Data((Self.start + "\n").utf8))
        try input.fileHandleForWriting.close()
        let log = Log()
        let status = await Server(ServedSubject.subject).run(
            input: input.fileHandleForReading, output: output.fileHandleForWriting, message: log.append)
        #expect(status == 2 && log.lines.count == 1)
    }
}
