import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

@Suite struct ApproximateAssignmentsTests {
    struct Graph: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let vertices: Int
        let edges: [[Int]]

        init(_ title: String, _ vertices: Int, _ edges: [[Int]]) {
            (testDescription, self.vertices, self.edges) = (title, vertices, edges)
        }
    }

    static func cycle(_ n: Int) -> [[Int]] { (0..<n).map { [$0, ($0 + 1) % n] } }

    static let graphs = [
        Graph("path of three vertices", 3, [[0, 1], [2, 1]]),
        Graph("complete graph of four vertices", 4, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]),
        Graph("5-cycle with a chord", 5, cycle(5) + [[1, 3]]), Graph("6-cycle with a chord", 6, cycle(6) + [[0, 2]]),
        Graph("6-cycle with an even chord", 6, cycle(6) + [[5, 2]]),
        Graph("star and an isolated vertex", 6, [[0, 1], [2, 0], [0, 3], [4, 0]]),
        Graph("parallel edges beside a triangle", 5, [[0, 1], [1, 0], [0, 1], [2, 3], [4, 2], [3, 4]]),
        Graph("complete bipartite graph of 3 + 3", 6, (0..<9).map { [$0 / 3, 3 + $0 % 3] }),
    ]

    @Test(arguments: graphs) func `the best recovery by components is the least-squares one`(_ graph: Graph) throws {
        let code = try GraphCode(partitions: graph.vertices, ends: graph.edges)
        let matrix = code.encodingMatrix
        for responders in WorkerSet.subsets(of: code.workers) {
            let recovered = code.optimalRecovery(responders: responders)
            // The normal equations: α_u + α_v = 2 on every surviving edge.
            for worker in responders {
                #expect(recovered[graph.edges[worker][0]] + recovered[graph.edges[worker][1]] == 2, "\(responders)")
            }
            #expect(recovered == matrix.leastSquaresDecoding(responders: responders).recovered, "\(responders)")
        }
    }

    @Test func `a worker of a graph holds its two ends, and the path recovers as documented`() throws {
        let path = try GraphCode(partitions: 3, ends: [[0, 1], [2, 1]])
        #expect(path.encodingMatrix.rowVectors == [[1, 1, 0], [0, 1, 1]])
        let (third, both) = (Rational(1, 3), WorkerSet.all(2))
        #expect(path.optimalRecovery(responders: both) == [2 * third, 4 * third, 2 * third])
        #expect(path.optimalRecovery(responders: .none(2)) == [0, 0, 0])
        #expect(path.optimalRecovery(responders: try WorkerSet([1], of: 2)) == [0, 1, 1])
        #expect(!path.encodingMatrix.decodes(both))
    }

    @Test func `the entries of a Bernoulli code are its draws`() throws {
        let density = try Probability(2, 5)
        let code = try BernoulliCode(workers: 6, partitions: 7, density: density, seed: 20_240_501)
        let matrix = code.encodingMatrix
        #expect((matrix.rows, matrix.columns) == (6, 7))
        for i in 0..<6 {
            for j in 0..<7 {
                let word = Philox.draw(
                    seed: 20_240_501, stream: RandomStream(rawValue: 8), t: 0, i: UInt32(i), j: UInt64(j))
                #expect(matrix[i, j] == (Rational(word) < Rational(2, 5) * Rational(1 << 32) ? 1 : 0))
            }
        }
        let full = try BernoulliCode(workers: 2, partitions: 3, density: .one, seed: 9).encodingMatrix
        #expect(full.rowVectors == [[1, 1, 1], [1, 1, 1]])
    }

    @Test func `one-step decoding averages, and answers nobody with nothing`() throws {
        let matrix = try #require(RationalMatrix([[1, 0, 1], [0, 0, 1], [1, 1, 1]]))
        let decoding = matrix.oneStepDecoding(responders: try WorkerSet([0, 2], of: 3), density: Rational(2, 3))
        #expect(decoding.vector == [Rational(3, 4), 0, Rational(3, 4)])
        #expect(decoding.recovered == [Rational(3, 2), Rational(3, 4), Rational(3, 2)])
        #expect(decoding.residual == Rational(9, 16))
        let nobody = matrix.oneStepDecoding(responders: .none(3), density: Rational(2, 3))
        #expect(nobody.vector == [0, 0, 0] && nobody.recovered == [0, 0, 0] && nobody.residual == 3)
    }

    @Test func `fixed weights do not depend on who else responds, and are no better than least squares`() throws {
        let matrix = try #require(RationalMatrix([[1, 1, 0], [0, 1, 1], [1, 0, 0], [0, 1, 0]]))
        let weights: [Rational] = [Rational(1, 2), 3, Rational(-2, 7), 0]
        for responders in WorkerSet.subsets(of: 4) {
            let decoding = matrix.fixedDecoding(responders: responders, weights: weights)
            #expect(decoding.vector == (0..<4).map { responders.contains($0) ? weights[$0] : 0 })
            let recovered = (0..<3).map { j in responders.map { weights[$0] * matrix[$0, j] }.total }
            #expect(decoding.recovered == recovered)
            #expect(decoding.residual == recovered.map { ($0 - 1) * ($0 - 1) }.total)
            #expect(matrix.leastSquaresDecoding(responders: responders).residual <= decoding.residual)
        }
    }

    @Test func `codes other than repetition have no decoder of their own`() throws {
        let constructions: [CyclicRepetitionCode.Construction] = [
            .tightIntegers, .cotangents(resolution: 64), .nodes([-4, -1, 0, 1, 4, 9], resolution: 2),
            .circulant([1, 2, 2, 1]),
        ]
        var codes = try constructions.map {
            GradientCode.cyclicRepetition(try CyclicRepetitionCode(workers: 6, stragglers: 3, construction: $0))
        }
        codes += [
            .nullSpace(try NullSpaceCode(workers: 5, parityCheck: NullSpaceCodeTests.documented)),
            .bernoulli(try BernoulliCode(workers: 3, partitions: 3, density: .one, seed: 0)),
            .graph(try GraphCode(partitions: 3, ends: [[0, 1], [1, 2], [2, 0]])),
            .stochastic(try StochasticGradientCode(allocation: Allocation([[1, 1]]), straggling: .zero)),
        ]
        for code in codes {
            for responders in WorkerSet.subsets(of: code.workers) {
                #expect(code.structuredDecodingVector(responders: responders) == nil)
            }
            // Which is no statement about decodability.
            #expect(try code.encodingMatrix.decodes(.all(code.workers)))
            #expect(try code.encodingMatrix.columns == code.partitions)
        }
    }
}
