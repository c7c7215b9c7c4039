import ExactArithmetic
import GradientCodeReference
import GradientCodes
import Testing

/// Bit allocation against all choices (docs/HeterogeneousGradientCode.md#bit-allocation).
@Suite struct HeterogeneousBitTests {
    /// q/(p + κ/(2ᵇ − 1)²), from the page.
    static func gain(_ p: Rational, _ b: Int, _ κ: Rational) -> Rational {
        let levels = Rational((1 << b) - 1)
        return b == 0 ? 0 : (1 - p) / (p + κ / (levels * levels))
    }

    static func best(_ p: ArraySlice<Rational>, _ κ: Rational, _ budget: Int, _ maximum: Int) -> Rational {
        guard let first = p.first else { return 0 }
        let gains = (0...min(maximum, budget)).map { b -> Rational in
            gain(first, b, κ) + best(p.dropFirst(), κ, budget - b, maximum)
        }
        return gains.max()!
    }

    /// Bit by bit to the worker with the largest increment.
    static func greedy(_ p: [Rational], _ κ: Rational, _ budget: Int, _ maximum: Int) -> (bits: [Int], gain: Rational) {
        var bits = p.map { _ in 0 }
        for _ in 0..<budget {
            let increments = p.indices.map { i in
                bits[i] < maximum ? gain(p[i], bits[i] + 1, κ) - gain(p[i], bits[i], κ) : -1
            }
            let i = increments.indices.max { increments[$0] < increments[$1] }!
            if increments[i] > 0 { bits[i] += 1 }
        }
        return (bits, p.indices.map { gain(p[$0], bits[$0], κ) }.total)
    }

    @Test func `the gain is that of all choices`() throws {
        var random = SplitMix64(seed: 21)
        for _ in 0..<60 {
            let p = (0..<random.int(1...4)).map { _ in random.pick(SplitMix64.any) }
            let κ = random.pick(Rational.list("1/4 1 4 10"))
            let (budget, maximum) = (random.int(0...8), random.int(1...5))
            let found = try BitAllocation(straggling: p.map(Probability.of), κ: κ, budget: budget, maximum: maximum)
            #expect(found.gain == Self.best(p[...], κ, budget, maximum), "\(p) \(κ) \(budget) \(maximum)")
            #expect(found.bits.count == p.count && found.bits.reduce(0, +) <= budget)
            #expect(found.bits.allSatisfy { 0...maximum ~= $0 })
            #expect(found.gain == p.indices.map { Self.gain(p[$0], found.bits[$0], κ) }.total)
            for (p, b) in zip(p, found.bits) {
                #expect(BitAllocation.gain(of: .of(p), bits: b, κ: κ) == Self.gain(p, b, κ))
            }
            if budget == 0 { #expect(found.gain == 0 && found.bits.allSatisfy { $0 == 0 }) }
            // Giving bit by bit is exact where no increment exceeds the one before it.
            let isConcave = p.allSatisfy { p in
                let gains = (0...maximum).map { Self.gain(p, $0, κ) }
                let increments = zip(gains.dropFirst(), gains).map { $0 - $1 }
                return zip(increments.dropFirst(), increments).allSatisfy { $0 <= $1 }
            }
            if isConcave { #expect(Self.greedy(p, κ, budget, maximum).gain == found.gain) }
        }
    }

    @Test func `giving bit by bit is not exact`() throws {
        let p = Rational.list("3/4 3/10 7/20")
        let found = try BitAllocation(straggling: p.map(Probability.of), κ: 4, budget: 6, maximum: 6)
        #expect(found.bits == [0, 3, 3] && found.gain == .of("264208/79101"))
        let greedy = Self.greedy(p, 4, 6, 6)
        #expect(greedy.bits == [0, 4, 2] && greedy.gain == Rational(432, 143))
        let ratio = found.gain / greedy.gain
        #expect(ratio > Rational(1105, 1000) && ratio < Rational(1107, 1000))
        let gentle = try BitAllocation(straggling: p.map(Probability.of), κ: 1, budget: 6, maximum: 6)
        #expect(gentle.bits == [0, 3, 3] && Self.greedy(p, 1, 6, 6).bits == [0, 3, 3])
    }

    @Test func `what is refused`() {
        let half = [Probability.of(Rational(1, 2))]
        func kind(_ straggling: [Probability], _ κ: Rational, _ budget: Int, _ maximum: Int) -> Refusal.Kind? {
            refusal { try BitAllocation(straggling: straggling, κ: κ, budget: budget, maximum: maximum) }
        }
        #expect(kind(half, 1, 0, 1) == nil)
        #expect(kind([], 1, 1, 1) == .invalidParameters)
        #expect(kind(half, 0, 1, 1) == .invalidParameters && kind(half, -1, 1, 1) == .invalidParameters)
        #expect(kind(half, 1, -1, 1) == .invalidParameters && kind(half, 1, 1, 0) == .invalidParameters)
    }
}
