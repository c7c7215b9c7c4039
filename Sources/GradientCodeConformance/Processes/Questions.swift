public import Foundation
public import GradientCodeOperations

/// The lines of a run in which the questions are written first and answered later: a file that a subject can be fed
/// with, as `subject < questions.jsonl > answers.jsonl`.
///
/// Commands are numbered from 1, as ``ChildSubject`` numbers them, so what a subject writes is what
/// ``RecordedSubject`` reads. Sessions may be among them; only what depends on earlier answers cannot be asked this way.
public struct Questions: Sendable {
    private var lines: Data
    private var count = 0

    /// A run without questions.
    public init(nonce: String) {
        lines = Wire.data(.start(nonce: nonce))
        lines.append(UInt8(ascii: "\n"))
    }

    /// Adds commands at the end.
    public mutating func append(_ commands: [Command]) {
        for command in commands {
            count += 1
            lines.append(Wire.data(.command(seq: count, command)))
            lines.append(UInt8(ascii: "\n"))
        }
    }

    /// All lines, with `start` and `stop`.
    public var data: Data { lines + Wire.data(.stop) + [UInt8(ascii: "\n")] }
}
