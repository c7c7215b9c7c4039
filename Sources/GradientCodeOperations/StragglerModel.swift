public import ExactArithmetic
public import GradientCodes

extension StragglerModel {
    /// `stragglers.draw`: who responds in one iteration.
    public struct Draw: Question {
        /// The seed.
        public var seed: Seed
        /// The iteration.
        public var t: Int
        /// Straggling probabilities of independent workers.
        public var probabilities: [Rational]?
        /// Exactly this many stragglers …
        public var stragglers: Int?
        /// … of this many workers.
        public var workers: Int?

        /// A question about independent workers.
        public init(seed: Seed, t: Int, probabilities: [Rational]) {
            self.init(seed: seed, t: t, probabilities: probabilities, stragglers: nil, workers: nil)
        }

        /// A question about exactly `stragglers` of `workers`.
        public init(seed: Seed, t: Int, stragglers: Int, workers: Int) {
            self.init(seed: seed, t: t, probabilities: nil, stragglers: stragglers, workers: workers)
        }

        /// Any combination, also a wrong one.
        public init(seed: Seed, t: Int, probabilities: [Rational]?, stragglers: Int?, workers: Int?) {
            self.seed = seed
            self.t = t
            self.probabilities = probabilities
            self.stragglers = stragglers
            self.workers = workers
        }

        /// The model the question describes.
        public func model() throws(Refusal) -> StragglerModel {
            switch (probabilities, stragglers, workers) {
            case (let probabilities?, nil, nil):
                return try .independent(Probability.all(probabilities))
            case (nil, let stragglers?, let workers?):
                return try .exactly(stragglers, of: workers)
            default:
                throw Refusal(.invalidParameters, "expected either probabilities, or stragglers and workers")
            }
        }

        /// Who responds.
        public struct Answer: Record {
            /// Ascending.
            public var responders: [Int]

            /// An answer.
            public init(responders: [Int]) { self.responders = responders }

            /// One field.
            public static let shape = Shape(
                Self.init, Field("responders", \.responders, "the workers that respond, ascending"))
        }

        /// `stragglers.draw`
        public static let name = "stragglers.draw"
        /// What is asked.
        public static let summary = "The responders of one iteration under the draw contract."
        /// Where it is defined.
        public static let section = "numerics.md#randomness"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters,
                "neither or both of the two models; no worker; stragglers outside 0…workers; t outside 0 ..< 2³²"),
            RefusalRule(.invalidProbability, "a probability outside [0, 1], or with a term beyond 64 bits"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init(seed:t:probabilities:stragglers:workers:),
            Field("seed", \.seed, "the seed"), Field("t", \.t, "the iteration"),
            Field("probabilities", \.probabilities, "straggling probabilities of independent workers"),
            Field("stragglers", \.stragglers, "or: exactly so many stragglers"),
            Field("workers", \.workers, "of so many workers"))
    }
}

extension Probability {
    /// A probability as the protocol writes it.
    ///
    /// - Throws: `invalidProbability` outside [0, 1] or when a term needs more than 64 bits.
    public init(_ value: Rational) throws(Refusal) {
        guard let numerator = UInt64(exactly: value.numerator), let denominator = UInt64(exactly: value.denominator)
        else {
            throw Refusal(.invalidProbability, "\(value) is not in [0, 1] with terms of at most 64 bits")
        }
        try self.init(numerator, denominator)
    }

    /// Probabilities as the protocol writes them.
    public static func all(_ values: [Rational]) throws(Refusal) -> [Probability] {
        var all: [Probability] = []
        for value in values { all.append(try Probability(value)) }
        return all
    }
}

extension UInt64 {
    /// The integer `value`, or nil when it is not an integer or does not fit.
    init?(exactly value: Rational) {
        let half: Rational = 0x1_0000_0000
        let high = (value / half).floor
        guard value.isInteger, let upper = Int(exactly: high), let upper = UInt32(exactly: upper),
            let lower = Int(exactly: value - high * half)
        else { return nil }
        self = UInt64(upper) << 32 | UInt64(lower)
    }
}
