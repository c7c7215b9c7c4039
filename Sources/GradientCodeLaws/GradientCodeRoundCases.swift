import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

/// One round: gradients, responders, and what any right implementation makes of them.
struct RoundCase: Sendable {
    private(set) var decoding: DecodingCase
    let gradients: [[Float]]
    private let spoilt: [Int]
    private let spoiltValue: Float
    private let spoiltCoordinate: Int

    init(_ choices: inout Choices, code: CodeCases.Case?) {
        var decoding = DecodingCase(&choices)
        if let code {
            let members = decoding.responders.filter { $0 < code.workers }
            guard let responders = try? WorkerSet(members, of: code.workers) else { preconditionFailure("in range") }
            decoding = DecodingCase(code, responders)
        }
        let dimension = 2
        gradients = (0..<decoding.code.matrix.columns).map { _ in
            (0..<dimension).map { _ in Float(choices.integer(in: 0...0x1ff_ffff) - 0x100_0000) * 0x1p-20 }
        }
        spoilt = choices.integer(in: 0...4) == 4 ? choices.subset(of: 0..<decoding.code.matrix.columns) : []
        spoiltValue = choices.element(of: [.nan, .infinity, -.infinity])
        spoiltCoordinate = choices.integer(in: 0...dimension - 1)
        self.decoding = decoding
    }

    /// Replaces the responders.
    mutating func respond(_ responders: WorkerSet) { decoding = DecodingCase(decoding.code, responders) }

    /// Responders that hold a gradient which is not finite, ascending.
    var excluded: [Int] {
        decoding.responders.filter { worker in spoilt.contains { !decoding.code.matrix[worker, $0].isZero } }
    }

    /// Decodability and vector once those are left out.
    var effective: DecodingCase { DecodingCase(decoding.code, decoding.responders.removing(excluded)) }

    var input: GradientCode.Round {
        let vectors = gradients.enumerated().map { j, values in
            var values = values
            if spoilt.contains(j) { values[spoiltCoordinate] = spoiltValue }
            return Binary32Vector(values)
        }
        return GradientCode.Round(gradients: vectors, responders: decoding.responders.members)
    }

    /// What a worker's coded gradient must be within: Σ_j b_ij g_j, the coefficients rounded once.
    func codedGradient(_ worker: Int) -> FloatExpectation {
        let row = decoding.code.matrix.row(worker)
        let support = row.indices.filter { !row[$0].isZero }
        let columns = gradients[0].indices.map { d in support.map { Rational(exactly: gradients[$0][d]) ?? 0 } }
        let coefficients = support.map { row[$0] }
        return .enclosure(
            center: columns.map { coefficients.innerProduct($0) },
            bound: columns.map { ForwardError.roundedCombinationBound(coefficients: coefficients, values: $0) },
            derivation: "recover")
    }

    /// What the update must be within, coordinate by coordinate; nil where nothing can be recovered.
    ///
    /// Every partition is held by a responder of a decodable set, so no gradient of one is spoilt.
    ///
    /// - Parameter partitions: 1 for the sum, k for the mean.
    func enclosure(dividedBy partitions: Int) -> FloatExpectation? {
        let effective = effective
        guard effective.vector != nil else { return nil }
        let columns = gradients[0].indices.map { d in gradients.map { Rational(exactly: $0[d]) ?? 0 } }
        let share = Rational(1, partitions)
        let bounds = columns.map { values in
            let bound = ForwardError.anyDecodeBound(
                matrix: decoding.code.matrix, responders: effective.responders.members, gradients: values)
            // A mean takes a rounded 1/k or a division, and one more rounding, on top of the error of the sum.
            let rounding =
                partitions == 1 ? 0 : ForwardError.factor(roundings: 2) * (values.total.magnitude + bound)
            return share * (bound + rounding) + (partitions == 1 ? 0 : ForwardError.underflow)
        }
        return .enclosure(center: columns.map { $0.total * share }, bound: bounds, derivation: "recover-any")
    }
}

/// A session of rounds and the judgement of its replies.
struct RoundsUnderTest: Sendable {
    let number: Int
    let opening: Command

    init(_ number: Int, _ round: RoundCase, probabilities: [Rational]? = nil) {
        self.number = number
        let session = GradientCode.Session(
            code: round.decoding.code.explicit, dimension: round.gradients[0].count, probabilities: probabilities)
        opening = .open(session: number, session)
    }

    func command(_ round: RoundCase) -> Command { .round(session: number, round.input) }

    func judge(_ rounds: [RoundCase], by examiner: Examiner) async throws {
        let commands = [opening] + rounds.map(command) + [.close(session: number)]
        let replies = try await examiner.replies(to: commands)
        for (index, round) in rounds.enumerated() {
            try judge(replies[index + 1], of: round, after: Array(commands[...(index + 1)]), by: examiner)
        }
    }

    func judge(_ reply: Reply, of round: RoundCase, after commands: [Command], by examiner: Examiner) throws {
        func fail(_ mismatch: Mismatch) -> Violation { Violation(commands: commands, mismatch) }
        let outcome: GradientCode.Round.Outcome
        switch try Examiner.typed(reply) as Result<GradientCode.Round.Outcome, Refusal> {
        case .success(let success): outcome = success
        case .failure(let refusal): throw fail(Examiner.refused(refusal))
        }
        let effective = round.effective
        guard (outcome.update == nil) == (effective.vector == nil) else {
            let expected = effective.vector == nil ? "null" : "the sum of the gradients"
            throw fail(Mismatch("decodability is wrong", expected: expected, received: outcome))
        }
        guard outcome.excluded == round.excluded else {
            throw fail(Mismatch("other workers are excluded", expected: round.excluded, received: outcome))
        }
        let partitions = examiner.conventions.aggregate == .mean ? round.gradients.count : 1
        if let update = outcome.update {
            if let mismatch = round.enclosure(dividedBy: partitions)?.mismatch(of: update, profile: .core) {
                throw fail(mismatch)
            }
            guard update.isFinite, update.count == round.gradients[0].count else {
                throw fail(Mismatch("not a finite update", expected: "finite coordinates", received: outcome))
            }
        }
        guard let decoded = outcome.decoded else { return }
        guard decoded.count == round.decoding.code.workers,
            decoded.indices.allSatisfy({ round.decoding.responders.contains($0) || decoded[$0] == nil })
        else { throw fail(Mismatch("stragglers must be silent", expected: "null for stragglers", received: outcome)) }
        for worker in round.decoding.responders where !round.excluded.contains(worker) {
            guard let message = decoded[worker] else {
                throw fail(Mismatch("responder \(worker) is silent", expected: "its coded gradient", received: outcome))
            }
            if let mismatch = round.codedGradient(worker).mismatch(of: message, profile: .core) { throw fail(mismatch) }
        }
    }
}
