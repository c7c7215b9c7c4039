import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

extension HeterogeneousGradientCode.Training {
    /// The exact law of the model, by paths: every pattern at every iteration, equal models united.
    ///
    /// - Returns: for every iteration the models with their probabilities.
    func laws(steps: [Rational]) -> [[[Rational]: Rational]] {
        let patterns = HeterogeneousEnumeration.patterns(probabilities)
        var laws: [[[Rational]: Rational]] = [[start: 1]]
        for η in steps {
            var next: [[Rational]: Rational] = [:]
            for (x, probability) in laws[laws.count - 1] {
                let g = curvatures.indices.map { j in
                    x.indices.map { d in curvatures[j][d] * x[d] + slopes[j][d] }
                }
                for pattern in patterns {
                    let α = curvatures.indices.map { j in pattern.responders.map { coefficients[$0][j] }.total }
                    let moved = x.indices.map { d in x[d] - η * α.innerProduct(g.map { $0[d] }) }
                    next[moved, default: 0] += probability * pattern.probability
                }
            }
            laws.append(next)
        }
        return laws
    }

    var minimiser: [Rational] {
        start.indices.map { d in -slopes.map { $0[d] }.total / curvatures.map { $0[d] }.total }
    }
}

extension HeterogeneousInstance {
    /// The run of the theory.
    fileprivate var run: HeterogeneousRun {
        let training = training(0)
        guard let straggling = try? Probability.all(training.probabilities),
            let matrix = RationalMatrix(training.coefficients),
            let run = try? HeterogeneousRun(
                moments: HeterogeneousMoments(coefficients: matrix, straggling: straggling),
                curvatures: curvatures, slopes: slopes)
        else { preconditionFailure("the instances are valid") }
        return run
    }

    /// E(x_t − x*) and E‖x_t − x*‖² by the recursion of Theorem C0.
    fileprivate func trajectory(_ iterations: Int, step: Rational) -> HeterogeneousGradientCode.Trajectory.Answer {
        let moments = run.moments(start: start, steps: Array(repeating: step, count: iterations))
        return .init(means: moments.means, squaredDistances: moments.squaredDistances)
    }
}

extension HeterogeneousGradientCode {
    /// Vectors of `heterogeneous.trajectory`.
    static var trajectoryVectors: VectorFile {
        var file = VectorFileBuilder(
            Trajectory.self, "Exact moments of the model; short runs from all paths, not from the recursion.")
        file.group(1, "AllPaths", profile: .core, basis: .derived) { tests in
            for (index, instance) in [HeterogeneousInstance.triangle, .ht1, .ht2, .ht3].enumerated() {
                let (training, T) = (instance.training(3), 3)
                let laws = training.laws(steps: Array(repeating: instance.step, count: T))
                let minimiser = training.minimiser
                func expectation(_ law: [[Rational]: Rational], _ value: ([Rational]) -> Rational) -> Rational {
                    law.map { $0.value * value(zip($0.key, minimiser).map { $0 - $1 }) }.total
                }
                tests.valid(
                    index + 1, "\(instance.name), three steps", [.handExample],
                    .init(training: training, step: instance.step),
                    .init(
                        means: laws.map { law in minimiser.indices.map { d in expectation(law) { $0[d] } } },
                        squaredDistances: laws.map { law in expectation(law) { $0.innerProduct($0) } }))
            }
        }
        file.group(2, "LongRuns", profile: .core, basis: .derived) { tests in
            let triangle = HeterogeneousInstance.triangle
            tests.valid(
                10, "the triangle, 25 steps", [.handExample],
                .init(training: triangle.training(25), step: triangle.step),
                triangle.trajectory(25, step: triangle.step))
            tests.valid(
                11, "no step", [.smallest], .init(training: triangle.training(0), step: 1),
                triangle.trajectory(0, step: 1))
            tests.valid(
                12, "HT1 diverges with the step 2/μ", [.negativeControl],
                .init(training: HeterogeneousInstance.ht1.training(8), step: Rational(1, 2)),
                HeterogeneousInstance.ht1.trajectory(8, step: Rational(1, 2)))
            let plane = HeterogeneousInstance.plane
            tests.valid(
                13, "two coordinates", [.normal], .init(training: plane.training(10), step: plane.step),
                plane.trajectory(10, step: plane.step))
        }
        file.group(
            3, "Refusals", profile: .core, basis: .house, section: "HeterogeneousGradientCode.md#edge-cases"
        ) { tests in
            refuseTrainings(&tests, from: 20) { training, step in Trajectory(training: training, step: step) }
        }
        return file.file
    }

    /// Vectors of `heterogeneous.convergence`.
    static var convergenceVectors: VectorFile {
        var file = VectorFileBuilder(
            Convergence.self, "The exact error of training on quadratics beside a bound, with bounds made too small.")
        func expected(_ instance: HeterogeneousInstance, _ question: Convergence) -> Convergence.Answer {
            let (run, T) = (instance.run, question.training.iterations)
            guard let loss = try? run.loss else { preconditionFailure("the instances are valid") }
            let steps =
                question.step.map { Array(repeating: $0, count: T) }
                ?? HeterogeneousBound.decreasingSteps(loss, iterations: T)
            let moments = run.moments(start: instance.start, steps: steps)
            let D = moments.squaredDistances[0]
            let (η, θ) = (question.step ?? 1, question.theta ?? 1)
            let bound: Rational? =
                switch question.theorem {
                case .stronglyConvex:
                    try? HeterogeneousBound.stronglyConvex(
                        squaredDistance: D, loss, theta: θ, step: η, iterations: T)
                case .decreasingSteps:
                    HeterogeneousBound.decreasingSteps(squaredDistance: D, loss, iterations: T)
                case .smallSteps:
                    try? HeterogeneousBound.smallSteps(squaredDistance: D, loss, theta: θ, step: η, iterations: T)
                case .boundedNoise:
                    try? HeterogeneousBound.boundedNoise(
                        squaredDistance: D, loss, noise: run.constantNoise ?? 0, step: η, iterations: T)
                case .nonConvex:
                    try? HeterogeneousBound.nonConvex(
                        initialGap: run.gap(at: instance.start), smoothness: run.smoothness,
                        noise: run.constantNoise ?? 0, step: η, iterations: T)
                }
            guard let bound else { preconditionFailure("the questions are valid") }
            let gradients = run.squaredGradients(moments).dropLast().total
            return .init(
                measured: question.theorem == .nonConvex ? gradients / Rational(T) : moments.squaredDistances[T],
                bound: (question.factor ?? 1) * bound)
        }
        func add(
            _ tests: inout VectorFileBuilder<Convergence>.Tests, _ tcId: Int, _ comment: String, _ flag: VectorFlag,
            _ instance: HeterogeneousInstance, _ theorem: Convergence.Theorem, _ step: Rational?, _ iterations: Int,
            theta: Rational? = nil, factor: Rational? = nil
        ) {
            let question = Convergence(
                theorem, training: instance.training(iterations), step: step, theta: theta, factor: factor)
            tests.valid(tcId, comment, [flag], question, expected(instance, question))
        }
        let (triangle, eighth) = (HeterogeneousInstance.triangle, Rational(1, 8))
        file.group(1, "Bounds", profile: .core, basis: .derived) { tests in
            for (index, T) in [0, 1, 2, 25].enumerated() {
                add(&tests, 1 + index, "C1, t = \(T)", .handExample, triangle, .stronglyConvex, eighth, T)
                add(&tests, 5 + index, "C1″, t = \(T)", .handExample, triangle, .smallSteps, eighth, T)
                add(&tests, 9 + index, "C1′, t = \(T)", .normal, triangle, .decreasingSteps, nil, T)
            }
            add(&tests, 13, "C1, θ = 3", .normal, triangle, .stronglyConvex, eighth, 4, theta: 3)
            add(&tests, 14, "C1, the largest step", .normal, triangle, .stronglyConvex, Rational(30, 161), 3)
            add(&tests, 15, "C1, interpolation, θ = 0", .normal, .ht1, .stronglyConvex, eighth, 3, theta: 0)
            add(&tests, 16, "two coordinates", .normal, .plane, .stronglyConvex, Rational(1, 16), 6)
            add(&tests, 17, "two coordinates, C1″", .normal, .plane, .smallSteps, Rational(1, 16), 6)
        }
        file.group(
            2, "Equality", profile: .core, basis: .derived, section: "HeterogeneousGradientCode.md#tight-instances"
        ) { tests in
            for (index, T) in [1, 2, 4].enumerated() {
                add(&tests, 30 + index, "HT1, T = \(T)", .tight, .ht1, .smallSteps, eighth, T, theta: 0)
                add(&tests, 33 + index, "HT3, η = 1/8, T = \(T)", .tight, .ht3, .boundedNoise, eighth, T)
                add(&tests, 36 + index, "HT3, η = 1/2, T = \(T)", .tight, .ht3, .boundedNoise, Rational(1, 2), T)
                add(&tests, 39 + index, "HT3, C3, η = 1/4, T = \(T)", .tight, .ht3, .nonConvex, Rational(1, 4), T)
                add(&tests, 42 + index, "HT3, C3, η = 1/2, T = \(T)", .tight, .ht3, .nonConvex, Rational(1, 2), T)
            }
            let small = Rational(1, 1_000_000)
            add(&tests, 45, "HT2, a small step, θ = 200", .normal, .ht2, .smallSteps, small, 3, theta: 200)
        }
        file.group(
            3, "BoundsTooSmall", profile: .core, basis: .derived,
            section: "HeterogeneousGradientCode.md#tight-instances"
        ) { tests in
            let factor = Rational(19, 20)
            add(
                &tests, 50, "HT1, 19/20 of C1″", .negativeControl, .ht1, .smallSteps, eighth, 2, theta: 0,
                factor: factor)
            add(&tests, 51, "HT3, 19/20 of C2", .negativeControl, .ht3, .boundedNoise, eighth, 2, factor: factor)
            add(
                &tests, 52, "HT3, 9/10 of C3", .negativeControl, .ht3, .nonConvex, Rational(1, 4), 4,
                factor: Rational(4, 5))
        }
        file.group(
            4, "Refusals", profile: .core, basis: .house, section: "HeterogeneousGradientCode.md#edge-cases"
        ) { tests in
            refuseTrainings(&tests, from: 80) { training, step in
                Convergence(.stronglyConvex, training: training, step: step)
            }
            func refuse(
                _ tcId: Int, _ comment: String, _ instance: HeterogeneousInstance, _ theorem: Convergence.Theorem,
                _ step: Rational?, _ iterations: Int = 2, theta: Rational? = nil
            ) {
                tests.invalid(
                    tcId, comment, [.invalidParameters],
                    Convergence(theorem, training: instance.training(iterations), step: step, theta: theta),
                    .invalidParameters)
            }
            refuse(
                100, "C1 with a step just too large", triangle, .stronglyConvex, Rational(30, 161) + Rational(1, 10_000)
            )
            refuse(101, "C1 with the step 2/μ", .ht1, .stronglyConvex, Rational(1, 2))
            refuse(102, "no step", triangle, .stronglyConvex, nil)
            refuse(103, "a step beside those of C1′", triangle, .decreasingSteps, eighth)
            refuse(104, "θ = 0 with noise at the minimiser", triangle, .stronglyConvex, eighth, theta: 0)
            refuse(105, "a negative θ", triangle, .smallSteps, eighth, theta: -1)
            refuse(106, "C2 with noise that depends on the model", triangle, .boundedNoise, eighth)
            refuse(107, "C3 with noise that depends on the model", triangle, .nonConvex, eighth)
            refuse(108, "C3 with the step 2/μ", .ht3, .nonConvex, 1)
            refuse(109, "C3 without an iteration", .ht3, .nonConvex, eighth, 0)
            refuse(110, "C1″ with ρ ≥ 1", .ht1, .smallSteps, Rational(1, 2), theta: 0)
            refuse(111, "C2 with a step above 2/(λ + μ)", .ht3, .boundedNoise, Rational(3, 4))
        }
        return file.file
    }

    /// Trainings that are refused whatever is asked about them.
    private static func refuseTrainings<Asked: Question>(
        _ tests: inout VectorFileBuilder<Asked>.Tests, from tcId: Int, _ make: (Training, Rational) -> Asked
    ) {
        var next = tcId
        func refuse(
            _ comment: String, _ kind: Refusal.Kind, _ flag: VectorFlag = .invalidParameters,
            step: Rational = Rational(1, 8), _ damage: (inout Training) -> Void = { _ in }
        ) {
            var training = HeterogeneousInstance.triangle.training(2)
            damage(&training)
            tests.invalid(next, comment, [flag], make(training, step), kind)
            next += 1
        }
        refuse("no worker", .invalidParameters, .smallest) {
            $0.coefficients = []
            $0.probabilities = []
        }
        refuse("no coordinate", .invalidParameters, .smallest) { training in
            training.start = []
            training.curvatures = [[], [], []]
            training.slopes = [[], [], []]
        }
        refuse("fewer than no iterations", .invalidParameters) { $0.iterations = -1 }
        refuse("more than 64 iterations", .invalidParameters) { $0.iterations = 65 }
        refuse("step 0", .invalidParameters, step: 0)
        refuse("a negative curvature", .invalidParameters) { $0.curvatures[0] = [-1] }
        refuse("no curvature at all", .invalidParameters) { $0.curvatures = [[0], [0], [0]] }
        refuse("a biased code", .invalidParameters) { $0.coefficients[0][0] = 1 }
        refuse("rows of different lengths", .dimensionMismatch, .sizes) { $0.coefficients[0] = [1] }
        refuse("one row of slopes too few", .dimensionMismatch, .sizes) { $0.slopes.removeLast() }
        refuse("two curvatures for one coordinate", .dimensionMismatch, .sizes) { $0.curvatures[1] = [1, 1] }
        refuse("one probability too few", .dimensionMismatch, .sizes) { $0.probabilities.removeLast() }
        refuse("p = 3/2", .invalidProbability) { $0.probabilities[0] = Rational(3, 2) }
    }
}

extension HeterogeneousInstance {
    /// Two coordinates, unequal curvatures, one worker exact on one partition.
    static let plane = HeterogeneousInstance(
        name: "plane",
        scheme: HeterogeneousCase(
            "plane", probabilities: [Rational(1, 5), Rational(1, 2), 0], holders: [[0, 1], [1, 0], [2]]),
        curvatures: [[1, 0], [0, 2], [1, 1]], slopes: [[-1, 0], [1, 1], [0, Rational(1, 2)]], start: [1, -1],
        step: Rational(1, 16), theorem: .stronglyConvex, theta: 1)
}
