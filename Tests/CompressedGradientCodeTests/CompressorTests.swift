import ExactArithmetic
import GradientCodeReference
import GradientCodes
import Testing

/// Errors, contractions and equality cases on all small integer vectors, and what is refused.
@Suite struct CompressorTests {
    typealias Cases = CompressedCases

    /// The equality cases of (1), as docs/CompressedGradientCode.md#compressors says them.
    static func isExtreme(_ v: [Rational], _ compressor: Compressor) -> Bool {
        switch compressor.kind {
        case .topK(let k): k == v.count || Set(v.map(\.magnitude)).count == 1
        case .scaledSign, .blockSign:
            compressor.blocks.allSatisfy { block in
                let others = v[block].filter { !$0.isZero }.count
                let longest = compressor.blocks[0].count
                return block.count < longest ? others == 0 : others <= 1 || block.count == 1
            }
        default: true
        }
    }

    @Test(arguments: [1, 2, 3, 4])
    func `on all small vectors the error is that of the table, and equality holds exactly where it says`(
        _ dimension: Int
    ) throws {
        for compressor in try Cases.biased(dimension) {
            let δ = Rational(try #require(compressor.contraction))
            for v in Cases.vectors(dimension, upTo: 3) {
                let error = Cases.squaredNorm(zip(v, try Cases.image(v, compressor)).map(-))
                let bound = (1 - δ) * Cases.squaredNorm(v)
                #expect(error == compressor.squaredError(of: v) && error <= bound, "\(compressor) of \(v)")
                #expect((error == bound) == Self.isExtreme(v, compressor), "\(compressor) of \(v)")
            }
        }
    }

    @Test func `block sign of dimension 5 divides a short block by its own length`() throws {
        for length in 1...5 {
            let compressor = try Cases.compressor(.blockSign(length: length), 5)
            let δ = Rational(try #require(compressor.contraction))
            for v in Cases.vectors(5, upTo: 2) {
                let error = Cases.squaredNorm(zip(v, try Cases.image(v, compressor)).map(-))
                #expect(error == compressor.squaredError(of: v), "\(length): \(v)")
                #expect(error <= (1 - δ) * Cases.squaredNorm(v), "\(length): \(v)")
            }
        }
        // Divided by m the contraction would still hold, so only the exact error tells.
        let compressor = try Cases.compressor(.blockSign(length: 4), 6)
        #expect(compressor.squaredError(of: Cases.numbers([1, -1, 3, -3, 5, -1])) == 12)
    }

    @Test func `all are homogeneous, and keep zero`() throws {
        for compressor in try Cases.biased(3) {
            #expect(try Cases.image([0, 0, 0], compressor) == [0, 0, 0])
            for v in Cases.vectors(3, upTo: 2) {
                let c = Rational(5, 3)
                #expect(try Cases.image(v.map { c * $0 }, compressor) == Cases.image(v, compressor).map { c * $0 })
            }
        }
    }

    @Test func `a scale off by ε leaves the error plus ε² of what was kept`() throws {
        let v = Cases.numbers([3, -1, 0, -4, 2, 0, -2, 4])
        for ε in [Rational(0), Rational(1, 100), Rational(-1, 3)] {
            let (s, α) = (v.map { Rational($0 >= 0 ? 1 : -1) }, Rational(2) * (1 + ε))
            let error = Cases.squaredNorm(zip(v, s).map { $0 - α * $1 })
            #expect(error == 50 - 32 * (1 - ε * ε))
        }
    }

    @Test func `illegal compressors are refused by kind, in the order of the protocol`() throws {
        func kind(_ kind: Compressor.Kind, _ dimension: Int) -> Refusal.Kind? {
            do throws(Refusal) { _ = try Compressor(kind, dimension: dimension) } catch { return error.kind }
            return nil
        }
        for dimension in [0, -1, Compressor.maximumDimension + 1, .max] {
            #expect(kind(.scaledSign, dimension) == .invalidParameters)
        }
        for k in [0, -1, 5, .max] {
            #expect(kind(.topK(k), 4) == .invalidParameters)
            #expect(kind(.randK(k), 4) == .invalidParameters)
        }
        #expect(kind(.blockSign(length: 0), 4) == .invalidParameters)
        #expect(kind(.blockSign(length: .max), 4) == nil)
        #expect(kind(.levels(0), 4) == .invalidParameters && kind(.levels(65_536), 4) == .invalidParameters)
        #expect(kind(.levels(65_535), 4) == nil)
        #expect(kind(.stochasticSign(ranges: [0, .nan]), 4) == .invalidParameters)
        #expect(kind(.stochasticSign(ranges: [1, 2]), 4) == .dimensionMismatch)
        #expect(kind(.stochasticSign(ranges: [-.infinity]), 4) == .nonFinite)
        #expect(kind(.stochasticSign(ranges: [1]), 4) == nil && kind(.stochasticSign(ranges: nil), 4) == nil)
    }

    @Test func `messages have the sizes of the document`() throws {
        func bits(_ kind: Compressor.Kind, _ dimension: Int = 1000) throws -> [Int] {
            let compressor = try Compressor(kind, dimension: dimension)
            return [compressor.informationBits, 8 * compressor.messageBytes]
        }
        #expect(try bits(.identity) == [32_000, 32_000])
        #expect(try bits(.scaledSign) == [1032, 1032])
        #expect(try bits(.blockSign(length: 100)) == [1320, 1320])
        #expect(try bits(.topK(10)) == [420, 424])
        #expect(try bits(.randK(10)) == [320, 320])
        #expect(try bits(.levels(1), 10) == [52, 56])
        #expect(try bits(.levels(65_535), 1) == [49, 56])
        #expect(try bits(.stochasticSign(ranges: [1]), 9) == [9, 16])
        #expect(try bits(.stochasticSign(ranges: nil), 9) == [41, 48])
        #expect(try Compressor(.topK(1), dimension: 1).messageBytes == 4)
        let widths = try [2, 3, 4, 5, 65_536, 65_537, 70_000, 1 << 24].map {
            try Compressor(.identity, dimension: $0).indexBits
        }
        #expect(widths == [1, 2, 2, 3, 16, 17, 17, 24])
    }
}
