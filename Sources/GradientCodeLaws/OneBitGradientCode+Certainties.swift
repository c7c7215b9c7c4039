import ExactArithmetic
import GradientCodeOperations
import GradientCodeVectors
import GradientCodes

// What is certain whichever words are drawn: at x = ±B the sign, beyond it the refusal. So a subject that only draws by
// itself is examined here as exactly as one with a tape.
extension Law {
    static let oneBitCertainties: [Law] = [
        generated(
            30, id: "oneBit.certainSigns", "x = B is always sent as +B and x = −B as −B; |x| > B is refused.",
            profile: .core, basis: .paper, section: "OneBitGradientCode.md#quantiser",
            needs: ["oneBit.quantize", "oneBit.aggregate"]
        ) { choices in
            let dimension = choices.integer(in: 1...40)
            let one = choices.coin()
            let ranges = (0..<(one ? 1 : dimension)).map { _ in choices.element(of: [1 as Float, 3, 0x1p-20, 0.1]) }
            let signs = (0..<dimension).map { _ in choices.coin() }
            return (ranges: ranges, signs: signs, tape: choices.extremeWords(dimension))
        } trial: { drawn, examiner in
            let dimension = drawn.signs.count
            let x = drawn.signs.indices.map { j in
                (drawn.signs[j] ? 1 : -1) * drawn.ranges[drawn.ranges.count == 1 ? 0 : j]
            }
            let bound = SignRange.given(Binary32Vector(drawn.ranges))
            let tape = examiner.subject.declaration.offers("oneBit.quantize", "tape") ? Words(drawn.tape) : nil
            let question = OneBitGradientCode.Quantize(x: Binary32Vector(x), bound: bound, tape: tape)
            let message = try await examiner.answer(question).message
            let aggregate = OneBitGradientCode.Aggregate(messages: [message], bound: bound, dimension: dimension)
            let update = try await examiner.answer(aggregate).update
            guard update.values == x else {
                throw Violation(
                    question, Mismatch("not the certain signs", expected: Binary32Vector(x), received: update))
            }
            var outside = question
            outside.x = Binary32Vector([x[0] * 1.25] + x.dropFirst())
            guard case .failure(let refusal) = try await examiner.ask([outside])[0], refusal.kind == .outOfRange else {
                throw Violation(
                    outside, Mismatch("|x| > B was not refused", expected: "outOfRange", received: outside.x))
            }
        },
        generated(
            40, id: "oneBit.roundsCertainSigns",
            "Where every coded gradient is ±B, a round's update is their sum for certain; beyond B it is refused.",
            profile: .core, basis: .paper, section: "OneBitGradientCode.md#encoder", needs: ["oneBit.round"]
        ) { choices in
            CertainRound(&choices)
        } trial: { round, examiner in
            try await round.judge(by: examiner)
        },
        generated(
            30, id: "oneBit.serverAdds",
            "The update of several messages is the sum of their updates; a step is θ − γ times it, projected on the box.",
            profile: .core, basis: .paper, section: "OneBitGradientCode.md#server",
            needs: ["oneBit.quantize+tape", "oneBit.aggregate", "oneBit.step"]
        ) { choices in
            let dimension = choices.integer(in: 1...20)
            let tapes = (0..<choices.integer(in: 1...5)).map { _ in choices.words(dimension) }
            let model = (0..<dimension).map { _ in Float(choices.integer(in: 0...64) - 32) / 4 }
            return (tapes: tapes, model: model, hasBox: choices.coin(), isPerMessage: choices.coin())
        } trial: { drawn, examiner in
            try await addUp(drawn.tapes, drawn.model, drawn.hasBox, drawn.isPerMessage, examiner)
        },
    ]

    /// Messages of x = (1, −1/2, 1, …) in ±2, or in mode S in ±1; all numbers are small dyadic ones.
    private static func addUp(
        _ tapes: [[UInt32]], _ model: [Float], _ hasBox: Bool, _ isPerMessage: Bool, _ examiner: Examiner
    ) async throws {
        let bound: SignRange = isPerMessage ? .perMessage : .given([2])
        let x = Binary32Vector(model.indices.map { $0 % 2 == 0 ? 1 : -0.5 })
        let quantize = tapes.map { OneBitGradientCode.Quantize(x: x, bound: bound, tape: Words($0)) }
        let messages = try await examiner.answers(quantize).map(\.message)
        func aggregate(_ messages: [Bytes]) -> OneBitGradientCode.Aggregate {
            .init(messages: messages, bound: bound, dimension: model.count)
        }
        let alone = try await examiner.answers(messages.map { aggregate([$0]) }).map(\.update.values)
        let whole = aggregate(messages)
        let update = try await examiner.answer(whole).update
        let sum = model.indices.map { j in alone.map { $0.indices.contains(j) ? $0[j] : .nan }.reduce(0, +) }
        guard update.values == sum else {
            throw Violation(whole, Mismatch("not the sum", expected: Binary32Vector(sum), received: update))
        }
        let box = hasBox ? (lower: model.map { $0 - 0.5 }, upper: model.map { $0 + 0.25 }) : nil
        let step = OneBitGradientCode.Step(
            model: Binary32Vector(model), step: [0.125], messages: messages, bound: bound,
            lower: box.map { Binary32Vector($0.lower) }, upper: box.map { Binary32Vector($0.upper) })
        let moved = model.indices.map { j in
            let free = model[j] - 0.125 * sum[j]
            return box.map { min(max(free, $0.lower[j]), $0.upper[j]) } ?? free
        }
        let answer = try await examiner.answer(step).model
        guard answer.values == moved else {
            throw Violation(step, Mismatch("another model", expected: Binary32Vector(moved), received: answer))
        }
    }
}

/// A round in which every sign is certain: coded gradients that are ±B in every coordinate.
///
/// Worker 0 holds both subsets, worker 1 the second: g_0 = w_00 a + w_01 b and g_1 = w_11 b are solved for a and b.
private struct CertainRound: Sendable {
    let scheme: OneBitCase
    let gradients: [[Float]]
    let responders: [Int]
    let tape: [UInt32]
    let expected: [Rational]

    init(_ choices: inout Choices) {
        let half = Rational(1, 2)
        let dimension = 24
        let probabilities = [choices.element(of: [half, Rational(3, 4), 0]), choices.element(of: [0, half]), 0]
        let given: [[Rational]]? =
            choices.integer(in: 0...2) == 2
            ? [[1 / (1 - probabilities[0]), 2 / (1 - probabilities[0])], [0, -1 / (1 - probabilities[1])], [0, 0]] : nil
        let one = choices.coin()
        let ranges = (0..<(one ? 1 : dimension)).map { _ in choices.element(of: [8 as Float, 16, 24]) }
        let scheme = OneBitCase(
            allocation: [[1, 1], [0, 1], [0, 0]], probabilities: probabilities, weights: given,
            bound: .given(Binary32Vector(ranges)), dimension: dimension)
        let signs = (0..<2).map { _ in (0..<dimension).map { _ in Rational(choices.coin() ? -1 : 1) } }
        let w = scheme.weights
        let bound = (0..<dimension).map { GradientCode.exact(ranges[one ? 0 : $0]) }
        let second = bound.indices.map { signs[1][$0] * bound[$0] / w[1, 1] }
        let first = bound.indices.map { (signs[0][$0] * bound[$0] - w[0, 1] * second[$0]) / w[0, 0] }
        gradients = [first.map { Float($0) }, second.map { Float($0) }]
        responders = choices.shuffled(choices.subset(of: 0..<3))
        let senders = responders.filter { $0 < 2 }
        expected = bound.indices.map { j in senders.map { signs[$0][j] * bound[j] }.total }
        tape = choices.extremeWords(senders.count * dimension)
        self.scheme = scheme
    }

    func judge(by examiner: Examiner) async throws {
        let words = examiner.subject.declaration.offers("oneBit.round", "tape") ? Words(tape) : nil
        let vectors = gradients.map { Binary32Vector($0) }
        let round = OneBitGradientCode.Round(gradients: vectors, responders: responders, tape: words)
        var outside = round
        outside.gradients = gradients.map { Binary32Vector($0.map { 2 * $0 }) }
        let session = OneBitSession(scheme, examiner)
        let isSent = responders.contains { $0 < 2 }
        var commands = [session.open, .round(session: session.number, round)]
        if isSent { commands.append(.round(session: session.number, outside)) }
        let replies = try await examiner.replies(to: commands + [session.close])
        let outcome = try session.outcome(replies[1], of: round)
        guard outcome.update == expected else {
            throw session.violation(
                round, Mismatch("not the certain update", expected: expected, received: outcome.answer))
        }
        guard isSent else { return }
        guard case .refused(let refusal) = replies[2], refusal.kind == .outOfRange else {
            throw session.violation(
                outside,
                Mismatch("coded gradients of ±2B were not refused", expected: "outOfRange", received: "\(replies[2])"))
        }
    }
}

extension Choices {
    /// So many words, two of three at an end.
    fileprivate mutating func extremeWords(_ count: Int) -> [UInt32] {
        (0..<count).map { _ in element(of: [0, .max, UInt32(draw(upTo: 0xffff_ffff))]) }
    }
}
