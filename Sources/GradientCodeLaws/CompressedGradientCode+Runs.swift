import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeVectors
import GradientCodes

/// A run of a session: rounds, with steps set between them.
struct CompressedRounds: Sendable {
    /// One iteration.
    struct Iteration: Sendable {
        /// The step set before it, if one is.
        let newStep: Float?
        let gradients: [[Float]]
        /// In the order given to the subject.
        let responders: [Int]
    }

    let scheme: CompressedCase
    let iterations: [Iteration]

    init(_ scheme: CompressedCase, _ iterations: [Iteration]) {
        self.scheme = scheme
        self.iterations = iterations
    }

    init(_ choices: inout Choices, dimensions: ClosedRange<Int>, changesSteps: Bool) {
        let scheme = choices.compressedCase(dimensions: dimensions) { $0.biasedCompressor($1) }
        self.scheme = scheme
        iterations = (0..<choices.integer(in: 1...6)).map { _ in
            Iteration(
                newStep: changesSteps && choices.coin() ? choices.element(of: [0.25, 4, 1]) : nil,
                gradients: choices.smallGradients(of: scheme),
                responders: choices.shuffled(choices.subset(of: 0..<scheme.code.workers)))
        }
    }

    private func input(_ iteration: Iteration, _ responders: [Int]) -> CompressedGradientCode.Round {
        .init(gradients: iteration.gradients.map { Binary32Vector($0) }, responders: responders)
    }

    private func senders(_ iteration: Iteration) -> [Int] {
        scheme.code.participants.filter(Set(iteration.responders).contains)
    }

    /// The commands of the run; with `separately`, one round for every sender in place of one for all of them, which is
    /// the same to their memories.
    func commands(_ session: CompressedSession, separately: Bool) -> [Command] {
        iterations.flatMap { iteration in
            (iteration.newStep.map { [session.set($0)] } ?? [])
                + (separately
                    ? senders(iteration).map { session.round(input(iteration, [$0])) }
                    : [session.round(input(iteration, iteration.responders))])
        }
    }

    /// Asks for the run, as a whole and one sender a round, and judges all of it.
    func judge(_ examiner: Examiner) async throws {
        let (whole, parts) = (CompressedSession(scheme, examiner), CompressedSession(scheme, examiner))
        let (together, apart) = (commands(whole, separately: false), commands(parts, separately: true))
        let rounds = try await whole.outcomes(of: together)
        var messages = try await parts.outcomes(of: apart)[...]
        var ledgers = [Int: CompressedLedger]()
        for i in scheme.code.participants {
            ledgers[i] = CompressedLedger(scheme.code.compressor, examiner.conventions)
        }
        var step = GradientCode.exact(scheme.opening.step.values[0])
        for (t, iteration) in iterations.enumerated() {
            if let next = iteration.newStep { step = GradientCode.exact(next) }
            let coded = scheme.coded(iteration.gradients)
            let senders = senders(iteration)
            let decoded = try decoded(rounds[t].answer, senders: senders, whole, together)
            var terms: [[Rational]] = []
            for i in senders {
                guard let outcome = messages.popFirst() else { preconditionFailure("one round a sender") }
                let message = decoded?[i] ?? outcome.update
                guard decoded == nil || close(message, outcome.update, parts) else {
                    throw Violation(
                        commands: [parts.open] + apart,
                        Mismatch(
                            "the message of worker \(i) in iteration \(t) depends on who else responds",
                            expected: message, received: outcome.answer))
                }
                if let fault = ledgers[i]?.judge(message, gradient: coded[i], step: step) {
                    throw Violation(
                        commands: [parts.open] + apart,
                        Mismatch(
                            "worker \(i), iteration \(t): \(fault)", expected: "C(γg + e) of what it kept",
                            received: outcome.answer))
                }
                terms.append(message)
            }
            for j in 0..<scheme.dimension {
                let column = terms.map { $0[j] }
                guard (rounds[t].update[j] - column.total).magnitude <= whole.sumBound(column) else {
                    throw Violation(
                        commands: [whole.open] + together,
                        Mismatch(
                            "coordinate \(j) of the update of iteration \(t)", expected: column.total,
                            received: rounds[t].answer))
                }
            }
        }
    }

    /// A mean of M subsets is rounded twice where M is no power of two; here it always is.
    private func close(_ a: [Rational], _ b: [Rational], _ session: CompressedSession) -> Bool {
        zip(a, b).allSatisfy { ($0 - $1).magnitude <= session.sumBound([$0]) }
    }

    /// The optional `decoded`: a vector for each sender and null for everybody else.
    private func decoded(
        _ answer: CompressedGradientCode.Round.Outcome, senders: [Int], _ session: CompressedSession,
        _ commands: [Command]
    ) throws -> [Int: [Rational]]? {
        guard let decoded = answer.decoded else { return nil }
        guard decoded.count == scheme.code.workers,
            decoded.indices.allSatisfy({ (decoded[$0] != nil) == senders.contains($0) }),
            decoded.allSatisfy({ $0 == nil || $0?.count == scheme.dimension && $0?.isFinite == true })
        else {
            throw Violation(
                commands: [session.open] + commands,
                Mismatch("decoded is not one vector a sender", expected: "null but for \(senders)", received: answer))
        }
        return Dictionary(
            uniqueKeysWithValues: senders.map { ($0, decoded[$0]!.values.map(GradientCode.exact)) })
    }
}

// Runs of a subject's rounds: the memory is what the messages leave, whatever happens in between.
extension Law {
    static let compressedRuns: [Law] = [
        generated(
            60, id: "compressed.memory",
            "Every message of a run is C(γg + e), where e is what earlier messages of its worker left out: Theorem 1.",
            profile: .core, basis: .paper, section: "CompressedGradientCode.md#theorem-1", needs: ["compressed.round"]
        ) { choices in
            CompressedRounds(&choices, dimensions: 1...6, changesSteps: false)
        } trial: { run, examiner in
            try await run.judge(examiner)
        },
        generated(
            40, id: "compressed.changedSteps",
            "A step set in the middle of a run multiplies later gradients and leaves the memory as it is.",
            profile: .core, basis: .house, section: "CompressedGradientCode.md#rounds", needs: ["compressed.round"]
        ) { choices in
            CompressedRounds(&choices, dimensions: 1...5, changesSteps: true)
        } trial: { run, examiner in
            try await run.judge(examiner)
        },
        forAll(
            [Compressor.Kind.scaledSign, .blockSign(length: 3), .topK(2)], id: "compressed.decodedMemory",
            "The memory is made from the decoded message: a scale that had to be rounded leaves its error in the memory.",
            profile: .core, basis: .derived, section: "CompressedGradientCode.md#rounded-messages",
            needs: ["compressed.round"]
        ) { kind, examiner in
            // α = 1 + 2⁻²³/3 is sent as 1; what is left is (0, 0, 2⁻²³), and is sent next.
            let scheme = CompressedCase(allocation: [[1]], probabilities: [0], kind: kind, step: 1, dimension: 3)
            let iterations = [[1, 1, 1 + 0x1p-23], [0, 0, 0], [0, 0, 0]].map { (gradient: [Float]) in
                CompressedRounds.Iteration(newStep: nil, gradients: [gradient], responders: [0])
            }
            try await CompressedRounds(scheme, iterations).judge(examiner)
        },
        generated(
            40, id: "compressed.drained",
            "With top-K and zero gradients a memory is empty after ⌈D/K⌉ rounds, and all messages add up to Σ γg.",
            profile: .core, basis: .derived, section: "CompressedGradientCode.md#rounds", needs: ["compressed.round"]
        ) { choices in
            let scheme = choices.compressedCase(dimensions: 1...6) { .topK($0.integer(in: 1...$1)) }
            let worker = choices.element(of: scheme.code.participants)
            let rounds = (0..<choices.integer(in: 1...4)).map { _ in
                (choices.smallGradients(of: scheme), choices.shuffled(choices.subset(of: 0..<scheme.code.workers)))
            }
            return (scheme: scheme, worker: worker, rounds: rounds)
        } trial: { (drawn: (scheme: CompressedCase, worker: Int, rounds: [([[Float]], [Int])]), examiner) in
            try await drain(drawn.scheme, drawn.worker, drawn.rounds, examiner)
        },
    ]

    /// Others respond too; only the worker's own messages are counted, in rounds of its own.
    private static func drain(
        _ scheme: CompressedCase, _ worker: Int, _ rounds: [([[Float]], [Int])], _ examiner: Examiner
    ) async throws {
        let session = CompressedSession(scheme, examiner)
        func round(_ gradients: [[Float]], _ responders: [Int]) -> Command {
            session.round(.init(gradients: gradients.map { Binary32Vector($0) }, responders: responders))
        }
        guard case .topK(let k) = scheme.code.compressor.kind else { preconditionFailure("top-K") }
        let zeros = [[Float]](
            repeating: [Float](repeating: 0, count: scheme.dimension), count: scheme.code.subsets)
        let drains = (scheme.dimension + k - 1) / k
        var (commands, isOwn): ([Command], [Bool]) = ([], [])
        var owed = [Rational](repeating: 0, count: scheme.dimension)
        for (gradients, responders) in rounds {
            // In every second round the worker straggles.
            let isActive = responders.contains(worker)
            commands.append(round(gradients, responders.filter { $0 != worker }))
            isOwn.append(false)
            guard isActive else { continue }
            commands.append(round(gradients, [worker]))
            isOwn.append(true)
            let γ = GradientCode.exact(scheme.opening.step.values[0])
            owed = zip(owed, scheme.coded(gradients)[worker]).map { $0 + γ * $1 }
        }
        for _ in 0...drains {
            commands.append(round(zeros, [worker]))
            isOwn.append(true)
        }
        let outcomes = try await session.outcomes(of: commands)
        let sent = zip(outcomes, isOwn).filter(\.1).map(\.0.update)
        let total = (0..<scheme.dimension).map { j in sent.map { $0[j] }.total }
        guard total == owed, sent[sent.count - 1].allSatisfy(\.isZero) else {
            throw Violation(
                commands: [session.open] + commands,
                Mismatch(
                    "what worker \(worker) has sent in all", expected: owed, received: total))
        }
    }
}
