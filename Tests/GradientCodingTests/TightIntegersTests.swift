import ExactArithmetic
import GradientCodeReference
import GradientCodes
import Testing

/// CRC-Zt: the nodes 0, 1, …, n − 2, 2n.
@Suite struct TightIntegersTests {
    static let sizes = (1...8).flatMap { n in (0..<n).map { (n, $0) } }

    static func code(_ n: Int, _ s: Int) throws -> CyclicRepetitionCode {
        try CyclicRepetitionCode(workers: n, stragglers: s, construction: .tightIntegers)
    }

    @Test func `the matrices of the documentation are these`() throws {
        #expect(try Self.code(3, 1).encodingMatrix.rowVectors == [[6, 5, 0], [0, 1, 6], [-1, 0, 5]])
        #expect(
            try Self.code(4, 1).encodingMatrix.rowVectors == [
                [16, 7, 0, 0], [0, 7, 12, 0], [0, 0, 1, 28], [1, 0, 0, 21],
            ])
        #expect(
            try Self.code(5, 2).encodingMatrix.rowVectors == [
                [15, 9, 4, 0, 0], [0, 9, 16, 21, 0], [0, 0, 1, 3, 45], [1, 0, 0, 1, 36], [3, 1, 0, 0, 28],
            ])
    }

    @Test(arguments: sizes) func `a row is the shortest integer multiple of its polynomial with b_ii positive`(
        _ n: Int, _ s: Int
    ) throws {
        let code = try Self.code(n, s)
        let matrix = try code.encodingMatrix
        #expect(try code.nodes == (0..<n).map { $0 == n - 1 ? 2 * n : $0 })
        for i in 0..<n {
            let entries = try matrix.row(i).map { try #require(Int(exactly: $0)) }
            let product = (0..<n).map { j in
                code.zeros(of: i).reduce(1) { $0 * ((j == n - 1 ? 2 * n : j) - ($1 == n - 1 ? 2 * n : $1)) }
            }
            for j in 0..<n {
                #expect((entries[j] != 0) == code.window(of: i).contains(j))
                // Proportional: all 2 × 2 minors vanish.
                for k in 0..<n { #expect(entries[j] * product[k] == entries[k] * product[j]) }
            }
            #expect(entries[i] > 0)
            // No number from 2 on divides all entries.
            let largest = entries.map(\.magnitude).max()!
            let divisor = largest < 2 ? nil : (2...largest).first { d in entries.allSatisfy { $0.magnitude % d == 0 } }
            #expect(divisor == nil, "row \(i) of (\(n), \(s))")
        }
        if s == 0 { #expect(matrix == .identity(n)) }
        if s == n - 1 { #expect(matrix == .cyclicOnes(n, n - 1)) }
    }

    @Test(arguments: sizes) func `the code tolerates s stragglers and not one more`(_ n: Int, _ s: Int) throws {
        guard n <= 7 else { return }
        let properties = try Self.code(n, s).encodingMatrix.properties(stragglers: s)
        #expect(properties.isTight, "(\(n), \(s))")
        guard case .always(let worst) = properties.recovery else {
            Issue.record("(\(n), \(s)) is no code")
            return
        }
        #expect(worst >= 1)
    }
}
