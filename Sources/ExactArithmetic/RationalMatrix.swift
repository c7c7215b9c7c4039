/// A matrix of rational numbers, `rows` × `columns`, indexed from 0; either dimension may be 0.
public struct RationalMatrix: Sendable, Hashable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int

    private var entries: [Rational]

    /// The matrix whose entry in row i and column j is `entry(i, j)`.
    ///
    /// - Precondition: neither dimension is negative.
    public init(rows: Int, columns: Int, _ entry: (Int, Int) -> Rational) {
        precondition(rows >= 0 && columns >= 0, "the dimensions of a matrix are not negative")
        self.rows = rows
        self.columns = columns
        entries = (0..<rows).flatMap { i in (0..<columns).map { j in entry(i, j) } }
    }

    /// The matrix of the given rows; nil when they differ in length. No rows at all give the 0 × 0 matrix.
    public init?(_ rows: [[Rational]]) {
        let columns = rows.first?.count ?? 0
        guard rows.allSatisfy({ $0.count == columns }) else { return nil }
        self.init(rows: rows.count, columns: columns) { i, j in rows[i][j] }
    }

    /// The n × n identity matrix.
    public static func identity(_ n: Int) -> RationalMatrix {
        RationalMatrix(rows: n, columns: n) { i, j in i == j ? 1 : 0 }
    }

    /// The entry in row `i` and column `j`.
    ///
    /// - Precondition: both indices are within the matrix.
    public subscript(_ i: Int, _ j: Int) -> Rational {
        get {
            entries[position(i, j)]
        }
        set {
            entries[position(i, j)] = newValue
        }
    }

    private func position(_ i: Int, _ j: Int) -> Int {
        precondition(0 <= i && i < rows && 0 <= j && j < columns, "an index lies outside the matrix")
        return i * columns + j
    }

    /// Row `i`, of `columns` entries.
    public func row(_ i: Int) -> [Rational] { (0..<columns).map { j in self[i, j] } }

    /// Column `j`, of `rows` entries.
    public func column(_ j: Int) -> [Rational] { (0..<rows).map { i in self[i, j] } }

    /// All rows, in order.
    public var rowVectors: [[Rational]] { (0..<rows).map(row) }

    /// The matrix of the rows with the given indices, in the given order; an index may occur more than once.
    public func selecting(rows indices: [Int]) -> RationalMatrix {
        RationalMatrix(rows: indices.count, columns: columns) { i, j in self[indices[i], j] }
    }

    /// The `columns` × `rows` matrix with rows and columns exchanged.
    public var transposed: RationalMatrix {
        RationalMatrix(rows: columns, columns: rows) { i, j in self[j, i] }
    }

    /// The matrix with the columns of `other`, which has as many rows, after its own.
    func appending(columnsOf other: RationalMatrix) -> RationalMatrix {
        RationalMatrix(rows: rows, columns: columns + other.columns) { i, j in
            j < columns ? self[i, j] : other[i, j - columns]
        }
    }

    /// The matrix with `column`, of `rows` entries, after its own columns.
    func appending(column: [Rational]) -> RationalMatrix {
        appending(columnsOf: RationalMatrix(rows: rows, columns: 1) { i, _ in column[i] })
    }
}

extension RationalMatrix: Codable {
    /// Encodes the rows as arrays of `n/d` strings. A matrix without rows is `[]`: its column count is not kept.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rowVectors)
    }

    /// Decodes an array of rows of equal length; throws `DecodingError.dataCorrupted` when they differ.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let matrix = try RationalMatrix(container.decode([[Rational]].self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "the rows of a matrix differ in length")
        }
        self = matrix
    }
}
