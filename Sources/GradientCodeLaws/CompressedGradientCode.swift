import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeVectors
import GradientCodes

// Laws of the single operations: messages and what they stand for, worker and server steps.
extension Law {
    static let compressedGradientCode: [Law] = [
        generated(
            80, id: "compressed.exactError",
            "A decoded message is C(v), so its error is that of the table: ‖v‖² − Σ_b ‖v_b‖₁²/D_b, or the smallest squares.",
            profile: .core, basis: .derived, section: "CompressedGradientCode.md#compressors",
            needs: ["compressed.compress", "compressed.decompress"]
        ) { choices in
            let dimension = choices.integer(in: 1...9)
            return (kind: choices.biasedCompressor(dimension), v: choices.smallVector(dimension))
        } trial: { drawn, examiner in
            try await judgeImage(of: drawn.v, drawn.kind, examiner)
        },
        forAll(
            smallVectors, id: "compressed.smallVectors",
            "All vectors of 0, ±1, ±2 in three coordinates are compressed as declared: zeros, ties, short blocks.",
            profile: .core, basis: .derived, section: "CompressedGradientCode.md#compressors",
            needs: ["compressed.compress", "compressed.decompress"]
        ) { v, examiner in
            for kind: Compressor.Kind in [.scaledSign, .blockSign(length: 2), .topK(1), .topK(2), .identity] {
                try await judgeImage(of: v, kind, examiner)
            }
        },
        generated(
            60, id: "compressed.stepConserves",
            "Message and new memory of a worker add up to γg + e, and the message is C of that; a straggler changes nothing.",
            profile: .core, basis: .paper, section: "CompressedGradientCode.md#worker",
            needs: ["compressed.workerStep", "compressed.decompress"]
        ) { choices in
            let dimension = choices.integer(in: 1...7)
            return (
                kind: choices.biasedCompressor(dimension), gradient: choices.smallVector(dimension),
                memory: choices.smallVector(dimension), step: choices.element(of: [1 as Float, 0.5, 4]),
                responds: choices.integer(in: 0...3) < 3
            )
        } trial: { drawn, examiner in
            let question = CompressedGradientCode.WorkerStep(
                CompressorDescriptor(legal(drawn.kind, drawn.gradient.count)), gradient: Binary32Vector(drawn.gradient),
                memory: Binary32Vector(drawn.memory), step: [drawn.step], responds: drawn.responds)
            try await judgeStep(question, examiner)
        },
        generated(
            40, id: "compressed.serverAdds",
            "The server subtracts the plain sum of the decoded messages: no step, no average.", profile: .core,
            basis: .paper, section: "CompressedGradientCode.md#server",
            needs: ["compressed.compress", "compressed.decompress", "compressed.serverStep"]
        ) { choices in
            let dimension = choices.integer(in: 1...9)
            return (
                kind: choices.biasedCompressor(dimension), model: choices.smallVector(dimension),
                vectors: (0..<choices.integer(in: 0...4)).map { _ in choices.smallVector(dimension) }
            )
        } trial: { drawn, examiner in
            let compressor = CompressorDescriptor(legal(drawn.kind, drawn.model.count))
            let messages = try await examiner.answers(
                drawn.vectors.map { CompressedGradientCode.Compress(compressor, x: Binary32Vector($0)) }
            ).map(\.message)
            var images: [[Rational]] = []
            for message in messages {
                images.append(
                    try await image(of: message, compressor, drawn.model.count, examiner).map(GradientCode.exact))
            }
            let question = CompressedGradientCode.ServerStep(
                model: Binary32Vector(drawn.model), compressor: compressor, messages: messages)
            let (ones, columns) = (
                [Float](repeating: 1, count: images.count + 1), [drawn.model] + images.map { $0.map { -Float($0) } }
            )
            try await examiner.check([(question, GradientCode.enclosure(ones, columns))], profile: .core)
        },
        generated(
            40, id: "compressed.messages", "Messages are those of the document, byte for byte.", profile: .wire,
            basis: .house, section: "CompressedGradientCode.md#wire-format", needs: ["compressed.compress"]
        ) { choices in
            // Lengths that are powers of two: every scale is a float.
            let dimension = choices.element(of: [1, 2, 4, 8, 16, 64])
            let kind = choices.biasedCompressor(dimension)
            if case .blockSign = kind {
                return (kind: .blockSign(length: choices.element(of: [1, 2, 4])), v: choices.smallVector(dimension))
            }
            return (kind: kind, v: choices.smallVector(dimension))
        } trial: { (drawn: (kind: Compressor.Kind, v: [Float]), examiner) in
            let question = CompressedGradientCode.Compress(
                CompressorDescriptor(legal(drawn.kind, drawn.v.count)), x: Binary32Vector(drawn.v))
            let message = CompressedGradientCode.message(drawn.v, drawn.kind)
            try await examiner.check([(question, .message(message.bytes))], profile: .wire)
        },
        generated(
            30, id: "compressed.decodedTwice", "Decoding does not change a message: a second time it is the same.",
            profile: .core, basis: .derived, section: "CompressedGradientCode.md#wire-format",
            needs: ["compressed.compress", "compressed.decompress"]
        ) { choices in
            let dimension = choices.integer(in: 1...9)
            return (kind: choices.biasedCompressor(dimension), v: choices.smallVector(dimension))
        } trial: { drawn, examiner in
            let compressor = CompressorDescriptor(legal(drawn.kind, drawn.v.count))
            let message = try await examiner.answer(
                CompressedGradientCode.Compress(compressor, x: Binary32Vector(drawn.v))
            ).message
            let twice = CompressedGradientCode.ServerStep(
                model: Binary32Vector(drawn.v.map { _ in 0 }), compressor: compressor, messages: [message, message])
            let ones: [Float] = [1, 1]
            let negative = try await image(of: message, compressor, drawn.v.count, examiner).map { -$0 }
            try await examiner.check(
                [(twice, GradientCode.enclosure(ones, [negative, negative]))], profile: .core)
        },
    ]

    /// What a message stands for; a vector of another length or one that is not finite is a violation.
    static func image(
        of message: Bytes, _ compressor: CompressorDescriptor, _ dimension: Int, _ examiner: Examiner
    ) async throws -> [Float] {
        let question = CompressedGradientCode.Decompress(compressor, message: message, dimension: dimension)
        let x = try await examiner.answer(question).x
        guard x.count == dimension, x.isFinite else {
            throw Violation(
                question, Mismatch("not a vector", expected: "\(dimension) finite coordinates", received: x))
        }
        return x.values
    }

    private static let smallVectors: [[Float]] = [0, 1, -1, 2, -2].flatMap { (a: Float) in
        [0, 1, -1, 2, -2].flatMap { (b: Float) in [0, 1, -1, 2, -2].map { (c: Float) in [a, b, c] } }
    }

    private static func legal(_ kind: Compressor.Kind, _ dimension: Int) -> Compressor {
        guard let compressor = try? Compressor(kind, dimension: dimension) else {
            preconditionFailure("the compressors of the laws are legal")
        }
        return compressor
    }

    /// Compresses and decompresses: the image must be C(v), and its error that of the table, up to the scale's rounding.
    private static func judgeImage(of v: [Float], _ kind: Compressor.Kind, _ examiner: Examiner) async throws {
        let compressor = legal(kind, v.count)
        let descriptor = CompressorDescriptor(compressor)
        let asked = CompressedGradientCode.Compress(descriptor, x: Binary32Vector(v))
        let message = try await examiner.answer(asked).message
        let read = CompressedGradientCode.Decompress(descriptor, message: message, dimension: v.count)
        let image = try await examiner.answer(read).x
        let commands: [Command] = [.run(asked), .run(read)]
        guard image.count == v.count, image.isFinite else {
            throw Violation(
                commands: commands, Mismatch("not a vector", expected: "\(v.count) coordinates", received: image))
        }
        let (exact, decoded) = (v.map(GradientCode.exact), image.values.map(GradientCode.exact))
        var conventions = examiner.conventions
        conventions.memoryUnits = .step
        var ledger = CompressedLedger(compressor, conventions)
        if let fault = ledger.judge(decoded, gradient: exact, step: 1) {
            throw Violation(commands: commands, Mismatch(fault, expected: "C(v)", received: image))
        }
        // ‖v − α̂s‖² = ‖v‖² − (‖v‖₁²/D)(1 − ε²), block by block.
        let error = zip(exact, decoded).map { ($0 - $1) * ($0 - $1) }.total
        let rounding: [Rational] =
            switch kind {
            case .scaledSign, .blockSign:
                compressor.blocks.map { block in
                    let mean = exact[block].map(\.magnitude).total / Rational(block.count)
                    let off = decoded[block.lowerBound].magnitude - mean
                    return Rational(block.count) * off * off
                }
            default: []
            }
        guard error == compressor.squaredError(of: exact) + rounding.total else {
            throw Violation(
                commands: commands,
                Mismatch(
                    "another error", expected: compressor.squaredError(of: exact) + rounding.total, received: error))
        }
    }

    private static func judgeStep(
        _ question: CompressedGradientCode.WorkerStep, _ examiner: Examiner
    ) async throws {
        let answer = try await examiner.answer(question)
        let after = answer.memory
        guard question.responds else {
            guard answer.message == nil, after.withoutNegativeZeros == question.memory.withoutNegativeZeros else {
                throw Violation(
                    question, Mismatch("a straggler", expected: question.memory, received: answer))
            }
            return
        }
        guard let message = answer.message, after.count == question.gradient.count, after.isFinite else {
            throw Violation(question, Mismatch("no message or memory", expected: "both", received: answer))
        }
        let dimension = question.gradient.count
        let compressor = try question.compressor.compressor(dimension: dimension)
        let image = try await image(of: message, question.compressor, dimension, examiner).map(GradientCode.exact)
        let γ = GradientCode.exact(question.step.values[0])
        let (g, e) = (question.gradient.values.map(GradientCode.exact), question.memory.values.map(GradientCode.exact))
        // In units of gradients the memory counts γ times; one ledger begins with what the question gives.
        let units: Rational = examiner.conventions.memoryUnits == .gradient ? γ : 1
        let a = zip(g, e).map { γ * $0 + units * $1 }
        var conventions = examiner.conventions
        conventions.memoryUnits = .step
        var ledger = CompressedLedger(compressor, conventions)
        if let fault = ledger.judge(image, gradient: a, step: 1) {
            throw Violation(question, Mismatch(fault, expected: "C(γg + e)", received: answer))
        }
        let kept = after.values.map { units * GradientCode.exact($0) }
        for j in 0..<dimension {
            let rest = a[j] - image[j]
            let bound = GradientCode.exact(Float(rest)) == rest ? 0 : rest.magnitude / Rational(1 << 24)
            guard (kept[j] - rest).magnitude <= bound else {
                throw Violation(
                    question,
                    Mismatch("coordinate \(j) of the memory", expected: rest / units, received: answer))
            }
        }
    }
}

extension Choices {
    /// Small dyadic numbers, zeros of both signs and equal magnitudes among them.
    mutating func smallVector(_ dimension: Int) -> [Float] {
        (0..<dimension).map { _ in element(of: [0, 1, -1, -0.0, 2, -2, 0.5, -3, 5, -8]) }
    }
}
