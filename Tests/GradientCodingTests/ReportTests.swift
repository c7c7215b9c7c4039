import Foundation
import FoundationXML
import GradientCodeBuiltIn
import GradientCodeConformance
import GradientCodeOperations
import GradientCodes
import Testing

@Suite struct ReportTests {
    static func report(_ mutant: String?, _ change: (inout Verification) -> Void = { _ in }) async throws -> Report {
        var verification = Verification.thorough
        verification.laws = [
            "gradientCode.decodableSets", "gradientCode.canonicalVector", "gradientCode.decodingVector", "philox.words",
            "gradientCode.encode", "gradientCode.roundsRecover", "theory.value",
        ]
        change(&verification)
        return await verification.examine(try mutant.map(damaged) ?? BuiltIn.subject)
    }

    @Test func `core alone decides`() async throws {
        #expect(try await Self.report("minimumNorm").verdict == .conforming)
        #expect(try await Self.report("minimumNorm") { $0.profiles = [.wire] }.verdict == .notConforming)
        #expect(try await Self.report("leastSquaresCalledExact").verdict == .notConforming)
        #expect(try await Self.report(nil) { $0.profiles = [.tape] }.verdict == .passed)
    }

    @Test func `misbehaviour anywhere is not conforming`() async throws {
        struct Crashing: Subject {
            let declaration = Declaration(
                implementation: ImplementationName(name: "c", version: "1", language: "x"),
                operations: ["philox.block": [], "rounding.binary32": []])
            func replies(to commands: [Command]) async -> [Reply] {
                let reply = BuiltIn.subject
                return commands.map { command in
                    command.operation == "philox.block"
                        ? .failed(SubjectFailure(.died, "gone")) : reply.reply(to: command)
                }
            }
        }
        let report = await Verification.thorough.examine(Crashing())
        #expect(report.total(.core).failed == 0 && report.total(.core).passed > 0)
        #expect(report.misbehaved)
        #expect(report.verdict == .notConforming)
    }

    @Test func `the report survives JSON and names the line that replays`() async throws {
        let report = try await Self.report("survivorAverage")
        let data = JSONText.data(report)
        #expect(try JSONText.read(Report.self, from: data) == report)
        let text = report.text { "gradcode replay \($0)" }
        #expect(text.contains("FAILED core  gradientCode.decodableSets"))
        #expect(text.contains("gradcode replay 1"))
        #expect(text.hasSuffix("NOT CONFORMING"))
        #expect(report.isComplete)
    }

    @Test func `the JUnit file is XML with one case an entry`() async throws {
        for mutant in [nil, "survivorAverage"] {
            let report = try await Self.report(mutant)
            let parser = XMLParser(data: Data(report.junit.utf8))
            let counter = Counter()
            parser.delegate = counter
            #expect(parser.parse())
            #expect(counter.cases == report.entries.count)
            #expect(counter.failures == report.entries.count { $0.status == "failed" })
        }
    }

    @Test func `a counterexample of a vector and of a law fails again`() async throws {
        let mutant = try damaged("roundedCoefficients")
        let report = await Verification.thorough.examine(mutant)
        let failures = report.entries.flatMap(\.failures)
        #expect(
            failures.contains { $0.counterexample.tcId != nil }
                && failures.contains { $0.counterexample.choices != nil })
        for failure in failures {
            let again = try await Verification().replay(failure.counterexample, on: mutant)
            #expect(again.entries.map(\.failed) == [1])
            let right = try await Verification().replay(failure.counterexample, on: BuiltIn.subject)
            #expect(right.entries.map(\.failed) == [0])
        }
    }

    @Test(arguments: [
        ("python3 a.py --x", ["python3", "a.py", "--x"]), ("  a   b ", ["a", "b"]), ("'a b' \"c d\"", ["a b", "c d"]),
        (#"a\ b "c\"d" 'e\f'"#, ["a b", "c\"d", #"e\f"#]), ("'' x", ["", "x"]), ("a'b'c", ["abc"]),
    ]) func `a command line is split as a shell splits it`(_ line: String, _ words: [String]) throws {
        #expect(try CommandWords.split(line) == words)
    }

    @Test(arguments: ["", "   ", "'a", "a\"b", "a\\"]) func `an unfinished command line is refused`(_ line: String) {
        #expect(throws: CommandWords.Problem.self) { try CommandWords.split(line) }
    }

    private final class Counter: NSObject, XMLParserDelegate {
        var cases = 0
        var failures = 0
        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            cases += name == "testcase" ? 1 : 0
            failures += name == "failure" ? 1 : 0
        }
    }
}
