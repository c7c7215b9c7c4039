public import ExactArithmetic
public import GradientCodes

extension GradientCode {
    /// `gradientCode.approximate`: a decoding that does not look for α = 1.
    public struct Approximate: Question {
        /// How the coefficients are chosen.
        public enum Rule: String, Choice {
            /// D4: 1/(rδ) for each of r responders.
            case oneStep
            /// D5: the weight of each responder, whoever else responds.
            case fixedWeights
        }

        /// The code.
        public var code: CodeDescriptor
        /// The responders F, in any order.
        public var responders: [Int]
        /// How the coefficients are chosen.
        public var rule: Rule
        /// δ of one-step decoding.
        public var density: Rational?
        /// The fixed weights, one a worker.
        public var weights: [Rational]?

        /// Any combination, also a wrong one.
        public init(
            code: CodeDescriptor, responders: [Int], rule: Rule, density: Rational? = nil, weights: [Rational]? = nil
        ) {
            self.code = code
            self.responders = responders
            self.rule = rule
            self.density = density
            self.weights = weights
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
                Self.init, Field("vector", \.vector, "a, one number a worker, zero off F"),
                Field("recovered", \.recovered, "α = aᵀB, one number a partition"),
                Field("residual", \.residual, "‖1 − α‖²"))
        }

        /// `gradientCode.approximate`
        public static let name = "gradientCode.approximate"
        /// What is asked.
        public static let summary = "What one-step decoding or fixed weights recover of the sum."
        /// Where it is defined.
        public static let section = "GradientCode.md#approximate-assignments"
        /// When it is refused.
        public static let refusals: [RefusalRule] = CodeDescriptor.respondersRefusals.map { rule in
            switch rule.kind {
            case .invalidParameters:
                RefusalRule(rule.kind, rule.condition + "; the rule's density or weights are missing")
            case .dimensionMismatch: RefusalRule(rule.kind, rule.condition + "; not one weight a worker")
            case .invalidProbability: RefusalRule(rule.kind, "of the code; or δ of the rule is not in (0, 1]")
            default: rule
            }
        }
        /// The fields.
        public static let shape = Shape(
            Self.init(code:responders:rule:density:weights:), Field("code", \.code, "the code"),
            Field("responders", \.responders, "the responders F, in any order"),
            Field("rule", \.rule, "oneStep: a_i = 1/(rδ) for r responders; fixedWeights: a_i = w_i"),
            Field("density", \.density, "δ in (0, 1], for oneStep"),
            Field("weights", \.weights, "w, one number a worker, for fixedWeights"))
        /// All three are unique; floats lie within their bounds.
        public static func verdict(of expected: Answer) -> Verdict { .enclosure }

        /// What is wrong with an answer (`docs/numerics.md#approximate`).
        public static func mismatch(of answer: Answer, with expected: Answer, to question: Self, profile: Profile)
            -> Mismatch?
        {
            guard case .exact(let a) = expected.vector, case .exact(let alpha) = expected.recovered,
                let (vector, vectorPrecision) = answer.vector.values(count: a.count),
                let (recovered, recoveredPrecision) = answer.recovered.values(count: alpha.count)
            else {
                return Mismatch("not one finite number a worker and a partition", expected: expected, received: answer)
            }
            let coefficientError = growth(4, vectorPrecision)
            if let i = a.indices.first(where: { (vector[$0] - a[$0]).magnitude > coefficientError * a[$0].magnitude }) {
                return Mismatch("coefficient \(i) is another one", expected: expected, received: answer)
            }
            let coarser = [vectorPrecision, recoveredPrecision].compactMap { $0 }.min { $0.rawValue < $1.rawValue }
            let recoveredError = growth(a.count + 5, coarser)
            let rows = question.code.explicitMatrix?.rowVectors
            for j in alpha.indices {
                let terms = rows.map { zip(a, $0).map { ($0 * $1[j]).magnitude }.total } ?? alpha[j].magnitude
                guard (recovered[j] - alpha[j]).magnitude <= recoveredError * terms else {
                    return Mismatch("α[\(j)] is another one", expected: expected, received: answer)
                }
            }
            let squares = recovered.map { (1 - $0) * (1 - $0) }.total
            let scale = recovered.map { (1 + $0.magnitude) * (1 + $0.magnitude) }.total
            let residualPrecision: Coefficients.Precision? =
                if case .exact = answer.residual { nil } else { .binary64 }
            let coarsest = [vectorPrecision, recoveredPrecision, residualPrecision].compactMap { $0 }
                .min { $0.rawValue < $1.rawValue }
            guard let residual = answer.residual.value,
                (residual - squares).magnitude <= growth(alpha.count + 6, coarsest) * scale
            else {
                return Mismatch("the residual is not that of α", expected: "‖1 − α‖² = \(squares)", received: answer)
            }
            return nil
        }

        /// (1 + u)^t − 1; 0 for exact numbers.
        private static func growth(_ roundings: Int, _ precision: Coefficients.Precision?) -> Rational {
            precision.map { (1 + $0.unitRoundoff).power(roundings) - 1 } ?? 0
        }
    }
}
