import ExactArithmetic
import GradientCodeReference
import GradientCodes
import Testing

/// Every code of exact recovery up to eight workers (ten in a release build), every s, every pattern of stragglers.
@Suite struct AllPatternsTests {
    #if DEBUG
        static let largest = 8
    #else
        static let largest = 10
    #endif

    static let sizes = (1...largest).flatMap { n in (0..<n).map { (n, $0) } }
    static let divisible = sizes.filter { $0 % ($1 + 1) == 0 }

    /// Where CRC-Z and CRC-Q are not tight, as documented.
    static let looseIntegers =
        [(4, [1]), (6, [1, 2, 3]), (8, [1, 2, 3, 4, 5]), (9, [2, 3, 4, 5]), (10, [1, 2, 3, 4, 5, 6, 7])]
        as [(Int, [Int])]
    static let looseCotangents = [(4, [1]), (6, [1, 3]), (8, [1, 3, 5]), (10, [1, 3, 5, 7])] as [(Int, [Int])]

    /// Whether each set of workers recovers the sum, at its bit mask.
    static func table(_ matrix: RationalMatrix) -> [Bool] {
        WorkerSet.subsets(of: matrix.rows).map { matrix.decodes($0) }
    }

    /// GC(s), nobody decodes nothing, and who decodes still does with one more responder.
    static func expectCode(_ table: [Bool], _ n: Int, _ s: Int) {
        #expect(!table[0], "(\(n), \(s)): nobody")
        for mask in table.indices where table[mask] {
            let grows = (0..<n).allSatisfy { table[mask | 1 << $0] }
            #expect(grows, "(\(n), \(s)): \(mask)")
        }
        let isCode = table.indices.allSatisfy { $0.nonzeroBitCount < n - s || table[$0] }
        #expect(isCode, "(\(n), \(s))")
    }

    /// The code's table, in which fewer than n − s workers decode if and only if (n, s) is listed; nil where nothing is
    /// claimed.
    static func expectCode(_ code: CyclicRepetitionCode, loose: [(Int, [Int])]?) throws {
        let (n, s) = (code.workers, code.stragglers)
        let table = table(try code.encodingMatrix)
        expectCode(table, n, s)
        guard let loose else { return }
        let isLoose = loose.contains { $0 == n && $1.contains(s) }
        #expect(table.indices.contains { table[$0] && $0.nonzeroBitCount < n - s } == isLoose, "(\(n), \(s))")
    }

    @Test(arguments: divisible) func `fractional repetition needs a worker of every group`(_ n: Int, _ s: Int) throws {
        let table = Self.table(try FractionalRepetitionCode(workers: n, stragglers: s).encodingMatrix)
        Self.expectCode(table, n, s)
        let groups = n / (s + 1)
        for mask in table.indices {
            let covers = (0..<groups).allSatisfy { q in
                stride(from: q, to: n, by: groups).contains { mask >> $0 & 1 == 1 }
            }
            #expect(table[mask] == covers, "(\(n), \(s)): \(mask)")
        }
    }

    @Test(arguments: divisible) func `CRC-1 needs a complete residue class`(_ n: Int, _ s: Int) throws {
        let code = try CyclicRepetitionCode(workers: n, stragglers: s, construction: .ones)
        let table = Self.table(try code.encodingMatrix)
        Self.expectCode(table, n, s)
        for mask in table.indices {
            let contains = (0...s).contains { c in
                stride(from: c, to: n, by: s + 1).allSatisfy { mask >> $0 & 1 == 1 }
            }
            #expect(table[mask] == contains, "(\(n), \(s)): \(mask)")
        }
    }

    @Test(arguments: sizes) func `CRC-Z needs n - s workers, in some sizes fewer`(_ n: Int, _ s: Int) throws {
        let code = try CyclicRepetitionCode(workers: n, stragglers: s, construction: .integers)
        try Self.expectCode(code, loose: Self.looseIntegers)
    }

    @Test(arguments: sizes) func `CRC-Zt needs n - s workers and never fewer`(_ n: Int, _ s: Int) throws {
        let code = try CyclicRepetitionCode(workers: n, stragglers: s, construction: .tightIntegers)
        try Self.expectCode(code, loose: n < 10 ? [] : nil)
    }

    @Test(arguments: sizes) func `CRC-Q needs n - s workers, in some even sizes fewer`(_ n: Int, _ s: Int) throws {
        let code = try CyclicRepetitionCode(workers: n, stragglers: s, construction: .cotangents(resolution: 64))
        try Self.expectCode(code, loose: Self.looseCotangents)
    }
}
