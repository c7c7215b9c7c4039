import ExactArithmetic
import GradientCodeOperations
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// Bounds against the exact law of runs with the subject's own rounds.
extension Law {
    static let oneBitConvergence: [Law] = [
        forAll(
            RunCase.all, id: "oneBit.convergence",
            "Runs of the subject's rounds obey the bounds of Theorems 5, 5′, 6 and 7, and attain them where they must.",
            profile: .core, basis: .derived, section: "OneBitGradientCode.md#tight-instances",
            needs: ["oneBit.round+tape"]
        ) { run, examiner in
            try await run.judge(by: examiner)
        }
    ]
}

/// A tight instance, trained with the subject's rounds.
private struct RunCase: Sendable {
    let instance: OneBitInstance
    let iterations: Int

    static let all = OneBitInstance.tight.flatMap { instance in
        [1, 2, 4].map { RunCase(instance: instance, iterations: $0) }
    }

    /// The laws of θ_0 … θ_T with the subject's updates: from every reachable model, all it can do.
    private func laws(by examiner: Examiner) async throws -> (
        models: [[[Rational]: Rational]], variances: [Rational], session: OneBitSession
    ) {
        let ranges = Binary32Vector((instance.ranges ?? []).map { Float($0) })
        let scheme = OneBitCase(
            allocation: instance.allocation, probabilities: instance.probabilities, bound: .given(ranges),
            dimension: instance.start.count)
        var models = [[instance.start: Rational(1)]]
        var variances: [Rational] = []
        var session = OneBitSession(scheme, examiner)
        for _ in 0..<iterations {
            var (next, variance): ([[Rational]: Rational], Rational) = ([:], 0)
            for (model, probability) in models[models.count - 1].sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }
            ) {
                session = OneBitSession(scheme, examiner)
                let gradients = instance.loss.gradients(at: model)
                let law = try await session.law(
                    gradients: gradients.map { Binary32Vector($0.map { Float($0) }) }, drawBits: instance.drawBits)
                let gradient = model.indices.map { j in gradients.map { $0[j] }.total }
                for (update, chance) in law.probabilities {
                    next[zip(model, update).map { $0 - instance.step * $1 }, default: 0] += probability * chance
                    variance += probability * chance * zip(update, gradient).map { ($0 - $1) * ($0 - $1) }.total
                }
            }
            // All four stay on a few points; a subject that does not would be asked for ever.
            guard next.count <= 64 else {
                throw session.violation(
                    Mismatch("the run leaves its lattice", expected: "at most 64 points", received: next.count))
            }
            models.append(next)
            variances.append(variance)
        }
        return (models, variances, session)
    }

    /// Each bound must hold, and its slack must be what the proof loses.
    func judge(by examiner: Examiner) async throws {
        let (models, variances, session) = try await laws(by: examiner)
        let loss = instance.loss
        let (γ, T) = (instance.step, Rational(iterations))
        func mean(_ law: [[Rational]: Rational], _ value: ([Rational]) -> Rational) -> Rational {
            law.map { $0.value * value($0.key) }.total
        }
        func square(_ x: [Rational]) -> Rational { x.innerProduct(x) }
        let least = loss.value(at: instance.minimiser)
        let runs = models.dropLast()
        let gap = runs.map { mean($0) { loss.value(at: $0) - least } }.total / T
        let squares = runs.map { mean($0) { square(loss.gradients(at: $0)[0]) } }
        let distances = models.map { mean($0) { square(zip($0, instance.minimiser).map(-)) } }
        let last = distances[iterations]
        // L = 1 in all of them, and μ = 1 where the loss is quadratic.
        for theorem in instance.theorems {
            let sides: (measured: Rational, bound: Rational, lost: Rational?)
            switch theorem {
            case .convex:
                let bound = try OneBitBound.convex(
                    squaredDistance: distances[0], smoothness: 1, step: γ, variances: variances)
                sides = (gap, bound, γ == 1 ? last / (2 * γ * T) : nil)
            case .nonSmooth:
                let bound = try OneBitBound.nonsmooth(
                    squaredDistance: distances[0], step: γ, secondMoments: zip(squares, variances).map(+))
                sides = (gap, bound, last / (2 * γ * T))
            case .stronglyConvex:
                let bound = try OneBitBound.stronglyConvex(
                    squaredDistance: distances[0], strongConvexity: 1, smoothness: 1, step: γ, variances: variances)
                sides = (last, bound, 0)
            case .nonConvex:
                let bound = try OneBitBound.nonconvex(
                    initialGap: loss.value(at: instance.start) - least, smoothness: 1, step: γ, variances: variances)
                let end = mean(models[iterations]) { loss.value(at: $0) - least } / (γ * (1 - γ / 2) * T)
                sides = (squares.total / T, bound, loss.kind == .quadratic ? end : nil)
            }
            let name = "\(instance.name), \(theorem.rawValue), T = \(iterations)"
            guard sides.measured <= sides.bound else {
                throw session.violation(
                    Mismatch(
                        "\(name): the bound is exceeded", expected: "at most \(sides.bound)", received: sides.measured))
            }
            if let lost = sides.lost, sides.bound - sides.measured != lost {
                throw session.violation(
                    Mismatch(
                        "\(name): the bound is not attained up to \(lost)",
                        expected: "exactly \(sides.bound - lost)", received: sides.measured))
            }
        }
        let expected = instance.question(instance.theorems[0], iterations: iterations)
        let measured = OneBitGradientCode.sides(of: expected).measured
        let found = instance.theorems[0] == .stronglyConvex ? last : gap
        guard found == measured else {
            throw session.violation(
                Mismatch("\(instance.name): another law of the run", expected: measured, received: found))
        }
    }
}
