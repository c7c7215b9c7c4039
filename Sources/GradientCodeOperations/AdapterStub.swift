/// Adapters of the protocol in other languages, generated from the operations' own declarations (`gradcode stub`).
///
/// A stub is a program that compiles, speaks the protocol and answers nothing yet: its user fills in functions. The part
/// of it that is the same in every adapter stands between two marker lines; committed adapters and `docs/protocol.md`
/// contain that part unchanged, and a test compares them with what is generated here.
public enum AdapterStub {
    /// The languages there is a stub for; `markdown` is the reference of every operation in `docs/protocol.md`.
    public static let languages = ["python", "markdown"]

    /// The whole stub, ending with a line feed; nil for a language that is not in ``languages``.
    public static func text(language: String) -> String? {
        switch language {
        case "python": pythonHeader + generated(pythonLoop, in: language) + pythonFunctions
        case "markdown": generated(markdownTables, in: language)
        default: nil
        }
    }

    /// `file` with the generated part between its marker lines made new.
    ///
    /// - Returns: nil for an unknown language, and for a file without the two marker lines.
    public static func refreshing(_ file: String, language: String) -> String? {
        guard let stub = text(language: language), let (_, new, _) = split(stub, language: language),
            let (before, _, after) = split(file, language: language)
        else { return nil }
        return String(before) + new + after
    }

    /// The text before the first marker line, from there to the end of the last one, and after it.
    private static func split(_ file: String, language: String) -> (before: Substring, Substring, after: Substring)? {
        let (begin, end) = markers(language)
        guard let first = file.firstRange(of: begin), let last = file[first.upperBound...].firstRange(of: end) else {
            return nil
        }
        return (file[..<first.lowerBound], file[first.lowerBound..<last.upperBound], file[last.upperBound...])
    }

    private static func generated(_ text: String, in language: String) -> String {
        let (begin, end) = markers(language)
        return begin + "\n" + text + end + "\n"
    }

    private static func markers(_ language: String) -> (begin: String, end: String) {
        let (opening, closing) = language == "markdown" ? ("<!--", " -->") : ("#", "")
        let maker = "made by `gradcode stub \(language)`, not by hand"
        return ("\(opening) begin: \(maker)\(closing)", "\(opening) end: \(maker)\(closing)")
    }
}

extension AdapterStub {
    /// An operation, as the generators of every language see it.
    struct Entry {
        let name: String
        let summary: String
        let section: String
        let input: [FieldDescription]
        let answer: [FieldDescription]
        let refusals: [RefusalRule]
    }

    /// A scheme's rounds: what opens a session, what a round takes, and what it answers.
    struct Rounds {
        let scheme: String
        let section: String
        let opening: [FieldDescription]
        let round: [FieldDescription]
        let outcome: [FieldDescription]
    }

    static let operations: [Entry] = Operations.all.map { entry($0) }
    static let rounds: [Rounds] = Operations.sessions.map { rounds($0) }

    private static func entry<Asked: Question>(_: Asked.Type) -> Entry {
        Entry(
            name: Asked.name, summary: Asked.summary, section: Asked.section, input: Asked.shape.fields,
            answer: Asked.Answer.shape.fields, refusals: Asked.refusals)
    }

    private static func rounds<Opened: Opening>(_: Opened.Type) -> Rounds {
        Rounds(
            scheme: Opened.scheme, section: Opened.section, opening: Opened.shape.fields,
            round: Opened.Round.shape.fields, outcome: Opened.Round.Outcome.shape.fields)
    }

    /// A record that occurs inside several others, with the name of the field that holds it.
    struct SharedRecord {
        let name: String
        let fields: [FieldDescription]
    }

    /// The record that a field's schema contains, if it is described once and elsewhere.
    static func sharedRecord(in schema: Schema) -> SharedRecord? {
        schema.innermostRecord.flatMap { fields in sharedRecords.first { $0.fields == fields } }
    }

    /// The records to be described once, in order of their first occurrence.
    static let sharedRecords: [SharedRecord] = {
        let top = operations.flatMap { [$0.input, $0.answer] } + rounds.flatMap { [$0.opening, $0.round, $0.outcome] }
        var found: [(name: String, fields: [FieldDescription], count: Int)] = []
        func visit(_ fields: [FieldDescription]) {
            for field in fields {
                guard let inner = field.schema.innermostRecord else { continue }
                if let index = found.firstIndex(where: { $0.fields == inner }) {
                    found[index].count += 1
                } else {
                    found.append((field.name, inner, 1))
                    visit(inner)
                }
            }
        }
        top.forEach(visit)
        return found.filter { $0.count > 1 }.map { SharedRecord(name: $0.name, fields: $0.fields) }
    }()

    /// The text broken into lines of at most 120 columns: the first stands behind `head`, the others behind `indent`
    /// blanks. No line begins or ends with an operator, which Markdown could take for a quotation or a list.
    static func wrapped(_ text: String, head: String = "", indent: Int = 0) -> String {
        var chunks: [String] = []
        var isOpen = false
        for word in text.split(separator: " ") {
            let isOperator = word != "|" && !word.contains { $0.isLetter || $0.isNumber }
            if let last = chunks.last, isOpen || isOperator {
                chunks[chunks.count - 1] = last + " " + word
            } else {
                chunks.append(String(word))
            }
            isOpen = isOperator
        }
        var lines = [head + (chunks.first ?? "")]
        for chunk in chunks.dropFirst() {
            if lines[lines.count - 1].count + 1 + chunk.count > 120 {
                lines.append(String(repeating: " ", count: indent) + chunk)
            } else {
                lines[lines.count - 1] += " " + chunk
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension Schema {
    /// The fields of a record inside any number of lists, maps and nulls.
    var innermostRecord: [FieldDescription]? {
        switch self {
        case .record(let fields): fields
        case .list(let element), .map(let element), .nullable(let element): element.innermostRecord
        default: nil
        }
    }
}

extension FieldDescription {
    /// What a description adds about a key that may be absent, unless the meaning says so itself.
    var optionalMark: String { isRequired || meaning.contains("optional") ? "" : ", optional" }
}
