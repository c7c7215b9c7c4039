import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

extension BuiltIn {
    static func answerCompressedGradientCode(_ table: inout Implementation.Table) {
        let own = OwnDraws()
        table.answer(CompressedGradientCode.Compress.self, flags: ["tape", "free"]) { question throws(Refusal) in
            .init(message: Bytes(try compress(question) { own.words($0) }))
        }
        table.answer(
            CompressedGradientCode.Decompress.self, flags: ["tape"], unless: { tooLong($0.dimension, times: 1) }
        ) { question throws(Refusal) in
            .init(x: Binary32Vector(try decompress(question)))
        }
        table.answer(CompressedGradientCode.WorkerStep.self) { question throws(Refusal) in
            try workerStep(question)
        }
        table.answer(CompressedGradientCode.ServerStep.self, flags: ["tape"]) { question throws(Refusal) in
            .init(model: Binary32Vector(try serverStep(question)))
        }
        table.answer(CompressedGradientCode.Convergence.self, regression: true, unless: tooMuch) {
            question throws(Refusal) in try convergence(question)
        }
        table.hold(
            CompressedGradientCode.Session.self, flags: ["save", "seed", "tape", "free"],
            unless: tooLong
        ) {
            opening throws(Refusal) in
            try CompressedRounds(opening, own: own)
        }
    }

    /// Rounds whose outcome would not fit into a line of the protocol: update, decoded vectors and messages in hexadecimal;
    /// or weights that take long.
    private static func tooLong(_ opening: CompressedGradientCode.Session) -> String? {
        let (workers, subsets) = (opening.allocation.count, opening.allocation.first?.count ?? 0)
        if let reason = tooLong(opening.dimension, times: workers) { return reason }
        guard 1...Compressor.maximumDimension ~= opening.dimension, workers <= GradientCode.maximumWorkers else {
            return nil
        }
        // A message of top-K has at most 8 bytes a coordinate; every other is shorter.
        let characters = 8 * opening.dimension * (1 + workers) + 16 * opening.dimension * workers
        guard characters < 1 << 26 - 4096 else { return "an outcome of more than a line" }
        let entries = workers.multipliedReportingOverflow(by: subsets)
        return entries.overflow || entries.partialValue > 1 << 20 ? "an allocation of more than 2^20 entries" : nil
    }

    /// Answers that would not fit into a line of the protocol.
    private static func tooLong(_ dimension: Int, times count: Int) -> String? {
        let isLegal = 1...Compressor.maximumDimension ~= dimension && count <= GradientCode.maximumWorkers
        return isLegal && dimension * count > 1 << 22 ? "an answer of more than 2^22 numbers" : nil
    }

    /// The message; the words of a random compressor come with the question or from `draw`.
    static func compress(
        _ question: CompressedGradientCode.Compress, draw: (Int) -> [UInt32]
    ) throws(Refusal) -> [UInt8] {
        var defects = Defects()
        let compressor = defects.attempt { () throws(Refusal) in
            try question.compressor.compressor(dimension: question.x.count)
        }
        let words = question.tape?.words
        if let words, let compressor {
            defects.require(
                words.count == compressor.words, .dimensionMismatch,
                "a tape of \(words.count) words, expected \(compressor.words)")
        }
        defects.require(question.x.isFinite, .nonFinite, "a coordinate is not finite")
        try defects.refuse()
        return try CompressedGradientCode.compress(
            question.x.values, by: compressor.sound, tape: words ?? draw(compressor.sound.words))
    }

    static func decompress(_ question: CompressedGradientCode.Decompress) throws(Refusal) -> [Float] {
        let (compressor, tapes) = try reader(
            question.compressor, dimension: question.dimension, tape: question.tape, messages: 1)
        return try CompressedGradientCode.aggregate([question.message.bytes], by: compressor, tapes: tapes)
    }

    /// The compressor of messages that are to be read, and the words of each where they are needed.
    private static func reader(
        _ descriptor: CompressorDescriptor, dimension: Int, tape: Words?, messages: Int, _ given: Defects = Defects()
    ) throws(Refusal) -> (Compressor, tapes: [[UInt32]]) {
        var defects = given
        let compressor = defects.attempt { () throws(Refusal) in try descriptor.compressor(dimension: dimension) }
        let needsWords = descriptor.kind == .randK
        if needsWords {
            defects.require(tape != nil, .invalidParameters, "the words of randK are not given")
        }
        if let tape {
            let (count, overflows) = dimension.multipliedReportingOverflow(by: messages)
            defects.require(
                !overflows && tape.words.count == (needsWords ? count : 0), .dimensionMismatch,
                "a tape of \(tape.words.count) words, expected \(needsWords ? count : 0)")
        }
        try defects.refuse()
        guard needsWords, let words = tape?.words else { return (compressor.sound, []) }
        return (compressor.sound, (0..<messages).map { Array(words[$0 * dimension..<($0 + 1) * dimension]) })
    }

    /// The new model, every refusal in its order.
    static func serverStep(_ question: CompressedGradientCode.ServerStep) throws(Refusal) -> [Float] {
        var defects = Defects()
        defects.require(question.model.isFinite, .nonFinite, "the model is not finite")
        let (compressor, tapes) = try reader(
            question.compressor, dimension: question.model.count, tape: question.tape,
            messages: question.messages.count, defects)
        let update = try CompressedGradientCode.aggregate(
            question.messages.map(\.bytes), by: compressor, tapes: tapes)
        return try CompressedGradientCode.serverStep(question.model.values, update: update)
    }

    /// A worker's step with every refusal in its order; a straggler's inputs are tested too.
    static func workerStep(
        _ question: CompressedGradientCode.WorkerStep
    ) throws(Refusal) -> CompressedGradientCode.WorkerStep.Answer {
        let (compressor, step) = try checked(question)
        var memory = question.memory.values
        guard question.responds else { return .init(message: nil, memory: question.memory) }
        let message = try CompressedGradientCode.workerStep(
            question.gradient.values, memory: &memory, step: step, by: compressor)
        return .init(message: Bytes(message), memory: Binary32Vector(memory))
    }

    static func checked(
        _ question: CompressedGradientCode.WorkerStep
    ) throws(Refusal) -> (compressor: Compressor, step: Float) {
        var defects = Defects()
        let compressor = defects.attempt { () throws(Refusal) in
            try question.compressor.compressor(dimension: question.gradient.count)
        }
        defects.require(!question.compressor.isRandom, .invalidParameters, "a random compressor has no memory")
        requireStep(question.step, &defects)
        defects.require(
            question.memory.count == question.gradient.count, .dimensionMismatch,
            "a memory of \(question.memory.count) coordinates for \(question.gradient.count)")
        defects.require(question.gradient.isFinite, .nonFinite, "the gradient is not finite")
        defects.require(question.memory.isFinite, .nonFinite, "the memory is not finite")
        try defects.refuse()
        return (compressor.sound, question.step.values[0])
    }

    /// One positive, finite step.
    static func requireStep(_ step: Binary32Vector, _ defects: inout Defects) {
        let values = step.values
        defects.require(
            !values.contains { $0.isFinite && $0 <= 0 }, .invalidParameters, "a step that is not positive")
        defects.require(values.count == 1, .dimensionMismatch, "a step is one binary32, found \(values.count)")
        defects.require(step.isFinite, .nonFinite, "the step is not finite")
    }
}
