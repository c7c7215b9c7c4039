import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

// Quantisers that are wrong by a rounding, a comparison or a bit order.
extension Mutant {
    static let quantizers: [Mutant] = [
        decision("atOrBelow", "a draw equal to its threshold sends +B", caughtBy: "oneBit.threshold") { x, range, u in
            exactly(x) * Rational(2).power(32) >= (2 * Rational(u) - Rational(2).power(32)) * exactly(range)
        },
        decision(
            "probabilityUpsideDown", "+B is sent with the probability of −B", caughtBy: "oneBit.sendingProbability"
        ) {
            x, range, u in isPositive(-x, range, u)
        },
        decision("factorTwoForgotten", "+B is sent with probability (B + x)/B", caughtBy: "oneBit.sendingProbability") {
            x, range, u in Rational(u) * exactly(range) < (exactly(range) + exactly(x)) * Rational(2).power(32)
        },
        decision("fixedSign", "the sign of x is sent", caughtBy: "oneBit.sendingProbability") { x, _, _ in x >= 0 },
        decision("uniformInBinary32", "the draw is rounded to binary32", caughtBy: "oneBit.quantize") { x, range, u in
            let uniform = exactly(Float(u) * 0x1p-32)
            return uniform * 2 * exactly(range) < exactly(range) + exactly(x)
        },
        decision("roundedProduct", "the product is rounded before it is compared", caughtBy: "oneBit.quantize") {
            x, range, u in
            (Double(u) - 0x1p31) * Double(range) < Double(x) * 0x1p31
        },
        decision("thresholdIn32Bits", "the threshold 2³² becomes 0", caughtBy: "oneBit.sendingProbability") {
            x, range, u in
            let c = StochasticSign.threshold(of: exactly(x), range: exactly(range))
            return Rational(u) < (c == Rational(2).power(32) ? 0 : c)
        },
        decision("draws23", "only 23 bits of a draw are used", caughtBy: "oneBit.threshold") { x, range, u in
            StochasticSign.isPositive(exactly(x), range: exactly(range), draw: u >> 9, bits: 23)
        },
        decision("closedUniform", "the draw is u/(2²³ − 1), 1 included", caughtBy: "oneBit.sendingProbability") {
            x, range, u in
            let uniform = Rational(u >> 9) / Rational(1 << 23 - 1)
            return uniform * 2 * exactly(range) < exactly(range) + exactly(x)
        },
        decision(
            "biasedByTwoToMinus30", "thresholds are two draws too high, a bias of 2⁻³⁰ B", caughtBy: "oneBit.threshold"
        ) {
            x, range, u in u < 2 || isPositive(x, range, u - 2)
        },
        decision("minusZeroIsMinus", "−0 is sent as −B", caughtBy: "oneBit.quantize") { x, range, u in
            x == 0 && x.sign == .minus ? false : isPositive(x, range, u)
        },
        Mutant("clipped", of: "oneBit", "coordinates outside the range are clipped", caughtBy: "oneBit.quantize") {
            table in
            table.answer(OneBitGradientCode.Quantize.self, flags: ["tape"]) { question throws(Refusal) in
                var question = question
                if case .given(let given) = question.bound, given.values.allSatisfy({ $0 > 0 }), question.x.isFinite {
                    let ranges = given.values
                    if ranges.count == 1 || ranges.count == question.x.count {
                        question.x = Binary32Vector(
                            question.x.values.enumerated().map { j, x in
                                let range = ranges[ranges.count == 1 ? 0 : j]
                                return max(-range, min(range, x))
                            })
                    }
                }
                return .init(message: Bytes(try BuiltIn.quantize(question) { _ in [] }))
            }
        },
        message("mostSignificantFirst", "bits are packed from the other end", caughtBy: "oneBit.quantize") {
            bytes, header in
            bytes[..<header] + bytes[header...].map { byte in (0..<8).reduce(0) { $0 | (byte >> $1 & 1) << (7 - $1) } }
        },
        message("rangeBigEndian", "the range is sent most significant byte first", caughtBy: "oneBit.quantize") {
            bytes, header in bytes[..<header].reversed() + bytes[header...]
        },
        message("indicesIn16Bits", "coordinates from 65 536 on repeat the first", caughtBy: "oneBit.quantize") {
            bytes, _ in
            bytes.indices.map { bytes[$0 % 8192] }
        },
        decision("neverCertain", "probabilities are kept within 10⁻³ of 0 and 1", caughtBy: "oneBit.certainSigns") {
            x, range, u in u < 0x0041_8937 || u < 0xffbe_76c8 && isPositive(x, range, u)
        },
        Mutant(
            "ownSignsSquared", of: "oneBit", "its own signs are sent with probability ½ ± (x/B)²",
            caughtBy: "oneBit.ownSigns"
        ) { table in
            let own = OwnDraws()
            table.answer(OneBitGradientCode.Quantize.self, flags: ["tape", "free"]) { question throws(Refusal) in
                guard question.tape == nil, case .given(let given) = question.bound, given.count == 1 else {
                    return .init(message: Bytes(try BuiltIn.quantize(question) { own.words($0) }))
                }
                var squared = question
                let range = given.values[0]
                squared.x = Binary32Vector(
                    question.x.values.map { max(-range, min(range, 2 * $0 * $0.magnitude / range)) })
                return .init(message: Bytes(try BuiltIn.quantize(squared) { own.words($0) }))
            }
        },
        Mutant("ownSignsBiased", of: "oneBit", "its own signs are biased by 1/100", caughtBy: "oneBit.ownSigns") {
            table in
            own(&table) { words in words.map { $0 > 0xfeb8_51eb ? 0 : $0 } }
        },
        Mutant(
            "ownSignsPaired", of: "oneBit", "its own generator gives every word twice", caughtBy: "oneBit.ownSigns"
        ) { table in own(&table) { words in words.indices.map { words[$0 & ~1] } } },
        Mutant(
            "ownSignsReseeded", of: "oneBit", "its own generator begins anew with every message",
            caughtBy: "oneBit.ownSigns"
        ) { table in
            own(&table) { words in
                Philox.words(seed: 1, stream: .quantizer, t: 0, i: 0, first: 0, count: words.count)
            }
        },
    ]

    private static func exactly(_ x: Float) -> Rational { Rational(exactly: x) ?? 0 }

    private static func isPositive(_ x: Float, _ range: Float, _ u: UInt32) -> Bool {
        StochasticSign.isPositive(exactly(x), range: exactly(range), draw: u)
    }

    /// A mutant that decides by a rule of its own in mode G.
    private static func decision(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ isPositive: @escaping @Sendable (Float, Float, UInt32) -> Bool
    ) -> Mutant {
        Mutant(name, of: "oneBit", defect, caughtBy: killer) { table in
            table.answer(OneBitGradientCode.Quantize.self, flags: ["tape"]) { question throws(Refusal) in
                let right = try BuiltIn.quantize(question) { _ in [] }
                guard case .given(let given) = question.bound, question.x.count < 1 << 12 else {
                    return .init(message: Bytes(right))
                }
                let (x, ranges) = (question.x.values, given.values)
                let signs = x.indices.map {
                    isPositive(x[$0], ranges[ranges.count == 1 ? 0 : $0], question.tape?.words[$0] ?? 0)
                }
                return .init(message: Bytes(SignMessage(range: nil, signs: signs).bytes))
            }
        }
    }

    /// A mutant that changes the bytes of the right message, of which the first `header` are the range.
    private static func message(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ change: @escaping @Sendable ([UInt8], _ header: Int) -> [UInt8]
    ) -> Mutant {
        Mutant(name, of: "oneBit", defect, caughtBy: killer) { table in
            table.answer(OneBitGradientCode.Quantize.self, flags: ["tape"]) { question throws(Refusal) in
                let right = try BuiltIn.quantize(question) { _ in [] }
                return .init(message: Bytes(change(right, question.bound == .perMessage ? 4 : 0)))
            }
        }
    }

    /// A mutant whose own generator is a changed one.
    private static func own(
        _ table: inout Implementation.Table, _ change: @escaping @Sendable ([UInt32]) -> [UInt32]
    ) {
        let own = OwnDraws()
        table.answer(OneBitGradientCode.Quantize.self, flags: ["tape", "free"]) { question throws(Refusal) in
            .init(message: Bytes(try BuiltIn.quantize(question) { change(own.words($0)) }))
        }
    }
}
