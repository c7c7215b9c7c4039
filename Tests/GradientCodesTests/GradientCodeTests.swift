import GradientCodes
import Testing

@Suite struct GradientCodeTests {
    @Test func `a code has the sizes of its construction`() throws {
        let repetition = GradientCode.fractionalRepetition(
            try FractionalRepetitionCode(workers: 7, stragglers: 2, partitions: 5))
        #expect((repetition.workers, repetition.partitions, repetition.stragglers) == (7, 5, 2))
        let cyclic = GradientCode.cyclicRepetition(try CyclicRepetitionCode(workers: 6, stragglers: 4))
        #expect((cyclic.workers, cyclic.partitions, cyclic.stragglers) == (6, 6, 4))
    }

    @Test func `codes of the limit's size are accepted`() {
        #expect(refusal(try CyclicRepetitionCode(workers: 65_536, stragglers: 3)) == nil)
        #expect(refusal(try FractionalRepetitionCode(workers: 65_536, stragglers: 3)) == nil)
        #expect(refusal(try FractionalRepetitionCode(workers: 65_536, stragglers: 0, partitions: 65_536)) == nil)
    }
}
