public import Foundation
public import GradientCodeOperations
import Synchronization

/// A subject whose answers have been written to a file: first its declaration, then one line for each of ``Questions``,
/// in order.
///
/// A reply whose answer cannot be read fails its question alone. After a line that is no reply or bears another number,
/// and after the last line, every question fails.
public final class RecordedSubject: Subject {
    fileprivate struct State {
        var lines: LineBuffer
        var answered = 0
        var failure: SubjectFailure?
    }

    /// The file's first line.
    public let declaration: Declaration
    private let state: Mutex<State>

    /// Reads the answers from the contents of a file; the last line may lack its line feed.
    ///
    /// - Throws: `noStart` when the first line is not a declaration.
    public init(_ answers: Data) throws(SubjectFailure) {
        var lines = LineBuffer()
        lines.append(answers)
        if let last = answers.last, last != UInt8(ascii: "\n") { lines.append([UInt8(ascii: "\n")]) }
        guard let first = lines.next() else { throw SubjectFailure(.noStart, "there are no answers") }
        do throws(Misbehaviour) {
            declaration = try Declaration(startReply: first)
        } catch {
            throw SubjectFailure(error.kind, "line 1: \(error.reason)")
        }
        state = Mutex(State(lines: lines))
    }

    /// One reply a command; the commands must be those of ``Questions``, in the same order.
    public func replies(to commands: [Command]) async -> [Reply] {
        state.withLock { state in commands.map { state.reply(to: $0) } }
    }

    /// What is wrong with the file beyond the replies given: lines that answer nothing.
    public func end() -> SubjectFailure? {
        state.withLock { state in
            guard state.failure == nil, let line = state.lines.next() else { return nil }
            let reason = "line \(state.answered + 2) answers nothing, the last question is seq \(state.answered)"
            return SubjectFailure(.garbage, "\(reason): \(quoted(line))")
        }
    }
}

extension RecordedSubject.State {
    fileprivate mutating func reply(to command: Command) -> Reply {
        if let failure { return .failed(failure) }
        let seq = answered + 1
        do throws(Misbehaviour) {
            guard let line = lines.next() else {
                throw Misbehaviour(.died, "the answers end before the reply to \(command.title(seq))")
            }
            let reply = try Wire.reply(from: line, to: command, seq: seq)
            answered = seq
            return reply
        } catch {
            let failure = SubjectFailure(error.kind, "line \(seq + 1): \(error.reason)")
            self.failure = failure
            return .failed(failure)
        }
    }
}
