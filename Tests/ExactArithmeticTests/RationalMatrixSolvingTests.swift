import ExactArithmetic
import Testing

@Suite struct RationalMatrixSolvingTests {
    @Test func `every system has a solution with zero free variables, or a witness that it has none`() {
        var generator = SplitMix64(seed: 70)
        var counts = (solved: 0, refuted: 0)
        for matrix in sampleMatrices(seed: 70) {
            let reachable = matrix * generator.vector(matrix.columns)
            for rightHandSide in [reachable, generator.vector(matrix.rows)] {
                switch matrix.solve(rightHandSide) {
                case .solution(let x):
                    counts.solved += 1
                    #expect(matrix * x == rightHandSide, "\(matrix.rowVectors), \(rightHandSide)")
                    let pivots = Set(matrix.reducedRowEchelonForm().pivots)
                    #expect(x.count == matrix.columns && x.indices.allSatisfy { pivots.contains($0) || x[$0].isZero })
                case .inconsistent(let y):
                    counts.refuted += 1
                    #expect(rightHandSide != reachable, "\(matrix.rowVectors), \(rightHandSide)")
                    let zeros = [Rational](repeating: 0, count: matrix.columns)
                    #expect(matrix.multiplied(byRow: y) == zeros, "\(matrix.rowVectors), \(rightHandSide)")
                    #expect(y.innerProduct(rightHandSide) == 1, "\(matrix.rowVectors), \(rightHandSide)")
                }
            }
        }
        #expect(counts.solved > 100 && counts.refuted > 50)
    }

    @Test func `a regular system has the solution of Cramer's rule`() {
        var generator = SplitMix64(seed: 71)
        for size in 0...4 {
            for _ in 0..<6 {
                let matrix = generator.matrix(rows: size, columns: size)
                let rightHandSide = generator.vector(size)
                let denominator = determinant(matrix)
                guard !denominator.isZero else { continue }
                let cramer = (0..<size).map { column in
                    determinant(
                        RationalMatrix(rows: size, columns: size) { i, j in
                            j == column ? rightHandSide[i] : matrix[i, j]
                        }) / denominator
                }
                #expect(matrix.solve(rightHandSide) == .solution(cramer), "\(matrix.rowVectors), \(rightHandSide)")
            }
        }
    }

    @Test func `solution and witness are the canonical ones`() {
        // Columns are the responders of a code; any three of them would do, and the first three are taken.
        let vandermonde = RationalMatrix([[1, 1, 1, 1], [1, 2, 3, 4], [1, 4, 9, 16]])!
        #expect(vandermonde.solve([1, 0, 0]) == .solution([3, -3, 1, 0]))
        let dependent = RationalMatrix([[1, 1], [2, 2], [0, 0]])!
        #expect(dependent.solve([1, 2, 0]) == .solution([1, 0]))
        #expect(dependent.solve([1, 3, 0]) == .inconsistent(witness: [-2, 1, 0]))
        #expect(dependent.solve([1, 2, 5]) == .inconsistent(witness: [0, 0, Rational(1, 5)]))
    }

    @Test func `without columns only zero can be reached, and without rows everything is`() {
        let noColumns = RationalMatrix(rows: 2, columns: 0) { _, _ in 0 }
        #expect(noColumns.solve([0, 0]) == .solution([]))
        #expect(noColumns.solve([0, 4]) == .inconsistent(witness: [0, Rational(1, 4)]))
        #expect(noColumns.leastSquares([1, 2]) == ([], [0, 0]))
        let noRows = RationalMatrix(rows: 0, columns: 3) { _, _ in 0 }
        #expect(noRows.solve([]) == .solution([0, 0, 0]))
        #expect(noRows.leastSquares([]) == ([0, 0, 0], []))
    }

    @Test func `least squares leaves a residual orthogonal to the columns, by a vector in the span of the rows`() {
        var generator = SplitMix64(seed: 72)
        for matrix in sampleMatrices(seed: 72) {
            let b = generator.vector(matrix.rows)
            let (x, projection) = matrix.leastSquares(b)
            #expect(matrix * x == projection, "\(matrix.rowVectors), \(b)")
            let residual = zip(b, projection).map { $0 - $1 }
            #expect(matrix.multiplied(byRow: residual).allSatisfy { $0.isZero }, "\(matrix.rowVectors), \(b)")
            let extended = RationalMatrix(matrix.rowVectors + [x])!
            #expect(extended.rank == matrix.rank, "\(matrix.rowVectors), \(b)")
            // So |Ax − b|² grows in every direction, and |x|² in every direction of the kernel.
            let nearby = zip(x, generator.vector(x.count)).map { $0 + $1 }
            let change = zip(matrix * nearby, b).map { $0 - $1 }
            #expect(change.innerProduct(change) >= residual.innerProduct(residual))
        }
    }

    @Test func `least squares of a known system is the known one`() {
        let (x, projection) = RationalMatrix([[1, 1], [1, 1], [0, 0]])!.leastSquares([1, 2, 7])
        #expect(x == [Rational(3, 4), Rational(3, 4)])
        #expect(projection == [Rational(3, 2), Rational(3, 2), 0])
    }
}
