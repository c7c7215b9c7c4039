import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

/// Rounds of compressed gradient coding in plain loops, any step of which a mutant can replace by a wrong one.
struct FlawedCompressedRounds: RoundSession {
    /// The steps, right unless replaced; vectors have one value a coordinate.
    struct Steps: Sendable {
        /// The weight of worker i for subset k.
        var weight: @Sendable (CompressedGradientCode, RationalMatrix, Int, Int) -> Rational = { $1[$2, $3] }
        /// a from g, e, γ and the number of the round.
        var corrected: @Sendable (_ g: [Float], _ e: [Float], _ step: Float, _ round: Int) -> [Float] = { g, e, γ, _ in
            zip(g, e).map { γ * $0 + $1 }
        }
        /// C(a) as decoded.
        var image: @Sendable ([Float], Compressor) -> [Float] = { a, compressor in
            let message = try? CompressedGradientCode.compress(a, by: compressor)
            return message.flatMap { try? CompressedGradientCode.aggregate([$0], by: compressor) } ?? a
        }
        /// The memory afterwards, from a, C(a), g, e and γ.
        var memory: @Sendable (_ a: [Float], _ m: [Float], _ g: [Float], _ e: [Float], _ step: Float) -> [Float] = {
            a, m, _, _, _ in zip(a, m).map { $0 - $1 }
        }
        /// The memory of a straggler afterwards, from e, g and γ.
        var straggler: @Sendable (_ e: [Float], _ g: [Float], _ step: Float) -> [Float] = { e, _, _ in e }
        /// Whose memory a worker uses.
        var place: @Sendable (_ worker: Int) -> Int = { $0 }
        /// The update from the sum of the messages, with the number of senders, workers, and γ.
        var update: @Sendable (_ sum: [Float], _ senders: Int, _ workers: Int, _ step: Float) -> [Float] = {
            sum, _, _, _ in sum
        }
        /// Who responds in an iteration drawn from a seed.
        var drawn: @Sendable (CompressedGradientCode, UInt64, UInt32) -> [Int] = { code, seed, t in
            ((try? StragglerModel.independent(code.straggling))?.responders(seed: seed, t: t).members) ?? []
        }
        /// The memories when the step changes.
        var changed: @Sendable (_ memory: [Float], _ old: Float, _ new: Float) -> [Float] = { memory, _, _ in memory }
        /// The step after it has been set.
        var set: @Sendable (_ old: Float, _ new: Float) -> Float = { $1 }
        /// Whether memories return with a saved state.
        var restores = true
    }

    private var right: CompressedRounds
    private let matrix: RationalMatrix
    private let steps: Steps
    private var memories: [Int: [Float]]
    private var step: Float
    private var round = 0

    init(_ opening: CompressedGradientCode.Session, own: OwnDraws, _ steps: Steps) throws(Refusal) {
        right = try CompressedRounds(opening, own: own)
        let (code, weights) = (right.code, right.code.weights)
        matrix = RationalMatrix(rows: code.workers, columns: code.subsets) { steps.weight(code, weights, $0, $1) }
        self.steps = steps
        memories = right.memories
        step = right.step
    }

    mutating func round(_ input: CompressedGradientCode.Round) throws(Refusal) -> CompressedGradientCode.Round.Outcome {
        // What the right rounds refuse is refused here too; random compressors have no memory to spoil.
        let answer = try right.round(input)
        let (code, dimension) = (right.code, right.code.dimension)
        guard code.compressor.hasMemory else {
            return .init(
                update: Binary32Vector(steps.update(answer.update.values, 1, code.workers, step)))
        }
        let given = input.seed.map { steps.drawn(code, $0.value, UInt32(input.t ?? 0)) } ?? input.responders ?? []
        var (sum, senders) = ([Float](repeating: 0, count: dimension), 0)
        for worker in code.participants {
            let g = (0..<dimension).map { j in
                Float(
                    matrix.row(worker).enumerated().map { k, weight in
                        weight * (Rational(exactly: input.gradients[k].values[j]) ?? 0)
                    }.total)
            }
            let place = steps.place(worker)
            let e = memories[place] ?? [Float](repeating: 0, count: dimension)
            guard given.contains(worker) else {
                memories[place] = steps.straggler(e, g, step)
                continue
            }
            let a = steps.corrected(g, e, step, round)
            let m = steps.image(a, code.compressor)
            memories[place] = steps.memory(a, m, g, e, step)
            sum = zip(sum, m).map { $0 + $1 }
            senders += 1
        }
        round += 1
        return .init(update: Binary32Vector(steps.update(sum, senders, code.workers, step)))
    }

    mutating func set(step new: Float) throws(Refusal) {
        try right.set(step: new)
        memories = memories.mapValues { steps.changed($0, step, new) }
        step = steps.set(step, new)
    }

    func save() throws(Refusal) -> String {
        let kept = memories.keys.sorted().map { "\($0):" + Binary32Vector(memories[$0] ?? []).hexadecimal }
        return ([String(round), Binary32Vector([step]).hexadecimal] + kept).joined(separator: " ")
    }

    mutating func restore(_ state: String) throws(Refusal) {
        let parts = state.split(separator: " ").map(String.init)
        round = Int(parts[0]) ?? 0
        step = Binary32Vector(hexadecimal: parts[1])?.values.first ?? step
        guard steps.restores else { return }
        for part in parts.dropFirst(2) {
            let pair = part.split(separator: ":").map(String.init)
            if let worker = Int(pair[0]) { memories[worker] = Binary32Vector(hexadecimal: pair[1])?.values }
        }
    }
}
