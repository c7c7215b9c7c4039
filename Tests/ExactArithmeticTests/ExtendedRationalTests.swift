import ExactArithmetic
import Testing

@Suite struct ExtendedRationalTests {
    typealias Number = ExtendedRational

    @Test func `finite numbers are ordered and added as rationals`() {
        var generator = SplitMix64(seed: 40)
        for _ in 0..<200 {
            let (a, b) = (generator.rational(), generator.rational())
            #expect(Number.finite(a) + .finite(b) == .finite(a + b))
            #expect((Number.finite(a) < .finite(b)) == (a < b) && (Number.finite(a) == .finite(b)) == (a == b))
            #expect(Number.finite(a).value == a && Number.finite(a).isZero == a.isZero)
            if !a.isZero { #expect(Number.finite(a).reciprocal == 1 / a) }
            #expect([Number.finite(a), .finite(b), .finite(a)].total == .finite(2 * a + b))
        }
    }

    @Test func `infinity is above all numbers, equal to itself, and swallows what is added`() {
        for number: Number in [.finite(0), .finite(-3), .finite(Rational(2).power(200))] {
            #expect(number < .infinite && !(Number.infinite < number) && number != .infinite)
            #expect(number + .infinite == .infinite && .infinite + number == .infinite)
            #expect([number, .infinite, number].total == .infinite)
        }
        #expect(!(Number.infinite < .infinite) && Number.infinite + .infinite == .infinite)
        #expect(Number.infinite.value == nil && Number.infinite.reciprocal == 0 && !Number.infinite.isZero)
        #expect([Number]().total == .finite(0))
        #expect(
            [Number.infinite, .finite(1), .infinite, .finite(-1)].sorted() == [
                .finite(-1), .finite(1), .infinite, .infinite,
            ])
    }

    @Test func `zero has no reciprocal`() async {
        await #expect(processExitsWith: .failure) { _ = ExtendedRational.finite(0).reciprocal }
    }
}
