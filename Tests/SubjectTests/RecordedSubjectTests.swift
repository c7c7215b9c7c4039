import Foundation
import GradientCodeConformance
import GradientCodeOperations
import GradientCodes
import Testing

/// Questions written to a file and answers read from one.
@Suite(.timeLimit(.minutes(5))) struct RecordedSubjectTests {
    static let declaration = ServerTests.declaration

    /// Replies to so many questions from the given lines of answers, and what is wrong with the rest of the lines.
    func replies(_ lines: [String], to questions: Int) async throws -> (replies: [Reply], end: SubjectFailure?) {
        let subject = try RecordedSubject(Data(([Self.declaration] + lines).joined(separator: "\n").utf8))
        let first = await subject.replies(to: Child.questions(1))
        return (await first + subject.replies(to: Child.questions(questions - 1, from: 1)), subject.end())
    }

    func answer(_ seq: Int) -> String { #"{"seq":\#(seq),"output":{"words":"0000000\#(seq)"}}"# }

    @Test func `questions fed to a server make answers that are read back`() async throws {
        let round = GradientCode.Round(gradients: [], responders: [])
        let commands =
            Child.questions(3) + [.open(session: 1, ChildRestartTests.opening), .round(session: 1, round)]
            + Child.questions(1) + [.close(session: 1)]
        var questions = Questions(nonce: "00")
        questions.append(Array(commands.prefix(2)))
        questions.append(Array(commands.dropFirst(2)))
        let text = String(decoding: questions.data, as: UTF8.self)
        #expect(text.hasPrefix(#"{"cmd":"start","nonce":"00","version":1}"# + "\n"))
        #expect(text.hasSuffix("\n{\"cmd\":\"stop\"}\n"))

        let (lines, _, status) = try await ServedSubject().run(text)
        #expect(status == 0 && lines.count == commands.count + 1)
        let subject = try RecordedSubject(Data((lines.joined(separator: "\n") + "\n").utf8))
        #expect(subject.declaration == ServedSubject.subject.declaration)
        let replies = await subject.replies(to: commands)
        #expect(replies[0].words == replies[5].words && replies[0].words?.count == 4)
        #expect(replies.allSatisfy { if case .answer = $0 { true } else { false } })
        #expect(subject.end() == nil)
    }

    @Test func `missing lines fail their questions`() async throws {
        let (replies, end) = try await replies([answer(1), answer(2)], to: 4)
        #expect(replies.prefix(2).compactMap { $0.words?.first } == [1, 2])
        let failure = SubjectFailure(.died, "line 4: the answers end before the reply to philox.block (seq 3)")
        #expect(replies.compactMap(\.failure) == [failure, failure])
        #expect(end == nil)
    }

    @Test func `lines beyond the last question are a failure at the end`() async throws {
        let (replies, end) = try await replies([answer(1), "more"], to: 1)
        #expect(replies.first?.words == [1])
        #expect(
            end == SubjectFailure(.garbage, "line 3 answers nothing, the last question is seq 1: \"more\""))
    }

    @Test func `a line with another number fails its question and all that follow`() async throws {
        let (replies, end) = try await replies([answer(1), answer(3), answer(2)], to: 3)
        let failure = SubjectFailure(
            .wrongSequence, "line 3: expected the reply to philox.block (seq 2), found seq 3")
        #expect(replies.compactMap(\.failure) == [failure, failure])
        #expect(end == nil)
    }

    @Test func `an answer that cannot be read fails its question alone`() async throws {
        let (replies, _) = try await replies([answer(1), #"{"seq":2,"output":{}}"#, answer(3)], to: 3)
        #expect(replies.compactMap { $0.words?.first } == [1, 3])
        #expect(replies[1].failure?.kind == .garbage)
        #expect(replies[1].failure?.reason.contains("\"words\" is missing") == true)
    }

    @Test(arguments: [
        ("", "there are no answers"), ("hello\n", "line 1: its reply to start is not valid: "),
        (#"{"version":3}"#, "line 1: its reply to start is not valid: version 3; expected 1"),
    ]) func `a first line that is no declaration is no start`(text: String, reason: String) {
        let failure = #expect(throws: SubjectFailure.self) { _ = try RecordedSubject(Data(text.utf8)) }
        #expect(failure?.kind == .noStart)
        #expect(failure?.reason.hasPrefix(reason) == true, "\(failure?.reason ?? "")")
    }
}
