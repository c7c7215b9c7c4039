import ExactArithmetic
import GradientCodeOperations
import GradientCodeTheory
import GradientCodes

// Exact moments and bounds of training with a heterogeneous code.
extension BuiltIn {
    static func answerHeterogeneousTheory(_ table: inout Implementation.Table) {
        table.answer(
            HeterogeneousGradientCode.Trajectory.self, regression: true, unless: { tooMuch($0.training, [$0.step]) }
        ) { question throws(Refusal) in try trajectory(question) }
        table.answer(
            HeterogeneousGradientCode.Convergence.self, regression: true,
            unless: { tooMuch($0.training, [$0.step ?? 1, $0.theta ?? 1]) }
        ) { question throws(Refusal) in try convergence(question) }
    }

    private static func tooMuch(_ training: HeterogeneousGradientCode.Training, _ steps: [Rational]) -> String? {
        let (n, m) = (training.coefficients.count, training.coefficients.first?.count ?? 0)
        let (d, t) = (training.start.count, min(64, max(1, training.iterations)))
        guard n <= 64, m <= 64, d <= 16, t * d * m * m <= 1 << 16 else { return "too many products" }
        let given = training.start + steps + (training.curvatures + training.slopes + training.coefficients).joined()
        let digits = given.map { $0.description.utf8.count }.max() ?? 0
        return digits > 64 && digits * t * d * m * m > 1 << 20 ? "numbers too long for so many products" : nil
    }

    static func trajectory(
        _ question: HeterogeneousGradientCode.Trajectory
    ) throws(Refusal) -> HeterogeneousGradientCode.Trajectory.Answer {
        var defects = Defects.heterogeneous
        defects.require(question.step > 0, .invalidParameters, "the step is \(question.step), not positive")
        let run = try run(question.training, &defects)
        let moments = run.moments(
            start: question.training.start,
            steps: [Rational](repeating: question.step, count: question.training.iterations))
        return .init(means: moments.means, squaredDistances: moments.squaredDistances)
    }

    static func convergence(
        _ question: HeterogeneousGradientCode.Convergence
    ) throws(Refusal) -> HeterogeneousGradientCode.Convergence.Answer {
        var defects = Defects.heterogeneous
        defects.require(
            (question.step == nil) == (question.theorem == .decreasingSteps), .invalidParameters,
            "a step is missing, or given beside those of the theorem")
        defects.require(question.step.map { $0 > 0 } ?? true, .invalidParameters, "the step is not positive")
        let run = try run(question.training, &defects)
        let (loss, T) = (try run.loss, question.training.iterations)
        let (η, θ) = (question.step ?? 1, question.theta ?? 1)
        let steps =
            question.theorem == .decreasingSteps
            ? HeterogeneousBound.decreasingSteps(loss, iterations: T) : [Rational](repeating: η, count: T)
        func noise() throws(Refusal) -> Rational {
            guard let noise = run.constantNoise else {
                throw Refusal(.invalidParameters, "the noise depends on the model; expected the same at every model")
            }
            return noise
        }
        let moments = run.moments(start: question.training.start, steps: steps)
        let D = moments.squaredDistances[0]
        let bound: Rational
        switch question.theorem {
        case .stronglyConvex:
            bound = try HeterogeneousBound.stronglyConvex(squaredDistance: D, loss, theta: θ, step: η, iterations: T)
        case .decreasingSteps:
            bound = HeterogeneousBound.decreasingSteps(squaredDistance: D, loss, iterations: T)
        case .smallSteps:
            bound = try HeterogeneousBound.smallSteps(squaredDistance: D, loss, theta: θ, step: η, iterations: T)
        case .boundedNoise:
            bound = try HeterogeneousBound.boundedNoise(
                squaredDistance: D, loss, noise: noise(), step: η, iterations: T)
        case .nonConvex:
            bound = try HeterogeneousBound.nonConvex(
                initialGap: run.gap(at: question.training.start), smoothness: run.smoothness, noise: noise(), step: η,
                iterations: T)
        }
        let measured =
            question.theorem == .nonConvex
            ? run.squaredGradients(moments).dropLast().total / Rational(T) : moments.squaredDistances[T]
        return .init(measured: measured, bound: (question.factor ?? 1) * bound)
    }

    /// The run of a training, checked together with what else is wrong.
    private static func run(
        _ training: HeterogeneousGradientCode.Training, _ defects: inout Defects
    ) throws(Refusal) -> HeterogeneousRun {
        let (n, m, d) = (training.coefficients.count, training.coefficients.first?.count ?? 0, training.start.count)
        defects.require(0...64 ~= training.iterations, .invalidParameters, "\(training.iterations) iterations")
        defects.require(n > 0 && m > 0 && d > 0, .invalidParameters, "no worker, partition or coordinate")
        defects.require(
            training.curvatures.joined().allSatisfy { $0 >= 0 }, .invalidParameters, "a curvature is negative")
        defects.require(
            (training.curvatures + training.slopes).allSatisfy { $0.count == d } && training.curvatures.count == m
                && training.slopes.count == m,
            .dimensionMismatch, "expected \(m) rows of \(d) curvatures and of as many slopes")
        let matrix = defects.matrix(training.coefficients, "coefficients")
        let probabilities = defects.probabilities(training.probabilities, count: n)
        let sizes = defects
        if let matrix, let probabilities, (try? sizes.refuse()) != nil {
            let run = defects.attempt { () throws(Refusal) in
                try HeterogeneousRun(
                    moments: HeterogeneousMoments(coefficients: matrix, straggling: probabilities),
                    curvatures: training.curvatures, slopes: training.slopes)
            }
            try defects.refuse()
            return run.sound
        }
        try defects.refuse()
        preconditionFailure("what is not sound is refused")
    }
}
