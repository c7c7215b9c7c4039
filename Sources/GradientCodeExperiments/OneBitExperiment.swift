package import GradientCodes

/// Measures the claim of 1-bit gradient coding: the loss reached with a number of bits sent to the server, compared with
/// other methods at equal bits.
///
/// The result is a function of this value alone: the same bits on every platform and with any number of threads. All
/// random words come from ``Philox``; the words of stragglers are the same for all methods.
///
/// See docs/OneBitGradientCode.md#claim and docs/OneBitGradientCode.md#baselines.
public struct OneBitExperiment: Sendable {
    /// D, the dimension of the model.
    package let dimension: Int
    /// N, the number of workers, and M, the number of subsets.
    package let workers: Int
    /// Samples in each subset.
    let samplesPerSubset: Int
    /// d, the workers that hold a subset in the methods with redundancy.
    let replication: Int
    /// K of rand-K.
    let kept: Int
    /// The budget, in messages of 32 D bits a worker.
    let uncompressedRounds: Int
    /// Number of checkpoints: the budget, half of it, a quarter, …
    let checkpointCount: Int
    /// 10p for the settings in which all workers have the same rate.
    let equalRates: [Int]
    /// 10p for the settings in which they have not.
    let unequalRates: [Int]
    /// The steps tried are the powers of two with these exponents.
    let stepExponents: ClosedRange<Int>
    /// Seeds of the runs from which steps are chosen.
    let tuningSeeds: ClosedRange<UInt64>
    /// Seeds of the runs that are reported; an odd number.
    package let seeds: ClosedRange<UInt64>
    /// Steps of the two descents to the reference minimum.
    let descentSteps: Int
    /// The seed of the data.
    let dataSeed: UInt64 = 20_240_319

    /// The experiment of docs/experiments/OneBitGradientCode.md.
    public static let standard = OneBitExperiment(
        dimension: 64, workers: 10, samplesPerSubset: 20, replication: 3, kept: 8, uncompressedRounds: 16,
        checkpointCount: 6, equalRates: [0, 1, 2, 3, 4, 5], unequalRates: [1, 3, 5], stepExponents: -7...2,
        tuningSeeds: 1001...1003, seeds: 1...31, descentSteps: 5000)

    /// The same with little of everything, for tests.
    public static let small = OneBitExperiment(
        dimension: 8, workers: 4, samplesPerSubset: 6, replication: 2, kept: 2, uncompressedRounds: 2,
        checkpointCount: 3, equalRates: [0], unequalRates: [3], stepExponents: -2...0, tuningSeeds: 1001...1001,
        seeds: 1...3, descentSteps: 200)

    /// Makes the whole measurement.
    ///
    /// - Parameters:
    ///   - threads: how many curves are measured at a time, at least 1; the result does not depend on it.
    ///   - progress: called with the number of curves finished and the number of all, from any thread.
    /// - Throws: a ``Refusal`` if the numbers above make no experiment, which those of ``standard`` and ``small`` do.
    public func run(
        threads: Int = 1, progress: @escaping @Sendable (_ finished: Int, _ all: Int) -> Void = { _, _ in }
    ) async throws -> ExperimentResult {
        let methods = try methods()
        let settings = try settings()
        let jobs = settings.flatMap { setting in methods.map { (setting, $0) } }
        var curves = [Curve?](repeating: nil, count: jobs.count)
        try await withThrowingTaskGroup(of: (Int, Curve).self) { group in
            var next = 0
            func start() {
                guard next < jobs.count else { return }
                let (index, (setting, method)) = (next, jobs[next])
                next += 1
                group.addTask { (index, try curve(of: method, in: setting)) }
            }
            for _ in 0..<max(1, threads) { start() }
            var finished = 0
            while let (index, curve) = try await group.next() {
                curves[index] = curve
                finished += 1
                progress(finished, jobs.count)
                start()
            }
        }
        let references = [0, settings.count / 2].map { settings[$0] }
        return ExperimentResult(
            experiment: self, methods: methods, references: references, curves: curves.compactMap { $0 })
    }

    /// The bits after which a run ends.
    var budget: Int { uncompressedRounds * workers * 32 * dimension }

    /// The budget and the checkpoints before it, in bits, ascending.
    package var checkpoints: [Int] {
        (0..<checkpointCount).reversed().map { budget >> $0 }
    }

    /// The steps tried, ascending.
    var steps: [Float] { stepExponents.map { Float(sign: .plus, exponent: $0, significand: 1) } }

    /// The data of both problems.
    package var data: RegressionData {
        RegressionData(
            dimension: dimension, subsets: workers, samplesPerSubset: samplesPerSubset, seed: dataSeed)
    }

    /// Every problem with every law of straggling.
    package func settings() throws(Refusal) -> [Setting] {
        var settings: [Setting] = []
        for loss in [RegressionLoss.leastSquares, .robust] {
            let problem = RegressionProblem(data, loss)
            let minimum = ReferenceMinimum(of: problem, steps: descentSteps)
            for (rates, tenths) in equalRates.map({ (Setting.Rates.equal, $0) })
                + unequalRates.map({ (Setting.Rates.unequal, $0) })
            {
                settings.append(
                    try Setting(problem: problem, minimum: minimum, rates: rates, tenths: tenths, workers: workers))
            }
        }
        return settings
    }

    /// Measures the method with its best step.
    private func curve(of method: Method, in setting: Setting) throws(Refusal) -> Curve {
        let step = try bestStep(of: method, in: setting)
        var trials: [Trial] = []
        for seed in seeds {
            trials.append(try Trial(method, in: setting, step: step, seed: seed, checkpoints: checkpoints))
        }
        return Curve(method, in: setting, step: step, checkpoints: checkpoints, trials: trials)
    }

    /// The step with the smallest final gap: by the first tuning seed among all steps, then by the mean over all tuning
    /// seeds among the winner and its neighbours. Of equally good steps the smallest.
    private func bestStep(of method: Method, in setting: Setting) throws(Refusal) -> Float {
        func best(of indices: Range<Int>, seeds: ClosedRange<UInt64>) throws(Refusal) -> Int {
            var best = (index: indices.lowerBound, gap: Double.infinity)
            for index in indices {
                var sum = 0.0
                for seed in seeds {
                    let trial = try Trial(method, in: setting, step: steps[index], seed: seed, checkpoints: checkpoints)
                    sum += trial.gaps[checkpoints.count - 1]
                }
                if sum < best.gap { best = (index, sum) }
            }
            return best.index
        }
        let first = try best(of: steps.indices, seeds: tuningSeeds.lowerBound...tuningSeeds.lowerBound)
        return steps[try best(of: max(0, first - 1)..<min(steps.count, first + 2), seeds: tuningSeeds)]
    }
}
