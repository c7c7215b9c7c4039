import Foundation
import GradientCodeConformance
import GradientCodeOperations
import Testing

/// A child that cannot be started is told apart from one that misbehaves later.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ChildStartTests {
    /// Runs a program and checks that its start fails.
    func expect(
        _ reason: String, _ command: [String], limits: ChildLimits = ChildLimits(),
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let begin = ContinuousClock.now
        let failure = await #expect(throws: SubjectFailure.self, sourceLocation: location) {
            _ = try await ChildSubject.start(command, limits: limits, nonce: "9f3a", standardError: { _ in })
        }
        #expect(failure?.kind == .noStart, sourceLocation: location)
        #expect(failure?.reason.contains(reason) == true, "\(failure?.reason ?? "")", sourceLocation: location)
        #expect(ContinuousClock.now - begin < .seconds(45), sourceLocation: location)
    }

    @Test func `no program`() async throws {
        try await expect("no program is given", [])
        try await expect("no program is given", [""])
    }

    @Test func `a program that is not found`() async throws {
        try await expect("\"no-such-program\" is not found", ["no-such-program", "argument"])
        try await expect("/no/such/program", ["/no/such/program"])
    }

    @Test func `a file that is no program`() async throws {
        try await expect("\"/etc/passwd\" is not found or cannot be executed", ["/etc/passwd"])
    }

    @Test func `a child that exits at once`() async throws {
        try await expect("ended before the reply to start; it exited with status 4", ["sh", "-c", "exit 4"])
    }

    @Test func `a child that does not reply`() async throws {
        let limits = ChildLimits(start: .milliseconds(300))
        try await expect("no reply to start within 0.3 seconds", ["sleep", "60"], limits: limits)
    }

    @Test(arguments: [
        ("hello", "is not valid: "),
        ("", "it wrote \"\""),
        (#"{"version":2}"#, "version 2; expected 1"),
        (#"{"version":1}"#, "key \"implementation\" is missing"),
        (declaration(#"{"ties":"larger"}"#), "conventions.ties"),
        (declaration(#"{"zeroSign":"plus"}"#), "conventions.zeroSign"),
        (declaration(#"{"drawBits":65}"#), "drawBits: 65; expected 1...64"),
    ]) func `a declaration that is not valid`(line: String, reason: String) async throws {
        try await expect(reason, ["sh", "-c", "printf '%s\\n' '\(line)'; sleep 60"])
    }

    @Test func `a declaration that does not end`() async throws {
        try await expect(
            "a line longer than permitted in place of the reply to start: \"y",
            ["sh", "-c", "yes y | tr -d '\\n'"], limits: ChildLimits(line: 10_000))
    }

    static func declaration(_ conventions: String) -> String {
        #"{"version":1,"implementation":{"name":"a","version":"1","language":"sh"},"operations":{},"#
            + #""conventions":\#(conventions)}"#
    }
}
