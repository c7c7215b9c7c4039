import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

/// Rounds of 1-bit gradient coding in plain loops, any step of which a mutant can replace by a wrong one.
struct FlawedOneBitRounds: RoundSession {
    /// The steps, right unless replaced.
    struct Steps: Sendable {
        /// The weight of worker i for subset k.
        var weight: @Sendable (OneBitGradientCode, RationalMatrix, Int, Int) -> Rational = { $1[$2, $3] }
        /// Mode S: B of a coded gradient.
        var scale: @Sendable ([Float]) -> Float = { $0.map(\.magnitude).max() ?? 0 }
        /// Whether +B is sent.
        var isPositive: @Sendable (_ x: Float, _ range: Float, _ draw: UInt32) -> Bool = { x, range, draw in
            range > 0
                && StochasticSign.isPositive(
                    Rational(exactly: x) ?? 0, range: Rational(exactly: range) ?? 0, draw: draw)
        }
        /// Whether a coordinate outside its range is refused.
        var refuses = true
        /// The word of coordinate j of the sender at a place of so many, D coordinates each.
        var word: @Sendable (_ place: Int, _ worker: Int, _ j: Int, _ dimension: Int) -> Int = {
            $0 * $3 + $2
        }
        /// What a sign is decoded to.
        var decoded: @Sendable (_ isPositive: Bool, _ range: Float) -> Float = { $0 ? $1 : -$1 }
        /// The update from the sum of the messages, with the numbers of senders and workers.
        var update: @Sendable (_ sum: [Float], _ senders: Int, _ workers: Int, _ range: Float) -> [Float] = {
            sum, _, _, _ in sum
        }
        /// Who responds, from those who do.
        var responders: @Sendable ([Int], _ workers: Int) -> [Int] = { responders, _ in responders }
        /// Whether a worker with data and these weights takes part.
        var takesPart: @Sendable (_ weights: [Rational]) -> Bool = { _ in true }
        /// Who responds in an iteration drawn from a seed.
        var drawn: @Sendable (OneBitGradientCode, UInt64, UInt32) -> [Int] = { code, seed, t in
            ((try? StragglerModel.independent(code.straggling))?.responders(seed: seed, t: t).members) ?? []
        }
        /// Who responds by the subject's own words, one a worker.
        var freely: @Sendable (OneBitGradientCode, [UInt32]) -> [Int] = { code, words in
            words.indices.filter { !code.straggling[$0].occurs(at: words[$0]) }
        }
        /// The subject's own words for a sender.
        var own: @Sendable (_ words: [UInt32]) -> [UInt32] = { $0 }
    }

    private var right: OneBitRounds
    private let matrix: RationalMatrix
    private let steps: Steps
    private let own: OwnDraws

    init(_ opening: OneBitGradientCode.Session, own: OwnDraws, _ steps: Steps) throws(Refusal) {
        right = try OneBitRounds(opening, own: own)
        let (code, given) = (right.code, opening.weights.flatMap { RationalMatrix($0) })
        let weights = given ?? code.weights
        matrix = RationalMatrix(rows: code.workers, columns: code.subsets) { steps.weight(code, weights, $0, $1) }
        self.steps = steps
        self.own = own
    }

    mutating func round(_ input: OneBitGradientCode.Round) throws(Refusal) -> OneBitGradientCode.Round.Outcome {
        // What the right rounds refuse for anything but a range is refused here too.
        do throws(Refusal) { _ = try right.round(input) } catch {
            if error.kind != .outOfRange || steps.refuses { throw error }
        }
        let (code, dimension) = (right.code, right.dimension)
        let holders = Set(code.participants)
        let given =
            input.seed.map { seed in steps.drawn(code, seed.value, UInt32(input.t ?? 0)) } ?? input.responders
            ?? steps.freely(code, own.words(code.workers))
        let senders = steps.responders(given.sorted(), code.workers).filter {
            holders.contains($0) && steps.takesPart(matrix.row($0))
        }
        var sum = [Float](repeating: 0, count: dimension)
        for (place, worker) in senders.enumerated() {
            let x = (0..<dimension).map { j in
                Float(
                    matrix.row(worker).enumerated().map { k, weight in
                        weight * (Rational(exactly: input.gradients[k].values[j]) ?? 0)
                    }.total)
            }
            let scale = steps.scale(x)
            let words = words(of: worker, at: place, input)
            for j in 0..<dimension {
                let range = right.ranges.map { $0[$0.count == 1 ? 0 : j] } ?? scale
                let clipped = max(-range, min(range, x[j]))
                let message = steps.decoded(steps.isPositive(clipped, range, words[j]), range)
                sum[j] += message
            }
        }
        let update = steps.update(sum, senders.count, code.workers, right.ranges?[0] ?? 1)
        return .init(update: Binary32Vector(update))
    }

    private func words(of worker: Int, at place: Int, _ input: OneBitGradientCode.Round) -> [UInt32] {
        let dimension = right.dimension
        if let seed = input.seed {
            return Philox.words(
                seed: seed.value, stream: .quantizer, t: UInt32(input.t ?? 0), i: UInt32(worker), first: 0,
                count: dimension)
        }
        guard let tape = input.tape?.words else { return steps.own(own.words(dimension)) }
        // Senders that the tape does not know of, or another order: whatever is there.
        return (0..<dimension).map { j in
            tape.isEmpty ? 0 : tape[steps.word(place, worker, j, dimension) % tape.count]
        }
    }

    mutating func set(step: Float) throws(Refusal) {}
    func save() throws(Refusal) -> String { try right.save() }
    mutating func restore(_ state: String) throws(Refusal) { try right.restore(state) }
}
