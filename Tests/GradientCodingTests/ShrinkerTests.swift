import GradientCodeBuiltIn
import GradientCodeConformance
import GradientCodeLaws
import GradientCodeOperations
import GradientCodes
import Testing

@Suite struct ShrinkerTests {
    @Test func `choices replay what they made`() {
        var first = Choices(seed: 9)
        let drawn = (0..<20).map { _ in first.integer(in: 0...1000) }
        var again = Choices(replaying: first.made)
        #expect((0..<20).map { _ in again.integer(in: 0...1000) } == drawn)
        #expect(again.integer(in: 5...9) == 5)
    }

    @Test func `a draw stays in its range, both ends included`() {
        var seen: Set<Int> = []
        for seed in 0..<200 {
            var choices = Choices(seed: UInt64(seed))
            seen.insert(choices.integer(in: -2...2))
        }
        #expect(seen == [-2, -1, 0, 1, 2])
    }

    @Test func `a wrong decoder is shown on the smallest matrix that shows it`() async throws {
        let law = try #require(Laws.named("gradientCode.anyMatrix"))
        let examination = await law.examine(try damaged("leastSquaresCalledExact"), seed: 5)
        guard case .failed(let violation, let choices) = examination.outcome else {
            Issue.record("the mutant survived")
            return
        }
        // One worker with one partition: the zero row, asked about itself or about nobody.
        #expect(violation.question.contains(#""matrix":[["0/1"]]"#), "\(violation.question)")
        #expect(choices.allSatisfy { $0 == 0 } || choices.count <= 6)
    }

    @Test func `a shrunk counterexample fails again, and not on the right implementation`() async throws {
        let law = try #require(Laws.named("gradientCode.roundsRecover"))
        let mutant = try damaged("stragglersIncluded")
        let examination = await law.examine(mutant, seed: 0)
        guard case .failed(let violation, let choices) = examination.outcome else {
            Issue.record("the mutant survived")
            return
        }
        guard case .failed(let again, _) = await law.replay(choices, on: mutant, seed: 0).outcome else {
            Issue.record("the counterexample does not fail again")
            return
        }
        #expect(again.mismatch == violation.mismatch)
        #expect(await law.replay(choices, on: BuiltIn.subject, seed: 0).outcome == .passed)
    }
}
