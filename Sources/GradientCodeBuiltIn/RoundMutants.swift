import ExactArithmetic
import GradientCodeOperations
import GradientCodes
import Synchronization

extension Mutant {
    static let rounds: [Mutant] = [
        rounds(
            "stragglersIncluded", "stragglers' gradients are used all the same", caughtBy: "gradientCode.roundsRecover"
        ) {
            session, input throws(Refusal) in
            var everybody = input
            if input.responders != nil { everybody.responders = Array(0..<session.matrix.rows) }
            return try session.round(everybody)
        },
        rounds("undecodableIsZero", "an undecodable round answers zeros", caughtBy: "gradientCode.roundsRecover") {
            session, input throws(Refusal) in
            var outcome = try session.round(input)
            outcome.update = outcome.update ?? Binary32Vector(repeatElement(0, count: session.dimension))
            return outcome
        },
        rounds(
            "undeclaredMean", "the update is divided by the number of partitions",
            caughtBy: "gradientCode.roundsRecover"
        ) {
            session, input throws(Refusal) in
            var outcome = try session.round(input)
            let count = Float(session.matrix.columns)
            outcome.update = outcome.update.map { Binary32Vector($0.values.map { $0 / count }) }
            return outcome
        },
        rounds(
            "exclusionUnreported", "spoilt gradients are left out in silence", caughtBy: "gradientCode.roundsRecover"
        ) {
            session, input throws(Refusal) in
            var outcome = try session.round(input)
            outcome.excluded = []
            return outcome
        },
        rounds(
            "echoOfLastRound", "the first round's update is answered for ever", caughtBy: "gradientCode.roundsRecover",
            remembering: true
        ) { session, input throws(Refusal) in try session.round(input) },
        Mutant(
            "oneSession", of: "gradientCode", "all sessions share the state of the last one opened",
            caughtBy: "gradientCode.sessionsAreIndependent"
        ) { table in
            let last = LastSession()
            table.hold(GradientCode.Session.self, flags: ["save", "seed"]) { opening throws(Refusal) in
                last.value = try GradientCodeRounds(opening)
                return SharedRounds(last: last)
            }
        },
        Mutant(
            "saveForgets", of: "gradientCode", "a restored session answers no more",
            caughtBy: "gradientCode.savedRoundsRepeat"
        ) { table in
            table.hold(GradientCode.Session.self, flags: ["save", "seed"]) { opening throws(Refusal) in
                ForgetfulRounds(session: try GradientCodeRounds(opening))
            }
        },
        rounds("anyResponders", "responders are not checked", caughtBy: "gradientCode.refusedRoundsChangeNothing") {
            session, input throws(Refusal) in
            var valid = input
            valid.responders = input.responders.map { members in
                Array(Set(members.filter((0..<session.matrix.rows).contains)))
            }
            return try session.round(valid)
        },
        rounds(
            "seedIgnoresIteration", "every iteration draws the stragglers of the first",
            caughtBy: "gradientCode.roundsDrawStragglers"
        ) { session, input throws(Refusal) in
            var first = input
            if input.t != nil { first.t = 0 }
            return try session.round(first)
        },
    ]

    private typealias Rounding =
        @Sendable (inout GradientCodeRounds, GradientCode.Round) throws(Refusal) ->
        GradientCode.Round.Outcome

    private static func rounds(
        _ name: String, _ defect: String, caughtBy killer: String, remembering: Bool = false,
        _ round: @escaping Rounding
    ) -> Mutant {
        Mutant(name, of: "gradientCode", defect, caughtBy: killer) { table in
            table.hold(GradientCode.Session.self, flags: ["save", "seed"]) { opening throws(Refusal) in
                DamagedRounds(session: try GradientCodeRounds(opening), rounding: round, remembers: remembering)
            }
        }
    }

    private struct DamagedRounds: RoundSession {
        var session: GradientCodeRounds
        let rounding: Rounding
        let remembers: Bool
        var first: GradientCode.Round.Outcome?

        mutating func round(_ input: GradientCode.Round) throws(Refusal) -> GradientCode.Round.Outcome {
            if remembers, let first { return first }
            let outcome = try rounding(&session, input)
            first = first ?? outcome
            return outcome
        }

        mutating func set(step: Float) throws(Refusal) { try session.set(step: step) }
        func save() throws(Refusal) -> String { try session.save() }
        mutating func restore(_ state: String) throws(Refusal) { try session.restore(state) }
    }

    private final class LastSession: Sendable {
        private let session = Mutex<GradientCodeRounds?>(nil)
        var value: GradientCodeRounds? {
            get { session.withLock { $0 } }
            set { session.withLock { $0 = newValue } }
        }
    }

    private struct SharedRounds: RoundSession {
        let last: LastSession

        mutating func round(_ input: GradientCode.Round) throws(Refusal) -> GradientCode.Round.Outcome {
            guard var session = last.value else { throw Refusal(.invalidParameters, "no session") }
            return try session.round(input)
        }

        mutating func set(step: Float) throws(Refusal) {}
        func save() throws(Refusal) -> String { "0" }
        mutating func restore(_ state: String) throws(Refusal) {}
    }

    private struct ForgetfulRounds: RoundSession {
        var session: GradientCodeRounds
        var isRestored = false

        mutating func round(_ input: GradientCode.Round) throws(Refusal) -> GradientCode.Round.Outcome {
            isRestored ? .init(update: nil, excluded: []) : try session.round(input)
        }

        mutating func set(step: Float) throws(Refusal) {}
        func save() throws(Refusal) -> String { try session.save() }
        mutating func restore(_ state: String) throws(Refusal) { isRestored = true }
    }
}
