import GradientCodes

extension AdapterStub {
    /// The reference of every record: shared ones, operations, rounds.
    static var markdownTables: String {
        let shared = sharedRecords.map { record in
            heading(record.name) + "A record that occurs in several questions.\n" + table("field", record.fields)
        }
        return shared.joined() + operations.map(section).joined() + rounds.map(section).joined()
    }

    private static func section(_ entry: Entry) -> String {
        heading(entry.name) + wrapped("\(entry.summary) Defined in \(link(entry.section)).") + "\n"
            + table("question", entry.input) + table("answer", entry.answer) + list(entry.refusals)
    }

    private static func section(_ rounds: Rounds) -> String {
        heading(rounds.scheme + ".round") + "Rounds of \(rounds.scheme). Defined in \(link(rounds.section)).\n"
            + table("`open`", rounds.opening) + table("`round`", rounds.round) + table("answer", rounds.outcome)
    }

    private static func heading(_ name: String) -> String { "\n<a id=\"\(name)\"></a>\n### `\(name)`\n\n" }

    private static func link(_ section: String) -> String { "[\(section)](\(section))" }

    /// A table of fields, followed by what does not fit into a cell.
    private static func table(_ title: String, _ fields: [FieldDescription]) -> String {
        guard !fields.isEmpty else { return "\nNo fields.\n" }
        var lines = ["| \(title) | value | meaning |", "| --- | --- | --- |"]
        var notes: [String] = []
        func add(_ fields: [FieldDescription], prefix: String) {
            for field in fields {
                let name = prefix + field.name
                var phrase = field.schema.phrase
                let shared = sharedRecord(in: field.schema)
                if let inner = field.schema.innermostRecord {
                    let link = shared.map { "[\($0.name)](#\($0.name))" } ?? "object"
                    phrase = phrase.replacing(Schema.record(inner).phrase, with: link)
                }
                if case .choice(let choices) = field.schema, phrase.count > 40 {
                    phrase = "choice"
                    let list = choices.map { "`\($0)`" }.joined(separator: ", ")
                    notes.append("\n" + wrapped("`\(name)` is one of \(list).") + "\n")
                }
                let meaning = field.meaning.replacing("|", with: "\\|")
                lines.append("| `\(name)` | \(phrase)\(field.optionalMark) | \(meaning) |")
                if shared == nil, let inner = field.schema.innermostRecord { add(inner, prefix: name + ".") }
            }
        }
        add(fields, prefix: "")
        return "\n" + lines.joined(separator: "\n") + "\n" + notes.joined()
    }

    private static func list(_ refusals: [RefusalRule]) -> String {
        guard !refusals.isEmpty else { return "\nNever refused.\n" }
        let lines = refusals.enumerated().map { index, rule in
            wrapped(rule.condition, head: "\(index + 1). `\(rule.kind.rawValue)`: ", indent: 3)
        }
        return "\nRefused, the first that applies:\n\n" + lines.joined(separator: "\n") + "\n"
    }
}
