import ExactArithmetic
import Foundation
import Testing

@Suite struct RationalMatrixTests {
    let example = RationalMatrix([[1, 2, 3], [4, 5, 6]])!

    @Test func `rows, columns and entries are where they were put`() {
        #expect(example.rows == 2 && example.columns == 3)
        #expect(example.row(1) == [4, 5, 6])
        #expect(example.column(2) == [3, 6])
        #expect(example.rowVectors == [[1, 2, 3], [4, 5, 6]])
        #expect(example[0, 1] == 2)
        #expect(example.transposed == RationalMatrix([[1, 4], [2, 5], [3, 6]]))
        #expect(example.selecting(rows: [1, 0, 1]) == RationalMatrix([[4, 5, 6], [1, 2, 3], [4, 5, 6]]))
        #expect(example == RationalMatrix(rows: 2, columns: 3) { i, j in Rational(3 * i + j + 1) })
        var changed = example
        changed[1, 0] = Rational(1, 2)
        #expect(changed.rowVectors == [[1, 2, 3], [Rational(1, 2), 5, 6]])
    }

    @Test func `ragged rows make no matrix`() {
        #expect(RationalMatrix([[1, 2], [3]]) == nil)
        #expect(RationalMatrix([[], [1]]) == nil)
        #expect(RationalMatrix([])?.rows == 0)
        #expect(RationalMatrix([[], []])?.rows == 2)
    }

    @Test func `an entry of a product is the sum over the inner index`() {
        var generator = SplitMix64(seed: 50)
        for _ in 0..<60 {
            let sizes = (0..<3).map { _ in Int.random(in: 0...4, using: &generator) }
            let a = generator.matrix(rows: sizes[0], columns: sizes[1])
            let b = generator.matrix(rows: sizes[1], columns: sizes[2])
            let x = generator.vector(sizes[1])
            let v = generator.vector(sizes[0])
            let product = a * b
            #expect(product.rows == a.rows && product.columns == b.columns)
            for i in 0..<a.rows {
                for j in 0..<b.columns {
                    var sum: Rational = 0
                    for k in 0..<a.columns { sum += a[i, k] * b[k, j] }
                    #expect(product[i, j] == sum, "\(a.rowVectors) * \(b.rowVectors)")
                }
            }
            #expect(b.transposed * a.transposed == product.transposed)
            #expect(a * x == (a * RationalMatrix(rows: x.count, columns: 1) { i, _ in x[i] }).column(0))
            #expect(a.multiplied(byRow: v) == a.transposed * v)
            #expect(.identity(a.rows) * a == a && a * .identity(a.columns) == a)
        }
    }

    @Test func `a matrix is encoded as rows of strings and decoded from them`() throws {
        let matrix = RationalMatrix([[1, Rational(-1, 2)], [0, 3]])!
        let data = try JSONEncoder().encode(matrix)
        #expect(String(decoding: data, as: UTF8.self) == #"[["1\/1","-1\/2"],["0\/1","3\/1"]]"#)
        #expect(try JSONDecoder().decode(RationalMatrix.self, from: data) == matrix)
        let empty = RationalMatrix(rows: 2, columns: 0) { _, _ in 0 }
        #expect(try JSONDecoder().decode(RationalMatrix.self, from: JSONEncoder().encode(empty)) == empty)
    }

    @Test func `ragged or malformed rows are reported as corrupted data`() {
        for text in [#"[["1"],["1","2"]]"#, #"[["1/0"]]"#] {
            let error = #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(RationalMatrix.self, from: Data(text.utf8))
            }
            if case .dataCorrupted = error { continue }
            Issue.record("\(text): \(String(describing: error))")
        }
    }
}
