import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// Training with the subject's own rounds against the bounds, and what the unbiased compressors do on average.
extension Law {
    static let compressedConvergence: [Law] = [
        forAll(
            TrainingCase.all, id: "compressed.runsObeyBounds",
            "Runs of the subject's rounds obey Theorems 5, 6 and 7 in expectation over all responders, and attain them where they must.",
            profile: .core, basis: .derived, section: "CompressedGradientCode.md#tight-instances",
            needs: ["compressed.round"]
        ) { training, examiner in
            try await training.judge(examiner)
        },
        forAll(
            [Float(0.125)], id: "compressed.feedbackConverges",
            "With top-1 three workers stay near their optimum; without error feedback they stall at a gap of 0.88.",
            profile: .core, basis: .derived, section: "CompressedGradientCode.md#unbiased-compressors",
            needs: ["compressed.round"]
        ) { step, examiner in
            // On the way to the cycle the gap stays below γ²·L/4 · 9/4, far below 1/10.
            let scheme = CompressedCase(
                allocation: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], probabilities: [0, 0, 0], kind: .topK(1), step: step,
                dimension: 2)
            let session = CompressedSession(scheme, examiner)
            _ = try await examiner.replies(to: [session.open])
            var (model, last): ([Float], Command) = ([0, 0], session.open)
            for _ in 0..<200 {
                let gradients: [Binary32Vector] = [Binary32Vector(model.map { $0 + 1 }), [-1, 0], [0, -1]]
                last = session.round(.init(gradients: gradients, responders: [0, 1, 2]))
                let reply = try await examiner.replies(to: [last])[0]
                let update: [Rational]
                do { update = try session.outcome(reply, after: [session.open, last]).update } catch {
                    _ = await examiner.subject.replies(to: [session.close])
                    throw error
                }
                model = zip(model, update).map { $0 - Float($1) }
                // A right run stays within 3 of the start; what leaves 16 would soon leave binary32.
                guard model.allSatisfy({ $0.magnitude < 16 }) else {
                    _ = await examiner.subject.replies(to: [session.close])
                    throw Violation(
                        commands: [session.open, last],
                        Mismatch(
                            "the model diverges", expected: "coordinates below 16", received: Binary32Vector(model)))
                }
            }
            _ = try await examiner.replies(to: [session.close])
            let gap = model.map { GradientCode.exact($0) * GradientCode.exact($0) }.total / 2
            guard gap < Rational(1, 10) else {
                throw Violation(
                    commands: [session.open, last],
                    Mismatch(
                        "the gap after 200 iterations", expected: "below 1/10", received: gap.decimal(digits: 6)))
            }
        },
        forAll(
            LongRun.all, id: "compressed.longVectors",
            "Long vectors and large values are compressed and remembered like short ones.", profile: .core,
            basis: .derived, section: "CompressedGradientCode.md#rounds", needs: ["compressed.round"]
        ) { long, examiner in
            try await long.rounds.judge(examiner)
        },
        generated(
            20, id: "compressed.randKUnbiased",
            "Over all sets that the words can choose, rand-K has the mean γg, and no memory.", profile: .core,
            basis: .derived, section: "CompressedGradientCode.md#unbiased-compressors",
            needs: ["compressed.round+tape"]
        ) { choices in
            // K is 1, 2 or 4 of 4, so that 4 v/K is exact.
            let k = choices.element(of: [1, 2, 4])
            return (k: k, v: (0..<4).map { _ in choices.element(of: [0 as Float, 1, -1, 3, -5]) })
        } trial: { drawn, examiner in
            let scheme = CompressedCase(
                allocation: [[1]], probabilities: [Rational(1, 2)], kind: .randK(drawn.k), step: 0.5, dimension: 4)
            let session = CompressedSession(scheme, examiner)
            // Orders of different words: every set of K is first equally often.
            let orders = permutations([0, 1, 2, 3])
            let commands = orders.map { order in
                session.round(
                    .init(
                        gradients: [Binary32Vector(drawn.v)], responders: [0],
                        tape: Words(order.map { UInt32($0) << 20 })))
            }
            let updates = try await session.outcomes(of: commands).map(\.update)
            // W = 2 and γ = 1/2.
            let mean = (0..<4).map { j in updates.map { $0[j] }.total / Rational(orders.count) }
            let second = updates.map { $0.innerProduct($0) }.total / Rational(orders.count)
            let v = drawn.v.map(GradientCode.exact)
            guard mean == v, second == Rational(4, drawn.k) * v.innerProduct(v) else {
                throw Violation(
                    commands: [session.open, commands[0]],
                    Mismatch("mean, and second moment \(second)", expected: v, received: mean))
            }
        },
        generated(
            20, id: "compressed.levelsUnbiased",
            "A level is rounded up with probability f, within 2 · 2^−drawBits, so its mean is v.", profile: .core,
            basis: .derived, section: "CompressedGradientCode.md#unbiased-compressors",
            needs: ["compressed.compress+tape", "compressed.decompress"]
        ) { choices in
            (
                s: choices.integer(in: 1...5),
                v: [8] + (0..<choices.integer(in: 1...4)).map { _ in Float(choices.integer(in: 0...16) - 8) }
            )
        } trial: { (drawn: (s: Int, v: [Float]), examiner) in
            try await judgeLevels(drawn.v, drawn.s, examiner)
        },
    ]

    private static func permutations(_ elements: [Int]) -> [[Int]] {
        elements.isEmpty
            ? [[]]
            : elements.flatMap { first in
                permutations(elements.filter { $0 != first }).map { [first] + $0 }
            }
    }

    /// The words at which a coordinate goes to its upper level, by bisection: two values occur, the greater magnitude on one
    /// side of the flip, and their mean is v, up to the steps of a draw and the rounding of a level.
    ///
    /// Whatever norm is sent: the levels themselves are not looked at.
    private static func judgeLevels(_ v: [Float], _ s: Int, _ examiner: Examiner) async throws {
        let compressor = CompressorDescriptor(kind: .levels, levels: s)
        func question(_ words: [UInt32]) -> CompressedGradientCode.Compress {
            .init(compressor, x: Binary32Vector(v), tape: Words(words))
        }
        func values(_ words: [UInt32]) async throws -> [Rational] {
            let message = try await examiner.answer(question(words)).message
            return try await image(of: message, compressor, v.count, examiner).map(GradientCode.exact)
        }
        func fail(_ words: [UInt32], _ reason: String, _ received: [Rational]) -> Violation {
            Violation(question(words), Mismatch(reason, expected: "two levels whose mean is \(v)", received: received))
        }
        let ends = try await [values(v.map { _ in 0 }), values(v.map { _ in .max })]
        let low = v.indices.map { j in ends[0][j].magnitude <= ends[1][j].magnitude ? ends[0][j] : ends[1][j] }
        let high = v.indices.map { j in ends[0][j].magnitude <= ends[1][j].magnitude ? ends[1][j] : ends[0][j] }
        let checks: [[UInt32]] = [0x2000_0000, 0x6000_0000, 0xa000_0000, 0xe000_0000].map { word in v.map { _ in word }
        }
        let bisection = try await SignBisection(dimension: v.count, checks: checks) { words in
            let found = try await values(words)
            guard found.indices.allSatisfy({ found[$0] == low[$0] || found[$0] == high[$0] }) else {
                throw fail(words, "a third value", found)
            }
            return found.indices.map { found[$0] != low[$0] }
        }
        if let contradiction = bisection.contradictions.first {
            throw fail(v.map { _ in contradiction.draw }, "the level is not monotone in its word", low)
        }
        // Words have 32 bits, however many a subject uses of its own.
        let step = max(examiner.conventions.drawStep, Rational(2).power(-32))
        for j in v.indices {
            let share = bisection.positive[j] / Rational(2).power(32)
            let mean = low[j] + share * (high[j] - low[j])
            let bound = 3 * step * (high[j] - low[j]).magnitude + high[j].magnitude / Rational(1 << 23)
            guard (mean - GradientCode.exact(v[j])).magnitude <= bound else {
                throw fail(
                    v.map { _ in 0 }, "the mean of coordinate \(j) is \(mean.decimal(digits: 12))", [low[j], high[j]])
            }
        }
    }
}

/// An instance, trained with the subject's rounds over all patterns of responders.
private struct TrainingCase: Sendable {
    let instance: CompressedInstance
    let theorem: CompressedGradientCode.Convergence.Theorem
    let iterations: Int
    /// What the bound exceeds the measured side by, where that is known: X_T/(2γT), or a factor 1 − z.
    let attains: Bool

    static let all: [TrainingCase] = {
        func cases(
            _ instance: CompressedInstance, _ theorems: [CompressedGradientCode.Convergence.Theorem],
            _ iterations: [Int], attains: Bool
        ) -> [TrainingCase] {
            theorems.flatMap { theorem in
                iterations.map {
                    TrainingCase(instance: instance, theorem: theorem, iterations: $0, attains: attains)
                }
            }
        }
        let eighth = CompressedInstance.threeWorkers(step: Rational(1, 8))
        return cases(.oneWorker, [.convex], [1, 3], attains: true)
            + cases(eighth, [.convex, .stronglyConvex, .nonConvex], [1, 2, 4], attains: true)
            + cases(.tightTree, [.convex, .stronglyConvex, .nonConvex], [2], attains: true)
    }()

    /// Both sides must be those of the exact law: the subject's rounds are the scheme, and the bound holds for them.
    func judge(_ examiner: Examiner) async throws {
        // A mean of three subsets is rounded, and what follows from rounded updates is another run: no claim then.
        let subsets = instance.allocation[0].count
        guard examiner.conventions.aggregate != .mean || subsets.nonzeroBitCount == 1 else { return }
        let question = instance.question(theorem, iterations: iterations)
        let expected = CompressedGradientCode.sides(of: question)
        let session = try await measured(question, examiner)
        guard session.measured <= expected.bound else {
            throw Violation(
                commands: session.commands,
                Mismatch(
                    "\(instance.name), \(theorem.rawValue), T = \(iterations): the bound is exceeded",
                    expected: "at most \(expected.bound)", received: session.measured))
        }
        guard !attains || session.measured == expected.measured else {
            throw Violation(
                commands: session.commands,
                Mismatch(
                    "\(instance.name), \(theorem.rawValue), T = \(iterations): another law of the run",
                    expected: expected.measured, received: session.measured))
        }
    }

    /// The left side, with the subject's updates: one session for each sequence of responders.
    private func measured(
        _ question: CompressedGradientCode.Convergence, _ examiner: Examiner
    ) async throws -> (measured: Rational, commands: [Command]) {
        let scheme = CompressedCase(
            allocation: instance.allocation, probabilities: instance.probabilities, kind: instance.kind,
            step: Float(instance.step), dimension: instance.start.count)
        let patterns = scheme.code.participants.reduce([([Int](), Rational(1))]) { sets, i in
            let p = instance.probabilities[i]
            return sets.map { ($0.0, $0.1 * p) } + sets.map { ($0.0 + [i], $0.1 * (1 - p)) }
        }.filter { !$0.1.isZero }
        let paths = (0..<iterations).reduce([([[Int]](), Rational(1))]) { paths, _ in
            paths.flatMap { path in patterns.map { (path.0 + [$0.0], path.1 * $0.1) } }
        }
        var (total, commands): (Rational, [Command]) = (0, [])
        for (path, probability) in paths {
            let run = try await follow(path, scheme, examiner)
            total += probability * run.value
            commands = run.commands
        }
        return (total, commands)
    }

    /// One run: the mean gap, the mean squared gradient, or the last distance of the virtual iterate.
    private func follow(
        _ path: [[Int]], _ scheme: CompressedCase, _ examiner: Examiner
    ) async throws -> (value: Rational, commands: [Command]) {
        func square(_ x: [Rational]) -> Rational { x.innerProduct(x) }
        func gradients(_ model: [Rational]) -> [[Rational]] {
            let rows = instance.loss.gradients(at: model)
            return instance.slopes.map { slopes in zip(rows, slopes).map { zip($0, $1).map(+) } } ?? rows
        }
        func value(_ model: [Rational]) -> Rational {
            instance.loss.value(at: model) + (instance.slopes ?? []).map { $0.innerProduct(model) }.total
        }
        let session = CompressedSession(scheme, examiner)
        var commands = [session.open]
        _ = try await examiner.replies(to: commands)
        // The virtual iterate moves by γ Σ g_i of the responders, whatever is compressed: Theorem 1.
        var (model, virtual, sum) = (instance.start, instance.start, Rational(0))
        for responders in path {
            let rows = gradients(model)
            sum +=
                theorem == .convex
                ? value(model) - value(instance.minimiser)
                : square(model.indices.map { j in rows.map { $0[j] }.total })
            let coded = scheme.code.codedGradients(rows)
            for i in responders { virtual = zip(virtual, coded[i]).map { $0 - instance.step * $1 } }
            let round = session.round(
                .init(gradients: rows.map { Binary32Vector($0.map { Float($0) }) }, responders: responders))
            commands.append(round)
            let reply = try await examiner.replies(to: [round])[0]
            do { model = zip(model, try session.outcome(reply, after: commands).update).map(-) } catch {
                _ = await examiner.subject.replies(to: [session.close])
                throw error
            }
        }
        _ = try await examiner.replies(to: [session.close])
        let distance = square(zip(virtual, instance.minimiser).map(-))
        return (theorem == .stronglyConvex ? distance : sum / Rational(iterations), commands)
    }
}

/// Three rounds of two workers with distinct magnitudes, in dimensions that loops unroll over.
private struct LongRun: Sendable {
    let kind: Compressor.Kind
    let dimension: Int

    static let all: [LongRun] = [17, 64, 300].flatMap { d in
        let kinds: [Compressor.Kind] = [
            .topK(1), .topK(d / 2), .topK(d - 1), .scaledSign, .blockSign(length: 7), .identity,
        ]
        return kinds.map { LongRun(kind: $0, dimension: d) }
    }

    var rounds: CompressedRounds {
        let scheme = CompressedCase(
            allocation: [[1, 0], [0, 1]], probabilities: [0, Rational(1, 2)], kind: kind, step: 1, dimension: dimension)
        // Up to 2^12 in magnitude, of alternating sign; a stride that is coprime to the dimensions mixes the places.
        func gradient(_ worker: Int, _ round: Int) -> [Float] {
            (0..<dimension).map { j in
                let place = Float((j * 7 + 11 * worker + 5 * round) % dimension + 1)
                return (j + worker) % 2 == 0 ? place * 8 : -place * 8 - 4
            }
        }
        return CompressedRounds(
            scheme,
            [[0, 1], [1], [0, 1]].enumerated().map { round, responders in
                .init(newStep: nil, gradients: [gradient(0, round), gradient(1, round)], responders: responders)
            })
    }
}
