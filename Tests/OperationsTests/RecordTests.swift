import Foundation
import GradientCodeOperations
import GradientCodes
import Testing

@Suite struct RecordTests {
    @Test func `what a schema describes is read and written again, key by key`() throws {
        func check<Value: Record>(_ name: String, _: Value.Type) throws {
            var generator = SplitMix64(seed: 1)
            for _ in 0..<40 {
                let json = JSONText.compact(generator.value(of: Value.schema))
                let value = try read(Value.self, json)
                #expect(JSONText.compact(value) == json, "\(name)")
                #expect(try read(Value.self, JSONText.compact(value)) == value, "\(name): \(json)")
            }
        }
        for record in allRecords { try check(record.name, record.type) }
    }

    @Test func `a missing key or null is refused where it is required, and absent where it is optional`() throws {
        func check<Value: Record>(_ name: String, _: Value.Type) throws {
            var generator = SplitMix64(seed: 2)
            for field in Value.shape.fields {
                guard case .object(var object) = generator.value(of: Value.schema) else { continue }
                object[field.name] = nil
                let without = JSONText.compact(object)
                let withNull = JSONText.compact(object.merging([field.name: .null]) { $1 })
                var isNullable = false
                if case .nullable = field.schema { isNullable = true }
                guard !field.isRequired || isNullable else {
                    #expect(throws: JSONReadingError.self, "\(name).\(field.name)") { try read(Value.self, without) }
                    #expect(throws: JSONReadingError.self, "\(name).\(field.name)") { try read(Value.self, withNull) }
                    continue
                }
                let value = try read(Value.self, without)
                #expect(try read(Value.self, withNull) == value, "\(name).\(field.name)")
                let written = isNullable ? withNull : without
                #expect(JSONText.compact(value) == written, "\(name).\(field.name)")
            }
        }
        for record in allRecords { try check(record.name, record.type) }
    }

    @Test func `keys that nobody knows are ignored`() throws {
        func check<Value: Record>(_ name: String, _: Value.Type) throws {
            var generator = SplitMix64(seed: 3)
            guard case .object(var object) = generator.value(of: Value.schema) else { return }
            let value = try read(Value.self, JSONText.compact(object))
            object["later"] = .list([.null, .object([:])])
            #expect(try read(Value.self, JSONText.compact(object)) == value, "\(name)")
        }
        for record in allRecords { try check(record.name, record.type) }
    }

    @Test func `a value of another type is refused, with the place where it stands`() throws {
        func check<Value: Record>(_ name: String, _: Value.Type) throws {
            var generator = SplitMix64(seed: 4)
            for field in Value.shape.fields {
                guard case .object(var object) = generator.value(of: Value.schema) else { continue }
                object[field.name] = .object(["a": .boolean(true), "b": .null])
                if field.schema.isObject { object[field.name] = .boolean(true) }
                let json = JSONText.compact(object)
                do throws(JSONReadingError) {
                    _ = try read(Value.self, json)
                    Issue.record("\(name) reads \(json)")
                } catch {
                    #expect(error.description.contains(field.name), "\(name): \(error)")
                }
            }
        }
        for record in allRecords { try check(record.name, record.type) }
    }

    @Test func `names are unique, and every field and refusal says what it means`() {
        var names: Set<String> = []
        for operation in Operations.all {
            #expect(names.insert(operation.name).inserted)
            #expect(operation.summary.hasSuffix("."))
            #expect(operation.section.firstMatch(of: /^[A-Za-z]+\.md#[a-z0-9-]+$/) != nil)
            #expect(Operations.named(operation.name) == operation)
            #expect(Set(operation.refusals).count == operation.refusals.count, "\(operation.name)")
            #expect(operation.refusals.allSatisfy { !$0.condition.isEmpty })
        }
        for record in allRecords {
            let fields = record.type.shape.fields
            #expect(Set(fields.map(\.name)).count == fields.count, "\(record.name)")
            #expect(fields.allSatisfy { !$0.meaning.isEmpty }, "\(record.name)")
        }
    }

    @Test func `refusals stand in their order of precedence`() {
        let first: [Refusal.Kind] = [.invalidParameters, .dimensionMismatch, .nonFinite]
        for operation in Operations.all {
            let kinds = operation.refusals.map(\.kind)
            let ranks = kinds.map { first.firstIndex(of: $0) ?? first.count }
            #expect(ranks == ranks.sorted(), "\(operation.name)")
            if let duplicate = kinds.firstIndex(of: .duplicateWorker) {
                #expect(kinds[..<duplicate].contains(.indexOutOfRange), "\(operation.name)")
            }
        }
    }
}

extension Schema {
    /// Whether a value is an object, or an object or null.
    fileprivate var isObject: Bool {
        switch self {
        case .record, .map: true
        case .nullable(let value): value.isObject
        default: false
        }
    }
}
