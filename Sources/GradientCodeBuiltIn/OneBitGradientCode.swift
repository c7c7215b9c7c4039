import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

extension BuiltIn {
    static func answerOneBitGradientCode(_ table: inout Implementation.Table) {
        let own = OwnDraws()
        table.answer(OneBitGradientCode.Encode.self) { question throws(Refusal) in
            .init(vector: Binary32Vector(try encode(question)))
        }
        table.answer(OneBitGradientCode.Quantize.self, flags: ["tape", "free"]) { question throws(Refusal) in
            .init(message: Bytes(try quantize(question) { own.words($0) }))
        }
        table.answer(OneBitGradientCode.Aggregate.self, unless: { tooLong($0.dimension, times: 1) }) {
            question throws(Refusal) in
            .init(update: Binary32Vector(try aggregate(question)))
        }
        table.answer(OneBitGradientCode.Step.self) { question throws(Refusal) in
            .init(model: Binary32Vector(try step(question)))
        }
        table.answer(OneBitGradientCode.Moments.self, regression: true, unless: tooMuch) { question throws(Refusal) in
            try moments(question)
        }
        table.answer(OneBitGradientCode.Convergence.self, regression: true, unless: tooMuch) {
            question throws(Refusal) in try convergence(question)
        }
        table.hold(
            OneBitGradientCode.Session.self, flags: ["save", "seed", "tape", "free"],
            unless: { tooLong($0.dimension, times: $0.allocation.count) }
        ) {
            opening throws(Refusal) in
            try OneBitRounds(opening, own: own)
        }
    }

    /// Answers that would not fit into a line of the protocol.
    private static func tooLong(_ dimension: Int, times count: Int) -> String? {
        let isLegal = 1...GradientCode.maximumDimension ~= dimension && count <= GradientCode.maximumWorkers
        return isLegal && dimension * count > 1 << 22 ? "an answer of more than 2^22 numbers" : nil
    }

    /// The coded gradient: weights rounded once, terms with weight 0 left out, terms added by ascending subset.
    static func encode(_ question: OneBitGradientCode.Encode) throws(Refusal) -> [Float] {
        guard let dimension = question.gradients.first?.count, dimension > 0 else {
            throw Refusal(.invalidParameters, "expected at least one gradient of at least one coordinate")
        }
        guard question.weights.count == question.gradients.count else {
            throw Refusal(
                .dimensionMismatch, "\(question.weights.count) weights for \(question.gradients.count) gradients")
        }
        try requireFinite(question.gradients, dimension: dimension)
        return try codedGradient(
            weights: try rounded(question.weights), question.gradients.map(\.values), dimension: dimension)
    }

    /// - Throws: `dimensionMismatch` for a gradient of another dimension; else `nonFinite`.
    static func requireFinite(_ gradients: [Binary32Vector], dimension: Int) throws(Refusal) {
        for (k, gradient) in gradients.enumerated() where gradient.count != dimension {
            throw Refusal(
                .dimensionMismatch, "gradient \(k) has \(gradient.count) coordinates, expected \(dimension)")
        }
        for (k, gradient) in gradients.enumerated() where !gradient.isFinite {
            throw Refusal(.nonFinite, "gradient \(k) is not finite")
        }
    }

    /// Σ_k W_k ∇f_k over the nonzero weights; zeros where there are none.
    static func codedGradient(weights: [Float], _ gradients: [[Float]], dimension: Int) throws(Refusal) -> [Float] {
        let support = weights.indices.filter { weights[$0] != 0 }
        guard !support.isEmpty else { return [Float](repeating: 0, count: dimension) }
        return try GradientCode.combine(support.map { weights[$0] }, support.map { gradients[$0] })
    }

    /// The message; the words come with the question or from `draw`.
    static func quantize(_ question: OneBitGradientCode.Quantize, draw: (Int) -> [UInt32]) throws(Refusal) -> [UInt8] {
        let dimension = question.x.count
        guard dimension > 0 else { throw Refusal(.invalidParameters, "expected at least one coordinate") }
        var defects = Defects()
        let bound = defects.attempt { () throws(Refusal) in try question.bound.ranges(dimension: dimension) }
        let words = question.tape?.words
        defects.require(
            words == nil || words?.count == dimension, .dimensionMismatch,
            "a tape of \(words?.count ?? 0) words, expected \(dimension)")
        defects.require(question.x.isFinite, .nonFinite, "a coordinate is not finite")
        try defects.refuse()
        let tape = words ?? draw(dimension)
        guard let ranges = bound.sound else {
            return OneBitGradientCode.quantizePerMessage(question.x.values, tape: tape)
        }
        return try OneBitGradientCode.quantize(question.x.values, ranges: ranges, tape: tape)
    }

    static func aggregate(_ question: OneBitGradientCode.Aggregate) throws(Refusal) -> [Float] {
        guard 1...GradientCode.maximumDimension ~= question.dimension else {
            throw Refusal(.invalidParameters, "dimension \(question.dimension), expected 1…2^26")
        }
        return try OneBitGradientCode.aggregate(
            question.messages.map(\.bytes), ranges: try question.bound.ranges(dimension: question.dimension),
            dimension: question.dimension)
    }

    /// The model after the step, every refusal in its order.
    static func step(_ question: OneBitGradientCode.Step) throws(Refusal) -> [Float] {
        let dimension = question.model.count
        guard dimension > 0 else { throw Refusal(.invalidParameters, "expected at least one coordinate") }
        var defects = Defects()
        let steps = question.step.values
        defects.require(!steps.contains { $0.isFinite && $0 <= 0 }, .invalidParameters, "a step that is not positive")
        defects.require(steps.count == 1, .dimensionMismatch, "a step is one binary32, found \(steps.count)")
        defects.require(question.step.isFinite, .nonFinite, "the step is not finite")
        defects.require(question.model.isFinite, .nonFinite, "the model is not finite")
        let ranges = defects.attempt { () throws(Refusal) in try question.bound.ranges(dimension: dimension) }
        let box = defects.attempt { () throws(Refusal) in try question.box() }
        try defects.refuse()
        let update = try OneBitGradientCode.aggregate(
            question.messages.map(\.bytes), ranges: ranges.sound, dimension: dimension)
        return try OneBitGradientCode.step(
            question.model.values, step: steps[0], update: update, box: box.sound)
    }
}
