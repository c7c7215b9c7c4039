import ExactArithmetic
import GradientCodeOperations
import GradientCodes
import Testing

@Suite struct SampleTests {
    /// Answers what it is asked, and counts the rounds of a session.
    static func counting(_ flags: [String]) -> Implementation {
        Implementation("counting") { table in
            table.answer(OneBitGradientCode.Quantize.self, flags: flags) { question throws(Refusal) in
                guard question.x.count > 0 else { throw Refusal(.invalidParameters, "no coordinate") }
                return .init(message: Bytes([UInt8(question.x.count)]))
            }
            table.hold(OneBitGradientCode.Session.self, flags: flags) { _ in Counter() }
        }
    }

    struct Counter: RoundSession {
        var rounds: Float = 0

        mutating func round(_ input: OneBitGradientCode.Round) throws(Refusal) -> OneBitGradientCode.Round.Outcome {
            rounds += 1
            return .init(update: [rounds])
        }

        mutating func set(step: Float) throws(Refusal) {}
        func save() throws(Refusal) -> String { "" }
        mutating func restore(_ state: String) throws(Refusal) {}
    }

    static let question = OneBitGradientCode.Quantize(x: [1, 2, 3], bound: .perMessage, tape: nil)
    static let opening = OneBitGradientCode.Session(
        allocation: [[1]], probabilities: [0], bound: .given([1]), dimension: 1)
    static let round = OneBitGradientCode.Round(gradients: [[0]])

    @Test func `a sample holds as many answers as are wanted`() {
        let reply = Self.counting(["free"]).reply(to: .sample(Self.question, SampleSize(count: 4)))
        guard case .answer(let answer as Samples<OneBitGradientCode.Quantize.Answer>) = reply else {
            Issue.record("\(reply)")
            return
        }
        #expect(answer.samples == Array(repeating: .init(message: Bytes([3])), count: 4))
    }

    @Test func `who does not draw freely has no samples`() {
        let reply = Self.counting(["tape"]).reply(to: .sample(Self.question, SampleSize(count: 4)))
        guard case .unsupported = reply else {
            Issue.record("\(reply)")
            return
        }
    }

    @Test(arguments: [0, -1, SampleSize.maximum + 1]) func `a senseless number is refused`(count: Int) {
        let subject = Self.counting(["free"])
        _ = subject.reply(to: .open(session: 1, Self.opening))
        for command in [
            Command.sample(Self.question, SampleSize(count: count)),
            .sampleRound(session: 1, Self.round, count: count),
        ] {
            guard case .refused(let refusal) = subject.reply(to: command) else {
                Issue.record("\(count) was not refused")
                continue
            }
            #expect(refusal.kind == .invalidParameters)
        }
    }

    @Test func `a refused question refuses its sample`() {
        let question = OneBitGradientCode.Quantize(x: [], bound: .perMessage, tape: nil)
        guard case .refused = Self.counting(["free"]).reply(to: .sample(question, SampleSize(count: 2))) else {
            Issue.record("not refused")
            return
        }
    }

    @Test func `sampled rounds leave the session as it was`() {
        let subject = Self.counting(["free"])
        _ = subject.reply(to: .open(session: 1, Self.opening))
        func update() -> Float? {
            guard
                case .answer(let outcome as OneBitGradientCode.Round.Outcome) = subject.reply(
                    to: .round(session: 1, Self.round))
            else { return nil }
            return outcome.update.values[0]
        }
        #expect(update() == 1)
        guard
            case .answer(let answer as Samples<OneBitGradientCode.Round.Outcome>) = subject.reply(
                to: .sampleRound(session: 1, Self.round, count: 3))
        else {
            Issue.record("no sample")
            return
        }
        #expect(answer.samples.map { $0.update.values[0] } == [2, 2, 2])
        #expect(update() == 2)
        guard case .refused = subject.reply(to: .sampleRound(session: 9, Self.round, count: 1)) else {
            Issue.record("session 9 is not open")
            return
        }
    }
}
