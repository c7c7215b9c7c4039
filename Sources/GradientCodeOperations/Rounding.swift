public import ExactArithmetic

/// The rounding of exact coefficients to floats.
public enum Rounding {
    /// `rounding.binary32`: correct rounding.
    public struct Binary32: Question {
        /// The exact values.
        public var values: [Rational]

        /// A question.
        public init(values: [Rational]) { self.values = values }

        /// The rounded values.
        public struct Answer: Record {
            /// One float a value.
            public var values: Binary32Vector

            /// An answer.
            public init(values: Binary32Vector) { self.values = values }

            /// One field.
            public static let shape = Shape(
                Self.init, Field("values", \.values, "each value, correctly rounded; ±infinity on overflow"))
        }

        /// `rounding.binary32`
        public static let name = "rounding.binary32"
        /// What is asked.
        public static let summary = "Each rational rounded once to the nearest binary32, ties to even."
        /// Where it is defined.
        public static let section = "numerics.md#binary32-rounding"
        /// Never refused.
        public static let refusals: [RefusalRule] = []
        /// The fields.
        public static let shape = Shape(Self.init, Field("values", \.values, "the exact values"))
    }
}
