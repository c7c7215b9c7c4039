import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
package import GradientCodes

extension HeterogeneousGradientCode.OptimalCoefficients {
    /// What the reference answers to a valid question.
    package var expected: HeterogeneousGradientCode.OptimalCoefficients.Expected {
        guard let matrix = try? Allocation(allocation), let straggling = try? Probability.all(probabilities),
            let code = try? HeterogeneousGradientCode(allocation: matrix, straggling: straggling)
        else { preconditionFailure("the question is valid") }
        let gauge = code.gauge(variances: variances)
        return .init(
            coefficients: code.coefficients(variances: variances).rowVectors,
            residual: code.residual(variances: variances), weights: gauge.weights,
            encoding: gauge.encoding.rowVectors, oddsSums: code.oddsSums(variances: variances),
            multipliers: code.multipliers(variances: variances))
    }
}

extension HeterogeneousGradientCode {
    /// Vectors of `heterogeneous.coefficients`.
    static var coefficientsVectors: VectorFile {
        var file = VectorFileBuilder(
            OptimalCoefficients.self, "The unbiased coefficients with the least residual, gauge A, certificates.")
        func fill(_ tests: inout VectorFileBuilder<OptimalCoefficients>.Tests) {
            func add(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ allocation: [[Int]],
                _ probabilities: [Rational], _ variances: [Rational]? = nil
            ) {
                let question = OptimalCoefficients(
                    allocation: allocation, probabilities: probabilities, variances: variances)
                tests.valid(tcId, comment, [flag], question, question.expected)
            }
            for (index, golden) in HeterogeneousCase.golden.enumerated() {
                add(index + 1, golden.name, .handExample, golden.allocation, golden.probabilities)
            }
            let (half, third) = (Rational(1, 2), Rational(1, 3))
            let triangle = HeterogeneousCase.triangle
            add(
                20, "the triangle with quantisers", .handExample, triangle.allocation, triangle.probabilities,
                [Rational(1, 4), Rational(1, 9), 0])
            add(21, "an exact worker with a quantiser is exact no more", .normal, [[1], [1]], [0, half], [third, 0])
            add(22, "an exact worker alone", .smallest, [[1]], [0])
            add(23, "a worker without data", .normal, [[1, 1], [0, 0], [0, 1]], [half, third, Rational(1, 5)])
            add(
                24, "different odds on every partition", .normal, [[1, 1, 0], [1, 0, 1], [0, 1, 1]], [0, half, third])
            let near = 1 - Rational(2).power(-32)
            add(25, "p = 1 − 2⁻³²", .largeEntries, [[1], [1]], [near, half])
            add(26, "p = 2⁻⁶³", .largeEntries, [[1], [1]], [Rational(2).power(-63), half])
            add(27, "a dead worker and an exact one", .normal, [[1], [1], [1]], [1, 0, half])
            add(28, "a quantiser on a dead worker", .normal, [[1], [1]], [1, half], [third, half])
            let p = (1...8).map { Rational($0, 11) }
            add(29, "eight workers, full replication", .normal, p.map { _ in [1, 1, 1] }, p)
        }
        file.group(1, "Optimal", profile: .core, basis: .derived, fill)
        file.group(2, "EdgeRulesAndGauge", profile: .wire, basis: .house) { tests in
            for golden in [HeterogeneousCase.triangle, .exactWorker, .deadWorker] {
                let question = OptimalCoefficients(allocation: golden.allocation, probabilities: golden.probabilities)
                let tcId = ["triangle": 40, "exact worker": 41, "dead worker": 42][golden.name] ?? 0
                tests.valid(tcId, golden.name, [.handExample], question, question.expected)
            }
        }
        file.group(
            3, "Refusals", profile: .core, basis: .house, section: "HeterogeneousGradientCode.md#edge-cases"
        ) { tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ kind: Refusal.Kind, _ flag: VectorFlag,
                _ damage: (inout OptimalCoefficients) -> Void
            ) {
                var question = OptimalCoefficients(
                    allocation: [[1, 0], [1, 1]], probabilities: [Rational(1, 2), Rational(1, 3)])
                damage(&question)
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            refuse(60, "no worker", .invalidParameters, .smallest) {
                $0.allocation = []
                $0.probabilities = []
            }
            refuse(61, "no partition", .invalidParameters, .smallest) { $0.allocation = [[], []] }
            refuse(62, "an entry 2", .invalidParameters, .invalidParameters) { $0.allocation = [[1, 2], [1, 1]] }
            refuse(63, "a negative variance", .invalidParameters, .invalidParameters) { $0.variances = [-1, 0] }
            refuse(64, "rows of different lengths", .dimensionMismatch, .sizes) { $0.allocation = [[1, 0], [1]] }
            refuse(65, "one probability too few", .dimensionMismatch, .sizes) { $0.probabilities = [0] }
            refuse(66, "one variance too many", .dimensionMismatch, .sizes) { $0.variances = [0, 0, 0] }
            refuse(67, "p = −1/2", .invalidProbability, .invalidParameters) { $0.probabilities[0] = Rational(-1, 2) }
            refuse(68, "p = 3/2", .invalidProbability, .invalidParameters) { $0.probabilities[1] = Rational(3, 2) }
            refuse(69, "a term beyond 64 bits", .invalidProbability, .largeEntries) {
                $0.probabilities[1] = Rational(2).power(-65)
            }
            refuse(70, "a partition that nobody holds", .infeasiblePartition, .invalidParameters) {
                $0.allocation = [[1, 0], [1, 0]]
            }
            refuse(71, "a partition that only a dead worker holds", .infeasiblePartition, .invalidParameters) {
                $0.probabilities[1] = 1
            }
            refuse(72, "p = 3/2 and a partition that nobody holds", .invalidProbability, .precedence) {
                $0.allocation = [[1, 0], [1, 0]]
                $0.probabilities[0] = Rational(3, 2)
            }
            refuse(73, "a negative variance and p = 3/2", .invalidParameters, .precedence) {
                $0.variances = [0, -1]
                $0.probabilities[0] = Rational(3, 2)
            }
        }
        return file.file
    }

    /// Vectors of `heterogeneous.moments`.
    static var momentsVectors: VectorFile {
        var file = VectorFileBuilder(
            Moments.self, "Mean, residual and covariance of the recovered coefficients, exact.",
            "Computed from all patterns of responders, not from the formulas.")
        func add(
            _ tests: inout VectorFileBuilder<Moments>.Tests, _ tcId: Int, _ comment: String, _ flag: VectorFlag,
            _ question: Moments, within: Bool? = nil
        ) {
            var expected = HeterogeneousEnumeration.moments(
                question.probabilities, coefficients: question.coefficients, gradients: question.gradients)
            expected.isWithinThreshold = within
            tests.valid(tcId, comment, [flag], question, expected)
        }
        let (half, third) = (Rational(1, 2), Rational(1, 3))
        let triangle = HeterogeneousCase.triangle
        let optimal = triangle.code.coefficients().rowVectors
        for (tgId, profile) in [(1, Profile.core), (5, .wire)] {
            file.group(tgId, profile == .core ? "Moments" : "EigenvalueBound", profile: profile, basis: .derived) {
                tests in
                for (index, golden) in HeterogeneousCase.golden.enumerated() {
                    add(
                        &tests, 100 * (tgId - 1) + index + 1, golden.name, .handExample,
                        .init(
                            probabilities: golden.probabilities,
                            coefficients: golden.code.coefficients().rowVectors, gradients: golden.gradients))
                }
            }
        }
        file.group(2, "AnyCode", profile: .core, basis: .derived) { tests in
            add(
                &tests, 20, "made for 1/3: the bias of Corollary H1′", .handExample,
                .init(
                    probabilities: triangle.probabilities,
                    coefficients: HeterogeneousCase(
                        "equal", probabilities: [third, third, third], holders: [[0, 1], [1, 2], [0, 2]]
                    ).code.coefficients().rowVectors, gradients: triangle.gradients))
            add(
                &tests, 21, "entries of both signs: a row sum is no bound", .normal,
                .init(
                    probabilities: [half, half], coefficients: [[3, -1], [-1, 3]], gradients: [[1, 2], [-1, 0]]))
            add(
                &tests, 22, "a biased code", .normal,
                .init(probabilities: [half, third], coefficients: [[1, 1], [1, 0]], gradients: [[2], [-1]]))
            add(
                &tests, 23, "a partition that nobody recovers", .normal,
                .init(probabilities: [1, half], coefficients: [[1, 0], [0, 2]], gradients: [[1], [1]]))
            add(
                &tests, 24, "zero coefficients", .smallest, .init(probabilities: [half], coefficients: [[0]]))
            add(
                &tests, 25, "no stragglers", .smallest,
                .init(probabilities: [0, 0], coefficients: [[1, 0], [0, 1]], gradients: [[5], [7]]))
            add(
                &tests, 26, "less common mode, more residual", .handExample,
                .init(
                    probabilities: [half, third], coefficients: [[Rational(4, 3), 0], [half, Rational(3, 2)]],
                    gradients: [[1], [1]]))
            add(
                &tests, 27, "blind weights", .handExample,
                .init(
                    probabilities: triangle.probabilities,
                    coefficients: [
                        [1, 0, 1], [Rational(3, 4), Rational(3, 4), 0], [0, Rational(2, 3), Rational(2, 3)],
                    ],
                    gradients: triangle.gradients))
        }
        file.group(
            3, "Thresholds", profile: .core, basis: .derived,
            section: "HeterogeneousGradientCode.md#eigenvalue-certificate"
        ) { tests in
            func threshold(
                _ tcId: Int, _ comment: String, _ probabilities: [Rational], _ coefficients: [[Rational]],
                _ τ: Rational, _ within: Bool
            ) {
                add(
                    &tests, tcId, comment, within ? .tight : .negativeControl,
                    .init(probabilities: probabilities, coefficients: coefficients, threshold: τ), within: within)
            }
            let dead = HeterogeneousCase.deadWorker
            let all: [[Rational]] = [[0, 0], [2, 2]]
            threshold(40, "V = [[1, 1], [1, 1]], τ = 2", dead.probabilities, all, 2, true)
            threshold(41, "τ = 1: a zero pivot, and its column is not zero", dead.probabilities, all, 1, false)
            threshold(42, "τ = 0 of V = 0", [0], [[1]], 0, true)
            threshold(43, "a negative τ", [0], [[1]], -1, false)
            threshold(44, "the triangle, its bound 11/20", triangle.probabilities, optimal, Rational(11, 20), true)
            threshold(
                45, "the triangle, trace/m is no bound", triangle.probabilities, optimal, Rational(47, 180), false)
            threshold(46, "entries of both signs, λ_max = 4", [half, half], [[3, -1], [-1, 3]], 4, true)
            threshold(
                47, "entries of both signs, the row sum 1 is no bound", [half, half], [[3, -1], [-1, 3]], 1, false)
        }
        file.group(
            4, "DependentStragglers", profile: .core, basis: .derived,
            section: "HeterogeneousGradientCode.md#dependent-stragglers"
        ) { tests in
            var tcId = 60
            for (n, r, d) in [(2, 1, 1), (3, 2, 2), (4, 2, 3), (4, 4, 2), (5, 3, 5)] {
                // Partition j is held by the d workers from j on; each of the C(n, r) sets has the same probability.
                let c = Rational(n, r * d)
                let rows = (0..<n).map { i in (0..<n).map { j in (i - j + n) % n < d ? c : 0 } }
                let q = Rational(r, n)
                let K = (0..<n).map { i in
                    (0..<n).map { l in q * (1 - q) * (i == l ? 1 : Rational(-1, n - 1)) }
                }
                let sets = WorkerSet.subsets(of: n, count: r).map { $0.members }
                let α = sets.map { set in (0..<n).map { j in set.map { rows[$0][j] }.total } }
                let share = Rational(1, sets.count)
                let mean = (0..<n).map { j in share * α.map { $0[j] }.total }
                let covariance = (0..<n).map { j in
                    (0..<n).map { k in share * α.map { ($0[j] - mean[j]) * ($0[k] - mean[k]) }.total }
                }
                let trace = (0..<n).map { covariance[$0][$0] }.total
                tests.valid(
                    tcId, "exactly \(r) of \(n) respond, \(d) replicas", [.normal],
                    .init(probabilities: Array(repeating: 1 - q, count: n), coefficients: rows, dependence: K),
                    .init(
                        mean: mean, residual: share * α.map { $0.map { ($0 - 1) * ($0 - 1) }.total }.total,
                        covariance: covariance, commonMode: covariance.joined().total,
                        eigenvalueBound: min(trace, covariance.map { $0.map(\.magnitude).total }.max() ?? 0)))
                tcId += 1
            }
        }
        file.group(
            6, "Refusals", profile: .core, basis: .house, section: "HeterogeneousGradientCode.md#edge-cases"
        ) { tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ kind: Refusal.Kind, _ flag: VectorFlag,
                _ damage: (inout Moments) -> Void
            ) {
                var question = Moments(
                    probabilities: [half, third], coefficients: [[1, 0], [0, 1]], gradients: [[1], [2]])
                damage(&question)
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            refuse(80, "no worker", .invalidParameters, .smallest) {
                $0.probabilities = []
                $0.coefficients = []
                $0.gradients = nil
            }
            refuse(81, "no partition", .invalidParameters, .smallest) {
                $0.coefficients = [[], []]
                $0.gradients = nil
            }
            refuse(82, "gradients of dimension 0", .invalidParameters, .smallest) { $0.gradients = [[], []] }
            refuse(83, "rows of different lengths", .dimensionMismatch, .sizes) { $0.coefficients[1] = [1] }
            refuse(84, "one probability too many", .dimensionMismatch, .sizes) { $0.probabilities.append(0) }
            refuse(85, "one gradient too few", .dimensionMismatch, .sizes) { $0.gradients = [[1]] }
            refuse(86, "gradients of different dimensions", .dimensionMismatch, .sizes) {
                $0.gradients = [[1], [1, 2]]
            }
            refuse(87, "p = 2", .invalidProbability, .invalidParameters) { $0.probabilities[0] = 2 }
            refuse(88, "a dependence of another size", .dimensionMismatch, .sizes) { $0.dependence = [[1]] }
            refuse(89, "a dependence that is not symmetric", .invalidParameters, .invalidParameters) {
                $0.dependence = [[1, 1], [0, 1]]
            }
            refuse(90, "a dependence that is no covariance", .invalidParameters, .invalidParameters) {
                $0.dependence = [[0, 1], [1, 0]]
            }
            refuse(91, "p = 2 and one gradient too few: the size is refused", .dimensionMismatch, .precedence) {
                $0.probabilities[0] = 2
                $0.gradients = [[1]]
            }
        }
        return file.file
    }
}
