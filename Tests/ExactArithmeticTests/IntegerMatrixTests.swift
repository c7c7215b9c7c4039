import ExactArithmetic
import Testing

/// The fast elimination against the textbook's.
@Suite struct IntegerMatrixTests {
    func check(_ rows: Int, _ columns: Int, _ entries: [Int]) throws {
        let matrix = RationalMatrix(rows: rows, columns: columns) { i, j in Rational(entries[i * columns + j]) }
        let (form, pivots) = matrix.reducedRowEchelonForm()
        let integers = try #require(IntegerMatrix(rows: rows, columns: columns, entries: entries))
        let fast = try #require(integers.echelonForm())
        #expect(fast.pivots == pivots)
        for i in pivots.indices {
            for j in 0..<columns { #expect(fast[i, j] == form[i, j], "row \(i), column \(j) of \(entries)") }
        }
        let isUnit = pivots.indices.filter { i in form.row(i).count { !$0.isZero } == 1 }.map { pivots[$0] }
        #expect(fast.units == isUnit)
        #expect(fast.containsOnes == (0..<columns).allSatisfy { j in pivots.indices.map { form[$0, j] }.total == 1 })
    }

    @Test func `every matrix of two rows and three columns of −1, 0, 1 has the textbook's form`() throws {
        for number in 0..<729 {
            var rest = number
            let entries = (0..<6).map { _ -> Int in
                defer { rest /= 3 }
                return rest % 3 - 1
            }
            try check(2, 3, entries)
        }
    }

    @Test(arguments: [3, 20, 40, 61])
    func `random matrices have the textbook's form, narrow, wide and modular`(bits: Int) throws {
        var generator = SplitMix64(seed: UInt64(bits))
        for size in 0..<24 {
            let (rows, columns) = (1 + size % 5, 1 + size % 7)
            var entries = (0..<rows * columns).map { _ -> Int in
                let magnitude = Int(generator.next() >> UInt64(64 - bits))
                return generator.next() % 3 == 0 ? 0 : generator.next() % 2 == 0 ? magnitude : -magnitude
            }
            // A dependent row, so that the rank is not always full.
            if rows > 2 { for j in 0..<columns { entries[(rows - 1) * columns + j] = entries[j] } }
            try check(rows, columns, entries)
        }
    }

    @Test func `larger random matrices have the textbook's form`() throws {
        var generator = SplitMix64(seed: 1)
        for size in [9, 14] {
            let entries = (0..<size * (size + 2)).map { _ in Int(generator.next() % 2001) - 1000 }
            try check(size, size + 2, entries)
        }
    }

    @Test func `a prime that divides every entry misleads nobody`() throws {
        // The largest prime below 2^62, the first that is tried.
        let prime = (1 << 62) - 57
        try check(2, 3, [prime, 2 * prime % (1 << 61), 5, 1, prime, 7])
        try check(3, 3, [prime, 0, 0, 0, prime, 0, 0, 0, 1])
        try check(2, 2, [1, prime, prime, 1])
    }

    @Test func `empty matrices and zeros have rank 0`() throws {
        try check(0, 3, [])
        try check(2, 0, [])
        try check(2, 2, [0, 0, 0, 0])
        #expect(IntegerMatrix(rows: 1, columns: 1, entries: [1 << 62]) == nil)
        #expect(IntegerMatrix(rows: 1, columns: 2, entries: [1]) == nil)
    }

    @Test func `rows are scaled to integers without a common factor`() throws {
        let matrix = try #require(RationalMatrix([[Rational(1, 2), Rational(-1, 3)], [4, 6], [0, 0]]))
        #expect(IntegerMatrix(scaling: matrix)?.entries == [3, -2, 2, 3, 0, 0])
        #expect(IntegerMatrix(scaling: RationalMatrix([[1, Rational(2).power(70)]])!) == nil)
    }
}
