import ExactArithmetic
import GradientCodeLaws
import GradientCodeTheory
import Testing

@Suite struct StatisticalClaimTests {
    @Test func `all claims of a run together raise a false alarm with probability at most 10⁻⁹`() {
        let tests = StatisticalClaim.all.map(\.tests).reduce(0, +)
        #expect(tests > 0)
        #expect(Rational(tests) * StatisticalClaim.level <= Rational(10).power(-9))
    }

    @Test(arguments: StatisticalClaim.all.map(\.claim))
    func `the stated effect is missed with probability at most 10⁻⁶`(_ claim: StatisticalClaim) {
        let test = BinomialTest(
            trials: claim.trials, between: claim.probability, and: claim.probability, level: StatisticalClaim.level)
        for shift in [claim.effect, -claim.effect] {
            #expect(test.missProbability(claim.probability + shift) <= Rational(10).power(-6), "\(claim.name)")
            // A third of the effect is too small: the number of trials is no larger than it need be.
            #expect(test.missProbability(claim.probability + shift / 3) > Rational(1, 2), "\(claim.name)")
        }
        #expect(test.missProbability(claim.probability) >= 1 - StatisticalClaim.level)
    }
}
