extension RationalMatrix {
    /// The basic solutions of A x = b: those supported on linearly independent columns, one for each set of rank A such
    /// columns that has one, possibly repeated.
    ///
    /// The minimum-norm solution is a convex combination of them (`docs/numerics.md#recover-any`), so they bound what a
    /// sensible solver answers.
    ///
    /// - Returns: nil when there are more than `limit` sets of columns to try.
    public func basicSolutions(_ rightHandSide: [Rational], limit: Int) -> [[Rational]]? {
        let rank = rank
        guard Rational.binomial(columns, rank) <= Rational(limit) else { return nil }
        var solutions: [[Rational]] = []
        var chosen = Array(0..<rank)
        while true {
            let part = transposed.selecting(rows: chosen).transposed
            if part.rank == rank, case .solution(let values) = part.solve(rightHandSide) {
                var solution = [Rational](repeating: 0, count: columns)
                for (column, value) in zip(chosen, values) { solution[column] = value }
                solutions.append(solution)
            }
            // The next set in lexicographic order: raise the last index that can be raised.
            guard let place = chosen.indices.last(where: { chosen[$0] < columns - rank + $0 }) else { return solutions }
            chosen[place] += 1
            for later in chosen.indices where later > place { chosen[later] = chosen[later - 1] + 1 }
        }
    }
}
