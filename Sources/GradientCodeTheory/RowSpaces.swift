import ExactArithmetic

/// Row spaces of matrices with a fixed number of columns, each stored once by its reduced row echelon form, which is the
/// same for all bases, and known by a number.
///
/// Exact: the form has rational entries. Adding the same row to the same space is looked up the second time.
struct RowSpaces {
    /// A basis in reduced row echelon form, pivots ascending.
    typealias Basis = [[Rational]]

    private(set) var bases: [Basis] = [[]]
    private var numbers: [Basis: Int] = [[]: 0]
    private var sums: [SIMD2<Int>: Int] = [:]

    /// The number of the space of no rows.
    static let zero = 0

    /// The number of the span of a space and one row. Rows are known by a number too, one for equal rows.
    mutating func adding(_ row: [Rational], number: Int, to space: Int) -> Int {
        let question = SIMD2(space, number)
        if let answer = sums[question] { return answer }
        let basis = Self.sum(bases[space], row)
        let answer = numbers[basis] ?? bases.count
        if answer == bases.count {
            bases.append(basis)
            numbers[basis] = answer
        }
        sums[question] = answer
        return answer
    }

    /// The reduced basis of the span of a reduced basis and one row.
    private static func sum(_ basis: Basis, _ row: [Rational]) -> Basis {
        var row = row
        for vector in basis {
            let pivot = pivot(of: vector)
            guard !row[pivot].isZero else { continue }
            row = subtract(vector, times: row[pivot], from: row)
        }
        guard let pivot = row.firstIndex(where: { !$0.isZero }) else { return basis }
        let scale = row[pivot].reciprocal
        row = row.map { $0.isZero ? 0 : $0 * scale }
        var result = basis.map { $0[pivot].isZero ? $0 : subtract(row, times: $0[pivot], from: $0) }
        let place = result.firstIndex { Self.pivot(of: $0) > pivot } ?? result.count
        result.insert(row, at: place)
        return result
    }

    private static func subtract(_ vector: [Rational], times factor: Rational, from row: [Rational]) -> [Rational] {
        zip(row, vector).map { $1.isZero ? $0 : $0 - factor * $1 }
    }

    /// The column of the first entry, which is 1 in a reduced basis.
    private static func pivot(of vector: [Rational]) -> Int {
        guard let pivot = vector.firstIndex(where: { !$0.isZero }) else {
            preconditionFailure("a basis has no zero vectors")
        }
        return pivot
    }

    /// The dimension of a space.
    func rank(_ space: Int) -> Int { bases[space].count }

    /// K, the coordinates k with e_k in the space: the pivots of rows with one entry
    /// (`docs/CooperativeGradientCode.md#theorem-1`).
    func units(_ space: Int) -> [Int] {
        bases[space].filter { $0.count { !$0.isZero } == 1 }.map(Self.pivot)
    }

    /// Whether 1 lies in the space: the sum of the pivot rows is 1.
    func containsOnes(_ space: Int, columns: Int) -> Bool {
        (0..<columns).allSatisfy { k in bases[space].map { $0[k] }.total == 1 }
    }
}
