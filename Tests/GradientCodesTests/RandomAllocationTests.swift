import GradientCodes
import Testing

@Suite struct RandomAllocationTests {
    @Test func `the example of the randomness contract`() throws {
        let allocation = try Allocation.random(seed: 7, workers: 5, replication: [2, 3, 1])
        #expect(allocation.rows == [[0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 1], [1, 1, 0]])
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a partition is held by the workers whose words few others undercut`(seed: UInt64) throws {
        let allocation = try Allocation.random(seed: seed, workers: 7, replication: [1, 2, 3, 4, 5, 6, 7])
        for k in 0..<7 {
            let words = (0..<7).map { Philox.draw(seed: seed, stream: .allocation, t: 0, i: UInt32(k), j: $0) }
            #expect(allocation.workers(of: k) == (0..<7).filter { i in words.count { $0 < words[i] } <= k })
        }
    }

    @Test func `of two workers with equal words the lower one holds the partition`() throws {
        // Found by search: words 5 and 7 are equal, and 37 of the 64 are smaller.
        let words = (0..<64).map { Philox.draw(seed: 1_279_637, stream: .allocation, t: 0, i: 0, j: $0) }
        #expect(words[5] == words[7] && words.count { $0 < words[5] } == 37)
        let allocation = try Allocation.random(seed: 1_279_637, workers: 64, replication: [38])
        #expect(allocation.holds(worker: 5, partition: 0) && !allocation.holds(worker: 7, partition: 0))
    }

    @Test func `an impossible replication is refused, and a lost partition after it`() {
        func kind(_ workers: Int, _ replication: [Int]) -> Refusal.Kind? {
            refusal(try Allocation.random(seed: 1, workers: workers, replication: replication))
        }
        #expect(kind(3, []) == .invalidParameters)
        #expect(kind(0, [1]) == .invalidParameters)
        #expect(kind(.max, [1]) == .invalidParameters)
        #expect(kind(3, [1, 4]) == .invalidParameters)
        #expect(kind(3, [1, -1]) == .invalidParameters)
        #expect(kind(3, [0, 4]) == .invalidParameters)
        #expect(kind(3, [1, 0]) == .infeasiblePartition)
        #expect(kind(65_536, [Int](repeating: 1, count: 1025)) == .invalidParameters)
    }
}
