import Foundation
import GradientCodeOperations

extension Declaration {
    /// Reads the reply to `start`.
    ///
    /// - Throws: when it is not a declaration, or one of another version of the protocol.
    init(startReply line: Data) throws(Misbehaviour) {
        do {
            try validateUTF8(line)
            let version = try JSONText.read(VersionOnly.self, from: line).version
            guard version == Self.protocolVersion else {
                throw JSONReadingError("version \(version); expected \(Self.protocolVersion)")
            }
            self = try JSONText.read(Declaration.self, from: line)
            if let bits = conventions?.drawBits, !(1...64).contains(bits) {
                throw JSONReadingError("at .conventions.drawBits: \(bits); expected 1...64")
            }
        } catch {
            throw Misbehaviour(.noStart, "its reply to start is not valid: \(error); it wrote \(quoted(line))")
        }
    }

    /// The version is read first: another version may declare itself in other fields.
    private struct VersionOnly: Decodable { let version: Int }
}

extension Wire {
    /// Reads the line that must be the reply to a command.
    ///
    /// A line that bears the right number but no readable answer fails its question alone, for the conversation is
    /// still in step.
    ///
    /// - Throws: when it is no line of the protocol, or bears another number.
    static func reply(from line: Data, to command: Command, seq: Int) throws(Misbehaviour) -> Reply {
        func garbage(_ error: JSONReadingError) -> Misbehaviour {
            Misbehaviour(.garbage, "no reply to \(command.title(seq)): \(error); it wrote \(quoted(line))")
        }
        do throws(JSONReadingError) { try validateUTF8(line) } catch { throw garbage(error) }
        let reply: Reply
        let found: Int
        do throws(JSONReadingError) {
            (found, reply) = try Wire.reply(from: line, to: command)
        } catch let unreadable {
            do throws(JSONReadingError) {
                found = try JSONText.read(SequenceOnly.self, from: line).seq
            } catch {
                throw garbage(error)
            }
            let misbehaviour = garbage(unreadable)
            reply = .failed(SubjectFailure(misbehaviour.kind, misbehaviour.reason))
        }
        if found == seq { return reply }
        let answered = found < seq ? ", answered before" : ""
        throw Misbehaviour(.wrongSequence, "expected the reply to \(command.title(seq)), found seq \(found)\(answered)")
    }

    private struct SequenceOnly: Decodable { let seq: Int }
}
