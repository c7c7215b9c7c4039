import ExactArithmetic

/// A small seeded generator, so that every run of a test draws the same values.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

extension SplitMix64 {
    /// An `Int` that is often at a corner: small, an extreme, or beside a power of two.
    mutating func integer() -> Int {
        switch Int.random(in: 0..<5, using: &self) {
        case 0: Int.random(in: -9...9, using: &self)
        case 1: [Int.min, Int.min + 1, Int.max, Int.max - 1].randomElement(using: &self)!
        case 2: (1 << Int.random(in: 0..<63, using: &self)) &+ Int.random(in: -1...1, using: &self)
        case 3: Int.random(in: -1 << 32...1 << 32, using: &self)
        default: Int.random(in: .min ... .max, using: &self)
        }
    }

    /// An `Int` as above that is not zero.
    mutating func nonzeroInteger() -> Int {
        let value = integer()
        return value == 0 ? 1 : value
    }

    /// A rational whose parts fit `Int`, or a product of several such, whose parts do not.
    mutating func rational() -> Rational {
        let factors = [1, 1, 2, 5].randomElement(using: &self)!
        return (0..<factors).reduce(1) { product, _ in product * Rational(integer(), nonzeroInteger()) }
    }

    /// A rational as above that is not zero.
    mutating func nonzeroRational() -> Rational {
        let value = rational()
        return value.isZero ? 1 : value
    }

    /// A small matrix of few distinct entries, so that it is often singular; one in eight has entries of any size.
    mutating func matrix(rows: Int, columns: Int) -> RationalMatrix {
        let isLarge = Int.random(in: 0..<8, using: &self) == 0
        return RationalMatrix(rows: rows, columns: columns) { _, _ in
            isLarge
                ? rational()
                : Rational(Int.random(in: -2...2, using: &self), Int.random(in: 1...2, using: &self))
        }
    }

    /// A vector of small entries.
    mutating func vector(_ count: Int) -> [Rational] {
        (0..<count).map { _ in Rational(Int.random(in: -3...3, using: &self), Int.random(in: 1...3, using: &self)) }
    }
}
