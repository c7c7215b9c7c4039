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
struct Claims {
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
