/// The random choices behind one generated case.
///
/// A generator takes all its randomness from here, so a case is a function of its choices: keeping them makes it
/// reproducible, lowering or deleting them makes it simpler.
public struct Choices: Sendable {
    /// The choices made so far.
    public private(set) var made: [UInt64] = []
    private var source: Source

    private enum Source: Sendable {
        case random(SplitMix64)
        case replay([UInt64])
    }

    /// Fresh choices from a seed.
    public init(seed: UInt64) { source = .random(SplitMix64(seed: seed)) }

    /// The given choices, followed by zeros.
    public init(replaying choices: [UInt64]) { source = .replay(choices) }

    /// A number in `0...bound`; zero is the simplest.
    public mutating func draw(upTo bound: UInt64) -> UInt64 {
        let choice: UInt64
        switch source {
        case .random(var generator):
            choice = .random(in: 0...bound, using: &generator)
            source = .random(generator)
        case .replay(let choices):
            choice = made.count < choices.count ? min(choices[made.count], bound) : 0
        }
        made.append(choice)
        return choice
    }

    /// An integer of a range; its lower bound is the simplest.
    public mutating func integer(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(draw(upTo: UInt64(range.upperBound - range.lowerBound)))
    }

    /// One of the elements; the first is the simplest.
    public mutating func element<Element>(of elements: [Element]) -> Element {
        elements[integer(in: 0...elements.count - 1)]
    }

    /// True or false; false is the simplest.
    public mutating func coin() -> Bool { draw(upTo: 1) == 1 }

    /// The elements for which a coin shows true, in order.
    public mutating func subset<Element>(of elements: some Sequence<Element>) -> [Element] {
        elements.filter { _ in coin() }
    }

    /// The elements in some order; the given order is the simplest.
    public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for i in elements.indices.dropLast() { elements.swapAt(i, i + integer(in: 0...elements.count - 1 - i)) }
        return elements
    }
}

/// The generator SplitMix64 of Steele, Lea and Flood (OOPSLA 2014).
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator whose output depends only on the seed.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
