import Foundation
import GradientCodeOperations

/// Every record that is sent, answered or stored, by its name.
let allRecords: [(name: String, type: any Record.Type)] = {
    var records: [(String, any Record.Type)] = [
        ("declaration", Declaration.self), ("set", StepSetting.self), ("saved state", SavedState.self),
        ("done", Done.self), ("enclosure", FloatExpectation.self),
    ]
    func add<Asked: Question>(_: Asked.Type) {
        records += [("\(Asked.name) question", Asked.self), ("\(Asked.name) answer", Asked.Answer.self)]
        if let expected = Asked.Expected.self as? any Record.Type {
            records.append(("\(Asked.name) expected", expected))
        }
    }
    func add<Opened: Opening>(opening _: Opened.Type) {
        records += [
            ("\(Opened.scheme) open", Opened.self), ("\(Opened.scheme) round", Opened.Round.self),
            ("\(Opened.scheme) outcome", Opened.Round.Outcome.self),
        ]
    }
    for operation in Operations.all { add(operation) }
    for session in Operations.sessions { add(opening: session) }
    return records
}()

/// Reads a value's JSON again; the error says why it cannot be read.
func read<Value: Decodable>(_ type: Value.Type, _ json: String) throws(JSONReadingError) -> Value {
    try JSONText.read(type, from: Data(json.utf8))
}
