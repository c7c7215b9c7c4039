import ExactArithmetic
import GradientCodeKernels
import GradientCodeReference
import GradientCodes
import Testing

/// The unbiased baselines: decisions of kernels against rational arithmetic, and what the document says of their laws.
@Suite struct CompressedRandomTests {
    typealias Cases = CompressedCases

    @Test func `every level is that of the rationals, next to the threshold too`() throws {
        for seed in 0..<60 as Range<UInt64> {
            let words = Cases.words(seed, 4)
            let s = [1, 2, 3, 7, 255, 65_535][Int(seed) % 6]
            let norm = Float(bitPattern: 1 + words[0] % 0x7f7f_ffff)
            let apart = seed % 3 == 0 ? 0x0900_0000 : words[1] % 0x4000_0000 + 1
            let value = Float(bitPattern: norm.bitPattern - min(norm.bitPattern, words[2] % apart))
            let y = Rational(s) * Rational(exactly: value)! / Rational(exactly: norm)!
            let threshold = Int(exactly: ((y - y.floor) * Rational(1 << 32)).ceiling)!
            let compressor = try Compressor(.levels(s), dimension: 3)
            for word in [threshold - 1, threshold, threshold + 1, 0, 0xffff_ffff, Int(words[3])] {
                guard let draw = UInt32(exactly: word) else { continue }
                let bytes = try CompressedMessageTests.message(
                    [norm, value, -value], .levels(s), tape: [0, draw, draw])
                let message = try CompressedMessage(reading: bytes, by: compressor)
                let level = Int(exactly: y.floor)! + (word < threshold ? 1 : 0)
                #expect(message.content == .levels(norm: Rational(exactly: norm)!, [s, level, -level]))
            }
        }
    }

    @Test func `values of rand-K and levels are rounded once`() throws {
        for seed in 0..<200 as Range<UInt64> {
            let words = Cases.words(1000 + seed, 8)
            let dimension = 3 + Int(words[0] % 5)
            let v = (0..<dimension).map { Float(bitPattern: words[1 + $0 % 6] & 0xbfff_ffff) }
            for k in 1...dimension {
                _ = try CompressedMessageTests.message(v, .randK(k), tape: Cases.words(seed, dimension))
            }
            let s = 1 + Int(words[7] % 65_535)
            let compressor = try Compressor(.levels(s), dimension: dimension)
            let bytes = try CompressedMessageTests.message(v, .levels(s), tape: Cases.words(seed, dimension))
            let decoded = try CompressedGradientCode.aggregate([bytes], by: compressor)
            let exact = try CompressedMessage(reading: bytes, by: compressor).decoded(isRounded: true)
            #expect(Cases.exact(decoded) == exact)
        }
        // 2²⁶-dimensional vectors are not needed for a double rounding: 5(2²⁴ − 1)/3 lies near no middle, this does.
        #expect(try CompressedMessageTests.message([8_388_609, 0, 0], .randK(2), tape: [0, 1, 2]).count == 8)
    }

    /// All sets of K that rand-K can keep, by words that put them first.
    static func sets(_ k: Int, of dimension: Int) -> [[UInt32]] {
        (0..<1 << dimension).filter { $0.nonzeroBitCount == k }.map { set in
            (0..<dimension).map { set >> $0 & 1 == 1 ? 0 : 1 }
        }
    }

    @Test func `rand-K has mean v and variance (D/K − 1)‖v‖², over all sets`() throws {
        for k in 1...4 {
            let compressor = try Compressor(.randK(k), dimension: 4)
            for v in Cases.vectors(4, upTo: 2) {
                let sets = Self.sets(k, of: 4)
                let images = try sets.map { try Cases.image(v, compressor, draws: $0) }
                let mean = (0..<4).map { j in images.map { $0[j] }.total / Rational(sets.count) }
                let variance = images.map { Cases.squaredNorm(zip($0, v).map(-)) }.total / Rational(sets.count)
                #expect(mean == v && variance == (Rational(4, k) - 1) * Cases.squaredNorm(v))
            }
        }
    }

    @Test func `with 2-bit words the set of one of three is 15/32, 10/32, 7/32`() {
        var counts = [0, 0, 0]
        for words in 0..<64 as Range<UInt32> {
            counts[Compressor.randomCoordinates(1, words: [words & 3, words >> 2 & 3, words >> 4])[0]] += 1
        }
        #expect(counts == [30, 20, 14])
    }

    @Test func `levels have mean v but for less than 2⁻³² of a step, and f(1 − f) of variance`() throws {
        // The draws next to 2³² f decide; their share is the probability, read off by bisection.
        let v = Cases.numbers([2, -1, 0])
        for s in 1...3 {
            let compressor = try Compressor(.levels(s), dimension: 3)
            for j in 0..<3 {
                var (low, high) = (0, 1 << 32)
                let lower = try Cases.image(v, compressor, draws: [.max, .max, .max])[j]
                while low < high {
                    let middle = (low + high) / 2
                    var draws: [UInt32] = [.max, .max, .max]
                    draws[j] = UInt32(middle)
                    let isUpper = try Cases.image(v, compressor, draws: draws)[j] != lower
                    (low, high) = isUpper ? (middle + 1, high) : (low, middle)
                }
                let y = Rational(s) * v[j].magnitude / 2
                let f = y - y.floor
                #expect(Rational(low) == (f * Rational(1 << 32)).ceiling, "s = \(s), coordinate \(j)")
            }
        }
    }
}
