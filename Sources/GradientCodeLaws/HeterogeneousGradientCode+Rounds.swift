import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// Laws of rounds: what a training loop sees, whatever it has inside.
extension Law {
    static let heterogeneousRounds: [Law] = [
        generated(
            80, id: "heterogeneous.roundsAddUp",
            "Round after round the update is Σ_j α_j g_j, whoever responds; nothing is left of earlier rounds.",
            profile: .core, basis: .derived, section: "HeterogeneousGradientCode.md#rounds",
            needs: ["heterogeneous.round"]
        ) { choices in
            let session = fixedCode(&choices)
            return (
                session, (0...choices.integer(in: 0...2)).map { _ in HeterogeneousRoundCase(&choices, of: session) }
            )
        } trial: { drawn, examiner in
            try await HeterogeneousSession(drawn.0, examiner).judge(drawn.1)
        },
        generated(
            30, id: "heterogeneous.leastSquaresRounds",
            "With least squares the update is that of the projection of 1 on the responders' rows.", profile: .wire,
            basis: .house, section: "HeterogeneousGradientCode.md#baselines", needs: ["heterogeneous.round"]
        ) { choices in
            let scheme = HeterogeneousCase(&choices, workers: 1...3, partitions: 1...3)
            let session = HeterogeneousSessionCase(scheme, .leastSquares, dimension: 2)
            return (session, [HeterogeneousRoundCase(&choices, of: session)])
        } trial: { drawn, examiner in
            try await HeterogeneousSession(drawn.0, examiner).judge(drawn.1)
        },
        generated(
            30, id: "heterogeneous.unbiased",
            "Over all sets of responders the updates have the mean g, and residual and covariance are those of H1.",
            profile: .core, basis: .derived, section: "HeterogeneousGradientCode.md#theorem-h1",
            needs: ["heterogeneous.round"]
        ) { choices in
            HeterogeneousCase(&choices, workers: 1...4, partitions: 1...3)
        } trial: { scheme, examiner in
            let m = scheme.allocation[0].count
            let session = HeterogeneousSession(HeterogeneousSessionCase(scheme, dimension: m), examiner)
            let measured = try await session.enumeratedMoments()
            let ones = [Rational](repeating: 1, count: m)
            let exact = HeterogeneousEnumeration.moments(
                scheme.probabilities, coefficients: session.scheme.coefficients)
            try session.compare(
                measured, mean: ones, residual: scheme.code.residual(), covariance: exact.covariance)
        },
        generated(
            30, id: "heterogeneous.wrongProbabilities",
            "Told wrong probabilities, a subject has exactly the bias and the residual of Corollary H1′.",
            profile: .core, basis: .derived, section: "HeterogeneousGradientCode.md#corollary-h1-prime",
            needs: ["heterogeneous.round"]
        ) { choices in
            let scheme = HeterogeneousCase(&choices, workers: 1...3, partitions: 1...3)
            let told = scheme.probabilities.map { _ in Rational(choices.integer(in: 1...3), 4) }
            return (scheme: scheme, told: told)
        } trial: { drawn, examiner in
            let m = drawn.scheme.allocation[0].count
            let session = HeterogeneousSession(
                HeterogeneousSessionCase(drawn.scheme, told: drawn.told, dimension: m), examiner)
            let measured = try await session.enumeratedMoments()
            let C = session.scheme.coefficients
            let exact = HeterogeneousEnumeration.moments(drawn.scheme.probabilities, coefficients: C)
            let mean = (0..<m).map { j in
                1 + drawn.told.indices.map { i in (drawn.told[i] - drawn.scheme.probabilities[i]) * C[i][j] }.total
            }
            try session.compare(measured, mean: mean, residual: exact.residual, covariance: exact.covariance)
        },
        generated(
            30, id: "heterogeneous.sessionsAreIndependent", "Interleaved sessions do not disturb each other.",
            profile: .core, basis: .derived, section: "protocol.md#rounds", needs: ["heterogeneous.round"]
        ) { choices in
            (0..<3).map { _ in
                let session = fixedCode(&choices)
                return (session, HeterogeneousRoundCase(&choices, of: session))
            }
        } trial: { drawn, examiner in
            let sessions = drawn.map { HeterogeneousSession($0.0, examiner) }
            let rounds = zip(sessions, drawn).map { $0.round($1.1) }
            let commands = sessions.map(\.open) + rounds + sessions.reversed().map(\.close)
            let replies = try await examiner.replies(to: commands)
            for (index, session) in sessions.enumerated() {
                let place = sessions.count + index
                try session.judge(replies[place], of: drawn[index].1, after: Array(commands[...place]))
            }
        },
        generated(
            30, id: "heterogeneous.refusedRoundsChangeNothing", "A refused round leaves the session as it was.",
            profile: .core, basis: .house, section: "protocol.md#rounds", needs: ["heterogeneous.round"]
        ) { choices in
            let session = fixedCode(&choices)
            return (session, HeterogeneousRoundCase(&choices, of: session), choices.integer(in: 0...4))
        } trial: { drawn, examiner in
            let (scheme, round, defect) = drawn
            let session = HeterogeneousSession(scheme, examiner)
            var bad = round.input
            let kind: Refusal.Kind
            switch defect {
            case 0: (kind, bad.gradients) = (.dimensionMismatch, bad.gradients + [bad.gradients[0]])
            case 1: (kind, bad.responders) = (.indexOutOfRange, [scheme.workers])
            case 2: (kind, bad.responders) = (.duplicateWorker, [0, 0])
            case 3: (kind, bad.responders) = (.invalidParameters, nil)
            default: (kind, bad.gradients) = (.dimensionMismatch, bad.gradients.map { _ in [1, 2, 3, 4] })
            }
            let commands = [
                session.open, .round(session: session.number, bad), session.round(round), session.close,
            ]
            let replies = try await examiner.replies(to: commands)
            guard case .refused(let refusal) = replies[1], refusal.kind == kind else {
                throw Violation(
                    commands: Array(commands[...1]),
                    Mismatch("a defective round was not refused", expected: kind.rawValue, received: "\(replies[1])"))
            }
            try session.judge(replies[2], of: round, after: Array(commands[...2]))
        },
        generated(
            20, id: "heterogeneous.savedRoundsRepeat", "A restored session repeats the round that followed the save.",
            profile: .core, basis: .house, section: "protocol.md#rounds", needs: ["heterogeneous.round+save"]
        ) { choices in
            let session = fixedCode(&choices)
            return (
                session, HeterogeneousRoundCase(&choices, of: session), HeterogeneousRoundCase(&choices, of: session)
            )
        } trial: { drawn, examiner in
            let session = HeterogeneousSession(drawn.0, examiner)
            let before = [
                session.open, session.round(drawn.1), .save(session: session.number), session.round(drawn.2),
            ]
            let replies = try await examiner.replies(to: before)
            guard case .success(let saved) = try Examiner.typed(replies[2]) as Result<SavedState, Refusal> else {
                _ = try await examiner.replies(to: [session.close])
                throw Violation(commands: before, Mismatch("save was refused", expected: "a state", received: false))
            }
            let after: [Command] = [
                .restore(session: session.number, saved), session.round(drawn.2), session.close,
            ]
            let repeated = try await examiner.replies(to: after)
            try session.judge(replies[3], of: drawn.2, after: before)
            try session.judge(repeated[1], of: drawn.2, after: before + after[...1])
        },
        generated(
            30, id: "heterogeneous.roundsDrawStragglers",
            "A round with a seed has the responders of the draw contract.",
            profile: .tape, basis: .house, section: "numerics.md#randomness", needs: ["heterogeneous.round+seed"]
        ) { choices in
            let session = fixedCode(&choices)
            let (seed, t) = (choices.draw(upTo: .max), choices.integer(in: 0...1000))
            let drawn = HeterogeneousRoundCase(&choices, of: session)
            guard let model = try? StragglerModel.independent(Probability.all(session.scheme.probabilities)) else {
                preconditionFailure("valid probabilities")
            }
            let responders = model.responders(seed: seed, t: UInt32(t)).members
            return (session: session, gradients: drawn.gradients, responders: responders, seed: seed, t: t)
        } trial: { drawn, examiner in
            let session = HeterogeneousSession(drawn.session, examiner)
            let round = HeterogeneousRoundCase(gradients: drawn.gradients, responders: drawn.responders)
            let input = HeterogeneousGradientCode.Round(
                gradients: round.vectors, seed: Seed(drawn.seed), t: drawn.t)
            let commands = [session.open, .round(session: session.number, input), session.close]
            let replies = try await examiner.replies(to: commands)
            try session.judge(replies[1], of: round, after: Array(commands[...1]))
        },
        forAll(
            HeterogeneousOpeningDefect.all, id: "heterogeneous.refusedOpenings",
            "A code that is none, or cannot be unbiased, is refused when it is opened, and nothing is open afterwards.",
            profile: .core, basis: .derived, section: "HeterogeneousGradientCode.md#edge-cases",
            needs: ["heterogeneous.round"]
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
    ]

    /// A code with fixed coefficients: the optimal one, a baseline, or any matrix.
    private static func fixedCode(_ choices: inout Choices) -> HeterogeneousSessionCase {
        let scheme = HeterogeneousCase(&choices)
        switch choices.integer(in: 0...4) {
        case 0: return HeterogeneousSessionCase(scheme, dimension: 2)
        case 1: return HeterogeneousSessionCase(scheme, .ignore, dimension: 2)
        case 2: return HeterogeneousSessionCase(scheme, .stochastic, dimension: 2)
        case 3:
            let isBlindLegal = scheme.probabilities.indices.allSatisfy {
                scheme.probabilities[$0] < 1 || !scheme.allocation[$0].contains(1)
            }
            return HeterogeneousSessionCase(scheme, isBlindLegal ? .blind : .ignore, dimension: 2)
        default:
            let matrix = scheme.allocation.map { row in
                row.map {
                    $0 == 0 ? Rational(0) : Rational(choices.integer(in: 0...12) - 6, choices.integer(in: 1...3))
                }
            }
            return HeterogeneousSessionCase(scheme, matrix: matrix, dimension: 2)
        }
    }
}
