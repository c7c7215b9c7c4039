public import GradientCodeOperations
public import GradientCodes
import Synchronization

/// Asks a subject on behalf of a law, in types.
public final class Examiner: Sendable {
    /// Who is asked.
    public let subject: any Subject
    private let state: Mutex<(generator: SplitMix64, asked: Int, unsupported: Int, session: Int)>

    /// An examiner whose order of questions depends on the seed.
    public init(_ subject: any Subject, seed: UInt64) {
        self.subject = subject
        state = Mutex((SplitMix64(seed: seed), 0, 0, 0))
    }

    /// How many questions have been answered or refused.
    public var asked: Int { state.withLock { $0.asked } }

    /// How many questions of batches were unsupported while others were answered.
    public var unsupported: Int { state.withLock { $0.unsupported } }

    /// A number for a session that no other case uses, so that what one leaves behind disturbs no other.
    func newSession() -> Int {
        state.withLock { state in
            state.session += 1
            return state.session
        }
    }

    /// The subject's conventions.
    public var conventions: Conventions { subject.declaration.conventions ?? Conventions() }

    /// Asks independent questions, in an order the subject cannot foresee; replies come in the order of the questions.
    public func ask<Asked: Question>(_ questions: [Asked]) async throws -> [Result<Asked.Answer, Refusal>] {
        let replies = try await repliesInAnyOrder(questions.map { .run($0) })
        try note(replies)
        return try replies.map { try Self.typed($0) }
    }

    private func repliesInAnyOrder(_ commands: [Command]) async throws -> [Reply] {
        let order = state.withLock { state in commands.indices.shuffled(using: &state.generator) }
        let shuffled = await subject.replies(to: order.map { commands[$0] })
        try Self.requireCount(shuffled.count, commands.count)
        var replies = shuffled
        for (index, reply) in zip(order, shuffled) { replies[index] = reply }
        return replies
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

    /// Asks independent questions and judges each reply against what is expected; unsupported ones are counted apart.
    public func check<Asked: Question>(_ expectations: [(Asked, Asked.Expected)], profile: Profile) async throws {
        let replies = try await repliesInAnyOrder(expectations.map { .run($0.0) })
        var skipped: [String] = []
        for ((question, expected), reply) in zip(expectations, replies) {
            if case .unsupported(let reason) = reply {
                skipped.append(reason)
                continue
            }
            try note([reply])
            switch try Self.typed(reply) as Result<Asked.Answer, Refusal> {
            case .failure(let refusal): throw Violation(question, Self.refused(refusal))
            case .success(let answer):
                if let mismatch = Asked.mismatch(of: answer, with: expected, to: question, profile: profile) {
                    throw Violation(question, mismatch)
                }
            }
        }
        if let reason = skipped.first, skipped.count == expectations.count { throw Interruption.unsupported(reason) }
        state.withLock { $0.unsupported += skipped.count }
    }

    /// Sends commands in the given order, as sessions need it; when they cannot all be judged, sessions left open are
    /// closed.
    ///
    /// - Parameter opens: whether every session ought to open, so that a refused opening is a violation.
    public func replies(to commands: [Command], opens: Bool = true) async throws -> [Reply] {
        let replies = await subject.replies(to: commands)
        do {
            try Self.requireCount(replies.count, commands.count)
            try note(replies)
            for (command, reply) in zip(commands, replies) where opens {
                guard case .open = command, case .refused(let refusal) = reply else { continue }
                throw Violation(commands: [command], Self.refused(refusal))
            }
            return replies
        } catch {
            var open: Set<Int> = []
            for command in commands {
                if case .open(let session, _) = command { open.insert(session) }
                if case .close(let session) = command { open.remove(session) }
            }
            _ = await subject.replies(to: open.sorted().map { .close(session: $0) })
            throw error
        }
    }

    private static func requireCount(_ found: Int, _ expected: Int) throws {
        guard found == expected else {
            let reason = "\(found) replies to \(expected) commands"
            throw Interruption.misbehaved(SubjectFailure(.garbage, reason))
        }
    }

    /// Counts replies; the first that is neither an answer nor a refusal ends the case.
    private func note(_ replies: [Reply]) throws {
        for reply in replies {
            switch reply {
            case .unsupported(let reason): throw Interruption.unsupported(reason)
            case .failed(let failure): throw Interruption.misbehaved(failure)
            case .answer, .refused: state.withLock { $0.asked += 1 }
            }
        }
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
