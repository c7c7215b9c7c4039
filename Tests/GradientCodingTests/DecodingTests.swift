import ExactArithmetic
import GradientCodeReference
import GradientCodeVectors
import GradientCodes
import Testing

@Suite struct DecodingTests {
    @Test(arguments: CodeCases.all) func `decoders and witnesses certify themselves on every set`(
        _ code: CodeCases.Case
    ) {
        let matrix = code.matrix
        for responders in WorkerSet.subsets(of: code.workers) {
            let rows = matrix.selecting(rows: responders.members)
            let leastSquares = matrix.leastSquaresDecoding(responders: responders)
            let missing = leastSquares.recovered.map { 1 - $0 }
            // The normal equations, the residual's two forms, and the support.
            #expect((rows * missing).allSatisfy { $0.isZero })
            #expect(matrix.multiplied(byRow: leastSquares.vector) == leastSquares.recovered)
            #expect(leastSquares.residual == missing.total)
            #expect(
                leastSquares.vector.indices.allSatisfy { responders.contains($0) || leastSquares.vector[$0].isZero })
            switch matrix.decode(responders: responders) {
            case .exact(let vector):
                #expect(matrix.multiplied(byRow: vector).allSatisfy { $0 == 1 })
                #expect(vector.indices.allSatisfy { responders.contains($0) || vector[$0].isZero })
                #expect(leastSquares.residual.isZero)
                #expect(matrix.amplification(of: vector) >= 1)
                let norm = { (a: [Rational]) in a.innerProduct(a) }
                #expect(norm(leastSquares.vector) <= norm(vector))
            case .undecodable(let witness):
                #expect((rows * witness).allSatisfy { $0.isZero })
                #expect(witness.total == 1)
                #expect(leastSquares.residual > 0)
            }
        }
    }

    @Test func `one worker alone, and nobody`() throws {
        let single = RationalMatrix.identity(1)
        #expect(single.decode(responders: .all(1)).vector == [1])
        #expect(single.decode(responders: .none(1)).vector == nil)
        let nobody = single.leastSquaresDecoding(responders: .none(1))
        #expect(nobody.vector == [0] && nobody.recovered == [0] && nobody.residual == 1)
    }

    @Test func `repeated rows leave the later one free, and the minimum norm splits them`() throws {
        let matrix = try #require(RationalMatrix([[1, 1], [1, 1]]))
        #expect(matrix.decode(responders: .all(2)).vector == [1, 0])
        #expect(matrix.leastSquaresDecoding(responders: .all(2)).vector == [Rational(1, 2), Rational(1, 2)])
    }

    @Test func `unsorted nodes break the code: three workers have rank 2`() throws {
        let nodes: [Rational] = [1, 12, 2, 6, 3, 4]
        let matrix = RationalMatrix(rows: 6, columns: 6) { i, j in
            (nodes[j] - nodes[(i + 4) % 6]) * (nodes[j] - nodes[(i + 5) % 6])
        }
        let responders = try WorkerSet([0, 2, 4], of: 6)
        #expect(matrix.selecting(rows: responders.members).rank == 2)
        #expect(matrix.decode(responders: responders).vector == nil)
        guard case .fails = matrix.properties(stragglers: 3).recovery else {
            Issue.record("GC(3) holds although the nodes are not sorted")
            return
        }
    }
}
