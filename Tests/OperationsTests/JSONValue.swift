import ExactArithmetic
import Foundation
import GradientCodeOperations

/// Any JSON value, read and written without knowledge of a record.
enum JSONValue: Codable, Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension SplitMix64 {
    /// A value of a schema as the suite would write it: lowest terms, absent keys left out.
    mutating func value(of schema: Schema) -> JSONValue {
        switch schema {
        case .integer:
            let magnitude = 1 << Int.random(in: 0...53, using: &self)
            return .integer(Int.random(in: -magnitude + 1..<magnitude, using: &self))
        case .boolean: return .boolean(.random(using: &self))
        case .text: return .text(["", "sum", "\"\\/\n", "κ ≥ 1", "\u{0}\u{1f}", "🜁"].randomElement(using: &self)!)
        case .rational: return .text(rational())
        case .either(let value, let words):
            return once(in: 3) ? .text(words.randomElement(using: &self)!) : self.value(of: value)
        case .number: return .text(once(in: 2) ? rational() : hexadecimal(digits: 16))
        case .coefficients:
            if once(in: 2) { return .list((0..<Int.random(in: 0...3, using: &self)).map { _ in .text(rational()) }) }
            return .text(hexadecimal(digits: 8, count: Int.random(in: 0...4, using: &self)))
        case .binary32, .words: return .text(hexadecimal(digits: 8, count: Int.random(in: 0...4, using: &self)))
        case .bytes: return .text(hexadecimal(digits: 2, count: Int.random(in: 0...4, using: &self)))
        case .seed: return .text(hexadecimal(digits: 16))
        case .choice(let names): return .text(names.randomElement(using: &self)!)
        case .list(let element):
            return .list((0..<Int.random(in: 0...3, using: &self)).map { _ in value(of: element) })
        case .map(let element):
            let keys = (0..<Int.random(in: 0...3, using: &self)).map { "key \($0)" }
            return .object(Dictionary(uniqueKeysWithValues: keys.map { ($0, value(of: element)) }))
        case .nullable(let schema): return once(in: 3) ? .null : value(of: schema)
        case .record(let fields):
            var object: [String: JSONValue] = [:]
            for field in fields where field.isRequired || !once(in: 3) { object[field.name] = value(of: field.schema) }
            return .object(object)
        }
    }

    /// A rational of small or large parts, in lowest terms.
    mutating func rational() -> String {
        let bits = once(in: 2) ? 60 : 4
        let numerator = Int.random(in: -(1 << bits)...1 << bits, using: &self)
        let factor = Rational(2).power(once(in: 4) ? -200 : 0)
        return (Rational(numerator, Int.random(in: 1...1 << bits, using: &self)) * factor).description
    }

    private mutating func hexadecimal(digits: Int, count: Int = 1) -> String {
        String((0..<digits * count).map { _ in "0123456789abcdef".randomElement(using: &self)! })
    }
}
