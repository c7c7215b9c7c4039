/// Whether a symmetric matrix A is positive semidefinite, with a proof that is checked by multiplication alone.
public enum PositiveSemidefiniteness: Sendable, Hashable {
    /// It is: A = LDLᵀ with L lower triangular, of unit diagonal, and D diagonal without negative entries.
    case certificate(lower: RationalMatrix, diagonal: [Rational])
    /// It is not: xᵀAx < 0 for this vector x.
    case refutation([Rational])
}

extension RationalMatrix {
    /// Decides by symmetric elimination whether the matrix is positive semidefinite; the 0 × 0 matrix is.
    ///
    /// After the first k columns, A = LDLᵀ + S, where S is zero in its first k rows and columns. The matrix is refuted
    /// by a negative pivot S_kk, and by a zero pivot with an entry below it that is not zero: [[0, 1], [1, 0]] is the
    /// second case.
    ///
    /// - Precondition: the matrix is square and symmetric.
    public func positiveSemidefiniteness() -> PositiveSemidefiniteness {
        precondition(self == transposed, "semidefiniteness is decided of symmetric matrices")
        var lower = RationalMatrix.identity(rows)
        var diagonal: [Rational] = []
        var rest = self
        for k in 0..<rows {
            let pivot = rest[k, k]
            let nonzero = (k + 1..<rows).first { i in !rest[i, k].isZero }
            if pivot < 0 || (pivot.isZero && nonzero != nil) {
                return .refutation(lower.refutation(of: rest, pivot: k, nonzero: nonzero))
            }
            diagonal.append(pivot)
            guard !pivot.isZero else { continue }
            for i in k + 1..<rows { lower[i, k] = rest[i, k] / pivot }
            for i in k..<rows {
                for j in k..<rows { rest[i, j] -= lower[i, k] * pivot * lower[j, k] }
            }
        }
        return .certificate(lower: lower, diagonal: diagonal)
    }

    /// A vector x with xᵀAx = vᵀSv < 0, where v is zero before index k and Lᵀx = v. The matrix itself is L.
    private func refutation(of rest: RationalMatrix, pivot k: Int, nonzero: Int?) -> [Rational] {
        var v = [Rational](repeating: 0, count: rows)
        v[k] = 1
        if rest[k, k].isZero, let i = nonzero {
            // vᵀSv = 2 v_k S_ik + S_ii = −1.
            v[i] = 1
            v[k] = -(rest[i, i] + 1) / (2 * rest[i, k])
        }
        return solveTransposed(v)
    }

    /// Solves Lᵀx = v by back substitution, for a lower triangular matrix L of unit diagonal.
    private func solveTransposed(_ v: [Rational]) -> [Rational] {
        var x = v
        for i in (0..<rows).reversed() {
            for j in i + 1..<rows { x[i] -= self[j, i] * x[j] }
        }
        return x
    }
}
