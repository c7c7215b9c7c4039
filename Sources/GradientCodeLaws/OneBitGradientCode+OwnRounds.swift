import ExactArithmetic
import GradientCodeOperations
import GradientCodeVectors
import GradientCodes

/// Signs and stragglers of rounds.
struct OwnRounds {
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
