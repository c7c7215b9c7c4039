package import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
package import GradientCodes

/// A round of a cooperative scheme, and what any right implementation makes of it.
struct CooperativeRoundCase: Sendable {
    let code: CooperativeCode
    let decoder: CooperativeGradientCode.Decoder
    let partial: CooperativeGradientCode.PartialRule
    let attempts: Int
    let outages: CooperativeOutages
    var gradients: [[Float]]
    let probabilities: CooperativeGradientCode.Outages?

    init(_ choices: inout Choices, like first: CooperativeRoundCase? = nil) {
        code = first?.code ?? choices.element(of: CooperativeCode.all)
        decoder = first?.decoder ?? choices.element(of: [.plus, .threshold, .span, .all, .hierarchical])
        partial = first?.partial ?? choices.element(of: [.mean, .leastSquares, .inverseProbability])
        // The law of larger schemes takes long with two attempts.
        attempts = first?.attempts ?? (code.clients <= 4 ? choices.integer(in: 1...2) : 1)
        let M = code.clients
        probabilities = partial == .inverseProbability ? Self.probabilities(M) : nil
        let links = (0..<attempts).map { _ in (0..<M).map { _ in (0..<M).map { _ in !choices.coin() } } }
        let uplinks = (0..<attempts).map { _ in (0..<M).map { _ in choices.integer(in: 0...3) < 3 } }
        guard let outages = try? CooperativeOutages(links: links, uplinks: uplinks, of: code.scheme(attempts: attempts))
        else { preconditionFailure("outages of the scheme's size") }
        self.outages = outages
        let dimension = first?.gradients[0].count ?? choices.integer(in: 1...3)
        gradients = (0..<M).map { _ in (0..<dimension).map { _ in Float(choices.integer(in: 0...200) - 100) } }
        if choices.integer(in: 0...3) == 3 {
            gradients[choices.integer(in: 0...M - 1)][0] = choices.element(of: [.nan, .infinity, -.infinity])
        }
    }

    /// A case with given outages and gradients.
    init(
        code: CooperativeCode, decoder: CooperativeGradientCode.Decoder, attempts: Int, outages: CooperativeOutages,
        gradients: [[Float]], probabilities: CooperativeGradientCode.Outages? = nil
    ) {
        self.code = code
        self.decoder = decoder
        partial = .mean
        self.attempts = attempts
        self.outages = outages
        self.gradients = gradients
        self.probabilities = probabilities
    }

    /// Probabilities that differ, none of them 0 or 1.
    static func probabilities(_ M: Int) -> CooperativeGradientCode.Outages {
        .init(
            uplinks: (0..<M).map { Rational($0 + 1, M + 2) },
            links: (0..<M).map { m in (0..<M).map { k in Rational((m + 2 * k) % 3 + 1, 5) } })
    }

    var opening: CooperativeGradientCode.Session {
        .init(
            code: code.descriptor, stragglers: code.stragglers, decoder: decoder, partial: partial, attempts: attempts,
            dimension: gradients[0].count, probabilities: probabilities)
    }

    var input: CooperativeGradientCode.Round {
        .init(
            gradients: gradients.map { Binary32Vector($0) },
            links: outages.links.map { $0.map { $0.map { $0 ? 1 : 0 } } },
            uplinks: outages.uplinks.map { $0.map { $0 ? 1 : 0 } })
    }

    /// The rows that arrive, those that are not finite left out, and of whom some are.
    private var received: (rows: [CooperativeRow], excluded: [Int]) {
        let rows = code.scheme(attempts: attempts).rows(of: outages)
        func isFinite(_ row: CooperativeRow) -> Bool {
            row.available.allSatisfy { gradients[$0].allSatisfy(\.isFinite) }
        }
        return (rows.filter(isFinite), Set(rows.filter { !isFinite($0) }.map(\.client)).sorted())
    }

    /// Whether the session can be opened: the rule needs every client to be recovered at times.
    var inverse: [Rational]? {
        guard partial == .inverseProbability, let probabilities,
            let uplinks = try? Probability.all(probabilities.uplinks),
            let links = try? probabilities.links.map({ try Probability.all($0) }),
            let model = try? CooperativeLinkModel(uplinkOutage: uplinks, linkOutage: links)
        else { return [] }
        let law = CooperativeLaw(
            code.scheme(attempts: attempts), encodingMatrix: code.matrix, model: model, decoder: decoder)
        return try? law.inverseProbabilityWeights()
    }

    /// What is wrong with an outcome; nil when it is right.
    func mismatch(_ outcome: CooperativeGradientCode.Round.Outcome, inverse: [Rational]) -> Mismatch? {
        let received = received
        guard
            let reception = try? CooperativeReception(
                scheme: code.scheme(attempts: attempts), encodingMatrix: code.matrix, rows: received.rows),
            let decoding = try? reception.decode(decoder)
        else { preconditionFailure("rows of the scheme") }
        let decisions = "\(decoding.outcome.rawValue), K = \(decoding.recovered), excluded \(received.excluded)"
        guard outcome.outcome == decoding.outcome, outcome.recovered == decoding.recovered,
            outcome.excluded == received.excluded
        else {
            return Mismatch("outcome, recovered set or exclusions are wrong", expected: decisions, received: outcome)
        }
        guard let weights = reception.weights(decoding, rule: partial, inverse: inverse) else {
            return outcome.update == nil ? nil : Mismatch("there is no update", expected: "null", received: outcome)
        }
        guard let update = outcome.update else {
            return Mismatch("the update is missing", expected: decisions, received: outcome)
        }
        let scaled = weights.map { $0 / Rational(code.clients) }
        let used = reception.used(by: decoder)
        let matrix = reception.matrix.selecting(rows: used)
        let isSingle = decoding.outcome == .partial && partial != .leastSquares
        let columns = gradients[0].indices.map { j in gradients.map { Rational(exactly: $0[j]) ?? 0 } }
        return FloatExpectation.enclosure(
            center: columns.map { scaled.innerProduct($0) },
            bound: columns.map {
                ForwardError.anyUpdateBound(
                    matrix: matrix, weights: scaled, recovered: isSingle ? decoding.recovered : [], gradients: $0)
            }, derivation: "recover-any"
        ).mismatch(of: update, profile: .core)
    }
}

extension Law {
    static let cooperativeRounds: [Law] = [
        generated(
            120, id: "cooperative.rounds",
            "Round after round, outcome, recovered set, exclusions and update are those of the rows that arrive.",
            profile: .core, basis: .derived, section: "CooperativeGradientCode.md#rounds", needs: ["cooperative.round"]
        ) { choices in
            let first = CooperativeRoundCase(&choices)
            return [first] + (0..<choices.integer(in: 0...3)).map { _ in CooperativeRoundCase(&choices, like: first) }
        } trial: { rounds, examiner in
            guard let inverse = rounds[0].inverse else { return try await judgeRefusedOpening(rounds[0], examiner) }
            let session = examiner.newSession()
            let commands =
                [.open(session: session, rounds[0].opening)] + rounds.map { .round(session: session, $0.input) }
                + [Command.close(session: session)]
            let replies = try await examiner.replies(to: commands)
            for (index, round) in rounds.enumerated() {
                try judge(
                    replies[index + 1], of: round, inverse: inverse, after: Array(commands[...(index + 1)]))
            }
        },
        forAll(
            [1, 2], id: "cooperative.goldenRun",
            "The golden run has its outcomes, recovered sets and updates, and CoGC's distance is that of Theorem A.",
            profile: .core, basis: .derived, section: "CooperativeGradientCode.md#golden-run",
            needs: ["cooperative.round"]
        ) { kind, examiner in
            let run = CooperativeGoldenRun(decoder: kind == 1 ? .threshold : .plus)
            let session = examiner.newSession()
            let commands =
                [.open(session: session, run.rounds[0].opening)]
                + run.rounds.map { .round(session: session, $0.input) } + [Command.close(session: session)]
            let replies = try await examiner.replies(to: commands)
            for (index, round) in run.rounds.enumerated() {
                try judge(replies[index + 1], of: round, inverse: [], after: Array(commands[...(index + 1)]))
            }
        },
        generated(
            40, id: "cooperative.roundsDrawOutages",
            "A round with a seed has the links and uplinks of the draw contract.", profile: .tape, basis: .house,
            section: "numerics.md#randomness", needs: ["cooperative.round+seed"]
        ) { choices in
            let code = choices.element(of: CooperativeCode.all)
            // The bound on the update goes through all bases of the rows.
            let attempts = choices.integer(in: 1...(code.clients <= 4 ? 3 : 2))
            let M = code.clients
            let up = (0..<M).map { _ in Rational(choices.integer(in: 0...4), 4) }
            let links = (0..<M).map { _ in (0..<M).map { _ in Rational(choices.integer(in: 0...4), 4) } }
            let (seed, t) = (choices.draw(upTo: .max), choices.integer(in: 0...1000))
            guard let uplinks = try? Probability.all(up), let rows = try? links.map({ try Probability.all($0) }),
                let model = try? CooperativeLinkModel(uplinkOutage: uplinks, linkOutage: rows)
            else { preconditionFailure("valid probabilities") }
            let outages = model.outages(of: code.scheme(attempts: attempts), seed: seed, t: UInt32(t))
            let gradients = (0..<M).map { [Float(3 * $0 - 4)] }
            let round = CooperativeRoundCase(
                code: code, decoder: .plus, attempts: attempts, outages: outages, gradients: gradients,
                probabilities: .init(uplinks: up, links: links))
            return (round: round, seed: seed, t: t)
        } trial: { drawn, examiner in
            var input = drawn.round.input
            (input.links, input.uplinks, input.seed, input.t) = (nil, nil, Seed(drawn.seed), drawn.t)
            let session = examiner.newSession()
            let commands: [Command] = [
                .open(session: session, drawn.round.opening), .round(session: session, input), .close(session: session),
            ]
            let replies = try await examiner.replies(to: commands)
            try judge(replies[1], of: drawn.round, inverse: [], after: Array(commands[...1]))
        },
        generated(
            30, id: "cooperative.refusedRoundsChangeNothing", "A refused round leaves the session as it was.",
            profile: .core, basis: .house, section: "CooperativeGradientCode.md#refusals", needs: ["cooperative.round"]
        ) { choices in
            let round = CooperativeRoundCase(&choices)
            return (round: round, defect: choices.integer(in: 0...4))
        } trial: { drawn, examiner in
            guard let inverse = drawn.round.inverse else { return }
            var bad = drawn.round.input
            let kind: Refusal.Kind
            switch drawn.defect {
            case 0: (kind, bad.gradients) = (.dimensionMismatch, bad.gradients + [bad.gradients[0]])
            case 1: (kind, bad.uplinks) = (.dimensionMismatch, [])
            case 2: (kind, bad.links) = (.dimensionMismatch, (bad.links ?? []) + (bad.links ?? []))
            case 3: (kind, bad.links) = (.invalidParameters, nil)
            default: (kind, bad.uplinks) = (.invalidParameters, bad.uplinks.map { $0.map { $0.map { $0 + 2 } } })
            }
            let session = examiner.newSession()
            let commands: [Command] = [
                .open(session: session, drawn.round.opening), .round(session: session, bad),
                .round(session: session, drawn.round.input), .close(session: session),
            ]
            let replies = try await examiner.replies(to: commands)
            guard case .refused(let refusal) = replies[1], refusal.kind == kind else {
                throw Violation(
                    commands: Array(commands[...1]),
                    Mismatch("a defective round was not refused", expected: kind.rawValue, received: "\(replies[1])"))
            }
            try judge(replies[2], of: drawn.round, inverse: inverse, after: Array(commands[...2]))
        },
        generated(
            20, id: "cooperative.savedRoundsRepeat", "A restored session repeats the round that followed the save.",
            profile: .core, basis: .house, section: "protocol.md#rounds", needs: ["cooperative.round+save"]
        ) { choices in
            CooperativeRoundCase(&choices)
        } trial: { round, examiner in
            guard let inverse = round.inverse else { return }
            let session = examiner.newSession()
            let before: [Command] = [
                .open(session: session, round.opening), .save(session: session), .round(session: session, round.input),
            ]
            let replies = try await examiner.replies(to: before)
            guard case .success(let saved) = try Examiner.typed(replies[1]) as Result<SavedState, Refusal> else {
                _ = try await examiner.replies(to: [.close(session: session)])
                throw Violation(commands: before, Mismatch("save was refused", expected: "a state", received: false))
            }
            let after: [Command] = [
                .restore(session: session, saved), .round(session: session, round.input), .close(session: session),
            ]
            let repeated = try await examiner.replies(to: after)
            try judge(replies[2], of: round, inverse: inverse, after: before)
            try judge(repeated[1], of: round, inverse: inverse, after: before + after[...1])
        },
    ]

    static func judge(
        _ reply: Reply, of round: CooperativeRoundCase, inverse: [Rational], after commands: [Command]
    ) throws {
        switch try Examiner.typed(reply) as Result<CooperativeGradientCode.Round.Outcome, Refusal> {
        case .success(let outcome):
            if let mismatch = round.mismatch(outcome, inverse: inverse) {
                throw Violation(commands: commands, mismatch)
            }
        case .failure(let refusal): throw Violation(commands: commands, Examiner.refused(refusal))
        }
    }

    /// A rule that is undefined is refused when the session is opened.
    private static func judgeRefusedOpening(_ round: CooperativeRoundCase, _ examiner: Examiner) async throws {
        let session = examiner.newSession()
        let command = Command.open(session: session, round.opening)
        let replies = try await examiner.replies(to: [command], opens: false)
        guard case .refused(let refusal) = replies[0], refusal.kind == .invalidProbability else {
            if case .answer = replies[0] { _ = try await examiner.replies(to: [.close(session: session)]) }
            throw Violation(
                commands: [command],
                Mismatch(
                    "an undefined rule was not refused", expected: Refusal.Kind.invalidProbability.rawValue,
                    received: "\(replies[0])"))
        }
    }
}

/// The run worked in `docs/CooperativeGradientCode.md#golden-run`: its rounds, with the gradients of its own models.
package struct CooperativeGoldenRun: Sendable {
    /// y_k of f_k = (x − y_k)²/2.
    package static let centres: [Rational] = [0, 3, 9]
    /// The rounds.
    let rounds: [CooperativeRoundCase]
    /// x_0, …, x_20, exact.
    package let models: [Rational]
    /// How many rounds were full.
    package let successes: Int

    package init(decoder: CooperativeGradientCode.Decoder) {
        let code = CooperativeCode(.integers, "CRC-Z", 3, 1)
        let half = Rational(1, 2)
        let scheme = code.scheme(attempts: 1)
        let up = [Rational(1, 4), half, Rational(3, 8)]
        let links: [[Rational]] = [[0, half, 0], [0, 0, Rational(1, 4)], [Rational(5, 8), 0, 0]]
        guard let uplinks = try? Probability.all(up), let rows = try? links.map({ try Probability.all($0) }),
            let model = try? CooperativeLinkModel(uplinkOutage: uplinks, linkOutage: rows)
        else { preconditionFailure("valid probabilities") }
        var models: [Rational] = [8]
        var (cases, successes): ([CooperativeRoundCase], Int) = ([], 0)
        for t in 0..<20 {
            let x = models[t]
            let outages = model.outages(of: scheme, seed: 20_240_319, t: UInt32(t))
            let gradients = Self.centres.map { [x - $0] }
            cases.append(
                CooperativeRoundCase(
                    code: code, decoder: decoder, attempts: 1, outages: outages,
                    gradients: gradients.map { $0.map { Float($0) } }))
            guard
                let reception = try? CooperativeReception(
                    scheme: scheme, encodingMatrix: code.matrix, rows: scheme.rows(of: outages)),
                let decoding = try? reception.decode(decoder)
            else { preconditionFailure("rows of the scheme") }
            if decoding.outcome == .full { successes += 1 }
            let update = reception.update(decoding, rule: .mean, gradients: gradients)
            models.append(x - half * (update?[0] ?? 0))
        }
        (rounds, self.models, self.successes) = (cases, models, successes)
    }
}
