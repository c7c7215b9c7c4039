import GradientCodes
import Testing

@Suite struct WorkerSetTests {
    @Test func `members are sorted`() throws {
        let set = try WorkerSet([4, 0, 2], of: 5)
        #expect(set.members == [0, 2, 4])
        #expect(Array(set) == [0, 2, 4])
        #expect(set.workers == 5)
        #expect(set.count == 3)
        #expect(!set.isEmpty)
        #expect(set.description == "[0, 2, 4] of 5")
    }

    @Test func `all and none are complements`() {
        #expect(WorkerSet.all(3).members == [0, 1, 2])
        #expect(WorkerSet.none(3).members == [])
        #expect(WorkerSet.none(3).isEmpty)
        #expect(WorkerSet.all(3).complement == .none(3))
        #expect(WorkerSet.none(3).complement == .all(3))
    }

    @Test func `equal members of different totals are different sets`() throws {
        #expect(try WorkerSet([0], of: 1) != WorkerSet([0], of: 2))
    }

    @Test(arguments: 1...8)
    func `subsets are all bit masks in ascending order`(workers: Int) {
        let masks = WorkerSet.subsets(of: workers).map { set in set.members.reduce(0) { $0 | 1 << $1 } }
        #expect(masks == Array(0..<1 << workers))
    }

    @Test(arguments: 1...8)
    func `membership, complement and removal agree with bit masks`(workers: Int) {
        for (mask, set) in WorkerSet.subsets(of: workers).enumerated() {
            for worker in 0..<workers { #expect(set.contains(worker) == (mask & 1 << worker != 0)) }
            #expect(!set.contains(-1) && !set.contains(workers) && !set.contains(.max))
            #expect(set.complement.members == (0..<workers).filter { mask & 1 << $0 == 0 })
            let removed = [0, 3, 3, 7, -1, 100]
            #expect(set.removing(removed).members == (0..<workers).filter { mask & ~0b1000_1001 & 1 << $0 != 0 })
            #expect(set.removing(removed).workers == workers)
        }
    }

    @Test(arguments: 1...7)
    func `subsets of one size are the sorted selection of all subsets`(workers: Int) {
        for count in -1...workers + 1 {
            let selected = WorkerSet.subsets(of: workers).filter { $0.count == count }
            let sorted = selected.sorted { $0.members.lexicographicallyPrecedes($1.members) }
            #expect(Array(WorkerSet.subsets(of: workers, count: count)) == sorted, "\(count) of \(workers)")
        }
    }

    @Test func `subsets are made one at a time`() {
        let last = WorkerSet.subsets(of: 62).prefix(3).map(\.members)
        #expect(last == [[], [0], [1]])
        #expect(WorkerSet.subsets(of: 100, count: 50).prefix(2).map { $0.members.last } == [49, 50])
    }

    @Test func `an unknown worker is refused, before a duplicate`() {
        #expect(refusal(try WorkerSet([3], of: 3)) == .indexOutOfRange)
        #expect(refusal(try WorkerSet([-1], of: 3)) == .indexOutOfRange)
        #expect(refusal(try WorkerSet([1, 1], of: 3)) == .duplicateWorker)
        #expect(refusal(try WorkerSet([1, 1, 3], of: 3)) == .indexOutOfRange)
        #expect(refusal(try WorkerSet([.max, 1, 1], of: 3)) == .indexOutOfRange)
    }

    @Test func `a duplicate is named`() {
        #expect(throws: Refusal(.duplicateWorker, "worker 2 occurs twice in a set of workers; expected once")) {
            try WorkerSet([2, 1, 2, 1], of: 3)
        }
    }

    @Test func `an absurd number of workers is refused before anything else`() {
        for workers in [0, -1, .min, 65_537, .max] {
            #expect(refusal(try WorkerSet([-1, -1], of: workers)) == .invalidParameters)
        }
        #expect(refusal(try WorkerSet([65_535], of: 65_536)) == nil)
    }
}
