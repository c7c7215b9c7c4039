import GradientCodeKernels
import GradientCodes
import Testing

/// The server's kernels against plain loops over coordinates.
@Suite struct OneBitAggregationTests {
    typealias Code = OneBitGradientCode

    /// The decoded values of a message, bit by bit as the wire format says; a message of range 0 is +0 everywhere.
    static func decode(_ message: [UInt8], _ ranges: [Float]?, _ dimension: Int) -> [Float] {
        let header = (0..<4).reduce(UInt32(0)) { ranges == nil ? $0 | UInt32(message[$1]) << UInt32(8 * $1) : 0 }
        return (0..<dimension).map { j in
            let range = ranges.map { $0[$0.count == 1 ? 0 : j] } ?? Float(bitPattern: header)
            let bit = message[(ranges == nil ? 4 : 0) + j / 8] >> UInt8(j % 8) & 1
            return bit == 1 || range == 0 ? range : -range
        }
    }

    /// The sum by ascending message, one coordinate at a time.
    static func sum(_ messages: [[UInt8]], _ ranges: [Float]?, _ dimension: Int, from start: Float = 0) -> [Float] {
        messages.reduce([Float](repeating: start, count: dimension)) { sums, message in
            zip(sums, decode(message, ranges, dimension)).map { $0 + $1 }
        }
    }

    /// Messages with ranges of which sums round: of mode S, and one range and one a coordinate of mode G.
    static func messages(_ count: Int, _ dimension: Int) -> [(ranges: [Float]?, messages: [[UInt8]])] {
        let ranges = Philox.testFloats(seed: 4, t: 7, i: 0, count: dimension).map { $0.magnitude + 0.25 }
        let inputs = (0..<count).map { i in
            Philox.testFloats(seed: 4, t: 0, i: UInt32(i), count: dimension).map { $0 * Float(i * i) / 3 }
        }
        let tapes = (0..<count).map {
            Philox.words(seed: 5, stream: .quantizer, t: 0, i: UInt32($0), first: 0, count: dimension)
        }
        let payloads = tapes.map { tape in OneBitKernelTests.pack(tape.map { UInt8($0 >> 31) }) }
        return [
            (nil, zip(inputs, tapes).map { Code.quantizePerMessage($0, tape: $1) }), ([0.1], payloads),
            (ranges, payloads),
        ]
    }

    @Test func `the sum has the bits of its scalar model, at once and message by message`() throws {
        for dimension in Array(1...130) + [2047, 2048, 2049, 2081, 4133] {
            for (ranges, messages) in Self.messages(dimension % 32 == 1 ? 7 : 2, dimension) {
                let expected = Self.sum(messages, ranges, dimension).map(\.bitPattern)
                let sum = try Code.aggregate(messages, ranges: ranges, dimension: dimension)
                #expect(sum.map(\.bitPattern) == expected, "dimension \(dimension)")
                var sums = [Float](repeating: 0, count: dimension)
                for message in messages { try Code.accumulate(message, ranges: ranges, into: &sums) }
                #expect(sums.map(\.bitPattern) == expected, "dimension \(dimension)")
            }
        }
    }

    @Test func `decoding inverts quantising at the ends of the range`() throws {
        let x: [Float] = (0..<77).map { $0 * $0 % 3 == 0 ? 2.5 : -2.5 }
        let message = try Code.quantize(x, ranges: [2.5], seed: 3, t: 1, worker: 4)
        #expect(try Code.aggregate([message], ranges: [2.5], dimension: 77) == x)
        let own = Code.quantizePerMessage(x, seed: 3, t: 1, worker: 4)
        #expect(try Code.aggregate([own], ranges: nil, dimension: 77) == x)
    }

    @Test(arguments: [1, 8, 33, 100])
    func `no messages sum to +0, and a message of range 0 adds +0`(_ dimension: Int) throws {
        let positive = [UInt32](repeating: 0, count: dimension)
        for ranges in [nil, [Float(1)]] {
            let sum = try Code.aggregate([], ranges: ranges, dimension: dimension)
            #expect(sum.map(\.bitPattern) == positive)
        }
        let zero = [UInt8](repeating: 0, count: 4 + (dimension + 7) / 8)
        let sum = try Code.aggregate([zero, zero], ranges: nil, dimension: dimension)
        #expect(sum.map(\.bitPattern) == positive)
        var sums = [Float](repeating: -0.0, count: dimension)
        try Code.accumulate(zero, ranges: nil, into: &sums)
        #expect(sums.map(\.bitPattern) == positive)
    }

    @Test func `sums of subnormal ranges are exact`() throws {
        let message = Code.quantizePerMessage([Float](repeating: -0x1p-149, count: 40), seed: 1, t: 0, worker: 0)
        let sum = try Code.aggregate([message, message, message], ranges: nil, dimension: 40)
        #expect(sum == [Float](repeating: 3 * -0x1p-149, count: 40))
        var sums = sum
        try Code.accumulate(message, ranges: nil, into: &sums)
        #expect(sums == [Float](repeating: 4 * -0x1p-149, count: 40))
    }

    /// A dimension, whether the mode is S, bytes, and the reason for which they are no message.
    static let malformed: [(Int, Bool, [UInt8], String)] = [
        (11, false, [0, 0, 0], "3 bytes; expected 2"), (11, false, [0], "1 bytes; expected 2"),
        (11, false, [], "0 bytes; expected 2"), (11, false, [0, 0x08], "a bit after coordinate 10 is 1"),
        (11, false, [0, 0x80], "a bit after coordinate 10 is 1"), (8, false, [0, 0], "2 bytes; expected 1"),
        (3, true, [0, 0, 0xc0, 0x3f], "4 bytes; expected 5"),
        (3, true, [1], "1 bytes; expected 5"),
        (3, true, [0, 0, 0xc0, 0x3f, 0, 0], "6 bytes; expected 5"),
        (3, true, [0, 0, 0xc0, 0x3f, 0x08], "a bit after coordinate 2 is 1"),
        (3, true, [0, 0, 0xc0, 0xbf, 0], "the range is -1.5"), (3, true, [0, 0, 0, 0x80, 0], "the range is -0.0"),
        (3, true, [0, 0, 0x80, 0x7f, 0], "the range is inf"), (3, true, [0, 0, 0x80, 0xff, 0], "the range is -inf"),
        (3, true, [0, 0, 0xc0, 0x7f, 0], "the range is nan"), (3, true, [1, 0, 0x80, 0x7f, 0], "the range is snan"),
        (3, true, [0, 0, 0, 0, 4], "the range is 0 and a bit 1"),
        (19, true, [0, 0, 0, 0, 0, 1, 0], "the range is 0 and a bit 1"),
    ]

    @Test(arguments: malformed)
    func `what is no message is refused, and sums stay as they are`(
        _ dimension: Int, _ hasRange: Bool, _ bytes: [UInt8], _ reason: String
    ) throws {
        let ranges: [Float]? = hasRange ? nil : [1]
        var sums = [Float](repeating: 5, count: dimension)
        let error = #expect(throws: Refusal.self) { try Code.accumulate(bytes, ranges: ranges, into: &sums) }
        #expect(error?.kind == .malformedMessage)
        #expect(error?.reason.hasPrefix(reason) == true, "\(error?.reason ?? "")")
        #expect(sums == [Float](repeating: 5, count: dimension))
        let good = [UInt8](repeating: 0, count: (hasRange ? 4 : 0) + (dimension + 7) / 8)
        let inSum = #expect(throws: Refusal.self) {
            try Code.aggregate([good, bytes], ranges: ranges, dimension: dimension)
        }
        #expect(inSum?.kind == .malformedMessage)
        #expect(inSum?.reason == "message 1: \(error?.reason ?? "")")
    }

    @Test func `a sum beyond binary32 is refused, also where a later message would bring it back`() throws {
        let largest = Float.greatestFiniteMagnitude
        for position in [0, 31, 32, 69] {
            var (up, down) = ([UInt8](repeating: 0, count: 9), [UInt8](repeating: 0, count: 9))
            up[position / 8] = 1 << UInt8(position % 8)
            var ranges = [Float](repeating: 1, count: 70)
            ranges[position] = largest
            #expect(try Code.aggregate([up, down, up], ranges: ranges, dimension: 70)[position] == largest)
            for messages in [[up, up], [up, up, down], [down, down, up]] {
                let error = #expect(throws: Refusal.self) {
                    try Code.aggregate(messages, ranges: ranges, dimension: 70)
                }
                #expect(error?.kind == .outOfRange)
            }
            down = up
        }
    }

    @Test func `a step rounds its product, then the difference`() throws {
        let model = Philox.testFloats(seed: 6, t: 0, i: 0, count: 333)
        let update = Philox.testFloats(seed: 6, t: 1, i: 0, count: 333).map { 3 * $0 }
        let step: Float = 0.1
        let expected = zip(model, update).map { theta, y in
            let product = step * y
            return theta - product
        }
        let moved = try Code.step(model, step: step, update: update, box: nil)
        #expect(moved.map(\.bitPattern) == expected.map(\.bitPattern))
        // A fused operation would leave −2⁻²⁴ · 2⁻²⁴ here.
        let x = Float(1).nextUp
        let square = x * x
        #expect(try Code.step([square], step: x, update: [x], box: nil) == [0])
    }

    @Test func `the projection is on the box, whose ends may be infinite`() throws {
        let infinity = Float.infinity
        let lower: [Float] = [-1, -1, -infinity, -infinity, 0, 2, -infinity, 0]
        let upper: [Float] = [1, 1, infinity, 0.5, infinity, 2, -3, 1]
        let update: [Float] = [-4, 4, 4, -4, 4, 0, 0, 0]
        let model = [Float](repeating: -0.0, count: 8)
        let moved = try Code.step(model, step: 0.5, update: update, box: (lower, upper))
        #expect(moved == [1, -1, -2, 0.5, 0, 2, -3, 0])
        #expect(moved[7].sign == .minus)
    }

    @Test func `a step beyond binary32 is refused, also if the box would hold it`() throws {
        let largest = Float.greatestFiniteMagnitude
        let steps: [(Float, Float, Float)] = [(largest, 1, -largest), (0, 2, largest), (1, 1e30, -1e30)]
        let boxes: [(lower: [Float], upper: [Float])?] = [nil, ([-1], [1])]
        for (model, step, update) in steps {
            for box in boxes {
                let error = #expect(throws: Refusal.self) {
                    try Code.step([model], step: step, update: [update], box: box)
                }
                #expect(error?.kind == .outOfRange)
            }
        }
        #expect(try Code.step([largest], step: 1, update: [largest], box: nil) == [0])
    }
}
