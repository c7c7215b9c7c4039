import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeVectors
import GradientCodes

// Life of a session: openings and rounds that are refused, saved and restored, interleaved; the golden run.
extension Law {
    static let compressedRounds: [Law] = [
        forAll(
            CompressedOpeningDefect.all, id: "compressed.refusedOpenings",
            "A scheme that is none is refused when it is opened, and nothing is open afterwards.", profile: .core,
            basis: .house, section: "CompressedGradientCode.md#edge-cases", needs: ["compressed.round"]
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
            40, id: "compressed.refusedRounds", "A defective round is refused and renews no memory.", profile: .core,
            basis: .house, section: "CompressedGradientCode.md#edge-cases", needs: ["compressed.round"]
        ) { choices in
            let scheme = choices.compressedCase(dimensions: 1...4) { $0.biasedCompressor($1) }
            return (
                scheme: scheme, gradients: (0..<3).map { _ in choices.smallGradients(of: scheme) },
                defect: choices.integer(in: 0...5)
            )
        } trial: { drawn, examiner in
            try await refuse(drawn.scheme, drawn.gradients, defect: drawn.defect, examiner)
        },
        generated(
            25, id: "compressed.sessionsAreIndependent", "Interleaved sessions do not share a memory.", profile: .core,
            basis: .derived, section: "protocol.md#rounds", needs: ["compressed.round"]
        ) { choices in
            let run = CompressedRounds(&choices, dimensions: 1...5, changesSteps: false)
            return (run: run, other: CompressedRounds(&choices, dimensions: 1...5, changesSteps: false))
        } trial: { drawn, examiner in
            let (a, b) = (
                CompressedSession(drawn.run.scheme, examiner), CompressedSession(drawn.other.scheme, examiner)
            )
            let alone = CompressedSession(drawn.run.scheme, examiner)
            let expected = try await alone.outcomes(of: drawn.run.commands(alone, separately: false))
            let (first, second) = (
                drawn.run.commands(a, separately: false), drawn.other.commands(b, separately: false)
            )
            var commands = [a.open, b.open]
            var places: [Int] = []
            for n in 0..<max(first.count, second.count) {
                if n < second.count { commands.append(second[n]) }
                if n < first.count {
                    places.append(commands.count)
                    commands.append(first[n])
                }
            }
            commands += [a.close, b.close]
            let replies = try await examiner.replies(to: commands)
            for (n, place) in places.enumerated() {
                let found = try a.outcome(replies[place], after: Array(commands[...place]))
                guard found.update == expected[n].update else {
                    throw Violation(
                        commands: Array(commands[...place]),
                        Mismatch(
                            "another update than in a session of its own", expected: expected[n].update,
                            received: found.answer))
                }
            }
        },
        generated(
            25, id: "compressed.savedRoundsRepeat",
            "After a restore a session goes on as it did after the save: memory and step are back.", profile: .core,
            basis: .house, section: "protocol.md#rounds", needs: ["compressed.round+save"]
        ) { choices in
            let run = CompressedRounds(&choices, dimensions: 1...5, changesSteps: true)
            return (run: run, gradients: choices.smallGradients(of: run.scheme))
        } trial: { drawn, examiner in
            let session = CompressedSession(drawn.run.scheme, examiner)
            let all = Array(0..<drawn.run.scheme.code.workers)
            func round(_ gradients: [[Float]]) -> Command {
                session.round(.init(gradients: gradients.map { Binary32Vector($0) }, responders: all))
            }
            let zeros = drawn.gradients.map { $0.map { _ in Float(0) } }
            // The drain shows memories, the gradients the step.
            let rest = [round(zeros), round(drawn.gradients), round(zeros)]
            let before =
                [session.open] + drawn.run.commands(session, separately: false) + [.save(session: session.number)]
            let first = try await examiner.replies(to: before + rest + [session.set(16), round(drawn.gradients)])
            guard case .success(let saved) = try Examiner.typed(first[before.count - 1]) as Result<SavedState, Refusal>
            else {
                _ = try await examiner.replies(to: [session.close])
                throw Violation(commands: before, Mismatch("save was refused", expected: "a state", received: false))
            }
            let after = [.restore(session: session.number, saved)] + rest + [session.close]
            let second = try await examiner.replies(to: after)
            let commands = before + rest + after.dropLast()
            for n in rest.indices {
                let expected = try session.outcome(first[before.count + n], after: commands)
                let found = try session.outcome(second[1 + n], after: commands)
                guard found.update == expected.update else {
                    throw Violation(
                        commands: commands,
                        Mismatch("another update after the restore", expected: expected.answer, received: found.answer))
                }
            }
        },
        forAll(
            [Compressor.Kind.topK(2), .scaledSign, .blockSign(length: 4)], id: "compressed.goldenRun",
            "The golden run by its responders: updates, messages, and what zero gradients drain.", profile: .wire,
            basis: .house, section: "CompressedGradientCode.md#golden-run", needs: ["compressed.round"]
        ) { kind, examiner in
            let golden = GoldenCompressedRun(kind)
            try await judge(golden, examiner) { t in
                .init(
                    gradients: vectors(t), responders: t < 4 ? golden.responders[t] : Array(0..<4))
            }
        },
        forAll(
            [Compressor.Kind.topK(2), .scaledSign], id: "compressed.goldenSeed",
            "The golden run by its seed: stream 0 says who straggles.", profile: .tape, basis: .house,
            section: "CompressedGradientCode.md#golden-run", needs: ["compressed.round+seed"]
        ) { kind, examiner in
            let golden = GoldenCompressedRun(kind)
            try await judge(golden, examiner) { t in
                t < 4
                    ? .init(gradients: vectors(t), seed: Seed(golden.seed), t: t)
                    : .init(gradients: vectors(t), responders: Array(0..<4))
            }
        },
    ]

    private static func vectors(_ t: Int) -> [Binary32Vector] {
        GoldenCompressedRun.gradients(t).map { Binary32Vector($0.map { Float($0) }) }
    }

    private static func judge(
        _ golden: GoldenCompressedRun, _ examiner: Examiner, _ input: (Int) -> CompressedGradientCode.Round
    ) async throws {
        let scheme = CompressedCase(
            allocation: golden.allocation, probabilities: golden.probabilities, kind: golden.kind, step: golden.step,
            dimension: golden.dimension)
        let session = CompressedSession(scheme, examiner)
        let commands = (0..<7).map { session.round(input($0)) }
        for (t, outcome) in try await session.outcomes(of: commands).enumerated() {
            let expected = golden.outcomes[t]
            let messages = expected.messages.map { $0.map { Bytes($0.bytes) } }
            guard outcome.update == expected.update,
                outcome.answer.messages == nil || outcome.answer.messages == messages
            else {
                throw Violation(
                    commands: [session.open] + commands[...t],
                    Mismatch("iteration \(t)", expected: expected.update, received: outcome.answer))
            }
        }
    }

    /// A round, a defective one, and a last: the last is as if the second had not been.
    private static func refuse(
        _ scheme: CompressedCase, _ gradients: [[[Float]]], defect: Int, _ examiner: Examiner
    ) async throws {
        let session = CompressedSession(scheme, examiner)
        let all = Array(0..<scheme.code.workers)
        let sender = scheme.code.participants[0]
        func input(_ n: Int) -> CompressedGradientCode.Round {
            .init(gradients: gradients[n].map { Binary32Vector($0) }, responders: all)
        }
        var bad = input(1)
        let kinds: [Refusal.Kind]
        switch defect {
        case 0: (kinds, bad.gradients) = ([.dimensionMismatch], bad.gradients + [bad.gradients[0]])
        case 1: (kinds, bad.gradients) = ([.dimensionMismatch], bad.gradients.map { Binary32Vector($0.values + [0]) })
        case 2: (kinds, bad.responders) = ([.indexOutOfRange], all + [scheme.code.workers])
        case 3: (kinds, bad.responders) = ([.duplicateWorker], [sender, sender])
        case 4:
            // The last subset: whoever computes before it must not have renewed a memory.
            kinds = [.nonFinite]
            bad.gradients[bad.gradients.count - 1] = Binary32Vector(
                [Float](repeating: .nan, count: scheme.dimension))
        default:
            // Beyond binary32 at every holder; 2¹²⁷ times the weights and steps up to 2 of these cases.
            let weight = scheme.code.weights.row(sender).total * GradientCode.exact(scheme.opening.step.values[0])
            guard weight >= 4 else { return try await refuse(scheme, gradients, defect: 4, examiner) }
            kinds = [.outOfRange]
            bad.gradients = bad.gradients.map { Binary32Vector($0.values.map { _ in 0x1p127 }) }
        }
        let zeros = CompressedGradientCode.Round(
            gradients: gradients[0].map { Binary32Vector($0.map { _ in 0 }) }, responders: all)
        let commands = [session.open] + [input(0), bad, input(2), zeros].map(session.round) + [session.close]
        let replies = try await examiner.replies(to: commands)
        guard case .refused(let refusal) = replies[2], kinds.contains(refusal.kind) else {
            throw Violation(
                commands: Array(commands[...2]),
                Mismatch("a defective round was not refused", expected: kinds[0].rawValue, received: "\(replies[2])"))
        }
        let alone = CompressedSession(scheme, examiner)
        let expected = try await alone.outcomes(of: [input(0), input(2), zeros].map(alone.round))
        for n in 1...2 {
            let found = try session.outcome(replies[2 + n], after: Array(commands[...(2 + n)]))
            guard found.update == expected[n].update else {
                throw Violation(
                    commands: Array(commands[...(2 + n)]),
                    Mismatch(
                        "the refused round changed the session", expected: expected[n].update, received: found.answer))
            }
        }
    }
}

/// An opening with one defect.
struct CompressedOpeningDefect: Sendable {
    let name: String
    let kind: Refusal.Kind
    let opening: CompressedGradientCode.Session

    static let all: [CompressedOpeningDefect] = {
        let right = CompressedGradientCode.Session(
            allocation: [[1, 0], [1, 1]], probabilities: [Rational(1, 2), 0],
            compressor: .init(kind: .topK, k: 1), step: [1], dimension: 2)
        func defect(
            _ name: String, _ kind: Refusal.Kind, _ damage: (inout CompressedGradientCode.Session) -> Void
        ) -> CompressedOpeningDefect {
            var opening = right
            damage(&opening)
            return CompressedOpeningDefect(name: name, kind: kind, opening: opening)
        }
        return [
            defect("p = 1", .invalidProbability) { $0.probabilities[0] = 1 },
            defect("p < 0", .invalidProbability) { $0.probabilities[0] = Rational(-1, 2) },
            defect("one probability too few", .dimensionMismatch) { $0.probabilities = [0] },
            defect("a subset that nobody holds", .infeasiblePartition) { $0.allocation = [[1, 0], [1, 0]] },
            defect("rows of different lengths", .dimensionMismatch) { $0.allocation = [[1, 0], [1]] },
            defect("an entry 2", .invalidParameters) { $0.allocation = [[1, 2], [1, 1]] },
            defect("dimension 0", .invalidParameters) { $0.dimension = 0 },
            defect("K = 0", .invalidParameters) { $0.compressor.k = 0 },
            defect("K above D", .invalidParameters) { $0.compressor.k = 3 },
            defect("blocks of length 0", .invalidParameters) {
                $0.compressor = .init(kind: .blockSign, blockLength: 0)
            },
            defect("step 0", .invalidParameters) { $0.step = [0] },
            defect("a negative step", .invalidParameters) { $0.step = [-1] },
            defect("an infinite step", .nonFinite) { $0.step = [.infinity] },
            defect("two steps", .dimensionMismatch) { $0.step = [1, 1] },
        ]
    }()
}
