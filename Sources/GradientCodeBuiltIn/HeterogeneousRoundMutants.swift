import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes
import Synchronization

extension Mutant {
    static let heterogeneousRounds: [Mutant] = [
        heterogeneousRounds(
            "heterogeneousAverage", "the update is the average over the responders, times n",
            caughtBy: "heterogeneous.unbiased"
        ) { session, input, outcome in
            scaled(outcome, by: Float(session.straggling.count) / Float(max(1, input.responders?.count ?? 1)))
        },
        heterogeneousRounds(
            "rescaledOnExclusion", "the update is rescaled when somebody is excluded",
            caughtBy: "heterogeneous.roundsAddUp"
        ) { session, input, outcome in
            let left = (input.responders?.count ?? 0) - outcome.excluded.count
            return outcome.excluded.isEmpty || left == 0
                ? outcome : scaled(outcome, by: Float(left + outcome.excluded.count) / Float(left))
        },
        heterogeneousRounds(
            "heterogeneousUnreported", "spoilt gradients are left out in silence",
            caughtBy: "heterogeneous.roundsAddUp"
        ) { _, _, outcome in .init(update: outcome.update, excluded: []) },
        heterogeneousRounds(
            "heterogeneousEcho", "the first update is answered for ever", caughtBy: "heterogeneous.roundsAddUp",
            remembering: true
        ) { _, _, outcome in outcome },
        heterogeneousRounds(
            "nobodyRepeatsTheLast", "when nobody responds the last update is answered again",
            caughtBy: "heterogeneous.roundsAddUp", keeping: true
        ) { _, _, outcome in outcome },
        heterogeneousRounds(
            "slightlyTooLong", "updates are 1/16 too long", caughtBy: "heterogeneous.tightInstances"
        ) { _, _, outcome in scaled(outcome, by: 1.0625) },
        heterogeneousRounds(
            "twiceTheUpdate", "updates are three times too long", caughtBy: "heterogeneous.singleRuns"
        ) { _, _, outcome in scaled(outcome, by: 3) },
        openings("pIsResponding", "p is taken for the probability of responding", "heterogeneous.unbiased") {
            opening in
            var wrong = opening
            wrong.probabilities = opening.probabilities.map { 1 - $0 }
            let wouldBeInfeasible = wrong.probabilities.contains(1)
            return wouldBeInfeasible ? opening : wrong
        },
        openings(
            "probabilitiesClamped", "probabilities above 1/2 are taken for 1/2", "heterogeneous.wrongProbabilities"
        ) {
            opening in
            guard opening.coefficients == .named(.optimal), !opening.probabilities.contains(1) else { return opening }
            var wrong = opening
            wrong.probabilities = opening.probabilities.map { min($0, Rational(1, 2)) }
            return wrong
        },
        openings("leastSquaresIsOptimal", "least squares is the optimal code", "heterogeneous.leastSquaresRounds") {
            opening in
            var wrong = opening
            if opening.coefficients == .named(.leastSquares) { wrong.coefficients = .named(.optimal) }
            return wrong
        },
        Mutant(
            "deadHolderAccepted", of: "heterogeneous", "an infeasible code is opened as it is",
            caughtBy: "heterogeneous.refusedOpenings"
        ) { table in
            table.hold(Opening.self, flags: flags) { opening throws(Refusal) in
                do throws(Refusal) { return try HeterogeneousRounds(opening) } catch {
                    guard error.kind == .infeasiblePartition else { throw error }
                    var wrong = opening
                    wrong.coefficients = .matrix(opening.allocation.map { $0.map { Rational($0) } })
                    wrong.allocation = opening.allocation.map { $0.map { _ in 1 } }
                    return try HeterogeneousRounds(wrong)
                }
            }
        },
        Mutant(
            "heterogeneousOneSession", of: "heterogeneous", "all sessions share the state of the last one opened",
            caughtBy: "heterogeneous.sessionsAreIndependent"
        ) { table in
            let last = Shared()
            table.hold(Opening.self, flags: flags) { opening throws(Refusal) in
                let opened = try HeterogeneousRounds(opening)
                last.rounds.withLock { $0 = opened }
                return SharedRounds(last: last)
            }
        },
        Mutant(
            "heterogeneousSaveForgets", of: "heterogeneous", "a restored session adds nothing",
            caughtBy: "heterogeneous.savedRoundsRepeat"
        ) { table in
            table.hold(Opening.self, flags: flags) { opening throws(Refusal) in
                ForgetfulRounds(session: try HeterogeneousRounds(opening))
            }
        },
        Mutant(
            "heterogeneousAnyResponders", of: "heterogeneous", "responders are not checked",
            caughtBy: "heterogeneous.refusedRoundsChangeNothing"
        ) { table in
            table.hold(Opening.self, flags: flags) { opening throws(Refusal) in
                var damaged = DamagedRounds(session: try HeterogeneousRounds(opening), damage: { $2 })
                damaged.input = { session, input in
                    var valid = input
                    valid.responders = input.responders.map { members in
                        Array(Set(members.filter((0..<session.straggling.count).contains)))
                    }
                    return valid
                }
                return damaged
            }
        },
        Mutant(
            "heterogeneousSeedIgnoresIteration", of: "heterogeneous",
            "every iteration draws the stragglers of the first", caughtBy: "heterogeneous.roundsDrawStragglers"
        ) { table in
            table.hold(Opening.self, flags: flags) { opening throws(Refusal) in
                var damaged = DamagedRounds(session: try HeterogeneousRounds(opening), damage: { $2 })
                damaged.input = { _, input in
                    var first = input
                    if input.t != nil { first.t = 0 }
                    return first
                }
                return damaged
            }
        },
    ]

    private typealias Opening = HeterogeneousGradientCode.Session
    private typealias Outcome = HeterogeneousGradientCode.Round.Outcome
    private static let flags = ["save", "seed"]

    private static func scaled(_ outcome: Outcome, by factor: Float) -> Outcome {
        .init(update: Binary32Vector(outcome.update.values.map { $0 * factor }), excluded: outcome.excluded)
    }

    private static func heterogeneousRounds(
        _ name: String, _ defect: String, caughtBy killer: String, remembering: Bool = false, keeping: Bool = false,
        _ damage: @escaping @Sendable (HeterogeneousRounds, HeterogeneousGradientCode.Round, Outcome) -> Outcome
    ) -> Mutant {
        Mutant(name, of: "heterogeneous", defect, caughtBy: killer) { table in
            table.hold(Opening.self, flags: flags) { opening throws(Refusal) in
                DamagedRounds(
                    session: try HeterogeneousRounds(opening), damage: damage, remembers: remembering, keeps: keeping)
            }
        }
    }

    private static func openings(
        _ name: String, _ defect: String, _ killer: String, _ damage: @escaping @Sendable (Opening) -> Opening
    ) -> Mutant {
        Mutant(name, of: "heterogeneous", defect, caughtBy: killer) { table in
            table.hold(Opening.self, flags: flags) { opening throws(Refusal) in
                try HeterogeneousRounds(damage(opening))
            }
        }
    }

    private struct DamagedRounds: RoundSession {
        var session: HeterogeneousRounds
        let damage: @Sendable (HeterogeneousRounds, HeterogeneousGradientCode.Round, Outcome) -> Outcome
        var input: @Sendable (HeterogeneousRounds, HeterogeneousGradientCode.Round) -> HeterogeneousGradientCode.Round =
            { $1 }
        /// Whether the first outcome is answered for ever, or the last one when nobody responds.
        var remembers = false
        var keeps = false
        var first: Outcome?
        var last: Outcome?

        mutating func round(_ input: HeterogeneousGradientCode.Round) throws(Refusal) -> Outcome {
            if remembers, let first { return first }
            let outcome = damage(session, input, try session.round(self.input(session, input)))
            first = first ?? outcome
            if keeps, input.responders?.isEmpty ?? false, let last { return last }
            last = outcome
            return outcome
        }

        mutating func set(step: Float) throws(Refusal) { try session.set(step: step) }
        func save() throws(Refusal) -> String { try session.save() }
        mutating func restore(_ state: String) throws(Refusal) { try session.restore(state) }
    }

    private final class Shared: Sendable {
        let rounds = Mutex<HeterogeneousRounds?>(nil)
    }

    private struct SharedRounds: RoundSession {
        let last: Shared

        mutating func round(_ input: HeterogeneousGradientCode.Round) throws(Refusal) -> Outcome {
            guard var session = last.rounds.withLock({ $0 }) else { throw Refusal(.invalidParameters, "no session") }
            return try session.round(input)
        }

        mutating func set(step: Float) throws(Refusal) {}
        func save() throws(Refusal) -> String { "0" }
        mutating func restore(_ state: String) throws(Refusal) {}
    }

    private struct ForgetfulRounds: RoundSession {
        var session: HeterogeneousRounds
        var isRestored = false

        mutating func round(_ input: HeterogeneousGradientCode.Round) throws(Refusal) -> Outcome {
            let outcome = try session.round(input)
            return isRestored ? scaled(outcome, by: 0) : outcome
        }

        mutating func set(step: Float) throws(Refusal) {}
        func save() throws(Refusal) -> String { try session.save() }
        mutating func restore(_ state: String) throws(Refusal) { isRestored = true }
    }
}
