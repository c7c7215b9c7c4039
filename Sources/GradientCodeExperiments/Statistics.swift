/// A mean with a confidence band.
package struct Estimate: Hashable, Sendable {
    /// The mean of the sample.
    package let mean: Double
    /// Half the width of the band.
    package let halfWidth: Double

    /// The mean and Student's 95 % confidence band of an odd number n ≥ 3 of values: mean ± t s/√n, where s² is the sum
    /// of squared deviations over n − 1 and t is ``StudentDistribution/quantile(degreesOfFreedom:)`` of n − 1. Sums run
    /// in the order of the values.
    package init(of values: [Double]) {
        precondition(
            values.count >= 3 && values.count % 2 == 1, "\(values.count) values; expected an odd number from 3")
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
        self.mean = mean
        halfWidth = StudentDistribution.quantile(degreesOfFreedom: values.count - 1) * (variance / n).squareRoot()
    }

    /// The lower end of the band.
    package var low: Double { mean - halfWidth }
    /// The upper end of the band.
    package var high: Double { mean + halfWidth }

    /// The distance below which bands count as touching, 2⁻²⁰: where nothing is random bands have no width, and methods
    /// that are the same in exact arithmetic differ by the roundings of a binary32 model.
    static let resolution = 0x1p-20

    /// Whether the two bands have a point in common, or are closer than the resolution.
    func touches(_ other: Estimate) -> Bool {
        max(low, other.low) - min(high, other.high) < Estimate.resolution
    }
}

/// Student's t with an even number of degrees of freedom, where the law is an algebraic function: nothing but
/// + − · / and √ is needed.
package enum StudentDistribution {
    /// P(|T| ≤ t) for ν degrees of freedom, even and positive, with s² = t²/(ν + t²) and c² = ν/(ν + t²):
    ///
    ///     s (1 + (1/2) c² + (1·3)/(2·4) c⁴ + … + (1·3·…·(ν−3))/(2·4·…·(ν−2)) c^(ν−2))
    ///
    /// Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.4.
    package static func probability(within t: Double, degreesOfFreedom: Int) -> Double {
        precondition(degreesOfFreedom > 0 && degreesOfFreedom % 2 == 0, "\(degreesOfFreedom) degrees; expected even")
        let nu = Double(degreesOfFreedom)
        let cosineSquared = nu / (nu + t * t)
        var term = 1.0
        var sum = 1.0
        for k in stride(from: 2, to: degreesOfFreedom, by: 2) {
            term *= Double(k - 1) / Double(k) * cosineSquared
            sum += term
        }
        return t / (nu + t * t).squareRoot() * sum
    }

    /// The t with P(|T| ≤ t) = 0.95, by bisection of [0, 16] until the middle is one of the ends: 4.3026… for 2 degrees
    /// of freedom, 2.0369… for 32.
    package static func quantile(degreesOfFreedom: Int) -> Double {
        var (low, high) = (0.0, 16.0)
        while true {
            let middle = (low + high) / 2
            guard low < middle, middle < high else { return high }
            if probability(within: middle, degreesOfFreedom: degreesOfFreedom) < 0.95 {
                low = middle
            } else {
                high = middle
            }
        }
    }
}
