import ExactArithmetic
import Testing

@Suite struct RationalMatrixDefinitenessTests {
    @Test func `the verdict is that of the principal minors, and its proof multiplies out`() {
        var counts = (accepted: 0, refuted: 0)
        for matrix in sampleMatrices(seed: 80) {
            let square = matrix.columns <= matrix.rows ? matrix.transposed * matrix : matrix * matrix.transposed
            var shifted = square
            for i in 0..<shifted.rows { shifted[i, i] -= Rational(1, 2) }
            for symmetric in [square, shifted, symmetrised(matrix)] {
                let indexSets = (0...symmetric.rows).flatMap { subsets(of: symmetric.rows, size: $0) }
                let isSemidefinite = indexSets.allSatisfy { determinant(submatrix(symmetric, $0, $0)) >= 0 }
                let verdict = symmetric.positiveSemidefiniteness()
                expectProof(verdict, of: symmetric)
                if case .certificate = verdict {
                    counts.accepted += 1
                    #expect(isSemidefinite, "\(symmetric.rowVectors)")
                } else {
                    counts.refuted += 1
                    #expect(!isSemidefinite, "\(symmetric.rowVectors)")
                }
            }
        }
        #expect(counts.accepted > 100 && counts.refuted > 50)
    }

    @Test func `a zero pivot with a nonzero column refutes`() {
        for matrix in [[[0, 1], [1, 0]], [[0, 1], [1, 100]], [[1, 1, 2], [1, 1, 3], [2, 3, 9]]] as [[[Rational]]] {
            let symmetric = RationalMatrix(matrix)!
            guard case .refutation(let x) = symmetric.positiveSemidefiniteness() else {
                Issue.record("\(matrix) was accepted")
                continue
            }
            #expect(x.innerProduct(symmetric * x) < 0)
        }
    }

    @Test func `the largest eigenvalue of the matrix of ones is decided on both sides and on the spot`() {
        // τI − V with V of ones is semidefinite exactly when τ ≥ 2.
        func bounded(_ bound: Rational) -> RationalMatrix {
            RationalMatrix(rows: 2, columns: 2) { i, j in (i == j ? bound : 0) - 1 }
        }
        #expect(
            bounded(2).positiveSemidefiniteness()
                == .certificate(lower: RationalMatrix([[1, 0], [-1, 1]])!, diagonal: [1, 0]))
        for bound in [1, 2 - Rational(10).power(-40)] {
            guard case .refutation = bounded(bound).positiveSemidefiniteness() else {
                Issue.record("\(bound) was accepted")
                continue
            }
        }
    }

    @Test func `the empty matrix is positive semidefinite`() {
        #expect(
            RationalMatrix.identity(0).positiveSemidefiniteness() == .certificate(lower: .identity(0), diagonal: []))
    }

    private func symmetrised(_ matrix: RationalMatrix) -> RationalMatrix {
        let size = min(matrix.rows, matrix.columns)
        return RationalMatrix(rows: size, columns: size) { i, j in matrix[min(i, j), max(i, j)] }
    }

    private func expectProof(_ verdict: PositiveSemidefiniteness, of matrix: RationalMatrix) {
        switch verdict {
        case .certificate(let lower, let diagonal):
            let d = RationalMatrix(rows: matrix.rows, columns: matrix.rows) { i, j in i == j ? diagonal[i] : 0 }
            #expect(lower * d * lower.transposed == matrix, "\(matrix.rowVectors)")
            #expect(diagonal.allSatisfy { $0 >= 0 }, "\(matrix.rowVectors)")
            for i in 0..<matrix.rows {
                #expect(lower[i, i] == 1 && (i + 1..<matrix.rows).allSatisfy { lower[i, $0].isZero })
            }
        case .refutation(let x):
            #expect(x.innerProduct(matrix * x) < 0, "\(matrix.rowVectors)")
        }
    }
}
