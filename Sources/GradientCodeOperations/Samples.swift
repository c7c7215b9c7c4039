public import GradientCodes

/// How many answers are wanted, and on whose behalf they are drawn (`docs/protocol.md#sample`).
public struct SampleSize: Hashable, Sendable {
    /// The most answers of one command, 65 536.
    public static let maximum = 65_536

    /// The most bytes of the question, counted once an answer, 2²⁸: what is drawn takes about as long as it is to read.
    static let maximumWork = 1 << 28

    /// The most bytes of all answers together, 2²⁴; an ``Implementation`` does not answer more.
    static let maximumBytes = 1 << 24

    /// How many answers.
    public var count: Int
    /// The worker that draws; subjects whose generator does not depend on it ignore it.
    public var worker: Int
    /// The round it draws in; likewise.
    public var round: Int

    /// A size.
    public init(count: Int, worker: Int = 0, round: Int = 0) {
        self.count = count
        self.worker = worker
        self.round = round
    }

    /// - Throws: `invalidParameters` unless 1 ≤ count ≤ ``maximum``, and worker and round are not negative.
    public func validate() throws(Refusal) {
        guard 1...Self.maximum ~= count, worker >= 0, round >= 0 else {
            throw Refusal(
                .invalidParameters,
                "\(count) samples of worker \(worker), round \(round); expected 1…\(Self.maximum), neither negative")
        }
    }
}

/// The answer to `sample`.
public struct Samples<Answer: Record>: Record {
    /// The answers, in the order drawn.
    public var samples: [Answer]

    /// An answer.
    public init(samples: [Answer]) { self.samples = samples }

    /// One field.
    public static var shape: Shape<Self, [Answer]> {
        Shape(Self.init, Field("samples", \.samples, "the answers, in the order drawn"))
    }
}
