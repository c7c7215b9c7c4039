import ExactArithmetic
import GradientCodeReference
import GradientCodes
import Testing

@Suite struct NullSpaceCodeTests {
    static let documented = [[1, 1, 1, -1, -2], [0, 1, 3, 1, -5]]

    /// Row r holds (−1)^j C(n − 1, j) j^r, orthogonal to all polynomials of degree below n − 1 − r at 0, …, n − 1.
    static func differences(_ n: Int, _ s: Int) throws -> [[Int]] {
        try (0..<s).map { r in
            try (0..<n).map { j in
                let binomial = try #require(Int(exactly: Rational.binomial(n - 1, j)))
                return (0..<r).reduce(j.isMultiple(of: 2) ? binomial : -binomial) { power, _ in power * j }
            }
        }
    }

    static func reason(_ parityCheck: [[Int]]) throws -> String? {
        let code = try NullSpaceCode(workers: parityCheck[0].count, parityCheck: parityCheck)
        do {
            _ = try code.encodingMatrix
            return nil
        } catch {
            #expect(error.kind == .invalidParameters)
            return error.reason
        }
    }

    @Test func `the matrix of the documentation is this, orthogonal to H and tight`() throws {
        let matrix = try NullSpaceCode(workers: 5, parityCheck: Self.documented).encodingMatrix
        #expect(
            matrix.rowVectors == [
                [1, Rational(-3, 2), Rational(1, 2), 0, 0], [0, 1, Rational(-1, 2), Rational(1, 2), 0],
                [0, 0, 1, Rational(-1, 7), Rational(4, 7)], [Rational(7, 5), 0, 0, 1, Rational(1, 5)],
                [-3, 5, 0, 0, 1],
            ])
        let h = RationalMatrix(rows: 2, columns: 5) { Rational(Self.documented[$0][$1]) }
        #expect(h * matrix.transposed == RationalMatrix(rows: 2, columns: 5) { _, _ in 0 })
        #expect(matrix.tolerates(2) && matrix.properties(stragglers: 2).isTight)
    }

    @Test(arguments: (1...6).flatMap { n in (0..<n).map { (n, $0) } })
    func `the differences of order n - s and more give CRC-Z with its diagonal scaled to 1`(
        _ n: Int, _ s: Int
    ) throws {
        let matrix = try NullSpaceCode(workers: n, parityCheck: Self.differences(n, s)).encodingMatrix
        let integers = try CyclicRepetitionCode(workers: n, stragglers: s).encodingMatrix
        #expect(matrix == RationalMatrix(rows: n, columns: n) { integers[$0, $1] / integers[$0, $0] })
        #expect(matrix.tolerates(s))
    }

    @Test func `without rows every worker is needed`() throws {
        for n in 1...5 {
            #expect(try NullSpaceCode(workers: n, parityCheck: []).encodingMatrix == .identity(n))
        }
        // One row: b_{i,i+1} = −h_i / h_{i+1}, around the circle.
        let matrix = try NullSpaceCode(workers: 3, parityCheck: [[1, 2, -3]]).encodingMatrix
        #expect(matrix.rowVectors == [[1, Rational(-1, 2), 0], [0, 1, Rational(2, 3)], [3, 0, 1]])
    }

    @Test func `a null space whose minors are all nonzero is refused where workers 0, 2, 4 cannot decode`() throws {
        let h = [[0, -1, -2, -2, 0, 5], [2, -1, 1, 0, 1, -3], [-1, 2, -1, 2, -2, 0]]
        for columns in WorkerSet.subsets(of: 6, count: 3) {
            let minor = RationalMatrix(rows: 3, columns: 3) { Rational(h[$0][columns.members[$1]]) }
            #expect(minor.rank == 3, "columns \(columns)")
        }
        // Row i is in the null space of H, 1 at i and 0 off the window.
        let rows = (0..<6).map { i -> [Rational] in
            let others = (1...3).map { (i + $0) % 6 }
            let system = RationalMatrix(rows: 3, columns: 3) { Rational(h[$0][others[$1]]) }
            guard case .solution(let x) = system.solve(h.map { -Rational($0[i]) }) else { return [] }
            return (0..<6).map { j in j == i ? 1 : others.firstIndex(of: j).map { x[$0] } ?? 0 }
        }
        for row in rows {
            for parity in h { #expect(row.innerProduct(parity.map { Rational($0) }).isZero) }
        }
        let matrix = try #require(RationalMatrix(rows))
        #expect(matrix.rank == 3)
        let responders = try WorkerSet([0, 2, 4], of: 6)
        #expect(matrix.selecting(rows: responders.members).rank == 2 && !matrix.decodes(responders))
        // A witness as documented: orthogonal to the three rows, with sum 1.
        for i in responders { #expect(rows[i].innerProduct([Rational(5, 3), Rational(-2, 3), 0, 0, 0, 0]).isZero) }
        // The refusal names the first set that fails, which this is, with the witness of its decoder.
        #expect(WorkerSet.subsets(of: 6, count: 3).first { !matrix.decodes($0) } == responders)
        guard case .undecodable(let witness) = matrix.decode(responders: responders) else { return }
        let reason = try #require(try Self.reason(h))
        #expect(reason.contains("[0, 2, 4]") && reason.contains("\(witness)"), "\(reason)")
    }

    @Test(arguments: ZeroOneCirculantTests.divisible)
    func `dependent columns outside the windows may do no harm: the differences of residue classes give CRC-1`(
        _ n: Int, _ s: Int
    ) throws {
        let classes = (0..<s).map { c in
            (0..<n).map { j in j % (s + 1) == c ? 1 : j % (s + 1) == c + 1 ? -1 : 0 }
        }
        #expect(try NullSpaceCode(workers: n, parityCheck: classes).encodingMatrix == .cyclicOnes(n, s))
    }

    @Test func `dependent columns within a window are refused, others if a set cannot decode`() throws {
        let dependent = try #require(try Self.reason([[1, 1, 1, -3], [2, 2, 1, -5]]))
        #expect(dependent.contains("[0, 1]"), "\(dependent)")
        #expect(try Self.reason([[0, 0, 0]]) != nil)
        // b_{i,i+1} does not exist where h_{i+1} is 0.
        #expect(try Self.reason([[1, 0, -1]]) != nil)
        // Columns 0 and 2 are dependent and are no window's.
        let apart = [[1, 0, 1, -2], [1, 1, 1, -3]]
        let code = try NullSpaceCode(workers: 4, parityCheck: apart)
        let matrix = RationalMatrix(rows: 4, columns: 4) { i, j in
            // The rows by Cramer's rule: x, y with H_{i+1} x + H_{i+2} y = −H_i.
            let column = { (l: Int) in (Rational(apart[0][(i + l) % 4]), Rational(apart[1][(i + l) % 4])) }
            let minor = { (a: (Rational, Rational), b: (Rational, Rational)) in a.0 * b.1 - a.1 * b.0 }
            let all = minor(column(1), column(2))
            return switch (j - i + 4) % 4 {
            case 0: 1
            case 1: -minor(column(0), column(2)) / all
            case 2: -minor(column(1), column(0)) / all
            default: 0
            }
        }
        let kept = try #require(WorkerSet.subsets(of: 4, count: 2).first { !matrix.decodes($0) })
        #expect(throws: Refusal.self) { try code.encodingMatrix }
        #expect(try #require(try Self.reason(apart)).contains("\(kept.members)"))
    }

    @Test func `a parity check of one row is a code if and only if it has no 0`() throws {
        // Every H of one row of four entries from −2 to 2 with sum 0.
        var (codes, others) = (0, 0)
        for index in 0..<125 {
            let three = [index % 5 - 2, index / 5 % 5 - 2, index / 25 - 2]
            let h = three + [-three.reduce(0, +)]
            let code = try NullSpaceCode(workers: 4, parityCheck: [h])
            // Without a 0 the rows are independent but for one relation ν, all of whose entries are nonzero: so any of
            // them can be spared. A 0 is the whole window of another row, which then does not exist.
            if h.contains(0) {
                others += 1
                #expect(throws: Refusal.self) { try code.encodingMatrix }
            } else {
                codes += 1
                #expect(try code.encodingMatrix.tolerates(1), "\(h)")
            }
        }
        #expect(codes > 20 && others > 20)
    }
}
