package import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
package import GradientCodes

/// A small run of compressed gradient coding (`docs/CompressedGradientCode.md#tight-instances`).
package struct CompressedInstance: Sendable {
    /// The name in the documentation.
    package let name: String
    package let allocation: [[Int]]
    package let probabilities: [Rational]
    package let kind: Compressor.Kind
    package let loss: OneBitGradientCode.Loss
    package let slopes: [[Rational]]?
    package let start: [Rational]
    package let minimiser: [Rational]
    package let step: Rational

    /// The question about one bound.
    package func question(
        _ theorem: CompressedGradientCode.Convergence.Theorem, iterations: Int, factor: Rational? = nil
    ) -> CompressedGradientCode.Convergence {
        .init(
            theorem, allocation: allocation, probabilities: probabilities,
            compressor: CompressorDescriptor(CompressedGradientCode.legal(kind, start.count)), loss: loss,
            slopes: slopes, start: start, minimiser: minimiser, step: step, iterations: iterations, factor: factor)
    }

    /// One worker that answers half of the time, identity.
    package static let oneWorker = CompressedInstance(
        name: "one worker", allocation: [[1]], probabilities: [Rational(1, 2)], kind: .identity,
        loss: .init(.quadratic, curvatures: [[1]], centres: [[0]]), slopes: nil, start: [1], minimiser: [0], step: 1)

    /// Two workers, noise at the optimum, identity.
    package static let twoWorkers = CompressedInstance(
        name: "two workers", allocation: [[1, 0], [0, 1]], probabilities: [Rational(1, 2), Rational(1, 3)],
        kind: .identity,
        loss: .init(
            .quadratic, curvatures: Array(repeating: [Rational(1, 2), Rational(1, 2)], count: 2),
            centres: [[1, 0], [-1, 2]]), slopes: nil, start: [2, 1], minimiser: [0, 1], step: 1)

    /// Three workers with top-1 and L = 1.
    package static func threeWorkers(step: Rational) -> CompressedInstance {
        CompressedInstance(
            name: "three workers, γ = \(step)", allocation: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
            probabilities: [0, 0, 0],
            kind: .topK(1),
            loss: .init(
                .quadratic, curvatures: [[1, 1], [0, 0], [0, 0]], centres: Array(repeating: [0, 0], count: 3)),
            slopes: [[1, 1], [-1, 0], [0, -1]], start: [0, 0], minimiser: [0, 0], step: step)
    }

    /// Three workers that straggle differently, one without data between them, and top-3 of 4 with κ = 1.
    package static let tree = CompressedInstance(
        name: "three different workers", allocation: [[1, 0, 1], [0, 0, 0], [1, 1, 0], [0, 1, 1]],
        probabilities: [Rational(1, 2), Rational(1, 5), Rational(1, 3), Rational(1, 4)], kind: .topK(3),
        loss: .init(
            .quadratic, curvatures: Array(repeating: Array(repeating: Rational(1, 3), count: 4), count: 3),
            centres: [[3, 0, -3, 1], [0, 3, 0, 1], [0, 0, 0, 1]]), slopes: nil, start: [2, -1, 0, 1],
        minimiser: [1, 1, -1, 1], step: Rational(1, 4))

    /// The same with dyadic data, so that rounds in binary32 are exact: top-3 of 4, two iterations of 64 paths.
    package static let tightTree = CompressedInstance(
        name: "three dyadic workers", allocation: [[1, 0, 1], [0, 0, 0], [1, 1, 0], [0, 1, 1]],
        probabilities: [Rational(1, 2), Rational(1, 2), Rational(3, 4), 0], kind: .topK(3),
        loss: .init(
            .quadratic, curvatures: Array(repeating: Array(repeating: Rational(1, 4), count: 4), count: 3),
            centres: [[3, 0, -3, 1], [0, 3, 0, 1], [0, 0, 0, 1]]), slopes: nil, start: [2, -1, 0, 1],
        minimiser: [1, 1, -1, 1], step: Rational(1, 4))

    /// A Huber loss, scaled sign.
    package static let huber = CompressedInstance(
        name: "Huber's loss", allocation: [[1, 1], [1, 0]], probabilities: [Rational(1, 2), Rational(1, 4)],
        kind: .scaledSign,
        loss: .init(.huber, curvatures: [[1, 1], [1, 1]], centres: [[0, 2], [2, 0]]), slopes: nil, start: [3, -1],
        minimiser: [1, 1], step: Rational(1, 4))
}

extension CompressedGradientCode {
    /// Both sides of a bound, by enumerating every sequence of responders with the reference.
    package static func sides(of question: Convergence) -> Convergence.Answer {
        let D = question.start.count
        guard let allocation = try? Allocation(question.allocation),
            let straggling = try? Probability.all(question.probabilities),
            let compressor = try? question.compressor.compressor(dimension: D),
            let code = try? CompressedGradientCode(
                allocation: allocation, straggling: straggling, compressor: compressor)
        else { preconditionFailure("a legal scheme") }
        let (loss, γ, T) = (question.loss, question.step, Rational(question.iterations))
        func square(_ x: [Rational]) -> Rational { x.innerProduct(x) }
        func gradients(_ model: [Rational]) -> [[Rational]] {
            let rows = loss.gradients(at: model)
            return question.slopes.map { slopes in zip(rows, slopes).map { zip($0, $1).map(+) } } ?? rows
        }
        func value(_ model: [Rational]) -> Rational {
            loss.value(at: model) + (question.slopes ?? []).map { $0.innerProduct(model) }.total
        }
        let least = value(question.minimiser)
        // Sums over t of E[F − F*], E V, E S, E‖∇F‖², Σ_i E‖e_i‖², Σ_i E‖g_i‖², and what (7) makes of them.
        var (gaps, squares, owed, coded): (Rational, Rational, Rational, Rational) = (0, 0, 0, 0)
        var (variances, memories) = (
            [Rational](repeating: 0, count: question.iterations), [Rational](repeating: 0, count: question.iterations)
        )
        var last: Rational = 0
        let patterns = code.participants.reduce([([Int](), Rational(1))]) { sets, i in
            let p = question.probabilities[i]
            return sets.map { ($0.0, $0.1 * p) } + sets.map { ($0.0 + [i], $0.1 * (1 - p)) }
        }.filter { !$0.1.isZero }
        func follow(_ training: CompressedTraining, _ model: [Rational], _ probability: Rational, _ t: Int) {
            owed += probability * training.memories.map(square).total
            guard t < question.iterations else {
                last += probability * square(zip(training.virtualIterate(of: model), question.minimiser).map(-))
                return
            }
            let rows = gradients(model)
            let sums = code.codedGradients(rows)
            gaps += probability * (value(model) - least)
            squares += probability * square((0..<D).map { j in rows.map { $0[j] }.total })
            coded += probability * sums.map(square).total
            for i in code.participants {
                let p = question.probabilities[i]
                variances[t] += probability * p * (1 - p) * square(sums[i])
            }
            memories[t] += probability * square(zip(model, training.virtualIterate(of: model)).map(-))
            for (members, share) in patterns {
                var next = training
                guard let responders = try? WorkerSet(members, of: code.workers),
                    let outcome = try? next.round(rows, responders: responders, step: γ)
                else { preconditionFailure("a legal round") }
                follow(next, zip(model, outcome.update).map(-), probability * share, t + 1)
            }
        }
        follow(CompressedTraining(code, isRounded: false), question.start, 1, 0)
        let curvatures = (0..<D).map { j in loss.curvatures.map { $0[j] }.total }
        let (L, μ) = (curvatures.max() ?? 0, curvatures.min() ?? 0)
        let R2 = square(zip(question.start, question.minimiser).map(-))
        let factor = question.factor ?? 1
        let (V, S) = (factor * variances.total / T, factor * memories.total / T)
        switch question.theorem {
        case .memory:
            return .init(measured: owed, bound: factor * squaredκ(compressor) * γ * γ * coded)
        case .convex:
            let memory = S.isZero ? 0 : L * S / (2 * (1 - γ * L))
            return .init(measured: gaps / T, bound: R2 / (2 * γ * T) + γ / 2 * V + memory)
        case .stronglyConvex:
            let ρ = max((1 - γ * μ).magnitude, (1 - γ * L).magnitude)
            let bound = zip(variances, memories).reduce(R2) { x, next in
                ρ * x + factor * γ * γ * (L * L * next.1 / (1 - ρ) + next.0)
            }
            return .init(measured: last, bound: bound)
        case .nonConvex:
            let start = 2 * (value(question.start) - least) / (γ * T)
            return .init(measured: squares / T, bound: (start + L * L * S + L * γ * V) / (1 - L * γ))
        }
    }

    /// κ² = r²/(1 − r)² where 1 − δ = r² is the square of a rational number with small terms.
    private static func squaredκ(_ compressor: Compressor) -> Rational {
        let rest = 1 - (compressor.contraction.map { Rational($0) } ?? 1)
        for d in 1...64 {
            for n in 0..<d where Rational(n * n, d * d) == rest {
                let κ = Rational(n, d - n)
                return κ * κ
            }
        }
        preconditionFailure("1 − δ = \(rest) is no such square")
    }

    /// Vectors of `compressed.convergence`.
    static var convergenceVectors: VectorFile {
        var file = VectorFileBuilder(
            Convergence.self, "Exact runs against exact bounds: tight instances, others, and negative controls.",
            "A factor multiplies what variance and memory add to the bound: where that was attained it must fail.")
        let section = "CompressedGradientCode.md#tight-instances"
        let three = [Rational(1, 100), Rational(1, 8)].map { CompressedInstance.threeWorkers(step: $0) }
        file.group(1, "TightInstances", profile: .core, basis: .derived, section: section) { tests in
            var tcId = 0
            func add(_ instance: CompressedInstance, _ theorem: Convergence.Theorem, _ iterations: Int) {
                tcId += 1
                let question = instance.question(theorem, iterations: iterations)
                tests.valid(
                    tcId, "\(instance.name), \(theorem.rawValue), T = \(iterations)", [.tight], question,
                    sides(of: question))
            }
            for T in 1...4 {
                add(.oneWorker, .convex, T)
                add(.twoWorkers, .convex, T)
            }
            for instance in three {
                for theorem in [Convergence.Theorem.convex, .stronglyConvex, .nonConvex] {
                    for T in [1, 2, 10] { add(instance, theorem, T) }
                }
            }
        }
        file.group(2, "NegativeControls", profile: .core, basis: .derived, section: section) { tests in
            func add(
                _ tcId: Int, _ instance: CompressedInstance, _ theorem: Convergence.Theorem, _ iterations: Int,
                _ factor: Rational
            ) {
                let question = instance.question(theorem, iterations: iterations, factor: factor)
                let answer = sides(of: question)
                precondition(!answer.holds, "the control \(tcId) holds")
                tests.valid(
                    tcId, "\(instance.name), \(theorem.rawValue), T = \(iterations), \(factor) of the noise",
                    [.negativeControl], question, answer)
            }
            add(50, .twoWorkers, .convex, 3, Rational(7, 10))
            add(51, .twoWorkers, .convex, 4, Rational(7, 10))
            add(52, three[0], .convex, 2, Rational(98, 100))
            add(53, three[0], .nonConvex, 2, Rational(98, 100))
            add(54, three[0], .convex, 10, Rational(49, 100))
            add(55, three[1], .convex, 60, Rational(49, 100))
        }
        file.group(3, "Inequalities", profile: .core, basis: .derived) { tests in
            let cases: [(CompressedInstance, [Convergence.Theorem])] = [
                (.tree, [.memory, .convex, .stronglyConvex, .nonConvex]), (.huber, [.convex, .nonConvex]),
            ]
            for (n, (instance, theorems)) in cases.enumerated() {
                for (m, theorem) in theorems.enumerated() {
                    let question = instance.question(theorem, iterations: 3)
                    tests.valid(
                        70 + 10 * n + m, "\(instance.name), \(theorem.rawValue)", [.normal], question,
                        sides(of: question))
                }
            }
        }
        addConvergenceRefusals(to: &file)
        return file.file
    }

    private static func addConvergenceRefusals(to file: inout VectorFileBuilder<Convergence>) {
        file.group(4, "Refusals", profile: .core, basis: .house, section: "CompressedGradientCode.md#edge-cases") {
            tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Refusal.Kind,
                _ damage: (inout Convergence) -> Void
            ) {
                var question = CompressedInstance.huber.question(.convex, iterations: 2)
                damage(&question)
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            refuse(100, "no iteration", .smallest, .invalidParameters) { $0.iterations = 0 }
            refuse(101, "65 iterations", .largeEntries, .invalidParameters) { $0.iterations = 65 }
            refuse(102, "step 0", .invalidParameters, .invalidParameters) { $0.step = 0 }
            refuse(103, "a step of 1/L with a memory", .invalidParameters, .invalidParameters) {
                $0.step = Rational(1, 2)
            }
            refuse(104, "a compressor without memory", .invalidParameters, .invalidParameters) {
                $0.compressor = .init(kind: .randK, k: 1)
            }
            refuse(105, "K above D", .invalidParameters, .invalidParameters) {
                $0.compressor = .init(kind: .topK, k: 3)
            }
            refuse(106, "a point where ∇F is not 0", .invalidParameters, .invalidParameters) { $0.minimiser = [0, 0] }
            refuse(107, "a loss that is not strongly convex", .invalidParameters, .invalidParameters) {
                $0.theorem = .stronglyConvex
            }
            refuse(108, "1 − δ that is no square", .invalidParameters, .invalidParameters) { $0.theorem = .memory }
            refuse(109, "|x|", .invalidParameters, .invalidParameters) { $0.loss.kind = .absolute }
            refuse(110, "a negative curvature", .invalidParameters, .invalidParameters) {
                $0.loss.curvatures[0][0] = -1
            }
            refuse(111, "an entry 2", .invalidParameters, .invalidParameters) { $0.allocation[0][0] = 2 }
            refuse(112, "one probability too few", .sizes, .dimensionMismatch) { $0.probabilities = [0] }
            refuse(113, "a minimiser of another dimension", .sizes, .dimensionMismatch) { $0.minimiser = [1] }
            refuse(114, "slopes of another shape", .sizes, .dimensionMismatch) { $0.slopes = [[0, 0]] }
            refuse(115, "a subset that nobody holds", .invalidParameters, .infeasiblePartition) {
                $0.allocation = [[1, 0], [1, 0]]
            }
            refuse(116, "p = 1", .invalidParameters, .invalidProbability) { $0.probabilities = [1, 0] }
        }
    }
}
