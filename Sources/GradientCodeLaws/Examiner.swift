public import GradientCodeOperations
public import GradientCodes
import Synchronization

/// Asks a subject on behalf of a law, in types.
public final class Examiner: Sendable {
    /// Who is asked.
    public let subject: any Subject
    private let state: Mutex<(generator: SplitMix64, asked: Int)>

    /// An examiner whose order of questions depends on the seed.
    public init(_ subject: any Subject, seed: UInt64) {
        self.subject = subject
        state = Mutex((SplitMix64(seed: seed), 0))
    }

    /// How many questions have been answered or refused.
    public var asked: Int { state.withLock { $0.asked } }

    /// The subject's conventions.
    public var conventions: Conventions { subject.declaration.conventions ?? Conventions() }

    /// Asks independent questions, in an order the subject cannot foresee; replies come in the order of the questions.
    public func ask<Asked: Question>(_ questions: [Asked]) async throws -> [Result<Asked.Answer, Refusal>] {
        let order = state.withLock { state in questions.indices.shuffled(using: &state.generator) }
        let replies = try await replies(to: order.map { .run(questions[$0]) })
        var results = [Result<Asked.Answer, Refusal>?](repeating: nil, count: questions.count)
        for (index, reply) in zip(order, replies) { results[index] = try Self.typed(reply) }
        return results.compactMap { $0 }
    }

    /// Asks a valid question: a refusal is a violation.
    public func answer<Asked: Question>(_ question: Asked) async throws -> Asked.Answer {
        try await answers([question])[0]
    }

    /// Asks independent valid questions: a refusal is a violation.
    public func answers<Asked: Question>(_ questions: [Asked]) async throws -> [Asked.Answer] {
        try zip(questions, try await ask(questions)).map { question, reply in
            switch reply {
            case .success(let answer): return answer
            case .failure(let refusal): throw Violation(question, Self.refused(refusal))
            }
        }
    }

    /// Asks independent questions and judges each reply against what is expected.
    public func check<Asked: Question>(_ expectations: [(Asked, Asked.Expected)], profile: Profile) async throws {
        let answers = try await answers(expectations.map(\.0))
        for ((question, expected), answer) in zip(expectations, answers) {
            if let mismatch = Asked.mismatch(of: answer, with: expected, to: question, profile: profile) {
                throw Violation(question, mismatch)
            }
        }
    }

    /// Sends commands in the given order, as sessions need it.
    public func replies(to commands: [Command]) async throws -> [Reply] {
        let replies = await subject.replies(to: commands)
        precondition(replies.count == commands.count, "a subject gives one reply a command")
        for reply in replies {
            switch reply {
            case .unsupported(let reason): throw Interruption.unsupported(reason)
            case .failed(let failure): throw Interruption.misbehaved(failure)
            case .answer, .refused: state.withLock { $0.asked += 1 }
            }
        }
        return replies
    }

    static func refused(_ refusal: Refusal) -> Mismatch {
        Mismatch("a valid question was refused (\(refusal))", expected: "an answer", received: refusal.kind)
    }

    static func typed<Answer: Record>(_ reply: Reply) throws -> Result<Answer, Refusal> {
        switch reply {
        case .answer(let answer as Answer): return .success(answer)
        case .answer(let other):
            let reason = "expected a \(Answer.self), found a \(type(of: other))"
            throw Interruption.misbehaved(SubjectFailure(.garbage, reason))
        case .refused(let refusal): return .failure(refusal)
        case .unsupported(let reason): throw Interruption.unsupported(reason)
        case .failed(let failure): throw Interruption.misbehaved(failure)
        }
    }
}
