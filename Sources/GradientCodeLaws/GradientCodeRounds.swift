import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// Laws of rounds: what a training loop sees, whatever it has inside.
extension Law {
    static let gradientCodeRounds: [Law] = [
        generated(
            80, id: "gradientCode.roundsRecover",
            "Round after round, a decodable set of responders gives the sum of the gradients, any other gives nothing.",
            profile: .core, basis: .derived, section: "GradientCode.md#rounds", needs: ["gradientCode.round"]
        ) { choices in
            // Several rounds of one session: whoever straggles comes back, and nothing of a round is left in the next.
            let first = RoundCase(&choices, code: nil)
            return [first]
                + (0..<choices.integer(in: 0...3)).map { _ in RoundCase(&choices, code: first.decoding.code) }
        } trial: { rounds, examiner in
            let session = RoundsUnderTest(examiner.newSession(), rounds[0])
            try await session.judge(rounds, by: examiner)
        },
        generated(
            30, id: "gradientCode.sessionsAreIndependent", "Interleaved sessions do not disturb each other.",
            profile: .core, basis: .derived, section: "protocol.md#rounds", needs: ["gradientCode.round"]
        ) { choices in
            (0..<3).map { _ in [RoundCase(&choices, code: nil)] }
        } trial: { sessions, examiner in
            let opened = sessions.map { RoundsUnderTest(examiner.newSession(), $0[0]) }
            var commands = opened.map(\.opening)
            for (session, rounds) in zip(opened, sessions) { commands.append(session.command(rounds[0])) }
            commands += opened.reversed().map { .close(session: $0.number) }
            let replies = try await examiner.replies(to: commands)
            for (index, session) in opened.enumerated() {
                let position = sessions.count + index
                try session.judge(
                    replies[position], of: sessions[index][0], after: Array(commands[...position]), by: examiner)
            }
        },
        generated(
            30, id: "gradientCode.refusedRoundsChangeNothing", "A refused round leaves the session as it was.",
            profile: .core, basis: .house, section: "protocol.md#rounds", needs: ["gradientCode.round"]
        ) { choices in
            (round: RoundCase(&choices, code: nil), defect: choices.integer(in: 0...2))
        } trial: { drawn, examiner in
            let session = RoundsUnderTest(examiner.newSession(), drawn.round)
            var bad = drawn.round.input
            let kind: Refusal.Kind
            switch drawn.defect {
            case 0: (kind, bad.gradients) = (.dimensionMismatch, bad.gradients + [bad.gradients[0]])
            case 1: (kind, bad.responders) = (.indexOutOfRange, [drawn.round.decoding.code.workers])
            default: (kind, bad.responders) = (.duplicateWorker, [0, 0])
            }
            let number = session.number
            let commands = [
                session.opening, .round(session: number, bad), session.command(drawn.round), .close(session: number),
            ]
            let replies = try await examiner.replies(to: commands)
            guard case .refused(let refusal) = replies[1], refusal.kind == kind else {
                let received =
                    (try? Examiner.typed(replies[1]) as Result<GradientCode.Round.Outcome, Refusal>)
                    .map { "\($0)" } ?? "\(replies[1])"
                let mismatch = Mismatch(
                    "a defective round was not refused", expected: kind.rawValue, received: received)
                throw Violation(commands: Array(commands[...1]), mismatch)
            }
            try session.judge(replies[2], of: drawn.round, after: Array(commands[...2]), by: examiner)
        },
        generated(
            30, id: "gradientCode.savedRoundsRepeat", "A restored session repeats the round that followed the save.",
            profile: .core, basis: .house, section: "protocol.md#rounds", needs: ["gradientCode.round+save"]
        ) { choices in
            let first = RoundCase(&choices, code: nil)
            return (first, RoundCase(&choices, code: first.decoding.code))
        } trial: { rounds, examiner in
            let session = RoundsUnderTest(examiner.newSession(), rounds.0)
            let number = session.number
            let before = [
                session.opening, session.command(rounds.0), .save(session: number), session.command(rounds.1),
            ]
            let replies = try await examiner.replies(to: before)
            guard case .success(let saved) = try Examiner.typed(replies[2]) as Result<SavedState, Refusal> else {
                _ = try await examiner.replies(to: [.close(session: number)])
                throw Violation(commands: before, Mismatch("save was refused", expected: "a state", received: false))
            }
            let after: [Command] = [
                .restore(session: number, saved), session.command(rounds.1), .close(session: number),
            ]
            let repeated = try await examiner.replies(to: after)
            try session.judge(replies[3], of: rounds.1, after: before, by: examiner)
            try session.judge(repeated[1], of: rounds.1, after: before + after[...1], by: examiner)
        },
        generated(
            40, id: "gradientCode.roundsDrawStragglers", "A round with a seed has the responders of the draw contract.",
            profile: .tape, basis: .house, section: "numerics.md#randomness", needs: ["gradientCode.round+seed"]
        ) { choices in
            var round = RoundCase(&choices, code: nil)
            let probabilities = (0..<round.decoding.code.workers).map { _ in Rational(choices.integer(in: 0...4), 4) }
            let (seed, t) = (choices.draw(upTo: .max), choices.integer(in: 0...1000))
            guard let model = try? StragglerModel.independent(Probability.all(probabilities)) else {
                preconditionFailure("valid probabilities")
            }
            round.respond(model.responders(seed: seed, t: UInt32(t)))
            return (round: round, probabilities: probabilities, seed: seed, t: t)
        } trial: { drawn, examiner in
            let session = RoundsUnderTest(examiner.newSession(), drawn.round, probabilities: drawn.probabilities)
            let input = GradientCode.Round(
                gradients: drawn.round.input.gradients, responders: nil, seed: Seed(drawn.seed), t: drawn.t)
            let number = session.number
            let commands = [session.opening, .round(session: number, input), .close(session: number)]
            let replies = try await examiner.replies(to: commands)
            try session.judge(replies[1], of: drawn.round, after: Array(commands[...1]), by: examiner)
        },
    ]
}
