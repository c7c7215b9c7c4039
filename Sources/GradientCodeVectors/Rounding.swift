import ExactArithmetic
import GradientCodeOperations

extension Rounding {
    /// Vectors of `rounding.binary32`.
    static var binary32Vectors: VectorFile {
        var file = VectorFileBuilder(
            Binary32.self, "Exact numbers rounded once to the nearest binary32, ties to even.")
        let two: Rational = 2
        file.group(1, "CorrectRounding", profile: .core, basis: .paper) { tests in
            func add(_ tcId: Int, _ comment: String, _ flags: [VectorFlag], _ values: [Rational], _ bits: [UInt32]) {
                let expected = Binary32Vector(bits.map(Float.init(bitPattern:)))
                tests.valid(tcId, comment, flags, Binary32(values: values), .init(values: expected))
            }
            add(1, "no values", [.smallest], [], [])
            add(2, "0, 1, -1, 1/2", [.normal], [0, 1, -1, Rational(1, 2)], [0, 0x3f80_0000, 0xbf80_0000, 0x3f00_0000])
            add(
                3, "1 + 2^-24 + 2^-60: rounding through binary64 gives 3f800000", [.handExample, .rounding],
                [1 + two.power(-24) + two.power(-60)], [0x3f80_0001])
            add(
                4, "ties to even: 1 + 2^-24 down, 1 + 3·2^-24 up", [.rounding],
                [1 + two.power(-24), 1 + 3 * two.power(-24)], [0x3f80_0000, 0x3f80_0002])
            add(
                5, "just below and above a tie", [.rounding],
                [1 + two.power(-24) - two.power(-90), 1 + two.power(-24) + two.power(-90)], [0x3f80_0000, 0x3f80_0001])
            add(
                6, "1/3, 2/3, 1/10, 7/5", [.rounding],
                [Rational(1, 3), Rational(2, 3), Rational(1, 10), Rational(7, 5)],
                [0x3eaa_aaab, 0x3f2a_aaab, 0x3dcc_cccd, 0x3fb3_3333])
            add(
                7, "rounding up to the next power of two", [.rounding],
                [2 - two.power(-25), two.power(24) - Rational(1, 2)], [0x4000_0000, 0x4b80_0000])
            add(
                8, "2^24 + 1 is a tie", [.rounding, .largeEntries], [two.power(24) + 1, two.power(24) + 3],
                [0x4b80_0000, 0x4b80_0002])
            add(
                9, "the smallest subnormal, its half (a tie to zero) and a little more", [.subnormal],
                [two.power(-149), two.power(-150), two.power(-150) + two.power(-200)], [1, 0, 1])
            add(
                10, "subnormals round at 2^-149, not at 24 bits", [.subnormal],
                [3 * two.power(-150), 5 * two.power(-150), two.power(-127) + two.power(-150)],
                [2, 2, 0x0040_0000])
            add(
                11, "the border of the normal range", [.subnormal],
                [two.power(-126), two.power(-126) - two.power(-150), two.power(-126) - two.power(-149)],
                [0x0080_0000, 0x0080_0000, 0x007f_ffff])
            let largest = (2 - two.power(-23)) * two.power(127)
            add(
                12, "the largest finite number and the tie beyond it", [.overflow],
                [largest, largest + two.power(103) - 1, largest + two.power(103), two.power(200)],
                [0x7f7f_ffff, 0x7f7f_ffff, 0x7f80_0000, 0x7f80_0000])
            add(13, "beyond the range, negative", [.overflow], [-two.power(128)], [0xff80_0000])
            add(14, "1/C(39, 19)", [.largeEntries], [Rational.binomial(39, 19).reciprocal], [0x2d7f_3e3a])
            add(
                15, "a numerator and denominator of hundreds of digits", [.largeEntries],
                [(two.power(1000) + 1) / (3 * two.power(1000))], [0x3eaa_aaab])
        }
        return file.file
    }
}
