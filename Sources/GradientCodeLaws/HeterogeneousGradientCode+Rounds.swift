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

/// Moments of a subject's own updates for unit gradients, which are its α, over all patterns; and how far its floats may
/// have moved them.
struct MeasuredMoments: Sendable {
    var mean: [Rational]
    var meanBound: [Rational]
    var residual: Rational
    var residualBound: Rational
    var covariance: [[Rational]]
    var covarianceBound: [[Rational]]
    var commands: [Command]
}

extension HeterogeneousSession {
    /// Asks for the rounds of all patterns that have positive probability, with the unit vectors as gradients.
    func enumeratedMoments() async throws -> MeasuredMoments {
        let m = scheme.partitions
        let units = (0..<m).map { j in (0..<m).map { $0 == j ? Float(1) : 0 } }
        let patterns = HeterogeneousEnumeration.patterns(scheme.scheme.probabilities)
        let rounds = patterns.map { round(HeterogeneousRoundCase(gradients: units, responders: $0.responders)) }
        let commands = [open] + rounds + [close]
        let replies = try await examiner.replies(to: commands)
        var outcomes: [(α: [Rational], error: [Rational], probability: Rational)] = []
        for (index, pattern) in patterns.enumerated() {
            let asked = [open, rounds[index]]
            let α = try sum(try outcome(replies[index + 1], after: asked), after: asked)
            // A mean is divided by m and judged multiplied by it again: two more roundings.
            let exact = scheme.recovered(pattern.responders)
            let error = (0..<m).map { d in
                let bound = scheme.bound(pattern.responders, (0..<m).map { $0 == d ? 1 : 0 })
                return bound + ForwardError.factor(roundings: 2) * (exact[d].magnitude + bound)
            }
            outcomes.append((α, error, pattern.probability))
        }
        func expectation(_ value: ((α: [Rational], error: [Rational], probability: Rational)) -> Rational) -> Rational {
            outcomes.map { $0.probability * value($0) }.total
        }
        let mean = (0..<m).map { j in expectation { $0.α[j] } }
        let meanBound = (0..<m).map { j in expectation { $0.error[j] } }
        // |ab − a′b′| ≤ |a| e_b + |b| e_a + e_a e_b, a and b the measured deviations.
        func product(_ a: Rational, _ ea: Rational, _ b: Rational, _ eb: Rational) -> Rational {
            a.magnitude * eb + b.magnitude * ea + ea * eb
        }
        return MeasuredMoments(
            mean: mean, meanBound: meanBound,
            residual: expectation { $0.α.map { ($0 - 1) * ($0 - 1) }.total },
            residualBound: expectation { outcome in
                (0..<m).map { j in
                    product(outcome.α[j] - 1, outcome.error[j], outcome.α[j] - 1, outcome.error[j])
                }.total
            },
            covariance: (0..<m).map { j in
                (0..<m).map { k in expectation { ($0.α[j] - mean[j]) * ($0.α[k] - mean[k]) } }
            },
            covarianceBound: (0..<m).map { j in
                (0..<m).map { k in
                    expectation { outcome in
                        product(
                            outcome.α[j] - mean[j], outcome.error[j] + meanBound[j], outcome.α[k] - mean[k],
                            outcome.error[k] + meanBound[k])
                    }
                }
            }, commands: commands)
    }

    /// - Throws: a violation where a measured moment is further from the exact one than its floats explain.
    func compare(
        _ measured: MeasuredMoments, mean: [Rational], residual: Rational, covariance: [[Rational]]
    ) throws {
        func fail(_ what: String, _ expected: Rational, _ found: Rational) -> Violation {
            Violation(
                commands: measured.commands,
                Mismatch("\(what) over all sets of responders", expected: expected, received: found))
        }
        for j in mean.indices {
            guard (measured.mean[j] - mean[j]).magnitude <= measured.meanBound[j] else {
                throw fail("E α_\(j)", mean[j], measured.mean[j])
            }
            for k in mean.indices {
                guard (measured.covariance[j][k] - covariance[j][k]).magnitude <= measured.covarianceBound[j][k] else {
                    throw fail("V_\(j)\(k)", covariance[j][k], measured.covariance[j][k])
                }
            }
        }
        guard (measured.residual - residual).magnitude <= measured.residualBound else {
            throw fail("the residual", residual, measured.residual)
        }
    }
}

/// An opening with one defect.
struct HeterogeneousOpeningDefect: Sendable {
    let name: String
    let kind: Refusal.Kind
    let opening: HeterogeneousGradientCode.Session

    static let all: [HeterogeneousOpeningDefect] = {
        let right = HeterogeneousGradientCode.Session(
            allocation: [[1, 0], [1, 1]], probabilities: [Rational(1, 2), 0], coefficients: .named(.optimal),
            dimension: 2)
        func defect(
            _ name: String, _ kind: Refusal.Kind, _ damage: (inout HeterogeneousGradientCode.Session) -> Void
        ) -> HeterogeneousOpeningDefect {
            var opening = right
            damage(&opening)
            return HeterogeneousOpeningDefect(name: name, kind: kind, opening: opening)
        }
        return [
            defect("p > 1", .invalidProbability) { $0.probabilities[0] = Rational(3, 2) },
            defect("p < 0", .invalidProbability) { $0.probabilities[0] = Rational(-1, 2) },
            defect("one probability too few", .dimensionMismatch) { $0.probabilities = [0] },
            defect("a partition that nobody holds", .infeasiblePartition) { $0.allocation = [[1, 0], [1, 0]] },
            defect("a partition of a dead worker", .infeasiblePartition) { $0.probabilities[1] = 1 },
            defect("blind with a dead holder", .invalidProbability) {
                $0.allocation = [[1, 1], [1, 1]]
                $0.probabilities[1] = 1
                $0.coefficients = .named(.blind)
            },
            defect("rows of different lengths", .dimensionMismatch) { $0.allocation = [[1, 0], [1]] },
            defect("an entry 2", .invalidParameters) { $0.allocation = [[1, 2], [1, 1]] },
            defect("no worker", .invalidParameters) {
                $0.allocation = []
                $0.probabilities = []
            },
            defect("dimension 0", .invalidParameters) { $0.dimension = 0 },
            defect("a coefficient where nothing is held", .invalidParameters) {
                $0.coefficients = .matrix([[1, 1], [0, 1]])
            },
            defect("coefficients of another shape", .dimensionMismatch) { $0.coefficients = .matrix([[1, 0]]) },
            defect("an explicit matrix, p > 1", .invalidProbability) {
                $0.coefficients = .matrix([[1, 0], [0, 1]])
                $0.probabilities[0] = 2
            },
            defect("a coefficient beyond binary32", .outOfRange) {
                $0.coefficients = .matrix([[Rational(2).power(200), 0], [0, 1]])
            },
        ]
    }()
}
