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

    /// Responders whose sum the theorems fix: with the optimal code all exact workers, who may share as they like, and no
    /// dead one, whose coefficient is free.
    func settled(_ responders: [Int]) -> [Int] {
        guard opening.coefficients == .named(.optimal) else { return responders }
        let p = opening.probabilities
        let exact = p.indices.filter { p[$0].isZero && !responders.contains($0) }
        return responders.filter { p[$0] != 1 } + exact
    }

    /// Whether the coefficients of a worker are fixed by the theorems.
    func isSettled(_ worker: Int) -> Bool {
        guard opening.coefficients == .named(.optimal) else { return true }
        return opening.probabilities[worker] != 1 && !opening.probabilities[worker].isZero
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
    ///
    /// - Parameter isSettled: false for rounds whose sum follows from our edge rules only.
    init(_ choices: inout Choices, of session: HeterogeneousSessionCase, isSettled: Bool = true) {
        gradients = (0..<session.partitions).map { _ in
            (0..<session.dimension).map { _ in Float(choices.integer(in: 0...0x1ff_ffff) - 0x100_0000) * 0x1p-20 }
        }
        let drawn = choices.subset(of: 0..<session.workers)
        responders = choices.shuffled(isSettled ? session.settled(drawn) : drawn)
        // Only what every holder uses: whether a coefficient 0 touches its gradient is left open, and so is how several
        // exact workers share.
        let used = (0..<session.partitions).filter { j in
            let holders = (0..<session.workers).filter { session.scheme.allocation[$0][j] == 1 }
            return holders.allSatisfy { !session.encoding[$0, j].isZero }
                && holders.count { !session.isSettled($0) } <= 1
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
        if let reason = outcome.decoded.flatMap({ defect(ofDecoded: $0, in: round, excluded: outcome.excluded) }) {
            throw fail(Mismatch(reason, expected: "null for stragglers, else θ_i Σ_j c_ij g_j", received: outcome))
        }
    }

    /// What is wrong with the coded gradients that a subject says it sent; nil where nothing is.
    ///
    /// They are in a gauge of its own: y_i = θ_i (z_i + e_i) with z_i = Σ_j c_ij g_j and |e_i| within the error E_i of an
    /// encoding. So |y_id z_ik − y_ik z_id| ≤ |θ_i| (E_id |z_ik| + E_ik |z_id|), and |θ_i| ≤ |y_ik| / (|z_ik| − E_ik) for
    /// the coordinate k where z_i is best known. A worker without data may be null.
    private func defect(
        ofDecoded decoded: [Binary32Vector?], in round: HeterogeneousRoundCase, excluded: [Int]
    ) -> String? {
        guard decoded.count == scheme.workers else { return "not one message, or null, a worker" }
        for i in decoded.indices {
            let hasData = scheme.scheme.allocation[i].contains(1)
            guard let message = decoded[i] else {
                if hasData, round.responders.contains(i) { return "responder \(i) sent nothing" }
                continue
            }
            guard round.responders.contains(i) else { return "worker \(i) straggles and sent something" }
            guard message.count == scheme.dimension else { return "the message of worker \(i) has another dimension" }
            guard !excluded.contains(i) else { continue }
            guard message.isFinite else { return "the message of worker \(i) is not finite, and is not excluded" }
            guard scheme.isSettled(i), hasData else { continue }
            let y = message.values.map(GradientCode.exact)
            let row = scheme.encoding.row(i).map { $0 * scheme.weights[i] }
            let columns = y.indices.map { d in
                round.gradients.indices.map {
                    round.spoilt.contains($0) ? 0 : GradientCode.exact(round.gradients[$0][d])
                }
            }
            let z = columns.map { row.innerProduct($0) }
            let relative =
                ForwardError.factor(roundings: row.count + 2)
                + 2 * OddsBound.relative(terms: scheme.workers, scheme.opening.probabilities, .binary32)
            let E = columns.map { column in
                relative * zip(row, column).map { ($0 * $1).magnitude }.total + ForwardError.underflow
            }
            guard let k = z.indices.max(by: { z[$0].magnitude - E[$0] < z[$1].magnitude - E[$1] }),
                z[k].magnitude > 2 * E[k]
            else { continue }
            let θ = y[k].magnitude / (z[k].magnitude - E[k])
            for d in y.indices
            where (y[d] * z[k] - y[k] * z[d]).magnitude > θ * (E[d] * z[k].magnitude + E[k] * z[d].magnitude) {
                return "the message of worker \(i) is no multiple of its coded gradient"
            }
        }
        return nil
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
