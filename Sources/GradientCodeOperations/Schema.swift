/// The shape of one JSON value, as the protocol, the vectors and the adapter stubs see it.
///
/// A schema is never written by hand: it is read off the Swift types of the operations, so that documentation, JSON
/// Schemas and generated adapters cannot disagree with what is sent.
public indirect enum Schema: Hashable, Sendable {
    /// An integer below 2⁵³ in magnitude.
    case integer
    /// `true` or `false`.
    case boolean
    /// Any string.
    case text
    /// An exact number `"n/d"` in lowest terms.
    case rational
    /// An exact number, or sixteen hexadecimal digits of a binary64 where the subject declares `binary64`.
    case number
    /// A list of exact numbers, or one hexadecimal string of binary32 or binary64 values.
    case coefficients
    /// Binary32 values, eight lower-case hexadecimal digits each, concatenated.
    case binary32
    /// 32-bit words, eight lower-case hexadecimal digits each, concatenated.
    case words
    /// Bytes, two lower-case hexadecimal digits each, concatenated.
    case bytes
    /// A 64-bit seed: sixteen lower-case hexadecimal digits.
    case seed
    /// One of the given strings.
    case choice([String])
    /// One of the given words, or a value.
    case either(Schema, words: [String])
    /// A JSON array.
    case list(Schema)
    /// A JSON object with arbitrary keys.
    case map(Schema)
    /// The value or `null`.
    case nullable(Schema)
    /// A JSON object with the given fields and no others.
    case record([FieldDescription])

    /// A short phrase for tables and messages.
    public var phrase: String {
        switch self {
        case .integer: "integer"
        case .boolean: "boolean"
        case .text: "string"
        case .rational: "rational"
        case .number: "rational or binary64"
        case .coefficients: "rationals, binary32 or binary64"
        case .binary32: "f32"
        case .words: "words"
        case .bytes: "bytes"
        case .seed: "seed"
        case .choice(let names): names.joined(separator: " \\| ")
        case .either(let value, let words): ([value.phrase] + words.map { "\"\($0)\"" }).joined(separator: " or ")
        case .list(let element): element.phrase.contains(" ") ? "(\(element.phrase))[]" : element.phrase + "[]"
        case .map(let element): "map of \(element.phrase)"
        case .nullable(let value): value.phrase + " or null"
        case .record(let fields): "{" + fields.map(\.name).joined(separator: ", ") + "}"
        }
    }
}

/// One field of a JSON object: its name, its schema, whether it may be absent, and what it means.
public struct FieldDescription: Hashable, Sendable {
    /// The key.
    public let name: String
    /// The value's schema.
    public let schema: Schema
    /// False where the key may be absent.
    public let isRequired: Bool
    /// One phrase: meaning, shape, unit.
    public let meaning: String
}
