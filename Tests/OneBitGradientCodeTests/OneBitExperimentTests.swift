import ExactArithmetic
import GradientCodeExperiments
import GradientCodeKernels
import GradientCodes
import Testing

@Suite struct OneBitExperimentTests {
    @Test func `a measurement is a function of its parameters, on one thread and on two`() async throws {
        let first = try await OneBitExperiment.small.run(threads: 1).files
        let second = try await OneBitExperiment.small.run(threads: 2).files
        #expect(first == second)
        #expect(first.map(\.name) == ["OneBitGradientCode.md", "OneBitGradientCode.csv"])
        try Self.requireFindingsFollow(from: first[1].contents, in: first[0].contents)
        try Self.requireTallyFollows(from: first[1].contents, in: first[0].contents)
        try Self.requireNumbersFollow(in: first[1].contents)
    }

    /// Counts anew, from the columns of the data, in how many settings each method is the lowest at the end.
    private static func requireTallyFollows(from csv: String, in page: String) throws {
        let lines = csv.split(separator: "\n").dropFirst().map { $0.split(separator: "\"") }
        let final = lines.filter { $0[2].contains(",2048,") }
        var (alone, shared) = ([Substring: Int](), [Substring: Int]())
        for start in stride(from: 0, to: final.count, by: 7) {
            let setting = try final[start..<start + 7].map { line in
                (line[1], try line[2].split(separator: ",").suffix(3).map { try #require(Double($0)) })
            }
            let best = try #require(setting.min { $0.1[0] < $1.1[0] })
            let lowest = setting.filter { $0.1[1] - best.1[2] < 0x1p-20 }.map(\.0)
            for method in lowest {
                if lowest.count == 1 { alone[method, default: 0] += 1 } else { shared[method, default: 0] += 1 }
            }
        }
        for method in try OneBitExperiment.small.methods() {
            let (alone, shared) = (alone[method.name[...], default: 0], shared[method.name[...], default: 0])
            let sentence = "lowest alone in \(alone) and with others in \(shared) of 4 settings."
            #expect(page.contains("* *\(method.name)* is the \(sentence)"))
        }
    }

    /// Repeats the choice of the step and the mean of every line of the data from single runs.
    private static func requireNumbersFollow(in csv: String) throws {
        let experiment = OneBitExperiment.small
        var lines = csv.split(separator: "\n").dropFirst().makeIterator()
        for setting in try experiment.settings() {
            for method in try experiment.methods() {
                func gaps(_ step: Float, _ seed: UInt64) throws -> [Double] {
                    try Trial(method, in: setting, step: step, seed: seed, checkpoints: experiment.checkpoints).gaps
                }
                let tried = try [0.25, 0.5, 1].map { step in (step, try gaps(step, 1001)[2]) }
                let step = try #require(tried.min { $0.1 < $1.1 }).0
                let runs = try [1, 2, 3].map { try gaps(step, $0) }
                for (point, bits) in experiment.checkpoints.enumerated() {
                    let next = lines.next()
                    let line = try #require(next)
                    let mean = (runs[0][point] + runs[1][point] + runs[2][point]) / 3
                    let rates = "\(setting.problem.loss),\(setting.rates),0.\(setting.tenths)"
                    #expect(line.hasPrefix("\(rates),\"\(method.name)\",\(step),\(bits),\(mean),"))
                }
            }
        }
        #expect(lines.next() == nil)
    }

    /// Compares the sentences of the page with comparisons made from the columns of the data.
    private static func requireFindingsFollow(from csv: String, in page: String) throws {
        struct Key: Hashable {
            var problem, rates, p, method: Substring
        }
        var bands: [Key: (low: Double, high: Double)] = [:]
        for line in csv.split(separator: "\n").dropFirst() {
            let parts = line.split(separator: "\"")
            let (setting, numbers) = (parts[0].split(separator: ","), parts[2].split(separator: ","))
            let key = Key(problem: setting[0], rates: setting[1], p: setting[2], method: parts[1])
            bands[key] = (try #require(Double(numbers[3])), try #require(Double(numbers[4])))
        }
        #expect(bands.count == 4 * 7)
        var seen = 0
        var pair: (Substring, Substring)?
        for line in page.split(separator: "\n") {
            if let match = line.wholeMatch(of: /\* \*(.+)\* against \*(.+)\*:/) { pair = (match.1, match.2) }
            guard let match = line.wholeMatch(of: /\ \ \* (.+), (.+) rates: (lower|higher|undecided) at p = (0\.\d)/)
            else {
                continue
            }
            let methods = try #require(pair)
            func band(_ method: Substring) throws -> (low: Double, high: Double) {
                let problem: Substring = match.1 == "robust" ? "robust" : "leastSquares"
                return try #require(bands[Key(problem: problem, rates: match.2, p: match.4, method: method)])
            }
            let (a, b) = (try band(methods.0), try band(methods.1))
            let verdict = b.low - a.high >= 0x1p-20 ? "lower" : a.low - b.high >= 0x1p-20 ? "higher" : "undecided"
            #expect(match.3 == verdict, "\(line)")
            seen += 1
        }
        #expect(seen == 4 * 9)
    }

    @Test func `messages have the bits of the table in the wire format, and the kernels send as many`() throws {
        let experiment = OneBitExperiment.standard
        let bits = Dictionary(uniqueKeysWithValues: try experiment.methods().map { ($0.name, $0.messageBits) })
        #expect(experiment.dimension == 64)
        #expect(
            bits == [
                "1-bit G": 64, "1-bit S": 32 + 64, "1-bit S, d = 1": 32 + 64, "uncoded sign": 64,
                "uncompressed": 32 * 64, "uncompressed, d = 1": 32 * 64, "rand-K": 8 * (32 + 6),
            ])
        let allocation = try Allocation.cyclic(workers: 1, replication: 1)
        for dimension in [1, 8, 11, 64] {
            let x = [Float](repeating: 1, count: dimension)
            let signs = Method.signs("", "", allocation: allocation, isWeighted: true, dimension: dimension)
            let inAdvance = try OneBitGradientCode.quantize(x, ranges: [1], seed: 1, t: 0, worker: 0)
            #expect(signs.messageBits == inAdvance.count * 8)
            let withRange = Method.signsWithRange("", "", allocation: allocation, dimension: dimension)
            let each = OneBitGradientCode.quantizePerMessage(x, seed: 1, t: 0, worker: 0)
            #expect(withRange.messageBits == each.count * 8)
        }
    }

    @Test func `a run stops where the bits of its responders say`() throws {
        let experiment = OneBitExperiment.small
        let checkpoints = experiment.checkpoints
        for setting in try experiment.settings() {
            for method in try experiment.methods() {
                let trial = try Trial(method, in: setting, step: 0.25, seed: 5, checkpoints: checkpoints)
                var bits = method.needsRange ? 32 * experiment.workers : 0
                for t in 0..<trial.rounds {
                    bits += method.messageBits * setting.stragglers.responders(seed: 5, t: UInt32(t)).count
                }
                let next = setting.stragglers.responders(seed: 5, t: UInt32(trial.rounds)).count
                #expect(bits <= checkpoints[checkpoints.count - 1])
                #expect(bits + method.messageBits * next > checkpoints[checkpoints.count - 1])
                #expect(trial.gaps.count == checkpoints.count)
            }
        }
    }

    @Test func `without stragglers and redundancy the uncompressed method is gradient descent, bit for bit`() throws {
        let experiment = OneBitExperiment.small
        let method = try #require(try experiment.methods().first { $0.name == "uncompressed, d = 1" })
        for setting in try experiment.settings() where setting.tenths == 0 {
            let trial = try Trial(method, in: setting, step: 0.5, seed: 5, checkpoints: experiment.checkpoints)
            #expect(trial.rounds == 2 && trial.refused == 0)
            var model = [Float](repeating: 0, count: experiment.dimension)
            for _ in 0..<trial.rounds {
                let gradients = try setting.problem.gradients(
                    at: model, of: [Bool](repeating: true, count: experiment.workers))
                for j in model.indices {
                    var sum = gradients[0][j]
                    for k in 1..<experiment.workers { sum += gradients[k][j] }
                    model[j] -= 0.5 * sum
                }
            }
            #expect(trial.model.map(\.bitPattern) == model.map(\.bitPattern))
            #expect(trial.gaps[2] == setting.problem.value(at: model.map(Double.init)) - setting.minimum.value)
        }
    }

    /// A term `W_ik ∂_j f_k` is rounded once as a weight, once as a product and at most d − 1 times as a term of g_i; the
    /// server multiplies by 1 and adds at most N − 1 times: t = d + N, below the t = d + N + 2 of numerics.md#theorem-8,
    /// whose decoding vector is here exactly 1. The weights of a subset add up to 1.
    @Test func `without stragglers the coded sum is the gradient, up to the bound on roundings`() throws {
        let experiment = OneBitExperiment.standard
        let method = try #require(try experiment.methods().first { $0.name == "uncompressed" })
        let unit = Rational(2).power(-24)
        let t = 3 + 10 + 2
        let growth = (Rational(1) + unit).power(t)
        let underflow = growth * Rational(2).power(-150) * Rational(10 + 10 * 3)
        for loss in [RegressionLoss.leastSquares, .robust] {
            let problem = RegressionProblem(experiment.data, loss)
            let minimum = ReferenceMinimum(of: problem, steps: 0)
            let setting = try Setting(problem: problem, minimum: minimum, rates: .equal, tenths: 0, workers: 10)
            let model = Philox.testFloats(seed: 11, t: 0, i: 0, count: 64)
            let coded = try Coder(method, in: setting).encode(at: model, workers: Array(0..<10))
            let update = try method.update(Round(workers: Array(0..<10), coded: coded, seed: 0, t: 0, range: 0))
            let gradients = try problem.gradients(at: model, of: [Bool](repeating: true, count: 10))
            for j in 0..<64 {
                let terms = try gradients.map { try #require(Rational(exactly: $0[j])) }
                let error = (try #require(Rational(exactly: update[j])) - terms.reduce(0, +)).magnitude
                #expect(error <= (growth - 1) * terms.reduce(0) { $0 + $1.magnitude } + underflow)
            }
        }
    }

    @Test func `rand-K keeps K coordinates, times D/K, and all of them for K = D`() throws {
        let allocation = try Allocation.cyclic(workers: 1, replication: 1)
        let coded = (1...8).map { Float($0) }
        for (k, scale) in [(2, Float(4)), (8, 1)] {
            let method = Method.randK("", "", allocation: allocation, dimension: 8, k: k)
            #expect(method.messageBits == k * 35)
            var counts = [Int](repeating: 0, count: 8)
            for t in 0..<64 {
                let sum = try method.update(Round(workers: [0], coded: [coded], seed: 9, t: UInt32(t), range: 0))
                let kept = sum.indices.filter { sum[$0] != 0 }
                #expect(kept.count == k)
                for j in kept {
                    counts[j] += 1
                    #expect(sum[j] == scale * coded[j])
                }
            }
            #expect(counts.allSatisfy { $0 > 0 })
        }
    }

    @Test func `weights are 1/(d q), rounded once, and 1 in the uncoded method`() throws {
        let methods = try OneBitExperiment.standard.methods()
        let straggling = try (0..<10).map { worker throws(Refusal) in try Probability(worker < 5 ? 1 : 3, 4) }
        for method in methods {
            let weights = method.weights(straggling: straggling)
            let d = method.allocation.replication[0]
            for worker in 0..<10 {
                let exact = method.name == "uncoded sign" ? 1 : Rational(worker < 5 ? 4 : 12, 3 * d)
                #expect(weights[worker] == [Float](repeating: Float(exact), count: d))
            }
        }
    }

    @Test func `a range is 5/4 of the largest coordinate, and a round out of range leaves the model`() throws {
        let experiment = OneBitExperiment.small
        let setting = try #require(try experiment.settings().first)
        let method = try #require(try experiment.methods().first { $0.name == "1-bit G" })
        let start = [Float](repeating: 0, count: experiment.dimension)
        let coder = Coder(method, in: setting)
        let coded = try coder.encode(at: start, workers: [0, 1, 2, 3])
        #expect(try coder.range(at: start) == 1.25 * (coded.joined().map(\.magnitude).max() ?? 0))
        let trial = try Trial(method, in: setting, step: 0x1p20, seed: 5, checkpoints: experiment.checkpoints)
        #expect(setting.tenths == 0 && trial.refused == trial.rounds - 1)
        #expect(trial.gaps[0] > 0x1p20 && Set(trial.gaps).count == 1)
    }

    @Test func `unequal rates have the mean p, half of it and three halves`() throws {
        let experiment = OneBitExperiment.standard
        let problem = RegressionProblem(experiment.data, .leastSquares)
        let minimum = ReferenceMinimum(of: problem, steps: 0)
        for tenths in 0...5 {
            let unequal = try Setting(
                problem: problem, minimum: minimum, rates: .unequal, tenths: tenths, workers: 10)
            let (low, high) = (try Probability(UInt64(tenths), 20), try Probability(UInt64(3 * tenths), 20))
            let rates = [Probability](repeating: low, count: 5) + [Probability](repeating: high, count: 5)
            #expect(unequal.stragglers == (try .independent(rates)))
            let equal = try Setting(problem: problem, minimum: minimum, rates: .equal, tenths: tenths, workers: 10)
            let p = try Probability(UInt64(tenths), 10)
            #expect(equal.stragglers == (try .independent([Probability](repeating: p, count: 10))))
        }
    }
}
