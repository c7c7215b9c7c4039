import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodes

// What the rounds of several schemes have in common.
extension BuiltIn {
    /// Who responds: as given, or drawn.
    ///
    /// - Parameter stragglers: the law of the draws; nil where the session was opened without probabilities.
    /// - Throws: `invalidParameters` for a wrong combination; else as ``WorkerSet/init(_:of:)``.
    static func responders(
        _ members: [Int]?, seed: Seed?, t: Int?, of workers: Int, _ stragglers: StragglerModel?
    ) throws(Refusal) -> WorkerSet {
        switch (members, seed, t) {
        case (let members?, nil, nil):
            return try WorkerSet(members, of: workers)
        case (nil, let seed?, let t?):
            guard let stragglers else {
                throw Refusal(.invalidParameters, "a round with a seed needs probabilities when the session is opened")
            }
            return stragglers.responders(seed: seed.value, t: try index(t, "t"))
        default:
            throw Refusal(.invalidParameters, "expected either responders, or seed and t")
        }
    }

    /// - Throws: `dimensionMismatch` unless there are so many gradients of this dimension.
    static func require(_ gradients: [Binary32Vector], count: Int, dimension: Int) throws(Refusal) {
        guard gradients.count == count else {
            throw Refusal(.dimensionMismatch, "\(gradients.count) gradients for \(count) partitions")
        }
        for (index, gradient) in gradients.enumerated() where gradient.count != dimension {
            throw Refusal(
                .dimensionMismatch, "gradient \(index) has \(gradient.count) coordinates, expected \(dimension)")
        }
    }

    /// Σ_j b_j g_j over the partitions with a coefficient; an overflow leaves infinite coordinates, which exclude the worker.
    static func message(_ row: [Float], _ gradients: [[Float]], dimension: Int) -> [Float] {
        (try? codedGradient(weights: row, gradients, dimension: dimension))
            ?? [Float](repeating: .infinity, count: dimension)
    }
}

/// The state of sessions that keep nothing between rounds but their number.
struct RoundCounter: Sendable {
    /// The opening as JSON: a state may only return to a session that was opened equally.
    private let opening: String
    private(set) var rounds = 0

    init(_ opening: some Opening) { self.opening = JSONText.compact(opening) }

    /// Counts a round.
    mutating func advance() { rounds &+= 1 }

    /// Number of rounds and opening.
    func save() -> String { "\(rounds) \(opening)" }

    /// - Throws: `invalidParameters` for anything but a state of a session opened equally.
    mutating func restore(_ state: String) throws(Refusal) {
        let parts = state.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2, let rounds = Int(parts[0]), 0..<1 << 53 ~= rounds, parts[1] == opening else {
            throw Refusal(.invalidParameters, "\"\(state.prefix(40))\" is not a state of a session opened equally")
        }
        self.rounds = rounds
    }
}
