import Foundation
import GradientCodeOperations
import Subprocess

/// One process of an implementation, from its launch to its end.
struct ChildProcess: Sendable {
    /// The program and its arguments.
    let command: [String]
    /// How long and how much it may take.
    let limits: ChildLimits
    /// Shows a line of its standard error.
    let standardError: @Sendable (String) -> Void

    /// How a process ended.
    enum Ending: Hashable, Sendable {
        /// By itself, with this status.
        case exited(Int)
        /// By a signal that was not ours.
        case signaled(Int)
        /// By us.
        case killed
        /// In a way that the system did not tell.
        case unknown

        /// As a message says it.
        var description: String {
            switch self {
            case .exited(let status): "it exited with status \(status)"
            case .signaled(let signal): "it was ended by signal \(signal)"
            case .killed: "it lived on until it was killed"
            case .unknown: "how it ended is not known"
            }
        }
    }

    /// Runs the process as long as `body` does, in a session of its own.
    ///
    /// When `body` returns, the whole process group is killed, after `grace` if the process has not ended by then:
    /// neither the process nor a grandchild is left. Reading ends with the process even where a grandchild keeps the
    /// pipe open. Nothing protects against a grandchild that begins a session of its own; it loses its pipes.
    ///
    /// - Parameter body: talks to the process; the result says how long the process may take to end by itself.
    /// - Throws: `noStart` when the program cannot be launched.
    func run<Result: Sendable>(
        _ body: @Sendable (inout ChildPipes) async -> (Result, grace: Duration)
    ) async throws(SubjectFailure) -> (Result, Ending) {
        let configuration = try configuration
        BrokenPipes.ignoreSignal
        var finished: (result: Result, wasKilled: Bool)?
        do {
            let outcome = try await Subprocess.run(
                configuration, input: .inputWriter, output: .sequence, error: .sequence
            ) { execution in
                let (lines, input) = AsyncStream.makeStream(of: [UInt8].self)
                let watchdog = Watchdog(shortestDeadline: min(limits.start, limits.question, limits.stop))
                let kill: @Sendable () -> Void = { try? execution.send(signal: .kill, toProcessGroup: true) }

                async let _ = watchdog.watch(fire: kill)
                async let _ = Self.write(lines, to: execution.standardInputWriter)
                async let _ = StandardErrorLines(limit: limits.standardError, show: standardError)
                    .forward(execution.standardError)

                var pipes = ChildPipes(
                    output: execution.standardOutput.makeAsyncIterator(), input: input, watchdog: watchdog,
                    longestLine: limits.line)
                let (result, grace) = await body(&pipes)
                finished = (result, await Self.outlives(grace, execution.processIdentifier))
                kill()
                // Leaving this scope cancels the three tasks and waits for them; none outlasts its cancellation.
            }
            guard let finished else { preconditionFailure("a process ended before its conversation") }
            return (finished.result, Ending(outcome.terminationStatus, wasKilled: finished.wasKilled))
        } catch {
            guard let finished else { throw SubjectFailure(.noStart, "\(error)") }
            return (finished.result, finished.wasKilled ? .killed : .unknown)
        }
    }
}

extension ChildProcess {
    private var configuration: Configuration {
        get throws(SubjectFailure) {
            guard let program = command.first, !program.isEmpty else {
                throw SubjectFailure(.noStart, "no program is given")
            }
            var options = PlatformOptions()
            options.createSession = true
            return Configuration(
                executable: program.contains("/") ? .path(Self.path(program)) : .name(program),
                arguments: Arguments(Array(command.dropFirst())), platformOptions: options)
        }
    }

    /// A file path; its type's module has a name of its own on every platform, which is not needed here.
    private static func path<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
    where Path.StringLiteralType == String {
        Path(stringLiteral: text)
    }

    /// Writes what it is given, and then ends the child's input. A failure is not told: the question's clock decides.
    private static func write(_ lines: AsyncStream<[UInt8]>, to input: StandardInputWriter) async {
        for await bytes in lines {
            guard let written = try? await input.write(bytes), written == bytes.count else { break }
        }
        try? await input.finish()
    }

    /// Waits for a process to end by itself; true when it has not.
    private static func outlives(_ grace: Duration, _ process: ProcessIdentifier) async -> Bool {
        let deadline = ContinuousClock.now + grace
        while true {
            let isOver = ContinuousClock.now >= deadline
            var info = siginfo_t()
            // Looks without reaping: the process's number stays its own until its group is killed.
            let looked = waitid(P_PID, id_t(process.value), &info, WEXITED | WNOHANG | WNOWAIT)
            if looked != 0 || info.si_signo != 0 { return false }
            if isOver { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
    }
}

extension ChildProcess.Ending {
    init(_ status: TerminationStatus, wasKilled: Bool) {
        switch status {
        case .exited(let status): self = .exited(Int(status))
        case .signaled(SIGKILL) where wasKilled: self = .killed
        case .signaled(let signal): self = .signaled(Int(signal))
        }
    }
}
