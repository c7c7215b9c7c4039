import GradientCodeKernels
public import GradientCodes

/// Measures the claim of compressed gradient coding: at equal bits on the wire, error feedback with biased compressors
/// against unbiased compression with the same coding, and against the same compressors without feedback.
///
/// The result is a function of this value and the digits alone: the same bits on every platform. Random words come from
/// ``Philox``; stragglers are the same for all methods.
///
/// See docs/CompressedGradientCode.md#claim and docs/CompressedGradientCode.md#baselines.
public struct CompressedExperiment: Sendable {
    /// N workers and M = N subsets.
    let workers: Int
    /// d, cyclic.
    let replication: Int
    /// D of the linear regression.
    let dimension: Int
    /// Samples in each of its subsets.
    let samplesPerSubset: Int
    /// The budget, in messages of 32 D bits a worker.
    let uncompressedRounds: Int
    /// Checkpoints: the budget, half of it, …
    let checkpointCount: Int
    /// 10p for the linear regression, and for the digits.
    let rates: (linear: [Int], digits: [Int])
    /// Steps tried are the powers of two with these exponents.
    let stepExponents: ClosedRange<Int>
    /// Seeds reported, an odd number each; steps are chosen with the seed 1001.
    let seeds: (linear: ClosedRange<UInt64>, digits: ClosedRange<UInt64>)
    /// Steps of the descents to the reference minimum of the linear regression.
    let descentSteps: Int

    /// The experiment of docs/experiments/CompressedGradientCode.md.
    public static let standard = CompressedExperiment(
        workers: 10, replication: 3, dimension: 64, samplesPerSubset: 20, uncompressedRounds: 8, checkpointCount: 4,
        rates: ([1, 3, 5], [3]), stepExponents: -7...4, seeds: (1...15, 1...5), descentSteps: 5000)

    /// The same with little of everything, for tests.
    public static let small = CompressedExperiment(
        workers: 4, replication: 2, dimension: 8, samplesPerSubset: 4, uncompressedRounds: 2, checkpointCount: 2,
        rates: ([3], [3]), stepExponents: -2...0, seeds: (1...3, 1...3), descentSteps: 50)

    /// One line of a table: a method, how it was run and what it reached.
    struct Curve: Hashable, Sendable {
        let problem: String
        let tenths: Int
        let method: String
        let bits: Int
        let step: Float
        let isEndOfGrid: Bool
        let checkpoints: [Int]
        /// The gap, or the loss, at each checkpoint.
        let values: [Estimate]
        let refused: Int
    }

    /// A way to send: a compressor, with a memory or without.
    struct Method: Sendable {
        let name: String
        let summary: String
        let compressor: Compressor
        let hasFeedback: Bool
    }

    /// What is compared for vectors of that dimension.
    func methods(_ dimension: Int) throws(Refusal) -> [Method] {
        let (k, m) = (max(1, dimension / 32), max(1, dimension / 10))
        let list: [(String, String, Compressor.Kind, Bool)] = [
            ("EF sign", "scaled sign with error feedback", .scaledSign, true),
            ("EF block sign", "block sign, m = \(m), with error feedback", .blockSign(length: m), true),
            ("EF top-K", "top-\(k) with error feedback", .topK(k), true),
            ("sign", "scaled sign without feedback", .scaledSign, false),
            ("top-K", "top-\(k) without feedback", .topK(k), false),
            ("stochastic sign", "unbiased signs, range of each message", .stochasticSign(ranges: nil), false),
            ("rand-K", "unbiased, \(k) random coordinates", .randK(k), false),
            ("levels", "unbiased, one level and a sign", .levels(1), false),
            ("uncompressed", "stochastic gradient coding in binary32", .identity, false),
        ]
        return try list.map { item throws(Refusal) in
            Method(
                name: item.0, summary: item.1, compressor: try Compressor(item.2, dimension: dimension),
                hasFeedback: item.3)
        }
    }

    /// Makes the whole measurement.
    ///
    /// - Parameters:
    ///   - digits: lines of 64 pixels and a class.
    ///   - progress: called with the number of curves finished and the number of all.
    /// - Throws: a ``Refusal`` if the digits are none.
    public func run(
        digits: String, progress: (_ finished: Int, _ all: Int) -> Void = { _, _ in }
    ) throws(Refusal) -> CompressedExperimentResult {
        let data = RegressionData(
            dimension: dimension, subsets: workers, samplesPerSubset: samplesPerSubset, seed: 20_260_317)
        let linear = RegressionProblem(data, .leastSquares)
        let minimum = ReferenceMinimum(of: linear, steps: descentSteps)
        let softmax = try SoftmaxProblem(digits: digits, subsets: workers)
        let count = try methods(dimension).count
        var curves: [Curve] = []
        let all = (rates.linear.count + rates.digits.count) * count
        for tenths in rates.linear {
            for method in try methods(dimension) {
                curves.append(
                    try curve(
                        of: method, on: linear, "linear regression", tenths: tenths, least: minimum.value,
                        seeds: seeds.linear))
                progress(curves.count, all)
            }
        }
        for tenths in rates.digits {
            for method in try methods(softmax.parameters) {
                curves.append(
                    try curve(
                        of: method, on: softmax, "digits", tenths: tenths, least: 0, seeds: seeds.digits))
                progress(curves.count, all)
            }
        }
        return CompressedExperimentResult(experiment: self, parameters: softmax.parameters, curves: curves)
    }

    /// The budget and the checkpoints before it, in bits.
    func checkpoints(_ parameters: Int) -> [Int] {
        let budget = uncompressedRounds * workers * 32 * parameters
        return (0..<checkpointCount).reversed().map { budget >> $0 }
    }

    /// The method with the step that ends lowest in the tuning run; of equally good ones the smallest.
    private func curve(
        of method: Method, on problem: some TrainingProblem, _ name: String, tenths: Int, least: Double,
        seeds: ClosedRange<UInt64>
    ) throws(Refusal) -> Curve {
        let allocation = try Allocation.cyclic(workers: workers, replication: replication)
        let rate = try Probability(UInt64(tenths), 10)
        let code = try CompressedGradientCode(
            allocation: allocation, straggling: Array(repeating: rate, count: workers), compressor: method.compressor)
        let trainer = try CompressedTrainer(code, hasFeedback: method.hasFeedback, checkpoints(problem.parameters))
        var best: (step: Float, value: Double) = (
            Float(sign: .plus, exponent: stepExponents.lowerBound, significand: 1), .infinity
        )
        for exponent in stepExponents {
            let step = Float(sign: .plus, exponent: exponent, significand: 1)
            let last = try trainer.train(problem, step: step, seed: 1001).values.last ?? .infinity
            if last < best.value { best = (step, last) }
        }
        var runs: [(values: [Double], refused: Int)] = []
        for seed in seeds { runs.append(try trainer.train(problem, step: best.step, seed: seed)) }
        return Curve(
            problem: name, tenths: tenths, method: method.name, bits: 8 * method.compressor.messageBytes,
            step: best.step,
            isEndOfGrid: [stepExponents.lowerBound, stepExponents.upperBound].contains(Int(best.step.exponent)),
            checkpoints: checkpoints(problem.parameters),
            values: checkpoints(problem.parameters).indices.map { n in
                Estimate(of: runs.map { $0.values[n] - least })
            }, refused: runs.map(\.refused).reduce(0, +))
    }
}

/// Trains with one compressor until a number of bits has been sent.
struct CompressedTrainer: Sendable {
    private let code: CompressedGradientCode
    private let hasFeedback: Bool
    private let checkpoints: [Int]
    private let stragglers: StragglerModel
    private let held: [[Int]]
    private let weights: [[Float]]

    init(_ code: CompressedGradientCode, hasFeedback: Bool, _ checkpoints: [Int]) throws(Refusal) {
        self.code = code
        self.hasFeedback = hasFeedback
        self.checkpoints = checkpoints
        stragglers = try .independent(code.straggling)
        let replication = code.allocation.replication
        held = (0..<code.workers).map { code.allocation.partitions(of: $0) }
        // Exact rationals den/(d_k (den − num)), rounded once: both parts are integers below 2²⁴.
        weights = (0..<code.workers).map { i in
            let responding = code.straggling[i].complement.value
            return code.allocation.partitions(of: i).map { k in
                Float(responding.denominator) / Float(UInt64(replication[k]) * responding.numerator)
            }
        }
    }

    /// The loss at the last model whose bits do not exceed each checkpoint, and how many rounds were refused because a
    /// value was beyond binary32: their bits are counted and the model stays.
    func train(
        _ problem: some TrainingProblem, step: Float, seed: UInt64
    ) throws(Refusal) -> (values: [Double], refused: Int) {
        var model = [Float](repeating: 0, count: problem.parameters)
        var memories = [[Float]](repeating: model, count: code.workers)
        var (values, refused, bits, t) = ([Double](), 0, 0, UInt32(0))
        while true {
            let workers = stragglers.responders(seed: seed, t: t).members
            bits += workers.count * 8 * code.compressor.messageBytes
            while checkpoints[values.count] < bits {
                values.append(problem.value(at: model.map(Double.init)))
                if values.count == checkpoints.count { return (values, refused) }
            }
            do throws(Refusal) {
                model = try round(problem, model, &memories, workers, step, seed, t)
            } catch { refused += 1 }
            t += 1
        }
    }

    /// One iteration: the model after it.
    private func round(
        _ problem: some TrainingProblem, _ model: [Float], _ memories: inout [[Float]], _ workers: [Int], _ step: Float,
        _ seed: UInt64, _ t: UInt32
    ) throws(Refusal) -> [Float] {
        var wanted = [Bool](repeating: false, count: code.subsets)
        for i in workers { for k in held[i] { wanted[k] = true } }
        let gradients = try problem.gradients(at: model, of: wanted)
        var (messages, tapes, kept) = ([[UInt8]](), [[UInt32]](), memories)
        for i in workers {
            let coded = try GradientCode.combine(weights[i], held[i].map { gradients[$0] })
            var tape: [UInt32] = []
            if let stream = code.compressor.stream {
                tape = Philox.words(
                    seed: seed, stream: stream, t: t, i: UInt32(i), first: 0, count: code.compressor.words)
            }
            tapes.append(tape)
            if hasFeedback {
                messages.append(
                    try CompressedGradientCode.workerStep(coded, memory: &kept[i], step: step, by: code.compressor))
            } else {
                messages.append(
                    try CompressedGradientCode.compress(
                        try CompressedGradientCode.scaled(coded, step: step), by: code.compressor, tape: tape))
            }
        }
        let update = try CompressedGradientCode.aggregate(messages, by: code.compressor, tapes: tapes)
        let next = try CompressedGradientCode.serverStep(model, update: update)
        memories = kept
        return next
    }
}
