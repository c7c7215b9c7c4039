public import Foundation
public import GradientCodeOperations

/// The subject's half of the protocol: serves any subject of this process to a harness at the other end of two pipes.
public struct Server: Sendable {
    private let subject: any Subject
    private var schemes: [Int: String] = [:]

    /// A server of a subject.
    public init(_ subject: any Subject) { self.subject = subject }

    /// Answers every line of the input, in order, until `stop` or the end of the input.
    ///
    /// Every reply is written as soon as it is known, so a harness may wait for each.
    ///
    /// - Parameter message: told why the run ended early.
    /// - Returns: the exit status: 0, or 2 after a line that is no line of the protocol, another version of it, or
    ///   output that could not be written.
    public func run(
        input: FileHandle = .standardInput, output: FileHandle = .standardOutput,
        message: (String) -> Void = { FileHandle.standardError.write(Data("\($0)\n".utf8)) }
    ) async -> Int32 {
        BrokenPipes.ignoreSignal
        var server = self
        var lines = LineBuffer()
        for await chunk in Self.chunks(of: input) {
            lines.append(chunk)
            while let line = lines.next() {
                do {
                    guard let reply = try await server.reply(to: line) else { return 0 }
                    try output.write(contentsOf: reply + [UInt8(ascii: "\n")])
                } catch {
                    message("\(error)")
                    return 2
                }
            }
        }
        if lines.rest.isEmpty { return 0 }
        message("the input ends within a line: \(quoted(lines.rest))")
        return 2
    }

    /// The reply to one line; nil to `stop`.
    private mutating func reply(to line: Data) async throws -> Data? {
        let decoded: DecodedLine
        do {
            try validateUTF8(line)
            decoded = try Wire.line(from: line, sessions: schemes)
        } catch {
            throw JSONReadingError("not a line of the protocol: \(error); received \(quoted(line))")
        }
        switch decoded {
        case .start(let version):
            guard version == Declaration.protocolVersion else {
                throw JSONReadingError("version \(version) of the protocol; expected \(Declaration.protocolVersion)")
            }
            return JSONText.data(subject.declaration)
        case .command(let seq, let command):
            let reply = await subject.replies(to: [command])[0]
            note(reply, to: command)
            return Wire.data(seq: seq, reply)
        case .unreadable(let seq, let reply):
            return Wire.data(seq: seq, reply)
        case .stop:
            return nil
        }
    }

    /// Rounds are read by the scheme of their session.
    private mutating func note(_ reply: Reply, to command: Command) {
        switch (command, reply) {
        case (.open(let session, let opening), .answer): schemes[session] = type(of: opening).scheme
        case (.close(let session), .answer): schemes[session] = nil
        default: break
        }
    }

    /// What comes in, as it comes, read by a thread of its own: no thread of the tasks' pool ever waits for a harness.
    private static func chunks(of input: FileHandle) -> AsyncStream<Data> {
        let (chunks, continuation) = AsyncStream.makeStream(of: Data.self)
        Thread.detachNewThread {
            while case let chunk = input.availableData, !chunk.isEmpty { continuation.yield(chunk) }
            continuation.finish()
        }
        return chunks
    }
}
