public import ExactArithmetic

extension ExtendedRational: FieldValue {
    private static let word = "inf"
    /// `"n/d"`, or the word `inf`.
    public static var schema: Schema { .either(.rational, words: [word]) }

    /// Reads `"n/d"` or the word.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let isWord = (try? container.decode(String.self)) == Self.word
        self = isWord ? .infinite : .finite(try container.decode(Rational.self))
    }

    /// Writes `"n/d"` or the word.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .finite(let value): try container.encode(value)
        case .infinite: try container.encode(Self.word)
        }
    }
}
