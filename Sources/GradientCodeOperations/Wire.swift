public import Foundation
import GradientCodes

/// The lines of the protocol: JSON objects, one a line (`docs/protocol.md`).
public enum Wire {
    /// What the harness writes.
    public enum Line: Sendable {
        /// Begins a run; the nonce shuffles the order of the questions.
        case start(nonce: String)
        /// A command with its sequence number.
        case command(seq: Int, Command)
        /// Ends the run.
        case stop
    }

    /// The bytes of a line, without the line feed.
    public static func data(_ line: Line) -> Data { JSONText.data(EncodedLine(line: line)) }

    /// A line for people: what long values are drawn from stands in place of them.
    public static func abridged(_ line: Line) -> String { JSONText.abridged(EncodedLine(line: line)) }

    /// The bytes of a subject's line, without the line feed.
    public static func data(seq: Int, _ reply: Reply) -> Data { JSONText.data(EncodedReply(seq: seq, reply: reply)) }

    /// Reads a line of the harness.
    ///
    /// - Parameter sessions: the scheme of each open session, which gives a round's type.
    public static func line(from data: Data, sessions: [Int: String]) throws(JSONReadingError) -> DecodedLine {
        try JSONText.read(DecodedLine.self, from: data, userInfo: [.sessions: sessions])
    }

    /// Reads a subject's line.
    ///
    /// - Parameter command: what was asked, which gives the answer's type.
    public static func reply(from data: Data, to command: Command) throws(JSONReadingError) -> (seq: Int, reply: Reply)
    {
        let line = try JSONText.read(DecodedReply.self, from: data, userInfo: [.answerType: command.answerType])
        return (line.seq, line.reply)
    }
}

extension Command {
    /// The type of the answer to the command.
    public var answerType: any Record.Type {
        func answer<Asked: Question>(_: Asked) -> any Record.Type { Asked.Answer.self }
        func answers<Asked: Question>(_: Asked) -> any Record.Type { Samples<Asked.Answer>.self }
        func outcome<Input: SessionRound>(_: Input) -> any Record.Type { Input.Outcome.self }
        func outcomes<Input: SessionRound>(_: Input) -> any Record.Type { Samples<Input.Outcome>.self }
        return switch self {
        case .run(let question): answer(question)
        case .sample(let question, _): answers(question)
        case .round(_, let input): outcome(input)
        case .sampleRound(_, let input, _): outcomes(input)
        case .open, .set, .restore, .close: Done.self
        case .save: SavedState.self
        }
    }
}

extension CodingUserInfoKey {
    static let sessions = CodingUserInfoKey(rawValue: "sessions")!
    static let answerType = CodingUserInfoKey(rawValue: "answerType")!
}

private struct EncodedLine: Encodable {
    let line: Wire.Line

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: FieldKey.self)
        switch line {
        case .start(let nonce):
            try container.encode("start", forKey: "cmd")
            try container.encode(Declaration.protocolVersion, forKey: "version")
            try container.encode(nonce, forKey: "nonce")
        case .stop:
            try container.encode("stop", forKey: "cmd")
        case .command(let seq, let command):
            try container.encode(seq, forKey: "seq")
            switch command {
            case .run(let question):
                try container.encode("run", forKey: "cmd")
                try container.encode(type(of: question).name, forKey: "operation")
                try container.encode(question, forKey: "input")
            case .sample(let question, let size):
                try container.encode("sample", forKey: "cmd")
                try container.encode(type(of: question).name, forKey: "operation")
                try container.encode(size.count, forKey: "count")
                try container.encode(size.worker, forKey: "worker")
                try container.encode(size.round, forKey: "round")
                try container.encode(question, forKey: "input")
            case .sampleRound(let session, let input, let count):
                try container.encode("sample", forKey: "cmd")
                try container.encode(session, forKey: "session")
                try container.encode(count, forKey: "count")
                try container.encode(input, forKey: "input")
            case .open(let session, let opening):
                try container.encode("open", forKey: "cmd")
                try container.encode(session, forKey: "session")
                try container.encode(type(of: opening).scheme, forKey: "scheme")
                try container.encode(opening, forKey: "input")
            case .round(let session, let input):
                try container.encode("round", forKey: "cmd")
                try container.encode(session, forKey: "session")
                try container.encode(input, forKey: "input")
            case .set(let session, let setting):
                try container.encode("set", forKey: "cmd")
                try container.encode(session, forKey: "session")
                try container.encode(setting, forKey: "input")
            case .save(let session):
                try container.encode("save", forKey: "cmd")
                try container.encode(session, forKey: "session")
            case .restore(let session, let saved):
                try container.encode("restore", forKey: "cmd")
                try container.encode(session, forKey: "session")
                try container.encode(saved, forKey: "input")
            case .close(let session):
                try container.encode("close", forKey: "cmd")
                try container.encode(session, forKey: "session")
            }
        }
    }
}

private struct EncodedReply: Encodable {
    let seq: Int
    let reply: Reply

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: FieldKey.self)
        try container.encode(seq, forKey: "seq")
        switch reply {
        case .answer(let answer):
            try container.encode(answer, forKey: "output")
        case .refused(let refusal):
            try container.encode(refusal.kind, forKey: "reject")
            try container.encode(refusal.reason, forKey: "reason")
        case .unsupported(let reason):
            try container.encode(reason, forKey: "unsupported")
        case .failed(let failure):
            try container.encode(failure.description, forKey: "failed")
        }
    }
}

/// A line of the harness as a subject reads it.
public enum DecodedLine: Decodable, Sendable {
    /// The run begins; reply with a declaration.
    case start(version: Int)
    /// A command to reply to.
    case command(seq: Int, Command)
    /// A command that cannot be read: reply with this.
    case unreadable(seq: Int, Reply)
    /// The run ends.
    case stop

    /// Reads a line; an unreadable input becomes a refusal, so that no question is left without a reply.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: FieldKey.self)
        let verb = try container.decode(String.self, forKey: "cmd")
        switch verb {
        case "start":
            self = .start(version: try container.decode(Int.self, forKey: "version"))
            return
        case "stop":
            self = .stop
            return
        default: break
        }
        let seq = try container.decode(Int.self, forKey: "seq")
        do {
            let sessions = decoder.userInfo[.sessions] as? [Int: String] ?? [:]
            self = try Self.command(verb, seq, container, sessions)
        } catch {
            let reason = JSONReadingError(error).description
            self = .unreadable(seq: seq, .refused(Refusal(.invalidParameters, reason)))
        }
    }

    private static func command(
        _ verb: String, _ seq: Int, _ container: KeyedDecodingContainer<FieldKey>, _ sessions: [Int: String]
    ) throws -> DecodedLine {
        func record<Value: Record>(_: Value.Type) throws -> Value { try container.decode(Value.self, forKey: "input") }
        func question<Asked: Question>(_: Asked.Type) throws -> any Question { try record(Asked.self) }
        func opening<Opened: Opening>(_: Opened.Type) throws -> any Opening { try record(Opened.self) }
        func round<Opened: Opening>(_: Opened.Type) throws -> any SessionRound { try record(Opened.Round.self) }
        func session() throws -> Int { try container.decode(Int.self, forKey: "session") }

        func integer(_ key: FieldKey) throws -> Int { try container.decode(Int.self, forKey: key) }

        switch verb {
        case "run":
            let name = try container.decode(String.self, forKey: "operation")
            guard let operation = Operations.named(name) else { return .unreadable(seq: seq, .unsupported(name)) }
            return .command(seq: seq, .run(try question(operation)))
        case "sample" where !container.contains("session"):
            let name = try container.decode(String.self, forKey: "operation")
            guard let operation = Operations.named(name) else { return .unreadable(seq: seq, .unsupported(name)) }
            let size = SampleSize(
                count: try integer("count"), worker: try container.decodeIfPresent(Int.self, forKey: "worker") ?? 0,
                round: try container.decodeIfPresent(Int.self, forKey: "round") ?? 0)
            return .command(seq: seq, .sample(try question(operation), size))
        case "open":
            let scheme = try container.decode(String.self, forKey: "scheme")
            guard let type = Operations.session(scheme) else { return .unreadable(seq: seq, .unsupported(scheme)) }
            return .command(seq: seq, .open(session: try session(), try opening(type)))
        case "round", "sample":
            let number = try session()
            guard let scheme = sessions[number], let type = Operations.session(scheme) else {
                let refusal = Refusal(.invalidParameters, "session \(number) is not open")
                return .unreadable(seq: seq, .refused(refusal))
            }
            let input = try round(type)
            return .command(
                seq: seq,
                verb == "round"
                    ? .round(session: number, input)
                    : .sampleRound(session: number, input, count: try integer("count")))
        case "set": return .command(seq: seq, .set(session: try session(), try record(StepSetting.self)))
        case "save": return .command(seq: seq, .save(session: try session()))
        case "restore": return .command(seq: seq, .restore(session: try session(), try record(SavedState.self)))
        case "close": return .command(seq: seq, .close(session: try session()))
        default: return .unreadable(seq: seq, .unsupported(verb))
        }
    }
}

private struct DecodedReply: Decodable {
    let seq: Int
    let reply: Reply

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: FieldKey.self)
        seq = try container.decode(Int.self, forKey: "seq")
        let kinds = (["output", "reject", "unsupported"] as [FieldKey]).filter(container.contains)
        guard kinds.count == 1 else {
            let found = kinds.isEmpty ? "none" : kinds.map(\.stringValue).joined(separator: " and ")
            throw JSONReadingError("expected one of output, reject and unsupported, found \(found)")
        }
        switch kinds[0] {
        case "output":
            guard let type = decoder.userInfo[.answerType] as? any Record.Type else {
                preconditionFailure("a reply is read with the type of its answer")
            }
            func answer<Value: Record>(_: Value.Type) throws -> any Record {
                try container.decode(Value.self, forKey: "output")
            }
            reply = .answer(try answer(type))
        case "reject":
            let kind = try container.decode(Refusal.Kind.self, forKey: "reject")
            let reason = try container.decodeIfPresent(String.self, forKey: "reason") ?? ""
            reply = .refused(Refusal(kind, reason))
        default:
            reply = .unsupported(try container.decode(String.self, forKey: "unsupported"))
        }
    }
}
