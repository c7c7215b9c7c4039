public import GradientCodes

extension CompressedGradientCode {
    /// `compressed.workerStep`: one iteration of a worker.
    public struct WorkerStep: Question {
        /// C, one with a memory.
        public var compressor: CompressorDescriptor
        /// g, the coded gradient.
        public var gradient: Binary32Vector
        /// e.
        public var memory: Binary32Vector
        /// γ, one binary32.
        public var step: Binary32Vector
        /// False for a straggler.
        public var responds: Bool

        /// A question.
        public init(
            _ compressor: CompressorDescriptor, gradient: Binary32Vector, memory: Binary32Vector, step: Binary32Vector,
            responds: Bool
        ) {
            self.compressor = compressor
            self.gradient = gradient
            self.memory = memory
            self.step = step
            self.responds = responds
        }

        /// Message and memory.
        public struct Answer: Record {
            /// The message; null from a straggler.
            public var message: Bytes?
            /// e, renewed; that of a straggler as it was.
            public var memory: Binary32Vector

            /// An answer.
            public init(message: Bytes?, memory: Binary32Vector) {
                self.message = message
                self.memory = memory
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("message", \.message, "the message; null from a straggler", null: true),
                Field("memory", \.memory, "the memory afterwards"))
        }

        /// What is wrong with an answer; core takes −0 for +0.
        public static func mismatch(of answer: Answer, with expected: Answer, to question: Self, profile: Profile)
            -> Mismatch?
        {
            let isSame =
                profile == .core
                ? answer.message == expected.message
                    && answer.memory.withoutNegativeZeros == expected.memory.withoutNegativeZeros
                : answer == expected
            return isSame ? nil : Mismatch(expected: expected, received: answer)
        }

        /// `compressed.workerStep`
        public static let name = "compressed.workerStep"
        /// What is asked.
        public static let summary = "The message of a worker and its memory, after one iteration."
        /// Where it is defined.
        public static let section = "CompressedGradientCode.md#worker"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters,
                "no coordinate; \(compressorCondition); a compressor without memory; a step that is 0 or negative"),
            RefusalRule(.dimensionMismatch, "gradient and memory of different dimensions; not one step"),
            RefusalRule(.nonFinite, "gradient, memory or step is not finite"),
            RefusalRule(.outOfRange, "γg + e is beyond binary32, of a worker that responds"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(_:gradient:memory:step:responds:), Field("compressor", \.compressor, "the compressor"),
            Field("gradient", \.gradient, "the coded gradient"), Field("memory", \.memory, "the memory before"),
            Field("step", \.step, "γ, one binary32"), Field("responds", \.responds, "false for a straggler"))
    }

    /// `compressed.serverStep`: the model after an iteration.
    public struct ServerStep: Question {
        /// θ_t.
        public var model: Binary32Vector
        /// C.
        public var compressor: CompressorDescriptor
        /// The messages received, workers ascending.
        public var messages: [Bytes]
        /// D words for each message of randK.
        public var tape: Words?

        /// A question.
        public init(
            model: Binary32Vector, compressor: CompressorDescriptor, messages: [Bytes], tape: Words? = nil
        ) {
            self.model = model
            self.compressor = compressor
            self.messages = messages
            self.tape = tape
        }

        /// The model.
        public typealias Answer = OneBitGradientCode.Step.Answer
        /// These bits, or an enclosure.
        public typealias Expected = FloatExpectation

        /// These bits, or within the enclosure.
        public static func verdict(of expected: FloatExpectation) -> Verdict { expected.verdict }

        /// What is wrong with an answer.
        public static func mismatch(
            of answer: Answer, with expected: FloatExpectation, to question: Self, profile: Profile
        ) -> Mismatch? {
            // The sign of a zero is nobody's convention.
            expected.mismatch(of: answer.model, profile: .core)
        }

        /// With words only for who takes a tape.
        public var flags: [String] { tape == nil ? [] : ["tape"] }

        /// `compressed.serverStep`
        public static let name = "compressed.serverStep"
        /// What is asked.
        public static let summary = "The model after one iteration: minus the sum of the messages, the step inside."
        /// Where it is defined.
        public static let section = "CompressedGradientCode.md#server"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters, "a model of dimension 0; \(compressorCondition); messages of randK without tape"),
            RefusalRule(
                .dimensionMismatch, "not 1 or D ranges; words where none are taken, or not D words for each message"),
            RefusalRule(.nonFinite, "the model or a range is not finite"),
            RefusalRule(.malformedMessage, messageCondition),
            RefusalRule(.outOfRange, "the sum or the new model is beyond binary32"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(model:compressor:messages:tape:), Field("model", \.model, "the model before the step"),
            Field("compressor", \.compressor, "the compressor"),
            Field("messages", \.messages, "the messages received, workers ascending"),
            Field("tape", \.tape, "D words for each message of randK, else absent"))
    }
}
