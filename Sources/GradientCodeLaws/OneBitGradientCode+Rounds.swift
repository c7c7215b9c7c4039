import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// Laws of rounds of 1-bit gradient coding: what a training loop sees.
extension Law {
    static let oneBitRounds: [Law] = [
        generated(
            30, id: "oneBit.roundsSendingProbability",
            "In a round a responder's coded gradient is sent as +B with probability (B + g)/(2B), within 3 · 2^−drawBits, for certain at g = B.",
            profile: .core, basis: .paper, section: "OneBitGradientCode.md#quantiser", needs: ["oneBit.round+tape"]
        ) { choices in
            let scheme = choices.oneBitCase(dimensions: 4...8)
            let worker = choices.element(of: scheme.code.participants)
            let gradients = choices.oneBitGradients(of: scheme, atRangeOf: worker)
            let tapes = (0..<3).map { _ in choices.words(scheme.dimension) }
            return (scheme: scheme, gradients: gradients, worker: worker, tapes: tapes)
        } trial: { drawn, examiner in
            try await compareProbability(drawn.scheme, drawn.gradients, drawn.worker, drawn.tapes, examiner)
        },
        generated(
            60, id: "oneBit.roundsAdd",
            "A round's update is the sum of what its responders send: stragglers and workers without data add nothing.",
            profile: .core, basis: .paper, section: "OneBitGradientCode.md#server", needs: ["oneBit.round+tape"]
        ) { choices in
            RoundOfSigns(&choices, dimensions: 1...11)
        } trial: { round, examiner in
            let session = OneBitSession(round.scheme, examiner)
            let alone = round.responders.map { round.input(responders: [$0]) }
            let nobody = round.input(responders: [])
            let outcomes = try await session.outcomes(of: [round.input(responders: round.order)] + alone + [nobody])
            let whole = outcomes[0]
            for j in 0..<round.scheme.dimension {
                let terms = outcomes.dropFirst().dropLast().map { $0.update[j] }
                guard (whole.update[j] - terms.total).magnitude <= session.sumBound(terms) else {
                    throw session.violation(
                        round.input(responders: round.order),
                        Mismatch("coordinate \(j) is not the sum", expected: terms.total, received: whole.answer))
                }
            }
            guard outcomes[outcomes.count - 1].update.allSatisfy(\.isZero) else {
                throw session.violation(
                    nobody,
                    Mismatch("nobody responds", expected: "zeros", received: outcomes[outcomes.count - 1].answer))
            }
            try round.judgeDecoded(whole.answer, session)
        },
        generated(
            30, id: "oneBit.refusedRoundsChangeNothing",
            "A defective round is refused and leaves the session as it was.",
            profile: .core, basis: .house, section: "OneBitGradientCode.md#edge-cases", needs: ["oneBit.round+tape"]
        ) { choices in
            (round: RoundOfSigns(&choices, dimensions: 1...4), defect: choices.integer(in: 0...6))
        } trial: { drawn, examiner in
            try await refuse(drawn.round, defect: drawn.defect, examiner)
        },
        generated(
            25, id: "oneBit.sessionsAreIndependent", "Interleaved sessions do not disturb each other.", profile: .core,
            basis: .derived, section: "protocol.md#rounds", needs: ["oneBit.round+tape"]
        ) { choices in
            (0..<3).map { _ in RoundOfSigns(&choices, dimensions: 1...5) }
        } trial: { rounds, examiner in
            let sessions = rounds.map { OneBitSession($0.scheme, examiner) }
            let inputs = rounds.map { $0.input(responders: $0.order) }
            var commands = sessions.map(\.open)
            for (session, input) in zip(sessions, inputs) { commands.append(.round(session: session.number, input)) }
            commands += sessions.reversed().map(\.close)
            let replies = try await examiner.replies(to: commands)
            for index in rounds.indices {
                let alone = OneBitSession(rounds[index].scheme, examiner)
                let expected = try await alone.updates(of: [inputs[index]])[0]
                let found = try sessions[index].outcome(replies[rounds.count + index], of: inputs[index])
                guard found.update == expected else {
                    throw Violation(
                        commands: Array(commands[...(rounds.count + index)]),
                        Mismatch(
                            "another update than in a session of its own", expected: expected, received: found.answer))
                }
            }
        },
        generated(
            20, id: "oneBit.savedRoundsRepeat", "A restored session repeats the round that followed the save.",
            profile: .core, basis: .house, section: "protocol.md#rounds", needs: ["oneBit.round+tape+save"]
        ) { choices in
            RoundOfSigns(&choices, dimensions: 1...5)
        } trial: { round, examiner in
            let session = OneBitSession(round.scheme, examiner)
            let input = round.input(responders: round.order)
            let command = Command.round(session: session.number, input)
            let before = [session.open, command, .save(session: session.number), command]
            let replies = try await examiner.replies(to: before)
            guard case .success(let saved) = try Examiner.typed(replies[2]) as Result<SavedState, Refusal> else {
                _ = try await examiner.replies(to: [session.close])
                throw Violation(commands: before, Mismatch("save was refused", expected: "a state", received: false))
            }
            let after = [.restore(session: session.number, saved), command, session.close]
            let repeated = try await examiner.replies(to: after)
            let first = try session.outcome(replies[3], of: input)
            let second = try session.outcome(repeated[1], of: input)
            guard first.update == second.update, try session.outcome(replies[1], of: input).update == first.update
            else {
                throw Violation(
                    commands: before + after[...1],
                    Mismatch("another update after the restore", expected: first.answer, received: second.answer))
            }
        },
        generated(
            60, id: "oneBit.roundsBits", "Over a tape, messages and update of a round are those of the reference.",
            profile: .tape, basis: .house, section: "OneBitGradientCode.md#rounds", needs: ["oneBit.round+tape"]
        ) { choices in
            RoundOfSigns(&choices, dimensions: 1...20)
        } trial: { round, examiner in
            let session = OneBitSession(round.scheme, examiner)
            let input = round.input(responders: round.order)
            let outcome = try await session.outcomes(of: [input])[0]
            try round.judge(outcome, of: input, session, tape: round.tape)
        },
        generated(
            40, id: "oneBit.roundsDraw",
            "With a seed, responders and words are those of the draw contract: streams 0 and 1 of the iteration.",
            profile: .tape, basis: .house, section: "numerics.md#randomness", needs: ["oneBit.round+seed"]
        ) { choices in
            (
                round: RoundOfSigns(&choices, dimensions: 1...20), seed: choices.draw(upTo: .max),
                t: choices.integer(in: 0...1000)
            )
        } trial: { drawn, examiner in
            guard let model = try? StragglerModel.independent(drawn.round.scheme.code.straggling) else {
                preconditionFailure("valid probabilities")
            }
            var round = drawn.round
            round.respond(model.responders(seed: drawn.seed, t: UInt32(drawn.t)).members)
            let session = OneBitSession(round.scheme, examiner)
            let input = OneBitGradientCode.Round(
                gradients: round.vectors, seed: Seed(drawn.seed), t: drawn.t)
            let outcome = try await session.outcomes(of: [input])[0]
            try round.judge(outcome, of: input, session) { worker in
                Philox.words(
                    seed: drawn.seed, stream: .quantizer, t: UInt32(drawn.t), i: UInt32(worker), first: 0,
                    count: round.scheme.dimension)
            }
        },
        forAll(
            [false, true], id: "oneBit.goldenIteration",
            "The golden iteration: responders 1, 2, 3 send 4602, a503, 6106, and Y = (4, −4, 4, −12, −12, 4, 4, −4, −4, 12, −4).",
            profile: .tape, basis: .house, section: "OneBitGradientCode.md#golden-iteration",
            needs: ["oneBit.round+tape+seed"]
        ) { isSeeded, examiner in
            let golden = GoldenIteration()
            let scheme = OneBitCase(
                allocation: golden.allocation, probabilities: golden.probabilities, bound: .given([golden.range]),
                dimension: golden.dimension)
            let vectors = golden.gradients.map { Binary32Vector($0.map { Float($0) }) }
            let tape = Words(golden.responders.flatMap(golden.tape))
            let input =
                isSeeded
                ? OneBitGradientCode.Round(gradients: vectors, seed: Seed(golden.seed), t: golden.t)
                : OneBitGradientCode.Round(gradients: vectors, responders: golden.responders, tape: tape)
            let session = OneBitSession(scheme, examiner)
            let outcome = try await session.outcomes(of: [input])[0]
            let update: [Rational] = [4, -4, 4, -12, -12, 4, 4, -4, -4, 12, -4]
            guard outcome.update == update else {
                throw session.violation(input, Mismatch("another update", expected: update, received: outcome.answer))
            }
            let messages: [Bytes?] = [nil, Bytes([0x46, 0x02]), Bytes([0xa5, 0x03]), Bytes([0x61, 0x06])]
            guard outcome.answer.messages == nil || outcome.answer.messages == messages else {
                throw session.violation(
                    input, Mismatch("other messages", expected: messages, received: outcome.answer))
            }
        },
    ]

    /// One worker alone responds; the flip of each coordinate's sign is found by bisection.
    private static func compareProbability(
        _ scheme: OneBitCase, _ gradients: [[Float]], _ worker: Int, _ checks: [[UInt32]], _ examiner: Examiner
    ) async throws {
        let session = OneBitSession(scheme, examiner)
        let x = scheme.coded(gradients)[worker]
        let vectors = gradients.map { Binary32Vector($0) }
        func round(_ tape: [UInt32]) -> OneBitGradientCode.Round {
            .init(gradients: vectors, responders: [worker], tape: Words(tape))
        }
        let isPerMessage = if case .perMessage = scheme.opening.bound { true } else { false }
        var ranges = scheme.ranges(of: x)
        _ = try await examiner.replies(to: [session.open])
        do {
            let bisection = try await SignBisection(dimension: x.count, checks: checks) { tape in
                let reply = try await examiner.replies(to: [.round(session: session.number, round(tape))])[0]
                let outcome = try session.outcome(reply, of: round(tape))
                let magnitudes = outcome.update.map(\.magnitude)
                // In mode S the subject's own scale, which may be one unit, at most 2⁻²³ of it, too high.
                if isPerMessage, let largest = magnitudes.first, largest >= ranges[0],
                    largest - ranges[0] <= ranges[0] * Rational(2).power(-23)
                {
                    ranges = Array(repeating: largest, count: x.count)
                }
                guard magnitudes == ranges else {
                    throw session.violation(
                        round(tape), Mismatch("a coordinate is not ±B", expected: ranges, received: outcome.answer))
                }
                return outcome.update.map { $0 > 0 }
            }
            if let mismatch = bisection.mismatch(x: x, ranges: ranges, conventions: examiner.conventions) {
                throw session.violation(round(checks[0]), mismatch)
            }
        } catch {
            _ = await examiner.subject.replies(to: [session.close])
            throw error
        }
        _ = try await examiner.replies(to: [session.close])
    }

    /// A round with one defect is refused, and the next is as it would have been.
    private static func refuse(_ round: RoundOfSigns, defect: Int, _ examiner: Examiner) async throws {
        let session = OneBitSession(round.scheme, examiner)
        let good = round.input(responders: round.order)
        var bad = good
        let kinds: [Refusal.Kind]
        let sender = round.scheme.code.participants[0]
        /// One sender alone, so that what it holds is certainly used.
        func alone(_ gradients: [Binary32Vector]) -> OneBitGradientCode.Round {
            let tape = Words(Array(repeating: 0, count: round.scheme.dimension))
            return .init(gradients: gradients, responders: [sender], tape: tape)
        }
        func spoilt(_ value: Float) -> [Binary32Vector] {
            bad.gradients.map { Binary32Vector([value] + $0.values.dropFirst()) }
        }
        switch defect {
        case 0: (kinds, bad.gradients) = ([.dimensionMismatch], bad.gradients + [bad.gradients[0]])
        case 1: (kinds, bad.gradients) = ([.dimensionMismatch], bad.gradients.map { Binary32Vector($0.values + [0]) })
        case 2: (kinds, bad.responders) = ([.indexOutOfRange], round.order + [round.scheme.code.workers])
        case 3:
            // Whether a worker that is listed twice has one message on the tape or two is nobody's matter.
            kinds = [.duplicateWorker, .dimensionMismatch]
            bad = alone(bad.gradients)
            bad.responders = [sender, sender]
        case 4: (kinds, bad.tape) = ([.dimensionMismatch], Words((bad.tape?.words ?? []) + [0]))
        case 5: (kinds, bad) = ([.nonFinite], alone(spoilt(.nan)))
        default:
            // Beyond every range; in mode S, which has none, beyond binary32 where the weights are large enough for that.
            let isPerMessage = if case .perMessage = round.scheme.opening.bound { true } else { false }
            let weight = round.scheme.weights.row(sender).total
            guard !isPerMessage || weight >= 2 else { return try await refuse(round, defect: 5, examiner) }
            (kinds, bad) = ([.outOfRange], alone(spoilt(isPerMessage ? 0x1p127 : 0x1p20)))
        }
        let number = session.number
        let commands: [Command] = [
            session.open, .round(session: number, bad), .round(session: number, good), session.close,
        ]
        let replies = try await examiner.replies(to: commands)
        guard case .refused(let refusal) = replies[1], kinds.contains(refusal.kind) else {
            let received =
                (try? Examiner.typed(replies[1]) as Result<OneBitGradientCode.Round.Outcome, Refusal>)
                .map { "\($0)" } ?? "\(replies[1])"
            throw Violation(
                commands: Array(commands[...1]),
                Mismatch("a defective round was not refused", expected: kinds[0].rawValue, received: received))
        }
        let alone = OneBitSession(round.scheme, examiner)
        let expected = try await alone.updates(of: [good])[0]
        let found = try session.outcome(replies[2], of: good)
        guard found.update == expected else {
            throw Violation(
                commands: Array(commands[...2]),
                Mismatch("the refused round changed the session", expected: expected, received: found.answer))
        }
    }
}
