public import ExactArithmetic
public import GradientCodes

extension GradientCode {
    /// `gradientCode.realCirculant`: window and decoding vector of the circulant code over the real numbers, in floats.
    public struct RealCirculant: Question {
        /// Number of workers n.
        public var workers: Int
        /// Stragglers tolerated, s, with n − s odd.
        public var stragglers: Int
        /// The responders F, exactly n − s of them, in any order.
        public var responders: [Int]

        /// A question.
        public init(workers: Int, stragglers: Int, responders: [Int]) {
            self.workers = workers
            self.stragglers = stragglers
            self.responders = responders
        }

        /// Window and decoding vector.
        public struct Answer: Record {
            /// b_0/b_0, …, b_s/b_0.
            public var window: Coefficients
            /// a with aᵀB = 1, one number a worker, zero off F.
            public var vector: Coefficients

            /// An answer.
            public init(window: Coefficients, vector: Coefficients) {
                self.window = window
                self.vector = vector
            }

            /// The fields.
            public static let shape = Shape(
                Self.init, Field("window", \.window, "b_0/b_0, …, b_s/b_0"),
                Field("vector", \.vector, "a with aᵀB = 1, one number a worker, zero off F"))
        }

        /// What a right answer is near to.
        public struct Expected: Record {
            /// Rational numbers within 2⁻¹²⁸, relatively, of b_r/b_0.
            public var window: [Rational]

            /// An expectation.
            public init(window: [Rational]) { self.window = window }

            /// One field.
            public static let shape = Shape(
                Self.init, Field("window", \.window, "b_r/b_0 within 2^-128, relatively"))
        }

        /// `gradientCode.realCirculant`
        public static let name = "gradientCode.realCirculant"
        /// What is asked.
        public static let summary = "Window and decoding vector of the real circulant code, in floats."
        /// Where it is defined.
        public static let section = "GradientCode.md#circulants"
        /// When it is refused.
        public static let refusals = [
            RefusalRule(
                .invalidParameters,
                "n ≤ 0, n > 1024, s < 0, s ≥ n or n − s even; or not n − s responders"),
            RefusalRule(.indexOutOfRange, "a responder is not in 0 ..< n"),
            RefusalRule(.duplicateWorker, "a responder is listed twice"),
        ]
        /// The fields.
        public static let shape = Shape(
            Self.init, Field("workers", \.workers, "n"), Field("stragglers", \.stragglers, "s, n − s odd"),
            Field("responders", \.responders, "the responders F, n − s of them, in any order"))
        /// Irrational numbers: floats within a derived bound.
        public static func verdict(of expected: Expected) -> Verdict { .enclosure }

        /// What is wrong with an answer (`docs/numerics.md#real-circulant`).
        public static func mismatch(of answer: Answer, with expected: Expected, to question: Self, profile: Profile)
            -> Mismatch?
        {
            let (n, s) = (question.workers, question.stragglers)
            guard let (window, windowPrecision) = answer.window.values(count: s + 1),
                let (vector, vectorPrecision) = answer.vector.values(count: n)
            else {
                return Mismatch(
                    "not s + 1 and n finite numbers", expected: "\(s + 1) and \(n) numbers", received: answer)
            }
            // An exact number can only stand for an irrational one if it was a double before.
            let precision = min(windowPrecision?.rawValue ?? 53, vectorPrecision?.rawValue ?? 53)
            let u = Rational(2).power(-precision)
            let digits = Int.bitWidth - n.leadingZeroBitCount
            let windowError = Rational(n * (18 + 5 * digits)) * u + Rational(2).power(-128)
            if let r = window.indices.first(where: {
                (window[$0] - expected.window[$0]).magnitude > windowError * expected.window[$0].magnitude
            }) {
                return Mismatch("b_\(r)/b_0 is another number", expected: expected, received: answer)
            }
            if let outside = vector.indices.first(where: { !question.responders.contains($0) && !vector[$0].isZero }) {
                return Mismatch("a straggler has a coefficient", expected: "a[\(outside)] = 0", received: answer)
            }
            let weight = vector.map(\.magnitude).total * expected.window.map(\.magnitude).total
            let solver = min(Rational(8 * n * (n - s)) * u * (Rational(n) + weight), Rational(1, 2))
            for j in 0..<n {
                let terms = (0...s).map { expected.window[$0] * vector[(j - $0 + n) % n] }
                let bound = solver + windowError * terms.map(\.magnitude).total
                guard (terms.total - 1).magnitude <= bound else {
                    return Mismatch(
                        "partition \(j) is recovered \(terms.total.decimal(digits: 12)) times, not once",
                        expected: "aᵀB = 1 within \(bound.decimal(digits: 12))", received: answer)
                }
            }
            return nil
        }
    }
}
