/// How long and how much a child process may take before it is judged to have failed.
public struct ChildLimits: Hashable, Sendable {
    /// From the launch to a valid start reply.
    public var start: Duration
    /// From the moment a question's predecessor is answered, or from its own sending if that is later, to its reply.
    public var question: Duration
    /// From `stop` and the end of its input to the child's exit.
    public var stop: Duration
    /// Bytes of one line of output.
    public var line: Int
    /// Bytes of standard error that are shown; what follows is read and dropped.
    public var standardError: Int

    /// The protocol's limits, unless others are given.
    ///
    /// - Precondition: All limits are positive.
    public init(
        start: Duration = .seconds(10), question: Duration = .seconds(10), stop: Duration = .seconds(5),
        line: Int = 64 << 20, standardError: Int = 1 << 20
    ) {
        precondition(min(start, question, stop) > .zero && min(line, standardError) > 0, "a limit is not positive")
        self.start = start
        self.question = question
        self.stop = stop
        self.line = line
        self.standardError = standardError
    }
}
