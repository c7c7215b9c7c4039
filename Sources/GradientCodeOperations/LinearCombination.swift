public import ExactArithmetic
public import GradientCodes

/// A linear combination Σ_i c_i v_i of binary32 vectors with binary32 coefficients.
public protocol LinearCombinationQuestion: Question where Answer == CombinedVector, Expected == FloatExpectation {
    /// One coefficient a vector.
    var coefficients: Binary32Vector { get }
    /// The vectors, all of one dimension.
    var vectors: [Binary32Vector] { get }
}

/// The vector a linear combination answers.
public struct CombinedVector: Record {
    /// Σ_i c_i v_i.
    public var vector: Binary32Vector

    /// An answer.
    public init(vector: Binary32Vector) { self.vector = vector }

    /// One field.
    public static let shape = Shape(Self.init, Field("vector", \.vector, "the combination, one value a coordinate"))
}

extension LinearCombinationQuestion {
    /// Where it is defined.
    public static var section: String { "GradientCode.md#float32" }

    /// When it is refused.
    public static var refusals: [RefusalRule] {
        [
            RefusalRule(.invalidParameters, "no vectors, or vectors of dimension 0"),
            RefusalRule(.dimensionMismatch, "not one coefficient a vector, or vectors of different dimensions"),
            RefusalRule(.nonFinite, "a coefficient or a coordinate is not finite"),
            RefusalRule(.outOfRange, "the result is beyond binary32"),
        ]
    }

    /// These bits, or within the enclosure.
    public static func verdict(of expected: FloatExpectation) -> Verdict { expected.verdict }

    /// What is wrong with an answer.
    public static func mismatch(
        of answer: CombinedVector, with expected: FloatExpectation, to question: Self, profile: Profile
    ) -> Mismatch? {
        expected.mismatch(of: answer.vector, profile: profile)
    }

    /// The coefficients and vectors, checked.
    ///
    /// - Throws: the refusals of the operation that can be told from the question alone, in order of precedence.
    public func validated() throws(Refusal) -> (coefficients: [Float], vectors: [[Float]]) {
        guard let dimension = vectors.first?.count, dimension > 0 else {
            throw Refusal(.invalidParameters, "expected at least one vector of at least one coordinate")
        }
        guard coefficients.count == vectors.count else {
            throw Refusal(.dimensionMismatch, "\(coefficients.count) coefficients for \(vectors.count) vectors")
        }
        for (index, vector) in vectors.enumerated() where vector.count != dimension {
            throw Refusal(
                .dimensionMismatch, "vector \(index) has \(vector.count) coordinates, the first has \(dimension)")
        }
        guard coefficients.isFinite else { throw Refusal(.nonFinite, "a coefficient is not finite") }
        for (index, vector) in vectors.enumerated() where !vector.isFinite {
            throw Refusal(.nonFinite, "vector \(index) is not finite")
        }
        return (coefficients.values, vectors.map(\.values))
    }
}

/// What a vector file stores about right float answers: these bits, or an exact centre with a derived bound.
public struct FloatExpectation: Record {
    /// The bits, where every right computation gives them.
    public var vector: Binary32Vector?
    /// The exact value of each coordinate.
    public var center: [Rational]?
    /// How far each coordinate may be from it.
    public var bound: [Rational]?
    /// The derivation of the bound: an anchor of `docs/numerics.md`.
    public var derivation: String?

    init(vector: Binary32Vector?, center: [Rational]?, bound: [Rational]?, derivation: String?) {
        self.vector = vector
        self.center = center
        self.bound = bound
        self.derivation = derivation
    }

    /// These bits only; the core profile takes −0 for +0.
    public static func exact(_ vector: Binary32Vector) -> FloatExpectation {
        FloatExpectation(vector: vector, center: nil, bound: nil, derivation: nil)
    }

    /// Anything within `bound` of `center`, coordinate by coordinate.
    public static func enclosure(center: [Rational], bound: [Rational], derivation: String) -> FloatExpectation {
        FloatExpectation(vector: nil, center: center, bound: bound, derivation: derivation)
    }

    /// Exact or enclosure.
    public var verdict: Verdict { vector == nil ? .enclosure : .exact }

    /// What is wrong with an answer.
    public func mismatch(of answer: Binary32Vector, profile: Profile) -> Mismatch? {
        if let vector {
            let same =
                profile == .core ? answer.withoutNegativeZeros == vector.withoutNegativeZeros : answer == vector
            return same ? nil : Mismatch(expected: vector, received: answer)
        }
        guard let center, let bound, center.count == bound.count, answer.count == center.count else {
            return Mismatch(
                "the number of coordinates differs", expected: "\(center?.count ?? 0) coordinates", received: answer)
        }
        for (index, value) in answer.values.enumerated() {
            guard let exact = Rational(exactly: value), (exact - center[index]).magnitude <= bound[index] else {
                let expected = "\(center[index].decimal(digits: 12)) ± \(bound[index].decimal(digits: 12))"
                return Mismatch(
                    "coordinate \(index) is \(value), outside the enclosure (\(derivation ?? ""))",
                    expected: "\(expected), exactly \(center[index]) ± \(bound[index])", received: answer)
            }
        }
        return nil
    }

    /// The fields.
    public static let shape = Shape(
        Self.init, Field("vector", \.vector, "the only right bits; or"),
        Field("center", \.center, "the exact value of each coordinate"),
        Field("bound", \.bound, "how far each coordinate may be from it"),
        Field("derivation", \.derivation, "the bound's anchor in docs/numerics.md"))
}

extension Number {
    /// What is wrong with a number: an exact one must be equal, a double within the bound.
    public func mismatch(with expected: Rational, binary64Bound: Rational) -> Mismatch? {
        switch self {
        case .exact(let value) where value == expected: return nil
        case .binary64:
            if let value, (value - expected).magnitude <= binary64Bound { return nil }
            return Mismatch(
                "the double is outside its bound",
                expected: "\(expected) ± \(binary64Bound.decimal(digits: 20))", received: self)
        case .exact: return Mismatch(expected: expected, received: self)
        }
    }
}
