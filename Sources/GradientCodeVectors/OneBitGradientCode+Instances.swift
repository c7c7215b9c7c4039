package import ExactArithmetic
package import GradientCodeOperations
package import GradientCodes

/// A small run whose law can be written down (`docs/OneBitGradientCode.md#tight-instances`).
package struct OneBitInstance: Sendable {
    /// The name in the documentation.
    package let name: String
    /// The bounds that apply to it; those that it attains up to E r_T² come first.
    package let theorems: [OneBitGradientCode.Convergence.Theorem]
    package let allocation: [[Int]]
    package let probabilities: [Rational]
    package let ranges: [Rational]?
    package let loss: OneBitGradientCode.Loss
    package let start: [Rational]
    package let minimiser: [Rational]
    package let step: Rational
    /// b for which every |g_ij|/B at a reachable point is a multiple of 2^(1−b): b-bit draws realise the law exactly.
    package let drawBits: Int

    /// The question about one bound.
    package func question(
        _ theorem: OneBitGradientCode.Convergence.Theorem, iterations: Int, factor: Rational? = nil
    ) -> OneBitGradientCode.Convergence {
        .init(
            theorem, allocation: allocation, probabilities: probabilities, ranges: ranges, loss: loss, start: start,
            minimiser: minimiser, step: step, iterations: iterations, factor: factor)
    }

    /// E2h: Huber's loss, two workers.
    package static let e2h = OneBitInstance(
        name: "E2h", theorems: [.convex, .nonConvex], allocation: [[1], [1]],
        probabilities: [Rational(1, 2), Rational(1, 2)], ranges: [1],
        loss: .init(.huber, curvatures: [[1]], centres: [[0]]), start: [2], minimiser: [0], step: 1, drawBits: 1)
    /// E2a: the same with |θ|.
    package static let e2a = OneBitInstance(
        name: "E2a", theorems: [.nonSmooth], allocation: [[1], [1]], probabilities: [Rational(1, 2), Rational(1, 2)],
        ranges: [1], loss: .init(.absolute, curvatures: [[1]], centres: [[0]]), start: [2], minimiser: [0], step: 1,
        drawBits: 1)
    /// E2q: one worker, one curvature, no stragglers.
    package static let e2q = OneBitInstance(
        name: "E2q", theorems: [.convex, .stronglyConvex, .nonConvex], allocation: [[1]], probabilities: [0],
        ranges: [1], loss: .init(.quadratic, curvatures: [[1]], centres: [[0]]), start: [1], minimiser: [0], step: 1,
        drawBits: 1)
    /// E3: one worker that straggles half of the time.
    package static let e3 = OneBitInstance(
        name: "E3", theorems: [.stronglyConvex, .nonConvex, .convex], allocation: [[1]],
        probabilities: [Rational(1, 2)], ranges: [2], loss: .init(.quadratic, curvatures: [[1]], centres: [[0]]),
        start: [1], minimiser: [0], step: Rational(1, 4), drawBits: 2)
    /// The tight instances.
    package static let tight = [e2h, e2a, e2q, e3]

    /// Two coordinates, three workers, one of them without data, loads and probabilities unequal.
    package static let plane = OneBitInstance(
        name: "plane", theorems: [.convex, .stronglyConvex, .nonConvex],
        allocation: [[1, 1], [0, 1], [0, 0]], probabilities: [0, Rational(1, 2), Rational(1, 3)], ranges: [4],
        loss: .init(.quadratic, curvatures: [[1, 0], [1, 2]], centres: [[0, 0], [1, Rational(1, 2)]]),
        start: [Rational(1, 2), 0], minimiser: [Rational(1, 2), Rational(1, 2)], step: Rational(1, 8), drawBits: 32)
    /// All instances.
    package static let all = tight + [plane]
}
