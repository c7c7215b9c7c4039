import GradientCodes
import Testing

@Suite struct FractionalRepetitionCodeTests {
    @Test func `the strict code for 6 workers and 2 stragglers`() throws {
        let code = try FractionalRepetitionCode(workers: 6, stragglers: 2)
        #expect((code.workers, code.stragglers, code.partitions, code.groups) == (6, 2, 6, 2))
        #expect((0..<6).map { code.group(ofWorker: $0) } == [0, 1, 0, 1, 0, 1])
        #expect((0..<6).map { code.group(ofPartition: $0) } == [0, 0, 0, 1, 1, 1])
        #expect(code.workers(inGroup: 1) == [1, 3, 5])
        #expect(code.partitions(inGroup: 1) == [3, 4, 5])
    }

    @Test func `the balanced code for 7 workers, 2 stragglers and 5 partitions`() throws {
        let code = try FractionalRepetitionCode(workers: 7, stragglers: 2, partitions: 5)
        #expect(code.groups == 2)
        #expect(code.workers(inGroup: 0) == [0, 2, 4, 6])
        #expect(code.workers(inGroup: 1) == [1, 3, 5])
        #expect(code.partitions(inGroup: 0) == [0, 1, 2])
        #expect(code.partitions(inGroup: 1) == [3, 4])
    }

    @Test(arguments: 1...12)
    func `the strict code puts partition j into group j div (s + 1) and equals the balanced one`(n: Int) throws {
        for s in 0..<n where n.isMultiple(of: s + 1) {
            let code = try FractionalRepetitionCode(workers: n, stragglers: s)
            for q in 0..<n / (s + 1) {
                #expect(code.partitions(inGroup: q) == Array(q * (s + 1)...q * (s + 1) + s))
                #expect(code.workers(inGroup: q).count == s + 1)
            }
            #expect(code == (try FractionalRepetitionCode(workers: n, stragglers: s, partitions: n)))
        }
    }

    @Test(arguments: 1...9)
    func `groups partition workers and data, with s + 1 workers at least and loads within one`(n: Int) throws {
        for s in 0..<n {
            for k in 1...12 {
                let code = try FractionalRepetitionCode(workers: n, stragglers: s, partitions: k)
                let groups = 0..<code.groups
                #expect(groups.flatMap { code.workers(inGroup: $0) }.sorted() == Array(0..<n))
                #expect(groups.flatMap { code.partitions(inGroup: $0) } == Array(0..<k))
                #expect(groups.allSatisfy { code.workers(inGroup: $0).count >= s + 1 })
                let loads = groups.map { code.partitions(inGroup: $0).count }
                #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 1, "n = \(n), s = \(s), k = \(k)")
                // One more group would leave some group with fewer than s + 1 workers.
                #expect((code.groups + 1) * (s + 1) > n)
            }
        }
    }

    @Test func `groups that do not come out even are refused by the strict code only`() {
        #expect(refusal(try FractionalRepetitionCode(workers: 5, stragglers: 1)) == .nonDivisible)
        #expect(refusal(try FractionalRepetitionCode(workers: 5, stragglers: 1, partitions: 5)) == nil)
    }

    @Test(arguments: [
        (0, 0), (-1, 0), (5, -1), (5, 5), (5, 6), (.max, 1), (65_537, 1), (4, .max), (4, .min), (.min, .min),
    ])
    func `impossible parameters are refused before divisibility`(n: Int, s: Int) {
        #expect(refusal(try FractionalRepetitionCode(workers: n, stragglers: s)) == .invalidParameters)
        #expect(refusal(try FractionalRepetitionCode(workers: n, stragglers: s, partitions: 3)) == .invalidParameters)
    }

    @Test(arguments: [0, -1, .min, .max, 65_537])
    func `an impossible number of partitions is refused`(k: Int) {
        #expect(refusal(try FractionalRepetitionCode(workers: 4, stragglers: 1, partitions: k)) == .invalidParameters)
    }
}
