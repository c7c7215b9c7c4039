public import GradientCodeOperations

/// What a run found: the source of the terminal table, `report.json` and the JUnit file.
public struct Report: Codable, Hashable, Sendable {
    /// One law, or one group of vectors.
    public struct Entry: Codable, Hashable, Sendable {
        /// A law or a group of vectors.
        public enum Kind: String, Codable, Sendable {
            /// A law; a check is a question.
            case law
            /// A group of vectors; a check is a test.
            case vectors
        }
        /// A law or a group of vectors.
        public let kind: Kind
        /// The law's identifier, or `operation#tgId`.
        public let id: String
        /// The law's sentence, or the group's type.
        public let title: String
        /// Whom it concerns.
        public let profile: Profile
        /// What it rests on.
        public let basis: Basis
        /// The section of `docs/`.
        public let section: String
        /// True when the answers come from the suite's own reference.
        public let isRegression: Bool
        /// Checks that were due: tests of a group; for a law the questions that were answered.
        public let expected: Int
        /// Checks passed.
        public let passed: Int
        /// Checks failed.
        public let failed: Int
        /// Checks that the subject does not do.
        public let skipped: Int
        /// Why they were skipped.
        public let skipReason: String?
        /// Failures, the first few in detail.
        public let failures: [Failure]

        /// Failed, skipped or passed, in this order of precedence.
        public var status: String { failed > 0 ? "failed" : passed > 0 ? "passed" : "skipped" }
    }

    /// One failure in detail.
    public struct Failure: Codable, Hashable, Sendable {
        /// What is wrong.
        public let reason: String
        /// What was asked, as the protocol writes it.
        public let question: String
        /// What was expected.
        public let expected: String
        /// What was received.
        public let received: String
        /// True when the subject crashed, hung or answered garbage.
        public let misbehaved: Bool
        /// What makes it again.
        public let counterexample: Counterexample
    }

    /// Who was examined.
    public let implementation: ImplementationName
    /// The command that started it; empty for a subject of this process.
    public let command: [String]
    /// The seed of the generated cases and of the order of the questions.
    public let seed: Seed
    /// The profiles that were examined.
    public let profiles: [Profile]
    /// What was found, in the order of the suite.
    public private(set) var entries: [Entry]
    /// Misbehaviour that belongs to no question.
    public private(set) var misbehaviour: String?

    init(
        _ implementation: ImplementationName, command: [String], seed: Seed, profiles: [Profile], entries: [Entry] = []
    ) {
        self.implementation = implementation
        self.command = command
        self.seed = seed
        self.profiles = profiles
        self.entries = entries
    }

    mutating func add(_ entry: Entry) { entries.append(entry) }

    /// Records misbehaviour that belongs to no question, such as unsolicited output after the last answer.
    public mutating func record(_ failure: SubjectFailure) { misbehaviour = failure.description }

    /// Counts over the entries of a profile.
    public func total(_ profile: Profile) -> (passed: Int, failed: Int, skipped: Int) {
        entries.filter { $0.profile == profile }.reduce((0, 0, 0)) {
            ($0.0 + $1.passed, $0.1 + $1.failed, $0.2 + $1.skipped)
        }
    }

    /// True when every check that was due has been passed, failed or skipped, none lost.
    public var isComplete: Bool { entries.allSatisfy { $0.expected == $0.passed + $0.failed + $0.skipped } }

    /// True when the subject crashed, hung or answered garbage.
    public var misbehaved: Bool {
        misbehaviour != nil || entries.contains { $0.failures.contains(where: \.misbehaved) }
    }

    /// The verdict: the profiles examined decide, core alone where it is among them; skipped checks decide nothing.
    public var verdict: ReportVerdict {
        let deciding = profiles.contains(.core) ? [Profile.core] : profiles
        let totals = deciding.map(total)
        if !isComplete || misbehaved || totals.contains(where: { $0.failed > 0 }) { return .notConforming }
        guard totals.contains(where: { $0.passed > 0 }) else { return .nothingExamined }
        return profiles.contains(.core) ? .conforming : .passed
    }
}

/// What a run says of a subject.
public enum ReportVerdict: String, Sendable {
    /// At least one core check was made, and everything claimed passed in core.
    case conforming
    /// Core was not examined; what was examined passed.
    case passed
    /// A check failed, was lost, or the subject misbehaved.
    case notConforming
    /// No check was made: nothing is known.
    case nothingExamined

    /// The exit status: 0 or 1.
    public var exitCode: Int32 { self == .conforming || self == .passed ? 0 : 1 }
}
