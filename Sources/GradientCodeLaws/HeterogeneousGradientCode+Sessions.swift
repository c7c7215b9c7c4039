import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

/// A scheme that a subject is asked to hold rounds of.
struct HeterogeneousSessionCase: Sendable {
    typealias Name = HeterogeneousGradientCode.SessionCoefficients.Name
    let scheme: HeterogeneousCase
    let opening: HeterogeneousGradientCode.Session
    /// Weights and encoding of the fixed code, as a right implementation may have them.
    let weights: [Rational]
    let encoding: RationalMatrix

    /// - Parameters:
    ///   - told: the probabilities the session is opened with, where they are not those of the scheme.
    ///   - matrix: explicit coefficients, in place of a name.
    init(
        _ scheme: HeterogeneousCase, _ name: Name = .optimal, matrix: [[Rational]]? = nil, told: [Rational]? = nil,
        dimension: Int
    ) {
        self.scheme = scheme
        opening = .init(
            allocation: scheme.allocation, probabilities: told ?? scheme.probabilities,
            coefficients: matrix.map { .matrix($0) } ?? .named(name), dimension: dimension)
        let known = HeterogeneousCase(
            "told", probabilities: told ?? scheme.probabilities,
            holders: scheme.allocation[0].indices.map { j in
                scheme.allocation.indices.filter { scheme.allocation[$0][j] == 1 }
            })
        let ones = [Rational](repeating: 1, count: scheme.probabilities.count)
        if let explicit = matrix.flatMap({ RationalMatrix($0) }) {
            (weights, encoding) = (ones, explicit)
        } else {
            let code = known.code
            switch name {
            case .optimal, .leastSquares:
                let gauge = code.gauge()
                (weights, encoding) = (gauge.weights, gauge.encoding)
            case .ignore: (weights, encoding) = (ones, code.ignoringCoefficients)
            case .blind:
                guard let C = try? code.blindCoefficients() else { preconditionFailure("no dead worker holds data") }
                (weights, encoding) = (ones, C)
            case .stochastic:
                guard let C = try? code.stochasticCoefficients() else { preconditionFailure("not everybody is dead") }
                (weights, encoding) = (ones, C)
            }
        }
    }

    var workers: Int { scheme.probabilities.count }
    var partitions: Int { scheme.allocation[0].count }
    var dimension: Int { opening.dimension }
    /// C.
    var coefficients: [[Rational]] { weights.indices.map { i in encoding.row(i).map { weights[i] * $0 } } }

    /// The weights of a set of responders: fixed, or those of least squares.
    func weights(of responders: [Int]) -> [Rational] {
        if opening.coefficients == .named(.leastSquares), let set = try? WorkerSet(responders, of: workers) {
            return encoding.leastSquaresDecoding(responders: set).vector
        }
        return weights.indices.map { responders.contains($0) ? weights[$0] : 0 }
    }

    /// α of a set of responders.
    func recovered(_ responders: [Int]) -> [Rational] { encoding.multiplied(byRow: weights(of: responders)) }

    /// How far a coordinate of the update may be from Σ_j α_j g_j: the rounding of a decode in gauge A, and where the subject
    /// computes the coefficients itself that of its odds (`docs/HeterogeneousGradientCode.md#float32`).
    func bound(_ responders: [Int], _ values: [Rational]) -> Rational {
        let vector = weights(of: responders)
        let decoding = ForwardError.decodeBound(
            matrix: encoding, vector: vector, responders: responders.count, gradients: values)
        guard case .named = opening.coefficients else { return decoding }
        let size = responders.map { i in
            values.indices.map { j in (vector[i] * encoding[i, j] * values[j]).magnitude }.total
        }.total
        let odds = OddsBound.relative(terms: workers, opening.probabilities, .binary32)
        return decoding + 2 * odds * size
    }
}

/// The input of one round, and what a right outcome is.
struct HeterogeneousRoundCase: Sendable {
    let gradients: [[Float]]
    /// In the order in which they are listed.
    let responders: [Int]
    /// Partitions whose gradient is not finite.
    var spoilt: [Int] = []
    var spoiltValue: Float = .nan

    /// Any round of a scheme.
    init(_ choices: inout Choices, of session: HeterogeneousSessionCase) {
        gradients = (0..<session.partitions).map { _ in
            (0..<session.dimension).map { _ in Float(choices.integer(in: 0...0x1ff_ffff) - 0x100_0000) * 0x1p-20 }
        }
        responders = choices.shuffled(choices.subset(of: 0..<session.workers))
        // Only what every holder uses: whether a coefficient 0 touches its gradient is left open.
        let used = (0..<session.partitions).filter { j in
            (0..<session.workers).allSatisfy { i in
                session.scheme.allocation[i][j] == 0 || !session.encoding[i, j].isZero
            }
        }
        if choices.integer(in: 0...4) == 4 { spoilt = choices.subset(of: used) }
        spoiltValue = choices.element(of: [.nan, .infinity, -.infinity])
    }

    /// The given round.
    init(gradients: [[Float]], responders: [Int]) {
        self.gradients = gradients
        self.responders = responders
    }

    var vectors: [Binary32Vector] {
        gradients.enumerated().map { j, values in
            var values = values
            if spoilt.contains(j) { values[values.count - 1] = spoiltValue }
            return Binary32Vector(values)
        }
    }

    var input: HeterogeneousGradientCode.Round { .init(gradients: vectors, responders: responders) }

    func excluded(_ session: HeterogeneousSessionCase) -> [Int] {
        responders.filter { i in spoilt.contains { session.scheme.allocation[i][$0] == 1 } }.sorted()
    }

    /// The enclosure of the update.
    ///
    /// - Parameter partitions: 1 for the sum, m for the mean.
    func enclosure(_ session: HeterogeneousSessionCase, dividedBy partitions: Int) -> FloatExpectation {
        let excluded = excluded(session)
        let left = responders.filter { !excluded.contains($0) }.sorted()
        let α = session.recovered(left)
        let share = Rational(1, partitions)
        var (center, bound): ([Rational], [Rational]) = ([], [])
        for d in gradients[0].indices {
            let values = gradients.indices.map { spoilt.contains($0) ? 0 : GradientCode.exact(gradients[$0][d]) }
            let sum = α.innerProduct(values)
            let error = session.bound(left, values)
            let rounding =
                partitions == 1
                ? 0 : ForwardError.factor(roundings: 2) * (sum.magnitude + error) * share + ForwardError.underflow
            center.append(share * sum)
            bound.append(share * error + rounding)
        }
        return .enclosure(center: center, bound: bound, derivation: "theorem-8")
    }
}

/// An open session, and the judgement of its replies.
struct HeterogeneousSession: Sendable {
    let scheme: HeterogeneousSessionCase
    let number: Int
    let examiner: Examiner

    init(_ scheme: HeterogeneousSessionCase, _ examiner: Examiner) {
        self.scheme = scheme
        self.examiner = examiner
        number = examiner.newSession()
    }

    var open: Command { .open(session: number, scheme.opening) }
    var close: Command { .close(session: number) }
    func round(_ round: HeterogeneousRoundCase) -> Command { .round(session: number, round.input) }

    /// Opens, asks all rounds, closes, judges.
    func judge(_ rounds: [HeterogeneousRoundCase]) async throws {
        let replies = try await examiner.replies(to: [open] + rounds.map(round) + [close])
        for (index, round) in rounds.enumerated() {
            let before = [open] + rounds.prefix(index + 1).map(self.round)
            try judge(replies[index + 1], of: round, after: before)
        }
    }

    /// The outcome of a reply.
    func outcome(_ reply: Reply, after commands: [Command]) throws -> HeterogeneousGradientCode.Round.Outcome {
        switch try Examiner.typed(reply) as Result<HeterogeneousGradientCode.Round.Outcome, Refusal> {
        case .success(let outcome): return outcome
        case .failure(let refusal): throw Violation(commands: commands, Examiner.refused(refusal))
        }
    }

    func judge(_ reply: Reply, of round: HeterogeneousRoundCase, after commands: [Command]) throws {
        let outcome = try outcome(reply, after: commands)
        func fail(_ mismatch: Mismatch) -> Violation { Violation(commands: commands, mismatch) }
        guard outcome.excluded == round.excluded(scheme) else {
            throw fail(
                Mismatch("other workers are excluded", expected: round.excluded(scheme), received: outcome))
        }
        let partitions = examiner.conventions.aggregate == .mean ? scheme.partitions : 1
        if let mismatch = round.enclosure(scheme, dividedBy: partitions).mismatch(of: outcome.update, profile: .core) {
            throw fail(mismatch)
        }
        guard let decoded = outcome.decoded else { return }
        guard decoded.count == scheme.workers,
            decoded.indices.allSatisfy({ round.responders.contains($0) == (decoded[$0] != nil) })
        else {
            throw fail(
                Mismatch("not one message a responder", expected: "null for stragglers only", received: outcome))
        }
    }

    /// The sum of an outcome, exact, whatever the subject's convention.
    func sum(_ outcome: HeterogeneousGradientCode.Round.Outcome, after commands: [Command]) throws -> [Rational] {
        guard outcome.update.isFinite, outcome.update.count == scheme.dimension else {
            throw Violation(
                commands: commands,
                Mismatch("not a finite update", expected: "\(scheme.dimension) finite coordinates", received: outcome))
        }
        let scale = Rational(examiner.conventions.aggregate == .mean ? scheme.partitions : 1)
        return outcome.update.values.map { scale * GradientCode.exact($0) }
    }
}
