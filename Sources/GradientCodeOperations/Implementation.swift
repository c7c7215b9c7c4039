public import GradientCodes
import Synchronization

/// A subject in this process: a table of functions, one for each operation it offers.
///
/// ```swift
/// let mine = Implementation("mine") { table in
///     table.answer(GradientCode.Encode.self) { question in
///         .init(vector: Binary32Vector(encode(question.coefficients.values, question.vectors.map(\.values))))
///     }
/// }
/// ```
public final class Implementation: Subject {
    /// The functions, by operation.
    public struct Table: Sendable {
        typealias Answering = @Sendable (any Question) -> Reply
        typealias Opener = @Sendable (any Opening) -> Opened

        /// What became of an opening.
        enum Opened {
            case session(any RoundSession)
            case refused(Refusal)
            case unsupported(String)
        }

        var answers: [String: Answering] = [:]
        var openers: [String: Opener] = [:]
        var flags: [String: [String]] = [:]
        var regressions: Set<String> = []

        /// An empty table.
        public init() {}

        /// Answers an operation with a function; a later one replaces an earlier one.
        ///
        /// - Parameters:
        ///   - regression: true when the function is the suite's own reference.
        ///   - unsupported: why a question is beyond what the function can do, such as its size; nil when it is not.
        public mutating func answer<Asked: Question>(
            _: Asked.Type, flags declared: [String] = [], regression: Bool = false,
            unless unsupported: @escaping @Sendable (Asked) -> String? = { _ in nil },
            with function: @escaping @Sendable (Asked) throws(Refusal) -> Asked.Answer
        ) {
            answers[Asked.name] = { question in
                guard let question = question as? Asked else {
                    preconditionFailure("\(Asked.name) was asked as \(type(of: question))")
                }
                if let reason = unsupported(question) { return .unsupported(reason) }
                do throws(Refusal) { return .answer(try function(question)) } catch { return .refused(error) }
            }
            flags[Asked.name] = declared
            if regression { regressions.insert(Asked.name) } else { regressions.remove(Asked.name) }
        }

        /// Holds sessions of rounds of one scheme.
        ///
        /// - Parameter unsupported: why an opening is beyond what the function can do; nil when it is not.
        public mutating func hold<Opened: Opening>(
            _: Opened.Type, flags declared: [String] = [],
            unless unsupported: @escaping @Sendable (Opened) -> String? = { _ in nil },
            with opener: @escaping @Sendable (Opened) throws(Refusal) -> any RoundSession
        ) {
            let name = Opened.scheme + ".round"
            openers[name] = { opening in
                guard let opening = opening as? Opened else {
                    preconditionFailure("\(name) was opened as \(type(of: opening))")
                }
                if let reason = unsupported(opening) { return .unsupported(reason) }
                do throws(Refusal) { return .session(try opener(opening)) } catch { return .refused(error) }
            }
            flags[name] = declared
        }
    }

    /// What it says of itself.
    public let declaration: Declaration
    /// Operations answered by the suite's own reference.
    public let regressions: Set<String>
    private let table: Table
    private let sessions = Mutex<[Int: any RoundSession]>([:])

    /// An implementation with the functions that `fill` registers.
    public convenience init(
        _ name: String, version: String = "1", language: String = "swift", conventions: Conventions? = nil,
        fill: (inout Table) -> Void
    ) {
        var table = Table()
        fill(&table)
        self.init(
            ImplementationName(name: name, version: version, language: language), conventions: conventions, table: table
        )
    }

    /// An implementation with the given functions.
    public init(_ name: ImplementationName, conventions: Conventions? = nil, table: Table) {
        declaration = Declaration(implementation: name, operations: table.flags, conventions: conventions)
        regressions = table.regressions
        self.table = table
    }

    /// One reply a command, in order.
    public func replies(to commands: [Command]) async -> [Reply] { commands.map(reply) }

    /// The reply to one command.
    public func reply(to command: Command) -> Reply {
        do throws(Refusal) {
            switch command {
            case .run(let question):
                let name = type(of: question).name
                guard let function = table.answers[name] else { return .unsupported(name) }
                return function(question)
            case .open(let session, let opening):
                let name = type(of: opening).scheme + ".round"
                guard let opener = table.openers[name] else { return .unsupported(name) }
                switch opener(opening) {
                case .session(let opened): return try begin(session, opened)
                case .refused(let refusal): return .refused(refusal)
                case .unsupported(let reason): return .unsupported(reason)
                }
            case .sample(let question, let size):
                let name = type(of: question).name
                guard let function = table.answers[name], table.flags[name]?.contains("free") == true else {
                    return .unsupported("sample of \(name)")
                }
                try size.validate()
                guard !question.flags.contains("tape") else {
                    throw Refusal(.invalidParameters, "samples are drawn without a tape")
                }
                return try Self.samples(size.count, of: question) { () throws(Refusal) in function(question) }
            case .sampleRound(let session, let input, let count):
                try SampleSize(count: count).validate()
                guard input.drawsFreely else {
                    throw Refusal(.invalidParameters, "samples are drawn without tape and seed")
                }
                let state = sessions.withLock { $0[session] }
                guard let state else { throw Self.notOpen(session) }
                return try Self.samples(count, of: input) { () throws(Refusal) in
                    var copy = state
                    return .answer(try copy.answer(input))
                }
            case .round(let session, let input):
                return .answer(try change(session) { state throws(Refusal) in try state.answer(input) })
            case .set(let session, let setting):
                return .answer(
                    try change(session) { state throws(Refusal) in
                        guard setting.step.count == 1, let step = setting.step.values.first else {
                            throw Refusal(.dimensionMismatch, "a step is one binary32, found \(setting.step.count)")
                        }
                        guard step.isFinite else { throw Refusal(.nonFinite, "the step is \(step)") }
                        guard step > 0 else { throw Refusal(.invalidParameters, "the step is \(step), not positive") }
                        try state.set(step: step)
                        return Done()
                    })
            case .save(let session):
                return .answer(try change(session) { state throws(Refusal) in SavedState(state: try state.save()) })
            case .restore(let session, let saved):
                return .answer(
                    try change(session) { state throws(Refusal) in
                        try state.restore(saved.state)
                        return Done()
                    })
            case .close(let session):
                return try sessions.withLock { sessions throws(Refusal) in
                    guard sessions.removeValue(forKey: session) != nil else { throw Self.notOpen(session) }
                    return .answer(Done())
                }
            }
        } catch {
            return .refused(error)
        }
    }

    /// The answers of `count` draws in one; anything else than an answer stands for all.
    private static func samples(
        _ count: Int, of input: some Record, draw: () throws(Refusal) -> Reply
    ) throws(Refusal) -> Reply {
        guard JSONText.data(input).count * count <= SampleSize.maximumWork else {
            return .unsupported("so many samples of so long a question")
        }
        var answers: [any Record] = []
        for _ in 0..<count {
            let reply = try draw()
            guard case .answer(let answer) = reply else { return reply }
            if answers.isEmpty, JSONText.data(answer).count * count > SampleSize.maximumBytes {
                return .unsupported("samples of more than \(SampleSize.maximumBytes) bytes")
            }
            answers.append(answer)
        }
        func collected<Answer: Record>(_: Answer) -> any Record {
            Samples(samples: answers.compactMap { $0 as? Answer })
        }
        return .answer(collected(answers[0]))
    }

    private func begin(_ session: Int, _ opened: any RoundSession) throws(Refusal) -> Reply {
        try sessions.withLock { sessions throws(Refusal) in
            guard sessions[session] == nil else {
                throw Refusal(.invalidParameters, "session \(session) is open already")
            }
            sessions[session] = opened
            return .answer(Done())
        }
    }

    /// Applies a change to a session's state; a refusal leaves the state as it was.
    private func change<Value: Sendable>(
        _ session: Int, _ body: (inout any RoundSession) throws(Refusal) -> Value
    ) throws(Refusal) -> Value {
        try sessions.withLock { sessions throws(Refusal) in
            guard var state = sessions[session] else { throw Self.notOpen(session) }
            let value = try body(&state)
            sessions[session] = state
            return value
        }
    }

    private static func notOpen(_ session: Int) -> Refusal {
        Refusal(.invalidParameters, "session \(session) is not open")
    }
}

/// The state of one session of rounds: a value, so that a refused round changes nothing.
public protocol RoundSession: Sendable {
    /// The input of its rounds.
    associatedtype Round: SessionRound
    /// One round.
    mutating func round(_ input: Round) throws(Refusal) -> Round.Outcome
    /// Changes the step; the session may have no use for it.
    mutating func set(step: Float) throws(Refusal)
    /// Memory, step and counters.
    func save() throws(Refusal) -> String
    /// Returns to a saved state.
    mutating func restore(_ state: String) throws(Refusal)
}

extension RoundSession {
    mutating func answer(_ input: any SessionRound) throws(Refusal) -> any Record {
        guard let input = input as? Round else {
            throw Refusal(.invalidParameters, "this session's rounds are \(Round.self), not \(type(of: input))")
        }
        return try round(input)
    }
}
