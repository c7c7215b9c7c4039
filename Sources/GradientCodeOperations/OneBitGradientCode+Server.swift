public import GradientCodes

extension OneBitGradientCode {
    /// `oneBit.aggregate`: the update Y.
    public struct Aggregate: Question {
        /// The messages received, workers ascending.
        public var messages: [Bytes]
        /// B, as the messages were made.
        public var bound: SignRange
        /// D.
        public var dimension: Int

        /// A question.
        public init(messages: [Bytes], bound: SignRange, dimension: Int) {
            self.messages = messages
            self.bound = bound
            self.dimension = dimension
        }

        /// The update.
        public struct Answer: Record {
            /// Σ of the decoded messages.
            public var update: Binary32Vector

            /// An answer.
            public init(update: Binary32Vector) { self.update = update }

            /// One field.
            public static let shape = Shape(
                Self.init, Field("update", \.update, "the sum of the decoded messages; zeros for none"))
        }
        /// These bits, or an enclosure.
        public typealias Expected = FloatExpectation

        /// These bits, or within the enclosure.
        public static func verdict(of expected: FloatExpectation) -> Verdict { expected.verdict }

        /// What is wrong with an answer.
        public static func mismatch(
            of answer: Answer, with expected: FloatExpectation, to question: Self, profile: Profile
        ) -> Mismatch? {
            // The sign of a zero sum is nobody's convention.
            expected.mismatch(of: answer.update, profile: .core)
        }

        /// `oneBit.aggregate`
        public static let name = "oneBit.aggregate"
        /// What is asked.
        public static let summary = "The sum of the decoded messages, before the step."
        /// Where it is defined.
        public static let section = "OneBitGradientCode.md#server"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(.invalidParameters, "D < 1 or D > 2²⁶; a range that is 0 or negative"),
            RefusalRule(.dimensionMismatch, "not 1 or D ranges"),
            RefusalRule(.nonFinite, "a range is not finite"),
            RefusalRule(.malformedMessage, messageCondition),
            RefusalRule(.outOfRange, "the sum is beyond binary32"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("messages", \.messages, "the messages received, workers ascending"),
            Field("bound", \.bound, "B, one or one a coordinate; `perMessage` where it is sent"),
            Field("dimension", \.dimension, "coordinates D"))
    }

    /// `oneBit.step`: the model after an iteration.
    public struct Step: Question {
        /// θ_t.
        public var model: Binary32Vector
        /// γ, one binary32.
        public var step: Binary32Vector
        /// The messages received, workers ascending.
        public var messages: [Bytes]
        /// B, as the messages were made.
        public var bound: SignRange
        /// Lower ends of a box, one a coordinate; −∞ for none.
        public var lower: Binary32Vector?
        /// Upper ends of a box, one a coordinate; ∞ for none.
        public var upper: Binary32Vector?

        /// A question.
        public init(
            model: Binary32Vector, step: Binary32Vector, messages: [Bytes], bound: SignRange,
            lower: Binary32Vector? = nil, upper: Binary32Vector? = nil
        ) {
            self.model = model
            self.step = step
            self.messages = messages
            self.bound = bound
            self.lower = lower
            self.upper = upper
        }

        /// The model.
        public struct Answer: Record {
            /// θ_{t+1}.
            public var model: Binary32Vector

            /// An answer.
            public init(model: Binary32Vector) { self.model = model }

            /// One field.
            public static let shape = Shape(Self.init, Field("model", \.model, "the model after the step"))
        }
        /// These bits, or an enclosure.
        public typealias Expected = FloatExpectation

        /// These bits, or within the enclosure.
        public static func verdict(of expected: FloatExpectation) -> Verdict { expected.verdict }

        /// What is wrong with an answer.
        public static func mismatch(
            of answer: Answer, with expected: FloatExpectation, to question: Self, profile: Profile
        ) -> Mismatch? {
            expected.mismatch(of: answer.model, profile: .core)
        }

        /// `oneBit.step`
        public static let name = "oneBit.step"
        /// What is asked.
        public static let summary =
            "The model after one iteration: a step along the update, projected on a box if there is one."
        /// Where it is defined.
        public static let section = "OneBitGradientCode.md#server"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters,
                "a model of dimension 0; a step or a range that is 0 or negative; a box with lower > upper, or with one end only"
            ),
            RefusalRule(.dimensionMismatch, "not one step; not 1 or D ranges; ends of another dimension"),
            RefusalRule(.nonFinite, "the model, the step or a range is not finite; an end is NaN"),
            RefusalRule(.malformedMessage, messageCondition),
            RefusalRule(.outOfRange, "the sum or the new model is beyond binary32"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(model:step:messages:bound:lower:upper:), Field("model", \.model, "the model before the step"),
            Field("step", \.step, "γ, one binary32"),
            Field("messages", \.messages, "the messages received, workers ascending"),
            Field("bound", \.bound, "B, one or one a coordinate; `perMessage` where it is sent"),
            Field("lower", \.lower, "lower ends of a box; −∞ for none"),
            Field("upper", \.upper, "upper ends of a box; ∞ for none"))
    }

    private static let messageCondition =
        "a message of wrong length; a padding bit that is 1; a range that is negative, −0 or not finite; a range 0 with a bit 1"
}

extension OneBitGradientCode.Step {
    /// The box, its ends checked; nil where there is none.
    ///
    /// - Throws: `invalidParameters` with one end only or for lower > upper; else `dimensionMismatch`; else `nonFinite`
    ///   for a NaN.
    public func box() throws(Refusal) -> (lower: [Float], upper: [Float])? {
        guard let lower = lower?.values, let upper = upper?.values else {
            guard lower == nil, upper == nil else {
                throw Refusal(.invalidParameters, "a box needs both lower and upper ends")
            }
            return nil
        }
        if let j = zip(lower, upper).enumerated().first(where: { $0.element.0 > $0.element.1 })?.offset {
            throw Refusal(.invalidParameters, "the box is empty in coordinate \(j): \(lower[j]) > \(upper[j])")
        }
        guard lower.count == model.count, upper.count == model.count else {
            throw Refusal(
                .dimensionMismatch, "\(lower.count) and \(upper.count) ends for \(model.count) coordinates")
        }
        guard !lower.contains(where: \.isNaN), !upper.contains(where: \.isNaN) else {
            throw Refusal(.nonFinite, "an end of the box is NaN")
        }
        return (lower, upper)
    }
}
