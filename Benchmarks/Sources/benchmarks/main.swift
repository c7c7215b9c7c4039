import Foundation
import GradientCodeConformance
import GradientCodeKernels
import GradientCodeOperations
import GradientCodes

// Figures by ratio against a peer or a roofline in the same run; medians over several repetitions. Nothing here is a test.

/// Median seconds of a body over some repetitions, after one that is not counted.
func median(_ repetitions: Int = 7, _ body: () throws -> Void) rethrows -> Double {
    try body()
    let times = try (0..<repetitions).map { _ in
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start) / .seconds(1)
    }
    return times.sorted()[repetitions / 2]
}

/// Bytes a second of reading k streams and writing one, without arithmetic worth the name: what memory allows.
func roofline(_ streams: [[Float]], into output: inout [Float]) {
    for (index, stream) in streams.enumerated() {
        let source = stream.span
        var target = output.mutableSpan
        if index == 0 {
            for j in source.indices { target[j] = source[j] }
        } else {
            for j in source.indices { target[j] += source[j] }
        }
    }
}

func encode() throws {
    print("encode, one thread: GB/s of k reads and one write, and the ratio to adding the same streams whole")
    for (k, dimension) in [(3, 1 << 14), (3, 1 << 20), (3, 1 << 24), (8, 1 << 14), (8, 1 << 20), (8, 1 << 22)] {
        let vectors = (0..<k).map { i in (0..<dimension).map { Float(($0 &* 31 &+ i) & 1023) } }
        let coefficients = (0..<k).map { Float($0) + 0.5 }
        let bytes = Double(4 * dimension * (k + 1))
        let rounds = max(1, (1 << 24) / dimension)
        var sink: Float = 0
        let kernel = try median {
            for _ in 0..<rounds { sink += try GradientCode.combine(coefficients, vectors)[dimension / 2] }
        }
        var output = [Float](repeating: 0, count: dimension)
        let copy = median {
            for _ in 0..<rounds { roofline(vectors, into: &output) }
            sink += output[dimension / 2]
        }
        let rate = bytes * Double(rounds) / kernel / 1e9
        print(
            "  k = \(k), d = \(dimension): \(String(format: "%.1f", rate)) GB/s, ratio \(String(format: "%.2f", copy / kernel))",
            sink.isNaN ? "" : "")
    }
}

func wire() throws {
    let command = Command.run(Philox.Block(counter: [1, 2, 3, 4], key: [5, 6]))
    let reply = Reply.answer(DrawnWords(words: [1, 2, 3, 4]))
    let line = Wire.data(.command(seq: 7, command))
    let answer = Wire.data(seq: 7, reply)
    let count = 20_000
    func report(_ name: String, _ body: () throws -> Void) rethrows {
        let seconds = try median { for _ in 0..<count { try body() } }
        print("  \(name): \(String(format: "%.1f", seconds / Double(count) * 1e6)) µs")
    }
    print("lines of a small question")
    report("write the question") { _ = Wire.data(.command(seq: 7, command)) }
    try report("read the question") { _ = try Wire.line(from: line, sessions: [:]) }
    report("write the reply") { _ = Wire.data(seq: 7, reply) }
    try report("read the reply") { _ = try Wire.reply(from: answer, to: command) }
}

func pipe(_ program: String) async throws {
    let question = Command.run(Philox.Block(counter: [1, 2, 3, 4], key: [5, 6]))
    let subject = try await ChildSubject.start([program, "serve"], nonce: "bench")
    let count = 40_000
    _ = await subject.replies(to: Array(repeating: question, count: 1000))
    var rates: [Double] = []
    for _ in 0..<5 {
        let start = ContinuousClock.now
        _ = await subject.replies(to: Array(repeating: question, count: count))
        rates.append(Double(count) / ((ContinuousClock.now - start) / .seconds(1)))
    }
    print("child session: \(Int(rates.sorted()[2])) small questions a second (median of 5 × \(count))")
    _ = await subject.end()
}

try encode()
try quantize()
try aggregate()
try allocate()
try simulateOutage()
try decidePatterns()
try eliminate()
try compress()
try wire()
if let program = CommandLine.arguments.dropFirst().first { try await pipe(program) }
