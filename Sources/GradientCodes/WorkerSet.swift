/// A set of workers out of `0..<workers`, sorted and without duplicates: responders, stragglers, members of a group.
///
/// Iterating visits the members in ascending order, the order in which every sum over workers is taken.
///
/// See docs/GradientCode.md.
public struct WorkerSet: Hashable, Sendable, Sequence, CustomStringConvertible {
    /// The members, strictly ascending.
    public let members: [Int]
    /// How many workers there are, members or not; 1...``GradientCode/maximumWorkers``.
    public let workers: Int

    /// The set with the given members, in any order.
    ///
    /// - Throws: `invalidParameters` if `workers` is not in 1...``GradientCode/maximumWorkers``; `indexOutOfRange` if a
    ///   member is not in `0..<workers`; `duplicateWorker` if all are, but one occurs twice.
    public init(_ members: some Sequence<Int>, of workers: Int) throws(Refusal) {
        try GradientCode.validate(workers: workers)
        var isMember = [Bool](repeating: false, count: workers)
        var duplicate: Int?
        for worker in members {
            guard isMember.indices.contains(worker) else {
                throw Refusal(.indexOutOfRange, "worker \(worker) in a set of workers; expected 0..<\(workers)")
            }
            if isMember[worker] { duplicate = duplicate ?? worker }
            isMember[worker] = true
        }
        if let duplicate {
            throw Refusal(.duplicateWorker, "worker \(duplicate) occurs twice in a set of workers; expected once")
        }
        self.init(sorted: isMember.indices.filter { isMember[$0] }, of: workers)
    }

    /// The set of members known to be ascending, distinct and in range.
    init(sorted members: [Int], of workers: Int) {
        precondition(1...GradientCode.maximumWorkers ~= workers, "\(workers) workers")
        self.members = members
        self.workers = workers
    }

    /// Every worker. `workers` must be in 1...``GradientCode/maximumWorkers``.
    public static func all(_ workers: Int) -> WorkerSet { none(workers).complement }

    /// No worker. `workers` must be in 1...``GradientCode/maximumWorkers``.
    public static func none(_ workers: Int) -> WorkerSet { WorkerSet(sorted: [], of: workers) }

    /// The workers that are not members.
    public var complement: WorkerSet {
        var isMember = [Bool](repeating: false, count: workers)
        for worker in members { isMember[worker] = true }
        return WorkerSet(sorted: isMember.indices.filter { !isMember[$0] }, of: workers)
    }

    /// The members that are not in `others`; workers in `others` that are no members are ignored.
    public func removing(_ others: some Sequence<Int>) -> WorkerSet {
        let others = Set(others)
        return WorkerSet(sorted: members.filter { !others.contains($0) }, of: workers)
    }

    /// Whether `worker` is a member, by bisection; false for a worker that does not exist.
    public func contains(_ worker: Int) -> Bool {
        var range = members.indices
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            if members[middle] == worker { return true }
            range = members[middle] < worker ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return false
    }

    /// The number of members.
    public var count: Int { members.count }
    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }
    /// The members in ascending order.
    public func makeIterator() -> IndexingIterator<[Int]> { members.makeIterator() }
    /// Members and total, `[0, 2] of 5`.
    public var description: String { "\(members) of \(workers)" }
}
