import ExactArithmetic
import GradientCodeOperations
import GradientCodes

// What a session of rounds refuses, and what a step means to it.
extension Law {
    static let oneBitOpenings: [Law] = [
        forAll(
            OpeningDefect.all, id: "oneBit.refusedOpenings",
            "A scheme that would be biased or is none is refused when it is opened, and nothing is open afterwards.",
            profile: .core, basis: .derived, section: "OneBitGradientCode.md#edge-cases", needs: ["oneBit.round"]
        ) { defect, examiner in
            let number = examiner.newSession()
            let commands: [Command] = [.open(session: number, defect.opening), .close(session: number)]
            let replies = try await examiner.replies(to: commands, opens: false)
            guard case .refused(let refusal) = replies[0], refusal.kind == defect.kind else {
                throw Violation(
                    commands: [commands[0]],
                    Mismatch(
                        "\(defect.name) was not refused", expected: defect.kind.rawValue, received: "\(replies[0])"))
            }
            guard case .refused = replies[1] else {
                throw Violation(
                    commands: commands,
                    Mismatch("a refused session is open", expected: "a refusal", received: "\(replies[1])"))
            }
        },
        generated(
            10, id: "oneBit.stepIsTheServers", "An update does not depend on the step of its session.", profile: .core,
            basis: .house, section: "protocol.md#rounds", needs: ["oneBit.round+tape"]
        ) { choices in
            (round: RoundOfSigns(&choices, dimensions: 1...5), step: Float(choices.integer(in: 1...64)) / 16)
        } trial: { drawn, examiner in
            let session = OneBitSession(drawn.round.scheme, examiner)
            let input = drawn.round.input(responders: drawn.round.order)
            let round = Command.round(session: session.number, input)
            let set = Command.set(session: session.number, StepSetting(step: [drawn.step]))
            let replies = try await examiner.replies(to: [session.open, round, set, round, session.close])
            let (before, after) = (
                try session.outcome(replies[1], of: input), try session.outcome(replies[3], of: input)
            )
            guard before.update == after.update else {
                throw Violation(
                    commands: [session.open, round, set, round],
                    Mismatch("another update after set", expected: before.answer, received: after.answer))
            }
        },
    ]
}

/// An opening with one defect.
private struct OpeningDefect: Sendable {
    let name: String
    let kind: Refusal.Kind
    let opening: OneBitGradientCode.Session

    static let all: [OpeningDefect] = {
        let right = OneBitGradientCode.Session(
            allocation: [[1, 0], [1, 1]], probabilities: [Rational(1, 2), 0], bound: .given([4]), dimension: 2)
        func defect(
            _ name: String, _ kind: Refusal.Kind, _ damage: (inout OneBitGradientCode.Session) -> Void
        ) -> OpeningDefect {
            var opening = right
            damage(&opening)
            return OpeningDefect(name: name, kind: kind, opening: opening)
        }
        return [
            defect("p = 1", .invalidProbability) { $0.probabilities[0] = 1 },
            defect("p < 0", .invalidProbability) { $0.probabilities[0] = Rational(-1, 2) },
            defect("one probability too few", .dimensionMismatch) { $0.probabilities = [0] },
            defect("a subset that nobody holds", .infeasiblePartition) { $0.allocation = [[1, 0], [1, 0]] },
            defect("rows of different lengths", .dimensionMismatch) { $0.allocation = [[1, 0], [1]] },
            defect("an entry 2", .invalidParameters) { $0.allocation = [[1, 2], [1, 1]] },
            defect("no worker", .invalidParameters) {
                $0.allocation = []; $0.probabilities = []
            },
            defect("dimension 0", .invalidParameters) { $0.dimension = 0 },
            defect("range 0", .invalidParameters) { $0.bound = .given([0]) },
            defect("three ranges for two coordinates", .dimensionMismatch) { $0.bound = .given([1, 1, 1]) },
            defect("an infinite range", .nonFinite) { $0.bound = .given([.infinity]) },
            defect("weights that add up to 2", .invalidParameters) { $0.weights = [[2, 0], [1, 1]] },
            defect("a weight where nothing is held", .invalidParameters) {
                $0.weights = [[1, 2], [Rational(1, 2), 0]]
            },
            defect("weights of another shape", .dimensionMismatch) { $0.weights = [[1, 0]] },
        ]
    }()
}
