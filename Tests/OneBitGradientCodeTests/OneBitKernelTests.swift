import ExactArithmetic
import GradientCodeKernels
import GradientCodes
import Testing

/// The quantiser's kernels against rational arithmetic.
@Suite struct OneBitKernelTests {
    typealias Code = OneBitGradientCode

    /// The rule as the specification writes it: u · 2B < (B + x) · 2³².
    static func bit(_ x: Float, _ range: Float, _ word: UInt32) -> UInt8 {
        let (x, b) = (Rational(exactly: x)!, Rational(exactly: range)!)
        return Rational(word) * 2 * b < (b + x) * Rational(1 << 32) ? 1 : 0
    }

    /// The least word of bit 0, up to 2³²: ⌈2³¹ (B + x)/B⌉.
    static func threshold(_ x: Float, _ range: Float) -> Int {
        let (x, b) = (Rational(exactly: x)!, Rational(exactly: range)!)
        return Int(exactly: (Rational(1 << 31) * (b + x) / b).ceiling)!
    }

    static func pack(_ bits: [UInt8]) -> [UInt8] {
        stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<min(start + 8, bits.count)].reversed().reduce(0) { 2 * $0 + $1 }
        }
    }

    /// The payload by rationals, coordinate by coordinate.
    static func payload(_ x: [Float], _ ranges: [Float], _ tape: [UInt32]) -> [UInt8] {
        pack(x.indices.map { bit(x[$0], ranges[ranges.count == 1 ? 0 : $0], tape[$0]) })
    }

    static func words(_ seed: UInt64, _ count: Int) -> [UInt32] {
        Philox.words(seed: seed, stream: .quantizer, t: 3, i: 2, first: 0, count: count)
    }

    /// Pairs with |x| ≤ B over all binades, subnormal numbers included, near each other and far apart.
    static func pairs(_ count: Int) -> [(x: Float, range: Float)] {
        let words = words(77, 3 * count)
        return (0..<count).map { k in
            let range = Float(bitPattern: 1 + words[3 * k] % (k % 3 == 0 ? 0x00ff_ffff : 0x7f7f_ffff))
            let apart = UInt32(k % 5 == 0 ? 0x7fff_ffff : 0x0900_0000)
            let magnitude = range.bitPattern - min(range.bitPattern, words[3 * k + 1] % apart)
            return (Float(bitPattern: magnitude | words[3 * k + 2] & 0x8000_0000), range)
        }
    }

    @Test func `every decision is that of the rationals, at the threshold and at all distances from it`() throws {
        var (x, ranges, tape): ([Float], [Float], [UInt32]) = ([], [], [])
        for pair in Self.pairs(60) {
            let c = Self.threshold(pair.x, pair.range)
            let far: [Int] = (1..<32).flatMap { [c - 1 << $0, c + 1 << $0] }
            let words = ([c - 1, c, c + 1] + far).compactMap { UInt32(exactly: $0) }
            for word in [0, .max] + words {
                x.append(pair.x)
                ranges.append(pair.range)
                tape.append(word)
            }
        }
        #expect(x.count > 2000)
        #expect(try Code.quantize(x, ranges: ranges, tape: tape) == Self.payload(x, ranges, tape))
        // Alone, so that no neighbour sends the block down the other path.
        for j in stride(from: 0, to: x.count, by: 7) {
            let message = try Code.quantize([x[j]], ranges: [ranges[j]], tape: [tape[j]])
            #expect(message == [Self.bit(x[j], ranges[j], tape[j])], "\(x[j]), \(ranges[j]), \(tape[j])")
        }
    }

    @Test func `a word alone is decided exactly where its conversion to binary32 crosses the threshold`() throws {
        // Far from x = 0 the words are converted to multiples of 128. In the first pair this takes the product past x.
        var pairs: [(x: Float, range: Float)] = [(0x1.f51a7ep-1, 0x1.0a1cfep+0), (-0x1.f51a7ep-1, 0x1.0a1cfep+0)]
        for (k, fraction) in Philox.testFloats(seed: 12, t: 0, i: 0, count: 40).enumerated() {
            let range = Float(sign: .plus, exponent: 6 * k - 130, significand: 1 + fraction.magnitude / 2)
            pairs.append((range * (k % 2 == 0 ? 0.75 + fraction / 4 : fraction / 4 - 0.75), range))
        }
        for (x, range) in pairs {
            let c = Self.threshold(x, range)
            for word in (c - 80)...(c + 80) {
                guard let word = UInt32(exactly: word) else { continue }
                #expect(try Code.quantize([x], ranges: [range], tape: [word]) == [Int(word) < c ? 1 : 0])
            }
        }
    }

    /// x, B and the least word of bit 0, as docs/OneBitGradientCode.md#decision tabulates them.
    static let edges: [(x: Float, range: Float, threshold: Int)] = [
        (1, 1, 1 << 32), (0x1p-149, 0x1p-149, 1 << 32), (largest, largest, 1 << 32),
        (-1, 1, 0), (-0x1p-149, 0x1p-149, 0), (-largest, largest, 0),
        (0, 1, 1 << 31), (-0.0, 1, 1 << 31), (0, 0x1p-149, 1 << 31), (-0.0, largest, 1 << 31),
        (0x1p-149, 1, 1 << 31 + 1), (-0x1p-149, 1, 1 << 31), (0x1p-149, 3 * 0x1p-149, 2_863_311_531),
        (0.75, 2, 0xb000_0000), (-16_646_143, 16_777_215, 16_777_218),
    ]
    static let largest = Float.greatestFiniteMagnitude

    @Test(arguments: edges)
    func `the edge draws fall as tabulated`(_ x: Float, _ range: Float, _ c: Int) throws {
        for (word, bit): (Int, UInt8) in [(c - 1, 1), (c, 0)] {
            guard let word = UInt32(exactly: word) else { continue }
            #expect(try Code.quantize([x], ranges: [range], tape: [word]) == [bit])
            #expect(Self.bit(x, range, word) == bit)
        }
        for word in [0, UInt32.max] {
            #expect(try Code.quantize([x], ranges: [range], tape: [word]) == [Int(word) < c ? 1 : 0])
        }
    }

    @Test func `the message has the bits of the rationals in every dimension, its padding is 0`() throws {
        for dimension in Array(1...130) + [511, 512, 513, 1100] {
            let x = Philox.testFloats(seed: 8, t: 0, i: UInt32(dimension), count: dimension)
            let tape = Self.words(UInt64(dimension), dimension)
            let expected = Self.payload(x, [1], tape)
            #expect(expected.count == (dimension + 7) / 8)
            #expect(try Code.quantize(x, ranges: [1], tape: tape) == expected)
            let ranges = [Float](repeating: 1, count: dimension)
            #expect(try Code.quantize(x, ranges: ranges, tape: tape) == expected)
            let seeded = try Code.quantize(x, ranges: [1], seed: UInt64(dimension), t: 3, worker: 2)
            #expect(seeded == expected)
        }
    }

    @Test func `all ones and all zeros leave the padding 0 in every dimension`() throws {
        for dimension in 1...130 {
            let high = [Float](repeating: 1, count: dimension)
            let message = try Code.quantize(high, ranges: [1], tape: [UInt32](repeating: .max, count: dimension))
            #expect(message == Self.pack([UInt8](repeating: 1, count: dimension)))
            let low = try Code.quantize(high.map { -$0 }, ranges: [1], seed: 1, t: 0, worker: 0)
            #expect(low == [UInt8](repeating: 0, count: (dimension + 7) / 8))
        }
    }

    @Test func `words filled in lanes are those of the generator`() {
        let last: UInt64 = 1 << 34
        let parts: [(UInt64, Int)] = [
            (0, 0), (0, 1), (4, 31), (8, 32), (64, 33), (0, 512), (512, 130), (last - 68, 68),
        ]
        for (first, count) in parts {
            var words = [UInt32](repeating: 7, count: count + 1)
            Philox.fill(
                &words, count: count, seed: 0xfedc_ba98_7654_3210, stream: .levels, t: .max, i: 0x8000_0001,
                first: first)
            let expected = Philox.words(
                seed: 0xfedc_ba98_7654_3210, stream: .levels, t: .max, i: 0x8000_0001, first: first, count: count)
            #expect(words == expected + [7], "\(count) words from \(first)")
        }
    }

    @Test(arguments: [0, 7, 511, 512, 1029])
    func `a coordinate beyond its range is refused and named`(_ position: Int) throws {
        var x = [Float](repeating: -1, count: 1030)
        let tape = Self.words(1, x.count)
        _ = try Code.quantize(x, ranges: [1], tape: tape)
        x[position] = position % 2 == 0 ? Float(1).nextUp : -Float(1).nextUp
        for ranges in [[1], [Float](repeating: 1, count: x.count)] {
            let error = #expect(throws: Refusal.self) { try Code.quantize(x, ranges: ranges, tape: tape) }
            #expect(error?.kind == .outOfRange)
            #expect(error?.reason == "coordinate \(position) is \(x[position]); expected at most 1.0 in magnitude")
            let seeded = #expect(throws: Refusal.self) {
                try Code.quantize(x, ranges: ranges, seed: 1, t: 0, worker: 0)
            }
            #expect(seeded == error)
        }
    }

    @Test func `mode S sends the largest magnitude and then the payload`() {
        #expect(
            Code.quantizePerMessage([1.5, -1.5, 0], tape: [.max, 0, 0x8000_0000]) == [0, 0, 0xc0, 0x3f, 0x01])
        #expect(Code.quantizePerMessage([0, -0.0], tape: [0, 0]) == [0, 0, 0, 0, 0])
        #expect(Code.quantizePerMessage([-0x1p-149], tape: [0]) == [1, 0, 0, 0, 0])
        for dimension in Array(1...130) + [513] {
            let x = Philox.testFloats(seed: 9, t: 0, i: UInt32(dimension), count: dimension)
            let tape = Self.words(UInt64(dimension), dimension)
            let range = x.map(\.magnitude).max()!
            let header = (0..<4).map { UInt8(range.bitPattern >> (8 * UInt32($0)) & 255) }
            let message = Code.quantizePerMessage(x, tape: tape)
            #expect(message == header + Self.payload(x, [range], tape))
            #expect(Code.quantizePerMessage(x, seed: UInt64(dimension), t: 3, worker: 2) == message)
        }
    }
}
