import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodes
import Synchronization

// Known mistakes in rounds of compressed gradient coding (`docs/CompressedGradientCode.md#mistakes`).
extension Mutant {
    static let compressedRounds: [Mutant] = [
        rounds("compressedWeightsWithoutP", "weights are not divided by 1 − p", caughtBy: "compressed.runsObeyBounds") {
            $0.weight = { code, weights, i, k in weights[i, k] * (1 - Rational(code.straggling[i])) }
        },
        rounds("compressedWeightsWithoutD", "weights are not divided by d", caughtBy: "compressed.memory") {
            $0.weight = { code, weights, i, k in weights[i, k] * Rational(code.allocation.replication[k]) }
        },
        rounds("memoryNotAdded", "the gradient is compressed without the memory", caughtBy: "compressed.memory") {
            $0.corrected = { g, _, γ, _ in g.map { γ * $0 } }
        },
        rounds("stepOutside", "g + e is compressed, without γ", caughtBy: "compressed.memory") {
            $0.corrected = { g, e, _, _ in zip(g, e).map { $0 + $1 } }
        },
        rounds("memoryWithoutStep", "the memory is made from g + e", caughtBy: "compressed.memory") {
            $0.memory = { _, m, g, e, _ in m.indices.map { g[$0] + e[$0] - m[$0] } }
        },
        rounds("tailNotRemembered", "the memory ends after 16 coordinates", caughtBy: "compressed.longVectors") {
            $0.memory = { a, m, _, _, _ in a.indices.map { $0 < 16 ? a[$0] - m[$0] : 0 } }
        },
        rounds("memoryOverwritten", "the memory forgets what it held before", caughtBy: "compressed.memory") {
            $0.memory = { _, m, g, _, γ in m.indices.map { γ * g[$0] - m[$0] } }
        },
        rounds("memoryOtherSign", "the memory is C(a) − a", caughtBy: "compressed.memory") {
            $0.memory = { a, m, _, _, _ in zip(a, m).map { $1 - $0 } }
        },
        rounds("memoryAddsMessage", "the memory is a + C(a)", caughtBy: "compressed.memory") {
            $0.memory = { a, m, _, _, _ in zip(a, m).map { $0 + $1 } }
        },
        rounds(
            "memoryZeroSign", "the memory is made with sgn(0) = 0, the message with +", caughtBy: "compressed.memory"
        ) {
            $0.memory = { a, m, _, _, _ in zip(a, m).map { $0 == 0 ? 0 : $0 - $1 } }
        },
        rounds("oneMemoryForAll", "all workers share one memory", caughtBy: "compressed.memory") {
            $0.place = { _ in 0 }
        },
        rounds("stragglerStores", "a straggler stores γg", caughtBy: "compressed.drained") {
            $0.straggler = { e, g, γ in zip(e, g).map { $0 + γ * $1 } }
        },
        rounds("stragglerResets", "a straggler resets its memory", caughtBy: "compressed.drained") {
            $0.straggler = { e, _, _ in e.map { _ in 0 } }
        },
        rounds("stragglerRenews", "a straggler renews its memory as if it had sent", caughtBy: "compressed.memory") {
            $0.straggler = { e, g, γ in
                let a = zip(e, g).map { $0 + γ * $1 }
                let largest = a.indices.max { (a[$0].magnitude, $1) < (a[$1].magnitude, $0) }
                return a.indices.map { $0 == largest ? 0 : a[$0] }
            }
        },
        rounds("noFeedback", "nothing is remembered", caughtBy: "compressed.feedbackConverges") {
            $0.memory = { a, _, _, _, _ in a.map { _ in 0 } }
        },
        rounds("firstStepSkipped", "the first round takes γ = 1", caughtBy: "compressed.memory") {
            $0.corrected = { g, e, γ, round in zip(g, e).map { (round == 0 ? 1 : γ) * $0 + $1 } }
        },
        rounds("stepTwice", "the server multiplies by γ again", caughtBy: "compressed.memory") {
            $0.update = { sum, _, _, γ in sum.map { γ * $0 } }
        },
        rounds("averagedOverResponders", "the sum is divided by the number of senders", caughtBy: "compressed.memory") {
            $0.update = { sum, senders, _, _ in sum.map { $0 / Float(max(1, senders)) } }
        },
        rounds("compressedAscent", "the update has the other sign", caughtBy: "compressed.feedbackConverges") {
            $0.update = { sum, _, _, _ in sum.map { -$0 } }
        },
        rounds(
            "memoryBeforeRounding", "the memory is made from the scale before it is rounded",
            caughtBy: "compressed.decodedMemory"
        ) {
            $0.memory = { a, m, _, _, _ in
                let scale = a.map { Double($0.magnitude) }.reduce(0, +) / Double(a.count)
                // Signs only: elsewhere message and scale do not belong together.
                guard Set(m.map(\.magnitude)).count == 1, Float(scale) == m[0].magnitude else {
                    return zip(a, m).map { $0 - $1 }
                }
                return zip(a, m).map { Float(Double($0) - ($1 < 0 ? -scale : scale)) }
            }
        },
        rounds("memoryRescaled", "the memory is rescaled with the step", caughtBy: "compressed.changedSteps") {
            $0.changed = { memory, old, new in memory.map { $0 * (new / old) } }
        },
        rounds("stepNotSet", "a new step is ignored", caughtBy: "compressed.changedSteps") {
            $0.set = { old, _ in old }
        },
        rounds("memoryNotRestored", "memories do not return with a state", caughtBy: "compressed.savedRoundsRepeat") {
            $0.restores = false
        },
        rounds("tiesToTheLarger", "of equal magnitudes the larger index is kept", caughtBy: "compressed.goldenRun") {
            let right = $0.image
            $0.image = { a, compressor in
                guard case .topK = compressor.kind else { return right(a, compressor) }
                return right(a.reversed(), compressor).reversed()
            }
        },
        rounds(
            "compressedStragglersElsewhere", "stragglers are drawn from stream 4", caughtBy: "compressed.goldenSeed"
        ) {
            $0.drawn = { code, seed, t in
                (0..<code.workers).filter { worker in
                    let word = Philox.draw(seed: seed, stream: .randK, t: t, i: UInt32(worker), j: 0)
                    return !code.straggling[worker].occurs(at: word)
                }
            }
        },
        rounds(
            "compressedRespondersInverted", "who ought to straggle responds", caughtBy: "compressed.goldenSeed"
        ) {
            let right = $0.drawn
            $0.drawn = { code, seed, t in
                let responders = Set(right(code, seed, t))
                return (0..<code.workers).filter { !responders.contains($0) }
            }
        },
        Mutant(
            "randKNotScaled", of: "compressed", "rand-K sends v_j for D v_j/K", caughtBy: "compressed.randKUnbiased"
        ) { table in
            let own = OwnDraws()
            table.hold(CompressedGradientCode.Session.self, flags: flags) { opening throws(Refusal) in
                var steps = FlawedCompressedRounds.Steps()
                let share = Float(opening.compressor.k ?? 1) / Float(max(1, opening.dimension))
                if opening.compressor.kind == .randK { steps.update = { sum, _, _, _ in sum.map { $0 * share } } }
                return try FlawedCompressedRounds(opening, own: own, steps)
            }
        },
        Mutant(
            "anyCompressor", of: "compressed", "K is brought into its range when a session is opened",
            caughtBy: "compressed.refusedOpenings"
        ) { table in
            let own = OwnDraws()
            table.hold(CompressedGradientCode.Session.self, flags: flags) { opening throws(Refusal) in
                var opening = opening
                opening.compressor.k = opening.compressor.k.map { max(1, min($0, opening.dimension)) }
                return try CompressedRounds(opening, own: own)
            }
        },
        Mutant(
            "sharedMemory", of: "compressed", "sessions share their memories",
            caughtBy: "compressed.sessionsAreIndependent"
        ) { table in
            let own = OwnDraws()
            let shared = SharedMemories()
            table.hold(CompressedGradientCode.Session.self, flags: flags) { opening throws(Refusal) in
                SharedCompressedRounds(
                    right: try CompressedRounds(opening, own: own), shared: shared, keepsRefused: false)
            }
        },
        Mutant(
            "refusedRoundRenews", of: "compressed", "a refused round has renewed some memories",
            caughtBy: "compressed.refusedRounds"
        ) { table in
            let own = OwnDraws()
            table.hold(CompressedGradientCode.Session.self, flags: flags) { opening throws(Refusal) in
                SharedCompressedRounds(
                    right: try CompressedRounds(opening, own: own), shared: SharedMemories(), keepsRefused: true)
            }
        },
    ]

    private static let flags = ["save", "seed", "tape", "free"]

    private static func rounds(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ spoil: @escaping @Sendable (inout FlawedCompressedRounds.Steps) -> Void
    ) -> Mutant {
        Mutant(name, of: "compressed", defect, caughtBy: killer) { table in
            let own = OwnDraws()
            table.hold(CompressedGradientCode.Session.self, flags: flags) { opening throws(Refusal) in
                var steps = FlawedCompressedRounds.Steps()
                spoil(&steps)
                return try FlawedCompressedRounds(opening, own: own, steps)
            }
        }
    }
}

/// Memories behind a reference, where they do not belong.
private final class SharedMemories: Sendable {
    let rounds = Mutex<CompressedRounds?>(nil)
}

/// Rounds whose state is not their own value.
private struct SharedCompressedRounds: RoundSession {
    var right: CompressedRounds
    let shared: SharedMemories
    /// Whether a round that is refused has been done with what could be used of it; else sessions share memories.
    let keepsRefused: Bool

    mutating func round(_ input: CompressedGradientCode.Round) throws(Refusal) -> CompressedGradientCode.Round.Outcome {
        var state = shared.rounds.withLock { $0 } ?? right
        if !keepsRefused, state.code != right.code || state.step != right.step { state = right }
        defer { shared.rounds.withLock { $0 = state } }
        do throws(Refusal) { return try state.round(input) } catch {
            guard keepsRefused else { throw error }
            var usable = input
            usable.gradients = input.gradients.map { gradient in
                gradient.isFinite ? gradient : Binary32Vector(gradient.values.map { $0.isFinite ? $0 : 1 })
            }
            _ = try? state.round(usable)
            throw error
        }
    }

    mutating func set(step: Float) throws(Refusal) {
        try right.set(step: step)
        shared.rounds.withLock { rounds in try? rounds?.set(step: step) }
    }
    func save() throws(Refusal) -> String { try (shared.rounds.withLock { $0 } ?? right).save() }
    mutating func restore(_ state: String) throws(Refusal) {
        try right.restore(state)
        shared.rounds.withLock { $0 = right }
    }
}
