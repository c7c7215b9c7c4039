import ExactArithmetic
import GradientCodeOperations
import GradientCodes

// Known mistakes in rounds of cooperative gradient coding (`docs/CooperativeGradientCode.md#mistakes`).
extension Mutant {
    static let cooperativeRounds: [Mutant] = [
        rounds("meanNotDivided", "the update on full is the sum", caughtBy: "cooperative.goldenRun") {
            session, input throws(Refusal) in
            var outcome = try session.round(input)
            if outcome.outcome == .full {
                outcome.update = outcome.update?.scaled(by: Float(session.scheme.clients))
            }
            return outcome
        },
        rounds("slightlyTooFar", "updates are 1/16 too long", caughtBy: "cooperative.tightInstances") {
            session, input throws(Refusal) in
            var outcome = try session.round(input)
            outcome.update = outcome.update?.scaled(by: 1.0625)
            return outcome
        },
        rounds("zerosForNone", "a round without recovery answers zeros", caughtBy: "cooperative.rounds") {
            session, input throws(Refusal) in
            var outcome = try session.round(input)
            outcome.update = outcome.update ?? Binary32Vector(repeatElement(0, count: session.dimension))
            return outcome
        },
        rounds("partialOverClients", "the mean of the recovered is divided by M", caughtBy: "cooperative.rounds") {
            session, input throws(Refusal) in
            var outcome = try session.round(input)
            if outcome.outcome == .partial, session.partial == .mean {
                outcome.update = outcome.update?.scaled(
                    by: Float(outcome.recovered.count) / Float(session.scheme.clients))
            }
            return outcome
        },
        rounds("pivotNotNormalised", "a recovered gradient keeps its coefficient", caughtBy: "cooperative.rounds") {
            session, input throws(Refusal) in
            var outcome = try session.round(input)
            if outcome.outcome == .partial, let k = outcome.recovered.first {
                outcome.update = outcome.update?.scaled(by: session.rows[k][k])
            }
            return outcome
        },
        rounds("linksIgnored", "clients combine what they have not received", caughtBy: "cooperative.rounds") {
            session, input throws(Refusal) in
            let right = try session.round(input)
            var other = input
            other.links = input.links.map { $0.map { $0.map { $0.map { _ in 1 } } } }
            var outcome = try session.round(other)
            (outcome.outcome, outcome.recovered) = (right.outcome, right.recovered)
            return outcome
        },
        rounds("spoiltRoundRefused", "a gradient that is not finite refuses the round", caughtBy: "cooperative.rounds")
        {
            session, input throws(Refusal) in
            let outcome = try session.round(input)
            guard input.gradients.allSatisfy(\.isFinite) else { throw Refusal(.nonFinite, "a gradient is not finite") }
            return outcome
        },
        rounds("spoiltRowUsed", "a spoilt row is multiplied by zero", caughtBy: "cooperative.rounds") {
            session, input throws(Refusal) in
            var outcome = try session.round(input)
            if !outcome.excluded.isEmpty { outcome.update = outcome.update?.scaled(by: .nan) }
            return outcome
        },
        rounds("exclusionsHidden", "spoilt rows are left out in silence", caughtBy: "cooperative.rounds") {
            session, input throws(Refusal) in
            var outcome = try session.round(input)
            outcome.excluded = []
            return outcome
        },
        rounds("leastSquaresOfNone", "rows without recovery make an update", caughtBy: "cooperative.rounds") {
            session, input throws(Refusal) in
            var outcome = try session.round(input)
            if session.partial == .leastSquares, outcome.outcome == .none {
                outcome.outcome = .partial
                outcome.update = Binary32Vector(repeatElement(0, count: session.dimension))
            }
            return outcome
        },
        rounds("meanForInverse", "inverse probabilities are forgotten", caughtBy: "cooperative.rounds") {
            session, input throws(Refusal) in
            var outcome = try session.round(input)
            if session.partial == .inverseProbability, outcome.outcome == .partial, let k = outcome.recovered.first {
                outcome.update = outcome.update?.scaled(by: 1 / Float(session.inverse[k]))
            }
            return outcome
        },
        rounds("firstAttemptOnly", "only the first attempt reaches the server", caughtBy: "cooperative.rounds") {
            session, input throws(Refusal) in
            _ = try session.round(input)
            var other = input
            other.uplinks = input.uplinks.map { uplinks in
                uplinks.enumerated().map { $0.offset == 0 ? $0.element : $0.element.map { _ in 0 } }
            }
            return try session.round(other)
        },
        rounds(
            "outagesOfFirstIteration", "every iteration draws the outages of the first",
            caughtBy: "cooperative.roundsDrawOutages"
        ) { session, input throws(Refusal) in
            var first = input
            if input.t != nil { first.t = 0 }
            return try session.round(first)
        },
        rounds(
            "linksOfAnyNumber", "a link that is not 0 is up", caughtBy: "cooperative.refusedRoundsChangeNothing"
        ) { session, input throws(Refusal) in
            var valid = input
            valid.uplinks = input.uplinks.map { $0.map { $0.map { $0 == 0 ? 0 : 1 } } }
            return try session.round(valid)
        },
        Mutant(
            "restoredSilence", of: "cooperative", "a restored session recovers no more",
            caughtBy: "cooperative.savedRoundsRepeat"
        ) { table in
            table.hold(CooperativeGradientCode.Session.self, flags: ["save", "seed"]) { opening throws(Refusal) in
                SilentRounds(session: try CooperativeRounds(opening))
            }
        },
    ]

    private typealias Rounding =
        @Sendable (inout CooperativeRounds, CooperativeGradientCode.Round) throws(Refusal) ->
        CooperativeGradientCode.Round.Outcome

    private static func rounds(
        _ name: String, _ defect: String, caughtBy killer: String, _ round: @escaping Rounding
    ) -> Mutant {
        Mutant(name, of: "cooperative", defect, caughtBy: killer) { table in
            table.hold(CooperativeGradientCode.Session.self, flags: ["save", "seed"]) { opening throws(Refusal) in
                FlawedRounds(session: try CooperativeRounds(opening), rounding: round)
            }
        }
    }

    private struct FlawedRounds: RoundSession {
        var session: CooperativeRounds
        let rounding: Rounding

        mutating func round(_ input: CooperativeGradientCode.Round) throws(Refusal)
            -> CooperativeGradientCode.Round.Outcome
        {
            try rounding(&session, input)
        }

        mutating func set(step: Float) throws(Refusal) {}
        func save() throws(Refusal) -> String { try session.save() }
        mutating func restore(_ state: String) throws(Refusal) { try session.restore(state) }
    }

    private struct SilentRounds: RoundSession {
        var session: CooperativeRounds
        var isRestored = false

        mutating func round(_ input: CooperativeGradientCode.Round) throws(Refusal)
            -> CooperativeGradientCode.Round.Outcome
        {
            isRestored
                ? .init(outcome: .none, recovered: [], update: nil, excluded: []) : try session.round(input)
        }

        mutating func set(step: Float) throws(Refusal) {}
        func save() throws(Refusal) -> String { try session.save() }
        mutating func restore(_ state: String) throws(Refusal) { isRestored = true }
    }
}

extension Binary32Vector {
    fileprivate func scaled(by factor: Float) -> Binary32Vector { Binary32Vector(values.map { $0 * factor }) }
}
