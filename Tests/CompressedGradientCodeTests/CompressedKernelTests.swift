import ExactArithmetic
import GradientCodeKernels
import GradientCodeReference
import GradientCodes
import Testing

/// The kernels bit for bit against plain scalar models, and against exact arithmetic.
@Suite struct CompressedKernelTests {
    typealias Cases = CompressedCases

    /// A worker step coordinate by coordinate: lanes and tree as the kernel's head comment says them.
    struct Model {
        var message: [UInt8] = []
        var memory: [Float]

        init(_ gradient: [Float], _ memory: [Float], step: Float, by compressor: Compressor) {
            let a = zip(gradient, memory).map { step * $0 + $1 }
            var numbers: [Float] = []
            var bits: [Bool] = []
            self.memory = a
            switch compressor.kind {
            case .topK(let k):
                // Bits of a magnitude are ordered as the magnitude; inverted, the largest come first.
                let order = a.indices.map { UInt64(~a[$0].magnitude.bitPattern) << 32 | UInt64($0) }.sorted()
                for j in order.prefix(k).map({ Int($0 & 0xffff_ffff) }).sorted() {
                    numbers.append(a[j] + 0)
                    bits += (0..<compressor.indexBits).map { j >> $0 & 1 == 1 }
                    self.memory[j] = 0
                }
            case .identity:
                numbers = a.map { $0 + 0 }
                self.memory = a.map { _ in 0 }
            default:
                bits = a.map { !($0 < 0) }
                for block in compressor.blocks {
                    let scale = Self.scale(Array(a[block]))
                    numbers.append(scale)
                    for j in block {
                        self.memory[j] = a[j] - (bits[j] ? scale : -scale)
                        bits[j] = bits[j] || scale == 0
                    }
                }
            }
            for number in numbers {
                message += (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
            }
            for start in stride(from: 0, to: bits.count, by: 8) {
                message.append(
                    (start..<min(start + 8, bits.count)).reduce(0) { $0 | (bits[$1] ? 1 : 0) << ($1 - start) })
            }
        }

        static func scale(_ block: [Float]) -> Float {
            var lanes = [Double](repeating: 0, count: 16)
            for (j, x) in block.enumerated() { lanes[j % 16] += Double(x.magnitude) }
            for half in [8, 4, 2, 1] { for l in 0..<half { lanes[l] += lanes[l + half] } }
            return Float(lanes[0] / Double(block.count))
        }
    }

    /// Values over many binades, with zeros of both signs and equal magnitudes among them.
    static func values(_ seed: UInt64, _ count: Int) -> [Float] {
        Cases.words(seed, count).map { word in
            switch word % 8 {
            case 0: word & 8 == 0 ? 0 : -0.0
            case 1: word & 8 == 0 ? 1 : -1
            case 2: Float(bitPattern: word & 0x8fff_ffff)
            default: Float(Int32(bitPattern: word) >> 8) * 0x1p-20
            }
        }
    }

    static func expectModel(
        _ g: [Float], _ e: [Float], _ step: Float, _ kind: Compressor.Kind,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let compressor = try Compressor(kind, dimension: g.count)
        var memory = e
        let message = try CompressedGradientCode.workerStep(g, memory: &memory, step: step, by: compressor)
        let model = Model(g, e, step: step, by: compressor)
        #expect(message == model.message, "\(kind), D = \(g.count)", sourceLocation: location)
        #expect(
            memory.map(\.bitPattern) == model.memory.map(\.bitPattern), "\(kind), D = \(g.count)",
            sourceLocation: location)
    }

    @Test(arguments: [1, 2, 7, 8, 15, 16, 17, 31, 33, 100, 511, 512, 513, 1025])
    func `every compressor has the bits of its scalar model at every length`(_ dimension: Int) throws {
        let (g, e) = (Self.values(1, dimension), Self.values(2, dimension))
        let kinds: [Compressor.Kind] = [
            .scaledSign, .identity, .topK(1), .topK((dimension + 1) / 2), .topK(dimension), .blockSign(length: 1),
            .blockSign(length: 3), .blockSign(length: 16), .blockSign(length: 100), .blockSign(length: 512),
        ]
        for kind in kinds {
            for step: Float in [1, 0.375, 0x1p-126, 3e-5] { try Self.expectModel(g, e, step, kind) }
            let zeros = [Float](repeating: -0.0, count: dimension)
            try Self.expectModel(zeros, zeros, 1, kind)
        }
    }

    @Test func `indices beyond 16 bits: D = 70 000, with ties on both sides of 65 536`() throws {
        let g = Self.values(3, 70_000)
        for k in [1, 10, 700, 20_000, 69_999] { try Self.expectModel(g, g.map { _ in 0 }, 0.5, .topK(k)) }
        // All equal but for a few larger ones: the ties are decided among 70 000.
        var ties = [Float](repeating: -1, count: 70_000)
        for j in [0, 65_535, 65_536, 69_999] { ties[j] = 2 }
        for k in [3, 4, 5, 65_537, 69_999] { try Self.expectModel(ties, ties.map { _ in 0 }, 1, .topK(k)) }
        // Larger ones that no evenly spaced sample sees.
        var hidden = [Float](repeating: 0, count: 70_000)
        for j in stride(from: 1, to: 70_000, by: 4) { hidden[j] = Float(j % 7) }
        for k in [5, 1000, 17_500, 40_000] { try Self.expectModel(hidden, hidden.map { _ in 0 }, 1, .topK(k)) }
    }

    @Test func `a threshold of the sample that is too large is replaced`() throws {
        // Every fourth coordinate, which is what the sample looks at, is larger than the K-th largest.
        var g = [Float](repeating: 1, count: 65_536)
        for j in stride(from: 0, to: 65_536, by: 4) { g[j] = 2 }
        for k in [16_000, 16_384, 16_385, 30_000] { try Self.expectModel(g, g.map { _ in 0 }, 1, .topK(k)) }
    }

    // Half a minute without optimisation; `make test` runs release tests too.
    #if !DEBUG
        @Test func `top-K at D = 2^24 keeps what counting the larger ones says`() throws {
            let dimension = 1 << 24
            let g = Philox.testFloats(seed: 4, t: 0, i: 0, count: dimension)
            let compressor = try Compressor(.topK(1000), dimension: dimension)
            var memory = [Float](repeating: 0, count: dimension)
            let message = try CompressedGradientCode.workerStep(g, memory: &memory, step: 1, by: compressor)
            let decoded = try CompressedGradientCode.aggregate([message], by: compressor)
            var (smallest, kept, last) = (Float.infinity, 0, -1)
            for j in 0..<dimension where decoded[j] != 0 {
                #expect(decoded[j] == g[j] && memory[j] == 0)
                (smallest, kept, last) = (min(smallest, decoded[j].magnitude), kept + 1, j)
            }
            #expect(kept == 1000 && last > 1 << 23)
            // Nothing larger is left, and what is as large has a larger index than the last such one kept.
            let lastEqual = (0..<dimension).last { decoded[$0].magnitude == smallest }!
            var wrong = 0
            for j in 0..<dimension where decoded[j] == 0 {
                if g[j].magnitude > smallest || g[j].magnitude == smallest && j < lastEqual { wrong += 1 }
            }
            #expect(wrong == 0)
        }
    #endif

    @Test func `a scale is within one unit in the last place, and exact where it is a binary32 number`() throws {
        for seed in 0..<40 {
            let dimension = 1 + seed * 13
            let v = Self.values(UInt64(100 + seed), dimension)
            let compressor = try Compressor(.scaledSign, dimension: dimension)
            let message = try CompressedGradientCode.compress(v, by: compressor)
            let scale = Float(bitPattern: message[..<4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
            let exact = Cases.exact(v).map(\.magnitude).total / Rational(dimension)
            let off = (Rational(exactly: scale)! - exact).magnitude
            #expect(off <= Rational(exactly: Float(exact).ulp)!, "D = \(dimension)")
            if Rational(exactly: Float(exact)) == exact { #expect(off.isZero) }
        }
        // Sums that do not fit into binary32: 2²⁴ + 1 halves, and a small number between large ones.
        #expect(CompressedKernelTests.Model.scale([0x1p24, 1, 1, 0]) == 4_194_304.5)
    }

    @Test func `what is beyond binary32 is refused and changes nothing`() throws {
        let huge = Float.greatestFiniteMagnitude
        let kinds: [Compressor.Kind] = [.scaledSign, .blockSign(length: 2), .topK(1), .identity]
        for kind in kinds {
            for (g, e, step) in [([0, 0, huge], [1, 2, huge], 1), ([1, huge, 0], [1, 2, 3], 2)]
                as [([Float], [Float], Float)]
            {
                var memory = e
                #expect(throws: Refusal.self) {
                    try CompressedGradientCode.workerStep(
                        g, memory: &memory, step: step, by: try Compressor(kind, dimension: 3))
                }
                #expect(memory == e)
            }
        }
        #expect(throws: Refusal.self) { try CompressedGradientCode.scaled([huge], step: 2) }
        let randK = try Compressor(.randK(1), dimension: 2)
        #expect(throws: Refusal.self) {
            try CompressedGradientCode.compress([huge, 0], by: randK, tape: [0, 1])
        }
        #expect(throws: Refusal.self) {
            try CompressedGradientCode.aggregate(
                [CompressedMessageTests.message([huge], .identity), CompressedMessageTests.message([huge], .identity)],
                by: try Compressor(.identity, dimension: 1))
        }
        #expect(throws: Refusal.self) { try CompressedGradientCode.serverStep([huge], update: [-huge]) }
    }

    @Test func `a float step deviates by no more than (2)`() throws {
        let (u, η) = (Rational(1, 1 << 24), Rational(1, 2).power(150))
        for kind: Compressor.Kind in [.scaledSign, .blockSign(length: 5), .topK(7), .identity] {
            for seed in 0..<20 as Range<UInt64> {
                let (g, e) = (Self.values(seed, 37), Self.values(seed + 50, 37))
                let step: Float = 0.1
                let compressor = try Compressor(kind, dimension: 37)
                var memory = e
                let message = try CompressedGradientCode.workerStep(g, memory: &memory, step: step, by: compressor)
                let m = try CompressedMessage(reading: message, by: compressor).decoded()
                for j in 0..<37 {
                    let (γg, before) = (Rational(exactly: step)! * Rational(exactly: g[j])!, Rational(exactly: e[j])!)
                    let after = Rational(exactly: memory[j])!
                    let a = Rational(exactly: step * g[j] + e[j])!
                    let bound =
                        u * (2 + u) * γg.magnitude + u * before.magnitude + (1 + u) * η + u * (a - m[j]).magnitude
                    #expect((m[j] + after - (γg + before)).magnitude <= bound)
                }
            }
        }
        // Rounding of the subtraction is not the only deviation.
        var memory: [Float] = [0]
        let g: Float = 1 + 0x1p-23
        _ = try CompressedGradientCode.workerStep(
            [g], memory: &memory, step: g, by: try Compressor(.identity, dimension: 1))
        #expect(
            memory == [0]
                && Rational(exactly: g)!.power(2) == Rational(exactly: Float(1 + 0x1p-22))! + Rational(1, 2).power(46))
    }
}
