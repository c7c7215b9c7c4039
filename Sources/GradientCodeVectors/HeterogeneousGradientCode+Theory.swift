package import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
package import GradientCodes

extension HeterogeneousGradientCode.Adaptive {
    /// The right answer to a valid question: the projections from least squares decoding, pattern by pattern.
    package var expected: Answer {
        guard let matrix = RationalMatrix(self.matrix) else { preconditionFailure("the question is valid") }
        let m = matrix.columns
        var mean = RationalMatrix(rows: m, columns: m) { _, _ in 0 }
        for (responders, probability) in HeterogeneousEnumeration.patterns(probabilities) {
            let rows = matrix.selecting(rows: responders)
            for k in 0..<m {
                // The projection of the k-th unit vector on the span of the rows.
                let projection = rows.transposed.leastSquares((0..<m).map { $0 == k ? 1 : 0 }).projection
                for j in 0..<m { mean[j, k] += probability * projection[j] }
            }
        }
        let ones = [Rational](repeating: 1, count: m)
        let leastSquares = mean * ones
        var answer = Answer(
            mean: leastSquares, residual: Rational(m) - leastSquares.total, projection: mean.rowVectors)
        switch mean.solve(ones) {
        case .solution(let target): (answer.target, answer.optimum) = (target, target.total - Rational(m))
        case .inconsistent(let witness): answer.witness = witness
        }
        return answer
    }
}

/// A training of the documentation (`docs/HeterogeneousGradientCode.md#tight-instances`).
package struct HeterogeneousInstance: Sendable {
    /// Its name.
    package let name: String
    /// Who holds what, and straggles how often.
    package let scheme: HeterogeneousCase
    /// h and l, one row a partition.
    package let curvatures: [[Rational]]
    package let slopes: [[Rational]]
    package let start: [Rational]
    package let step: Rational
    /// The theorem that it attains, with its θ.
    package let theorem: HeterogeneousGradientCode.Convergence.Theorem
    package let theta: Rational?

    /// An instance without a name.
    package init(
        scheme: HeterogeneousCase, curvatures: [[Rational]], slopes: [[Rational]], start: [Rational], step: Rational
    ) {
        self.init(
            name: "generated", scheme: scheme, curvatures: curvatures, slopes: slopes, start: start, step: step,
            theorem: .smallSteps, theta: nil)
    }

    init(
        name: String, scheme: HeterogeneousCase, curvatures: [[Rational]], slopes: [[Rational]], start: [Rational],
        step: Rational, theorem: HeterogeneousGradientCode.Convergence.Theorem, theta: Rational?
    ) {
        self.name = name
        self.scheme = scheme
        self.curvatures = curvatures
        self.slopes = slopes
        self.start = start
        self.step = step
        self.theorem = theorem
        self.theta = theta
    }

    /// The training of the optimal code.
    package func training(_ iterations: Int) -> HeterogeneousGradientCode.Training {
        .init(
            probabilities: scheme.probabilities, coefficients: scheme.code.coefficients().rowVectors,
            curvatures: curvatures, slopes: slopes, start: start, iterations: iterations)
    }

    /// HT1: interpolation on the 4-cycle.
    package static let ht1 = HeterogeneousInstance(
        name: "HT1", scheme: .cycle4, curvatures: [[1], [1], [1], [1]], slopes: [[0], [0], [0], [0]], start: [1],
        step: Rational(1, 8), theorem: .smallSteps, theta: 0)
    /// HT3: all curvature on an exact worker.
    package static let ht3 = HeterogeneousInstance(
        name: "HT3", scheme: HeterogeneousCase("HT3", probabilities: [0, Rational(1, 3)], holders: [[0], [1], [1]]),
        curvatures: [[2], [0], [0]], slopes: [[2], [1], [-3]], start: [1], step: Rational(1, 4),
        theorem: .boundedNoise, theta: nil)
    /// HT2: two uncoded workers that disagree.
    package static let ht2 = HeterogeneousInstance(
        name: "HT2",
        scheme: HeterogeneousCase("HT2", probabilities: [Rational(1, 2), Rational(1, 2)], holders: [[0], [1]]),
        curvatures: [[1], [1]], slopes: [[-1], [1]], start: [1], step: Rational(1, 8), theorem: .smallSteps,
        theta: 1)
    /// The trajectory of the triangle.
    package static let triangle = HeterogeneousInstance(
        name: "triangle", scheme: .triangle, curvatures: [[1], [2], [1]], slopes: [[-1], [0], [1]], start: [2],
        step: Rational(1, 8), theorem: .stronglyConvex, theta: 1)
}

extension HeterogeneousGradientCode {
    /// Vectors of `heterogeneous.adaptive`.
    static var adaptiveVectors: VectorFile {
        var file = VectorFileBuilder(
            Adaptive.self, "Decoders that see who responded; projections pattern by pattern.",
            "Any target with the right projection, and any witness, is right.")
        file.group(1, "Decoders", profile: .core, basis: .derived) { tests in
            func add(_ tcId: Int, _ comment: String, _ flag: VectorFlag, _ B: [[Rational]], _ p: [Rational]) {
                let question = Adaptive(matrix: B, probabilities: p)
                tests.valid(tcId, comment, [flag], question, question.expected)
            }
            for (index, golden) in HeterogeneousCase.golden.enumerated() {
                let encoding = golden.code.gauge().encoding.rowVectors
                add(index + 1, golden.name + ", gauge A", .handExample, encoding, golden.probabilities)
            }
            let cyclic = HeterogeneousCase.mixedCyclic
            let ones = cyclic.allocation.map { $0.map { Rational($0) } }
            let half = Rational(1, 2)
            add(20, "mixed6, cyclic, all ones", .handExample, ones, cyclic.probabilities)
            add(21, "two workers, gauge A", .handExample, [[half, 0], [half, 1]], [half, half])
            add(22, "two workers, all ones", .handExample, [[1, 0], [1, 1]], [half, half])
            add(23, "no unbiased decoder", .undecodable, [[1, 2]], [half])
            add(24, "scaled, there is one", .handExample, [[1, 1]], [half])
            add(25, "everybody dead", .undecodable, [[1], [1]], [1, 1])
            add(26, "no stragglers, full rank", .smallest, [[1, 0], [0, 1]], [0, 0])
            add(
                27, "a debiased encoding is far better", .handExample, [[1, 1], [1, 2]],
                [Rational(9, 10), Rational(1, 10)])
            add(28, "a row of zeros", .smallest, [[0, 0], [1, 1]], [half, half])
            add(
                29, "entries of both signs", .normal, [[2, -1], [-1, 2], [1, 1]],
                [half, Rational(1, 3), Rational(1, 4)])
        }
        file.group(
            2, "Refusals", profile: .core, basis: .house, section: "HeterogeneousGradientCode.md#edge-cases"
        ) { tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ kind: Refusal.Kind, _ flag: VectorFlag, _ B: [[Rational]],
                _ p: [Rational]
            ) {
                tests.invalid(tcId, comment, [flag], Adaptive(matrix: B, probabilities: p), kind)
            }
            refuse(60, "no worker", .invalidParameters, .smallest, [], [])
            refuse(61, "no partition", .invalidParameters, .smallest, [[]], [0])
            refuse(62, "rows of different lengths", .dimensionMismatch, .sizes, [[1, 1], [1]], [0, 0])
            refuse(63, "one probability too few", .dimensionMismatch, .sizes, [[1], [1]], [0])
            refuse(64, "p = 2", .invalidProbability, .invalidParameters, [[1]], [2])
        }
        return file.file
    }

    /// Vectors of `heterogeneous.recover`.
    static var recoverVectors: VectorFile {
        var file = VectorFileBuilder(
            Recover.self, "The weighted sum of messages; a message with NaN or an infinity counts as not received.")
        func add(
            _ tests: inout VectorFileBuilder<Recover>.Tests, _ tcId: Int, _ comment: String, _ flag: VectorFlag,
            _ weights: [Float], _ messages: [[Float]?], excluded: [Int] = []
        ) {
            let used = weights.indices.filter { messages[$0] != nil && !excluded.contains($0) }
            let dimension = messages.compactMap { $0 }[0].count
            let sum: FloatExpectation =
                used.isEmpty
                ? .exact(Binary32Vector([Float](repeating: 0, count: dimension)))
                : GradientCode.enclosure(used.map { weights[$0] }, used.map { messages[$0]! })
            tests.valid(
                tcId, comment, [flag],
                Recover(weights: Binary32Vector(weights), messages: messages.map { $0.map { Binary32Vector($0) } }),
                .init(vector: sum, excluded: excluded))
        }
        file.group(1, "Sums", profile: .core, basis: .derived) { tests in
            // The triangle in gauge A with the gradients 1, −2, 3: y_0 = 1/3 + 3/4, y_1 = 1/3 − 2/5, y_2 = −2/5 + 3/4.
            let y: [[Float]] = [[Float(13) / 12], [Float(-1) / 15], [Float(7) / 20]]
            add(&tests, 1, "the triangle, everybody", .handExample, [2, 3, 4], y)
            add(&tests, 2, "the triangle, F = {0, 2}", .handExample, [2, 3, 4], [y[0], nil, y[2]])
            add(&tests, 3, "one message", .smallest, [2], [[3, -1]])
            add(&tests, 4, "weight 0", .normal, [0, 2], [[5, 5], [1, 2]])
            add(&tests, 5, "weights 0 only", .smallest, [0, 0], [[5], [7]])
            add(&tests, 6, "weights of both signs", .normal, [1.5, -0.25, 3], [[1, 2], [4, 8], nil])
            add(&tests, 7, "the smallest subnormals", .subnormal, [1, 1], [[0x1p-149], [0x1p-149]])
            add(&tests, 8, "catastrophic cancellation", .rounding, [1, -1, 1], [[1e8], [1e8], [1]])
        }
        file.group(2, "NonFiniteMessages", profile: .core, basis: .house) { tests in
            add(&tests, 20, "NaN", .nonFinite, [2, 3], [[.nan, 1], [1, 1]], excluded: [0])
            add(
                &tests, 21, "infinity in the last coordinate", .nonFinite, [2, 3], [[1, 1], [1, .infinity]],
                excluded: [1])
            add(
                &tests, 22, "a weight 0 does not help", .nonFinite, [0, 3], [[-.infinity, 1], [1, 1]], excluded: [0])
            add(
                &tests, 23, "nothing is left: zeros", .nonFinite, [1, 1, 1], [[.nan, 1], nil, [.nan, .nan]],
                excluded: [0, 2])
        }
        file.group(
            3, "Refusals", profile: .core, basis: .house, section: "HeterogeneousGradientCode.md#edge-cases"
        ) { tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ kind: Refusal.Kind, _ flag: VectorFlag, _ weights: [Float],
                _ messages: [[Float]?]
            ) {
                tests.invalid(
                    tcId, comment, [flag],
                    Recover(weights: Binary32Vector(weights), messages: messages.map { $0.map { Binary32Vector($0) } }),
                    kind)
            }
            refuse(40, "null messages only", .invalidParameters, .smallest, [1, 1], [nil, nil])
            refuse(41, "no worker", .invalidParameters, .smallest, [], [])
            refuse(42, "one message too few", .dimensionMismatch, .sizes, [1, 1], [[1]])
            refuse(43, "messages of different dimensions", .dimensionMismatch, .sizes, [1, 1], [[1], [1, 2]])
            refuse(44, "messages without coordinates", .dimensionMismatch, .smallest, [1, 1], [[], []])
            refuse(45, "an infinite weight", .nonFinite, .nonFinite, [.infinity, 1], [[1], nil])
            refuse(46, "a weight NaN of a straggler", .nonFinite, .nonFinite, [1, .nan], [[1], nil])
            refuse(47, "a sum beyond binary32", .outOfRange, .overflow, [1, 1], [[0x1.8p127], [0x1.8p127]])
            refuse(
                48, "a NaN weight and different dimensions", .dimensionMismatch, .precedence, [.nan, 1], [[1], [1, 2]])
        }
        return file.file
    }
}
