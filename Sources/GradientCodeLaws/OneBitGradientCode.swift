import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// Laws of the operations of 1-bit gradient coding. Messages stay opaque: the subject's own `aggregate` reads them.
extension Law {
    static let oneBitGradientCode: [Law] = [
        generated(
            120, id: "oneBit.encodeError",
            "A coded gradient is within ((1+u)^(m+1) − 1) Σ|W_k ∇f_k| of the exact one, in any order, with or without FMA.",
            profile: .core, basis: .derived, section: "numerics.md#recover", needs: ["oneBit.encode"]
        ) { choices in
            let (subsets, dimension) = (choices.integer(in: 1...6), choices.integer(in: 1...5))
            let weights = (0..<subsets).map { _ in
                Rational(choices.integer(in: 0...40) - 8, choices.integer(in: 1...12))
            }
            let gradients = (0..<subsets).map { _ in (0..<dimension).map { _ in choices.plainFloat() } }
            return (weights: weights, gradients: gradients)
        } trial: { drawn, examiner in
            let question = OneBitGradientCode.Encode(
                gradients: drawn.gradients.map { Binary32Vector($0) }, weights: drawn.weights)
            let expected = OneBitGradientCode.enclosure(drawn.weights, drawn.gradients)
            try await examiner.check([(question, expected)], profile: .core)
        },
        generated(
            25, id: "oneBit.sendingProbability",
            "+B is sent with probability (B + x)/(2B), within 3 · 2^−drawBits, for certain at x = B: by bisection of the draw.",
            profile: .core, basis: .paper, section: "OneBitGradientCode.md#quantiser",
            needs: ["oneBit.quantize+tape", "oneBit.aggregate"]
        ) { choices in
            SignCase(&choices)
        } trial: { drawn, examiner in
            let bisection = try await SignBisection(dimension: drawn.x.count, checks: drawn.checks) { tape in
                try await drawn.signs(tape, by: examiner)
            }
            if let mismatch = bisection.mismatch(
                x: drawn.x.map(GradientCode.exact), ranges: drawn.ranges.map(GradientCode.exact),
                conventions: examiner.conventions)
            {
                throw Violation(drawn.question(tape: drawn.checks[0]), mismatch)
            }
        },
        generated(
            150, id: "oneBit.threshold", "+B is sent by the draws 0 … ⌈2³² (B + x)/(2B)⌉ − 1 and by no others.",
            profile: .tape, basis: .house, section: "OneBitGradientCode.md#decision",
            needs: ["oneBit.quantize+tape"]
        ) { choices in
            SignCase(&choices)
        } trial: { drawn, examiner in
            let thresholds = zip(drawn.x, drawn.ranges).map { x, range in
                Int(exactly: StochasticSign.threshold(of: GradientCode.exact(x), range: GradientCode.exact(range))) ?? 0
            }
            let expectations = [-2, -1, 0, 1].map { offset in
                let tape = thresholds.map { UInt32(clamping: $0 + offset) }
                let signs = zip(tape, thresholds).map { Int($0) < $1 }
                return (
                    drawn.question(tape: tape),
                    OneBitGradientCode.Quantize.Expected.message(SignMessage(range: nil, signs: signs).bytes)
                )
            }
            try await examiner.check(expectations, profile: .tape)
        },
        generated(
            40, id: "oneBit.decodedTwice",
            "A message is ±B in every coordinate, and twice in a list it counts twice: reading it does not change it.",
            profile: .core, basis: .derived, section: "OneBitGradientCode.md#wire-format",
            needs: ["oneBit.quantize+tape", "oneBit.aggregate"]
        ) { choices in
            (
                case: SignCase(&choices, ranges: [1, 3, 0x1p-149, 3 * 0x1p-149, 0x1.234566p-20]),
                isPerMessage: choices.coin()
            )
        } trial: { drawn, examiner in
            let own = drawn.isPerMessage
            let question =
                own
                ? OneBitGradientCode.Quantize(
                    x: Binary32Vector(drawn.case.x), bound: .perMessage, tape: Words(drawn.case.checks[0]))
                : drawn.case.question(tape: drawn.case.checks[0])
            let message = try await examiner.answer(question).message
            let (once, twice) = (drawn.case.aggregate([message], own), drawn.case.aggregate([message, message], own))
            let answers = try await examiner.answers([once, twice]).map(\.update)
            let largest = drawn.case.x.map(\.magnitude).max() ?? 0
            let expected = own ? drawn.case.x.map { _ in largest } : drawn.case.ranges
            guard answers[0].values.map(\.magnitude) == expected else {
                throw Violation(once, Mismatch("a coordinate is not ±B", expected: "\(expected)", received: answers[0]))
            }
            guard answers[1].values == answers[0].values.map({ 2 * $0 }) else {
                let doubled = Binary32Vector(answers[0].values.map { 2 * $0 })
                throw Violation(twice, Mismatch("not twice the message", expected: doubled, received: answers[1]))
            }
        },
        generated(
            25, id: "oneBit.pathwise",
            "On every run the model descends exactly as Theorem 8 says: F(θ_T) = F(θ_0) + Σ(−γ⟨∇F, Y⟩ + Lγ²‖Y‖²/2), ‖Y‖_∞ ≤ β.",
            profile: .core, basis: .derived, section: "OneBitGradientCode.md#theorem-8",
            needs: ["oneBit.quantize+tape", "oneBit.aggregate", "oneBit.step"]
        ) { choices in
            let dimension = choices.integer(in: 1...9)
            let start = (0..<dimension).map { _ in Float(choices.integer(in: 0...8) - 4) }
            return (start: start, tapes: (0..<12).map { _ in choices.words(dimension) })
        } trial: { drawn, examiner in
            try await descend(from: drawn.start, drawn.tapes, examiner)
        },
    ]

    /// F(θ) = ‖θ‖²/2, one worker that never straggles, so g = θ, and Theorem 8 is an equality. From an integer start B = 8
    /// and γ = 1/8 move every coordinate by ±1, at ±8 inwards for certain: RANGE holds for ever, every number is a float.
    private static func descend(from start: [Float], _ tapes: [[UInt32]], _ examiner: Examiner) async throws {
        let (range, γ) = (8 as Float, 0.125 as Float)
        var model = start
        var bound = start.map(GradientCode.exact).map { $0 * $0 / 2 }.total
        for tape in tapes {
            let bound32 = SignRange.given([range])
            let quantize = OneBitGradientCode.Quantize(x: Binary32Vector(model), bound: bound32, tape: Words(tape))
            let message = try await examiner.answer(quantize).message
            let aggregate = OneBitGradientCode.Aggregate(
                messages: [message], bound: bound32, dimension: model.count)
            let step = OneBitGradientCode.Step(
                model: Binary32Vector(model), step: [γ], messages: [message], bound: bound32)
            let update = try await examiner.answer(aggregate).update
            guard update.count == model.count, update.values.allSatisfy({ $0.magnitude <= range }) else {
                throw Violation(aggregate, Mismatch("‖Y‖_∞ exceeds β", expected: "at most \(range)", received: update))
            }
            let answer = try await examiner.answer(step).model
            guard answer.count == model.count, answer.isFinite else {
                throw Violation(step, Mismatch("not a model", expected: "\(model.count) numbers", received: answer))
            }
            let (y, θ) = (update.values.map(GradientCode.exact), model.map(GradientCode.exact))
            let g = GradientCode.exact(γ)
            bound += -g * θ.innerProduct(y) + g * g * y.innerProduct(y) / 2
            model = answer.values
            let value = model.map(GradientCode.exact).map { $0 * $0 / 2 }.total
            guard value == bound else {
                throw Violation(step, Mismatch("another loss than by Theorem 8", expected: bound, received: value))
            }
        }
    }
}

/// Eight coordinates with a range each, and draws to try them at.
private struct SignCase: Sendable {
    let x: [Float]
    let ranges: [Float]
    let checks: [[UInt32]]

    /// Twice each is a float: core asks for nothing that overflows on the way.
    static let ranges: [Float] = [1, 3, 0x1p-149, 3 * 0x1p-149, 0x1.fffffep126, 0x1.234566p-20]

    init(_ choices: inout Choices, ranges some: [Float] = Self.ranges) {
        let dimension = 8
        var (x, ranges): ([Float], [Float]) = ([], [])
        for _ in 0..<dimension {
            let range: Float = choices.element(of: some)
            let value: Float
            switch choices.integer(in: 0...5) {
            case 0: value = 0
            case 1: value = range
            case 2: value = range * 0.5
            case 3: value = range.nextDown
            case 4: value = 0x1p-149
            default: value = range * (Float(choices.integer(in: 0...0xff_ffff)) * 0x1p-24)
            }
            x.append((choices.coin() ? -1 : 1) * min(value, range))
            ranges.append(range)
        }
        (self.x, self.ranges) = (x, ranges)
        checks = (0..<4).map { _ in choices.words(dimension) }
    }

    func question(tape: [UInt32]) -> OneBitGradientCode.Quantize {
        .init(x: Binary32Vector(x), bound: .given(Binary32Vector(ranges)), tape: Words(tape))
    }

    func aggregate(_ messages: [Bytes], _ isPerMessage: Bool) -> OneBitGradientCode.Aggregate {
        .init(
            messages: messages, bound: isPerMessage ? .perMessage : .given(Binary32Vector(ranges)), dimension: x.count)
    }

    /// The signs that the subject reads from its own message.
    func signs(_ tape: [UInt32], by examiner: Examiner) async throws -> [Bool] {
        let message = try await examiner.answer(question(tape: tape)).message
        let question = aggregate([message], false)
        let update = try await examiner.answer(question).update
        guard update.values.map(\.magnitude) == ranges else {
            throw Violation(question, Mismatch("a coordinate is not ±B", expected: "\(ranges)", received: update))
        }
        return update.values.map { $0 > 0 }
    }
}

extension Choices {
    /// A float of any sign and of moderate size.
    mutating func plainFloat() -> Float {
        let sign: Float = coin() ? -1 : 1
        guard coin() else { return sign * Float(integer(in: 0...9)) }
        let exponent = UInt32(integer(in: 0...60)) + 97
        return sign * Float(bitPattern: exponent << 23 | UInt32(draw(upTo: 0x7f_ffff)))
    }
}
