public import GradientCodes

/// Whoever answers the questions: an implementation in this process, a child process, or a file of recorded answers.
public protocol Subject: Sendable {
    /// What it says of itself.
    var declaration: Declaration { get }
    /// Operations whose answers are the suite's own reference, so that a check of them is a regression check.
    var regressions: Set<String> { get }
    /// One reply a command, in order.
    func replies(to commands: [Command]) async -> [Reply]
}

extension Subject {
    /// A foreign subject has none.
    public var regressions: Set<String> { [] }
}

/// What is asked of a subject.
public enum Command: Sendable {
    /// A question on its own.
    case run(any Question)
    /// Asks for several answers to one question, drawn by the subject's own generator.
    case sample(any Question, SampleSize)
    /// Begins a session of rounds under a number that is not in use.
    case open(session: Int, any Opening)
    /// One round of a session.
    case round(session: Int, any SessionRound)
    /// Asks for several outcomes of one round, drawn by the subject's own generator; the session stays as it was.
    case sampleRound(session: Int, any SessionRound, count: Int)
    /// Changes the step of a session.
    case set(session: Int, StepSetting)
    /// Asks for a session's state.
    case save(session: Int)
    /// Returns a session to a saved state.
    case restore(session: Int, SavedState)
    /// Ends a session.
    case close(session: Int)

    /// The operation as declarations and reports name it; nil for what every session offers.
    public var operation: String? {
        switch self {
        case .run(let question), .sample(let question, _): type(of: question).name
        case .open(_, let opening): type(of: opening).scheme + ".round"
        default: nil
        }
    }
}

/// What a subject replies.
public enum Reply: Sendable {
    /// An answer, of the type that belongs to the command.
    case answer(any Record)
    /// A refusal.
    case refused(Refusal)
    /// The subject does not do this; reported as skipped.
    case unsupported(String)
    /// The subject misbehaved.
    case failed(SubjectFailure)
}

/// A subject that misbehaved: it never counts as an answer or as a refusal.
public struct SubjectFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// How it misbehaved.
    public enum Kind: String, Choice {
        /// It could not be started, or gave no valid start reply.
        case noStart
        /// It ended while answers were due.
        case died
        /// No answer in time.
        case timeout
        /// Something that is not a reply.
        case garbage
        /// A reply to something else than was asked.
        case wrongSequence
        /// A line longer than permitted.
        case tooLong
    }
    /// How it misbehaved.
    public let kind: Kind
    /// What was seen, and what was expected.
    public let reason: String

    /// A failure.
    public init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    /// Kind and reason.
    public var description: String { "\(kind.rawValue): \(reason)" }
}
