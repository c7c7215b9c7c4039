import GradientCodeConformance
import GradientCodeOperations
import GradientCodes
import Testing

/// Every way in which a child can misbehave ends in a precise verdict, in bounded time, with no process left.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ChildMisbehaviourTests {
    @Test func `a child that hangs is out of time`() async throws {
        try await expectFailure(
            .timeout, "no reply to philox.block (seq 1) within 0.5 seconds", "hang()", limits: .short)
    }

    @Test func `a child that stops itself is out of time`() async throws {
        try await expectFailure(.timeout, "seq 1", "os.kill(os.getpid(), signal.SIGSTOP)", limits: .short)
    }

    @Test func `a child that ignores SIGTERM is killed`() async throws {
        try await expectFailure(
            .timeout, "seq 1", "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nhang()", limits: .short)
    }

    @Test func `a child that exits is told with its status`() async throws {
        try await expectFailure(
            .died, "its output ended before the reply to philox.block (seq 1); it exited with status 3",
            "read(); os._exit(3)")
    }

    @Test func `a child that crashes is told with its signal`() async throws {
        try await expectFailure(.died, "it was ended by signal 11", "read(); os.kill(os.getpid(), signal.SIGSEGV)")
    }

    @Test func `a child killed from outside is told with its signal`() async throws {
        try await expectFailure(.died, "it was ended by signal 9", "read(); os.kill(os.getpid(), signal.SIGKILL)")
    }

    @Test func `a child that dies within a line is told with the line`() async throws {
        try await expectFailure(
            .died, #"after the partial line "{\"seq\":"; it exited with status 0"#,
            "read(); sys.stdout.write('{\"seq\":'); sys.stdout.flush(); os._exit(0)")
    }

    @Test func `a child that closes its output and exits soon after is told with its status`() async throws {
        try await expectFailure(.died, "it exited with status 3", "os.close(1); time.sleep(0.1); os._exit(3)")
    }

    @Test func `a child that closes its output and lives on is killed`() async throws {
        try await expectFailure(
            .died, "its output ended before the reply to philox.block (seq 1); it lived on until it was killed",
            "os.close(1); hang()")
    }

    @Test func `a grandchild that keeps the pipe open does not hold up the verdict`() async throws {
        try await expectFailure(
            .died, "it exited with status 0", "read(); subprocess.Popen(['sleep', '60']); os._exit(0)")
    }

    @Test func `grandchildren of a child that hangs are killed`() async throws {
        try await expectFailure(
            .timeout, "seq 1", "subprocess.Popen(['sleep', '60']); subprocess.Popen(['sh', '-c', 'sleep 60']); hang()",
            limits: .short)
    }

    @Test func `a grandchild in a session of its own does not hold us up`() async throws {
        try await expectFailure(
            .died, "it exited with status 0",
            "read(); subprocess.Popen(['sleep', '10'], start_new_session=True); os._exit(0)")
    }

    @Test func `a child that does not read is out of time, however much it is asked`() async throws {
        let words = Words((0..<10_000).map { UInt32($0) })
        let long = [Command](repeating: .run(Philox.Block(counter: words, key: [0, 0])), count: 10)
        let child = try await Child.run("declare()\nhang()", limits: .short) { await $0.replies(to: long) }
        #expect(child.failures.count == 10)
        #expect(child.failures.allSatisfy { $0.kind == .timeout })
        #expect(child.time < .seconds(10))
        #expect(child.survivors.isEmpty)
    }

    @Test func `a child that has closed its input is out of time`() async throws {
        try await expectFailure(.timeout, "seq 1", "os.close(0); time.sleep(0.1); hang()", limits: .short)
    }
}
