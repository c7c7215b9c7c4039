package import ExactArithmetic
import GradientCodes

/// Measures the claims about gradient codes for heterogeneous stragglers: residual and load of the optimal code with LPT
/// against other codes, its dependence on known probabilities, and the descent with it.
///
/// Everything is computed in exact arithmetic from closed forms; only the observations from which probabilities are
/// estimated are drawn, by ``Philox``. The result is a function of this value alone.
///
/// See docs/HeterogeneousGradientCode.md#claim and docs/HeterogeneousGradientCode.md#baselines.
public struct HeterogeneousExperiment: Sendable {
    /// The seed of the mixed order.
    package static let seed: UInt64 = 20_251_022

    /// n, the number of workers and of partitions; multiples of 4.
    package let sizes: [Int]
    /// ℓ, the load of every worker where residuals are compared.
    package let loads: [Int]
    /// 1/ε: the residuals at which loads are compared.
    package let targets: [Int]
    /// n of the comparison with decoders that adapt, a multiple of 4 with 2ⁿ patterns.
    package let adaptiveSize: Int
    /// Load of the comparison with decoders that adapt.
    package let adaptiveLoad: Int
    /// n and load where probabilities are wrong, and of the descents; among ``sizes`` and ``loads``.
    package let trainingSize: Int
    package let trainingLoad: Int
    /// Rounds from which probabilities are estimated.
    package let observations: [Int]
    /// Seeds of the observed rounds.
    package let seeds: ClosedRange<UInt64>
    /// γ: all odds are believed to be this many times what they are.
    package let oddsFactors: [Rational]
    /// The steps of the descents times the smoothness, the longer first.
    package let steps: [Rational]
    /// The longest descent.
    package let iterations: Int

    /// The experiment of docs/experiments/HeterogeneousGradientCode.md.
    public static let standard = HeterogeneousExperiment(
        sizes: [20, 100], loads: [2, 4, 8], targets: [20, 50], adaptiveSize: 8, adaptiveLoad: 2, trainingSize: 20,
        trainingLoad: 4, observations: [10, 30, 100, 300, 1000], seeds: 1...31,
        oddsFactors: [Rational(1, 4), Rational(1, 2), 1, 2, 4], steps: [Rational(1, 2), Rational(1, 8)],
        iterations: 400)

    /// The same with little of everything, for tests.
    public static let small = HeterogeneousExperiment(
        sizes: [8], loads: [2], targets: [10], adaptiveSize: 4, adaptiveLoad: 2, trainingSize: 8, trainingLoad: 2,
        observations: [10], seeds: 1...3, oddsFactors: [Rational(1, 2), 1], steps: [Rational(1, 2), Rational(1, 8)],
        iterations: 60)

    /// Makes the whole measurement.
    ///
    /// - Parameter progress: called with the number of profiles finished and the number of all.
    /// - Throws: a ``Refusal`` if the numbers above make no experiment, which those of ``standard`` and ``small`` do.
    public func run(progress: (_ finished: Int, _ all: Int) -> Void = { _, _ in }) throws -> HeterogeneousResult {
        var result = HeterogeneousResult(experiment: self)
        let count = try StragglingProfile.all(workers: trainingSize).count
        let all = (sizes.count + 1) * count
        var finished = 0
        for n in sizes {
            for profile in try StragglingProfile.all(workers: n) {
                for load in loads { result.equalLoads.append(try EqualLoad(profile, load: load)) }
                result.equalResiduals += try EqualResidual.measure(profile, targets: targets)
                finished += 1
                progress(finished, all)
            }
        }
        let small = try StragglingProfile.all(workers: adaptiveSize)
        for (index, profile) in try StragglingProfile.all(workers: trainingSize).enumerated() {
            result.adaptive.append(try AdaptiveComparison(small[index], load: adaptiveLoad))
            result.misestimates += try Misestimate.measure(profile, self)
            for agreeing in [false, true] {
                for step in steps {
                    result.descents.append(
                        try DescentComparison(
                            profile, load: trainingLoad, agreeing: agreeing, scaledStep: step, iterations: iterations))
                }
            }
            finished += 1
            progress(finished, all)
        }
        return result
    }
}
