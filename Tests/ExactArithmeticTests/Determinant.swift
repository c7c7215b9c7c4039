import ExactArithmetic

/// The determinant by Leibniz's formula: the sum over all permutations, without any elimination.
func determinant(_ matrix: RationalMatrix) -> Rational {
    permutations(of: Array(0..<matrix.rows)).map { permutation, sign in
        permutation.enumerated().reduce(sign) { product, entry in product * matrix[entry.offset, entry.element] }
    }.total
}

/// The size of the largest square submatrix with a nonzero determinant.
func rankByMinors(_ matrix: RationalMatrix) -> Int {
    let sizes = 1..<min(matrix.rows, matrix.columns) + 1
    return sizes.last { size in
        subsets(of: matrix.rows, size: size).contains { rows in
            subsets(of: matrix.columns, size: size).contains { columns in
                !determinant(submatrix(matrix, rows, columns)).isZero
            }
        }
    } ?? 0
}

func submatrix(_ matrix: RationalMatrix, _ rows: [Int], _ columns: [Int]) -> RationalMatrix {
    matrix.selecting(rows: rows).transposed.selecting(rows: columns).transposed
}

/// All subsets of `0..<count` of the given size, each in ascending order.
func subsets(of count: Int, size: Int) -> [[Int]] {
    (0..<1 << count).map { mask in (0..<count).filter { mask >> $0 & 1 == 1 } }.filter { $0.count == size }
}

private func permutations(of elements: [Int]) -> [(permutation: [Int], sign: Rational)] {
    guard !elements.isEmpty else { return [([], 1)] }
    return elements.indices.flatMap { i in
        var rest = elements
        let first = rest.remove(at: i)
        return permutations(of: rest).map { ([first] + $0.permutation, i.isMultiple(of: 2) ? $0.sign : -$0.sign) }
    }
}
