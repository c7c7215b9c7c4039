import ExactArithmetic
import GradientCodeKernels
import GradientCodeReference
import GradientCodes
import Testing

/// Wire format: the document's examples, both readers, and what they refuse.
@Suite struct CompressedMessageTests {
    typealias Cases = CompressedCases

    /// Both ways to the bytes of a vector, which have to be the same.
    static func message(_ v: [Float], _ kind: Compressor.Kind, tape: [UInt32] = []) throws -> [UInt8] {
        let compressor = try Compressor(kind, dimension: v.count)
        let bytes = try CompressedGradientCode.compress(v, by: compressor, tape: tape)
        let exact = try CompressedMessage(compressing: Cases.exact(v), by: compressor, draws: tape).rounded()
        #expect(bytes == exact.bytes, "\(kind) of \(v)")
        return bytes
    }

    @Test func `the examples of the document`() throws {
        let v: [Float] = [3, -1, 0, -4, 2, 0, -2, 4]
        let short: [Float] = [1, -1, 3, -3, 5, -1]
        let answers = [
            try Self.message(v, .scaledSign), try Self.message(v, .blockSign(length: 4)),
            try Self.message(v, .topK(3)), try Self.message(short, .blockSign(length: 4)),
            try Self.message([0.75, -0.5, 0, 1], .levels(2), tape: [0x7fff_ffff, 0, 0, 0]),
            try Self.message([0.75, -0.5, 0, 1], .levels(2), tape: [0x8000_0000, 0, 0, 0]),
            try Self.message([5, -1, 3, 0], .randK(2), tape: [5, 1, 1, 9]),
            try Self.message([0.5, -1.5], .topK(1)),
        ].map(Cases.hexadecimal)
        #expect(
            answers == [
                "00000040b5", "0000004000000040b5", "00004040000080c000008040d801", "000000400000404015",
                "0000803f8c08", "0000803f8b08", "000000c00000c040", "0000c0bf01",
            ])
    }

    @Test func `zeros: −0 is never sent, a zero scale has bits 1, a zero norm has levels 0`() throws {
        #expect(Cases.hexadecimal(try Self.message([-0.0, 0, -0.0], .scaledSign)) == "0000000007")
        #expect(Cases.hexadecimal(try Self.message([-0.0, -1], .scaledSign)) == "0000003f01")
        #expect(Cases.hexadecimal(try Self.message([-0.0, 0], .identity)) == "0000000000000000")
        #expect(Cases.hexadecimal(try Self.message([-0.0, 0, -0.0], .topK(2))) == "000000000000000004")
        // 2⁻¹⁴⁹/4 rounds to 0: then the sign of the coordinate is not sent.
        #expect(Cases.hexadecimal(try Self.message([-.leastNonzeroMagnitude, 0, 0, 0], .scaledSign)) == "000000000f")
        #expect(
            Cases.hexadecimal(try Self.message([-.leastNonzeroMagnitude, 0, 0, 0, -1], .blockSign(length: 4)))
                == "000000000000803f0f")
        #expect(Cases.hexadecimal(try Self.message([-0.0, 0], .levels(1), tape: [0, 0])) == "0000000005")
        #expect(Cases.hexadecimal(try Self.message([-0.0, 1], .randK(2), tape: [0, 0])) == "000000000000803f")
        #expect(
            Cases.hexadecimal(try Self.message([-0.0, 0], .stochasticSign(ranges: nil), tape: [0, 0])) == "0000000000")
    }

    @Test func `a sum beyond binary32 is no reason to refuse a scale within it`() throws {
        let v = [Float](repeating: -.greatestFiniteMagnitude, count: 5)
        #expect(Cases.hexadecimal(try Self.message(v, .scaledSign)) == "ffff7f7f00")
    }

    @Test(arguments: 0..<8)
    func `messages are read as they were written, by both readers`(_ seed: Int) throws {
        let words = Cases.words(UInt64(seed), 64)
        let dimension = 1 + seed * 3
        let v = (0..<dimension).map { Float(Int(words[$0] % 17) - 8) / 4 }
        let tape = Array(words[32..<32 + dimension])
        let kinds: [Compressor.Kind] = [
            .scaledSign, .blockSign(length: 3), .topK((dimension + 1) / 2), .identity, .randK(1), .levels(3),
            .levels(1), .stochasticSign(ranges: nil), .stochasticSign(ranges: [4]),
        ]
        for kind in kinds {
            let compressor = try Compressor(kind, dimension: dimension)
            let draws = compressor.hasMemory ? [] : tape
            let bytes = try Self.message(v, kind, tape: draws)
            let message = try CompressedMessage(reading: bytes, by: compressor)
            #expect(message.bytes == bytes)
            var sums = [Float](repeating: 0, count: dimension)
            try CompressedGradientCode.accumulate(bytes, by: compressor, tape: draws, into: &sums)
            #expect(Cases.exact(sums) == message.decoded(draws: draws, isRounded: true), "\(kind) of \(v)")
            // Twice: decoding does not change the message.
            let twice = try CompressedGradientCode.aggregate(
                [bytes, bytes], by: compressor, tapes: [draws, draws])
            #expect(Cases.exact(twice) == Cases.exact(sums).map { 2 * $0 }, "\(kind) of \(v)")
        }
    }

    static let defects: [(String, Compressor.Kind, Int, String)] = [
        ("no byte", .scaledSign, 8, ""), ("a byte too few", .scaledSign, 9, "0000803fff"),
        ("a byte too many", .topK(1), 4, "0000803f0000"), ("a padding bit", .scaledSign, 3, "0000803f0f"),
        ("a padding bit of indices", .topK(1), 4, "0000803f04"),
        ("a padding bit of levels", .levels(1), 3, "0000803f40"),
        ("NaN", .identity, 1, "0000c07f"), ("infinite", .topK(1), 1, "0000807f"),
        ("−0", .identity, 2, "0000803f00000080"),
        ("a negative scale", .scaledSign, 1, "000080bf01"), ("a scale −0", .blockSign(length: 1), 1, "0000008001"),
        ("a scale 0 with a sign −", .blockSign(length: 2), 4, "0000803f0000000007"),
        ("an index too large", .topK(1), 3, "0000803f03"), ("an index twice", .topK(2), 4, "0000803f0000803f05"),
        ("indices that fall", .topK(2), 4, "0000803f0000803f01"), ("a level too large", .levels(1), 2, "0000803f07"),
        ("a norm 0 with a level", .levels(1), 2, "0000000006"), ("a negative norm", .levels(1), 2, "000080bf05"),
        ("a norm −0", .levels(1), 2, "0000008005"),
        ("a range 0 with a sign +", .stochasticSign(ranges: nil), 1, "0000000001"),
    ]

    @Test(arguments: 0..<20)
    func `defective messages are refused by both readers, and change no sum`(_ n: Int) throws {
        let (name, kind, dimension, text) = Self.defects[n]
        let compressor = try Compressor(kind, dimension: dimension)
        var sums = [Float](repeating: 1, count: dimension)
        #expect(throws: Refusal.self, "\(name)") {
            try CompressedMessage(reading: Cases.bytes(text), by: compressor)
        }
        do {
            try CompressedGradientCode.accumulate(Cases.bytes(text), by: compressor, tape: [0, 0, 0], into: &sums)
            Issue.record("\(name) is accepted")
        } catch { #expect(error.kind == .malformedMessage, "\(name)") }
        #expect(sums == [Float](repeating: 1, count: dimension))
    }
}
