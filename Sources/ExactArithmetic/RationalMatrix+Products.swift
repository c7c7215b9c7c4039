extension RationalMatrix {
    /// The matrix product; `a` is m × k, `b` is k × n, the product m × n.
    ///
    /// - Precondition: `a` has as many columns as `b` has rows.
    public static func * (a: RationalMatrix, b: RationalMatrix) -> RationalMatrix {
        precondition(a.columns == b.rows, "the inner dimensions of a matrix product differ")
        let (rows, columns) = (a.rowVectors, b.transposed.rowVectors)
        return RationalMatrix(rows: a.rows, columns: b.columns) { i, j in rows[i].innerProduct(columns[j]) }
    }

    /// The product Ax with a column vector x of `columns` entries; the result has `rows` entries.
    ///
    /// - Precondition: `x` has as many entries as `a` has columns.
    public static func * (a: RationalMatrix, x: [Rational]) -> [Rational] {
        precondition(x.count == a.columns, "a vector's length differs from the matrix's column count")
        return (0..<a.rows).map { i in a.row(i).innerProduct(x) }
    }

    /// The product vᵀA with a row vector v of `rows` entries; the result has `columns` entries.
    ///
    /// - Precondition: `vector` has as many entries as the matrix has rows.
    public func multiplied(byRow vector: [Rational]) -> [Rational] {
        precondition(vector.count == rows, "a vector's length differs from the matrix's row count")
        return (0..<columns).map { j in vector.innerProduct(column(j)) }
    }
}
