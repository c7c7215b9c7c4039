public import ExactArithmetic
public import GradientCodes

extension GradientCode {
    /// `gradientCode.encodingMatrix`: the matrix B of a code.
    public struct EncodingMatrix: Question {
        /// The code.
        public var code: CodeDescriptor

        /// A question.
        public init(code: CodeDescriptor) { self.code = code }

        /// The matrix, exact and rounded.
        public struct Answer: Record {
            /// One row a worker, one column a partition.
            public var matrix: [[Rational]]
            /// The same entries row by row, each correctly rounded.
            public var binary32: Binary32Vector

            /// An answer.
            public init(matrix: [[Rational]], binary32: Binary32Vector) {
                self.matrix = matrix
                self.binary32 = binary32
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("matrix", \.matrix, "one row a worker, one column a partition"),
                Field("binary32", \.binary32, "the same entries row by row, each correctly rounded"))
        }

        /// `gradientCode.encodingMatrix`
        public static let name = "gradientCode.encodingMatrix"
        /// What is asked.
        public static let summary = "The encoding matrix of a code."
        /// Where it is defined.
        public static let section = "GradientCode.md#constructions"
        /// When it is refused.
        public static let refusals = CodeDescriptor.refusals
        /// The fields.
        public static let shape = Shape(Self.init, Field("code", \.code, "the code"))
    }

    /// `gradientCode.decodingVector`: a with aᵀB = 1, or a proof that there is none.
    public struct DecodingVector: Question {
        /// Which decoding vector is asked for.
        public enum Rule: String, Choice {
            /// The one of the canonical decoder: free variables zero.
            case canonical
            /// Any.
            case any
        }

        /// The code.
        public var code: CodeDescriptor
        /// The responders F, in any order.
        public var responders: [Int]
        /// Which decoding vector is asked for.
        public var rule: Rule

        /// A question.
        public init(code: CodeDescriptor, responders: [Int], rule: Rule) {
            self.code = code
            self.responders = responders
            self.rule = rule
        }

        /// Whether the sum can be recovered.
        public enum Status: String, Choice {
            /// aᵀB = 1 has a solution supported on F.
            case exact
            /// It has none.
            case undecodable
        }

        /// The vector, or a witness.
        public struct Answer: Record {
            /// Whether the sum can be recovered.
            public var status: Status
            /// a, one number a worker, zero off F; where decodable.
            public var vector: Coefficients?
            /// κ(a), optional.
            public var kappa: Number?
            /// x with B_F x = 0 and 1ᵀx = 1, one number a partition, optional; where undecodable.
            public var witness: [Rational]?

            /// An answer.
            public init(
                status: Status, vector: Coefficients? = nil, kappa: Number? = nil, witness: [Rational]? = nil
            ) {
                self.status = status
                self.vector = vector
                self.kappa = kappa
                self.witness = witness
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(status:vector:kappa:witness:),
                Field("status", \.status, "whether the sum can be recovered, decided exactly"),
                Field("vector", \.vector, "a with aᵀB = 1, one number a worker, zero off F; where exact"),
                Field("kappa", \.kappa, "κ(a), optional"),
                Field("witness", \.witness, "x with B_F x = 0 and 1ᵀx = 1, optional; where undecodable"))
        }

        /// What a right answer says.
        public struct Expected: Record {
            /// Whether the sum can be recovered.
            public var status: Status
            /// The canonical vector; compared when the question asks for it.
            public var vector: [Rational]?
            /// The same, each coefficient correctly rounded.
            public var binary32: Binary32Vector?
            /// Its amplification.
            public var kappa: Rational?
            /// The proof that the set is undecodable.
            public var witness: [Rational]?

            /// An expectation.
            public init(
                status: Status, vector: [Rational]?, binary32: Binary32Vector?, kappa: Rational?, witness: [Rational]?
            ) {
                self.status = status
                self.vector = vector
                self.binary32 = binary32
                self.kappa = kappa
                self.witness = witness
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("status", \.status, "whether the sum can be recovered"),
                Field("vector", \.vector, "the canonical decoding vector"),
                Field("binary32", \.binary32, "the same, each coefficient correctly rounded"),
                Field("kappa", \.kappa, "its κ"),
                Field("witness", \.witness, "the proof that there is none"))
        }

        /// `gradientCode.decodingVector`
        public static let name = "gradientCode.decodingVector"
        /// What is asked.
        public static let summary = "A decoding vector for the responders, or the statement that none exists."
        /// Where it is defined.
        public static let section = "GradientCode.md#decoders"
        /// When it is refused.
        public static let refusals = CodeDescriptor.respondersRefusals
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("code", \.code, "the code"),
            Field("responders", \.responders, "the responders F, in any order"),
            Field("rule", \.rule, "the canonical vector, or any"))
        /// aᵀB = 1 is verified; the canonical vector is compared besides.
        public static func verdict(of expected: Expected) -> Verdict { .relation }
    }
}
