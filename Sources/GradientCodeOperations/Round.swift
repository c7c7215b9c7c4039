/// What opens a session of rounds: the scheme and its parameters (`docs/protocol.md#rounds`).
public protocol Opening: Record {
    /// The input of a round.
    associatedtype Round: SessionRound
    /// The scheme's identifier.
    static var scheme: String { get }
    /// The section of `docs/` that defines a round.
    static var section: String { get }
}

/// The input of one training round.
public protocol SessionRound: Record {
    /// What the round answers.
    associatedtype Outcome: Record
    /// Whether the subject draws by its own generator.
    var drawsFreely: Bool { get }
}

extension SessionRound {
    /// Most rounds are functions of their input.
    public var drawsFreely: Bool { false }
}

/// The answer `{}`.
public struct Done: Record {
    /// Nothing to say.
    public init() {}
    /// No fields.
    public static let shape = Shape(Self.init)
}

/// The answer to `save`.
public struct SavedState: Record {
    /// Memory, step and counters of a session, in the subject's own words; the generator is not part of it.
    public let state: String

    /// A saved state.
    public init(state: String) { self.state = state }

    /// One field.
    public static let shape = Shape(
        Self.init, Field("state", \.state, "memory, step and counters in the subject's own words"))
}

/// The input of `set`.
public struct StepSetting: Record {
    /// One binary32, positive and finite.
    public let step: Binary32Vector

    /// A new step.
    public init(step: Binary32Vector) { self.step = step }

    /// One field.
    public static let shape = Shape(Self.init, Field("step", \.step, "the new step, one positive binary32"))
}
