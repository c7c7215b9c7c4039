public import ExactArithmetic
public import GradientCodes

/// A loss F = Σ_k f_k of M subsets whose coordinates do not meet, f_k(θ) = Σ_j a_kj φ(θ_j − z_kj), with exact values and
/// gradients.
///
/// All are convex. The instances of docs/OneBitGradientCode.md#tight-instances are of this kind.
public struct SeparableLoss: Hashable, Sendable {
    /// The function φ of one difference x.
    public enum Kind: String, CaseIterable, Sendable {
        /// x²/2.
        case quadratic
        /// x²/2 for |x| ≤ 1, else |x| − 1/2.
        case huber
        /// |x|, with the subgradient 0 at 0.
        case absolute
    }

    /// The function φ.
    public let kind: Kind
    /// a_kj ≥ 0, `M` rows of `D`.
    public let curvatures: [[Rational]]
    /// z_kj, `M` rows of `D`.
    public let centres: [[Rational]]

    /// M, the number of subsets.
    public var subsets: Int { curvatures.count }
    /// D, the number of coordinates of the model.
    public var dimension: Int { curvatures[0].count }

    /// The loss with these curvatures a_kj and centres z_kj.
    ///
    /// - Throws: `invalidParameters` if there is no subset or coordinate, or a curvature is negative; else
    ///   `dimensionMismatch` unless both are M × D.
    public init(_ kind: Kind, curvatures: [[Rational]], centres: [[Rational]]) throws(Refusal) {
        guard let dimension = curvatures.first?.count, dimension >= 1 else {
            throw Refusal(.invalidParameters, "a loss without subsets or coordinates; expected at least one")
        }
        guard curvatures.joined().allSatisfy({ $0 >= 0 }) else {
            throw Refusal(.invalidParameters, "a curvature is negative")
        }
        guard centres.count == curvatures.count, (curvatures + centres).allSatisfy({ $0.count == dimension }) else {
            throw Refusal(
                .dimensionMismatch, "expected \(curvatures.count) by \(dimension) curvatures and as many centres")
        }
        self.kind = kind
        self.curvatures = curvatures
        self.centres = centres
    }

    /// F(θ).
    ///
    /// - Precondition: θ has `D` coordinates, as everywhere below.
    public func value(at model: [Rational]) -> Rational {
        terms(at: model) { kind.value($0) }.vectorSum.total
    }

    /// ∇f_k(θ), one row a subset; a subgradient for the absolute value.
    public func gradients(at model: [Rational]) -> [[Rational]] {
        terms(at: model) { kind.derivative($0) }
    }

    /// ∇F(θ), the sum of ``gradients(at:)``.
    public func gradient(at model: [Rational]) -> [Rational] { gradients(at: model).vectorSum }

    /// L = max_j Σ_k a_kj; nil for the absolute value, which is not smooth.
    public var smoothness: Rational? { kind == .absolute ? nil : curvatures.vectorSum.max() }

    /// μ = min_j Σ_k a_kj of a quadratic; 0 for the others, which grow like |θ|.
    public var strongConvexity: Rational { kind == .quadratic ? curvatures.vectorSum.min() ?? 0 : 0 }

    /// Whether θ minimises F: 0 is in the subdifferential. With a box, whether θ lies in it and minimises F there.
    public func isMinimiser(_ model: [Rational], on box: ModelBox? = nil) -> Bool {
        guard box?.contains(model) ?? true else { return false }
        let least = terms(at: model) { kind.derivatives($0).lowerBound }.vectorSum
        let greatest = terms(at: model) { kind.derivatives($0).upperBound }.vectorSum
        return model.indices.allSatisfy { j in
            (least[j] <= 0 || model[j] == box?.lower[j]) && (greatest[j] >= 0 || model[j] == box?.upper[j])
        }
    }

    /// a_kj ψ(θ_j − z_kj).
    private func terms(at model: [Rational], _ ψ: (Rational) -> Rational) -> [[Rational]] {
        precondition(model.count == dimension, "a model of \(model.count) coordinates; expected \(dimension)")
        return zip(curvatures, centres).map { row, centre in
            model.indices.map { j in row[j] * ψ(model[j] - centre[j]) }
        }
    }
}

extension SeparableLoss.Kind {
    fileprivate func value(_ x: Rational) -> Rational {
        switch self {
        case .quadratic: x * x / 2
        case .huber: x.magnitude <= 1 ? x * x / 2 : x.magnitude - Rational(1, 2)
        case .absolute: x.magnitude
        }
    }

    fileprivate func derivative(_ x: Rational) -> Rational {
        switch self {
        case .quadratic: x
        case .huber: max(-1, min(1, x))
        case .absolute: Rational(x.signum)
        }
    }

    /// The subdifferential.
    fileprivate func derivatives(_ x: Rational) -> ClosedRange<Rational> {
        self == .absolute && x.isZero ? -1...1 : derivative(x)...derivative(x)
    }
}
