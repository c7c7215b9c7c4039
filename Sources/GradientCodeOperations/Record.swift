/// A value with one JSON encoding and a schema that describes it.
public protocol FieldValue: Codable, Hashable, Sendable {
    /// The schema of the encoding.
    static var schema: Schema { get }
    /// Reads the value under a key; optional values may be absent.
    static func read(from container: KeyedDecodingContainer<FieldKey>, _ key: FieldKey) throws -> Self
    /// Writes the value under a key; absent values are left out unless `null` asks for an explicit null.
    func write(to container: inout KeyedEncodingContainer<FieldKey>, _ key: FieldKey, null: Bool) throws
}

extension FieldValue {
    /// Reads a value that must be present.
    public static func read(from container: KeyedDecodingContainer<FieldKey>, _ key: FieldKey) throws -> Self {
        try container.decode(Self.self, forKey: key)
    }

    /// Writes a value that is always present.
    public func write(to container: inout KeyedEncodingContainer<FieldKey>, _ key: FieldKey, null: Bool) throws {
        try container.encode(self, forKey: key)
    }
}

/// A key of a JSON object.
public struct FieldKey: CodingKey, Hashable, ExpressibleByStringLiteral {
    /// The key itself.
    public let stringValue: String
    /// Objects have no integer keys.
    public var intValue: Int? { nil }

    /// The key with the given name.
    public init(stringValue: String) { self.stringValue = stringValue }
    /// The key with the given name.
    public init(stringLiteral name: String) { stringValue = name }
    /// Objects have no integer keys.
    public init?(intValue: Int) { nil }
}

/// One field of a record: its name, where it is stored, and what it means.
public struct Field<Root, Value: FieldValue>: Sendable {
    let key: FieldKey
    let path: any KeyPath<Root, Value> & Sendable
    let meaning: String
    let null: Bool

    /// A field. With `null`, an absent value is written as an explicit `null` and the key is always present.
    public init(_ name: String, _ path: any KeyPath<Root, Value> & Sendable, _ meaning: String, null: Bool = false) {
        key = FieldKey(stringValue: name)
        self.path = path
        self.meaning = meaning
        self.null = null
    }

    var description: FieldDescription {
        if case .nullable(let value) = Value.schema, !null {
            return FieldDescription(name: key.stringValue, schema: value, isRequired: false, meaning: meaning)
        }
        return FieldDescription(name: key.stringValue, schema: Value.schema, isRequired: true, meaning: meaning)
    }
}

/// The fields of a record, erased.
public protocol RecordShape<Root>: Sendable {
    /// The record's type.
    associatedtype Root
    /// The fields in their documented order.
    var fields: [FieldDescription] { get }
    /// Reads all fields.
    func decode(_ container: KeyedDecodingContainer<FieldKey>) throws -> Root
    /// Writes all fields.
    func encode(_ root: Root, to container: inout KeyedEncodingContainer<FieldKey>) throws
}

/// How a record is made from its fields: one declaration from which reading, writing, schema, documentation and
/// adapter stubs all follow.
public struct Shape<Root, each Value: FieldValue>: RecordShape {
    private let make: @Sendable (repeat each Value) -> Root
    private let all: (repeat Field<Root, each Value>)

    /// The memberwise initialiser and the fields, in the same order.
    public init(_ make: @escaping @Sendable (repeat each Value) -> Root, _ fields: repeat Field<Root, each Value>) {
        self.make = make
        all = (repeat each fields)
    }

    /// The fields in their documented order.
    public var fields: [FieldDescription] {
        var descriptions: [FieldDescription] = []
        repeat descriptions.append((each all).description)
        return descriptions
    }

    /// Reads all fields.
    public func decode(_ container: KeyedDecodingContainer<FieldKey>) throws -> Root {
        make(repeat try (each Value).read(from: container, (each all).key))
    }

    /// Writes all fields.
    public func encode(_ root: Root, to container: inout KeyedEncodingContainer<FieldKey>) throws {
        repeat try root[keyPath: (each all).path].write(to: &container, (each all).key, null: (each all).null)
    }
}

/// A JSON object whose fields are declared once, in `shape`.
public protocol Record: FieldValue {
    /// The type of the declaration.
    associatedtype Fields: RecordShape<Self>
    /// The fields.
    static var shape: Fields { get }
}

extension Record {
    /// Reads the record; unknown keys are ignored, as a protocol that grows needs.
    public init(from decoder: any Decoder) throws {
        self = try Self.shape.decode(decoder.container(keyedBy: FieldKey.self))
    }

    /// Writes the record.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: FieldKey.self)
        try Self.shape.encode(self, to: &container)
    }

    /// The record's fields.
    public static var schema: Schema { .record(shape.fields) }
}
