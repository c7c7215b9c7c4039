import ExactArithmetic
import Foundation
import GradientCodeBuiltIn
import GradientCodeConformance
import GradientCodeLaws
import GradientCodeOperations
import GradientCodeVectors
import GradientCodes
import Synchronization
import Testing

/// Questions with one thing after another replaced by something hostile: whatever comes in, a reply goes out.
@Suite struct HostileQuestionTests {
    static let integers = [-1, 0, 1, 2, 3, 1024, 1025, 65_537, 1 << 34, 1 << 53, .max, .min]
    static let strings = [
        "", "0/1", "1/2", "-1/1", "1/18446744073709551615", "1/36893488147419103232", "7f800000", "7fc00000ff800000",
        "00000001", "7f7fffff7f7fffff", "fullReplication", "crcZ", "any", String(repeating: "9", count: 3000) + "/1",
    ]

    /// A JSON value with one of its parts replaced; nil when it has no parts left to choose.
    static func mutated(_ value: Any, _ choices: inout Choices) -> Any {
        switch value {
        case var list as [Any] where !list.isEmpty && choices.integer(in: 0...3) != 0:
            let index = choices.integer(in: 0...list.count - 1)
            switch choices.integer(in: 0...4) {
            case 0: list.remove(at: index)
            case 1: list.insert(list[index], at: index)
            default: list[index] = mutated(list[index], &choices)
            }
            return list
        case var object as [String: Any] where !object.isEmpty && choices.integer(in: 0...5) != 0:
            let key = choices.element(of: object.keys.sorted())
            object[key] = choices.integer(in: 0...7) == 0 ? nil : mutated(object[key]!, &choices)
            return object
        default:
            switch choices.integer(in: 0...5) {
            case 0...2: return choices.element(of: integers)
            case 3, 4: return choices.element(of: strings)
            default: return choices.element(of: [[Any](), [String: Any](), NSNull(), true, [[1]], [["1/1"]]] as [Any])
            }
        }
    }

    @Test(arguments: 0..<2) func `every mutated question has a reply`(_ seed: Int) throws {
        let questions = VectorSuite.files.flatMap { $0.groups.flatMap(\.tests) }.map(\.question)
        var choices = Choices(seed: UInt64(seed))
        var answered = 0
        for _ in 0..<400 {
            let question = choices.element(of: questions)
            let line = Wire.data(.command(seq: 1, .run(question)))
            guard JSONText.compact(question).utf8.count < 4000,
                var object = try JSONSerialization.jsonObject(with: line) as? [String: Any]
            else { continue }
            object["input"] = Self.mutated(object["input"]!, &choices)
            answered += try reply(to: object, by: BuiltIn.subject) ? 1 : 0
        }
        #expect(answered > 50)
    }

    @Test(arguments: 0..<4) func `every mutated round has a reply`(_ seed: Int) throws {
        let code = CodeCases.integers(3, 1).explicit
        let opening = Command.open(
            session: 1, GradientCode.Session(code: code, dimension: 2, probabilities: [0, Rational(1, 2), 1]))
        let rounds = [
            GradientCode.Round(gradients: [[1, 2], [3, 4], [5, 6]], responders: [0, 2]),
            GradientCode.Round(gradients: [[1, 2], [3, 4], [5, 6]], responders: nil, seed: 7, t: 3),
        ]
        var choices = Choices(seed: UInt64(seed))
        for _ in 0..<200 {
            let subject = BuiltIn.subject(mutant: nil)
            let commands = [opening, .round(session: 1, choices.element(of: rounds)), .save(session: 1)]
            let spoilt = choices.integer(in: 0...1)
            for (index, command) in commands.enumerated() {
                let line = Wire.data(.command(seq: 1, command))
                guard var object = try JSONSerialization.jsonObject(with: line) as? [String: Any] else { continue }
                if index == spoilt { object["input"] = Self.mutated(object["input"]!, &choices) }
                _ = try reply(to: object, by: subject)
            }
        }
    }

    @Test(arguments: 0..<1) func `laws and vectors survive any answer`(_ seed: Int) async {
        var verification = Verification.thorough
        verification.shrinking = 20
        let report = await verification.examine(Babbling(seed: UInt64(seed)))
        #expect(report.isComplete)
        #expect(report.verdict == .notConforming)
    }

    /// Asks a subject a line that may be anything; true when it could be read.
    private func reply(to object: [String: Any], by subject: Implementation) throws -> Bool {
        let hostile = try JSONSerialization.data(withJSONObject: object)
        switch try Wire.line(from: hostile, sessions: [1: "gradientCode"]) {
        case .command(_, let command):
            _ = Wire.data(seq: 1, subject.reply(to: command))
            return true
        case .unreadable(_, let reply):
            _ = Wire.data(seq: 1, reply)
            return false
        case .start, .stop:
            Issue.record("a question became something else")
            return false
        }
    }

    /// Answers like the built-in subject, but with something hostile in every second answer that can still be read.
    private final class Babbling: Subject {
        let declaration = BuiltIn.subject.declaration
        private let subject = BuiltIn.subject(mutant: nil)
        private let choices: Mutex<Choices>

        init(seed: UInt64) { choices = Mutex(Choices(seed: seed)) }

        func replies(to commands: [Command]) async -> [Reply] {
            commands.map { command in choices.withLock { babble(subject.reply(to: command), to: command, &$0) } }
        }

        private func babble(_ reply: Reply, to command: Command, _ choices: inout Choices) -> Reply {
            guard choices.coin(), let object = try? JSONSerialization.jsonObject(with: Wire.data(seq: 1, reply)),
                var object = object as? [String: Any], let output = object["output"]
            else { return reply }
            object["output"] = HostileQuestionTests.mutated(output, &choices)
            guard let data = try? JSONSerialization.data(withJSONObject: object),
                let spoilt = try? Wire.reply(from: data, to: command)
            else { return reply }
            return spoilt.reply
        }
    }
}
