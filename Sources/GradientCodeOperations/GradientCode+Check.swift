public import ExactArithmetic
public import GradientCodes

extension GradientCode {
    /// `gradientCode.check`: does the code tolerate s stragglers?
    public struct Check: Question {
        /// The code.
        public var code: CodeDescriptor
        /// The stragglers s to tolerate.
        public var stragglers: Int

        /// A question.
        public init(code: CodeDescriptor, stragglers: Int) {
            self.code = code
            self.stragglers = stragglers
        }

        /// A set of responders from which the sum cannot be recovered, and why.
        public struct Witness: Record {
            /// The responders F, ascending.
            public var responders: [Int]
            /// x with B_F x = 0 and 1ᵀx = 1, one number a partition.
            public var vector: [Rational]

            /// A witness.
            public init(responders: [Int], vector: [Rational]) {
                self.responders = responders
                self.vector = vector
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("responders", \.responders, "the responders F, at least n − s, ascending"),
                Field("vector", \.vector, "x with B_F x = 0 and 1ᵀx = 1"))
        }

        /// The verdict on the code.
        public struct Answer: Record {
            /// GC(s): every n − s responders recover the sum.
            public var recovers: Bool
            /// TIGHT(s): GC(s), and no fewer do.
            public var tight: Bool
            /// Worst amplification of the canonical decoding vectors over |F| = n − s; absent without GC(s).
            public var kappa: Number?
            /// A set that breaks GC(s); absent with it.
            public var witness: Witness?

            /// An answer.
            public init(recovers: Bool, tight: Bool, kappa: Number? = nil, witness: Witness? = nil) {
                self.recovers = recovers
                self.tight = tight
                self.kappa = kappa
                self.witness = witness
            }

            /// The fields.
            public static let shape = Shape(
                Self.init(recovers:tight:kappa:witness:), Field("recovers", \.recovers, "GC(s)"),
                Field("tight", \.tight, "TIGHT(s)"),
                Field("kappa", \.kappa, "worst κ of the canonical decoding vectors over |F| = n − s"),
                Field("witness", \.witness, "without GC(s): a set that cannot recover the sum"))
        }

        /// What a right verdict says.
        public struct Expected: Record {
            /// GC(s).
            public var recovers: Bool
            /// TIGHT(s).
            public var tight: Bool
            /// The worst amplification, compared in the wire profile only.
            public var kappa: Rational?

            /// An expectation.
            public init(recovers: Bool, tight: Bool, kappa: Rational?) {
                self.recovers = recovers
                self.tight = tight
                self.kappa = kappa
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("recovers", \.recovers, "GC(s)"), Field("tight", \.tight, "TIGHT(s)"),
                Field("kappa", \.kappa, "worst κ, compared in wire"))
        }

        /// `gradientCode.check`
        public static let name = "gradientCode.check"
        /// What is asked.
        public static let summary = "Whether a code tolerates s stragglers, and whether it needs n − s responders."
        /// Where it is defined.
        public static let section = "GradientCode.md#properties"
        /// When it is refused.
        public static let refusals = CodeDescriptor.refusals
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("code", \.code, "the code"), Field("stragglers", \.stragglers, "s, in 0 ..< n"))
        /// Any witness that proves what it should is right.
        public static func verdict(of expected: Expected) -> Verdict { .relation }
    }
}
