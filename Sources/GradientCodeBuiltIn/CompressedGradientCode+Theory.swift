import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

// Convergence of compressed gradient coding, from the theory.
extension BuiltIn {
    static func tooMuch(_ question: CompressedGradientCode.Convergence) -> String? {
        // What is refused anyway costs nothing.
        guard 1...64 ~= question.iterations else { return nil }
        let workers = question.allocation.count { $0.contains(1) }
        let (d, t) = (question.start.count, question.iterations)
        guard question.allocation.count <= 16, d <= 8, question.loss.curvatures.count <= 64 else {
            return "too many workers or coordinates"
        }
        // Workers that always answer do not branch; the numbers grow with every iteration.
        let branching = question.probabilities.count { !$0.isZero }
        let states = branching == 0 ? 1 : Double(sign: .plus, exponent: min(60, branching * t), significand: 1)
        let given =
            question.start + question.minimiser + question.probabilities + [question.step]
            + (question.loss.centres + question.loss.curvatures + (question.slopes ?? [])).joined()
        let longest = given.map { $0.description.utf8.count }.max() ?? 0
        let digits = Double(t * (longest + 8))
        return states * Double(workers * d) * digits > 20_000_000 ? "too many states" : nil
    }

    /// Both sides of a bound.
    static func convergence(
        _ question: CompressedGradientCode.Convergence
    ) throws(Refusal) -> CompressedGradientCode.Convergence.Answer {
        var defects = Defects()
        let (m, d) = (question.allocation.first?.count ?? 0, question.start.count)
        defects.require(1...64 ~= question.iterations, .invalidParameters, "\(question.iterations) iterations")
        defects.require(question.step > 0, .invalidParameters, "the step is \(question.step), not positive")
        let compressor = defects.attempt { () throws(Refusal) in try question.compressor.compressor(dimension: d) }
        defects.require(!question.compressor.isRandom, .invalidParameters, "a random compressor has no memory")
        defects.require(
            question.loss.kind != .absolute, .invalidParameters, "|x| is not smooth; expected a smooth loss")
        let loss = defects.attempt { () throws(Refusal) in
            try SeparableLoss(
                question.loss.theoryKind, curvatures: question.loss.curvatures, centres: question.loss.centres)
        }
        defects.require(question.minimiser.count == d, .dimensionMismatch, "the minimiser has another dimension")
        let slopesFit = question.slopes.map { $0.count == m && $0.allSatisfy { $0.count == d } } ?? true
        defects.require(slopesFit, .dimensionMismatch, "expected \(m) slopes of \(d) coordinates")
        var exact: ExactLoss?
        if let loss {
            defects.require(
                loss.subsets == m && loss.dimension == d, .dimensionMismatch, "the loss has not one row a subset")
            if loss.subsets == m, loss.dimension == d, slopesFit, question.minimiser.count == d {
                let sum = ExactLoss(loss, slopes: question.slopes)
                defects.require(
                    sum.gradient(at: question.minimiser).allSatisfy(\.isZero), .invalidParameters,
                    "the gradient is not 0 at \(question.minimiser)")
                exact = sum
            }
            defects.require(
                question.theorem != .stronglyConvex || loss.strongConvexity > 0, .invalidParameters,
                "the loss is not strongly convex")
            requireStep(question, loss, &defects)
        }
        if question.theorem == .memory, let δ = compressor?.contraction, let contraction = try? Contraction(Rational(δ))
        {
            defects.require(
                contraction.r.width.isZero, .invalidParameters, "1 − δ = \(1 - contraction.δ) is not a square")
        }
        let scheme = try OneBitScheme(
            allocation: question.allocation, probabilities: question.probabilities, weights: nil, &defects)
        let used = compressor.sound
        let run = try CompressedRun(
            weights: scheme.weights, straggling: scheme.code.straggling.map { Rational($0) }, loss: exact.sound,
            step: question.step, start: question.start
        ) { v in
            // A compressor with a memory refuses no vector of its dimension.
            (try? CompressedMessage(compressing: v, by: used).decoded()) ?? v
        }
        let laws = try run.laws(iterations: question.iterations)
        return try sides(of: question, loss.sound, laws, used)
    }

    /// The step has to be short enough for the theorem.
    private static func requireStep(
        _ question: CompressedGradientCode.Convergence, _ loss: SeparableLoss, _ defects: inout Defects
    ) {
        guard let smoothness = loss.smoothness, question.theorem != .memory else { return }
        let product = question.step * smoothness
        // At 1/L itself Theorem 5 has no room for a memory; c = 1 leaves Theorem 7 as much.
        let limit: Rational = question.theorem == .stronglyConvex ? 2 : 1
        let isLimit = question.theorem == .convex && question.compressor.kind == .identity && product == 1
        defects.require(product < limit || isLimit, .invalidParameters, "the step is not below \(limit)/L")
    }

    private static func sides(
        of question: CompressedGradientCode.Convergence, _ loss: SeparableLoss, _ laws: CompressedLaws,
        _ compressor: Compressor
    ) throws(Refusal) -> CompressedGradientCode.Convergence.Answer {
        let (T, γ, factor) = (Rational(question.iterations), question.step, question.factor ?? 1)
        let distances = laws.squaredDistances(to: question.minimiser)
        let gaps = laws.gaps(to: question.minimiser)
        let (L, μ) = (loss.smoothness ?? 0, loss.strongConvexity)
        let (variances, memories) = (laws.variances, Array(laws.memories.dropLast()))
        let zeros = [Rational](repeating: 0, count: question.iterations)
        /// What the bound is with these terms of variance and memory.
        func bound(_ variances: [Rational], _ memories: [Rational]) throws(Refusal) -> Rational {
            switch question.theorem {
            case .memory: 0
            case .convex:
                try CompressedBound.convex(
                    squaredDistance: distances[0], smoothness: L, step: γ, variances: variances, memories: memories)
            case .stronglyConvex:
                try CompressedBound.stronglyConvex(
                    squaredDistance: distances[0], strongConvexity: μ, smoothness: L, step: γ, variances: variances,
                    memories: memories)
            case .nonConvex:
                try CompressedBound.nonconvex(
                    initialGap: gaps[0], smoothness: L, step: γ, variances: variances, memories: memories)
            }
        }
        switch question.theorem {
        case .memory:
            let workers = laws.run.participants
            let squares = workers.map { laws.squaredGradients(of: $0).total }.total
            let contraction = try Contraction(compressor.contraction.map { Rational($0) } ?? 1)
            return .init(
                measured: workers.map { laws.memories(of: $0).total }.total,
                bound: factor * contraction.squaredκ.upper * γ * γ * squares)
        case .convex, .stronglyConvex, .nonConvex:
            let start = try bound(zeros, zeros)
            let whole = start + factor * (try bound(variances, memories) - start)
            let measured: Rational =
                switch question.theorem {
                case .convex: gaps.total / T
                case .stronglyConvex: distances[question.iterations]
                case .memory, .nonConvex: laws.squaredGradients.total / T
                }
            return .init(measured: measured, bound: whole)
        }
    }
}
