import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
package import GradientCodes

extension OneBitGradientCode {
    /// Vectors of `oneBit.quantize`.
    static var quantizeVectors: VectorFile {
        var file = VectorFileBuilder(
            Quantize.self, "The message of a coded gradient: bit 1 exactly when u · 2B < (B + x) · 2^32.",
            "Bit j is in byte j div 8 at position j mod 8; mode S sends B first, binary32, little-endian.")
        func add(
            _ tests: inout VectorFileBuilder<Quantize>.Tests, _ tcId: Int, _ comment: String, _ flag: VectorFlag,
            _ x: [Float], _ range: SignRange, _ tape: [UInt32]
        ) {
            let ranges: [Rational]? =
                if case .given(let given) = range {
                    x.indices.map { GradientCode.exact(given.values[given.count == 1 ? 0 : $0]) }
                } else { nil }
            let message = SignMessage(quantizing: x.map(GradientCode.exact), ranges: ranges, draws: tape)
            tests.valid(
                tcId, comment, [flag], Quantize(x: Binary32Vector(x), bound: range, tape: Words(tape)),
                .message(message.bytes))
        }
        file.group(1, "EdgeDraws", profile: .tape, basis: .house, section: "OneBitGradientCode.md#decision") { tests in
            for (index, edge) in edgeDraws.enumerated() {
                add(&tests, 1 + index, edge.comment, edge.flag, [edge.x], .given([edge.range]), [edge.draw])
            }
        }
        file.group(2, "Thresholds", profile: .tape, basis: .house, section: "OneBitGradientCode.md#decision") { tests in
            for (index, pair) in thresholdPairs.enumerated() {
                let (x, range) = (GradientCode.exact(pair.x), GradientCode.exact(pair.range))
                let c = StochasticSign.threshold(of: x, range: range)
                let draws = [-2, -1, 0, 1].map { c + $0 }.filter { $0 >= 0 && $0 < Rational(2).power(32) }
                let tape = draws.map { UInt32(Int(exactly: $0) ?? 0) } + [0, .max]
                add(
                    &tests, 100 + index, "around the threshold \(c) of \(pair.x) in ±\(pair.range)", .threshold,
                    Array(repeating: pair.x, count: tape.count), .given([pair.range]), tape)
            }
        }
        file.group(3, "Packing", profile: .tape, basis: .house, section: "OneBitGradientCode.md#wire-format") { tests in
            for (index, dimension) in [1, 2, 7, 8, 9, 11, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 127, 130].enumerated()
            {
                let x = Philox.testFloats(seed: 5, t: 0, i: UInt32(index), count: dimension)
                let tape = Philox.words(
                    seed: 5, stream: .quantizer, t: 0, i: UInt32(index), first: 0, count: dimension)
                add(&tests, 200 + index, "\(dimension) coordinates", .normal, x, .given([1]), tape)
            }
            add(
                &tests, 230, "the example of the documentation: 1,0,0,0,0,0,0,0,0,1,1", .handExample,
                [1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 1], .given([1]), Array(repeating: 0x1234_5678, count: 11))
        }
        file.group(4, "RangesByCoordinate", profile: .tape, basis: .house) { tests in
            add(
                &tests, 300, "one range a coordinate", .normal, [1, -1, 0.5, 0], .given([1, 1, 2, 0x1p-149]),
                [.max, 0, 0x9fff_ffff, 0x8000_0000])
            let x = Philox.testFloats(seed: 6, t: 0, i: 0, count: 40)
            let ranges = x.enumerated().map { $1.magnitude * Float(1 + $0 % 3) + 0x1p-23 }
            let tape = Philox.words(seed: 6, stream: .quantizer, t: 0, i: 0, first: 0, count: 40)
            add(&tests, 301, "40 ranges, test data", .normal, x, .given(Binary32Vector(ranges)), tape)
        }
        file.group(5, "PerMessage", profile: .tape, basis: .house, section: "OneBitGradientCode.md#mode-s") { tests in
            add(
                &tests, 400, "the example of the documentation", .handExample, [1.5, -1.5, 0], .perMessage,
                [.max, 0, 0x8000_0000])
            add(&tests, 401, "zeros: B = 0, all bits 0", .signedZero, [0, -0.0], .perMessage, [0, 0])
            add(&tests, 402, "zeros, the words are not looked at", .signedZero, [-0.0], .perMessage, [.max])
            add(&tests, 403, "a subnormal range", .subnormal, [0x1p-149, -0x1p-148], .perMessage, [0xbfff_ffff, 0])
            add(
                &tests, 404, "the largest range", .normal, [.greatestFiniteMagnitude, 1], .perMessage,
                [.max, 0x8000_0000])
            add(&tests, 405, "the largest magnitude is negative", .normal, [1, -2], .perMessage, [0xbfff_ffff, 0])
            let x = Philox.testFloats(seed: 7, t: 0, i: 0, count: 29)
            let tape = Philox.words(seed: 7, stream: .quantizer, t: 0, i: 0, first: 0, count: 29)
            add(&tests, 406, "29 coordinates, test data", .normal, x, .perMessage, tape)
        }
        file.group(
            6, "GoldenIteration", profile: .tape, basis: .house, section: "OneBitGradientCode.md#golden-iteration"
        ) { tests in
            let golden = GoldenIteration()
            for worker in golden.responders {
                let x = golden.coded[worker].map { Float($0) }
                add(
                    &tests, 500 + worker, "worker \(worker)", .handExample, x, .given([golden.range]),
                    golden.tape(of: worker))
            }
        }
        file.group(7, "Long", profile: .tape, basis: .house) { tests in
            for (index, count) in [65_537, 1 << 20].enumerated() {
                let (question, message) = longMessage(count: count, seed: Seed(UInt64(8 + index)))
                tests.valid(
                    600 + index, "\(count) coordinates of test data in ±1", [.long], question, .digest(of: message))
            }
        }
        addRefusals(to: &file)
        return file.file
    }

    /// Test data are multiples of 2⁻²³: with B = 1 the threshold of k·2⁻²³ is the integer 2³¹ + k·2⁸.
    package static func longMessage(count: Int, seed: Seed) -> (question: Quantize, message: [UInt8]) {
        let data = DrawnData(seed: seed, stream: .testData, t: 0, i: 0, count: count)
        let words = DrawnData(seed: seed, stream: .quantizer, t: 0, i: 0, count: count)
        guard let x = try? Binary32Vector(data), let tape = try? Words(words) else {
            preconditionFailure("\(count) draws are few enough")
        }
        var message = [UInt8](repeating: 0, count: (count + 7) / 8)
        for (j, (value, word)) in zip(x.values, tape.words).enumerated()
        where Int64(word) < 1 << 31 + Int64(value * 0x1p23) << 8 {
            message[j / 8] |= 1 << (j % 8)
        }
        return (Quantize(x: x, bound: .given([1]), tape: tape), message)
    }

    private static func addRefusals(to file: inout VectorFileBuilder<Quantize>) {
        func question(_ x: [Float], _ range: SignRange, _ tape: [UInt32]) -> Quantize {
            Quantize(x: Binary32Vector(x), bound: range, tape: Words(tape))
        }
        file.group(8, "Refusals", profile: .core, basis: .house, section: "OneBitGradientCode.md#edge-cases") { tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ x: [Float], _ range: SignRange, _ tape: [UInt32],
                _ kind: Refusal.Kind
            ) {
                tests.invalid(tcId, comment, [flag], question(x, range, tape), kind)
            }
            refuse(700, "no coordinate", .smallest, [], .given([1]), [], .invalidParameters)
            refuse(701, "range 0", .invalidParameters, [0], .given([0]), [0], .invalidParameters)
            refuse(702, "range -1", .invalidParameters, [0], .given([-1]), [0], .invalidParameters)
            refuse(
                703, "two ranges for three coordinates", .sizes, [0, 0, 0], .given([1, 1]), [0, 0, 0],
                .dimensionMismatch)
            refuse(704, "no range", .sizes, [0], .given([]), [0], .dimensionMismatch)
            refuse(705, "a tape too short", .sizes, [0, 0], .given([1]), [0], .dimensionMismatch)
            refuse(706, "a tape too long", .sizes, [0, 0], .given([1]), [0, 0, 0], .dimensionMismatch)
            refuse(707, "a tape too short for zeros in mode S", .sizes, [0, 0], .perMessage, [], .dimensionMismatch)
            refuse(708, "NaN", .nonFinite, [.nan], .given([1]), [0], .nonFinite)
            refuse(709, "infinity", .nonFinite, [.infinity, 0], .perMessage, [0, 0], .nonFinite)
            refuse(710, "an infinite range", .nonFinite, [1], .given([.infinity]), [0], .nonFinite)
            refuse(711, "a range NaN", .nonFinite, [1], .given([.nan]), [0], .nonFinite)
            refuse(
                712, "just above B, not to be clipped", .outsideRange, [(1 as Float).nextUp], .given([1]), [0],
                .outOfRange)
            refuse(713, "just below -B", .outsideRange, [0, -(1 as Float).nextUp], .given([1]), [0, 0], .outOfRange)
            refuse(
                714, "only the last coordinate is outside", .outsideRange, [0, 0, 3], .given([2]), [0, 0, 0],
                .outOfRange)
            refuse(715, "outside its own range", .outsideRange, [1, 1], .given([2, 0.5]), [0, 0], .outOfRange)
            refuse(
                716, "subnormal, and twice the range", .outsideRange, [0x1p-148], .given([0x1p-149]), [0], .outOfRange)
            refuse(
                717, "a range 0 and a short tape: the range", .precedence, [0, 0], .given([0]), [0], .invalidParameters)
            refuse(
                718, "a short tape and a NaN: the tape", .precedence, [.nan, 0], .given([1]), [0], .dimensionMismatch)
            refuse(719, "a NaN beside a coordinate outside", .precedence, [3, .nan], .given([1]), [0, 0], .nonFinite)
            refuse(721, "a range of -infinity", .nonFinite, [1], .given([-.infinity]), [0], .nonFinite)
            refuse(
                720, "a short tape and an infinite range: the tape", .precedence, [0, 0], .given([.infinity]), [0],
                .dimensionMismatch)
        }
    }

    private struct EdgeDraw {
        let comment: String
        let flag: VectorFlag
        let x: Float
        let range: Float
        let draw: UInt32

        init(_ comment: String, _ flag: VectorFlag, _ x: Float, in range: Float, _ draw: UInt32) {
            (self.comment, self.flag, self.x, self.range, self.draw) = (comment, flag, x, range, draw)
        }
    }

    /// The table of `docs/OneBitGradientCode.md#decision`.
    private static let edgeDraws: [EdgeDraw] = {
        let least: Float = 0x1p-149
        let (x, range) = (Float(bitPattern: 0xcb7d_ffff), Float(bitPattern: 0x4b7f_ffff))
        return [
            EdgeDraw("x = B, the largest word", .threshold, 1, in: 1, .max),
            EdgeDraw("x = B, both the smallest subnormal", .subnormal, least, in: least, .max),
            EdgeDraw(
                "x = B, the largest float", .threshold, .greatestFiniteMagnitude, in: .greatestFiniteMagnitude, .max),
            EdgeDraw("x = -B, the smallest word", .threshold, -1, in: 1, 0),
            EdgeDraw("x = -B, both subnormal", .subnormal, -least, in: least, 0),
            EdgeDraw("x = 0, below one half", .signedZero, 0, in: 1, 0x7fff_ffff),
            EdgeDraw("x = 0, one half", .signedZero, 0, in: 1, 0x8000_0000),
            EdgeDraw("x = -0, below one half", .signedZero, -0.0, in: 1, 0x7fff_ffff),
            EdgeDraw("x = -0, one half", .signedZero, -0.0, in: 1, 0x8000_0000),
            EdgeDraw("x = 0, B subnormal", .subnormal, 0, in: least, 0x7fff_ffff),
            EdgeDraw("a positive subnormal in ±1, one half", .subnormal, least, in: 1, 0x8000_0000),
            EdgeDraw("a positive subnormal in ±1, the next word", .subnormal, least, in: 1, 0x8000_0001),
            EdgeDraw("a negative subnormal in ±1, below one half", .subnormal, -least, in: 1, 0x7fff_ffff),
            EdgeDraw("a negative subnormal in ±1, one half", .subnormal, -least, in: 1, 0x8000_0000),
            EdgeDraw("one third, both subnormal", .subnormal, least, in: 3 * least, 0xaaaa_aaaa),
            EdgeDraw("one third, both subnormal, the next word", .subnormal, least, in: 3 * least, 0xaaaa_aaab),
            EdgeDraw("x = 3/4, B = 2", .handExample, 0.75, in: 2, 0xe3e8_0670),
            EdgeDraw("a product of 55 bits, below its threshold", .threshold, x, in: range, 0x0100_0001),
            EdgeDraw("a product of 55 bits, at its threshold", .threshold, x, in: range, 0x0100_0002),
        ]
    }()

    /// Coordinates and ranges at whose thresholds roundings show.
    private static let thresholdPairs: [(x: Float, range: Float)] = {
        let least: Float = 0x1p-149
        var pairs: [(x: Float, range: Float)] = [
            (1, 1), (-1, 1), (0, 1), (0.5, 1), (-0.5, 1), (0.75, 1), (1 / 3, 1), (-1 / 3, 1), (1, 3), (-1, 3), (2, 3),
            (Float(1).nextDown, 1), (-Float(1).nextDown, 1), (0x1p-31, 1), (-0x1p-31, 1), (0x1p-32, 1), (-0x1p-32, 1),
            (0x1.8p-31, 1), (0x1p-33, 1), (least, least), (-least, least), (least, 3 * least), (-least, 3 * least),
            (least, 1), (-least, 1), (0x1p-126, 0x1p-126), ((0x1p-126 as Float).nextDown, 0x1p-126),
            (least, .greatestFiniteMagnitude), (.greatestFiniteMagnitude, .greatestFiniteMagnitude),
            (-.greatestFiniteMagnitude, .greatestFiniteMagnitude), (0x1p127, .greatestFiniteMagnitude),
            (Float(bitPattern: 0xcb7d_ffff), Float(bitPattern: 0x4b7f_ffff)),
            (Float(bitPattern: 0x4b7d_ffff), Float(bitPattern: 0x4b7f_ffff)), (16_777_213, 16_777_215),
            (8_388_609, 16_777_215), (-8_388_609, 16_777_215), (0.1, 0.3), (-0.1, 0.3), (0.2, 0.7), (0.1, 0.1),
        ]
        let data = Philox.testFloats(seed: 9, t: 0, i: 0, count: 48)
        for index in stride(from: 0, to: 48, by: 2) {
            let (a, b) = (data[index], data[index + 1].magnitude)
            pairs.append(a.magnitude <= b ? (a, b) : (data[index + 1], a.magnitude))
        }
        return pairs
    }()
}
