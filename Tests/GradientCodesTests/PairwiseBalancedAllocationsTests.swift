import GradientCodes
import Testing

@Suite struct PairwiseBalancedAllocationsTests {
    /// What holds for every balanced allocation, in integers: orthogonal centred columns, and the identity
    /// N Σ m² − (Σ m)² = Σ d (N − d) for its loads.
    private func expectBalanced(_ allocation: Allocation, sourceLocation: SourceLocation = #_sourceLocation) {
        let (n, rows) = (allocation.workers, allocation.rows)
        let d = (0..<allocation.partitions).map { k in rows.reduce(0) { $0 + $1[k] } }
        for k in d.indices {
            for l in 0..<k {
                let product = rows.reduce(0) { $0 + (n * $1[k] - d[k]) * (n * $1[l] - d[l]) }
                #expect(product == 0, "partitions \(k) and \(l) of \(rows)", sourceLocation: sourceLocation)
            }
        }
        #expect(allocation.isPairwiseBalanced, sourceLocation: sourceLocation)
        #expect(d.count { $0 < n } <= n - 1, sourceLocation: sourceLocation)
        let m = allocation.loads
        let spread = n * m.reduce(0) { $0 + $1 * $1 } - m.reduce(0, +) * m.reduce(0, +)
        #expect(spread == d.reduce(0) { $0 + $1 * (n - $1) }, sourceLocation: sourceLocation)
    }

    @Test func `under full replication everybody holds everything`() throws {
        let allocation = try Allocation.fullReplication(workers: 3, partitions: 4)
        #expect(allocation.rows == [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]])
        expectBalanced(allocation)
        expectBalanced(try .fullReplication(workers: 1, partitions: 1))
    }

    @Test(arguments: 1...5)
    func `Hadamard allocations are Sylvester's matrices without their first column`(r: Int) throws {
        var sylvester = [[1]]
        for _ in 0..<r { sylvester = sylvester.map { $0 + $0 } + sylvester.map { $0 + $0.map { -$0 } } }
        let n = 1 << r
        for m in Set([1, n / 2, n - 1]) {
            let allocation = try Allocation.hadamard(order: r, partitions: m)
            #expect(allocation.rows == sylvester.map { $0[1...m].map { ($0 + 1) / 2 } })
            #expect(allocation.replication == [Int](repeating: n / 2, count: m))
            expectBalanced(allocation)
        }
        let whole = try Allocation.hadamard(order: r, partitions: n - 1)
        #expect(whole.loads == [n - 1] + [Int](repeating: n / 2 - 1, count: n - 1))
    }

    @Test(arguments: [2, 3, 5, 7])
    func `affine planes give a q workers to every partition and balance all pairs`(q: Int) throws {
        for a in 1...q {
            for subsets in 1...q + 1 {
                let allocation = try Allocation.affinePlane(order: q, subsets: subsets, a: a)
                #expect(allocation.workers == q * q)
                #expect(allocation.replication == [Int](repeating: a * q, count: subsets))
            }
            expectBalanced(try .affinePlane(order: q, subsets: q + 1, a: a))
        }
    }

    @Test func `the affine plane of order 3 has the points of its lines`() throws {
        // Partition c: the line y = -c x through the origin; the last one: the line x = 0.
        let allocation = try Allocation.affinePlane(order: 3, subsets: 4, a: 1)
        let points = (0..<4).map { allocation.workers(of: $0).map { [$0 / 3, $0 % 3] } }
        #expect(points[0] == [[0, 0], [1, 0], [2, 0]])
        #expect(points[1] == [[0, 0], [1, 2], [2, 1]])
        #expect(points[2] == [[0, 0], [1, 1], [2, 2]])
        #expect(points[3] == [[0, 0], [0, 1], [0, 2]])
    }

    @Test func `in a larger affine threshold whole parallel lines are added`() throws {
        let (one, two) = (
            try Allocation.affinePlane(order: 5, subsets: 6, a: 1),
            try Allocation.affinePlane(order: 5, subsets: 6, a: 2)
        )
        for c in 0..<5 {
            // c x + y = 1 is c x + y = 0 moved by (0, 1).
            let moved = one.workers(of: c).map { $0 / 5 * 5 + ($0 % 5 + 1) % 5 }
            #expect(Set(two.workers(of: c)) == Set(one.workers(of: c) + moved))
        }
        #expect(two.workers(of: 5) == Array(0..<10))
    }

    @Test(arguments: [
        ([2], [1]), ([2, 3], [1, 2]), ([2, 2, 2], [1, 1, 1]), ([3, 1, 4], [2, 1, 3]), ([1], [1]),
        ([2, 5, 3], [2, 4, 1]),
    ])
    func `full factorials count through all strings of digits`(levels: [Int], thresholds: [Int]) throws {
        let allocation = try Allocation.fullFactorial(levels: levels, thresholds: thresholds)
        let strings = levels.reduce([[]]) { strings, level in strings.flatMap { s in (0..<level).map { s + [$0] } } }
        #expect(allocation.rows == strings.map { zip($0, thresholds).map { $0 < $1 ? 1 : 0 } })
        let n = levels.reduce(1, *)
        #expect(allocation.replication == zip(levels, thresholds).map { n / $0 * $1 })
        expectBalanced(allocation)
    }

    @Test func `universal partitions come last and keep the gap`() throws {
        let fano = try Allocation.differenceSet([0, 1, 3], modulus: 7)
        let more = try fano.adding(universalPartitions: 2)
        #expect(more.rows == fano.rows.map { $0 + [1, 1] })
        #expect(more.balanceGap == (try Fraction(2, 7)))
        #expect(try fano.adding(universalPartitions: 0) == fano)
        expectBalanced(try .affinePlane(order: 3, subsets: 4, a: 2).adding(universalPartitions: 3))
    }

    @Test(arguments: [
        (0, 1), (1, 0), (-1, 1), (1, -1), (.max, 1), (1, .max), (.max, .max), (65_536, 1025), (65_537, 1),
    ])
    func `impossible sizes are refused`(workers: Int, partitions: Int) {
        #expect(refusal(try Allocation.fullReplication(workers: workers, partitions: partitions)) == .invalidParameters)
    }

    @Test(arguments: [
        (0, 0), (0, 1), (1, 2), (2, 4), (2, 0), (2, -1), (-1, 1), (16, 2000), (17, 1), (.max, 1), (.min, 1),
    ])
    func `a Hadamard allocation has fewer partitions than workers`(order: Int, partitions: Int) {
        #expect(refusal(try Allocation.hadamard(order: order, partitions: partitions)) == .invalidParameters)
    }

    @Test(arguments: [
        (4, 2, 1), (1, 1, 1), (0, 1, 1), (-3, 1, 1), (9, 1, 1), (6, 1, 1), (257, 1, 1), (.max, 1, 1),
        (3, 5, 1), (3, 0, 1), (3, .max, 1), (3, 1, 0), (3, 1, 4), (3, 1, .min),
    ])
    func `an affine plane needs a prime order and parameters within it`(q: Int, subsets: Int, a: Int) {
        #expect(refusal(try Allocation.affinePlane(order: q, subsets: subsets, a: a)) == .invalidParameters)
    }

    @Test func `a full factorial with a threshold of zero loses a partition, found last`() {
        func kind(_ levels: [Int], _ thresholds: [Int]) -> Refusal.Kind? {
            refusal(try Allocation.fullFactorial(levels: levels, thresholds: thresholds))
        }
        #expect(kind([2, 3], [1, 0]) == .infeasiblePartition)
        #expect(kind([2, 3], [0]) == .dimensionMismatch)
        #expect(kind([2], [0, 1]) == .dimensionMismatch)
        #expect(kind([2, 3], [0, 4]) == .invalidParameters)
        #expect(kind([2, 3], [3]) == .invalidParameters)
        #expect(kind([2, 3], [-1, 1]) == .invalidParameters)
        #expect(kind([2, 0], [1]) == .invalidParameters)
        #expect(kind([2, -2], [1, 1]) == .invalidParameters)
        #expect(kind([], []) == .invalidParameters)
        #expect(kind([], [1]) == .invalidParameters)
        #expect(kind([.max], [1]) == .invalidParameters)
        #expect(kind([65_536, 2], [1, 1]) == .invalidParameters)
        #expect(kind([Int](repeating: 2, count: 64), [Int](repeating: 1, count: 64)) == .invalidParameters)
        #expect(kind([Int](repeating: 1, count: 65_537), []) == .invalidParameters)
    }

    @Test(arguments: [-1, .min, .max, 65_536])
    func `an impossible number of universal partitions is refused`(count: Int) throws {
        let allocation = try Allocation([[1, 1]])
        #expect(refusal(try allocation.adding(universalPartitions: count)) == .invalidParameters)
    }
}
