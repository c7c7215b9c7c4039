import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes
import Synchronization

// Known mistakes in rounds of 1-bit gradient coding (`docs/OneBitGradientCode.md#mistakes`).
extension Mutant {
    static let oneBitRounds: [Mutant] = [
        signs("weightsByP", "weights are divided by p in place of 1 − p", caughtBy: "oneBit.unbiased") {
            $0.weight = { code, weights, i, k in
                let p = Rational(code.straggling[i])
                return p.isZero ? weights[i, k] : weights[i, k] * (1 - p) / p
            }
        },
        signs("noAnswerProbability", "weights are not divided by 1 − p", caughtBy: "oneBit.unbiased") {
            $0.weight = { code, weights, i, k in weights[i, k] * (1 - Rational(code.straggling[i])) }
        },
        signs("noReplication", "weights are not divided by d", caughtBy: "oneBit.unbiased") {
            $0.weight = { code, weights, i, k in weights[i, k] * Rational(code.allocation.replication[k]) }
            $0.refuses = false
        },
        signs("loadForReplication", "weights are divided by the load in place of d", caughtBy: "oneBit.unbiased") {
            $0.weight = { code, weights, i, k in
                let allocation = code.allocation
                return weights[i, k] * Rational(allocation.replication[k], max(1, allocation.loads[i]))
            }
        },
        signs("probabilityInverted", "+B is sent where −B is due", caughtBy: "oneBit.roundsSendingProbability") {
            let right = $0.isPositive
            $0.isPositive = { right(-$0, $1, $2) }
        },
        signs("signsWithoutChance", "the sign of the coordinate is sent", caughtBy: "oneBit.roundsSendingProbability") {
            $0.isPositive = { x, _, _ in x >= 0 }
        },
        signs(
            "clippedInRounds", "a coordinate outside the range is clipped",
            caughtBy: "oneBit.refusedRoundsChangeNothing"
        ) {
            $0.refuses = false
        },
        signs("decodedToOne", "messages are decoded to ±1", caughtBy: "oneBit.unbiased") {
            $0.decoded = { isPositive, _ in isPositive ? 1 : -1 }
        },
        signs("dividedByResponders", "the sum is divided by the number of responders", caughtBy: "oneBit.unbiased") {
            $0.update = { sum, senders, _, _ in sum.map { $0 / Float(max(1, senders)) } }
        },
        signs("dividedByWorkers", "the sum is divided by the number of workers", caughtBy: "oneBit.unbiased") {
            $0.update = { sum, _, workers, _ in sum.map { $0 / Float(workers) } }
        },
        signs("oneBitStragglersIncluded", "stragglers send all the same", caughtBy: "oneBit.roundsAdd") {
            $0.responders = { _, workers in Array(0..<workers) }
        },
        signs("silenceIsMinus", "a missing message is read as −B", caughtBy: "oneBit.roundsAdd") {
            $0.update = { sum, senders, workers, range in sum.map { $0 - Float(workers - senders) * range } }
        },
        signs("oneWordForAllCoordinates", "all coordinates of a message share one word", caughtBy: "oneBit.covariance")
        {
            $0.word = { place, _, _, dimension in place * dimension }
        },
        signs("oneWordForAllWorkers", "all workers use the words of the first", caughtBy: "oneBit.covariance") {
            $0.word = { _, _, j, _ in j }
        },
        signs("sharedSignsInRuns", "all workers use the first word of the tape", caughtBy: "oneBit.convergence") {
            $0.word = { _, _, _, _ in 0 }
        },
        signs("tapeByWorker", "the tape is taken to hold words of every worker", caughtBy: "oneBit.roundsBits") {
            $0.word = { _, worker, j, dimension in worker * dimension + j }
        },
        signs("scaleOfMeanMagnitude", "mode S: the scale is ‖g‖₁/D", caughtBy: "oneBit.unbiased") {
            $0.scale = { x in x.map(\.magnitude).reduce(0, +) / Float(x.count) }
        },
        signs("scaleOfNorm", "mode S: the scale is ‖g‖₂", caughtBy: "oneBit.covariance") {
            $0.scale = { x in x.map { $0 * $0 }.reduce(0, +).squareRoot() }
        },
        signs("respondersInverted", "who ought to straggle responds", caughtBy: "oneBit.roundsDraw") {
            let right = $0.drawn
            $0.drawn = { code, seed, t in
                let responders = Set(right(code, seed, t))
                return (0..<code.workers).filter { !responders.contains($0) }
            }
        },
        signs(
            "stragglersFromQuantizer", "stragglers are drawn from the quantiser's stream", caughtBy: "oneBit.roundsDraw"
        ) {
            $0.drawn = { code, seed, t in
                (0..<code.workers).filter { worker in
                    let word = Philox.draw(seed: seed, stream: .quantizer, t: t, i: UInt32(worker), j: 0)
                    return !code.straggling[worker].occurs(at: word)
                }
            }
        },
        signs("goldenAscending", "the update has the other sign", caughtBy: "oneBit.goldenIteration") {
            $0.update = { sum, _, _, _ in sum.map { -$0 } }
        },
        signs("ownSignsBiasedInRounds", "its own generator is biased by 1/100", caughtBy: "oneBit.ownRounds") {
            $0.own = { words in words.map { $0 > 0xfeb8_51eb ? 0 : $0 } }
        },
        signs("ownSignsRepeat", "its own generator gives every coordinate twice", caughtBy: "oneBit.ownRounds") {
            $0.own = { words in words.indices.map { words[$0 & ~1] } }
        },
        signs(
            "certaintyLost", "probabilities are kept within 10⁻³ of 0 and 1",
            caughtBy: "oneBit.roundsSendingProbability"
        ) {
            let right = $0.isPositive
            $0.isPositive = { x, range, draw in
                draw < 0x0041_8937 || draw < 0xffbe_76c8 && right(x, range, draw)
            }
        },
        signs("weightsWithoutLoad", "weights are divided by d², where d > 1", caughtBy: "oneBit.roundsCertainSigns") {
            $0.weight = { code, weights, i, k in weights[i, k] / Rational(code.allocation.replication[k]) }
        },
        signs("zeroWeightsSilent", "a worker with data and zero weights sends nothing", caughtBy: "oneBit.covariance") {
            $0.takesPart = { weights in !weights.allSatisfy(\.isZero) }
        },
        signs("oneStragglerDraw", "all workers straggle by the first one's draw", caughtBy: "oneBit.ownRounds") {
            $0.freely = { code, words in
                (0..<code.workers).filter { !code.straggling[$0].occurs(at: words[0]) }
            }
        },
        signs(
            "firstProbabilityForAll", "all workers straggle with the first one's probability",
            caughtBy: "oneBit.ownRounds"
        ) {
            $0.freely = { code, words in
                (0..<code.workers).filter { !code.straggling[0].occurs(at: words[$0]) }
            }
        },
        Mutant(
            "anyOpening", of: "oneBit", "weights are not looked at when a session is opened",
            caughtBy: "oneBit.refusedOpenings"
        ) { table in
            let own = OwnDraws()
            table.hold(OneBitGradientCode.Session.self, flags: flags) { opening throws(Refusal) in
                var opening = opening
                opening.weights = nil
                return try OneBitRounds(opening, own: own)
            }
        },
        Mutant(
            "stepInUpdate", of: "oneBit", "the update is multiplied by the step once it is set",
            caughtBy: "oneBit.stepIsTheServers"
        ) { table in
            let own = OwnDraws()
            table.hold(OneBitGradientCode.Session.self, flags: flags) { opening throws(Refusal) in
                SteppedOneBitRounds(rounds: try OneBitRounds(opening, own: own))
            }
        },
        Mutant(
            "oneBitOneSession", of: "oneBit", "all sessions share the state of the last one opened",
            caughtBy: "oneBit.sessionsAreIndependent"
        ) { table in
            let last = Mutex<OneBitRounds?>(nil)
            let shared = Shared(last)
            let own = OwnDraws()
            table.hold(OneBitGradientCode.Session.self, flags: flags) { opening throws(Refusal) in
                let opened = try OneBitRounds(opening, own: own)
                shared.rounds.withLock { $0 = opened }
                return SharedOneBitRounds(shared: shared)
            }
        },
        Mutant(
            "oneBitSaveForgets", of: "oneBit", "a restored session adds nothing", caughtBy: "oneBit.savedRoundsRepeat"
        ) { table in
            let own = OwnDraws()
            table.hold(OneBitGradientCode.Session.self, flags: flags) { opening throws(Refusal) in
                ForgetfulOneBitRounds(rounds: try OneBitRounds(opening, own: own))
            }
        },
    ]

    private static let flags = ["save", "seed", "tape", "free"]

    private static func signs(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ change: @escaping @Sendable (inout FlawedOneBitRounds.Steps) -> Void
    ) -> Mutant {
        Mutant(name, of: "oneBit", defect, caughtBy: killer) { table in
            var steps = FlawedOneBitRounds.Steps()
            change(&steps)
            let (flawed, own) = (steps, OwnDraws())
            table.hold(OneBitGradientCode.Session.self, flags: flags) { opening throws(Refusal) in
                try FlawedOneBitRounds(opening, own: own, flawed)
            }
        }
    }

    private struct SteppedOneBitRounds: RoundSession {
        var rounds: OneBitRounds
        var step: Float = 1

        mutating func round(_ input: OneBitGradientCode.Round) throws(Refusal) -> OneBitGradientCode.Round.Outcome {
            var outcome = try rounds.round(input)
            outcome.update = Binary32Vector(outcome.update.values.map { step * $0 })
            return outcome
        }

        mutating func set(step: Float) throws(Refusal) { self.step = step }
        func save() throws(Refusal) -> String { try rounds.save() }
        mutating func restore(_ state: String) throws(Refusal) { try rounds.restore(state) }
    }

    private final class Shared: Sendable {
        let rounds: Mutex<OneBitRounds?>
        init(_ rounds: consuming Mutex<OneBitRounds?>) { self.rounds = rounds }
    }

    private struct SharedOneBitRounds: RoundSession {
        let shared: Shared

        mutating func round(_ input: OneBitGradientCode.Round) throws(Refusal) -> OneBitGradientCode.Round.Outcome {
            guard var rounds = shared.rounds.withLock({ $0 }) else { throw Refusal(.invalidParameters, "no session") }
            return try rounds.round(input)
        }

        mutating func set(step: Float) throws(Refusal) {}
        func save() throws(Refusal) -> String { "" }
        mutating func restore(_ state: String) throws(Refusal) {}
    }

    private struct ForgetfulOneBitRounds: RoundSession {
        var rounds: OneBitRounds
        var isRestored = false

        mutating func round(_ input: OneBitGradientCode.Round) throws(Refusal) -> OneBitGradientCode.Round.Outcome {
            var outcome = try rounds.round(input)
            if isRestored { outcome.update = Binary32Vector(repeatElement(0, count: rounds.dimension)) }
            return outcome
        }

        mutating func set(step: Float) throws(Refusal) {}
        func save() throws(Refusal) -> String { try rounds.save() }
        mutating func restore(_ state: String) throws(Refusal) { isRestored = true }
    }
}
