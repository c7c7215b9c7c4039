import ExactArithmetic
import GradientCodeOperations
import GradientCodes

extension Mutant {
    static let randomness: [Mutant] = [
        Mutant(
            "philoxCounterFirst", of: "philox", "the counter is incremented before the first block",
            caughtBy: "philox.block"
        ) { table in
            table.answer(Philox.Block.self) { question throws(Refusal) in
                guard question.counter.words.count == 4, question.key.words.count == 2 else {
                    throw Refusal(.dimensionMismatch, "sizes")
                }
                let (c, k) = (question.counter.words, question.key.words)
                let block = Philox.block(counter: SIMD4(c[0] &+ 1, c[1], c[2], c[3]), key: SIMD2(k[0], k[1]))
                return DrawnWords(words: Words([block.x, block.y, block.z, block.w]))
            }
        },
        words("carryLost", "the block index is cut to 30 bits' worth of words", caughtBy: "philox.words") { j in
            j & 0xffff_ffff
        },
        words("blockRestart", "every call starts at a block's first word", caughtBy: "philox.wordsAreBlocks") { j in
            j & ~3
        },
        draws("thresholdInclusive", "u ≤ p 2³² straggles", caughtBy: "stragglers.draw") { word, p in
            Rational(word) <= p * Rational(2).power(32)
        },
        draws("stragglersInverted", "responders and stragglers are exchanged", caughtBy: "stragglers.thresholdRule") {
            Rational($0) >= $1 * Rational(2).power(32)
        },
        Mutant(
            "largestStraggle", of: "stragglers", "the s workers with the largest draws straggle",
            caughtBy: "stragglers.exactly"
        ) { table in
            table.answer(StragglerModel.Draw.self) { question throws(Refusal) in
                let model = try question.model()
                let t = try BuiltIn.index(question.t, "t")
                guard case .exactly(let s, let n) = model.law else {
                    return .init(responders: model.responders(seed: question.seed.value, t: t).members)
                }
                let draws = (0..<n).map {
                    Philox.draw(seed: question.seed.value, stream: .stragglers, t: t, i: UInt32($0), j: 0)
                }
                return .init(responders: (0..<n).sorted { draws[$0] > draws[$1] }.dropFirst(s).sorted())
            }
        },
        rounding("doubleRounding", "rounds through binary64") { Float(Double($0)) },
        rounding("truncation", "rounds toward zero") { value in
            let rounded = Float(value)
            guard let exact = Rational(exactly: rounded), exact.magnitude > value.magnitude else { return rounded }
            return value < 0 ? rounded.nextUp : rounded.nextDown
        },
        rounding("tiesAway", "ties go away from zero", caughtBy: "rounding.nearest") { value in
            let rounded = Float(value)
            let away = value < 0 ? rounded.nextDown : rounded.nextUp
            guard let near = Rational(exactly: rounded), let far = Rational(exactly: away) else { return rounded }
            return near.magnitude < value.magnitude && (near + far) / 2 == value ? away : rounded
        },
        rounding("flushToZero", "subnormal results become zero") { value in
            let rounded = Float(value)
            return rounded.isSubnormal ? 0 : rounded
        },
    ]

    private static func words(
        _ name: String, _ defect: String, caughtBy killer: String, _ index: @escaping @Sendable (UInt64) -> UInt64
    ) -> Mutant {
        Mutant(name, of: "philox", defect, caughtBy: killer) { table in
            table.answer(Philox.DrawWords.self) { question throws(Refusal) in
                let (first, end) = try BuiltIn.drawRange(question)
                let stream = RandomStream(rawValue: try BuiltIn.index(question.stream, "stream"))
                let (t, i) = (try BuiltIn.index(question.t, "t"), try BuiltIn.index(question.i, "i"))
                let start = index(first)
                let words = (0..<end - first).map {
                    Philox.draw(seed: question.seed.value, stream: stream, t: t, i: i, j: start + $0)
                }
                return DrawnWords(words: Words(words))
            }
        }
    }

    private static func draws(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ straggles: @escaping @Sendable (UInt32, Rational) -> Bool
    ) -> Mutant {
        Mutant(name, of: "stragglers", defect, caughtBy: killer) { table in
            table.answer(StragglerModel.Draw.self) { question throws(Refusal) in
                let (model, t) = (try question.model(), try BuiltIn.index(question.t, "t"))
                guard let probabilities = question.probabilities else {
                    return .init(responders: model.responders(seed: question.seed.value, t: t).members)
                }
                let responders = probabilities.indices.filter { i in
                    let word = Philox.draw(
                        seed: question.seed.value, stream: .stragglers, t: t, i: UInt32(i), j: 0)
                    return !straggles(word, probabilities[i])
                }
                return .init(responders: responders)
            }
        }
    }

    private static func rounding(
        _ name: String, _ defect: String, caughtBy killer: String = "rounding.binary32",
        _ round: @escaping @Sendable (Rational) -> Float
    ) -> Mutant {
        Mutant(name, of: "rounding", defect, caughtBy: killer) { table in
            table.answer(Rounding.Binary32.self) { .init(values: Binary32Vector($0.values.map(round))) }
        }
    }
}
