import GradientCodes
import Testing

@Suite struct RefusalTests {
    @Test func `a refusal shows its kind and its reason`() {
        let refusal = Refusal(.nonDivisible, "5 workers in groups of 2")
        #expect(refusal.kind == .nonDivisible)
        #expect(refusal.reason == "5 workers in groups of 2")
        #expect(refusal.description == "nonDivisible: 5 workers in groups of 2")
    }

    @Test func `the kinds are the names of the protocol`() {
        let names = """
            invalidParameters invalidProbability nonFinite outOfRange dimensionMismatch malformedMessage \
            infeasiblePartition nodesNotSorted nonDivisible duplicateWorker indexOutOfRange
            """
        #expect(Refusal.Kind.allCases.map(\.rawValue) == names.split(separator: " ").map(String.init))
    }

    @Test func `what is refused is named with the value and the range expected`() {
        #expect(throws: Refusal(.invalidParameters, "4 stragglers; expected 0..<4")) {
            try CyclicRepetitionCode(workers: 4, stragglers: 4)
        }
    }
}
