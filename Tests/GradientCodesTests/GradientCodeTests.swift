import GradientCodes
import Testing

@Suite struct GradientCodeTests {
    @Test func `a code has the sizes of its construction`() throws {
        let repetition = GradientCode.fractionalRepetition(
            try FractionalRepetitionCode(workers: 7, stragglers: 2, partitions: 5))
        #expect((repetition.workers, repetition.partitions, repetition.stragglers) == (7, 5, 2))
        let cyclic = GradientCode.cyclicRepetition(try CyclicRepetitionCode(workers: 6, stragglers: 4))
        #expect((cyclic.workers, cyclic.partitions, cyclic.stragglers) == (6, 6, 4))
        let circulant = GradientCode.cyclicRepetition(
            try CyclicRepetitionCode(workers: 6, stragglers: 3, construction: .circulant([1, 2, 2, 1])))
        #expect((circulant.workers, circulant.partitions, circulant.stragglers) == (6, 6, 3))
        let nullSpace = GradientCode.nullSpace(
            try NullSpaceCode(workers: 4, parityCheck: [[1, -1, 0, 0], [3, 0, 0, -3]]))
        #expect((nullSpace.workers, nullSpace.partitions, nullSpace.stragglers) == (4, 4, 2))
    }

    @Test func `an approximate code has sizes and promises no stragglers`() throws {
        let bernoulli = GradientCode.bernoulli(
            try BernoulliCode(workers: 4, partitions: 9, density: Probability(1, 3), seed: 5))
        #expect((bernoulli.workers, bernoulli.partitions) == (4, 9) && bernoulli.stragglers == nil)
        let graph = GradientCode.graph(try GraphCode(partitions: 5, ends: [[0, 1], [1, 2]]))
        #expect((graph.workers, graph.partitions) == (2, 5) && graph.stragglers == nil)
        let stochastic = GradientCode.stochastic(
            try StochasticGradientCode(allocation: Allocation([[1, 0, 1], [0, 1, 1]]), straggling: Probability(1, 4)))
        #expect((stochastic.workers, stochastic.partitions) == (2, 3) && stochastic.stragglers == nil)
    }

    @Test func `codes of the limit's size are accepted`() {
        #expect(refusal(try CyclicRepetitionCode(workers: 65_536, stragglers: 3)) == nil)
        #expect(refusal(try FractionalRepetitionCode(workers: 65_536, stragglers: 3)) == nil)
        #expect(refusal(try FractionalRepetitionCode(workers: 65_536, stragglers: 0, partitions: 65_536)) == nil)
    }
}
