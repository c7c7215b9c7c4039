public import ExactArithmetic
public import GradientCodes

extension NullSpaceCode {
    /// B: row i has b_ii = 1, and its other entries on the window solve H_{W_i∖i} x = −H_i, so that H Bᵀ = 0
    /// (`docs/GradientCode.md#null-space`).
    ///
    /// - Throws: `invalidParameters` when the columns of a window do not determine its row, or when B does not tolerate
    ///   s stragglers, with a set that it cannot recover from.
    public var encodingMatrix: RationalMatrix {
        get throws(Refusal) {
            var rows: [[Rational]] = []
            for i in 0..<workers { rows.append(try row(i)) }
            let matrix = RationalMatrix(rows: workers, columns: workers) { rows[$0][$1] }
            return try matrix.verified(stragglers: stragglers, of: "the null space of H")
        }
    }

    private func row(_ i: Int) throws(Refusal) -> [Rational] {
        let others = (0..<stragglers).map { (i + 1 + $0) % workers }
        let columns = RationalMatrix(rows: stragglers, columns: stragglers) { r, c in
            Rational(parityCheck[r][others[c]])
        }
        guard columns.rank == stragglers,
            case .solution(let solution) = columns.solve(parityCheck.map { -Rational($0[i]) })
        else { throw Refusal(.invalidParameters, "columns \(others) of H are dependent") }
        var row = [Rational](repeating: 0, count: workers)
        row[i] = 1
        for (column, value) in zip(others, solution) { row[column] = value }
        return row
    }
}
