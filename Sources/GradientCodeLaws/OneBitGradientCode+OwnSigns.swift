import ExactArithmetic
import GradientCodeOperations
import GradientCodeVectors
import GradientCodes

/// Signs of `oneBit.quantize`, read by the subject's own `aggregate`.
struct OwnSigns {
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
