import Foundation
import GradientCodeConformance
import GradientCodeOperations
import GradientCodes
import Testing

/// A child that behaves.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ChildSubjectTests {
    @Test func `ten thousand questions are answered in order`() async throws {
        let child = try await Child.run("declare()\nwhile True: answer(read())", questions: 10_000)
        #expect(child.answers == Array(0..<10_000))
        #expect(child.end == nil && child.restarts == 0)
        #expect(child.survivors.isEmpty)
    }

    @Test func `sixty-four questions are under way at once, and no more`() async throws {
        let child = try await Child.run(
            """
            import select, threading
            declare()
            os.set_blocking(0, False)
            seen = b""
            while seen.count(b"\\n") < 64:
                select.select([0], [], [])
                seen += os.read(0, 1 << 16)
            more = select.select([0], [], [], 0.2)[0]
            os.set_blocking(0, True)
            sys.stderr.write("%d, then %s\\n" % (seen.count(b"\\n"), "more" if more else "no more"))
            for line in seen.decode().splitlines(): answer(json.loads(line))
            while True: answer(read())
            """, questions: 100)
        #expect(child.answers == Array(0..<100))
        #expect(child.messages == ["64, then no more"])
    }

    @Test func `a question's clock starts when its predecessor is answered`() async throws {
        let child = try await Child.run(
            "declare()\nwhile True:\n    q = read(); time.sleep(0.3); answer(q)",
            limits: ChildLimits(question: .seconds(1)), questions: 6)
        #expect(child.answers == Array(0..<6))
        #expect(child.time > .seconds(1.5))
    }

    @Test func `a child may write many lines at once, and lines in pieces`() async throws {
        let child = try await Child.run(
            """
            declare()
            text = "".join(json.dumps({"seq": i + 1, "output": {"words": "%08x" % i}}) + "\\n" for i in range(50))
            for i in range(50): read()
            for i in range(0, len(text), 333): os.write(1, text[i:i + 333].encode()); time.sleep(0.001)
            read()
            """, questions: 50)
        #expect(child.answers == Array(0..<50))
    }

    @Test func `blanks around a line are what JSON allows`() async throws {
        let child = try await Child.run(
            #"declare(); read(); os.write(1, b' { "seq" : 1, "output": {"words": ""} }\t\r\n'); read()"#, questions: 1)
        #expect(child.replies.first?.words == [])
    }

    @Test func `refusals and what is unsupported are replies`() async throws {
        let child = try await Child.run(
            """
            declare()
            read(); say('{"seq":1,"reject":"nonFinite","reason":"x is nan"}')
            read(); say('{"seq":2,"reject":"outOfRange"}')
            read(); say('{"seq":3,"unsupported":"blockSign"}')
            answer(read()); read()
            """, questions: 4)
        guard case .refused(let first) = child.replies[0], case .refused(let second) = child.replies[1],
            case .unsupported(let what) = child.replies[2]
        else { return #expect(Bool(false), "\(child.replies)") }
        #expect(first == Refusal(.nonFinite, "x is nan") && second == Refusal(.outOfRange, ""))
        #expect(what == "blockSign")
        #expect(child.answers == [3])
    }

    @Test func `sessions have their own numbers and answers`() async throws {
        let round = GradientCode.Round(gradients: [[1]], responders: [0])
        let child = try await Child.run(
            """
            declare()
            expected = ["open", "round", "set", "save", "restore", "close"]
            for command in expected:
                q = read()
                assert q["cmd"] == command and q["session"] == 5
                output = {"round": {"update": "3f800000", "excluded": []}, "save": {"state": "s"}}.get(command, {})
                say(json.dumps({"seq": q["seq"], "output": output}))
            """
        ) { subject in
            await subject.replies(to: [
                .open(session: 5, ChildRestartTests.opening), .round(session: 5, round),
                .set(session: 5, StepSetting(step: [0.5])), .save(session: 5),
                .restore(session: 5, SavedState(state: "s")), .close(session: 5),
            ])
        }
        #expect(child.failures.isEmpty)
        guard case .answer(let outcome as GradientCode.Round.Outcome) = child.replies[1],
            case .answer(let saved as SavedState) = child.replies[3]
        else { return #expect(Bool(false), "\(child.replies)") }
        #expect(outcome.update == [1] && saved.state == "s")
    }

    @Test func `batches asked at the same time are answered one after the other`() async throws {
        let child = try await Child.run("declare()\nwhile True: answer(read())") { subject in
            await withTaskGroup(of: Bool.self) { group in
                for k in 0..<20 {
                    group.addTask {
                        let replies = await subject.replies(to: Child.questions(50, from: 50 * k))
                        return replies.compactMap { $0.words?.first } == (50 * k..<50 * k + 50).map(UInt32.init)
                    }
                }
                for await isRight in group { #expect(isRight) }
            }
            return await subject.replies(to: [])
        }
        #expect(child.replies.isEmpty && child.end == nil)
    }

    @Test func `standard error is shown line by line, up to a limit`() async throws {
        let child = try await Child.run(
            """
            declare()
            sys.stderr.write("one\\ntwo"); sys.stderr.flush()
            answer(read())
            os.write(2, b" \\xff\\n" + b"x" * 200000)
            answer(read())
            """, limits: ChildLimits(standardError: 1000), questions: 2)
        #expect(child.answers == [0, 1])
        #expect(child.messages.prefix(2) == ["one", "two \u{fffd}"])
        #expect(child.messages.count == 4 && child.messages[2].allSatisfy { $0 == "x" })
        #expect(child.messages.last == "(more than 1000 bytes; the rest is not shown)")
    }

    @Test func `what a dying child says last is shown`() async throws {
        let child = try await Child.run("declare()\nread(); os.write(2, b'the last word'); os._exit(1)", questions: 1)
        #expect(child.messages == ["the last word"])
    }

    @Test func `a subject asked after its end fails`() async throws {
        let log = Log()
        let subject = try await ChildSubject.start(
            ["sh", "-c", "echo process $$ >&2; echo '\(ChildStartTests.declaration("{}"))'; cat > /dev/null"],
            nonce: "9f3a", standardError: log.append)
        #expect(subject.declaration.implementation.language == "sh")
        #expect(await subject.end() == nil)
        #expect(await subject.end() == nil)
        let replies = await subject.replies(to: Child.questions(2))
        #expect(replies.map(\.failure?.reason) == Array(repeating: "the subject was asked after its end", count: 2))
    }

    @Test func `a subject that is given up takes its process with it`() async throws {
        let log = Log()
        let script = "echo process $$ >&2; echo '\(ChildStartTests.declaration("{}"))'; cat > /dev/null; sleep 60"
        var subject: ChildSubject? = try await ChildSubject.start(
            ["sh", "-c", script], limits: ChildLimits(stop: .milliseconds(300)), nonce: "9f3a",
            standardError: log.append)
        while log.lines.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        #expect(subject != nil)
        subject = nil
        let groups = log.lines.compactMap { Int($0.trimmingPrefix("process ")) }
        #expect(groups.count == 1)
        #expect(await remaining(of: groups).isEmpty)
    }
}
