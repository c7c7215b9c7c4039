/// What a random word is for. Streams share a seed and never a word.
///
/// A struct rather than an enumeration, so that an implementation may use streams of its own beside those fixed here.
///
/// See docs/numerics.md#randomness.
public struct RandomStream: RawRepresentable, Hashable, Sendable {
    /// The last word of the generator's counter.
    public let rawValue: UInt32

    /// The stream with this number.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Which workers straggle in iteration t: i is the worker, j is 0.
    public static let stragglers = RandomStream(rawValue: 0)
    /// The stochastic sign: i is the worker, j the coordinate.
    public static let quantizer = RandomStream(rawValue: 1)
    /// Random allocations: t is 0, i is the partition, j the worker.
    public static let allocation = RandomStream(rawValue: 2)
    /// Test data, see ``Philox/testFloats(seed:t:i:count:)``.
    public static let testData = RandomStream(rawValue: 3)
    /// Rand-K: i is the worker, j the coordinate.
    public static let randK = RandomStream(rawValue: 4)
    /// The s-level quantiser: i is the worker, j the coordinate.
    public static let levels = RandomStream(rawValue: 5)
    /// Uplinks from clients to the server: i is the client, j the attempt.
    public static let uplinks = RandomStream(rawValue: 6)
    /// Links between clients: i is the receiver, j is attempt · clients + sender.
    public static let links = RandomStream(rawValue: 7)
    /// Entries of a Bernoulli code: t is 0, i is the worker, j the partition.
    public static let bernoulliCode = RandomStream(rawValue: 8)
}
