import Foundation
import GradientCodeOperations

/// The harness's half of the protocol with one subject, which may be carried on with a second process.
struct Conversation: Sendable {
    /// Questions that may be under way at once.
    static let window = 64

    /// How long each part may take.
    let limits: ChildLimits
    /// Handed to the subject at its start.
    let nonce: String
    /// What the subject said of itself at its first start.
    private(set) var declaration: Declaration?
    /// The sessions it holds.
    var sessions = SessionLedger()
    private var sent = 0
    private var answered = 0

    init(limits: ChildLimits, nonce: String) {
        self.limits = limits
        self.nonce = nonce
    }

    /// Starts a process of the subject; a second one must say of itself what the first one said.
    mutating func start(_ pipes: inout ChildPipes) async throws(Misbehaviour) -> Declaration {
        sent = answered
        pipes.send(Wire.data(.start(nonce: nonce)))
        do throws(Misbehaviour) {
            let line = try await line(&pipes, within: limits.start, replyTo: "start")
            let declared = try Declaration(startReply: line)
            if let declaration, declaration != declared {
                throw Misbehaviour(.garbage, "after its restart it declares something else than before")
            }
            declaration = declared
            return declared
        } catch {
            var misbehaviour = error
            misbehaviour.kind = .noStart
            throw misbehaviour
        }
    }

    /// Asks what has no reply yet, with a window of questions under way.
    ///
    /// - Throws: at the first misbehaviour; the first command without a reply is to blame for it.
    mutating func ask(_ batch: inout Batch, _ pipes: inout ChildPipes) async throws(Misbehaviour) {
        if let unasked = pipes.unasked { throw unasked }
        var next = batch.due ?? 0
        while true {
            while next < batch.commands.count, sent - answered < Self.window {
                send(next, of: &batch, &pipes)
                next += 1
            }
            guard let due = batch.due else { return }
            let command = batch.commands[due]
            let seq = answered + 1
            let line = try await line(&pipes, within: limits.question, replyTo: command.title(seq))
            let reply = try Wire.reply(from: line, to: command, seq: seq)
            answered = seq
            sessions.note(reply, to: command)
            batch.reply(due, reply)
        }
    }

    /// Ends the run: whatever still comes is a misbehaviour, and so is an output that does not end.
    func stop(_ pipes: inout ChildPipes) async throws(Misbehaviour) {
        pipes.send(Wire.data(.stop))
        pipes.finishInput()
        let line: Data
        do {
            line = try await pipes.line(within: limits.stop)
        } catch {
            switch error {
            case .ended(nil): return
            case .ended(let partial?): throw Misbehaviour(.garbage, "it wrote \(partial) without being asked")
            case .late: throw Misbehaviour(.timeout, "its output had not ended \(limits.stop) after stop")
            case .tooLong(let start): throw Misbehaviour(.tooLong, "it wrote \(start) without being asked")
            }
        }
        throw Misbehaviour(.garbage, "it wrote \(quoted(line)) without being asked")
    }

    private mutating func send(_ index: Int, of batch: inout Batch, _ pipes: inout ChildPipes) {
        let command = batch.commands[index]
        if let reply = sessions.reply(to: command) { return batch.reply(index, reply) }
        sent += 1
        pipes.send(Wire.data(.command(seq: sent, command)))
    }

    private func line(
        _ pipes: inout ChildPipes, within limit: Duration, replyTo title: @autoclosure () -> String
    ) async throws(Misbehaviour) -> Data {
        do {
            return try await pipes.line(within: limit)
        } catch {
            throw Misbehaviour(error, within: limit, replyTo: title())
        }
    }
}
