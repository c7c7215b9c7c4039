import Foundation
import GradientCodeOperations
import GradientCodes

/// JSON Schemas (draft 2020-12) of the vector files, read off the operations.
enum JSONSchema {
    /// A JSON value in a schema.
    indirect enum Value: Encodable, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
        case string(String)
        case integer(Int)
        case boolean(Bool)
        case list([Value])
        case object([String: Value])

        init(stringLiteral value: String) { self = .string(value) }
        init(booleanLiteral value: Bool) { self = .boolean(value) }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .string(let value): try container.encode(value)
            case .integer(let value): try container.encode(value)
            case .boolean(let value): try container.encode(value)
            case .list(let values): try container.encode(values)
            case .object(let members): try container.encode(members)
            }
        }
    }

    /// The bytes of the schema of an operation's vector file.
    static func data(for operation: any Question.Type) -> Data {
        func schema<Asked: Question>(_: Asked.Type) -> Value {
            file(Asked.name, input: value(Asked.schema), expected: value(Asked.Expected.schema))
        }
        return JSONText.data(schema(operation)) + Data("\n".utf8)
    }

    private static func file(_ name: String, input: Value, expected: Value) -> Value {
        let texts = Value.object(["type": "array", "items": .object(["type": "string"])])
        func test(_ result: Value, _ expected: Value, _ verdict: Value) -> Value {
            record([
                "tcId": .object(["type": "integer"]), "comment": .object(["type": "string"]), "flags": texts,
                "result": .object(["const": result]), "verdict": verdict, "input": input, "expected": expected,
            ])
        }
        let valid = test(
            "valid", expected, .object(["enum": .list(["exact", "enclosure", "relation", "statistical"])]))
        let kinds = Value.list(refusalKinds.map { .string($0) })
        let invalid = test(
            "invalid", record(["errorClass": .object(["enum": kinds])]), .object(["const": "reject"]))
        let group = record([
            "tgId": .object(["type": "integer"]), "type": .object(["type": "string"]),
            "source": .object(["type": "object"]), "spec": .object(["type": "string"]),
            "profile": .object(["enum": .list(Profile.allCases.map { .string($0.rawValue) })]),
            "basis": .object(["enum": .list(Basis.allCases.map { .string($0.rawValue) })]),
            "tests": .object(["type": "array", "items": .object(["oneOf": .list([valid, invalid])])]),
        ])
        guard
            case .object(var members) = record([
                "algorithm": .object(["const": .string(name)]), "schema": .object(["type": "string"]),
                "suiteVersion": .object(["type": "string"]), "license": .object(["const": "CC0-1.0"]),
                "numberOfTests": .object(["type": "integer"]), "header": texts,
                "notes": .object(["type": "object"]),
                "testGroups": .object(["type": "array", "items": group]),
            ])
        else { preconditionFailure("a record is an object") }
        members["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        members["title"] = .string("Vectors of " + name)
        return .object(members)
    }

    private static let refusalKinds: [String] = {
        guard case .choice(let kinds) = Refusal.Kind.schema else { preconditionFailure("a choice") }
        return kinds
    }()

    private static func record(_ fields: [String: Value], optional: Set<String> = []) -> Value {
        .object([
            "type": "object", "properties": .object(fields), "additionalProperties": false,
            "required": .list(fields.keys.filter { !optional.contains($0) }.sorted().map { .string($0) }),
        ])
    }

    private static let rational: Value = .object(["type": "string", "pattern": "^-?[0-9]+/[1-9][0-9]*$"])

    private static func hexadecimal(_ digits: Int) -> Value {
        .object(["type": "string", "pattern": .string("^([0-9a-f]{\(digits)})*$")])
    }

    /// The schema of one value.
    static func value(_ schema: Schema) -> Value {
        switch schema {
        case .integer: .object(["type": "integer"])
        case .boolean: .object(["type": "boolean"])
        case .text: .object(["type": "string"])
        case .rational: rational
        case .number: .object(["anyOf": .list([rational, .object(["type": "string", "pattern": "^[0-9a-f]{16}$"])])])
        case .coefficients:
            .object(["anyOf": .list([.object(["type": "array", "items": rational]), hexadecimal(8)])])
        case .binary32, .words: .object(["anyOf": .list([hexadecimal(8), value(DrawnData.schema)])])
        case .bytes: hexadecimal(2)
        case .seed: .object(["type": "string", "pattern": "^[0-9a-f]{16}$"])
        case .choice(let names): .object(["enum": .list(names.map { .string($0) })])
        case .either(let wrapped, let words):
            .object(["anyOf": .list([.object(["enum": .list(words.map { .string($0) })]), value(wrapped)])])
        case .list(let element): .object(["type": "array", "items": value(element)])
        case .map(let element): .object(["type": "object", "additionalProperties": value(element)])
        case .nullable(let wrapped): .object(["anyOf": .list([value(wrapped), .object(["type": "null"])])])
        case .record(let fields):
            record(
                Dictionary(uniqueKeysWithValues: fields.map { ($0.name, value($0.schema)) }),
                optional: Set(fields.filter { !$0.isRequired }.map(\.name)))
        }
    }
}
