import Foundation
import GradientCodeConformance
import GradientCodeOperations
import GradientCodes
import Synchronization
import Testing

/// A child written in Python for one test, and what came of it.
struct Child: Sendable {
    /// Replies to the questions asked.
    var replies: [Reply] = []
    /// What `end()` returned.
    var end: SubjectFailure?
    /// How often the child was started again.
    var restarts = 0
    /// What it wrote to its standard error, without the line with its process number.
    var messages: [String] = []
    /// How long start, questions and end took together.
    var time = Duration.zero
    /// Processes of its groups that are still there.
    var survivors: [Int] = []

    /// The failures among the replies.
    var failures: [SubjectFailure] {
        replies.compactMap { if case .failed(let failure) = $0 { failure } else { nil } }
    }

    /// Words of the answers among the replies, the first word of each.
    var answers: [UInt32] { replies.compactMap { $0.words?.first } }

    /// Starts a child that runs `script` after ``prelude``, asks commands and ends it.
    ///
    /// - Parameter ask: talks to the child; by default asks the commands in one batch.
    static func run(
        _ script: String, limits: ChildLimits = ChildLimits(), ask: (ChildSubject) async throws -> [Reply]
    ) async throws -> Child {
        let folder = FileManager.default.temporaryDirectory.appending(path: "subject-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "child.py")
        try Data((prelude + script).utf8).write(to: file)

        let log = Log()
        let begin = ContinuousClock.now
        defer { log.show() }
        let subject = try await ChildSubject.start(
            ["python3", "-ES", file.path(percentEncoded: false), folder.path(percentEncoded: false)], limits: limits,
            nonce: "9f3a", standardError: log.append)
        var child = Child()
        child.replies = try await ask(subject)
        child.end = await subject.end()
        child.restarts = subject.restarts
        child.time = ContinuousClock.now - begin
        child.messages = log.lines.filter { !$0.hasPrefix("process ") }
        let groups = log.lines.compactMap { Int($0.trimmingPrefix("process ")) }
        #expect(groups.count == child.restarts + 1)
        child.survivors = await remaining(of: groups)
        return child
    }

    /// Starts a child, asks so many questions in one batch and ends it.
    static func run(_ script: String, limits: ChildLimits = ChildLimits(), questions: Int) async throws -> Child {
        try await run(script, limits: limits) { await $0.replies(to: Child.questions(questions)) }
    }

    /// Questions 0, 1, …, each with its number as the first word of its counter.
    static func questions(_ count: Int, from first: Int = 0) -> [Command] {
        (first..<first + count).map { .run(Philox.Block(counter: [UInt32($0), 0, 0, 0], key: [0, 0])) }
    }

    /// What all children begin with. The answer to a question is its counter.
    private static let prelude = """
        import json, os, signal, subprocess, sys, time
        def say(text):
            sys.stdout.write(text + "\\n")
            sys.stdout.flush()
        def read():
            line = sys.stdin.readline()
            if not line: sys.exit(0)
            question = json.loads(line)
            if question["cmd"] == "stop": sys.exit(0)
            return question
        def declare(**others):
            start = read()
            assert start["cmd"] == "start" and start["version"] == 1 and start["nonce"] == "9f3a"
            say(json.dumps({"version": 1, "implementation": {"name": "child", "version": "1", "language": "python"},
                "operations": {"philox.block": []}, **others}))
        def answer(question):
            say(json.dumps({"seq": question["seq"], "output": {"words": question["input"]["counter"]}}))
        def first_time():
            flag = os.path.join(sys.argv[1], "started")
            if os.path.exists(flag): return False
            open(flag, "w").close()
            return True
        def hang():
            while True: time.sleep(60)
        sys.stderr.write("process %d\\n" % os.getpid())
        sys.stderr.flush()

        """
}

/// Lines, collected on any thread.
final class Log: Sendable {
    private let collected = Mutex<[String]>([])
    var lines: [String] { collected.withLock { $0 } }
    func append(_ line: String) { collected.withLock { $0.append(line) } }
    /// Shows what only a child that broke down says: Python's own messages.
    func show() { for line in lines where line.contains("Error") { print("child: \(line)") } }
}

extension Reply {
    /// The words of an answer.
    var words: [UInt32]? {
        if case .answer(let answer as DrawnWords) = self { answer.words.words } else { nil }
    }
    /// The failure, if it is one.
    var failure: SubjectFailure? {
        if case .failed(let failure) = self { failure } else { nil }
    }
}
