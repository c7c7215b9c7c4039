import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// Convergence: the exact law of a subject's own training against the bounds, on instances that attain them.
extension Law {
    static let heterogeneousConvergence: [Law] = [
        forAll(
            [HeterogeneousInstance.ht1, .ht3], id: "heterogeneous.tightInstances",
            "Trained with a subject's own updates, the tight instances attain their bounds exactly; 19/20 of them fail.",
            profile: .core, basis: .derived, section: "HeterogeneousGradientCode.md#tight-instances",
            needs: ["heterogeneous.round"]
        ) { instance, examiner in
            let T = 3
            let session = HeterogeneousSession(HeterogeneousSessionCase(instance.scheme, dimension: 1), examiner)
            let measured = try await session.train(instance, iterations: T)
            let bound = try instance.bound(iterations: T)
            guard (measured.distance - bound).magnitude <= measured.error else {
                throw Violation(
                    commands: measured.commands,
                    Mismatch("E‖x_T − x*‖² is not the bound", expected: bound, received: measured.distance))
            }
            precondition(bound * Rational(1, 20) > measured.error, "the negative control would hold")
        },
        generated(
            15, id: "heterogeneous.singleRuns",
            "Every single run keeps the bounds P1 and P2 with the errors that its stragglers explain.", profile: .core,
            basis: .derived, section: "HeterogeneousGradientCode.md#pathwise", needs: ["heterogeneous.round"]
        ) { choices in
            let scheme = HeterogeneousCase(&choices, workers: 1...3, partitions: 1...3)
            let m = scheme.allocation[0].count
            let curvatures = (0..<m).map { _ in [Rational(choices.integer(in: 1...4))] }
            let slopes = (0..<m).map { _ in [Rational(choices.integer(in: 0...8) - 4)] }
            let instance = HeterogeneousInstance(
                scheme: scheme, curvatures: curvatures, slopes: slopes,
                start: [Rational(choices.integer(in: 0...8) - 4)], step: Rational(1, 16))
            let runs = (0..<4).map { _ in choices.subset(of: 0..<scheme.probabilities.count) }
            return (instance: instance, responders: runs)
        } trial: { drawn, examiner in
            let session = HeterogeneousSession(HeterogeneousSessionCase(drawn.instance.scheme, dimension: 1), examiner)
            try await session.requireSingleRunBounds(drawn.instance, drawn.responders)
        },
    ]
}

extension HeterogeneousInstance {
    /// The bound that the instance attains.
    fileprivate func bound(iterations T: Int) throws -> Rational {
        let (run, initial) = (try theory, start[0] - training(0).minimiserOf1D)
        let loss = try run.loss
        switch theorem {
        case .smallSteps:
            return try HeterogeneousBound.smallSteps(
                squaredDistance: initial * initial, loss, theta: theta ?? 1, step: step, iterations: T)
        default:
            guard let noise = run.constantNoise else { preconditionFailure("its noise does not depend on the model") }
            return try HeterogeneousBound.boundedNoise(
                squaredDistance: initial * initial, loss, noise: noise, step: step, iterations: T)
        }
    }

    fileprivate var theory: HeterogeneousRun {
        get throws(Refusal) {
            guard let matrix = RationalMatrix(training(0).coefficients) else { preconditionFailure("it is a matrix") }
            return try HeterogeneousRun(
                moments: HeterogeneousMoments(
                    coefficients: matrix, straggling: Probability.all(scheme.probabilities)),
                curvatures: curvatures, slopes: slopes)
        }
    }

    /// g_j(x), exactly representable on the instances.
    fileprivate func gradients(at x: Rational) -> [[Float]] {
        curvatures.indices.map { j in [Float(curvatures[j][0] * x + slopes[j][0])] }
    }
}

extension HeterogeneousGradientCode.Training {
    fileprivate var minimiserOf1D: Rational { -slopes.map { $0[0] }.total / curvatures.map { $0[0] }.total }
}

extension HeterogeneousSession {
    /// E‖x_T − x*‖² of the subject's own training over all patterns, and how far its floats may have moved it.
    fileprivate struct Training {
        var distance: Rational
        var error: Rational
        var commands: [Command]
    }

    /// Trains from every reachable model with every set of responders.
    ///
    /// One step with an update that is off by b at most moves E‖x − x*‖² by 2η|x⁺ − x*|b + (ηb)² at most; later steps do
    /// not enlarge that, because on the instances the recursion of Theorem C0 contracts.
    fileprivate func train(_ instance: HeterogeneousInstance, iterations: Int) async throws -> Training {
        let patterns = HeterogeneousEnumeration.patterns(scheme.scheme.probabilities)
        let minimiser = instance.training(0).minimiserOf1D
        var law: [Rational: Rational] = [instance.start[0]: 1]
        var error: Rational = 0
        var asked = [open]
        _ = try await examiner.replies(to: [open], opens: true)
        for _ in 0..<iterations {
            let models = law.keys.sorted()
            let rounds = models.flatMap { x in
                patterns.map { HeterogeneousRoundCase(gradients: instance.gradients(at: x), responders: $0.responders) }
            }
            let replies = try await examiner.replies(to: rounds.map(round))
            var next: [Rational: Rational] = [:]
            for (index, round) in rounds.enumerated() {
                let (x, pattern) = (models[index / patterns.count], patterns[index % patterns.count])
                asked = [open, self.round(round)]
                let update = try sum(try outcome(replies[index], after: asked), after: asked)[0]
                let values = round.gradients.map { GradientCode.exact($0[0]) }
                let b = scheme.bound(pattern.responders, values) + ForwardError.factor(roundings: 2) * update.magnitude
                let moved = x - instance.step * update
                let probability = law[x, default: 0] * pattern.probability
                let shift = instance.step * b
                error += probability * (2 * (moved - minimiser).magnitude * shift + shift * shift)
                next[moved, default: 0] += probability
            }
            law = next
        }
        _ = try await examiner.replies(to: [close])
        let distance = law.map { ($0.key - minimiser) * ($0.key - minimiser) * $0.value }.total
        return Training(distance: distance, error: error, commands: asked)
    }

    /// P1 and P2 on one run, with ε_t from the responders and the floats' part on top of it.
    fileprivate func requireSingleRunBounds(_ instance: HeterogeneousInstance, _ responders: [[Int]]) async throws {
        let (run, η) = (try instance.theory, instance.step)
        let loss = try run.loss
        let (minimiser, H) = (run.minimiser[0], run.totalCurvatures[0])
        guard η * H <= 1 else { return }
        var x = instance.start[0]
        let first = x
        var (errors, squared, gradients): ([Rational], [Rational], [Rational]) = ([], [], [])
        _ = try await examiner.replies(to: [open])
        for members in responders {
            // The model as binary32, from which the gradients are exact sums of few bits.
            let model = GradientCode.exact(Float(x))
            let values = run.curvatures.indices.map { j in run.curvatures[j][0] * model + run.slopes[j][0] }
            let floats = values.map { Float($0) }
            let round = HeterogeneousRoundCase(gradients: floats.map { [$0] }, responders: members)
            let command = self.round(round)
            let reply = try await examiner.replies(to: [command])[0]
            let update = try sum(try outcome(reply, after: [open, command]), after: [open, command])[0]
            let exact = floats.map(GradientCode.exact)
            let gradient = H * (x - minimiser)
            let α = scheme.recovered(members)
            let straggling = (α.innerProduct(exact) - gradient).magnitude
            let rounding =
                scheme.bound(members, exact) + ForwardError.factor(roundings: 2) * update.magnitude
            errors.append(straggling + rounding)
            squared.append((straggling + rounding) * (straggling + rounding))
            gradients.append(gradient * gradient)
            x -= η * update
            let bound = try HeterogeneousBound.singleRun(
                distance: (first - minimiser).magnitude, loss, step: η, errors: errors)
            let mean = gradients.total / Rational(gradients.count)
            let limit = try HeterogeneousBound.singleRunNonConvex(
                initialGap: run.gap(at: [first]), smoothness: H, step: η, squaredErrors: squared)
            guard (x - minimiser).magnitude <= bound, mean <= limit else {
                throw Violation(
                    commands: [open, command],
                    Mismatch("a run leaves the bounds P1 and P2", expected: [bound, limit], received: [x, mean]))
            }
        }
        _ = try await examiner.replies(to: [close])
    }
}
