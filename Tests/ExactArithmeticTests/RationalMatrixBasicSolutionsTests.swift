import ExactArithmetic
import Testing

@Suite struct RationalMatrixBasicSolutionsTests {
    @Test func `independent columns have one basic solution, the only one`() throws {
        let matrix = try #require(RationalMatrix([[2, 1], [0, 3]]))
        #expect(matrix.basicSolutions([5, 6], limit: 10) == [[Rational(3, 2), 2]])
    }

    @Test func `repeated columns have one each, and the minimum norm lies between`() throws {
        let matrix = try #require(RationalMatrix([[1, 1, 0], [0, 0, 2]]))
        let solutions = try #require(matrix.basicSolutions([1, 1], limit: 10))
        #expect(solutions == [[1, 0, Rational(1, 2)], [0, 1, Rational(1, 2)]])
        let mean = (0..<3).map { (solutions[0][$0] + solutions[1][$0]) / 2 }
        #expect(matrix.leastSquares([1, 1]).solution == mean)
    }

    @Test func `an inconsistent system has none, and too many sets are not tried`() throws {
        let matrix = try #require(RationalMatrix([[1, 1], [1, 1]]))
        #expect(matrix.basicSolutions([1, 2], limit: 10) == [])
        #expect(RationalMatrix(rows: 1, columns: 9) { _, j in Rational(j + 1) }.basicSolutions([1], limit: 8) == nil)
    }

    @Test func `without columns the zero vector solves zero`() {
        #expect(RationalMatrix(rows: 2, columns: 0) { _, _ in 0 }.basicSolutions([0, 0], limit: 1) == [[]])
    }
}
