import ExactArithmetic
import GradientCodeLaws
import GradientCodeTheory
import GradientCodes
import Testing

@Suite struct TheoryTests {
    @Test func `the law of the number of stragglers is the enumeration`() throws {
        for n in 0...6 {
            let p = try (0..<n).map { try Probability(UInt64($0 * $0 % 7), 8) }
            var counts = [Rational](repeating: 0, count: n + 1)
            for pattern in 0..<1 << n {
                let weight = (0..<n).map { i -> Rational in
                    let value = Rational(p[i].value.numerator) / Rational(p[i].value.denominator)
                    return pattern >> i & 1 == 1 ? value : 1 - value
                }
                counts[pattern.nonzeroBitCount] += weight.reduce(1, *)
            }
            let law = PoissonBinomial(p)
            #expect(law.probabilities == counts)
            for s in -1...n { #expect(law.atMost(s) == counts.prefix(s + 1).total) }
        }
    }

    @Test func `no order of summation leaves the bound of a combination, and a worst case comes near it`() throws {
        var choices = Choices(seed: 1)
        var nearest: Rational = 0
        for _ in 0..<400 {
            let m = choices.integer(in: 1...5)
            let c = (0..<m).map { _ in Float(choices.integer(in: 1...0xffffff)) * 0x1p-23 }
            let v = (0..<m).map { _ in Float(choices.integer(in: 1...0xffffff)) * 0x1p-23 }
            let (exactC, exactV) = (c.map { Rational(exactly: $0)! }, v.map { Rational(exactly: $0)! })
            let bound = ForwardError.linearCombinationBound(coefficients: exactC, values: exactV)
            let exact = exactC.innerProduct(exactV)
            for order in [Array(0..<m), Array((0..<m).reversed()), choices.shuffled(Array(0..<m))] {
                let plain = order.reduce(Float(0)) { $0 + c[$1] * v[$1] }
                let fused = order.reduce(Float(0)) { $0.addingProduct(c[$1], v[$1]) }
                for result in [plain, fused] {
                    let error = (Rational(exactly: result)! - exact).magnitude
                    #expect(error <= bound)
                    nearest = max(nearest, error / bound)
                }
            }
        }
        // One term: the bound u |cv| is attained up to the rounding's own granularity.
        #expect(nearest > Rational(9, 10), "the bound would not notice a constant 10 % too small: \(nearest)")
    }

    @Test func `a product that underflows is covered`() {
        let (c, v): (Float, Float) = (0x1.8p-75, 0x1p-75)
        let exact = Rational(exactly: c)! * Rational(exactly: v)!
        let error = (Rational(exactly: c * v)! - exact).magnitude
        #expect(error > ForwardError.factor(roundings: 1) * exact)
        #expect(
            error
                <= ForwardError.linearCombinationBound(
                    coefficients: [Rational(exactly: c)!], values: [Rational(exactly: v)!]))
    }
}
