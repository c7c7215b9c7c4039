import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

extension OneBitGradientCode {
    /// Vectors of `oneBit.moments`.
    static var momentsVectors: VectorFile {
        var file = VectorFileBuilder(
            Moments.self, "Mean and covariance of the update, with the ideal quantiser, exact.",
            "Computed from all straggler patterns and all messages, not from the formulas.")
        let golden = GoldenIteration()
        let half = Rational(1, 2)
        file.group(1, "Theorem2", profile: .core, basis: .derived, section: "OneBitGradientCode.md#theorem-2") {
            tests in
            func add(_ tcId: Int, _ comment: String, _ flag: VectorFlag, _ question: Moments) {
                tests.valid(tcId, comment, [flag], question, enumeratedMoments(question))
            }
            let hand = [[1, 1], [0, 1]]
            let third = Rational(1, 3)
            add(
                1, "the hand example: V = 9", .handExample,
                .init(allocation: hand, probabilities: [half, third], gradients: [[1], [2]], ranges: [[4], [3]]))
            add(
                2, "the hand example with general weights", .handExample,
                .init(
                    allocation: hand, probabilities: [half, third], weights: [[2, 2], [0, 0]], gradients: [[1], [2]],
                    ranges: [[6], [3]]))
            add(
                3, "one worker that never straggles, x = B", .smallest,
                .init(allocation: [[1]], probabilities: [0], gradients: [[1]], ranges: [[1]]))
            add(
                4, "x = 0: a fair sign", .smallest,
                .init(allocation: [[1]], probabilities: [0], gradients: [[0]], ranges: [[1]]))
            add(
                5, "a worker without data", .normal,
                .init(
                    allocation: [[1, 0], [0, 0], [1, 1]], probabilities: [half, third, 0],
                    gradients: [[1, 2], [-1, 3]],
                    ranges: [[4]]))
            add(
                6, "unequal loads, one range a coordinate", .normal,
                .init(
                    allocation: [[1, 1, 1], [1, 0, 0], [0, 1, 0]], probabilities: [Rational(1, 4), third, 0],
                    gradients: [[1, -1], [half, 2], [0, 1]], ranges: [[8, 5]]))
            add(
                7, "a range a worker and coordinate", .normal,
                .init(
                    allocation: [[1, 1], [1, 1]], probabilities: [Rational(2, 3), Rational(1, 5)],
                    gradients: [[1, 0], [-half, 2]], ranges: [[4, 4], [2, 3]]))
            add(
                8, "mode S", .normal,
                .init(
                    allocation: [[1, 1], [1, 1]], probabilities: [half, Rational(1, 4)],
                    gradients: [[1, 0], [-half, 2]],
                    ranges: nil))
            add(
                9, "mode S, a zero gradient", .smallest,
                .init(allocation: [[1], [1]], probabilities: [half, 0], gradients: [[0, 0]], ranges: nil))
            add(
                10, "negative weights", .normal,
                .init(
                    allocation: [[1], [1]], probabilities: [half, 0], weights: [[-2], [2]], gradients: [[1, -half]],
                    ranges: [[3]]))
        }
        file.group(5, "NearlyCertainStragglers", profile: .core, basis: .derived) { tests in
            let question = Moments(
                allocation: [[1], [1]], probabilities: [1 - Rational(2).power(-40), 0], gradients: [[1]],
                ranges: [[Rational(2).power(40)]])
            tests.valid(40, "p = 1 - 2^-40 is legal", [.threshold], question, enumeratedMoments(question))
        }
        file.group(2, "Theorem4", profile: .core, basis: .derived, section: "OneBitGradientCode.md#theorem-4") {
            tests in
            func add(_ tcId: Int, _ comment: String, _ flag: VectorFlag, _ question: Moments) {
                tests.valid(tcId, comment, [flag], question, enumeratedMoments(question))
            }
            add(
                20, "a worker without data straggles too: 17/24", .handExample,
                .init(allocation: [[1], [1], [0]], stragglers: 1, gradients: [[1]], ranges: [[1]]))
            add(
                21, "one worker, none straggles", .smallest,
                .init(allocation: [[1]], stragglers: 0, gradients: [[1, half]], ranges: [[2]]))
            add(
                22, "cyclic, one of three straggles", .normal,
                .init(
                    allocation: [[1, 1, 0], [0, 1, 1], [1, 0, 1]], stragglers: 1,
                    gradients: [[1, 0], [2, -1], [-half, 1]], ranges: [[4]]))
            add(
                23, "two of three straggle, mode S", .normal,
                .init(
                    allocation: [[1, 0], [0, 1], [1, 1]], stragglers: 2, gradients: [[1, 2], [-1, half]], ranges: nil))
        }
        file.group(
            3, "Golden", profile: .core, basis: .derived, section: "OneBitGradientCode.md#golden-iteration"
        ) { tests in
            let question = Moments(
                allocation: golden.allocation, probabilities: golden.probabilities, gradients: golden.gradients,
                ranges: [[4]])
            // 2⁴ patterns times 2⁴⁴ messages are too many: Theorem 2, whose V the documentation works out.
            let moments = OneBitMoments(
                coded: golden.coded, straggling: golden.probabilities,
                ranges: Array(repeating: Array(repeating: 4, count: golden.dimension), count: 4))
            tests.valid(
                30, "V = 3945/8", [.handExample], question,
                .init(
                    mean: moments.mean, covariance: moments.covariance.rowVectors, stragglerPart: moments.stragglerPart,
                    quantiserPart: moments.quantiserPart))
        }
        addMomentsRefusals(to: &file)
        return file.file
    }

    private static func addMomentsRefusals(to file: inout VectorFileBuilder<Moments>) {
        let right = Moments(
            allocation: [[1, 0], [1, 1]], probabilities: [0, 0], gradients: [[1], [1]], ranges: [[4]])
        file.group(4, "Refusals", profile: .core, basis: .house, section: "OneBitGradientCode.md#edge-cases") { tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Refusal.Kind,
                _ damage: (inout Moments) -> Void
            ) {
                var question = right
                damage(&question)
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            refuse(50, "an entry 2", .invalidParameters, .invalidParameters) { $0.allocation = [[2, 0], [1, 1]] }
            refuse(51, "no worker", .smallest, .invalidParameters) {
                $0.allocation = []; $0.probabilities = []
            }
            refuse(52, "no coordinate", .smallest, .invalidParameters) { $0.gradients = [[], []] }
            refuse(53, "neither model of stragglers", .invalidParameters, .invalidParameters) { $0.probabilities = nil }
            refuse(54, "both models of stragglers", .invalidParameters, .invalidParameters) { $0.stragglers = 1 }
            refuse(55, "all workers straggle", .invalidParameters, .invalidParameters) {
                $0.probabilities = nil; $0.stragglers = 2
            }
            refuse(56, "range 0", .invalidParameters, .invalidParameters) { $0.ranges = [[0]] }
            refuse(57, "weights that add up to 2", .invalidParameters, .invalidParameters) {
                $0.weights = [[1, 0], [1, 1]]
            }
            refuse(58, "a weight where nothing is held", .invalidParameters, .invalidParameters) {
                $0.weights = [[1, 1], [0, 0]]
            }
            refuse(59, "rows of different lengths", .sizes, .dimensionMismatch) { $0.allocation = [[1, 0], [1]] }
            refuse(60, "one probability too many", .sizes, .dimensionMismatch) { $0.probabilities = [0, 0, 0] }
            refuse(61, "one gradient too few", .sizes, .dimensionMismatch) { $0.gradients = [[1]] }
            refuse(62, "gradients of different dimensions", .sizes, .dimensionMismatch) {
                $0.gradients = [[1], [1, 2]]
            }
            refuse(63, "two ranges for one coordinate", .sizes, .dimensionMismatch) { $0.ranges = [[4, 4]] }
            refuse(64, "three rows of ranges for two workers", .sizes, .dimensionMismatch) {
                $0.ranges = [[4], [4], [4]]
            }
            refuse(65, "weights of another shape", .sizes, .dimensionMismatch) { $0.weights = [[1, 1]] }
            refuse(66, "a subset that nobody holds", .invalidParameters, .infeasiblePartition) {
                $0.allocation = [[1, 0], [1, 0]]
            }
            refuse(67, "p = 1", .invalidParameters, .invalidProbability) { $0.probabilities = [0, 1] }
            refuse(68, "p < 0", .invalidParameters, .invalidProbability) { $0.probabilities = [Rational(-1, 2), 0] }
            refuse(69, "a term beyond 64 bits", .invalidParameters, .invalidProbability) {
                $0.probabilities = [1 / Rational(2).power(64), 0]
            }
            refuse(70, "outside the range", .outsideRange, .outOfRange) { $0.ranges = [[1]] }
            refuse(71, "a ragged allocation and an entry 2: the entry", .precedence, .invalidParameters) {
                $0.allocation = [[2, 0], [1]]
            }
            refuse(72, "p = 1 and a probability too many: the sizes", .precedence, .dimensionMismatch) {
                $0.probabilities = [1, 0, 0]
            }
        }
    }

    /// Vectors of `oneBit.convergence`.
    static var convergenceVectors: VectorFile {
        var file = VectorFileBuilder(
            Convergence.self, "Exact runs against exact bounds: the tight instances, others, and negative controls.",
            "A factor 19/20 makes the bound a few per cent too small: where it was attained it must fail.")
        func answer(_ question: Convergence) -> Convergence.Answer { sides(of: question) }
        file.group(
            1, "TightInstances", profile: .core, basis: .derived, section: "OneBitGradientCode.md#tight-instances"
        ) { tests in
            var tcId = 0
            for instance in OneBitInstance.tight {
                for theorem in instance.theorems {
                    for iterations in [1, 2, 3, 4, 8] {
                        tcId += 1
                        let question = instance.question(theorem, iterations: iterations)
                        tests.valid(
                            tcId, "\(instance.name), \(theorem.rawValue), T = \(iterations)", [.tight], question,
                            answer(question))
                    }
                }
            }
        }
        file.group(
            2, "NegativeControls", profile: .core, basis: .derived, section: "OneBitGradientCode.md#tight-instances"
        ) { tests in
            let controls: [(OneBitInstance, Convergence.Theorem, [Int])] = [
                (.e2q, .convex, [1, 3, 5]), (.e2q, .stronglyConvex, [1, 2, 3]), (.e3, .stronglyConvex, [1, 2, 3, 8]),
            ]
            for (index, control) in controls.enumerated() {
                for (place, iterations) in control.2.enumerated() {
                    let question = control.0.question(control.1, iterations: iterations, factor: Rational(19, 20))
                    tests.valid(
                        100 + 10 * index + place,
                        "\(control.0.name), \(control.1.rawValue), T = \(iterations), 19/20 of the bound",
                        [.negativeControl], question, answer(question))
                }
            }
        }
        file.group(3, "Inequalities", profile: .core, basis: .derived) { tests in
            for (index, theorem) in OneBitInstance.plane.theorems.enumerated() {
                let question = OneBitInstance.plane.question(theorem, iterations: 2)
                tests.valid(
                    200 + index, "two coordinates, three workers, \(theorem.rawValue)", [.normal], question,
                    answer(question))
            }
            var perMessage = OneBitInstance.e3.question(.stronglyConvex, iterations: 3)
            perMessage.ranges = nil
            tests.valid(210, "E3 in mode S", [.normal], perMessage, answer(perMessage))
        }
        addConvergenceRefusals(to: &file)
        return file.file
    }

    private static func addConvergenceRefusals(to file: inout VectorFileBuilder<Convergence>) {
        file.group(4, "Refusals", profile: .core, basis: .house, section: "OneBitGradientCode.md#edge-cases") { tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Refusal.Kind,
                _ damage: (inout Convergence) -> Void
            ) {
                var question = OneBitInstance.e2q.question(.convex, iterations: 2)
                damage(&question)
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            refuse(300, "γ > 1/L", .invalidParameters, .invalidParameters) { $0.step = Rational(9, 8) }
            refuse(301, "γ = 2/L for a loss that is not convex", .invalidParameters, .invalidParameters) {
                $0.theorem = .nonConvex; $0.step = 2
            }
            refuse(302, "γ = 0", .invalidParameters, .invalidParameters) { $0.step = 0 }
            refuse(303, "no iteration", .smallest, .invalidParameters) { $0.iterations = 0 }
            refuse(304, "65 iterations", .invalidParameters, .invalidParameters) { $0.iterations = 65 }
            refuse(305, "no minimiser", .invalidParameters, .invalidParameters) { $0.minimiser = [1] }
            refuse(306, "|θ| is not smooth", .invalidParameters, .invalidParameters) { $0.loss.kind = .absolute }
            refuse(307, "Huber's loss is not strongly convex", .invalidParameters, .invalidParameters) {
                $0.theorem = .stronglyConvex; $0.loss.kind = .huber
            }
            refuse(308, "a negative curvature", .invalidParameters, .invalidParameters) { $0.loss.curvatures = [[-1]] }
            refuse(309, "a start of another dimension", .sizes, .dimensionMismatch) { $0.start = [1, 1] }
            refuse(310, "a minimiser of another dimension", .sizes, .dimensionMismatch) { $0.minimiser = [0, 0] }
            refuse(311, "a loss of two subsets", .sizes, .dimensionMismatch) {
                $0.loss.curvatures = [[Rational(1, 2)], [Rational(1, 2)]]; $0.loss.centres = [[0], [0]]
            }
            refuse(312, "three ranges", .sizes, .dimensionMismatch) { $0.ranges = [1, 1, 1] }
            refuse(313, "p = 1", .invalidParameters, .invalidProbability) { $0.probabilities = [1] }
            refuse(314, "E2q from 1/2 leaves the range", .outsideRange, .outOfRange) { $0.start = [Rational(1, 2)] }
            refuse(315, "a subset that nobody holds", .invalidParameters, .infeasiblePartition) {
                $0.allocation = [[0]]
            }
            refuse(316, "out of range at the start", .outsideRange, .outOfRange) { $0.start = [2] }
        }
    }
}
