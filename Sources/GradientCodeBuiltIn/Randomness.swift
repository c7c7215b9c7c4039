import ExactArithmetic
import GradientCodeOperations
import GradientCodes

extension BuiltIn {
    static func answerRandomness(_ table: inout Implementation.Table) {
        table.answer(Philox.Block.self) { question throws(Refusal) in
            let (counter, key) = (question.counter.words, question.key.words)
            guard counter.count == 4, key.count == 2 else {
                throw Refusal(.dimensionMismatch, "expected 4 and 2 words, found \(counter.count) and \(key.count)")
            }
            let block = Philox.block(
                counter: SIMD4(counter[0], counter[1], counter[2], counter[3]), key: SIMD2(key[0], key[1]))
            return DrawnWords(words: Words([block.x, block.y, block.z, block.w]))
        }
        table.answer(Philox.DrawWords.self, unless: tooManyWords) {
            question throws(Refusal) in
            let (first, end) = try drawRange(question)
            let words = Philox.words(
                seed: question.seed.value, stream: RandomStream(rawValue: try index(question.stream, "stream")),
                t: try index(question.t, "t"), i: try index(question.i, "i"), first: first, count: Int(end - first))
            return DrawnWords(words: Words(words))
        }
        table.answer(StragglerModel.Draw.self) { question throws(Refusal) in
            let t = try index(question.t, "t")
            let responders = try question.model().responders(seed: question.seed.value, t: t)
            return .init(responders: responders.members)
        }
        table.answer(Rounding.Binary32.self, regression: true) { question in
            .init(values: Binary32Vector(question.values.map { Float($0) }))
        }
    }

    private static func tooManyWords(_ question: Philox.DrawWords) -> String? {
        let isValid = (try? drawRange(question)) != nil
        return isValid && question.count > 1 << 22 ? "more than 2^22 words" : nil
    }

    /// The draws asked for, checked against the counter's width.
    static func drawRange(_ question: Philox.DrawWords) throws(Refusal) -> (first: UInt64, end: UInt64) {
        let limit = 1 << 34
        guard question.first >= 0, question.count >= 0, question.first <= limit,
            question.count <= limit - question.first
        else {
            throw Refusal(.invalidParameters, "draws \(question.first) and \(question.count) more are not below 2^34")
        }
        return (UInt64(question.first), UInt64(question.first + question.count))
    }

    /// An index of the draw contract.
    static func index(_ value: Int, _ name: String) throws(Refusal) -> UInt32 {
        guard let index = UInt32(exactly: value) else {
            throw Refusal(.invalidParameters, "\(name) is \(value), expected 0 ..< 2^32")
        }
        return index
    }
}
