public import ExactArithmetic
import GradientCodes

/// `theory.value`: a closed form of the theory.
public struct TheoryValue: Question {
    /// The quantity (`docs/protocol.md#theory`).
    public enum Quantity: String, Choice {
        /// P(decodable) of fractional repetition.
        case fractionalRepetitionRecovery
        /// P(at least n − s responders), which is P(decodable) of a tight code.
        case thresholdRecovery
        /// The largest magnitude of an entry of CRC-Z.
        case crcZLargestEntry
        /// The worst amplification of CRC-Z with one straggler.
        case crcZWorstAmplification
        /// The bound u-polynomial ((1 + u)^t − 1) κ of a float decode.
        case forwardErrorFactorBound
        /// P(decodable) of CRC-1.
        case crcOnesRecovery
        /// E‖1 − α‖² of one-step decoding of a Bernoulli code.
        case oneStepResidual
        /// E‖1 − α‖² of stochastic gradient coding.
        case stochasticResidual
        /// E‖1 − α‖² of the plain sum of uncoded data.
        case ignoringStragglersResidual
        /// E‖1 − α‖² of uncoded data with weights 1/(1 − p_i).
        case unbiasedWeightsResidual
        /// E(1 − α_j)² of one partition with d replicas when exactly r workers respond, each with weight n/(rd).
        case fixedRespondersResidual
    }

    /// The quantity.
    public var quantity: Quantity
    /// Number of workers n.
    public var workers: Int?
    /// Stragglers s.
    public var stragglers: Int?
    /// Number of partitions k.
    public var partitions: Int?
    /// Straggling probabilities, one a worker.
    public var probabilities: [Rational]?
    /// An amplification κ.
    public var kappa: Rational?
    /// Number of roundings t.
    public var roundings: Int?
    /// δ of a Bernoulli code.
    public var density: Rational?
    /// Number of responders r.
    public var responders: Int?
    /// Workers of each partition, d_j.
    public var replications: [Int]?

    /// A question.
    public init(
        _ quantity: Quantity, workers: Int? = nil, stragglers: Int? = nil, partitions: Int? = nil,
        probabilities: [Rational]? = nil, kappa: Rational? = nil, roundings: Int? = nil, density: Rational? = nil,
        responders: Int? = nil, replications: [Int]? = nil
    ) {
        self.quantity = quantity
        self.workers = workers
        self.stragglers = stragglers
        self.partitions = partitions
        self.probabilities = probabilities
        self.kappa = kappa
        self.roundings = roundings
        self.density = density
        self.responders = responders
        self.replications = replications
    }

    /// The value.
    public struct Answer: Record {
        /// The exact value.
        public var value: Rational

        /// An answer.
        public init(value: Rational) { self.value = value }

        /// One field.
        public static let shape = Shape(Self.init, Field("value", \.value, "the exact value"))
    }

    /// `theory.value`
    public static let name = "theory.value"
    /// What is asked.
    public static let summary = "A closed form of the theory, exact."
    /// Where it is defined.
    public static let section = "GradientCode.md#recovery-probability"
    /// When it is refused.
    public static let refusals = [
        RefusalRule(.invalidParameters, "a parameter of the quantity is missing or out of range"),
        RefusalRule(.dimensionMismatch, "not one probability a worker"),
        RefusalRule(
            .invalidProbability,
            "a probability outside [0, 1], or with a term beyond 64 bits; 1 where a residual divides by 1 − p; δ not in (0, 1]"
        ),
        RefusalRule(.nonDivisible, "strict fractional repetition or CRC-1 when s + 1 does not divide n"),
    ]
    /// The fields.
    public static let shape = Shape(
        Self.init(_:workers:stragglers:partitions:probabilities:kappa:roundings:density:responders:replications:),
        Field("quantity", \.quantity, "the quantity"), Field("workers", \.workers, "n"),
        Field("stragglers", \.stragglers, "s"), Field("partitions", \.partitions, "k"),
        Field("probabilities", \.probabilities, "straggling probabilities, one a worker"),
        Field("kappa", \.kappa, "κ"), Field("roundings", \.roundings, "t"), Field("density", \.density, "δ"),
        Field("responders", \.responders, "r"), Field("replications", \.replications, "d_j, workers of each partition"))
}
