import Foundation
public import GradientCodeOperations
import Synchronization

/// An implementation in a child process that speaks the protocol over its standard input and output.
///
/// Whatever the child does, every command has its reply in bounded time: hanging, dying, garbage, replies out of turn,
/// endless lines and unread input are all `failed` replies with a reason. After the first such failure the process group
/// is killed and one more process is started for the remaining commands, none of which is asked twice but those that
/// were under way behind the failing one; sessions that were open fail from then on. After the second failure nothing
/// is asked any more.
///
/// The child is the leader of a session of its own, so no signal of our terminal reaches it. If this process ends
/// before ``end()``, even by a signal, the child's input ends, and a subject ends with its input.
public final class ChildSubject: Subject {
    /// What it said of itself at its start.
    public let declaration: Declaration
    private let requests: AsyncStream<Supervisor.Request>.Continuation
    private let restarted: Restarts

    private init(
        _ declaration: Declaration, _ requests: AsyncStream<Supervisor.Request>.Continuation, _ restarted: Restarts
    ) {
        self.declaration = declaration
        self.requests = requests
        self.restarted = restarted
    }

    /// How often it was started again: 0 or 1.
    public var restarts: Int { restarted.count.load(ordering: .relaxed) }

    /// Launches a program and waits for its declaration.
    ///
    /// - Parameters:
    ///   - command: the program, as a path or a name to be found on `PATH`, and its arguments.
    ///   - nonce: handed to the subject.
    ///   - standardError: shown each line of the child's standard error, on any thread; by default on ours.
    /// - Throws: `noStart` when the program cannot be launched or gives no valid declaration in time.
    public static func start(
        _ command: [String], limits: ChildLimits = ChildLimits(), nonce: String,
        standardError: @escaping @Sendable (String) -> Void = ChildSubject.show
    ) async throws(SubjectFailure) -> ChildSubject {
        let process = ChildProcess(command: command, limits: limits, standardError: standardError)
        let (stream, requests) = AsyncStream.makeStream(of: Supervisor.Request.self)
        let restarted = Restarts()
        let supervisor = Supervisor(process: process, requests: stream, restarted: restarted)
        let started = await withCheckedContinuation { started in
            Task { await supervisor.run(Conversation(limits: limits, nonce: nonce)) { started.resume(returning: $0) } }
        }
        return ChildSubject(try started.get(), requests, restarted)
    }

    /// One reply a command, in order; batches are answered one after the other.
    public func replies(to commands: [Command]) async -> [Reply] {
        await withCheckedContinuation { completion in
            let batch = Batch(commands, completion: completion)
            if case .enqueued = requests.yield(.ask(batch)) { return }
            Supervisor.Request.ask(batch).refuse(Self.ended)
        }
    }

    /// Sends `stop`, waits for the process to end, and kills what is left of its group; to be called once, at the end.
    ///
    /// - Returns: a misbehaviour that no reply has told: output that was not asked for, or a process that outlives
    ///   `stop`. How the process exits is not judged.
    public func end() async -> SubjectFailure? {
        await withCheckedContinuation { completion in
            if case .enqueued = requests.yield(.end(completion)) { return requests.finish() }
            completion.resume(returning: nil)
        }
    }

    deinit { requests.finish() }

    /// Shows a line on our standard error, marked as the subject's.
    public static func show(_ line: String) { FileHandle.standardError.write(Data("subject: \(line)\n".utf8)) }

    static let ended = SubjectFailure(.died, "the subject was asked after its end")
}

/// How often a subject was started again.
final class Restarts: Sendable {
    let count = Atomic(0)
}
