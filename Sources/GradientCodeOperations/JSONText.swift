public import Foundation

/// JSON as this suite writes it: keys in ASCII order, no blanks, slashes unescaped; one text for one value.
public enum JSONText {
    /// One line.
    public static func compact(_ value: some Encodable) -> String {
        String(decoding: data(value), as: UTF8.self)
    }

    /// One line, as bytes.
    public static func data(_ value: some Encodable) -> Data {
        do {
            return try encoder.encode(value)
        } catch {
            // Records hold strings, integers, booleans, lists and maps; none of these can fail to encode.
            preconditionFailure("\(type(of: value)) cannot be written as JSON: \(error)")
        }
    }

    /// One line, with what long values are drawn from in place of them, as vector files and reports have it.
    public static func abridged(_ value: some Encodable) -> String {
        (try? abridging.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? compact(value)
    }

    private static let encoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    private static let abridging = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.userInfo = DrawnData.userInfo
        return encoder
    }()

    /// Several lines, for people, with what long values are drawn from.
    public static func pretty(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.userInfo = DrawnData.userInfo
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? compact(value)
    }

    /// Reads a value; an error says what was found where and what was expected.
    public static func read<Value: Decodable>(
        _ type: Value.Type, from data: Data, userInfo: [CodingUserInfoKey: any Sendable] = [:]
    ) throws(JSONReadingError) -> Value {
        let decoder = JSONDecoder()
        decoder.userInfo = userInfo
        do {
            return try decoder.decode(type, from: data)
        } catch {
            throw JSONReadingError(error)
        }
    }
}

/// Why a JSON text could not be read.
public struct JSONReadingError: Error, CustomStringConvertible, Hashable {
    /// Where (a path of keys and indices, empty at the top) and what was expected.
    public let description: String

    /// An error described by the caller.
    public init(_ description: String) { self.description = description }

    init(_ error: any Error) {
        guard let error = error as? DecodingError else {
            description = "\(error)"
            return
        }
        switch error {
        case .keyNotFound(let key, let context):
            description = "\(Self.place(context))key \"\(key.stringValue)\" is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            description = Self.place(context) + context.debugDescription
        case .dataCorrupted(let context):
            let detail = (context.underlyingError as NSError?)?.userInfo[NSDebugDescriptionErrorKey] as? String
            description = Self.place(context) + (detail ?? context.debugDescription)
        @unknown default:
            description = "\(error)"
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        guard !context.codingPath.isEmpty else { return "" }
        let path = context.codingPath.map { key in key.intValue.map { "[\($0)]" } ?? "." + key.stringValue }.joined()
        return "at \(path): "
    }
}
