import GradientCodes
import Testing

@Suite struct ProbabilityTests {
    static let parts: [(UInt64, UInt64)] = [
        (1, 2), (1, 4), (3, 8), (5, 8), (1, 3), (2, 3), (1, 1 << 31), (1, 1 << 32), (1, 1 << 33), (1, .max),
        ((1 << 32) - 1, 1 << 32), ((1 << 33) - 1, 1 << 33), (.max - 1, .max), (1 << 63, .max), (.max / 3, .max),
    ]

    @Test(arguments: parts)
    func `an event occurs at exactly the words below the ceiling of 2^32 p`(n: UInt64, d: UInt64) throws {
        let p = try Probability(n, d)
        // n 2^32 / d by long division of a 128-bit number, rounded up.
        let (quotient, remainder) = d.dividingFullWidth((n >> 32, n << 32))
        let threshold = quotient + (remainder > 0 ? 1 : 0)
        let near = [threshold &- 2, threshold &- 1, threshold, threshold + 1]
        for word in near + [0, 1, 1 << 31, UInt64(UInt32.max)] {
            guard let u = UInt32(exactly: word) else { continue }
            #expect(p.occurs(at: u) == (word < threshold), "\(p) at \(u)")
        }
    }

    @Test func `probability zero never occurs and probability one always does`() {
        for word in [0, 1, 1 << 31, UInt32.max] {
            #expect(!Probability.zero.occurs(at: word))
            #expect(Probability.one.occurs(at: word))
        }
    }

    @Test(arguments: parts)
    func `a probability and its complement add up to one`(n: UInt64, d: UInt64) throws {
        let p = try Probability(n, d)
        #expect(p.complement.value == (try Fraction(d - n, d)))
        #expect(p.complement.complement == p)
    }

    @Test func `zero and one are each other's complements`() {
        #expect(Probability.zero.complement == .one)
        #expect(Probability.one.complement == .zero)
        #expect(Probability.zero.value == .zero)
        #expect(Probability.one.value == .one)
    }

    @Test func `probabilities are reduced, ordered and printed as fractions`() throws {
        #expect(try Probability(2, 8) == Probability(1, 4))
        #expect(try Probability(6, 16).description == "3/8")
        #expect(try Probability(.max - 2, .max) < Probability(.max - 1, .max))
        #expect(try !(Probability(1, 3) < Probability(2, 6)))
    }

    @Test func `numbers above one and zero denominators are refused`() {
        #expect(refusal(try Probability(3, 2)) == .invalidProbability)
        #expect(refusal(try Probability(.max, .max - 1)) == .invalidProbability)
        #expect(refusal(try Probability(0, 0)) == .invalidProbability)
        #expect(refusal(try Probability(1, 0)) == .invalidProbability)
    }
}
