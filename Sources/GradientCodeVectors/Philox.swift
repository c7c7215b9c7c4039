import GradientCodeOperations
import GradientCodes

extension Philox {
    /// Vectors of `philox.block`: the published known answers.
    static var blockVectors: VectorFile {
        var file = VectorFileBuilder(
            Block.self, "Philox4x32-10. The known answers are those published with Random123.")
        file.group(1, "KnownAnswers", profile: .tape, basis: .house) { tests in
            let zeros = Block(counter: [0, 0, 0, 0], key: [0, 0])
            tests.valid(
                1, "counter and key zero", [.knownAnswer], zeros,
                DrawnWords(words: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]))
            let ones = Block(counter: Words(repeatElement(.max, count: 4)), key: [.max, .max])
            tests.valid(
                2, "all bits set", [.knownAnswer], ones,
                DrawnWords(words: [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]))
            let pi = Block(
                counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], key: [0xa409_3822, 0x299f_31d0])
            tests.valid(
                3, "digits of pi", [.knownAnswer], pi,
                DrawnWords(words: [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]))
        }
        file.group(2, "Refusals", profile: .tape, basis: .house) { tests in
            tests.invalid(
                4, "three words of counter", [.sizes], Block(counter: [0, 0, 0], key: [0, 0]), .dimensionMismatch)
            tests.invalid(
                5, "one word of key", [.sizes], Block(counter: [0, 0, 0, 0], key: [0]), .dimensionMismatch)
        }
        return file.file
    }

    /// Vectors of `philox.words`: the draw contract.
    static var wordsVectors: VectorFile {
        var file = VectorFileBuilder(
            DrawWords.self, "The draws of a seed, stream, iteration and index: word j AND 3 of the block j >> 2.")
        func drawn(_ question: DrawWords) -> DrawnWords {
            // Block by block from the contract's words, not by the function that draws runs.
            let (seed, first) = (question.seed.value, UInt64(question.first))
            let words = (0..<UInt64(question.count)).map { offset -> UInt32 in
                let j = first + offset
                let block = Philox.block(
                    counter: SIMD4(
                        UInt32(j >> 2), UInt32(question.i), UInt32(question.t), UInt32(question.stream)),
                    key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32)))
                return block[Int(j & 3)]
            }
            return DrawnWords(words: Words(words))
        }
        file.group(1, "DrawContract", profile: .tape, basis: .house) { tests in
            tests.valid(
                1, "the example of the documentation", [.handExample],
                DrawWords(seed: 0x0123_4567_89ab_cdef, stream: 1, t: 2, i: 1, first: 0, count: 6),
                DrawnWords(
                    words: [
                        1_532_180_087, 1_573_581_184, 3_381_797_760, 2_724_294_624, 2_846_403_609, 3_365_685_668,
                    ]))
            func add(_ tcId: Int, _ comment: String, _ flags: [VectorFlag], _ question: DrawWords) {
                tests.valid(tcId, comment, flags, question, drawn(question))
            }
            let seed: Seed = 0x0123_4567_89ab_cdef
            add(2, "no words", [.smallest], DrawWords(seed: seed, stream: 0, t: 0, i: 0, first: 0, count: 0))
            for first in 1...5 {
                add(
                    2 + first, "starting inside a block, at \(first)", [.carry],
                    DrawWords(seed: seed, stream: 1, t: 2, i: 1, first: first, count: 9))
            }
            for stream in 0...8 {
                add(
                    10 + stream, "stream \(stream)", [.normal],
                    DrawWords(seed: 20_240_319, stream: stream, t: 5, i: 3, first: 0, count: 4))
            }
            add(
                20, "the largest t and i", [.normal],
                DrawWords(seed: seed, stream: 1, t: 0xffff_ffff, i: 0xffff_ffff, first: 0, count: 4))
            add(
                21, "across j = 2^32, where j >> 2 has a word's full width left", [.carry],
                DrawWords(seed: seed, stream: 1, t: 0, i: 0, first: 0xffff_fffe, count: 4))
            add(
                22, "the last draws, j < 2^34", [.carry],
                DrawWords(seed: seed, stream: 1, t: 0, i: 0, first: 0x3_ffff_fffa, count: 6))
            add(
                23, "a key with its high word only", [.normal],
                DrawWords(seed: 0xffff_ffff_0000_0000, stream: 1, t: 0, i: 0, first: 0, count: 4))
        }
        file.group(2, "Refusals", profile: .tape, basis: .house) { tests in
            func refuse(_ tcId: Int, _ comment: String, _ question: DrawWords) {
                tests.invalid(tcId, comment, [.invalidParameters], question, .invalidParameters)
            }
            refuse(30, "negative iteration", DrawWords(seed: 1, stream: 1, t: -1, i: 0, first: 0, count: 1))
            refuse(31, "iteration 2^32", DrawWords(seed: 1, stream: 1, t: 0x1_0000_0000, i: 0, first: 0, count: 1))
            refuse(32, "index 2^32", DrawWords(seed: 1, stream: 1, t: 0, i: 0x1_0000_0000, first: 0, count: 1))
            refuse(33, "stream 2^32", DrawWords(seed: 1, stream: 0x1_0000_0000, t: 0, i: 0, first: 0, count: 1))
            refuse(34, "negative stream", DrawWords(seed: 1, stream: -1, t: 0, i: 0, first: 0, count: 1))
            refuse(35, "negative first draw", DrawWords(seed: 1, stream: 1, t: 0, i: 0, first: -1, count: 2))
            refuse(36, "negative count", DrawWords(seed: 1, stream: 1, t: 0, i: 0, first: 0, count: -1))
            refuse(
                37, "beyond j < 2^34", DrawWords(seed: 1, stream: 1, t: 0, i: 0, first: 0x3_ffff_ffff, count: 2))
        }
        return file.file
    }
}
