import GradientCodeOperations

/// Which sessions are open at a child, and which were lost with a process that failed.
struct SessionLedger: Sendable {
    private var open: Set<Int> = []
    private var lost: [Int: SubjectFailure] = [:]

    /// The reply to a command whose session was lost; nil when the command can be asked.
    ///
    /// Opening a lost session again makes it a new one.
    mutating func reply(to command: Command) -> Reply? {
        guard let session = command.session else { return nil }
        if case .open = command {
            lost[session] = nil
            return nil
        }
        return lost[session].map { .failed($0) }
    }

    /// Takes note of a reply of the child.
    mutating func note(_ reply: Reply, to command: Command) {
        switch (command, reply) {
        case (.open(let session, _), .answer), (.open(let session, _), .failed): open.insert(session)
        case (.close(let session), .answer): open.remove(session)
        default: break
        }
    }

    /// Every open session is lost, and that of the command the process failed at.
    mutating func lose(_ failure: SubjectFailure, at command: Command?) {
        if let session = command?.session { open.insert(session) }
        for session in open {
            let reason = "session \(session) was lost when the subject failed (\(failure))"
            lost[session] = SubjectFailure(failure.kind, reason)
        }
        open = []
    }
}

extension Command {
    /// The session it belongs to.
    var session: Int? {
        switch self {
        case .run, .sample: nil
        case .open(let session, _), .round(let session, _), .sampleRound(let session, _, _), .set(let session, _),
            .save(let session),
            .restore(let session, _), .close(let session):
            session
        }
    }

    /// The command as a message names it.
    func title(_ seq: Int) -> String {
        let name =
            switch self {
            case .run(let question): type(of: question).name
            case .sample(let question, _): "sample of \(type(of: question).name)"
            case .sampleRound(let session, _, _): "sample of session \(session)"
            case .open(let session, _): "open of session \(session)"
            case .round(let session, _): "round of session \(session)"
            case .set(let session, _): "set of session \(session)"
            case .save(let session): "save of session \(session)"
            case .restore(let session, _): "restore of session \(session)"
            case .close(let session): "close of session \(session)"
            }
        return "\(name) (seq \(seq))"
    }
}
