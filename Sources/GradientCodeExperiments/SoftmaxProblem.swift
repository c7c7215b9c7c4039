import Foundation
import GradientCodes

/// What is trained: gradients of subsets in binary32 and a loss in binary64, both in a fixed order.
protocol TrainingProblem: Sendable {
    /// D.
    var parameters: Int { get }
    /// ∇f_k at a model for each of the wanted subsets; the others are left empty.
    func gradients(at model: [Float], of wanted: [Bool]) throws(Refusal) -> [[Float]]
    /// F at a model.
    func value(at model: [Double]) -> Double
}

extension RegressionProblem: TrainingProblem {
    var parameters: Int { data.dimension }
}

/// Softmax regression: F is the mean over all samples of −log of the probability of the class, f_k its part of subset k.
///
/// The samples are sorted by class before they are dealt into subsets of consecutive ones, so that subsets differ as
/// much as they can. Exponentials and logarithms are series with a fixed order: every platform computes the same bits.
struct SoftmaxProblem: TrainingProblem {
    private let classes = 10
    /// Pixels over 16 and a 1, one row a sample.
    private let features: [[Double]]
    private let labels: [Int]
    private let subsets: [Range<Int>]

    /// The problem of the digits in a text of lines with pixels and class, in so many subsets.
    ///
    /// - Throws: `malformedMessage` if a line has not 65 integers of their ranges; `invalidParameters` if there are fewer
    ///   lines than subsets.
    init(digits text: String, subsets count: Int) throws(Refusal) {
        var samples: [(pixels: [Double], label: Int)] = []
        for (n, line) in text.split(whereSeparator: \.isNewline).enumerated() {
            let numbers = line.split(separator: ",").compactMap { Int($0) }
            guard numbers.count == 65, numbers.dropLast().allSatisfy({ 0...16 ~= $0 }), 0...9 ~= numbers[64] else {
                throw Refusal(.malformedMessage, "line \(n + 1) of the digits is not 64 pixels of 0…16 and a class")
            }
            samples.append((numbers.dropLast().map { Double($0) / 16 } + [1], numbers[64]))
        }
        guard samples.count >= count, count > 0 else {
            throw Refusal(.invalidParameters, "\(samples.count) digits for \(count) subsets")
        }
        let order = samples.indices.sorted { (samples[$0].label, $0) < (samples[$1].label, $1) }
        features = order.map { samples[$0].pixels }
        labels = order.map { samples[$0].label }
        let (n, total) = (count, samples.count)
        subsets = (0..<n).map { $0 * total / n..<($0 + 1) * total / n }
    }

    var parameters: Int { classes * features[0].count }

    /// Logits minus the largest, of one sample.
    private func logits(_ row: [Double], _ model: [Double]) -> [Double] {
        var logits = [Double](repeating: 0, count: classes)
        for c in 0..<classes {
            var sum = 0.0
            let first = c * row.count
            for j in row.indices { sum += model[first + j] * row[j] }
            logits[c] = sum
        }
        let largest = logits.reduce(-Double.infinity, max)
        return logits.map { $0 - largest }
    }

    func gradients(at model: [Float], of wanted: [Bool]) throws(Refusal) -> [[Float]] {
        let model = model.map(Double.init)
        let samples = Double(labels.count)
        return wanted.indices.map { k in
            guard wanted[k] else { return [] }
            var gradient = [Double](repeating: 0, count: parameters)
            for n in subsets[k] {
                let row = features[n]
                let powers = logits(row, model).map(Elementary.exponential)
                let sum = powers.reduce(0, +)
                for c in 0..<classes {
                    let weight = powers[c] / sum - (labels[n] == c ? 1 : 0)
                    let first = c * row.count
                    for j in row.indices { gradient[first + j] += weight * row[j] }
                }
            }
            return gradient.map { Float($0 / samples) }
        }
    }

    func value(at model: [Double]) -> Double {
        var total = 0.0
        for (row, label) in zip(features, labels) {
            let logits = logits(row, model)
            total += Elementary.logarithm(logits.map(Elementary.exponential).reduce(0, +)) - logits[label]
        }
        return total / Double(labels.count)
    }
}

/// Elementary functions of + − · / alone, in a fixed order, so that they have the same bits everywhere; exact to a few
/// units in the last place.
enum Elementary {
    /// e^x for x ≤ 0; 0 below −700.
    static func exponential(_ x: Double) -> Double {
        guard x > -700 else { return 0 }
        // x = n ln 2 + r, |r| ≤ 0.35; ln 2 in two parts, of which the first has zeros at the end.
        let n = (x * 1.442_695_040_888_963_4).rounded()
        let r = (x - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33
        var sum = 1.0
        for k in stride(from: 14.0, through: 1.0, by: -1.0) { sum = 1 + r / k * sum }
        return Double(sign: .plus, exponent: Int(n), significand: sum)
    }

    /// ln x for x ≥ 1: x = 2^k m with 3/4 ≤ m < 3/2, and 2 artanh((m − 1)/(m + 1)).
    static func logarithm(_ x: Double) -> Double {
        var (k, m) = (Double(x.exponent), x.significand)
        if m >= 1.5 { (k, m) = (k + 1, m / 2) }
        let t = (m - 1) / (m + 1)
        var sum = 0.0
        for n in stride(from: 27.0, through: 1.0, by: -2.0) { sum = sum * t * t + 1 / n }
        return k * 0x1.62e42fefa39efp-1 + 2 * t * sum
    }
}
