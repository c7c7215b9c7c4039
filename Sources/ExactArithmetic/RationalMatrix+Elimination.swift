// Gauss–Jordan elimination as textbooks have it, over exact numbers. The fraction-free and modular algorithms are much
// faster; this one can be checked by reading it, and the others are checked against it.

extension RationalMatrix {
    /// The reduced row echelon form, and the columns of its pivots in ascending order.
    ///
    /// The form is the same for all matrices with the same rows' span and dimensions, so it does not depend on the choice
    /// of pivots; here that is the first row with a nonzero entry.
    public func reducedRowEchelonForm() -> (matrix: RationalMatrix, pivots: [Int]) {
        var matrix = self
        var pivots: [Int] = []
        for column in 0..<columns {
            let target = pivots.count
            guard let source = (target..<rows).first(where: { !matrix[$0, column].isZero }) else { continue }
            matrix.exchange(target, source)
            matrix.scale(target, by: matrix[target, column].reciprocal)
            for row in 0..<rows where row != target {
                matrix.subtract(target, times: matrix[row, column], from: row)
            }
            pivots.append(column)
        }
        return (matrix, pivots)
    }

    /// The dimension of the span of the rows.
    public var rank: Int { reducedRowEchelonForm().pivots.count }

    private mutating func exchange(_ row: Int, _ other: Int) {
        guard row != other else { return }
        for j in 0..<columns { (self[row, j], self[other, j]) = (self[other, j], self[row, j]) }
    }

    private mutating func scale(_ row: Int, by factor: Rational) {
        for j in 0..<columns where !self[row, j].isZero { self[row, j] *= factor }
    }

    private mutating func subtract(_ source: Int, times factor: Rational, from row: Int) {
        guard !factor.isZero else { return }
        for j in 0..<columns where !self[source, j].isZero { self[row, j] -= factor * self[source, j] }
    }
}
