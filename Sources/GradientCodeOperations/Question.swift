public import GradientCodes

/// One typed question of the protocol: its fields, its answer, its refusals, and how an answer is judged.
///
/// A value of the type is a question. Everything that speaks of an operation - protocol, vectors, JSON Schemas, adapter
/// stubs, documentation tables - is read off this declaration.
public protocol Question: Record {
    /// The answer to the question.
    associatedtype Answer: Record
    /// What a vector stores about right answers; the answer itself where only one is right.
    associatedtype Expected: FieldValue = Answer

    /// The name on the wire: the scheme's identifier, a dot, the operation.
    static var name: String { get }
    /// One sentence: what is asked.
    static var summary: String { get }
    /// The section of `docs/` that defines the answer.
    static var section: String { get }
    /// The refusals the operation knows, each with its condition, in order of precedence.
    static var refusals: [RefusalRule] { get }

    /// The flags a subject must have declared to be asked this question; none for most.
    var flags: [String] { get }

    /// What is wrong with an answer, judged against what the vector stores; nil when it is right.
    static func mismatch(of answer: Answer, with expected: Expected, to question: Self, profile: Profile) -> Mismatch?
    /// How answers are judged against `expected`.
    static func verdict(of expected: Expected) -> Verdict
}

extension Question {
    /// No flags.
    public var flags: [String] { [] }
}

extension Question where Expected == Answer {
    /// Only the expected answer is right.
    public static func mismatch(of answer: Answer, with expected: Answer, to question: Self, profile: Profile)
        -> Mismatch?
    {
        answer == expected ? nil : Mismatch(expected: expected, received: answer)
    }

    /// The answer is compared exactly.
    public static func verdict(of expected: Answer) -> Verdict { .exact }
}

/// A refusal that an operation knows and the condition under which it is due.
public struct RefusalRule: Hashable, Sendable {
    /// The class of the refusal.
    public let kind: Refusal.Kind
    /// When it is due.
    public let condition: String

    /// A refusal and its condition.
    public init(_ kind: Refusal.Kind, _ condition: String) {
        self.kind = kind
        self.condition = condition
    }
}

extension Refusal.Kind: Choice {}

/// Whom a requirement concerns (`docs/architecture.md#profiles`).
public enum Profile: String, Choice {
    /// What any correct implementation satisfies; only this decides conformance.
    case core
    /// Our message formats and conventions.
    case wire
    /// Our randomness contract, bit for bit.
    case tape
}

/// What a requirement rests on.
public enum Basis: String, Choice {
    /// The published scheme.
    case paper
    /// A theorem proved in `docs/`.
    case derived
    /// A convention of this suite.
    case house
}

/// How an answer is judged (`docs/architecture.md#verdicts`).
public enum Verdict: String, Choice {
    /// These bits.
    case exact
    /// Within a derived bound.
    case enclosure
    /// Any answer that satisfies the stated relation.
    case relation
    /// Claims on the subject's own randomness.
    case statistical
    /// Refused, with the stated class.
    case reject
}

/// An answer that is wrong: what was expected and what came.
public struct Mismatch: Hashable, Sendable {
    /// What is wrong, in one sentence.
    public let reason: String
    /// What was expected, as JSON or in words.
    public let expected: String
    /// What was received, as JSON.
    public let received: String

    /// A wrong answer described in words.
    public init(_ reason: String, expected: String, received: some FieldValue) {
        self.reason = reason
        self.expected = expected
        self.received = JSONText.compact(received)
    }

    /// A wrong answer beside the right value.
    public init(_ reason: String, expected: some FieldValue, received: some FieldValue) {
        self.init(reason, expected: JSONText.compact(expected), received: received)
    }

    /// An answer that differs from the only right one.
    public init(expected: some FieldValue, received: some FieldValue) {
        self.init("another answer was expected", expected: expected, received: received)
    }
}
