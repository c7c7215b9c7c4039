import ExactArithmetic
import GradientCodeKernels
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

@Suite struct CooperativeSimulationTests {
    @Test func `both bodies count the same, and counts add up`() throws {
        for (M, s) in [(1, 0), (3, 1), (4, 3), (10, 3)] {
            let scheme = try CooperativeGradientCode(clients: M, stragglers: s)
            let model = try heterogeneous(M, case: M)
            let fast = CooperativeSimulation(scheme, model, seed: 7)
            let portable = CooperativeSimulation(scheme, model, seed: 7, accelerated: false)
            #expect(fast.successes(groups: 0..<6) == portable.successes(groups: 0..<6))
            #expect(
                portable.successes(groups: 0..<2) + portable.successes(groups: 2..<6)
                    == portable.successes(groups: 0..<6))
        }
    }

    @Test func `a group is made of the words that its order says`() throws {
        // One client whose uplink fails with probability 3/8 = 0.011 in binary: three vectors decide.
        let scheme = try CooperativeGradientCode(clients: 1, stragglers: 0)
        let model = try CooperativeLinkModel(clients: 1, uplink: Probability(3, 8), link: .zero)
        var successes = 0
        for lane in 0..<8 {
            func vector(_ index: Int) -> UInt64 {
                let block = Philox.block(
                    counter: SIMD4(UInt32(8 * (index / 2) + lane), 0, 5, CooperativeSimulation.stream.rawValue),
                    key: SIMD2(9, 0))
                let first = 2 * (index % 2)
                return UInt64(block[first]) | UInt64(block[first + 1]) << 32
            }
            // The draw is below 0.011 if its bits are 000, 001 or 010.
            let below = ~vector(0) & (~vector(1) | ~vector(2))
            successes += 64 - below.nonzeroBitCount
        }
        #expect(CooperativeSimulation(scheme, model, seed: 9, accelerated: false).successes(groups: 5..<6) == successes)
        #expect(CooperativeSimulation(scheme, model, seed: 9).successes(groups: 5..<6) == successes)
    }

    @Test func `frequencies are those of the exact outage`() throws {
        for (M, s, number) in [(3, 1, 0), (5, 2, 2), (10, 3, 1)] {
            let scheme = try CooperativeGradientCode(clients: M, stragglers: s)
            let model =
                number == 1
                ? try CooperativeLinkModel(clients: M, uplink: Probability(1, 10), link: Probability(1, 5))
                : try heterogeneous(M, case: number)
            let success = 1 - scheme.outage(model.realised)
            let groups = 100
            let test = BinomialTest(
                trials: 512 * groups, between: bounded(success, .below), and: bounded(success, .above),
                level: Rational(1, 1_000_000_000))
            let count = CooperativeSimulation(scheme, model, seed: 20_240_319).successes(groups: 0..<groups)
            #expect(test.accepted.contains(count))
            // A simulation of the wrong threshold would be seen.
            let wrong = CooperativeOutage(
                complete: scheme.completeness(model), delivered: model.uplinkOutage.map { 1 - Rational($0) },
                threshold: scheme.threshold - 1
            ).success
            if wrong != success { #expect(!test.accepted.contains(Int(Double(wrong) * Double(512 * groups)))) }
        }
    }

    private enum Side { case below, above }

    /// A number of few digits beside another, so that its tails are quick.
    private func bounded(_ value: Rational, _ side: Side) -> Rational {
        let scaled = value * Rational(1 << 30)
        return (side == .below ? scaled.floor : scaled.ceiling) / Rational(1 << 30)
    }

    @Test func `partial sums leave out what is not available`() throws {
        let available = try WorkerSet([0, 2], of: 3)
        let gradients: [[Float]] = [[1, 2], [.nan, 0], [3, -1]]
        #expect(
            CooperativeGradientCode.partialSum(coefficients: [2, 5, -1], available: available, gradients: gradients)
                == [-1, 5])
        let all = WorkerSet.all(3)
        #expect(
            CooperativeGradientCode.partialSum(coefficients: [2, 5, -1], available: all, gradients: gradients) == nil)
        #expect(try CooperativeGradientCode.mean(ofRecovered: [[1, 2], [3, 5]]) == [2, 3.5])
        #expect(try CooperativeGradientCode.mean(coefficients: [2, 0], rows: [[1], [9]], clients: 4) == [0.5])
    }
}
