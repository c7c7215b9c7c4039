public import GradientCodeOperations

/// A fact that every implementation must satisfy: a sentence, the cases it is tried on, and how a case is judged.
public struct Law: Sendable {
    /// Its identifier: scheme or shared prefix, a dot, a name.
    public let id: String
    /// The fact, as a sentence.
    public let sentence: String
    /// Whom it concerns.
    public let profile: Profile
    /// What it rests on.
    public let basis: Basis
    /// The section of `docs/` that states or proves it.
    public let section: String
    /// The operations it asks; `op+flag` where the flag is needed too. A subject without them skips the law.
    public let needs: [String]
    /// The cases it is tried on.
    public let cases: Cases
    /// Tries one case: makes it from the choices, asks, judges.
    ///
    /// Throws `Violation` when the fact does not hold, `Interruption` when it could not be tried.
    let trial: @Sendable (inout Choices, Examiner) async throws -> Void

    /// The cases of a law.
    public enum Cases: Hashable, Sendable {
        /// All of so many; the first choice is the number of the case.
        case all(Int)
        /// So many generated ones.
        case generated(Int)

        /// How many there are.
        public var count: Int {
            switch self {
            case .all(let count), .generated(let count): count
            }
        }
    }

    /// A law that is tried on every element of a list, simplest first.
    static func forAll<Case: Sendable>(
        _ cases: [Case], id: String, _ sentence: String, profile: Profile, basis: Basis, section: String,
        needs: [String], trial: @escaping @Sendable (Case, Examiner) async throws -> Void
    ) -> Law {
        Law(
            id: id, sentence: sentence, profile: profile, basis: basis, section: section, needs: needs,
            cases: .all(cases.count)
        ) { choices, examiner in
            try await trial(choices.element(of: cases), examiner)
        }
    }

    /// A law that is tried on generated cases.
    static func generated<Case: Sendable>(
        _ count: Int = 100, id: String, _ sentence: String, profile: Profile, basis: Basis, section: String,
        needs: [String], by generate: @escaping @Sendable (inout Choices) -> Case,
        trial: @escaping @Sendable (Case, Examiner) async throws -> Void
    ) -> Law {
        Law(
            id: id, sentence: sentence, profile: profile, basis: basis, section: section, needs: needs,
            cases: .generated(count)
        ) { choices, examiner in
            try await trial(generate(&choices), examiner)
        }
    }
}

/// A fact that does not hold for a subject.
public struct Violation: Error, Hashable, Sendable {
    /// What was asked, as the protocol writes it.
    public let question: String
    /// What is wrong with the reply.
    public let mismatch: Mismatch

    /// A wrong reply to a question.
    public init(_ question: some Question, _ mismatch: Mismatch) {
        self.init(commands: [.run(question)], mismatch)
    }

    /// A wrong reply to the last of some commands.
    public init(commands: [Command], _ mismatch: Mismatch) {
        question = commands.enumerated()
            .map { Wire.abridged(.command(seq: $0 + 1, $1)) }.joined(separator: "\n")
        self.mismatch = mismatch
    }
}

/// Why a case could not be tried.
public enum Interruption: Error, Hashable, Sendable {
    /// The subject does not do what the case needs.
    case unsupported(String)
    /// The subject misbehaved, which is a failure.
    case misbehaved(SubjectFailure)
}
