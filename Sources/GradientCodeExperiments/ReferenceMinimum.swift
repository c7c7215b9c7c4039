/// What losses are compared with: the lowest point that two long gradient descents reach, one from θ = 0, one from the
/// model that all subsets share.
///
/// For least squares this is the minimum up to `‖∇F‖²/(2μ)`. For the robust loss it is a stationary point and nothing
/// more is known of it; a method may end below it, and then its gap is negative.
package struct ReferenceMinimum: Sendable {
    /// F at the end.
    package let value: Double
    /// ‖∇F‖ at the end.
    package let gradientNorm: Double

    /// The better end of two descents of so many steps.
    package init(of problem: RegressionProblem, steps: Int) {
        let ends = [[Double](repeating: 0, count: problem.data.dimension), problem.data.sharedModel.map(Double.init)]
            .map { Self.descent(from: $0, on: problem, steps: steps) }
        let values = ends.map { problem.value(at: $0) }
        let best = values[0] <= values[1] ? 0 : 1
        value = values[best]
        gradientNorm = problem.gradient(at: ends[best]).reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    /// Gradient descent in binary64 with the step 1/L; L bounds the curvature of F, since the largest eigenvalue of a
    /// symmetric matrix is at most its largest absolute row sum.
    private static func descent(from start: [Double], on problem: RegressionProblem, steps: Int) -> [Double] {
        let features = problem.data.features
        let rowSums = (0..<problem.data.dimension).map { j in
            (0..<problem.data.dimension).reduce(0.0) { sum, l in
                sum + abs(features.reduce(0.0) { $0 + Double($1[j]) * Double($1[l]) })
            }
        }
        let smoothness = problem.loss.curvature * (rowSums.max() ?? 0) / Double(problem.data.samples)
        var model = start
        for _ in 0..<steps {
            let gradient = problem.gradient(at: model)
            for j in model.indices { model[j] -= gradient[j] / smoothness }
        }
        return model
    }
}
