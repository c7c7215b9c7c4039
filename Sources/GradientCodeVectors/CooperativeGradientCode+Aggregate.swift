import ExactArithmetic
import GradientCodeOperations
import GradientCodeTheory
import GradientCodes

extension CooperativeGradientCode {
    /// Vectors of `cooperative.aggregate`.
    static var aggregateVectors: VectorFile {
        var file = VectorFileBuilder(
            Aggregate.self, "The update of a round.", "The estimate of the mean; null where nothing was recovered.")
        let third = Rational(1, 3)
        file.group(1, "Representable", profile: .core, basis: .derived) { tests in
            func add(_ tcId: Int, _ comment: String, _ flag: VectorFlag, _ question: Aggregate, _ update: [Float]?) {
                tests.valid(
                    tcId, comment, [flag], question, .init(update: update.map { .exact(Binary32Vector($0)) }))
            }
            for (index, rule) in PartialRule.allCases.enumerated() {
                add(
                    1 + index, "full: the sum divided by M, \(rule.rawValue)", .normal,
                    Aggregate(rule: rule, outcome: .full, clients: 4, sum: [8, -2, 0]), [2, -0.5, 0])
                add(
                    11 + index, "none: no update, \(rule.rawValue)", .smallest,
                    Aggregate(rule: rule, outcome: .none, clients: 2, vectors: [nil, nil]), nil)
            }
            add(
                20, "mean: divided by |K|, not by M", .normal,
                Aggregate(
                    rule: .mean, outcome: .partial, clients: 4, recovered: [3, 1],
                    vectors: [nil, [1, 2], nil, [3, -4]]),
                [2, -1])
            add(
                21, "one client recovered", .smallest,
                Aggregate(rule: .mean, outcome: .partial, clients: 2, recovered: [1], vectors: [nil, [7]]), [7])
            add(
                22, "inverseProbability: weight (1 − 1/2)/(1/4) = 2, divided by M", .handExample,
                Aggregate(
                    rule: .inverseProbability, outcome: .partial, clients: 2, recovered: [0], vectors: [[3], nil],
                    full: Rational(1, 2), recovery: [Rational(1, 4), Rational(1, 4)]), [3])
            add(
                23, "leastSquares: the combination of rows, divided by M", .handExample,
                Aggregate(
                    rule: .leastSquares, outcome: .partial, clients: 4, recovered: [0], vectors: [[4, 8], [2, 0]],
                    coefficients: [Rational(1, 2), 2]), [1.5, 1])
        }
        file.group(2, "Rounded", profile: .core, basis: .derived) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ question: Aggregate, _ weights: [Rational], _ vectors: [[Float]]
            ) {
                let columns = vectors[0].indices.map { j in vectors.map { GradientCode.exact($0[j]) } }
                let M = Rational(question.clients)
                // The weights over M at once, or a division at the end: two roundings more.
                tests.valid(
                    tcId, comment, [.rounding], question,
                    .init(
                        update: .enclosure(
                            center: columns.map { weights.innerProduct($0) / M },
                            bound: columns.map { values in
                                ForwardError.dividedCombinationBound(coefficients: weights, values: values, by: M)
                            }, derivation: "theorem-8")))
            }
            let vectors: [[Float]] = (0..<3).map { Philox.testFloats(seed: 6, t: 0, i: UInt32($0), count: 5) }
            let packed = vectors.map { Binary32Vector($0) }
            add(
                30, "mean of three",
                Aggregate(
                    rule: .mean, outcome: .partial, clients: 3, recovered: [0, 1, 2], vectors: packed), [1, 1, 1],
                vectors)
            add(
                31, "inverseProbability with weights 17/6",
                Aggregate(
                    rule: .inverseProbability, outcome: .partial, clients: 3, recovered: [0, 2],
                    vectors: [packed[0], nil, packed[2]], full: Rational(91, 125),
                    recovery: [Rational](repeating: Rational(12, 125), count: 3)),
                [Rational(17, 6), Rational(17, 6)], [vectors[0], vectors[2]])
            add(
                32, "leastSquares",
                Aggregate(
                    rule: .leastSquares, outcome: .partial, clients: 5, recovered: [1], vectors: packed,
                    coefficients: [third, -third, Rational(2, 7)]), [third, -third, Rational(2, 7)], vectors)
        }
        addRefusals(to: &file)
        return file.file
    }

    private static func addRefusals(to file: inout VectorFileBuilder<Aggregate>) {
        file.group(3, "Refusals", profile: .core, basis: .house, section: "CooperativeGradientCode.md#refusals") {
            tests in
            let right = Aggregate(
                rule: .mean, outcome: .partial, clients: 2, recovered: [0], vectors: [[1], nil],
                full: Rational(1, 2), recovery: [Rational(1, 4), Rational(1, 4)], coefficients: [1, 1])
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Refusal.Kind,
                _ damage: (inout Aggregate) -> Void
            ) {
                var question = right
                damage(&question)
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            refuse(50, "no client", .smallest, .invalidParameters) {
                $0.clients = 0; $0.vectors = []
            }
            refuse(51, "full without the sum", .invalidParameters, .invalidParameters) { $0.outcome = .full }
            refuse(52, "partial recovery of nobody", .smallest, .invalidParameters) { $0.recovered = [] }
            refuse(53, "the gradient of a recovered client is missing", .invalidParameters, .invalidParameters) {
                $0.recovered = [1]
            }
            refuse(54, "inverseProbability without ρ", .invalidParameters, .invalidParameters) {
                $0.rule = .inverseProbability; $0.recovery = nil
            }
            refuse(55, "leastSquares without coefficients", .invalidParameters, .invalidParameters) {
                $0.rule = .leastSquares; $0.vectors = [[1], [1]]; $0.coefficients = nil
            }
            refuse(56, "vectors without coordinates", .smallest, .invalidParameters) { $0.vectors = [[], nil] }
            refuse(57, "vectors of different dimensions", .sizes, .dimensionMismatch) { $0.vectors = [[1], [1, 2]] }
            refuse(58, "one vector too few", .sizes, .dimensionMismatch) { $0.vectors = [[1]] }
            refuse(59, "one coefficient too many", .sizes, .dimensionMismatch) {
                $0.rule = .leastSquares; $0.vectors = [[1]]
            }
            refuse(60, "one ρ too few", .sizes, .dimensionMismatch) {
                $0.rule = .inverseProbability; $0.recovery = [Rational(1, 4)]
            }
            refuse(61, "a NaN", .nonFinite, .nonFinite) { $0.vectors = [[.nan], nil] }
            refuse(62, "an infinite sum", .nonFinite, .nonFinite) {
                $0.outcome = .full; $0.sum = [.infinity]
            }
            refuse(63, "ρ = 0", .invalidParameters, .invalidProbability) {
                $0.rule = .inverseProbability; $0.recovery = [Rational(1, 4), 0]
            }
            refuse(64, "P_full above 1", .invalidParameters, .invalidProbability) {
                $0.rule = .inverseProbability; $0.full = 2
            }
            refuse(65, "client 2 of 2", .sizes, .indexOutOfRange) { $0.recovered = [0, 2] }
            refuse(66, "a client twice", .invalidParameters, .duplicateWorker) { $0.recovered = [0, 0] }
            // Each weight is 4 and divided by 2: no order of operations keeps the result within binary32.
            refuse(67, "a result beyond binary32", .overflow, .outOfRange) {
                $0.rule = .inverseProbability; $0.recovery = [Rational(1, 8), Rational(1, 8)]
                $0.vectors = [[0x1.8p127], nil]
            }
        }
    }
}
