import GradientCodeConformance
import GradientCodeOperations
import GradientCodes
import Testing

/// Lines that are no replies, and lines that do not end.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ChildLineTests {
    @Test(arguments: [
        ("hello", "it wrote \"hello\""), ("", "it wrote \"\""), ("[1]", "it wrote \"[1]\""),
        ("{}", "key \"seq\" is missing"), (#"{\"seq\":\"1\",\"output\":{}}"#, "seq"),
    ]) func `a line that is no reply is garbage`(line: String, reason: String) async throws {
        try await expectFailure(.garbage, reason, "read(); say('\(line)'); hang()")
    }

    @Test func `a line that is not UTF-8 is garbage`() async throws {
        try await expectFailure(
            .garbage, "not UTF-8 at byte 19", #"read(); os.write(1, b'{"seq":1,"reason":"\xff"}\n'); hang()"#)
    }

    @Test func `a line in UTF-16 is garbage`() async throws {
        let line = #"'{"seq":1,"output":{"words":""}}'.encode('utf-16-le') + b'\n'"#
        try await expectFailure(.garbage, "a byte 0", "read(); os.write(1, \(line)); hang()")
    }

    @Test func `half a line and then nothing is out of time, and the half is told`() async throws {
        try await expectFailure(
            .timeout, #"within 0.5 seconds, after the partial line "{\"seq\":1,""#,
            #"read(); os.write(1, b'{"seq":1,'); hang()"#, limits: .short)
    }

    @Test func `a line that trickles in is out of time`() async throws {
        try await expectFailure(
            .timeout, "after the partial line \"xxx",
            "read()\nwhile True:\n    os.write(1, b'xxx')\n    time.sleep(0.02)", limits: .short)
    }

    @Test func `an endless line is too long`() async throws {
        try await expectFailure(
            .tooLong, "a line longer than permitted in place of the reply to philox.block (seq 1): \"xxx",
            "read()\nwhile True: os.write(1, b'x' * 10000)", limits: ChildLimits(line: 100_000))
    }

    @Test func `a line longer than permitted is too long, even if it is complete`() async throws {
        try await expectFailure(
            .tooLong, "seq 1", "read(); say(json.dumps({'seq': 1, 'reason': 'x' * 2000})); hang()",
            limits: ChildLimits(line: 2000))
    }

    @Test func `a reply to another question is out of sequence`() async throws {
        try await expectFailure(
            .wrongSequence, "expected the reply to philox.block (seq 1), found seq 2",
            "q = read(); q['seq'] = 2; answer(q); hang()")
    }
}
