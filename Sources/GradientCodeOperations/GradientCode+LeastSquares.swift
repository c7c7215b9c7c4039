public import ExactArithmetic
public import GradientCodes

extension GradientCode {
    /// `gradientCode.leastSquares`: the best approximation of the sum.
    public struct LeastSquares: Question {
        /// The code.
        public var code: CodeDescriptor
        /// The responders F, in any order.
        public var responders: [Int]

        /// A question.
        public init(code: CodeDescriptor, responders: [Int]) {
            self.code = code
            self.responders = responders
        }

        /// The approximation.
        public struct Answer: Record {
            /// a, one number a worker, zero off F.
            public var vector: Coefficients
            /// α = aᵀB, one number a partition.
            public var recovered: Coefficients
            /// ‖1 − α‖².
            public var residual: Number

            /// An answer.
            public init(vector: Coefficients, recovered: Coefficients, residual: Number) {
                self.vector = vector
                self.recovered = recovered
                self.residual = residual
            }

            /// The fields.
            public static let shape = Shape(
                Self.init,
                Field("vector", \.vector, "a minimising ‖1 − aᵀB‖, one number a worker, zero off F"),
                Field("recovered", \.recovered, "α = aᵀB, one number a partition"),
                Field("residual", \.residual, "‖1 − α‖²"))
        }

        /// What a right answer says.
        public struct Expected: Record {
            /// The minimum-norm solution, compared in the wire profile only.
            public var vector: [Rational]
            /// The projection of 1.
            public var recovered: [Rational]
            /// Its squared distance from 1.
            public var residual: Rational

            /// An expectation.
            public init(vector: [Rational], recovered: [Rational], residual: Rational) {
                self.vector = vector
                self.recovered = recovered
                self.residual = residual
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("vector", \.vector, "the minimum-norm solution, compared in wire"),
                Field("recovered", \.recovered, "the projection α of 1 on the rows' span"),
                Field("residual", \.residual, "‖1 − α‖²"))
        }

        /// `gradientCode.leastSquares`
        public static let name = "gradientCode.leastSquares"
        /// What is asked.
        public static let summary = "The combination of the responders' messages nearest to the sum."
        /// Where it is defined.
        public static let section = "GradientCode.md#least-squares"
        /// When it is refused.
        public static let refusals = CodeDescriptor.respondersRefusals
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("code", \.code, "the code"),
            Field("responders", \.responders, "the responders F, in any order"))
        /// Any solution is right; its projection is unique.
        public static func verdict(of expected: Expected) -> Verdict { .relation }
    }
}
