import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

extension CompressedGradientCode {
    /// Vectors of `compressed.decompress`.
    static var decompressVectors: VectorFile {
        var file = VectorFileBuilder(
            Decompress.self, "What messages stand for, and bytes that are no message.")
        func question(_ kind: Compressor.Kind, _ dimension: Int, _ bytes: [UInt8], _ tape: [UInt32]? = nil)
            -> Decompress
        {
            Decompress(
                CompressorDescriptor(legal(kind, dimension)), message: Bytes(bytes), dimension: dimension,
                tape: tape.map { Words($0) })
        }
        file.group(1, "Messages", profile: .wire, basis: .house) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Compressor.Kind, _ x: [Float],
                tape: [UInt32] = []
            ) {
                let message = message(x, kind, tape: tape)
                let isTaped = if case .randK = kind { true } else { false }
                tests.valid(
                    tcId, comment, [flag], question(kind, x.count, message.bytes, isTaped ? tape : nil),
                    .exact(Binary32Vector(message.decoded(draws: tape, isRounded: true).map { Float($0) })))
            }
            let v: [Float] = [3, -1, 0, -4, 2, 0, -2, 4]
            add(1, "scaled sign", .handExample, .scaledSign, v)
            add(2, "block sign", .handExample, .blockSign(length: 4), [1, -1, 3, -3, 5, -1])
            add(3, "top-3", .handExample, .topK(3), v)
            add(4, "identity", .normal, .identity, v)
            add(5, "a scale 0 is +0", .signedZero, .scaledSign, [0, 0, 0])
            add(6, "one block is zero", .signedZero, .blockSign(length: 2), [0, 0, -1, 3])
            add(7, "values 0 of top-K", .signedZero, .topK(2), [0, 0, 0])
            add(
                8, "levels 2, −1, 0, 2 of 2", .handExample, .levels(2), [0.75, -0.5, 0, 1],
                tape: [0x7fff_ffff, 0, 0, 0])
            add(9, "levels of 3, rounded once", .rounding, .levels(3), [1, -0.4, 0.7], tape: [0, 0, 0xffff_ffff])
            add(10, "levels of norm 0", .signedZero, .levels(1), [0, 0], tape: [0, 0])
            add(11, "indices 1, 2 of rand-K", .handExample, .randK(2), [5, -1, 3, 0], tape: [5, 1, 1, 9])
            add(
                12, "random signs with their range", .normal, .stochasticSign(ranges: nil), [1, -2, 0.5],
                tape: [0, 0, 0])
            add(13, "one coordinate of top-1", .smallest, .topK(1), [-3])
            add(
                14, "blocks that end within a byte", .normal, .blockSign(length: 3), [1, 2, -3, -4, 5, -3, 1, 1, 1, -2])
            add(15, "an index of 17 bits", .long, .topK(1), Array(repeating: 0, count: 66_000) + [-7])
        }
        file.group(2, "No messages", profile: .wire, basis: .house) { tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ kind: Compressor.Kind, _ dimension: Int, _ bytes: [UInt8]
            ) {
                tests.invalid(tcId, comment, [.malformed], question(kind, dimension, bytes), .malformedMessage)
            }
            let one: [UInt8] = [0, 0, 0x80, 0x3f]
            let zero: [UInt8] = [0, 0, 0, 0]
            let minusZero: [UInt8] = [0, 0, 0, 0x80]
            refuse(30, "no byte", .scaledSign, 8, [])
            refuse(31, "a byte too few", .scaledSign, 9, one + [0xff])
            refuse(32, "a byte too many", .topK(1), 4, one + [0, 0])
            refuse(33, "a padding bit of signs", .scaledSign, 3, one + [0x0f])
            refuse(34, "a padding bit of indices", .topK(1), 4, one + [0x04])
            refuse(35, "a padding bit of levels", .levels(1), 3, one + [0x40])
            refuse(36, "a value NaN", .identity, 1, [0, 0, 0xc0, 0x7f])
            refuse(37, "an infinite value", .topK(1), 1, [0, 0, 0x80, 0x7f])
            refuse(38, "a value −0", .identity, 2, one + minusZero)
            refuse(39, "a kept value −0", .topK(1), 1, minusZero)
            refuse(40, "a negative scale", .scaledSign, 1, [0, 0, 0x80, 0xbf, 1])
            refuse(41, "a scale −0", .blockSign(length: 1), 1, minusZero + [1])
            refuse(42, "a scale 0 with a sign −", .blockSign(length: 2), 4, one + zero + [0x07])
            refuse(43, "an index D", .topK(1), 3, one + [3])
            refuse(44, "an index twice", .topK(2), 4, one + one + [0x05])
            refuse(45, "indices that fall", .topK(2), 4, one + one + [0x01])
            refuse(46, "a level code above 2s", .levels(1), 2, one + [0x07])
            refuse(47, "a norm 0 with another level", .levels(1), 2, zero + [0x06])
            refuse(48, "a negative norm", .levels(1), 2, [0, 0, 0x80, 0xbf, 0x05])
            refuse(49, "a norm −0", .levels(1), 2, minusZero + [0x05])
        }
        file.group(3, "Refusals", profile: .core, basis: .house, section: "CompressedGradientCode.md#edge-cases") {
            tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ compressor: CompressorDescriptor,
                _ dimension: Int,
                _ kind: Refusal.Kind, tape: [UInt32]? = nil
            ) {
                tests.invalid(
                    tcId, comment, [flag],
                    Decompress(
                        compressor, message: Bytes([0, 0, 0x80, 0x3f]), dimension: dimension,
                        tape: tape.map { Words($0) }), kind)
            }
            refuse(60, "dimension 0", .smallest, .init(kind: .identity), 0, .invalidParameters)
            refuse(61, "dimension 2²⁶ + 1", .largeEntries, .init(kind: .scaledSign), (1 << 26) + 1, .invalidParameters)
            refuse(62, "K above D", .invalidParameters, .init(kind: .topK, k: 2), 1, .invalidParameters)
            refuse(63, "rand-K without words", .invalidParameters, .init(kind: .randK, k: 1), 1, .invalidParameters)
            refuse(64, "words where none are taken", .sizes, .init(kind: .identity), 1, .dimensionMismatch, tape: [1])
            refuse(65, "a word too many", .sizes, .init(kind: .randK, k: 1), 1, .dimensionMismatch, tape: [1, 2])
            refuse(
                66, "an infinite range", .nonFinite, .init(kind: .stochasticSign, bound: .given([.infinity])), 1,
                .nonFinite)
        }
        return file.file
    }
}
