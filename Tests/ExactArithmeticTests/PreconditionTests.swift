import ExactArithmetic
import Testing

@Suite struct PreconditionTests {
    @Test func `zero divides nothing`() async {
        await #expect(processExitsWith: .failure) { _ = Rational(1, 0) }
        await #expect(processExitsWith: .failure) { _ = Rational(1) / 0 }
        await #expect(processExitsWith: .failure) { _ = Rational(0).power(-1) }
        await #expect(processExitsWith: .failure) { _ = Rational(2).power(100) / 0 }
    }

    @Test func `an index outside the matrix is not taken for another one`() async {
        await #expect(processExitsWith: .failure) { _ = RationalMatrix.identity(2)[0, 2] }
        await #expect(processExitsWith: .failure) { _ = RationalMatrix.identity(2)[-1, 0] }
    }
}
