extension RationalMatrix {
    /// The answer to a system of linear equations Ax = b, with the proof of it.
    public enum Solution: Sendable, Hashable {
        /// A vector x with Ax = b.
        case solution([Rational])
        /// A vector y with yᵀA = 0 and yᵀb = 1: by Fredholm's alternative there is no solution.
        case inconsistent(witness: [Rational])
    }

    /// Solves Ax = b for the `rows` entries of `rightHandSide`, canonically (`docs/GradientCode.md#canonical-decoder`).
    ///
    /// In the reduced row echelon form of [A | b] a pivot in the last column means that there is no solution; otherwise
    /// the free variables are 0 and x is unique. The witness is read off the reduced row echelon form of [A | b | I]: the
    /// part over I of the row whose pivot is b's. Without columns, the only b with a solution is 0.
    ///
    /// - Precondition: `rightHandSide` has as many entries as the matrix has rows.
    public func solve(_ rightHandSide: [Rational]) -> Solution {
        precondition(rightHandSide.count == rows, "a right-hand side's length differs from the matrix's row count")
        let augmented = appending(column: rightHandSide)
        let (form, pivots) = augmented.reducedRowEchelonForm()
        if pivots.last == columns {
            return .inconsistent(witness: augmented.witness(inRow: pivots.count - 1))
        }
        var x = [Rational](repeating: 0, count: columns)
        for (row, column) in pivots.enumerated() { x[column] = form[row, columns] }
        return .solution(x)
    }

    /// What combines the rows of the matrix into row `row` of its reduced row echelon form.
    private func witness(inRow row: Int) -> [Rational] {
        let (form, _) = appending(columnsOf: .identity(rows)).reducedRowEchelonForm()
        return Array(form.row(row).suffix(rows))
    }

    /// The shortest x that minimises |Ax − b|², and the projection Ax of b onto the span of the columns.
    ///
    /// By the normal equations: p = Ay where (AᵀA)y = Aᵀb, then x = Aᵀz where (AAᵀ)z = p. Both are unique whatever the
    /// rank, and exact; the solution has `columns` entries, the projection `rows` (`docs/GradientCode.md#least-squares`).
    ///
    /// - Precondition: `rightHandSide` has as many entries as the matrix has rows.
    public func leastSquares(_ rightHandSide: [Rational]) -> (solution: [Rational], projection: [Rational]) {
        let transposed = transposed
        let y = (transposed * self).solveConsistent(transposed * rightHandSide)
        let projection = self * y
        let z = (self * transposed).solveConsistent(projection)
        return (transposed * z, projection)
    }

    private func solveConsistent(_ rightHandSide: [Rational]) -> [Rational] {
        guard case .solution(let x) = solve(rightHandSide) else {
            preconditionFailure("normal equations always have a solution")
        }
        return x
    }
}
