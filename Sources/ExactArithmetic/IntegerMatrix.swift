/// A matrix of integers for the fast exact elimination: what is decided with it is as exact as what ``RationalMatrix``
/// decides, which is its oracle in tests.
///
/// See docs/architecture.md#exact-engine.
public struct IntegerMatrix: Sendable, Hashable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int
    /// The entries row by row, each below 2⁶² in magnitude.
    public let entries: [Int]

    /// The matrix of the given entries, row by row; nil unless there are `rows` · `columns` of them, each below 2⁶² in
    /// magnitude.
    public init?(rows: Int, columns: Int, entries: [Int]) {
        guard rows >= 0, columns >= 0, entries.count == rows * columns,
            entries.allSatisfy({ $0.magnitude < 1 << 62 })
        else { return nil }
        self.rows = rows
        self.columns = columns
        self.entries = entries
    }

    /// The matrix whose rows are multiples of those of `matrix`, integers without a common factor, so that both have the
    /// same row space; nil where an entry is too large.
    public init?(scaling matrix: RationalMatrix) {
        var entries: [Int] = []
        for row in matrix.rowVectors {
            let scale = row.reduce(1 as Rational) { multiple, entry in
                multiple * entry.denominator / .greatestCommonDivisor(multiple, entry.denominator)
            }
            let factor = row.reduce(0 as Rational) { .greatestCommonDivisor($0, $1 * scale) }
            for entry in row {
                guard let integer = Int(exactly: factor.isZero ? 0 : entry * scale / factor) else { return nil }
                entries.append(integer)
            }
        }
        self.init(rows: matrix.rows, columns: matrix.columns, entries: entries)
    }

    /// The entry in row `i` and column `j`.
    public subscript(_ i: Int, _ j: Int) -> Int { entries[i * columns + j] }

    /// An upper bound of the base-2 logarithm of the magnitude of every minor: Hadamard's inequality, each row with at
    /// least length 1. The logarithms are those of binary64, with a margin that is much larger than their error.
    var minorBits: Double {
        var bits = 0.0
        for i in 0..<rows {
            var square = 0.0
            for j in 0..<columns {
                let entry = Double(entries[i * columns + j])
                square += entry * entry
            }
            if square > 1 { bits += Double.logarithmAbove(square) / 2 }
        }
        return bits
    }
}

extension Double {
    /// A number above the base-2 logarithm of a number above 1, by less than 0.17: log2(1 + m) ≤ m + 0.0861 on [0, 1].
    /// The margin 0.09 also covers the rounding of the sum of squares, below 2⁻³⁰ relatively.
    fileprivate static func logarithmAbove(_ x: Double) -> Double {
        Double(x.exponent) + (x.significand - 1) + 0.09
    }
}

/// A reduced row echelon form with one denominator for all entries: row i of the form is row i of `numerators` over
/// `denominator`.
public struct IntegerEchelonForm: Sendable, Hashable {
    /// The columns of the pivots, ascending; as many as the rank.
    public let pivots: [Int]
    /// The number of columns.
    public let columns: Int
    /// The common denominator, not 0: up to its sign, a minor of the matrix.
    public let denominator: Rational
    /// Integers, row by row, one row a pivot; in a pivot column 0 or the denominator.
    let numerators: [Rational]

    /// The rank of the matrix.
    public var rank: Int { pivots.count }

    /// The entry in row `i` and column `j` of the reduced row echelon form.
    public subscript(_ i: Int, _ j: Int) -> Rational { numerators[i * columns + j] / denominator }

    /// The numerator of an entry, an integer.
    public func numerator(_ i: Int, _ j: Int) -> Rational { numerators[i * columns + j] }

    /// The columns k with e_k in the row space (`docs/CooperativeGradientCode.md#theorem-1`).
    public var units: [Int] {
        pivots.indices.filter { i in
            (0..<columns).allSatisfy { $0 == pivots[i] || numerators[i * columns + $0].isZero }
        }.map { pivots[$0] }
    }

    /// Whether (1, …, 1) is in the row space: the sum of the pivot rows (`docs/CooperativeGradientCode.md#theorem-1`).
    public var containsOnes: Bool {
        (0..<columns).allSatisfy { j in
            pivots.indices.map { numerators[$0 * columns + j] }.total == denominator
        }
    }
}
