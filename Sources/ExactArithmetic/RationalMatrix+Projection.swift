extension RationalMatrix {
    /// The orthogonal projector on the span of the rows, `columns` × `columns`: Rᵀ(RRᵀ)⁻¹R for the nonzero rows R of the
    /// reduced row echelon form; zero where there is nothing but zeros.
    public var rowSpaceProjector: RationalMatrix {
        let (form, pivots) = reducedRowEchelonForm()
        let rows = form.selecting(rows: Array(pivots.indices))
        guard !pivots.isEmpty else { return RationalMatrix(rows: columns, columns: columns) { _, _ in 0 } }
        let solved = (rows * rows.transposed).appending(columnsOf: rows).reducedRowEchelonForm().matrix
        return rows.transposed
            * RationalMatrix(rows: rows.rows, columns: columns) { i, j in solved[i, rows.rows + j] }
    }
}
