import ExactArithmetic
import Testing

@Suite struct RationalMatrixEliminationTests {
    @Test func `the reduced row echelon form meets its definition and keeps the span of the rows`() {
        for matrix in sampleMatrices(seed: 60) {
            let (form, pivots) = matrix.reducedRowEchelonForm()
            #expect(form.rows == matrix.rows && form.columns == matrix.columns)
            #expect(pivots == pivots.sorted() && Set(pivots).count == pivots.count)
            for (i, row) in form.rowVectors.enumerated() {
                #expect(row.firstIndex { !$0.isZero } == (i < pivots.count ? pivots[i] : nil), "\(matrix.rowVectors)")
            }
            for (i, column) in pivots.enumerated() {
                #expect(form.column(column) == RationalMatrix.identity(form.rows).column(i), "\(matrix.rowVectors)")
            }
            // A row is the combination of the form's rows whose coefficients it shows at the pivots.
            let coefficients = RationalMatrix(rows: matrix.rows, columns: pivots.count) { i, k in matrix[i, pivots[k]] }
            #expect(coefficients * form.selecting(rows: Array(pivots.indices)) == matrix, "\(matrix.rowVectors)")
        }
    }

    @Test func `the rank is the size of the largest minor that is not zero`() {
        for matrix in sampleMatrices(seed: 61) {
            #expect(matrix.rank == rankByMinors(matrix), "\(matrix.rowVectors)")
            #expect(matrix.transposed.rank == matrix.rank, "\(matrix.rowVectors)")
        }
    }

    @Test func `the form is its own form, and does not depend on the order or scale of the rows`() {
        var generator = SplitMix64(seed: 62)
        for matrix in sampleMatrices(seed: 62) {
            let (form, pivots) = matrix.reducedRowEchelonForm()
            #expect(form.reducedRowEchelonForm() == (form, pivots))
            var mixed = matrix.selecting(rows: (0..<matrix.rows).shuffled(using: &generator))
            for i in 0..<matrix.rows {
                let (scale, factor) = (generator.nonzeroRational(), generator.rational())
                for j in 0..<matrix.columns {
                    mixed[i, j] = mixed[i, j] * scale + (i > 0 ? factor * mixed[0, j] : 0)
                }
            }
            #expect(mixed.reducedRowEchelonForm() == (form, pivots), "\(matrix.rowVectors)")
        }
    }

    @Test func `the form of a known matrix is the known one`() {
        let (form, pivots) = RationalMatrix([[0, 2, 4, 1], [0, 1, 2, 0], [0, 3, 6, 5]])!.reducedRowEchelonForm()
        #expect(form == RationalMatrix([[0, 1, 2, 0], [0, 0, 0, 1], [0, 0, 0, 0]]))
        #expect(pivots == [1, 3])
    }
}

/// Matrices of all shapes up to 4 × 4, many of deficient rank, some with large entries.
func sampleMatrices(seed: UInt64) -> [RationalMatrix] {
    var generator = SplitMix64(seed: seed)
    return (0...4).flatMap { rows in
        (0...4).flatMap { columns in
            (0..<5).map { sample in
                // Every other one is a product through a smaller dimension.
                if sample.isMultiple(of: 2) { return generator.matrix(rows: rows, columns: columns) }
                let inner = Int.random(in: 0...min(rows, columns), using: &generator)
                return generator.matrix(rows: rows, columns: inner) * generator.matrix(rows: inner, columns: columns)
            }
        }
    }
}
