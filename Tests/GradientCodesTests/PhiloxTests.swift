import GradientCodes
import Testing

@Suite struct PhiloxTests {
    static let seed: UInt64 = 0x0123_4567_89ab_cdef

    @Test func `blocks are the known answers of Random123`() throws {
        let lines = PhiloxKnownAnswers.lines.split(separator: "\n")
        #expect(lines.count == 55)
        for line in lines {
            let words = line.split { $0 == " " || $0 == "|" }.compactMap { UInt32($0, radix: 16) }
            try #require(words.count == 10)
            let block = Philox.block(
                counter: SIMD4(words[0], words[1], words[2], words[3]), key: SIMD2(words[4], words[5]))
            #expect((0..<4).map { block[$0] } == Array(words[6...]), "\(line)")
        }
    }

    @Test func `draws are those of the randomness contract`() {
        let draws = (0..<6).map { Philox.draw(seed: Self.seed, stream: .quantizer, t: 2, i: 1, j: $0) }
        #expect(draws == [1_532_180_087, 1_573_581_184, 3_381_797_760, 2_724_294_624, 2_846_403_609, 3_365_685_668])
    }

    @Test func `every part of a draw's address has its place in counter and key`() {
        // Computed by a separate program.
        let seed: UInt64 = 0xfedc_ba98_7654_3210
        let last: UInt64 = 1 << 34 - 1
        #expect(Philox.draw(seed: seed, stream: .links, t: .max, i: 5, j: last) == 3_382_254_929)
        #expect(Philox.draw(seed: seed, stream: .links, t: .max, i: 5, j: last - 5) == 1_535_898_002)
        #expect(Philox.draw(seed: .max, stream: .bernoulliCode, t: 0, i: .max, j: 4) == 3_756_250_984)
        #expect(Philox.draw(seed: 1, stream: .allocation, t: 0, i: 0, j: 3) == 2_098_081_290)
        #expect(Philox.draw(seed: 1 << 32, stream: .allocation, t: 0, i: 0, j: 3) == 3_321_276_015)
    }

    @Test func `streams have the numbers of the randomness contract`() {
        let streams: [RandomStream] = [
            .stragglers, .quantizer, .allocation, .testData, .randK, .levels, .uplinks, .links, .bernoulliCode,
        ]
        #expect(streams.map(\.rawValue) == Array(0...8))
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 7, 1 << 33 - 3, 1 << 34 - 13])
    func `words are consecutive draws from any offset, in any number`(first: UInt64) {
        for count in 0...13 {
            let words = Philox.words(seed: Self.seed, stream: .randK, t: 9, i: 4, first: first, count: count)
            let draws = (0..<UInt64(count)).map {
                Philox.draw(seed: Self.seed, stream: .randK, t: 9, i: 4, j: first + $0)
            }
            #expect(words == draws, "first \(first), count \(count)")
        }
    }

    @Test func `test data is the signed upper 24 bits of a word`() {
        // Computed by a separate program.
        let numerators: [Float] = [
            -7_246_998, -2_418_208, -1_720_721, -5_348_911, -687_162, -81_637, 2_807_054, -7_261_554,
        ]
        let data = Philox.testFloats(seed: 11, t: 4, i: 2, count: 8)
        #expect(data == numerators.map { $0 / 8_388_608 })
    }

    @Test func `test data lies in [-1, 1) on a grid of 2^-23`() {
        for x in Philox.testFloats(seed: 5, t: 0, i: 0, count: 1000) {
            #expect(-1 <= x && x < 1)
            #expect((x * 8_388_608).rounded() == x * 8_388_608)
        }
    }
}
