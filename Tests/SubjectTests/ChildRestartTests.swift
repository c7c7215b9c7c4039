import GradientCodeConformance
import GradientCodeOperations
import GradientCodes
import Testing

/// After the first failure the run goes on with one more process, after the second it does not.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ChildRestartTests {
    @Test func `after a crash a second process answers the remaining questions`() async throws {
        let child = try await Child.run(
            """
            declare()
            crash = first_time()
            while True:
                q = read()
                if crash and q["seq"] == 101: os._exit(9)
                answer(q)
            """, questions: 300)
        #expect(child.answers == (0..<300).filter { $0 != 100 })
        #expect(child.replies[100].failure?.kind == .died)
        #expect(child.restarts == 1 && child.end == nil)
        #expect(child.survivors.isEmpty)
    }

    @Test func `after a second failure nothing is asked any more`() async throws {
        let child = try await Child.run(
            """
            declare()
            sys.stderr.write("started\\n")
            answer(read())
            read(); os._exit(9)
            """
        ) { subject in await subject.replies(to: Child.questions(6)) + subject.replies(to: Child.questions(2)) }
        #expect(child.answers == [0, 2])
        #expect(child.failures.count == 6 && child.failures.allSatisfy { $0.kind == .died })
        #expect(child.failures.filter { $0.reason.hasPrefix("not asked, for the subject had failed twice") }.count == 4)
        #expect(child.messages == ["started", "started"])
        #expect(child.restarts == 1 && child.end == nil && child.survivors.isEmpty)
    }

    @Test func `a failure at the last question starts nothing`() async throws {
        let child = try await Child.run("declare()\nread(); os._exit(9)", questions: 1)
        #expect(child.failures.count == 1 && child.restarts == 0)
    }

    @Test func `a child that died between two batches fails the next question`() async throws {
        let child = try await Child.run(
            "declare()\nanswer(read())\nif first_time(): os._exit(5)\nwhile True: answer(read())"
        ) { subject in
            let first = await subject.replies(to: Child.questions(1))
            try await Task.sleep(for: .milliseconds(200))
            return await first + subject.replies(to: Child.questions(2, from: 1))
        }
        #expect(child.answers == [0, 2])
        #expect(child.replies[1].failure?.reason.contains("it exited with status 5") == true, "\(child.replies)")
    }

    @Test func `a second process that declares something else fails`() async throws {
        let child = try await Child.run(
            "declare(operations={'philox.block': ['tape'] if first_time() else []})\nread(); os._exit(9)", questions: 3)
        #expect(child.failures.map(\.kind) == [.died, .noStart, .noStart])
        #expect(child.failures.last?.reason.contains("it declares something else than before") == true)
    }

    @Test func `a second process that does not start fails`() async throws {
        let child = try await Child.run(
            "if first_time(): declare()\nelse: os._exit(6)\nread(); os._exit(9)", questions: 2)
        #expect(child.failures.map(\.kind) == [.died, .noStart])
        #expect(child.failures.last?.reason.contains("it exited with status 6") == true)
    }

    @Test func `sessions that were open fail, and others do not`() async throws {
        let round = GradientCode.Round(gradients: [], responders: [])
        let child = try await Child.run(
            """
            declare()
            crash = first_time()
            while True:
                q = read()
                if crash and q["cmd"] == "save": os._exit(9)
                done = {"update": None, "excluded": [q["seq"]]} if q["cmd"] == "round" else {}
                say(json.dumps({"seq": q["seq"], "output": done}))
            """
        ) { subject in
            await subject.replies(to: [
                .open(session: 1, Self.opening), .open(session: 2, Self.opening), .open(session: 3, Self.opening),
                .close(session: 3), .round(session: 1, round), .save(session: 1),
                .set(session: 3, StepSetting(step: [1])),
                .round(session: 1, round), .round(session: 2, round), .open(session: 3, Self.opening),
                .round(session: 3, round), .close(session: 1), .open(session: 1, Self.opening),
                .round(session: 1, round),
            ])
        }
        let failed = child.replies.indices.filter { child.replies[$0].failure != nil }
        #expect(failed == [5, 7, 8, 11])
        let expected = "session 2 was lost when the subject failed (died: its output ended before the reply to save of"
        #expect(child.replies[8].failure?.reason.hasPrefix(expected) == true)
    }

    @Test func `a session whose opening failed is lost`() async throws {
        let round = GradientCode.Round(gradients: [], responders: [])
        let child = try await Child.run(
            """
            declare()
            crash = first_time()
            while True:
                q = read()
                if crash: os._exit(9)
                answer(q)
            """
        ) { subject in
            let commands: [Command] = [.open(session: 1, Self.opening), .round(session: 1, round)]
            return await subject.replies(to: commands + Child.questions(1))
        }
        #expect(child.failures.count == 2 && child.answers == [0])
    }

    static let opening = GradientCode.Session(
        code: CodeDescriptor(), dimension: 1)
}
