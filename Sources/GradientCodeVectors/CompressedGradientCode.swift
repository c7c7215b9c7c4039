import ExactArithmetic
import GradientCodeOperations
package import GradientCodeReference
package import GradientCodes

extension CompressedGradientCode {
    /// A compressor whose parameters are known to be legal.
    static func legal(_ kind: Compressor.Kind, _ dimension: Int) -> Compressor {
        guard let compressor = try? Compressor(kind, dimension: dimension) else {
            preconditionFailure("\(kind) of dimension \(dimension)")
        }
        return compressor
    }

    /// The message of a vector as it is sent; nothing in the vectors is out of range.
    package static func message(_ x: [Float], _ kind: Compressor.Kind, tape: [UInt32] = []) -> CompressedMessage {
        let message = try? CompressedMessage(
            compressing: x.map(GradientCode.exact), by: legal(kind, x.count), draws: tape
        ).rounded()
        guard let message else { preconditionFailure("\(kind) refuses \(x)") }
        return message
    }

    /// Vectors of `compressed.compress`.
    static var compressVectors: VectorFile {
        var file = VectorFileBuilder(
            Compress.self, "Messages of vectors, byte for byte.",
            "Every scale that occurs is a binary32 number, so there is one right message.")
        func question(_ kind: Compressor.Kind, _ x: [Float], _ tape: [UInt32]? = nil) -> Compress {
            Compress(
                CompressorDescriptor(legal(kind, x.count)), x: Binary32Vector(x), tape: tape.map { Words($0) })
        }
        file.group(1, "Biased", profile: .wire, basis: .house) { tests in
            func add(_ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Compressor.Kind, _ x: [Float]) {
                tests.valid(
                    tcId, comment, [flag], question(kind, x), .message(message(x, kind).bytes))
            }
            let v: [Float] = [3, -1, 0, -4, 2, 0, -2, 4]
            add(1, "α = 2", .handExample, .scaledSign, v)
            add(2, "two blocks of one scale", .handExample, .blockSign(length: 4), v)
            add(3, "indices 0, 3, 7", .handExample, .topK(3), v)
            add(
                4, "a short block, divided by its own length", .handExample, .blockSign(length: 4),
                [1, -1, 3, -3, 5, -1])
            add(5, "one step", .handExample, .topK(1), [0.5, -1.5])
            add(6, "one coordinate: the vector itself", .smallest, .scaledSign, [-3])
            add(7, "one coordinate: no index bytes", .smallest, .topK(1), [-3])
            add(8, "K = D sends the indices all the same", .normal, .topK(3), [1, -2, 3])
            add(9, "blocks longer than the vector", .normal, .blockSign(length: 9), [1, -3])
            add(10, "blocks of one coordinate", .normal, .blockSign(length: 1), [1, -3, 0])
            add(
                11, "blocks that end within a byte", .normal, .blockSign(length: 3), [1, 2, -3, -4, 5, -3, 1, 1, 1, -2])
            add(12, "the vector itself", .normal, .identity, [1, -2, 0x1p-149])
            add(20, "all magnitudes equal: the first indices", .normal, .topK(2), [-1, 1, -1, 1, 1])
            add(21, "a tie between 1 and 4", .normal, .topK(2), [0, 2, 3, -1, -2])
            add(22, "ties of zeros", .normal, .topK(3), [0, 0, 5, 0])
            add(30, "zeros are +", .signedZero, .scaledSign, [0, -2, 0, -2])
            add(31, "−0 is + too", .signedZero, .scaledSign, [-0.0, -2, -0.0, -2])
            add(32, "the zero vector: scale 0, bits 1", .signedZero, .scaledSign, [0, -0.0, 0])
            add(33, "one block is zero", .signedZero, .blockSign(length: 2), [0, -0.0, -1, 3])
            add(34, "a kept −0 is sent as +0", .signedZero, .topK(2), [-0.0, -0.0, -0.0])
            add(35, "−0 is sent as +0", .signedZero, .identity, [-0.0, 1])
            add(36, "the scale is 2⁻¹⁴⁹", .subnormal, .scaledSign, [0x1p-149, -0x1p-148, 0, 0x1p-149])
            add(37, "the scale rounds to 0: bits 1", .subnormal, .scaledSign, [-0x1p-149, 0, 0, 0])
            add(38, "so does that of one block", .subnormal, .blockSign(length: 4), [-0x1p-149, 0, 0, 0, -1, 1, 1, 1])
            add(39, "a sum beyond binary32", .overflow, .scaledSign, Array(repeating: -0x1.fffffep127, count: 4))
            add(40, "values of many binades", .normal, .topK(2), [0x1p-149, -0x1p-126, 0x1p-148])
        }
        file.group(2, "Random", profile: .tape, basis: .house) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Compressor.Kind, _ x: [Float],
                _ tape: [UInt32]
            ) {
                tests.valid(
                    tcId, comment, [flag], question(kind, x, tape), .message(message(x, kind, tape: tape).bytes))
            }
            let v: [Float] = [0.75, -0.5, 0, 1]
            add(50, "u_0 below f · 2³²", .handExample, .levels(2), v, [0x7fff_ffff, 0, 0, 0])
            add(51, "u_0 at f · 2³²", .threshold, .levels(2), v, [0x8000_0000, 0, 0, 0])
            add(52, "indices 1, 2", .handExample, .randK(2), [5, -1, 3, 0], [5, 1, 1, 9])
            add(53, "words that are equal: the smaller index", .normal, .randK(2), [1, 2, 3], [7, 7, 7])
            add(54, "K = D", .normal, .randK(3), [1, -2, 3], [2, 1, 0])
            add(55, "a value rounded once", .rounding, .randK(3), [8_388_609, 1, 8_388_611, 3, 5], [0, 1, 2, 3, 4])
            add(56, "−0 is sent as +0", .signedZero, .randK(1), [-0.0, 1], [0, 1])
            add(57, "a norm of zero: all levels 0", .signedZero, .levels(3), [0, -0.0], [0, 0])
            add(58, "coordinates at the norm do not exceed s", .normal, .levels(1), [2, -2, 1], [0, 0, 0])
            add(59, "65 535 levels", .largeEntries, .levels(65_535), [1, 0.3, -0.7], [0, 0x1234_5678, 0xfedc_ba98])
            // s|v|/R = 3(2²⁴ − 1)/2²⁴, f · 2³² = 2³² − 768: binary32 would round f to 1.
            let near: [Float] = [1, 1 - 0x1p-24]
            add(60, "f close to 1, the word below it", .threshold, .levels(3), near, [0, 0xffff_fcff])
            add(61, "f close to 1, the word at it", .threshold, .levels(3), near, [0, 0xffff_fd00])
            add(62, "random signs, mode S", .normal, .stochasticSign(ranges: nil), [1, -2, 0.5], [0, 0, 0xc000_0000])
            add(63, "random signs, mode G", .normal, .stochasticSign(ranges: [2]), [1, -2], [0x8000_0000, 0])
        }
        file.group(3, "Refusals", profile: .core, basis: .house, section: "CompressedGradientCode.md#edge-cases") {
            tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ compressor: CompressorDescriptor, _ x: [Float],
                _ kind: Refusal.Kind, tape: [UInt32]? = nil
            ) {
                tests.invalid(
                    tcId, comment, [flag], Compress(compressor, x: Binary32Vector(x), tape: tape.map { Words($0) }),
                    kind)
            }
            refuse(70, "no coordinate", .smallest, .init(kind: .scaledSign), [], .invalidParameters)
            refuse(71, "K = 0", .invalidParameters, .init(kind: .topK, k: 0), [1], .invalidParameters)
            refuse(72, "K = D + 1", .invalidParameters, .init(kind: .topK, k: 3), [1, 2], .invalidParameters)
            refuse(73, "topK without K", .invalidParameters, .init(kind: .topK), [1, 2], .invalidParameters)
            refuse(
                74, "blocks of length 0", .invalidParameters, .init(kind: .blockSign, blockLength: 0), [1],
                .invalidParameters)
            refuse(
                75, "no level", .invalidParameters, .init(kind: .levels, levels: 0), [1], .invalidParameters, tape: [0])
            refuse(
                76, "65 536 levels", .invalidParameters, .init(kind: .levels, levels: 65_536), [1], .invalidParameters,
                tape: [0])
            refuse(
                77, "a range 0", .invalidParameters, .init(kind: .stochasticSign, bound: .given([0])), [0],
                .invalidParameters, tape: [0])
            refuse(
                78, "two ranges for three coordinates", .sizes, .init(kind: .stochasticSign, bound: .given([1, 1])),
                [0, 0, 0], .dimensionMismatch, tape: [0, 0, 0])
            refuse(79, "a word too few", .sizes, .init(kind: .randK, k: 1), [1, 2], .dimensionMismatch, tape: [0])
            refuse(
                80, "words where none are taken", .sizes, .init(kind: .identity), [1], .dimensionMismatch, tape: [0])
            refuse(81, "NaN", .nonFinite, .init(kind: .topK, k: 1), [1, .nan], .nonFinite)
            refuse(82, "infinite", .nonFinite, .init(kind: .scaledSign), [1, -.infinity], .nonFinite)
            refuse(
                83, "beyond its range", .outsideRange, .init(kind: .stochasticSign, bound: .given([1])), [1, -1.5],
                .outOfRange, tape: [0, 0])
            refuse(
                84, "D v/K beyond binary32", .overflow, .init(kind: .randK, k: 1), [0x1p127, 0], .outOfRange,
                tape: [0, 1])
            refuse(
                85, "K = 0 and a NaN: the parameter", .precedence, .init(kind: .topK, k: 0), [.nan], .invalidParameters)
            refuse(
                86, "a word too few and a NaN: the sizes", .precedence, .init(kind: .randK, k: 1), [1, .nan],
                .dimensionMismatch, tape: [0])
        }
        long(&file)
        return file.file
    }

    /// Inputs that the reader draws: indices beyond 16 bits, tails of every loop.
    private static func long(_ file: inout VectorFileBuilder<Compress>) {
        file.group(4, "Long", profile: .wire, basis: .house) { tests in
            for (n, (kind, dimension)) in [
                (Compressor.Kind.topK(700), 70_000), (.topK(33), 4097), (.topK(3), 65_537),
            ].enumerated() {
                guard
                    let x = try? Binary32Vector(
                        DrawnData(seed: Seed(9), stream: .testData, t: 0, i: n, count: dimension))
                else { preconditionFailure("test data of a sensible size") }
                tests.valid(
                    90 + n, "\(dimension) coordinates", [.long],
                    Compress(CompressorDescriptor(legal(kind, dimension)), x: x),
                    .digest(of: message(x.values, kind).bytes))
            }
        }
    }
}
