import GradientCodeConformance
import GradientCodeOperations
import GradientCodes
import Testing

/// Replies that are none of the expected ones, and lines nobody asked for.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ChildSequenceTests {
    @Test func `the second of two answers to one question fails the next question`() async throws {
        let child = try await Child.run(
            "declare()\nq = read(); answer(q); answer(q)\nwhile True: answer(read())", questions: 2)
        #expect(child.answers == [0])
        #expect(child.failures.map(\.kind) == [.wrongSequence])
        #expect(child.failures[0].reason.contains("(seq 2), found seq 1, answered before"))
    }

    @Test func `answers in another order fail the first question that is overtaken`() async throws {
        let child = try await Child.run(
            """
            declare()
            if first_time():
                a = read(); b = read(); answer(b); answer(a)
            while True: answer(read())
            """, questions: 3)
        #expect(child.answers == [1, 2])
        #expect(child.failures.map(\.kind) == [.wrongSequence])
        #expect(child.failures[0].reason.contains("(seq 1), found seq 2"))
        #expect(child.restarts == 1)
    }

    @Test func `a line after the last answer is found by the next command`() async throws {
        let child = try await Child.run(
            #"declare(); read(); os.write(1, b'{"seq":1,"output":{"words":""}}\nmore\n'); hang()"#
        ) { subject in
            await subject.replies(to: Child.questions(1)) + subject.replies(to: Child.questions(1))
        }
        #expect(child.replies.first?.words == [])
        #expect(child.failures.map(\.kind) == [.garbage])
        #expect(child.failures.first?.reason.contains("it wrote \"more\" without being asked") == true)
        #expect(child.survivors.isEmpty)
    }

    @Test func `a line after the last answer is found at the end`() async throws {
        let child = try await Child.run("declare()\nanswer(read()); time.sleep(0.1); say('more')\nread()", questions: 1)
        #expect(child.answers == [0])
        #expect(child.end == SubjectFailure(.garbage, "it wrote \"more\" without being asked"))
    }

    @Test func `half a line after the last answer is found at the end`() async throws {
        let child = try await Child.run("declare()\nanswer(read()); os.write(1, b'mo')\nread()", questions: 1)
        #expect(child.end == SubjectFailure(.garbage, "it wrote \"mo\" without being asked"))
    }

    @Test func `a child that outlives stop and the end of its input is out of time`() async throws {
        let limits = ChildLimits(stop: .milliseconds(300))
        let child = try await Child.run("declare()\nanswer(read())\nhang()", limits: limits, questions: 1)
        #expect(child.answers == [0])
        #expect(child.end == SubjectFailure(.timeout, "its output had not ended 0.3 seconds after stop"))
        #expect(child.survivors.isEmpty && child.time < .seconds(45))
    }

    @Test func `a child that only closes its output after stop is out of time`() async throws {
        let limits = ChildLimits(stop: .milliseconds(300))
        let child = try await Child.run("declare()\nos.close(1); hang()", limits: limits, questions: 0)
        #expect(child.end == SubjectFailure(.timeout, "it was still running 0.3 seconds after stop"))
        #expect(child.survivors.isEmpty && child.time < .seconds(45))
    }

    @Test func `how a child exits after stop is not judged`() async throws {
        let child = try await Child.run(
            "declare()\nanswer(read())\nsys.stdin.readline(); os._exit(7)", questions: 1)
        #expect(child.answers == [0] && child.end == nil)
    }

    @Test func `an answer that cannot be read fails its question alone`() async throws {
        let child = try await Child.run(
            """
            declare()
            answer(read())
            read(); say('{"seq":2,"output":{"words":5}}')
            read(); say('{"seq":3,"output":{},"reject":"nonFinite"}')
            answer(read()); read()
            """, questions: 4)
        #expect(child.answers == [0, 3])
        #expect(child.failures.map(\.kind) == [.garbage, .garbage])
        #expect(child.failures.last?.reason.contains("found output and reject") == true)
        #expect(child.restarts == 0)
    }
}
