import ExactArithmetic
import Foundation
import GradientCodeOperations
import GradientCodes
import Testing

@Suite struct WireTests {
    /// A number for a session of each scheme.
    static let sessions = Dictionary(
        uniqueKeysWithValues: Operations.sessions.enumerated().map { (7 + $0.offset, $0.element.scheme) })

    /// Every kind of command, with random contents.
    static func commands(_ generator: inout SplitMix64) throws -> [Command] {
        func random<Value: Record>(_: Value.Type) throws -> Value {
            try read(Value.self, JSONText.compact(generator.value(of: Value.schema)))
        }
        func question<Asked: Question>(_: Asked.Type) throws -> any Question { try random(Asked.self) }
        func opening<Opened: Opening>(_: Opened.Type) throws -> [Command] {
            let number = sessions.first { $0.value == Opened.scheme }?.key ?? 0
            return [
                .open(session: number, try random(Opened.self)), .round(session: number, try random(Opened.Round.self)),
                .sampleRound(session: number, try random(Opened.Round.self), count: 5),
            ]
        }
        var commands: [Command] = []
        for operation in Operations.all {
            commands.append(.run(try question(operation)))
            commands.append(.sample(try question(operation), SampleSize(count: 3, worker: 2, round: 1)))
        }
        for session in Operations.sessions { commands += try opening(session) }
        commands += [
            .set(session: 7, StepSetting(step: [0.125])), .save(session: 7),
            .restore(session: 7, SavedState(state: "a \"state\"\n")), .close(session: 7),
        ]
        return commands
    }

    @Test func `start and stop are read back`() throws {
        let start = Wire.data(.start(nonce: "9f3a"))
        #expect(String(decoding: start, as: UTF8.self) == #"{"cmd":"start","nonce":"9f3a","version":1}"#)
        guard case .start(version: 1) = try Wire.line(from: start, sessions: [:]),
            case .stop = try Wire.line(from: Wire.data(.stop), sessions: [:])
        else {
            Issue.record("not read back")
            return
        }
    }

    @Test func `every command is read back as it was written`() throws {
        var generator = SplitMix64(seed: 5)
        for round in 0..<50 {
            for command in try Self.commands(&generator) {
                let data = Wire.data(.command(seq: round, command))
                #expect(!data.contains(UInt8(ascii: "\n")))
                guard case .command(let seq, let again) = try Wire.line(from: data, sessions: Self.sessions)
                else {
                    Issue.record("not read back: \(String(decoding: data, as: UTF8.self))")
                    continue
                }
                #expect(seq == round)
                #expect(Wire.data(.command(seq: seq, again)) == data)
            }
        }
    }

    @Test func `every answer is read back with the type that belongs to the command`() throws {
        var generator = SplitMix64(seed: 6)
        func check<Value: Record>(_: Value.Type, _ command: Command) throws {
            let value = try read(Value.self, JSONText.compact(generator.value(of: Value.schema)))
            let (seq, reply) = try Wire.reply(from: Wire.data(seq: 3, .answer(value)), to: command)
            guard case .answer(let answer) = reply else {
                Issue.record("\(reply)")
                return
            }
            #expect(seq == 3 && answer as? Value == value)
        }
        for command in try Self.commands(&generator) { try check(command.answerType, command) }
    }

    @Test func `a command about a session is answered by nothing, except save`() {
        #expect(Command.save(session: 1).answerType is SavedState.Type)
        let others: [Command] = [
            .open(
                session: 1, GradientCode.Session(code: CodeDescriptor(.crcZ, workers: 2, stragglers: 1), dimension: 1)),
            .set(session: 1, StepSetting(step: [1])), .restore(session: 1, SavedState(state: "")), .close(session: 1),
        ]
        for command in others { #expect(command.answerType is Done.Type) }
        let round = GradientCode.Round(gradients: [[1]], responders: [0])
        #expect(Command.round(session: 1, round).answerType is GradientCode.Round.Outcome.Type)
    }

    @Test(arguments: [
        #""output":{},"reject":"nonFinite""#, #""output":{},"unsupported":"x""#,
        #""reject":"nonFinite","unsupported":"x""#,
    ])
    func `two replies in one are none`(keys: String) throws {
        let line = Data("{\"seq\":1,\(keys)}".utf8)
        #expect(throws: JSONReadingError("expected one of output, reject and unsupported, found \(names(keys))")) {
            try Wire.reply(from: line, to: .close(session: 1))
        }
        func names(_ keys: String) -> String {
            ["output", "reject", "unsupported"].filter { keys.contains("\"\($0)\":") }.joined(separator: " and ")
        }
    }

    @Test func `refusals and unsupported questions are read back`() throws {
        let command = Command.close(session: 1)
        for kind in Refusal.Kind.allCases {
            let data = Wire.data(seq: 4, .refused(Refusal(kind, "why: \"κ\"")))
            guard case (4, .refused(let refusal)) = try Wire.reply(from: data, to: command) else {
                Issue.record("\(kind)")
                continue
            }
            #expect(refusal == Refusal(kind, "why: \"κ\""))
        }
        guard
            case (5, .unsupported("blockSign")) = try Wire.reply(
                from: Wire.data(seq: 5, .unsupported("blockSign")), to: command)
        else {
            Issue.record("unsupported")
            return
        }
    }

    @Test(arguments: [
        #"{"seq":1}"#, #"{"output":{}}"#, #"{"seq":"1","output":{}}"#, #"{"seq":1.5,"output":{}}"#,
        #"{"seq":1,"output":{},"reject":"nonFinite"}"#, #"{"seq":1,"output":{},"unsupported":""}"#,
        #"{"seq":1,"reject":"ugly"}"#, #"{"seq":1,"reject":null}"#, #"{"seq":1,"unsupported":{}}"#,
        #"{"seq":1,"output":[]}"#, #"{"seq":1,"output":{"vector":3}}"#, #"{"seq":1,"failed":"a defect"}"#, "[]", "",
        "{\"seq\":1,\"output\":{}", "\u{feff}x",
    ])
    func `what is no reply is an error that says so`(line: String) {
        let command = Command.run(GradientCode.Encode(coefficients: [1], vectors: [[1]]))
        #expect(throws: JSONReadingError.self) { try Wire.reply(from: Data(line.utf8), to: command) }
    }

    @Test func `the lines of the documentation have their meaning`() throws {
        func line(_ text: String, sessions: [Int: String] = [:]) throws -> DecodedLine {
            try Wire.line(from: Data(text.utf8), sessions: sessions)
        }
        guard case .start(1) = try line(#"{"cmd":"start","version":1,"nonce":"9f3a"}"#) else {
            Issue.record("start")
            return
        }
        guard case .stop = try line(#"{"cmd":"stop"}"#) else {
            Issue.record("stop")
            return
        }
        let text =
            #"{"cmd":"run","seq":8,"operation":"philox.words","input":{"seed":"0123456789abcdef","stream":1,"t":2,"i":1,"first":0,"count":6}}"#
        guard case .command(8, .run(let asked)) = try line(text), let words = asked as? Philox.DrawWords else {
            Issue.record("run")
            return
        }
        #expect(words == Philox.DrawWords(seed: 0x0123_4567_89ab_cdef, stream: 1, t: 2, i: 1, first: 0, count: 6))
        let round = #"{"cmd":"round","seq":9,"session":2,"input":{"gradients":["3f800000"],"responders":[0,2]}}"#
        guard case .command(9, .round(2, let input)) = try line(round, sessions: [2: "gradientCode"]) else {
            Issue.record("round")
            return
        }
        #expect(input as? GradientCode.Round == GradientCode.Round(gradients: [[1]], responders: [0, 2]))
    }
}
