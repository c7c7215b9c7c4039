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

    /// A question.
    public init(
        _ quantity: Quantity, workers: Int? = nil, stragglers: Int? = nil, partitions: Int? = nil,
        probabilities: [Rational]? = nil, kappa: Rational? = nil, roundings: Int? = nil
    ) {
        self.quantity = quantity
        self.workers = workers
        self.stragglers = stragglers
        self.partitions = partitions
        self.probabilities = probabilities
        self.kappa = kappa
        self.roundings = roundings
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
        RefusalRule(.invalidProbability, "a probability outside [0, 1], or with a term beyond 64 bits"),
        RefusalRule(.nonDivisible, "strict fractional repetition when s + 1 does not divide n"),
    ]
    /// The fields.
    public static let shape = Shape(
        Self.init(_:workers:stragglers:partitions:probabilities:kappa:roundings:),
        Field("quantity", \.quantity, "the quantity"), Field("workers", \.workers, "n"),
        Field("stragglers", \.stragglers, "s"), Field("partitions", \.partitions, "k"),
        Field("probabilities", \.probabilities, "straggling probabilities, one a worker"),
        Field("kappa", \.kappa, "κ"), Field("roundings", \.roundings, "t"))
}
