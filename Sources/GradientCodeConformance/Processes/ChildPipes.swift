import Foundation
import GradientCodeOperations
import Subprocess

/// The two pipes of a conversation with a child: lines out, lines in, each line in within a time.
///
/// Writing never waits: lines are handed to a task of their own, so a child that does not read cannot hold us up; at
/// most a window of questions is under way.
struct ChildPipes {
    /// How a line failed to come.
    enum Trouble: Error {
        /// Not in time; with what had come of it.
        case late(partial: String?)
        /// The output ended; with what had come of the line.
        case ended(partial: String?)
        /// It is longer than permitted; with its start.
        case tooLong(start: String)
    }

    private var output: SubprocessOutputSequence.Iterator
    private let input: AsyncStream<[UInt8]>.Continuation
    private let watchdog: Watchdog
    private let longestLine: Int
    private var incoming = LineBuffer()
    private var outgoing: [UInt8] = []
    private var outgoingLines = 0

    /// Lines are handed over in groups of this size, or before we wait: the child works while we do.
    private static let group = 16

    /// - Parameter watchdog: ends the child when the deadline passes, and thereby its output.
    init(
        output: SubprocessOutputSequence.Iterator, input: AsyncStream<[UInt8]>.Continuation, watchdog: Watchdog,
        longestLine: Int
    ) {
        self.output = output
        self.input = input
        self.watchdog = watchdog
        self.longestLine = longestLine
    }

    /// What has been received beyond the lines taken, as the misbehaviour it is when nothing was asked.
    var unasked: Misbehaviour? {
        if incoming.rest.isEmpty { return nil }
        let line = incoming.rest.prefix { $0 != UInt8(ascii: "\n") }
        return Misbehaviour(.garbage, "it wrote \(quoted(line)) without being asked")
    }

    /// Sends a line, given without its line feed.
    mutating func send(_ line: Data) {
        outgoing.append(contentsOf: line)
        outgoing.append(UInt8(ascii: "\n"))
        outgoingLines += 1
        if outgoingLines >= Self.group { flush() }
    }

    /// Hands over what has been sent, and ends the child's input once that is written.
    mutating func finishInput() {
        flush()
        input.finish()
    }

    /// The next line, without its line feed; the clock runs from this call.
    mutating func line(within limit: Duration) async throws(Trouble) -> Data {
        if let line = try takeLine() { return line }
        flush()
        let deadline = ContinuousClock.now + limit
        while true {
            watchdog.expect(by: deadline)
            // A read error is treated like the end of the output; the child's status says more.
            let chunk = try? await output.next()
            guard watchdog.lift() else { throw .late(partial: partial) }
            guard let chunk else { throw .ended(partial: partial) }
            chunk.withUnsafeBytes { incoming.append($0) }
            if let line = try takeLine() { return line }
        }
    }

    private mutating func takeLine() throws(Trouble) -> Data? {
        let line = incoming.next()
        if line?.count ?? incoming.rest.count <= longestLine { return line }
        throw .tooLong(start: line.map { quoted($0) } ?? quoted(incoming.rest))
    }

    private var partial: String? { incoming.rest.isEmpty ? nil : quoted(incoming.rest) }

    private mutating func flush() {
        guard !outgoing.isEmpty else { return }
        input.yield(outgoing)
        outgoing.removeAll(keepingCapacity: true)
        outgoingLines = 0
    }
}
