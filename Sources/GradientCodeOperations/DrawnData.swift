public import GradientCodes

/// Where the values of a long input come from, so that a vector file need not hold them: its reader draws them
/// (`docs/architecture.md#vectors`). On the wire the values themselves are sent.
public struct DrawnData: Record {
    /// The seed.
    public var seed: Seed
    /// The stream's number: 3 for test data.
    public var stream: Int
    /// The iteration.
    public var t: Int
    /// The index.
    public var i: Int
    /// How many.
    public var count: Int

    /// The draws j = 0 … count − 1 of a stream.
    public init(seed: Seed, stream: RandomStream, t: Int, i: Int, count: Int) {
        self.init(seed: seed, stream: Int(stream.rawValue), t: t, i: i, count: count)
    }

    init(seed: Seed, stream: Int, t: Int, i: Int, count: Int) {
        self.seed = seed
        self.stream = stream
        self.t = t
        self.i = i
        self.count = count
    }

    /// The words.
    ///
    /// - Throws: `invalidParameters` for another stream than the one asked for, an index beyond 32 bits, or more than 2²²
    ///   words.
    func words(of required: RandomStream?) throws(Refusal) -> [UInt32] {
        guard let number = UInt32(exactly: stream), required == nil || required?.rawValue == number,
            let t = UInt32(exactly: t), let i = UInt32(exactly: i), 0...1 << 22 ~= count
        else {
            throw Refusal(.invalidParameters, "stream \(stream), t \(t), i \(i), \(count) words cannot be drawn")
        }
        return Philox.words(
            seed: seed.value, stream: RandomStream(rawValue: number), t: t, i: i, first: 0, count: count)
    }

    private static let key = CodingUserInfoKey(rawValue: "drawnData")!
    /// What permits readers and writers to have draws in place of values.
    package static let userInfo: [CodingUserInfoKey: any Sendable] = [key: true]

    static func isUsed(by userInfo: [CodingUserInfoKey: Any]) -> Bool { userInfo[key] != nil }

    /// Whether draws stand in place of values, and may.
    static func stands(in decoder: any Decoder) -> Bool {
        isUsed(by: decoder.userInfo) && (try? decoder.singleValueContainer().decode(String.self)) == nil
    }

    /// The fields.
    public static let shape = Shape(
        Self.init(seed:stream:t:i:count:), Field("seed", \.seed, "the seed"),
        Field("stream", \.stream, "the stream; 3 for values"), Field("t", \.t, "the iteration"),
        Field("i", \.i, "the index"), Field("count", \.count, "how many draws, from j = 0"))
}
