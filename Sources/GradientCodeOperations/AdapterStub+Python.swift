import GradientCodes

extension AdapterStub {
    static let pythonHeader = """
        #!/usr/bin/env python3
        \"""An implementation of gradient coding that answers the questions of a conformance suite (docs/protocol.md).

        Replace `raise Unsupported` in the functions below the generated part, and delete those you do not offer: what is
        decorated is declared. Then run `gradcode verify --implementation 'python3 THIS_FILE'`. Python 3.9 or later.
        \"""


        """

    /// One documented function for each operation and one class for each scheme of rounds, all of them unwritten.
    static var pythonFunctions: String {
        operations.map(function).joined() + rounds.map(sessionClass).joined() + """


            if __name__ == "__main__":
                serve("my-implementation", "1")

            """
    }

    private static func function(_ entry: Entry) -> String {
        """


        @answers("\(entry.name)")
        \(definition(snakeCase(entry.name), parameters(entry.input)))
            \"""\(wrapped(entry.summary, head: "       ", indent: 4).dropFirst(7))

            Defined in docs/\(entry.section).

        \(list("Question", entry.input, indent: 4))
        \(list("Answer", entry.answer, indent: 4))
        \(list(entry.refusals, indent: 4))
            \"""
            raise Unsupported

        """
    }

    private static func sessionClass(_ rounds: Rounds) -> String {
        """


        @opens("\(rounds.scheme)")
        class \(rounds.scheme.prefix(1).uppercased() + rounds.scheme.dropFirst())Rounds(Session):
            \"""Rounds of the scheme \(rounds.scheme). Add the flags "seed" and "save" to the line above where they apply.

            Defined in docs/\(rounds.section).

        \(list("Opening", rounds.opening, indent: 4))
            \"""

            \(definition("__init__", ["self"] + parameters(rounds.opening)))
                raise Unsupported

            \(definition("round", ["self"] + parameters(rounds.round)))
                \"""One round.

        \(list("Question", rounds.round, indent: 8))
        \(list("Answer", rounds.outcome, indent: 8))
                \"""
                raise Unsupported

            def set(self, step):
                raise Unsupported

            def save(self):
                raise Unsupported

            def restore(self, state):
                raise Unsupported

        """
    }

    /// Arguments with their defaults; those without one come first, as Python demands.
    private static func parameters(_ fields: [FieldDescription]) -> [String] {
        fields.filter(\.isRequired).map(\.name) + fields.filter { !$0.isRequired }.map { $0.name + "=None" }
    }

    /// The first line of a function, or its lines where one would be too long.
    private static func definition(_ name: String, _ parameters: [String]) -> String {
        let line = "def \(name)(\(parameters.joined(separator: ", "))):"
        let list = wrapped(parameters.joined(separator: ", "), head: "    ", indent: 4)
        return line.count <= 116 ? line : "def \(name)(\n\(list)\n):"
    }

    private static func list(_ title: String, _ fields: [FieldDescription], indent: Int) -> String {
        let blanks = String(repeating: " ", count: indent)
        return "\(blanks)\(title):\n" + lines(fields, indent: indent + 4).joined(separator: "\n")
    }

    private static func lines(_ fields: [FieldDescription], indent: Int) -> [String] {
        let blanks = String(repeating: " ", count: indent)
        return fields.flatMap { field in
            var phrase = field.schema.phrase.replacing("\\|", with: "|")
            var inner: [FieldDescription] = []
            if let record = field.schema.innermostRecord {
                let shared = sharedRecord(in: field.schema).map { constant($0.name) }
                phrase = phrase.replacing(Schema.record(record).phrase, with: shared ?? "dictionary")
                if shared == nil { inner = record }
            }
            let text = "\(field.meaning) (\(phrase)\(field.optionalMark))"
            let line = wrapped(text, head: "\(blanks)\(field.name): ", indent: indent + 4)
            return [line] + lines(inner, indent: indent + 4)
        }
    }

    private static func list(_ refusals: [RefusalRule], indent: Int) -> String {
        let blanks = String(repeating: " ", count: indent)
        guard !refusals.isEmpty else { return "\(blanks)Never refused." }
        let lines = refusals.map { rule in
            wrapped(rule.condition, head: "\(blanks)    \(rule.kind.rawValue): ", indent: indent + 8)
        }
        return "\(blanks)Refusals, the first that applies:\n" + lines.joined(separator: "\n")
    }

    /// `gradientCode.leastSquares` as `gradient_code_least_squares`.
    static func snakeCase(_ name: String) -> String {
        name.reduce(into: "") { snake, character in
            if character == "." {
                snake += "_"
            } else if character.isUppercase {
                snake += "_" + character.lowercased()
            } else {
                snake.append(character)
            }
        }
    }
}

// The declarations of all operations as Python literals.
extension AdapterStub {
    static var pythonTables: String {
        let shared = sharedRecords.map { "\(constant($0.name)) = \(literal(record: $0.fields, indent: 0, used: 3))\n" }
        let questions = operations.map { entry in
            "    \"\(entry.name)\": \(literals([entry.input, entry.answer], used: entry.name.count + 8)),\n"
        }
        let sessions = rounds.map { rounds in
            let records = [rounds.opening, rounds.round, rounds.outcome]
            return "    \"\(rounds.scheme)\": \(literals(records, used: rounds.scheme.count + 8)),\n"
        }
        return shared.joined() + "OPERATIONS = {  # operation: (question, answer)\n" + questions.joined() + "}\n"
            + "SESSIONS = {  # scheme: (open, round, outcome)\n" + sessions.joined() + "}\n"
    }

    private static func constant(_ name: String) -> String { snakeCase(name).uppercased() }

    /// A tuple of records that stands after `used` columns, on one line where it fits.
    private static func literals(_ records: [[FieldDescription]], used: Int) -> String {
        let line = "(" + records.map { compact(record: $0) }.joined(separator: ", ") + ")"
        guard used + line.count + 1 > 120 else { return line }
        let lines = records.map { "        \(literal(record: $0, indent: 8, used: 8)),\n" }
        return "(\n" + lines.joined() + "    )"
    }

    /// A record that stands after `used` columns of a line indented by `indent`, on one line where it fits.
    private static func literal(record fields: [FieldDescription], indent: Int, used: Int) -> String {
        let line = compact(record: fields)
        guard used + line.count + 1 > 120 else { return line }
        let blanks = String(repeating: " ", count: indent)
        let lines = fields.map { field in
            let head = "\(blanks)    \(key(field)): "
            return head + literal(field.schema, indent: indent + 4, used: head.count) + ",\n"
        }
        return "{\n" + lines.joined() + blanks + "}"
    }

    private static func literal(_ schema: Schema, indent: Int, used: Int) -> String {
        let line = compact(schema)
        guard used + line.count + 1 > 120 else { return line }
        switch schema {
        case .record(let fields): return literal(record: fields, indent: indent, used: used)
        case .list(let element): return "[\(literal(element, indent: indent, used: used + 1))]"
        case .either(let value, let words):
            return "(\(literal(value, indent: indent, used: used + 1)), \(compact(.choice(words))))"
        case .nullable(let value): return "(\(literal(value, indent: indent, used: used + 1)), None)"
        case .map(let element): return "{str: \(literal(element, indent: indent, used: used + 6))}"
        case .choice(let names):
            let blanks = String(repeating: " ", count: indent)
            let list = names.map { "\"\($0)\"," }.joined(separator: " ")
            return "{\n" + wrapped(list, head: blanks + "    ", indent: indent + 4) + "\n\(blanks)}"
        default: return line
        }
    }

    private static func key(_ field: FieldDescription) -> String { "\"\(field.name)\(field.isRequired ? "" : "?")\"" }

    private static func compact(record fields: [FieldDescription]) -> String {
        "{" + fields.map { "\(key($0)): \(compact($0.schema))" }.joined(separator: ", ") + "}"
    }

    private static func compact(_ schema: Schema) -> String {
        switch schema {
        case .integer: "\"integer\""
        case .boolean: "\"boolean\""
        case .text: "\"string\""
        case .rational: "\"rational\""
        case .number: "\"number\""
        case .coefficients: "\"coefficients\""
        case .binary32: "\"f32\""
        case .words: "\"words\""
        case .bytes: "\"bytes\""
        case .seed: "\"seed\""
        case .choice(let names): "{" + names.map { "\"\($0)\"" }.joined(separator: ", ") + "}"
        case .list(let element): "[\(compact(element))]"
        case .either(let value, let words): "(\(compact(value)), \(compact(.choice(words))))"
        case .nullable(let value): "(\(compact(value)), None)"
        case .map(let element): "{str: \(compact(element))}"
        case .record(let fields):
            sharedRecord(in: schema).map { constant($0.name) } ?? compact(record: fields)
        }
    }
}
