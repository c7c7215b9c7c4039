extension WorkerSet {
    /// All 2^workers sets of workers, made one at a time: set number m holds worker i if and only if bit i of m is 1.
    ///
    /// The first is empty, the last holds everyone. `workers` must be in 1...62.
    public static func subsets(of workers: Int) -> some Sequence<WorkerSet> {
        precondition(1...62 ~= workers, "2^\(workers) sets of workers")
        return (0..<1 << workers).lazy.map { mask in
            WorkerSet(sorted: (0..<workers).filter { mask >> $0 & 1 == 1 }, of: workers)
        }
    }

    /// All sets of `count` workers, made one at a time, in lexicographic order of their sorted members.
    ///
    /// There are C(workers, count) of them: one if `count` is 0, none if it is negative or exceeds `workers`, which
    /// must be in 1...``GradientCode/maximumWorkers``.
    public static func subsets(of workers: Int, count: Int) -> some Sequence<WorkerSet> {
        let first = 0...workers ~= count ? WorkerSet(sorted: Array(0..<count), of: workers) : nil
        return sequence(state: first) { next in
            defer { next = next?.lexicographicSuccessor }
            return next
        }
    }

    /// The set that follows among those of the same size: the last member that can grow does, the later ones close up
    /// to it.
    private var lexicographicSuccessor: WorkerSet? {
        let largest = workers - count
        guard let growing = members.indices.last(where: { members[$0] < largest + $0 }) else { return nil }
        let rest = (growing..<count).map { members[growing] + 1 + $0 - growing }
        return WorkerSet(sorted: members[..<growing] + rest, of: workers)
    }
}
