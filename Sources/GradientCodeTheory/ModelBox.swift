public import ExactArithmetic
public import GradientCodes

/// A box [a_j, b_j] of models, with its projection; ends may be missing, which means infinite.
///
/// See docs/OneBitGradientCode.md#server.
public struct ModelBox: Hashable, Sendable {
    /// a_j, `D` of them; nil for −∞.
    public let lower: [Rational?]
    /// b_j, `D` of them; nil for ∞.
    public let upper: [Rational?]

    /// The box with these ends.
    ///
    /// - Throws: `invalidParameters` if an a_j > b_j; else `dimensionMismatch` if the lists differ in length.
    public init(lower: [Rational?], upper: [Rational?]) throws(Refusal) {
        for case (let a?, let b?) in zip(lower, upper) where a > b {
            throw Refusal(.invalidParameters, "box from \(a) to \(b); expected its lower end first")
        }
        guard lower.count == upper.count else {
            throw Refusal(.dimensionMismatch, "\(lower.count) lower and \(upper.count) upper ends of a box")
        }
        self.lower = lower
        self.upper = upper
    }

    /// Whether the box contains the model, which has `D` coordinates.
    public func contains(_ model: [Rational]) -> Bool { projecting(model) == model }

    /// The nearest model of the box, min(max(x_j, a_j), b_j).
    public func projecting(_ model: [Rational]) -> [Rational] {
        precondition(model.count == lower.count, "a model and a box of different dimensions")
        return model.indices.map { j in
            let raised = lower[j].map { max(model[j], $0) } ?? model[j]
            return upper[j].map { min(raised, $0) } ?? raised
        }
    }
}
