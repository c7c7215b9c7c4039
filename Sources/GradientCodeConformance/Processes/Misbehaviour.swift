import Foundation
import GradientCodeOperations

/// What a process did wrong, as far as it is known before the process has ended.
struct Misbehaviour: Error {
    /// How it misbehaved.
    var kind: SubjectFailure.Kind
    /// What was seen, and what was expected.
    var reason: String
    /// True when its output ended: how the process ended then belongs to the reason.
    var outputEnded = false

    init(_ kind: SubjectFailure.Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    /// What went wrong on the way to a line.
    ///
    /// - Parameter title: what the line was to answer.
    init(_ trouble: ChildPipes.Trouble, within limit: Duration, replyTo title: String) {
        func after(_ partial: String?) -> String { partial.map { ", after the partial line \($0)" } ?? "" }
        switch trouble {
        case .late(let partial):
            self.init(.timeout, "no reply to \(title) within \(limit)\(after(partial))")
        case .ended(let partial):
            self.init(.died, "its output ended before the reply to \(title)\(after(partial))")
            outputEnded = true
        case .tooLong(let start):
            self.init(.tooLong, "a line longer than permitted in place of the reply to \(title): \(start)")
        }
    }

    /// The failure, once it is known how the process ended.
    func failure(_ ending: ChildProcess.Ending) -> SubjectFailure {
        SubjectFailure(kind, outputEnded ? "\(reason); \(ending.description)" : reason)
    }
}

/// Checks that a line is UTF-8 text; JSON readers would also take UTF-16.
///
/// - Throws: a description of what it is.
func validateUTF8(_ line: Data) throws(JSONReadingError) {
    do {
        _ = try UTF8Span(validating: line.span)
    } catch {
        throw JSONReadingError("not UTF-8 at byte \(error.byteOffsets.lowerBound) (\(error.kind))")
    }
    if line.withUnsafeBytes({ $0.contains(0) }) { throw JSONReadingError("a byte 0, which JSON in UTF-8 never holds") }
}
