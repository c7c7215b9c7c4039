import GradientCodes
import Testing

@Suite struct AllocationTests {
    static let rows = [[1, 0, 1], [0, 0, 1], [0, 0, 0], [1, 1, 1]]

    @Test func `an allocation gives back its rows`() throws {
        let allocation = try Allocation(Self.rows)
        #expect(allocation.workers == 4)
        #expect(allocation.partitions == 3)
        #expect(allocation.rows == Self.rows)
        for (i, row) in Self.rows.enumerated() {
            for (k, entry) in row.enumerated() { #expect(allocation.holds(worker: i, partition: k) == (entry == 1)) }
        }
    }

    @Test func `workers and partitions list each other, ascending`() throws {
        let allocation = try Allocation(Self.rows)
        #expect((0..<4).map { allocation.partitions(of: $0) } == [[0, 2], [2], [], [0, 1, 2]])
        #expect((0..<3).map { allocation.workers(of: $0) } == [[0, 3], [3], [0, 1, 3]])
    }

    @Test func `more workers than bits in a word keep their places`() throws {
        let rows = (0..<130).map { i in [7, 13].map { i % $0 == 0 ? 1 : 0 } }
        let allocation = try Allocation(rows)
        #expect(allocation.rows == rows)
        #expect(allocation.workers(of: 0) == Array(stride(from: 0, to: 130, by: 7)))
        #expect(allocation.replication == [19, 10])
        #expect(allocation.common(0, 1) == 2)  // 0 and 91
    }

    @Test func `equal rows are equal allocations`() throws {
        #expect(try Allocation([[1, 0], [0, 1]]) == Allocation([[1, 0], [0, 1]]))
        #expect(try Allocation([[1, 0], [0, 1]]) != Allocation([[0, 1], [1, 0]]))
        #expect(try Allocation([[1, 1]]) != Allocation([[1], [1]]))
    }

    @Test func `no workers and no partitions are refused`() {
        #expect(refusal(try Allocation([])) == .invalidParameters)
        #expect(refusal(try Allocation([[]])) == .invalidParameters)
        #expect(refusal(try Allocation([[], [1]])) == .invalidParameters)
    }

    @Test func `entries other than 0 and 1 are refused, before raggedness`() {
        #expect(refusal(try Allocation([[1, 2]])) == .invalidParameters)
        #expect(refusal(try Allocation([[1, -1]])) == .invalidParameters)
        #expect(refusal(try Allocation([[1, 0], [1], [1, 2]])) == .invalidParameters)
        #expect(refusal(try Allocation([[1], [1, 2]])) == .invalidParameters)
    }

    @Test func `ragged rows are refused, before lost partitions`() {
        #expect(refusal(try Allocation([[1, 1], [1]])) == .dimensionMismatch)
        #expect(refusal(try Allocation([[1], [1, 1]])) == .dimensionMismatch)
        #expect(refusal(try Allocation([[1, 0], []])) == .dimensionMismatch)
    }

    @Test func `a partition held by nobody is refused and named`() {
        #expect(throws: Refusal(.infeasiblePartition, "partition 1 is held by nobody; expected a worker")) {
            try Allocation([[1, 0, 0], [1, 0, 1]])
        }
    }

    @Test func `sizes above the limits are refused`() {
        let tall = [[Int]](repeating: [1], count: 65_537)
        #expect(refusal(try Allocation(tall)) == .invalidParameters)
        #expect(refusal(try Allocation([[Int](repeating: 1, count: 65_537)])) == .invalidParameters)
        let large = [[Int]](repeating: [Int](repeating: 1, count: 8193), count: 8192)
        #expect(refusal(try Allocation(large)) == .invalidParameters)
    }
}
