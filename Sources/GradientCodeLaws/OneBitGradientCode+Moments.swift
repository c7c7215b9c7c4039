import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// The subject's own expectation, computed exactly: all straggler patterns, all messages, its answers averaged.
extension Law {
    static let oneBitMoments: [Law] = [
        forAll(
            MomentsCase.all, id: "oneBit.unbiased", "E Y = ∇F, over all straggler patterns and all draws.",
            profile: .core, basis: .paper, section: "OneBitGradientCode.md#theorem-1", needs: ["oneBit.round+tape"]
        ) { instance, examiner in
            let (law, session) = try await instance.law(by: examiner)
            let expected = instance.moments.mean
            guard instance.agree(law.mean, expected) else {
                throw session.violation(Mismatch("the update is biased", expected: expected, received: law.mean))
            }
        },
        forAll(
            MomentsCase.all, id: "oneBit.covariance",
            "Cov Y is that of Theorem 2, every entry: stragglers, signs, and their independence.", profile: .core,
            basis: .derived, section: "OneBitGradientCode.md#theorem-2", needs: ["oneBit.round+tape"]
        ) { instance, examiner in
            let (law, session) = try await instance.law(by: examiner)
            let expected = instance.moments.covariance.rowVectors
            guard zip(law.covariance, expected).allSatisfy(instance.agree) else {
                throw session.violation(Mismatch("another covariance", expected: expected, received: law.covariance))
            }
        },
        forAll(
            RunCase.all, id: "oneBit.convergence",
            "Runs of the subject's rounds obey the bounds of Theorems 5, 5′, 6 and 7, and attain them where they must.",
            profile: .core, basis: .derived, section: "OneBitGradientCode.md#tight-instances",
            needs: ["oneBit.round+tape"]
        ) { run, examiner in
            try await run.judge(by: examiner)
        },
    ]
}

/// Updates with their probabilities.
struct UpdateLaw: Sendable {
    private(set) var probabilities: [[Rational]: Rational] = [:]

    mutating func add(_ update: [Rational], _ probability: Rational) {
        probabilities[update, default: 0] += probability
    }

    var mean: [Rational] {
        let dimension = probabilities.first?.key.count ?? 0
        return (0..<dimension).map { j in probabilities.map { $0.value * $0.key[j] }.total }
    }

    var covariance: [[Rational]] {
        let mean = mean
        return mean.indices.map { j in
            mean.indices.map { l in
                probabilities.map { $0.value * ($0.key[j] - mean[j]) * ($0.key[l] - mean[l]) }.total
            }
        }
    }
}

extension OneBitSession {
    /// The law of the subject's update with ideal stragglers, and draws of so few bits that all can be tried.
    ///
    /// Draw m of 2^b stands for the words around (m + 1/2) 2^(32 − b): far from every threshold that is a multiple of
    /// 2^(32 − b), so that it does not matter how a subject rounds, nor whether it uses its draws upwards or downwards.
    /// Where every |g_ij|/B_ij is a multiple of 2^(1 − b) the law is exactly the ideal one.
    func law(gradients: [Binary32Vector], drawBits b: Int) async throws -> UpdateLaw {
        let holders = scheme.code.participants
        var rounds: [(input: OneBitGradientCode.Round, probability: Rational)] = []
        for members in WorkerSet.subsets(of: holders.count).map(\.members) {
            let responders = members.map { holders[$0] }
            var probability: Rational = 1
            for worker in holders {
                let p = Rational(scheme.code.straggling[worker])
                probability *= responders.contains(worker) ? 1 - p : p
            }
            guard !probability.isZero else { continue }
            let digits = responders.count * scheme.dimension
            for number in 0..<(1 << (b * digits)) {
                let words = (0..<digits).map { digit in
                    UInt32((number >> (b * digit)) & ((1 << b) - 1)) << UInt32(32 - b) | 1 << UInt32(31 - b)
                }
                let input = OneBitGradientCode.Round(
                    gradients: gradients, responders: responders, tape: Words(words))
                rounds.append((input, probability / Rational(2).power(b * digits)))
            }
        }
        let updates = try await updates(of: rounds.map(\.input))
        var law = UpdateLaw()
        for (update, round) in zip(updates, rounds) { law.add(update, round.probability) }
        return law
    }
}

/// A scheme with gradients for which few-bit draws realise the ideal law.
private struct MomentsCase: Sendable {
    let scheme: OneBitCase
    let gradients: [[Float]]
    let drawBits: Int

    static let all: [MomentsCase] = {
        let half = Rational(1, 2)
        func instance(
            _ allocation: [[Int]], _ probabilities: [Rational], _ weights: [[Rational]]? = nil, _ bound: SignRange,
            _ gradients: [[Float]], drawBits: Int
        ) -> MomentsCase {
            let instance = MomentsCase(
                scheme: OneBitCase(
                    allocation: allocation, probabilities: probabilities, weights: weights, bound: bound,
                    dimension: gradients[0].count), gradients: gradients, drawBits: drawBits)
            for x in instance.scheme.coded(gradients) {
                for (value, range) in zip(x, instance.scheme.ranges(of: x)) where !range.isZero {
                    let steps = value / range * Rational(2).power(drawBits - 1)
                    precondition(steps.isInteger, "\(value) in ±\(range) needs more bits a draw")
                }
            }
            return instance
        }
        return [
            // One worker: the sign alone; then with stragglers.
            instance([[1]], [0], nil, .given([4]), [[2, -4]], drawBits: 2),
            instance([[1]], [half], nil, .given([4]), [[1]], drawBits: 2),
            // Two workers with the same data, probabilities 1/2 and 3/4: weights 1 and 2.
            instance([[1], [1]], [half, Rational(3, 4)], nil, .given([8]), [[4, -4]], drawBits: 2),
            // Unequal loads and a worker without data.
            instance([[1, 1], [0, 0], [0, 1]], [half, half, 0], nil, .given([8]), [[2], [4]], drawBits: 3),
            // Three workers, two coordinates: 4913 rounds.
            instance(
                [[1, 0], [1, 1], [0, 1]], [0, half, half], nil, .given([8]), [[8, 0], [-8, 8]], drawBits: 2),
            // General weights, one of them negative.
            instance([[1], [1]], [0, half], [[-1], [4]], .given([8]), [[2]], drawBits: 3),
            // A range a coordinate, and mode S.
            instance([[1], [1]], [half, 0], nil, .given([4, 8]), [[4, -8]], drawBits: 2),
            instance([[1], [1]], [half, 0], nil, .perMessage, [[2, -4]], drawBits: 2),
            instance([[1], [1]], [half, 0], nil, .perMessage, [[0, 0]], drawBits: 1),
        ]
    }()

    /// Equal; in mode S up to a scale that was rounded up needlessly, of whose square the moments are multiples.
    func agree(_ found: [Rational], _ expected: [Rational]) -> Bool {
        let isPerMessage = if case .perMessage = scheme.opening.bound { true } else { false }
        guard isPerMessage else { return found == expected }
        let scale = scheme.coded(gradients).flatMap { scheme.ranges(of: $0) }.map { $0 * $0 }.total
        return zip(found, expected).allSatisfy { ($0 - $1).magnitude <= scale * Rational(2).power(-20) }
    }

    /// Theorem 2.
    var moments: OneBitMoments {
        let coded = scheme.coded(gradients)
        let holders = scheme.code.participants
        return OneBitMoments(
            coded: holders.map { coded[$0] }, straggling: holders.map { Rational(scheme.code.straggling[$0]) },
            ranges: holders.map { scheme.ranges(of: coded[$0]) })
    }

    func law(by examiner: Examiner) async throws -> (UpdateLaw, OneBitSession) {
        let session = OneBitSession(scheme, examiner)
        return (try await session.law(gradients: gradients.map { Binary32Vector($0) }, drawBits: drawBits), session)
    }
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
