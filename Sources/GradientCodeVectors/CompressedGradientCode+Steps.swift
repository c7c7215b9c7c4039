package import ExactArithmetic
import GradientCodeOperations
package import GradientCodeReference
package import GradientCodes

/// The golden run of `docs/CompressedGradientCode.md#golden-run`.
package struct GoldenCompressedRun: Sendable {
    package let allocation = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1]]
    package let probabilities = [Rational](repeating: Rational(1, 2), count: 4)
    package let seed: UInt64 = 20_260_317
    package let dimension = 8
    package let step: Float = 0.125
    package let responders = [[2, 3], [1, 2, 3], [0, 1, 2, 3], []]
    /// C.
    package let kind: Compressor.Kind
    /// What the rounds leave, then what three rounds with zero gradients and all responders leave.
    package let outcomes: [CompressedTraining.Outcome]
    /// Inputs of worker steps, a at each: gradient, memory before, message, memory after.
    package let steps: [(gradient: [Rational], before: [Rational], message: CompressedMessage, after: [Rational])]

    package init(_ kind: Compressor.Kind) {
        self.kind = kind
        guard let allocation = try? Allocation(allocation), let straggling = try? Probability.all(probabilities),
            let code = try? CompressedGradientCode(
                allocation: allocation, straggling: straggling, compressor: CompressedGradientCode.legal(kind, 8))
        else { preconditionFailure("a legal scheme") }
        var training = CompressedTraining(code)
        var outcomes: [CompressedTraining.Outcome] = []
        var steps: [(gradient: [Rational], before: [Rational], message: CompressedMessage, after: [Rational])] = []
        for t in 0..<7 {
            let gradients = Self.gradients(t).map { $0.map { Rational($0) } }
            let before = training.memories
            guard let set = try? WorkerSet(t < 4 ? responders[t] : [0, 1, 2, 3], of: 4),
                let outcome = try? training.round(gradients, responders: set, step: Rational(1, 8))
            else { preconditionFailure("a legal round") }
            outcomes.append(outcome)
            for i in set {
                if let message = outcome.messages[i] {
                    steps.append((code.codedGradients(gradients)[i], before[i], message, training.memories[i]))
                }
            }
        }
        self.outcomes = outcomes
        self.steps = steps
    }

    /// The gradients of an iteration, one a subset; zeros after the fourth.
    package static func gradients(_ t: Int) -> [[Int]] {
        (0..<4).map { k in (0..<8).map { j in t < 4 ? (5 * k + 3 * j + 7 * t) % 11 - 5 : 0 } }
    }
}

extension CompressedGradientCode {
    /// Vectors of `compressed.workerStep`.
    static var workerStepVectors: VectorFile {
        var file = VectorFileBuilder(
            WorkerStep.self, "Messages and memories of a worker, exact: every operation is.",
            "Core judges worker steps by laws, with the subject's own units of memory.")
        func question(
            _ kind: Compressor.Kind, _ gradient: [Float], _ memory: [Float], _ step: Float, responds: Bool = true
        ) -> WorkerStep {
            WorkerStep(
                CompressorDescriptor(legal(kind, gradient.count)), gradient: Binary32Vector(gradient),
                memory: Binary32Vector(memory), step: [step], responds: responds)
        }
        /// Exact rational arithmetic; the cases are such that every float operation is exact too.
        func answer(_ kind: Compressor.Kind, _ gradient: [Float], _ memory: [Float], _ step: Float) -> WorkerStep.Answer
        {
            let γ = GradientCode.exact(step)
            let a = zip(gradient, memory).map { γ * GradientCode.exact($0) + GradientCode.exact($1) }
            guard let message = try? CompressedMessage(compressing: a, by: legal(kind, a.count)).rounded() else {
                preconditionFailure("beyond binary32")
            }
            let after = zip(a, message.decoded()).map(-)
            precondition((a + after).allSatisfy { GradientCode.exact(Float($0)) == $0 }, "not exact")
            return .init(message: Bytes(message.bytes), memory: Binary32Vector(after.map { Float($0) }))
        }
        file.group(1, "Steps", profile: .wire, basis: .house) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Compressor.Kind, _ gradient: [Float],
                _ memory: [Float], _ step: Float
            ) {
                tests.valid(
                    tcId, comment, [flag], question(kind, gradient, memory, step),
                    answer(kind, gradient, memory, step))
            }
            add(1, "one step of the document", .handExample, .topK(1), [1, -3], [0, 0], 0.5)
            add(2, "a tie with a memory", .handExample, .topK(1), [1, 0.5], [0, 0.5], 1)
            add(3, "the memory decides", .normal, .topK(1), [1, -1], [0, -4], 0.25)
            add(4, "identity keeps nothing", .normal, .identity, [1, 2], [0.5, -1], 2)
            add(5, "scaled sign", .normal, .scaledSign, [1, 2, -3, 0], [0.5, -1, 0, 0.25], 0.5)
            add(6, "block sign with a short block", .normal, .blockSign(length: 2), [4, 2, -3], [0, -2, 1], 1)
            add(
                7, "a scale that is rounded: the memory is made from it", .rounding, .scaledSign, [1, 1, 1 + 0x1p-23],
                [0, 0, 0], 1)
            add(
                8, "a scale that rounds to 0: all stays", .subnormal, .scaledSign, [-0x1p-149, 0, 0, 0], [0, 0, 0, 0], 1
            )
            add(9, "drained", .normal, .topK(2), [0, 0, 0], [1, -2, 0.5], 1)
            for (kind, first) in [(Compressor.Kind.topK(2), 200), (.scaledSign, 230), (.blockSign(length: 4), 260)] {
                for (n, step) in GoldenCompressedRun(kind).steps.enumerated() {
                    tests.valid(
                        first + n, "golden run, step \(n)", [.handExample],
                        question(kind, step.gradient.map { Float($0) }, step.before.map { Float($0) }, 0.125),
                        .init(
                            message: Bytes(step.message.bytes), memory: Binary32Vector(step.after.map { Float($0) })))
                }
            }
        }
        file.group(2, "Stragglers", profile: .core, basis: .derived) { tests in
            for (n, kind) in [Compressor.Kind.topK(1), .scaledSign, .blockSign(length: 1), .identity].enumerated() {
                let memory: Binary32Vector = [0.5, -0.0]
                tests.valid(
                    80 + n, "a straggler keeps its memory, bit for bit", [.normal],
                    question(kind, [3, -1], memory.values, 1, responds: false), .init(message: nil, memory: memory))
            }
        }
        file.group(3, "Refusals", profile: .core, basis: .house, section: "CompressedGradientCode.md#edge-cases") {
            tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Refusal.Kind,
                _ damage: (inout WorkerStep) -> Void
            ) {
                var question = question(.topK(1), [1, 2], [0, 0], 1)
                damage(&question)
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            refuse(90, "no coordinate", .smallest, .invalidParameters) { ($0.gradient, $0.memory) = ([], []) }
            refuse(91, "K = 0", .invalidParameters, .invalidParameters) { $0.compressor.k = 0 }
            refuse(92, "a compressor without memory", .invalidParameters, .invalidParameters) {
                $0.compressor = .init(kind: .randK, k: 1)
            }
            refuse(93, "step 0", .invalidParameters, .invalidParameters) { $0.step = [0] }
            refuse(94, "a negative step", .invalidParameters, .invalidParameters) { $0.step = [-1] }
            refuse(95, "two steps", .sizes, .dimensionMismatch) { $0.step = [1, 1] }
            refuse(96, "a memory of another dimension", .sizes, .dimensionMismatch) { $0.memory = [0] }
            refuse(97, "a gradient NaN", .nonFinite, .nonFinite) { $0.gradient = [.nan, 1] }
            refuse(98, "an infinite memory", .nonFinite, .nonFinite) { $0.memory = [0, .infinity] }
            refuse(99, "an infinite step", .nonFinite, .nonFinite) { $0.step = [.infinity] }
            refuse(100, "a step −∞", .nonFinite, .nonFinite) { $0.step = [-.infinity] }
            refuse(101, "γg + e beyond binary32", .overflow, .outOfRange) {
                ($0.gradient, $0.memory) = ([0x1p127, 0], [0x1.8p127, 0])
            }
            refuse(102, "a straggler's inputs are tested too", .nonFinite, .nonFinite) {
                ($0.gradient, $0.responds) = ([.nan, 1], false)
            }
            refuse(103, "step 0 and a NaN: the step", .precedence, .invalidParameters) {
                ($0.step, $0.gradient) = ([0], [.nan, 1])
            }
        }
        return file.file
    }

    /// Vectors of `compressed.serverStep`.
    static var serverStepVectors: VectorFile {
        var file = VectorFileBuilder(
            ServerStep.self, "The model after an iteration.", "The step is inside the messages; nothing is averaged.")
        func question(
            _ kind: Compressor.Kind, _ model: [Float], _ messages: [[UInt8]], tape: [UInt32]? = nil
        ) -> ServerStep {
            ServerStep(
                model: Binary32Vector(model), compressor: CompressorDescriptor(legal(kind, model.count)),
                messages: messages.map { Bytes($0) }, tape: tape.map { Words($0) })
        }
        file.group(1, "Steps", profile: .wire, basis: .house) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Compressor.Kind, _ model: [Float],
                _ vectors: [[Float]], tapes: [[UInt32]] = []
            ) {
                let sent = vectors.enumerated().map { n, v in message(v, kind, tape: tapes.isEmpty ? [] : tapes[n]) }
                let sum = sent.enumerated().reduce(model.map(GradientCode.exact)) { rest, next in
                    zip(rest, next.element.decoded(draws: tapes.isEmpty ? [] : tapes[next.offset], isRounded: true))
                        .map(-)
                }
                tests.valid(
                    tcId, comment, [flag],
                    question(kind, model, sent.map(\.bytes), tape: tapes.isEmpty ? nil : tapes.flatMap(\.self)),
                    .exact(Binary32Vector(sum.map { Float($0) })))
            }
            add(1, "no message: the model stays", .smallest, .topK(1), [1, -2], [])
            add(2, "two messages, not averaged", .normal, .topK(1), [1, 1], [[3, 0], [0, -2]])
            add(3, "signs", .normal, .scaledSign, [1, 1, 1], [[1, -1, 1], [-2, -2, 2]])
            add(4, "blocks", .normal, .blockSign(length: 2), [0, 0, 0], [[1, -3, 5]])
            add(
                5, "rand-K with its words", .normal, .randK(1), [0, 0], [[1, 2], [3, 4]], tapes: [[0, 1], [1, 0]])
            for (first, kind) in [(10, Compressor.Kind.topK(2)), (20, .scaledSign), (30, .blockSign(length: 4))] {
                let golden = GoldenCompressedRun(kind)
                var model = [Rational](repeating: 0, count: 8)
                for t in 0..<4 {
                    let sent = golden.outcomes[t].messages.compactMap { $0?.bytes }
                    let before = model
                    model = zip(model, golden.outcomes[t].update).map(-)
                    tests.valid(
                        first + t, "golden run, iteration \(t)", [.handExample],
                        question(kind, before.map { Float($0) }, sent),
                        .exact(Binary32Vector(model.map { Float($0) })))
                }
            }
        }
        file.group(2, "Refusals", profile: .core, basis: .house, section: "CompressedGradientCode.md#edge-cases") {
            tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Refusal.Kind,
                _ damage: (inout ServerStep) -> Void
            ) {
                var question = question(.identity, [1], [message([1], .identity).bytes])
                damage(&question)
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            refuse(50, "a model of dimension 0", .smallest, .invalidParameters) { $0.model = [] }
            refuse(51, "K above D", .invalidParameters, .invalidParameters) { $0.compressor = .init(kind: .topK, k: 2) }
            refuse(52, "rand-K without words", .invalidParameters, .invalidParameters) {
                $0.compressor = .init(kind: .randK, k: 1)
            }
            refuse(53, "words where none are taken", .sizes, .dimensionMismatch) { $0.tape = [1] }
            refuse(54, "an infinite model", .nonFinite, .nonFinite) { $0.model = [.infinity] }
            refuse(56, "a sum beyond binary32", .overflow, .outOfRange) {
                $0.messages = Array(repeating: Bytes([0, 0, 0, 0x7f]), count: 2)
            }
            refuse(57, "a model beyond binary32", .overflow, .outOfRange) {
                ($0.model, $0.messages) = ([-0x1.8p127], [Bytes([0, 0, 0, 0x7f])])
            }
        }
        file.group(3, "Formats", profile: .wire, basis: .house, section: "CompressedGradientCode.md#edge-cases") {
            tests in
            var question = question(.identity, [1], [])
            question.messages = [Bytes([1])]
            tests.invalid(55, "a message that is none", [.malformed], question, .malformedMessage)
        }
        return file.file
    }
}
