public import ExactArithmetic
import GradientCodeOperations
import GradientCodeTheory

/// A claim about a subject's own randomness: an event has a stated probability (`docs/numerics.md#own-randomness`).
///
/// The number of trials is fixed in advance by the effect to be detected. All claims of a run together raise a false alarm
/// with probability at most 10⁻⁹: each test has the level 2⁻⁴⁰, and there are fewer than a thousand of them.
public struct StatisticalClaim: Hashable, Sendable {
    /// The level of one test.
    public static let level = Rational(2).power(-40)

    /// What is claimed.
    public let name: String
    /// How many independent trials are made.
    public let trials: Int
    /// The probability of the event.
    public let probability: Rational
    /// The smallest deviation of the probability that is missed with probability at most 10⁻⁶.
    public let effect: Rational

    /// All claims that laws make, each with how often it is tested in a run.
    public static let all: [(claim: StatisticalClaim, tests: Int)] = OneBitClaims.all

    /// What is wrong with so many occurrences.
    ///
    /// - Parameter slack: how far a subject's probability may be from the stated one.
    func mismatch(_ occurrences: Int, slack: Rational) -> Mismatch? {
        let test = BinomialTest(
            trials: trials, between: max(0, probability - slack), and: min(1, probability + slack), level: Self.level)
        guard !test.accepted.contains(occurrences) else { return nil }
        return Mismatch(
            "\(name): too \(occurrences < test.accepted.lowerBound ? "rare" : "frequent") in \(trials) trials",
            expected: "\(test.accepted.lowerBound) to \(test.accepted.upperBound) times", received: occurrences)
    }
}
