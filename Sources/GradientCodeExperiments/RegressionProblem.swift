import GradientCodeKernels
package import GradientCodes

/// The objective F = Σ_k f_k, where f_k(θ) is the sum over the samples of subset k of loss(⟨x, θ⟩ − y)/n, n the number
/// of all samples. So F is the mean loss.
///
/// Gradients are binary32 and made by the package's kernels; losses are binary64. Both have a fixed order.
package struct RegressionProblem: Sendable {
    package let data: RegressionData
    package let loss: RegressionLoss
    /// Column j of the features, one entry a sample, and behind the columns the labels.
    private let columns: [[Float]]
    /// The features of each subset, one row a sample.
    private let rows: [[[Float]]]

    /// The problem of some data and a loss.
    package init(_ data: RegressionData, _ loss: RegressionLoss) {
        self.data = data
        self.loss = loss
        columns = (0..<data.dimension).map { j in data.features.map { $0[j] } } + [data.labels]
        let m = data.samplesPerSubset
        rows = (0..<data.subsets).map { k in Array(data.features[k * m..<(k + 1) * m]) }
    }

    /// ∇f_k at a model for each of the wanted subsets; the others are left empty.
    ///
    /// - Throws: `outOfRange` if a value is beyond binary32.
    package func gradients(at model: [Float], of wanted: [Bool]) throws(Refusal) -> [[Float]] {
        let residuals = try GradientCode.combine(model + [-1], columns)
        var gradients = [[Float]](repeating: [], count: data.subsets)
        let samples = Float(data.samples)
        for k in wanted.indices where wanted[k] {
            let mine = residuals[k * rows[k].count..<(k + 1) * rows[k].count]
            gradients[k] = try GradientCode.combine(mine.map { loss.derivative($0) / samples }, rows[k])
        }
        return gradients
    }

    /// F at a model; samples ascending.
    package func value(at model: [Double]) -> Double {
        residuals(at: model).reduce(0) { $0 + loss.value($1) } / Double(data.samples)
    }

    /// ∇F at a model in binary64; samples ascending.
    package func gradient(at model: [Double]) -> [Double] {
        var gradient = [Double](repeating: 0, count: data.dimension)
        for (row, residual) in zip(data.features, residuals(at: model)) {
            let weight = loss.derivative(residual)
            for j in row.indices { gradient[j] += weight * Double(row[j]) }
        }
        return gradient.map { $0 / Double(data.samples) }
    }

    /// ⟨x, θ⟩ − y for each sample.
    private func residuals(at model: [Double]) -> [Double] {
        zip(data.features, data.labels).map { row, label in
            var sum = 0.0
            for j in row.indices { sum += Double(row[j]) * model[j] }
            return sum - Double(label)
        }
    }
}
