import ExactArithmetic
import GradientCodes

// What the bounds demand of their arguments; each failure is `invalidParameters`.
extension OneBitBound {
    static func demand(_ condition: Bool, _ reason: @autoclosure () -> String) throws(Refusal) {
        guard condition else { throw Refusal(.invalidParameters, reason()) }
    }

    static func demand(positive number: Rational, _ name: String) throws(Refusal) {
        try demand(number > 0, "\(name) \(number); expected a positive number")
    }

    static func demand(iterations T: Int) throws(Refusal) {
        try demand(T >= 1, "\(T) iterations; expected at least one")
    }

    static func demand(bits: Int) throws(Refusal) {
        try demand(8...4096 ~= bits, "\(bits) bits of precision; expected 8...4096")
    }

    static func demand(squaredDistance: Rational, variances: [Rational]) throws(Refusal) {
        try demand(squaredDistance >= 0, "squared distance \(squaredDistance); expected no negative number")
        try demand(variances.allSatisfy { $0 >= 0 }, "a variance is negative")
    }

    /// 0 < γ ≤ 1/L.
    static func demand(shortStep γ: Rational, smoothness L: Rational) throws(Refusal) {
        try demand(positive: L, "smoothness")
        try demand(positive: γ, "step")
        try demand(γ * L <= 1, "step \(γ); expected at most 1/L = \(1 / L)")
    }

    /// 0 < γ < 2/L.
    static func demand(stableStep γ: Rational, smoothness L: Rational) throws(Refusal) {
        try demand(positive: L, "smoothness")
        try demand(positive: γ, "step")
        try demand(γ * L < 2, "step \(γ); expected less than 2/L = \(2 / L)")
    }
}
