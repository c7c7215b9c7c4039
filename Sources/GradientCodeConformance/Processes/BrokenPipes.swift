import Foundation

/// Writing to a pipe that nobody reads.
enum BrokenPipes {
    /// Lets such a write fail instead of ending this process by a signal, from now on; children do not inherit it.
    static let ignoreSignal: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
