import GradientCodes

/// Samples of a linear model that differs from subset to subset, with outliers: test data, the same on every platform.
///
/// With u(t, i) the test data of seed, t and i (docs/numerics.md#randomness), sample s of subset k has the features
/// `u(2, k · samplesPerSubset + s)` and the label `⟨features, θ_k⟩ + e/8 + o`, where `θ_k = (3/8)(u(0, 0) + u(1, k))`,
/// e is entry s of `u(3, k)`, and o, four times entry s of `u(4, k)`, is present in every eighth sample of the subset
/// only.
package struct RegressionData: Sendable {
    /// D, the number of features.
    package let dimension: Int
    /// M, the number of subsets.
    package let subsets: Int
    /// Samples in each subset.
    package let samplesPerSubset: Int
    /// One row of D features a sample, subset by subset.
    package let features: [[Float]]
    /// One label a sample.
    package let labels: [Float]
    /// The part of the model that all subsets share, `(3/8) u(0, 0)`.
    package let sharedModel: [Float]

    /// The data of a seed; all sizes must be positive.
    package init(dimension: Int, subsets: Int, samplesPerSubset: Int, seed: UInt64) {
        func u(_ t: UInt32, _ i: Int, _ count: Int) -> [Float] {
            Philox.testFloats(seed: seed, t: t, i: UInt32(i), count: count)
        }
        let shared = u(0, 0, dimension).map { $0 * 0.375 }
        var features: [[Float]] = []
        var labels: [Float] = []
        for k in 0..<subsets {
            let model = zip(shared, u(1, k, dimension)).map { $0 + $1 * 0.375 }
            let noise = u(3, k, samplesPerSubset)
            let outliers = u(4, k, samplesPerSubset)
            for s in 0..<samplesPerSubset {
                let row = u(2, k * samplesPerSubset + s, dimension)
                var label = noise[s] * 0.125
                for j in 0..<dimension { label += row[j] * model[j] }
                features.append(row)
                labels.append(s % 8 == 7 ? label + outliers[s] * 4 : label)
            }
        }
        self.dimension = dimension
        self.subsets = subsets
        self.samplesPerSubset = samplesPerSubset
        self.features = features
        self.labels = labels
        sharedModel = shared
    }

    /// n, the number of samples.
    package var samples: Int { labels.count }
}
