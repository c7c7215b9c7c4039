import GradientCodes
import Testing

@Suite struct UniformLoadAllocationsTests {
    @Test(arguments: 1...7)
    func `a worker of a cyclic allocation holds d partitions from its own on`(n: Int) throws {
        for d in 1...n {
            let allocation = try Allocation.cyclic(workers: n, replication: d)
            #expect(allocation.partitions == n)
            for i in 0..<n {
                #expect(Set(allocation.partitions(of: i)) == Set((i..<i + d).map { $0 % n }), "n = \(n), d = \(d)")
            }
            #expect(allocation.loads == [Int](repeating: d, count: n))
            #expect(allocation.replication == [Int](repeating: d, count: n))
            #expect(allocation.isPairwiseBalanced == (d == n || n == 1))
        }
    }

    @Test func `a cyclic allocation is the support of the cyclic code`() throws {
        let code = try CyclicRepetitionCode(workers: 7, stragglers: 2)
        let allocation = try Allocation.cyclic(workers: 7, replication: 3)
        for i in 0..<7 { #expect(allocation.partitions(of: i) == code.window(of: i).sorted()) }
    }

    @Test func `fractional repetition deals workers to groups in turn`() throws {
        let allocation = try Allocation.fractionalRepetition(workers: 4, partitions: 6, replication: 2)
        #expect(
            allocation.rows == [
                [1, 1, 1, 0, 0, 0],
                [0, 0, 0, 1, 1, 1],
                [1, 1, 1, 0, 0, 0],
                [0, 0, 0, 1, 1, 1],
            ])
        #expect(!allocation.isPairwiseBalanced)
    }

    @Test(arguments: [(6, 6, 2), (6, 6, 3), (6, 12, 3), (6, 6, 1), (6, 5, 6), (1, 1, 1), (12, 3, 4)])
    func `fractional repetition is the support of the balanced code`(n: Int, k: Int, d: Int) throws {
        let allocation = try Allocation.fractionalRepetition(workers: n, partitions: k, replication: d)
        let code = try FractionalRepetitionCode(workers: n, stragglers: d - 1, partitions: k)
        for i in 0..<n {
            #expect(allocation.partitions(of: i) == code.partitions(inGroup: code.group(ofWorker: i)))
        }
        #expect(allocation.loads == [Int](repeating: k * d / n, count: n))
        #expect(allocation.replication == [Int](repeating: d, count: k))
        #expect(allocation.isPairwiseBalanced == (d == n))
    }

    @Test func `the Fano plane has its seven lines`() throws {
        let fano = try Allocation.differenceSet([0, 1, 3], modulus: 7)
        let lines = (0..<7).map { fano.partitions(of: $0) }
        #expect(lines == [[0, 1, 3], [1, 2, 4], [2, 3, 5], [3, 4, 6], [0, 4, 5], [1, 5, 6], [0, 2, 6]])
    }

    @Test(arguments: [
        ([0, 1, 3], 7, 1), ([5, 3, 6], 7, 1), ([0, 1, 3, 9], 13, 1), ([0, 1, 4, 14, 16], 21, 1),
        ([1, 3, 4, 5, 9], 11, 2), ([0], 4, 0), ([0, 1, 2], 4, 2), ([0, 1, 2], 3, 3), ([0], 1, 1),
    ])
    func `any two partitions of a block design share equally many workers`(set: [Int], v: Int, λ: Int) throws {
        let design = try Allocation.differenceSet(set, modulus: v)
        for i in 0..<v { #expect(Set(design.partitions(of: i)) == Set(set.map { ($0 + i) % v })) }
        for k in 0..<v {
            for l in 0..<k { #expect(design.common(k, l) == λ) }
        }
        #expect(design.loads == [Int](repeating: set.count, count: v))
        // λ < d²/N unless everybody holds everything: no block design is balanced.
        let deficit = set.count * set.count - λ * v
        #expect(design.balanceGap == (v == 1 ? .zero : try Fraction(UInt64(deficit), UInt64(v))))
        #expect((deficit == 0) == (set.count == v))
    }

    @Test(arguments: [(0, 1), (-1, 1), (4, 0), (4, 5), (4, -1), (4, .min), (.max, 1), (8193, 2)])
    func `a cyclic replication outside 1...N is refused`(n: Int, d: Int) {
        #expect(refusal(try Allocation.cyclic(workers: n, replication: d)) == .invalidParameters)
    }

    @Test func `fractional repetition refuses what does not divide, after what is out of range`() {
        func kind(_ n: Int, _ k: Int, _ d: Int) -> Refusal.Kind? {
            refusal(try Allocation.fractionalRepetition(workers: n, partitions: k, replication: d))
        }
        #expect(kind(6, 6, 4) == .nonDivisible)
        #expect(kind(6, 5, 2) == .nonDivisible)
        #expect(kind(6, 1, 2) == .nonDivisible)
        #expect(kind(6, 6, 0) == .invalidParameters)
        #expect(kind(6, 6, 7) == .invalidParameters)
        #expect(kind(6, 0, 4) == .invalidParameters)
        #expect(kind(0, 6, 2) == .invalidParameters)
        #expect(kind(.max, 6, 2) == .invalidParameters)
        #expect(kind(6, .max, 4) == .invalidParameters)
        #expect(kind(6, 6, .max) == .invalidParameters)
    }

    @Test func `only difference sets make block designs`() {
        func kind(_ set: [Int], _ v: Int) -> Refusal.Kind? {
            refusal(try Allocation.differenceSet(set, modulus: v))
        }
        #expect(kind([0, 1, 3], 0) == .invalidParameters)
        #expect(kind([0, 1, 3], -7) == .invalidParameters)
        #expect(kind([0, 1, 7], 7) == .invalidParameters)
        #expect(kind([0, -1, 3], 7) == .invalidParameters)
        #expect(kind([0, 1, 1], 7) == .invalidParameters)
        #expect(kind([0, 1, 0, 1], 2) == .invalidParameters)
        #expect(kind([0, 1, 2], 7) == .invalidParameters)
        #expect(kind([0, 1, .max], 7) == .invalidParameters)
        #expect(kind([0, 1, 3], .max) == .invalidParameters)
        #expect(kind([], 0) == .invalidParameters)
        #expect(kind([], 7) == .infeasiblePartition)
    }
}
