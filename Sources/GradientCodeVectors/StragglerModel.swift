import ExactArithmetic
import GradientCodeOperations
import GradientCodes

extension StragglerModel {
    /// Vectors of `stragglers.draw`.
    static var drawVectors: VectorFile {
        var file = VectorFileBuilder(
            Draw.self, "Who responds: worker i straggles when its draw u has u den < num 2^32, or among exactly s.")
        let golden = Draw(
            seed: 20_240_319, t: 5, probabilities: [Rational(1, 4), 0, Rational(1, 2), Rational(3, 8)])
        file.group(1, "IndependentStragglers", profile: .tape, basis: .house) { tests in
            tests.valid(1, "the golden iteration", [.handExample], golden, .init(responders: [1, 2, 3]))
            let half = Draw(seed: 20_260_317, t: 0, probabilities: Array(repeating: Rational(1, 2), count: 4))
            tests.valid(
                2, "draws 2085727545 654353140 3941228614 2703893554", [.handExample], half, .init(responders: [2, 3]))
            // Worker 0 draws u = 999148941 in the golden iteration: it straggles iff u < p 2^32.
            let u = 999_148_941
            let at = Rational(u, 1 << 32)
            let above = Rational(u + 1, 1 << 32)
            tests.valid(
                3, "p = u / 2^32: responds", [.threshold], Draw(seed: 20_240_319, t: 5, probabilities: [at]),
                .init(responders: [0]))
            tests.valid(
                4, "p = (u + 1) / 2^32: straggles", [.threshold], Draw(seed: 20_240_319, t: 5, probabilities: [above]),
                .init(responders: []))
            let between = at + Rational(1, Int.max)
            tests.valid(
                5, "a little more than u / 2^32, with a denominator beyond 32 bits: straggles", [.threshold],
                Draw(seed: 20_240_319, t: 5, probabilities: [(between * Rational(Int.max)).floor / Rational(Int.max)]),
                .init(responders: []))
            tests.valid(
                6, "p = 0 and p = 1", [.smallest], Draw(seed: 7, t: 0, probabilities: [0, 1, 0, 1]),
                .init(responders: [0, 2]))
            for t in 0..<8 {
                let question = Draw(seed: 7, t: t, probabilities: (0..<16).map { Rational($0, 16) })
                tests.valid(10 + t, "sixteen workers, iteration \(t)", [.normal], question, answer(question))
            }
        }
        file.group(2, "ExactlyS", profile: .tape, basis: .house) { tests in
            for s in 0...6 {
                let question = Draw(seed: 7, t: s, stragglers: s, workers: 6)
                tests.valid(20 + s, "\(s) of 6", [s == 0 || s == 6 ? .smallest : .normal], question, answer(question))
            }
        }
        file.group(3, "Refusals", profile: .tape, basis: .house) { tests in
            func refuse(_ tcId: Int, _ comment: String, _ question: Draw, _ kind: Refusal.Kind = .invalidParameters) {
                tests.invalid(tcId, comment, [.invalidParameters], question, kind)
            }
            refuse(40, "no worker", Draw(seed: 1, t: 0, probabilities: []))
            refuse(41, "no model", Draw(seed: 1, t: 0, probabilities: nil, stragglers: nil, workers: nil))
            refuse(42, "two models", Draw(seed: 1, t: 0, probabilities: [0], stragglers: 0, workers: 1))
            refuse(43, "more stragglers than workers", Draw(seed: 1, t: 0, stragglers: 3, workers: 2))
            refuse(44, "negative stragglers", Draw(seed: 1, t: 0, stragglers: -1, workers: 2))
            refuse(45, "no worker of whom none straggles", Draw(seed: 1, t: 0, stragglers: 0, workers: 0))
            refuse(46, "iteration 2^32", Draw(seed: 1, t: 0x1_0000_0000, probabilities: [0]))
            refuse(47, "negative iteration", Draw(seed: 1, t: -1, probabilities: [0]))
            refuse(
                48, "a probability above 1", Draw(seed: 1, t: 0, probabilities: [Rational(3, 2)]), .invalidProbability)
            refuse(
                49, "a negative probability", Draw(seed: 1, t: 0, probabilities: [Rational(-1, 2)]), .invalidProbability
            )
            refuse(51, "a bad iteration and a bad probability: the iteration", Draw(seed: 1, t: -1, probabilities: [2]))
            let tiny = Rational(2).power(-65)
            refuse(50, "a denominator of 66 bits", Draw(seed: 1, t: 0, probabilities: [tiny]), .invalidProbability)
        }
        return file.file
    }

    /// By the contract's words: the draws, then the threshold rule in rationals or the order of (u_i, i).
    private static func answer(_ question: Draw) -> Draw.Answer {
        let workers = question.probabilities?.count ?? question.workers ?? 0
        let draws = (0..<workers).map { i in
            Philox.draw(seed: question.seed.value, stream: .stragglers, t: UInt32(question.t), i: UInt32(i), j: 0)
        }
        if let probabilities = question.probabilities {
            let responds = (0..<workers).filter { Rational(draws[$0]) >= probabilities[$0] * Rational(2).power(32) }
            return .init(responders: responds)
        }
        let order = (0..<workers).sorted { (draws[$0], $0) < (draws[$1], $1) }
        return .init(responders: order.dropFirst(question.stragglers ?? 0).sorted())
    }
}
