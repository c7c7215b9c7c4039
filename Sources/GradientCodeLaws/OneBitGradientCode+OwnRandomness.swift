import ExactArithmetic
import GradientCodeOperations
import GradientCodeVectors
import GradientCodes

/// The claims about a subject's own signs.
enum OneBitClaims {
    /// +B at x = B/2: a bias of 10⁻² B shifts the probability by 1/200.
    static let positive = StatisticalClaim(
        name: "+B at x = B/2", trials: 1_179_648, probability: Rational(3, 4), effect: Rational(1, 200))
    /// +B at x = −3B/4.
    static let rare = StatisticalClaim(
        name: "+B at x = −3B/4", trials: 131_072, probability: Rational(1, 8), effect: Rational(1, 75))
    /// Two signs at x = 0 are equal.
    static let equal = StatisticalClaim(
        name: "two signs agree at x = 0", trials: 131_072, probability: Rational(1, 2), effect: Rational(1, 50))
    /// The worker with p = 1/2 straggles, or does the same in two successive rounds.
    static let half = StatisticalClaim(
        name: "p = 1/2", trials: 32_768, probability: Rational(1, 2), effect: Rational(1, 25))
    /// The worker with p = 3/4 straggles.
    static let often = StatisticalClaim(
        name: "a worker with p = 3/4 straggles", trials: 32_768, probability: Rational(3, 4), effect: Rational(1, 25))
    /// Both straggle.
    static let both = StatisticalClaim(
        name: "both workers straggle", trials: 32_768, probability: Rational(3, 8), effect: Rational(1, 25))

    /// Each with how often it is tested in a run: `equal` for five kinds of pairs in `ownSigns` and four in `ownRounds`.
    static let all = [(positive, 2), (rare, 2), (equal, 9), (half, 2), (often, 1), (both, 1)]
}

extension Law {
    static let oneBitOwnRandomness: [Law] = [
        forAll(
            [0], id: "oneBit.ownSigns",
            "With its own generator a subject sends +B with probability (B + x)/(2B), independently over coordinates, workers, rounds and calls.",
            profile: .core, basis: .paper, section: "numerics.md#own-randomness",
            needs: ["oneBit.quantize+free", "oneBit.aggregate"]
        ) { _, examiner in
            try await OwnSigns(examiner).judge()
        },
        forAll(
            [0], id: "oneBit.ownRounds",
            "With its own generator a subject's rounds have fair, independent signs and stragglers of the stated probability.",
            profile: .core, basis: .paper, section: "numerics.md#own-randomness", needs: ["oneBit.round+free"]
        ) { _, examiner in
            try await OwnRounds(examiner).judge()
        },
    ]
}

/// What is common to both: claims with the slack that the subject's draw bits allow.
private struct Claims {
    let examiner: Examiner

    func require(_ claim: StatisticalClaim, _ occurrences: Int, _ pairs: String, _ commands: [Command]) throws {
        let slack = 3 * examiner.conventions.drawStep
        guard let mismatch = claim.mismatch(occurrences, slack: slack) else { return }
        throw Violation(
            commands: commands,
            Mismatch(
                pairs.isEmpty ? mismatch.reason : "\(pairs): \(mismatch.reason)", expected: mismatch.expected,
                received: occurrences))
    }

    /// Samples of the right number.
    func samples<Answer: Record>(_ command: Command, count: Int, of _: Answer.Type) async throws -> [Answer] {
        let reply = try await examiner.replies(to: [command])[0]
        switch try Examiner.typed(reply) as Result<Samples<Answer>, Refusal> {
        case .failure(let refusal): throw Violation(commands: [command], Examiner.refused(refusal))
        case .success(let samples):
            guard samples.samples.count == count else {
                throw Violation(
                    commands: [command],
                    Mismatch("another number of samples", expected: "\(count)", received: samples.samples.count))
            }
            return samples.samples
        }
    }
}

/// Signs of `oneBit.quantize`, read by the subject's own `aggregate`.
private struct OwnSigns {
    private let claims: Claims
    private let dimension = 4096

    init(_ examiner: Examiner) { claims = Claims(examiner: examiner) }

    private func command(x: Float, count: Int, worker: Int = 0, round: Int = 0) -> Command {
        let question = OneBitGradientCode.Quantize(
            x: Binary32Vector(repeatElement(x, count: dimension)), bound: .given([2]), tape: nil)
        return .sample(question, SampleSize(count: count, worker: worker, round: round))
    }

    /// The signs of messages, each read alone.
    private func signs(_ command: Command, count: Int) async throws -> [[Bool]] {
        let messages = try await claims.samples(command, count: count, of: OneBitGradientCode.Quantize.Answer.self)
        let questions = messages.map {
            OneBitGradientCode.Aggregate(messages: [$0.message], bound: .given([2]), dimension: dimension)
        }
        return try await claims.examiner.answers(questions).map(\.update).enumerated().map { index, update in
            guard update.count == dimension, update.values.allSatisfy({ $0.magnitude == 2 }) else {
                throw Violation(
                    questions[index], Mismatch("a coordinate is not ±B", expected: "±2", received: update))
            }
            return update.values.map { $0 > 0 }
        }
    }

    func judge() async throws {
        try await judgeBias()
        let low = command(x: -1.5, count: 32)
        let rare = try await signs(low, count: 32).map { $0.count { $0 } }.reduce(0, +)
        try claims.require(OneBitClaims.rare, rare, "", [low])
        // 33 messages at x = 0: 32 pairs of successive ones, and 65 536 pairs of coordinates of each kind and half.
        let fair = command(x: 0, count: 33)
        let messages = try await signs(fair, count: 33)
        func require(_ pairs: String, _ commands: [Command], _ equal: [Bool]) throws {
            precondition(equal.count == OneBitClaims.equal.trials, "\(equal.count) pairs")
            try claims.require(OneBitClaims.equal, equal.count { $0 }, pairs, commands)
        }
        let successive = zip(messages, messages.dropFirst()).flatMap { pair in zip(pair.0, pair.1).map(==) }
        try require("successive messages", [fair], successive)
        let more = command(x: 0, count: 64, round: 1)
        let later = try await signs(more, count: 64)
        // Disjoint pairs at distance 1 and 64, of all messages.
        for distance in [1, 64] {
            let starts = (0..<dimension).filter { $0 / distance % 2 == 0 }
            let equal = later.flatMap { signs in starts.map { signs[$0] == signs[$0 + distance] } }
            try require("coordinates \(distance) apart", [more], equal)
        }
        let other = command(x: 0, count: 32, worker: 1)
        let otherSigns = try await signs(other, count: 32)
        try require(
            "two workers", [fair, other], zip(messages, otherSigns).flatMap { pair in zip(pair.0, pair.1).map(==) })
        try require(
            "two rounds", [fair, more], zip(messages, later).prefix(32).flatMap { pair in zip(pair.0, pair.1).map(==) })
    }

    /// All messages in one sum: with B = 2, (Y_j/2 + count)/2 of the count messages have + at j.
    private func judgeBias() async throws {
        let (count, batch) = (OneBitClaims.positive.trials / dimension, 32)
        var positive: Rational = 0
        for round in 0..<count / batch {
            let command = command(x: 1, count: batch, round: round)
            let messages = try await claims.samples(
                command, count: batch, of: OneBitGradientCode.Quantize.Answer.self)
            let question = OneBitGradientCode.Aggregate(
                messages: messages.map(\.message), bound: .given([2]), dimension: dimension)
            let update = try await claims.examiner.answer(question).update
            guard update.count == dimension, update.values.allSatisfy({ $0.magnitude <= 2 * Float(batch) }) else {
                throw Violation(
                    question, Mismatch("not a sum of signs", expected: "at most ±\(2 * batch)", received: update))
            }
            positive += update.values.map { (GradientCode.exact($0) / 2 + Rational(batch)) / 2 }.total
        }
        let last = command(x: 1, count: batch, round: count / batch - 1)
        guard positive.isInteger, let occurrences = Int(exactly: positive) else {
            throw Violation(
                commands: [last], Mismatch("not a sum of signs", expected: "an integer", received: positive))
        }
        try claims.require(OneBitClaims.positive, occurrences, "", [last])
    }
}

/// Signs and stragglers of rounds.
private struct OwnRounds {
    private let claims: Claims
    private let dimension = 4096

    init(_ examiner: Examiner) { claims = Claims(examiner: examiner) }

    /// Updates of a round that is sampled, each by the number of its coordinates.
    private func updates(
        _ scheme: OneBitCase, gradient: Float, responders: [Int]?, count: Int
    ) async throws -> (updates: [[Rational]], commands: [Command]) {
        let session = OneBitSession(scheme, claims.examiner)
        let input = OneBitGradientCode.Round(
            gradients: Array(
                repeating: Binary32Vector(repeatElement(gradient, count: scheme.dimension)), count: scheme.code.subsets),
            responders: responders)
        return try await updates(session, input, count: count)
    }

    private func updates(
        _ session: OneBitSession, _ input: OneBitGradientCode.Round, count: Int
    ) async throws -> (updates: [[Rational]], commands: [Command]) {
        let command = Command.sampleRound(session: session.number, input, count: count)
        _ = try await claims.examiner.replies(to: [session.open])
        do {
            let outcomes = try await claims.samples(
                command, count: count, of: OneBitGradientCode.Round.Outcome.self)
            let updates = try outcomes.map { try session.outcome($0, of: input).update }
            _ = try await claims.examiner.replies(to: [session.close])
            return (updates, [session.open, command])
        } catch {
            _ = await claims.examiner.subject.replies(to: [session.close])
            throw error
        }
    }

    func judge() async throws {
        let one = OneBitCase(allocation: [[1]], probabilities: [0], bound: .given([2]), dimension: dimension)
        func require(_ pairs: String, _ commands: [Command], _ equal: [Bool]) throws {
            precondition(equal.count == OneBitClaims.equal.trials, "\(equal.count) pairs")
            try claims.require(OneBitClaims.equal, equal.count { $0 }, pairs, commands)
        }
        // One worker at x = 0.
        let (fair, asked) = try await updates(one, gradient: 0, responders: [0], count: 64)
        let (more, _) = try await updates(one, gradient: 0, responders: [0], count: 33)
        for update in fair + more where !update.allSatisfy({ $0.magnitude == 2 }) {
            throw Violation(commands: asked, Mismatch("a coordinate is not ±B", expected: "±2", received: update))
        }
        try require(
            "successive rounds", asked, zip(more, more.dropFirst()).flatMap { pair in zip(pair.0, pair.1).map(==) })
        for distance in [1, 64] {
            let starts = (0..<dimension).filter { $0 / distance % 2 == 0 }
            try require(
                "coordinates \(distance) apart", asked,
                fair.flatMap { update in starts.map { update[$0] == update[$0 + distance] } })
        }
        // Two workers with the same data at x = 0: their signs agree where the sum is not 0.
        let two = OneBitCase(allocation: [[1], [1]], probabilities: [0, 0], bound: .given([2]), dimension: dimension)
        let (sums, askedTwo) = try await updates(two, gradient: 0, responders: [0, 1], count: 32)
        try require("two workers", askedTwo, sums.flatMap { $0.map { !$0.isZero } })
        try await judgeBias(one)
        let (rare, askedRare) = try await updates(one, gradient: -1.5, responders: [0], count: 32)
        try claims.require(OneBitClaims.rare, rare.map { $0.count { $0 > 0 } }.reduce(0, +), "", askedRare)
        try await judgeStragglers()
    }

    private func judgeBias(_ one: OneBitCase) async throws {
        let batch = 32
        var (positive, commands): (Int, [Command]) = (0, [])
        for _ in 0..<OneBitClaims.positive.trials / dimension / batch {
            let (updates, asked) = try await updates(one, gradient: 1, responders: [0], count: batch)
            positive += updates.map { $0.count { $0 > 0 } }.reduce(0, +)
            commands = asked
        }
        try claims.require(OneBitClaims.positive, positive, "", commands)
    }

    /// Two workers whose coded gradients are 1 and 4, in mode S: the update 0, 1, 4 or 5 tells who responds.
    private func judgeStragglers() async throws {
        let scheme = OneBitCase(
            allocation: [[1, 0], [0, 1]], probabilities: [Rational(1, 2), Rational(3, 4)], bound: .perMessage,
            dimension: 1)
        let count = OneBitClaims.half.trials + 1
        let session = OneBitSession(scheme, claims.examiner)
        let input = OneBitGradientCode.Round(gradients: [[0.5], [1]])
        let (updates, asked) = try await updates(session, input, count: count)
        for update in updates where ![0, 1, 4, 5].contains(update[0]) {
            throw Violation(
                commands: asked, Mismatch("not a sum of coded gradients", expected: "0, 1, 4 or 5", received: update))
        }
        let isSilent = updates.map { (first: $0[0] == 0 || $0[0] == 4, second: $0[0] == 0 || $0[0] == 1) }
        let counted = isSilent.dropLast()
        try claims.require(OneBitClaims.half, counted.count { $0.first }, "worker 0 straggles", asked)
        try claims.require(OneBitClaims.often, counted.count { $0.second }, "", asked)
        try claims.require(OneBitClaims.both, counted.count { $0.first && $0.second }, "", asked)
        let same = zip(isSilent, isSilent.dropFirst()).count { $0.first == $1.first }
        try claims.require(OneBitClaims.half, same, "worker 0 does the same in successive rounds", asked)
    }
}
