public import GradientCodeOperations

/// What makes one failure again (`docs/protocol.md#replay`).
public struct Counterexample: Codable, Hashable, Sendable {
    /// The law's identifier, or the operation of a vector.
    public let id: String
    /// The vector's number within its file; nil for a law.
    public let tcId: Int?
    /// The choices that make a law's case; nil for a vector.
    public let choices: [UInt64]?
    /// The seed of the run.
    public let seed: Seed
    /// The command of the subject; empty for the built-in one.
    public let command: [String]
    /// The mutant of the built-in subject.
    public var mutant: String?
}
