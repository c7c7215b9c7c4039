public import ExactArithmetic

extension Int: FieldValue {
    /// A JSON integer.
    public static var schema: Schema { .integer }
}

extension Bool: FieldValue {
    /// A JSON boolean.
    public static var schema: Schema { .boolean }
}

extension String: FieldValue {
    /// A JSON string.
    public static var schema: Schema { .text }
}

extension Rational: FieldValue {
    /// `"n/d"` in lowest terms.
    public static var schema: Schema { .rational }
}

extension Array: FieldValue where Element: FieldValue {
    /// A JSON array.
    public static var schema: Schema { .list(Element.schema) }
}

extension Dictionary: FieldValue where Key == String, Value: FieldValue {
    /// A JSON object with arbitrary keys.
    public static var schema: Schema { .map(Value.schema) }
}

extension Optional: FieldValue where Wrapped: FieldValue {
    /// The value or `null`.
    public static var schema: Schema { .nullable(Wrapped.schema) }

    /// Reads a value that may be absent or `null`.
    public static func read(from container: KeyedDecodingContainer<FieldKey>, _ key: FieldKey) throws -> Self {
        try container.decodeIfPresent(Wrapped.self, forKey: key)
    }

    /// Writes the value; where there is none, an explicit `null` if asked for, else nothing.
    public func write(to container: inout KeyedEncodingContainer<FieldKey>, _ key: FieldKey, null: Bool) throws {
        if null { try container.encode(self, forKey: key) } else { try container.encodeIfPresent(self, forKey: key) }
    }
}

/// A string with a fixed set of values.
public protocol Choice: FieldValue, CaseIterable, RawRepresentable where RawValue == String {}

extension Choice {
    /// The permitted strings.
    public static var schema: Schema { .choice(allCases.map(\.rawValue)) }
}
