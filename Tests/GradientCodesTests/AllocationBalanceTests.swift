import GradientCodes
import Testing

@Suite struct AllocationBalanceTests {
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `loads, replication and balance agree with sums over the rows`(seed: UInt64) throws {
        let d = (0..<6).map { Int(Philox.draw(seed: seed, stream: .testData, t: 0, i: 0, j: $0) % 9) + 1 }
        let allocation = try Allocation.random(seed: seed, workers: 9, replication: d)
        let rows = allocation.rows
        #expect(allocation.replication == d)
        #expect(allocation.loads == rows.map { $0.reduce(0, +) })
        #expect(allocation.loads.reduce(0, +) == d.reduce(0, +))
        var gap = Fraction.zero
        for k in 0..<6 {
            for l in 0..<6 {
                let common = rows.reduce(0) { $0 + $1[k] * $1[l] }
                #expect(allocation.common(k, l) == common)
                if k != l { gap = max(gap, try Fraction(UInt64(abs(9 * common - d[k] * d[l])), 9)) }
            }
        }
        #expect(allocation.balanceGap == gap)
        #expect(allocation.isPairwiseBalanced == (gap == .zero))
    }

    @Test func `the gap is the largest deviation, not the last or the signed one`() throws {
        // λ_01 = 2 where 1 would be balanced, λ_02 = λ_12 = 0.
        #expect(try Allocation([[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]]).balanceGap == Fraction(1, 1))
        // Too few in common: λ = 0 where 1 would be balanced.
        #expect(try Allocation([[1, 0], [1, 0], [0, 1], [0, 1]]).balanceGap == Fraction(1, 1))
    }

    @Test func `a single partition is balanced`() throws {
        let allocation = try Allocation([[1], [0], [1]])
        #expect(allocation.balanceGap == .zero)
        #expect(allocation.isPairwiseBalanced)
    }

    @Test func `the Fano plane misses balance by 2/7`() throws {
        let fano = try Allocation.differenceSet([0, 1, 3], modulus: 7)
        #expect(fano.replication == [3, 3, 3, 3, 3, 3, 3])
        #expect(fano.loads == [3, 3, 3, 3, 3, 3, 3])
        for k in 0..<7 {
            for l in 0..<k { #expect(fano.common(k, l) == 1) }
        }
        #expect(fano.balanceGap == (try Fraction(2, 7)))  // |1 - 9/7|
    }

    @Test(arguments: zip(2...6, [1, 1, 3, 1, 2]))
    func `a balanced allocation has at most N - 1 partitions that somebody lacks`(workers: Int, most: Int) throws {
        // Columns as bit masks; an edge joins two that are balanced; a balanced allocation is a clique.
        let columns = Array(1..<1 << workers - 1)
        var balanced = [[Bool]](repeating: [Bool](repeating: false, count: columns.count), count: columns.count)
        for (k, x) in columns.enumerated() {
            for (l, y) in columns.enumerated() where k < l {
                let rows = (0..<workers).map { [x >> $0 & 1, y >> $0 & 1] }
                let isBalanced = try Allocation(rows).isPairwiseBalanced
                #expect(
                    isBalanced
                        == (workers * (x & y).nonzeroBitCount == x.nonzeroBitCount * y.nonzeroBitCount))
                balanced[k][l] = isBalanced
            }
        }
        func largestClique(_ candidates: [Int]) -> Int {
            candidates.map { k in 1 + largestClique(candidates.filter { balanced[k][$0] }) }.max() ?? 0
        }
        #expect(largestClique(Array(columns.indices)) == most)
        #expect(most <= workers - 1)
    }
}
