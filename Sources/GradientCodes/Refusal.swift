/// Why an input has no answer: the one error type of this package.
///
/// A refusal concerns the question only. "Undecodable" or "nothing recovered" are answers, never refusals. When several
/// conditions hold, `invalidParameters` comes first, then `dimensionMismatch`, then `nonFinite`, then the others.
///
/// See docs/protocol.md.
public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The refusals of the protocol; the raw value is the name on the wire.
    public enum Kind: String, CaseIterable, Sendable, Codable {
        /// A parameter of a scheme lies outside its domain, or above a size limit of ``GradientCode``.
        case invalidParameters
        /// A probability is not in [0, 1], or is 1 where a scheme divides by its complement.
        case invalidProbability
        /// A real input is infinite or not a number.
        case nonFinite
        /// A value exceeds the range it has to be represented in.
        case outOfRange
        /// Two lengths that have to agree do not.
        case dimensionMismatch
        /// The bytes of a message are not a message.
        case malformedMessage
        /// A partition is held by no worker that can answer.
        case infeasiblePartition
        /// Interpolation nodes are not strictly increasing.
        case nodesNotSorted
        /// A construction needs one parameter to divide another.
        case nonDivisible
        /// A worker is listed twice.
        case duplicateWorker
        /// An index of a worker or partition does not exist.
        case indexOutOfRange
    }

    /// Which rule the input broke.
    public let kind: Kind
    /// What was wrong, where, and what was expected; for people, never compared by a judge.
    public let reason: String

    /// A refusal of the given kind with its explanation.
    public init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    /// The kind and the reason, `invalidParameters: 4 stragglers; expected 0..<4`.
    public var description: String { "\(kind.rawValue): \(reason)" }
}
