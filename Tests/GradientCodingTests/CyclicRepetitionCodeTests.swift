import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

@Suite struct CyclicRepetitionCodeTests {
    static let sizes = (1...8).flatMap { n in (0..<n).map { (n, $0) } }

    @Test func `the matrices of the documentation are these`() throws {
        let small = try CyclicRepetitionCode(workers: 3, stragglers: 1).encodingMatrix
        #expect(small.rowVectors == [[2, 1, 0], [0, 1, 2], [-1, 0, 1]])
        let larger = try CyclicRepetitionCode(workers: 5, stragglers: 2).encodingMatrix
        #expect(
            larger.rowVectors == [
                [6, 3, 1, 0, 0], [0, 3, 4, 3, 0], [0, 0, 1, 3, 6], [1, 0, 0, 1, 3], [3, 1, 0, 0, 1],
            ])
    }

    @Test(arguments: sizes) func `each row is the polynomial with the zeros outside its window`(_ n: Int, _ s: Int)
        throws
    {
        let code = try CyclicRepetitionCode(workers: n, stragglers: s)
        let matrix = try code.encodingMatrix
        for i in 0..<n {
            let product = (0..<n).map { j in code.zeros(of: i).map { Rational(j - $0) }.reduce(1, *) }
            // Proportional: all 2 × 2 minors of the two rows vanish, and neither row is zero.
            for j in 0..<n {
                for k in 0..<n { #expect(matrix[i, j] * product[k] == matrix[i, k] * product[j]) }
                #expect(matrix[i, j].isZero == !code.window(of: i).contains(j))
            }
        }
    }

    @Test(arguments: sizes) func `any n - s rows are independent and recover the sum`(_ n: Int, _ s: Int) throws {
        let matrix = try CyclicRepetitionCode(workers: n, stragglers: s).encodingMatrix
        for responders in WorkerSet.subsets(of: n, count: n - s) {
            #expect(matrix.selecting(rows: responders.members).rank == n - s)
            let vector = try #require(matrix.decode(responders: responders).vector)
            #expect(matrix.multiplied(byRow: vector).allSatisfy { $0 == 1 })
        }
    }

    @Test func `fewer than n - s workers recover the sum in exactly the sizes that are not tight`() throws {
        let loose = [(4, 1), (6, 1), (6, 2), (6, 3), (8, 1), (8, 2), (8, 3), (8, 4), (8, 5)]
        for (n, s) in Self.sizes {
            let matrix = try CyclicRepetitionCode(workers: n, stragglers: s).encodingMatrix
            let properties = matrix.properties(stragglers: s)
            #expect(properties.isTight == !loose.contains { $0 == (n, s) }, "(\(n), \(s))")
        }
    }

    @Test(arguments: sizes) func `columns have s + 1 entries, the fewest possible`(_ n: Int, _ s: Int) throws {
        let matrix = try CyclicRepetitionCode(workers: n, stragglers: s).encodingMatrix
        for j in 0..<n { #expect(matrix.column(j).count { !$0.isZero } == s + 1) }
    }

    @Test(arguments: sizes) func `the closed-form decoders decode`(_ n: Int, _ s: Int) throws {
        let code = GradientCode.cyclicRepetition(try CyclicRepetitionCode(workers: n, stragglers: s))
        let matrix = try code.encodingMatrix
        var answered = 0
        for responders in WorkerSet.subsets(of: n, count: n - s) {
            guard let vector = code.structuredDecodingVector(responders: responders) else { continue }
            answered += 1
            #expect(matrix.multiplied(byRow: vector).allSatisfy { $0 == 1 })
            #expect(vector.indices.allSatisfy { responders.contains($0) || vector[$0].isZero })
            #expect(matrix.decode(responders: responders).vector == vector)
        }
        #expect(answered == (s == 1 ? n : 1))
    }

    @Test func `largest entry and worst amplification have their closed forms`() throws {
        for (n, s) in Self.sizes {
            let code = try CyclicRepetitionCode(workers: n, stragglers: s)
            let entries = try code.encodingMatrix.rowVectors.joined()
            #expect(entries.map(\.magnitude).max() == code.largestEntry)
        }
        for n in 2...12 {
            let code = try CyclicRepetitionCode(workers: n, stragglers: 1)
            let properties = try code.encodingMatrix.properties(stragglers: 1)
            #expect(properties.recovery == .always(worstAmplification: try code.worstAmplification()))
        }
    }

    @Test func `entries do not overflow 32 bits at n = 40 or 64 bits at n = 80`() throws {
        #expect(try CyclicRepetitionCode(workers: 40, stragglers: 19).encodingMatrix[0, 0] == 68_923_264_410)
        let large = try CyclicRepetitionCode(workers: 80, stragglers: 39)
        let responders = try WorkerSet(0..<41, of: 80)
        let vector = try #require(
            GradientCode.cyclicRepetition(large).structuredDecodingVector(responders: responders))
        let recovered = try large.encodingMatrix.multiplied(byRow: vector)
        #expect(recovered.allSatisfy { $0 == 1 })
    }
}
