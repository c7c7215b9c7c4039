import GradientCodeKernels
package import GradientCodes

/// One training run: θ ← θ − γY from θ = 0 until a number of bits has been sent.
package struct Trial: Sendable {
    /// F minus the reference minimum at each checkpoint: at the last model whose bits do not exceed the checkpoint.
    package private(set) var gaps: [Double] = []
    /// Rounds that were played.
    package private(set) var rounds = 0
    /// Those among them that were refused, because a coordinate was out of range or a value beyond binary32. Their bits
    /// are counted and the model stays.
    package private(set) var refused = 0
    /// The model at the end.
    package private(set) var model: [Float]

    /// Plays the run. `checkpoints` are numbers of bits, ascending, and the last is the budget.
    ///
    /// - Throws: `outOfRange` if the coded gradients at θ = 0, from which the range is taken, are beyond binary32.
    package init(_ method: Method, in setting: Setting, step: Float, seed: UInt64, checkpoints: [Int]) throws(Refusal) {
        model = [Float](repeating: 0, count: setting.problem.data.dimension)
        let coder = Coder(method, in: setting)
        let range = method.needsRange ? try coder.range(at: model) : 0
        var bits = method.needsRange ? 32 * setting.straggling.count : 0
        while true {
            let t = UInt32(rounds)
            let workers = setting.stragglers.responders(seed: seed, t: t).members
            bits += workers.count * method.messageBits
            while checkpoints[gaps.count] < bits {
                gaps.append(setting.problem.value(at: model.map(Double.init)) - setting.minimum.value)
                if gaps.count == checkpoints.count { return }
            }
            rounds += 1
            guard !workers.isEmpty else { continue }
            do {
                let coded = try coder.encode(at: model, workers: workers)
                let update = try method.update(Round(workers: workers, coded: coded, seed: seed, t: t, range: range))
                model = try GradientCode.combine([1, -step], [model, update])
            } catch {
                refused += 1
            }
        }
    }
}

/// Computes coded gradients: those gradients that the workers hold, then their weighted sums.
package struct Coder: Sendable {
    private let problem: RegressionProblem
    private let weights: [[Float]]
    private let held: [[Int]]

    /// The coder of a method in a setting.
    package init(_ method: Method, in setting: Setting) {
        problem = setting.problem
        weights = method.weights(straggling: setting.straggling)
        held = weights.indices.map { method.allocation.partitions(of: $0) }
    }

    /// g_i for each of the workers, all of which hold data.
    ///
    /// - Throws: `outOfRange` if a value is beyond binary32.
    package func encode(at model: [Float], workers: [Int]) throws(Refusal) -> [[Float]] {
        var wanted = [Bool](repeating: false, count: problem.data.subsets)
        for worker in workers {
            for k in held[worker] { wanted[k] = true }
        }
        let gradients = try problem.gradients(at: model, of: wanted)
        var coded: [[Float]] = []
        for worker in workers {
            coded.append(try GradientCode.combine(weights[worker], held[worker].map { gradients[$0] }))
        }
        return coded
    }

    /// The rule for the range: 5/4 of the largest magnitude of a coordinate of any worker's coded gradient at `model`.
    ///
    /// - Throws: `outOfRange` if a value is beyond binary32.
    package func range(at model: [Float]) throws(Refusal) -> Float {
        let coded = try encode(at: model, workers: Array(held.indices))
        return 1.25 * coded.joined().reduce(0) { max($0, abs($1)) }
    }
}
