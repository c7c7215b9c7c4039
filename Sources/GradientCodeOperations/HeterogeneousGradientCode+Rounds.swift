public import ExactArithmetic
public import GradientCodes

extension HeterogeneousGradientCode {
    /// The coefficients of a session: the optimal ones, those of a baseline, or a matrix.
    public enum SessionCoefficients: FieldValue {
        /// Codes that have a name (`docs/HeterogeneousGradientCode.md#baselines`).
        public enum Name: String, CaseIterable, Sendable {
            /// The optimal code.
            case optimal
            /// Stragglers ignored, replicas averaged.
            case ignore
            /// Unbiased, blind to differences.
            case blind
            /// Stochastic gradient coding.
            case stochastic
            /// Least squares for the responders, with the encoding of the optimal code.
            case leastSquares
        }

        /// A code with a name.
        case named(Name)
        /// C, one row a worker.
        case matrix([[Rational]])

        /// A matrix, or a name.
        public static var schema: Schema { .either(.list(.list(.rational)), words: Name.allCases.map(\.rawValue)) }

        /// Reads a matrix or a name.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let name = (try? container.decode(String.self)).flatMap(Name.init(rawValue:)) {
                self = .named(name)
            } else {
                self = .matrix(try container.decode([[Rational]].self))
            }
        }

        /// Writes a matrix or a name.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .named(let name): try container.encode(name.rawValue)
            case .matrix(let rows): try container.encode(rows)
            }
        }
    }

    /// What opens rounds of a heterogeneous code.
    public struct Session: Opening {
        /// One row a worker, 1 where it holds the partition.
        public var allocation: [[Int]]
        /// p_i.
        public var probabilities: [Rational]
        /// The coefficients.
        public var coefficients: SessionCoefficients
        /// Coordinates of a gradient.
        public var dimension: Int

        /// An opening.
        public init(
            allocation: [[Int]], probabilities: [Rational], coefficients: SessionCoefficients, dimension: Int
        ) {
            self.allocation = allocation
            self.probabilities = probabilities
            self.coefficients = coefficients
            self.dimension = dimension
        }

        /// The input of a round.
        public typealias Round = HeterogeneousGradientCode.Round
        /// `heterogeneous`
        public static let scheme = "heterogeneous"
        /// Where a round is defined.
        public static let section = "HeterogeneousGradientCode.md#rounds"
        /// The fields.
        public static let shape = Shape(
            Self.init(allocation:probabilities:coefficients:dimension:),
            Field("allocation", \.allocation, "one row a worker, 1 where it holds the partition"),
            Field("probabilities", \.probabilities, "straggling probabilities, one a worker"),
            Field("coefficients", \.coefficients, "C, zero where nothing is held; or the name of a code"),
            Field("dimension", \.dimension, "coordinates of a gradient"))
    }

    /// One round of a heterogeneous code.
    public struct Round: SessionRound {
        /// The gradients, one a partition.
        public var gradients: [Binary32Vector]
        /// Who responds, in any order; absent where the subject draws them.
        public var responders: [Int]?
        /// The seed of the draws.
        public var seed: Seed?
        /// The iteration of the draws.
        public var t: Int?

        /// Any combination, also a wrong one.
        public init(gradients: [Binary32Vector], responders: [Int]? = nil, seed: Seed? = nil, t: Int? = nil) {
            self.gradients = gradients
            self.responders = responders
            self.seed = seed
            self.t = t
        }

        /// What a round answers.
        public struct Outcome: Record {
            /// ĝ, or ĝ/m where that is the subject's convention.
            public var update: Binary32Vector
            /// Responders treated as stragglers because their coded gradient is not finite, ascending.
            public var excluded: [Int]
            /// The coded gradients sent, in the subject's gauge; optional.
            public var decoded: [Binary32Vector?]?

            /// An outcome.
            public init(update: Binary32Vector, excluded: [Int], decoded: [Binary32Vector?]? = nil) {
                self.update = update
                self.excluded = excluded
                self.decoded = decoded
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(update:excluded:decoded:),
                Field("update", \.update, "ĝ = Σ_i w_i y_i over the responders left; zeros for none"),
                Field("excluded", \.excluded, "responders whose coded gradient is not finite, ascending"),
                Field("decoded", \.decoded, "the coded gradients sent, in any gauge, null for stragglers; optional"))
        }

        /// The fields.
        public static let shape = Shape(
            Self.init(gradients:responders:seed:t:), Field("gradients", \.gradients, "one gradient a partition"),
            Field("responders", \.responders, "who responds, in any order; or"),
            Field("seed", \.seed, "the seed and"), Field("t", \.t, "the iteration of the draws of the responders"))
    }
}
