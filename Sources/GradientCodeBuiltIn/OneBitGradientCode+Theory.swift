import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

// Moments and convergence of 1-bit gradient coding, from the theory.
extension BuiltIn {
    static func tooMuch(_ question: OneBitGradientCode.Moments) -> String? {
        let (n, m) = (question.allocation.count, question.gradients.count)
        let d = question.gradients.first?.count ?? 0
        guard n * m <= 1 << 12, d <= 64, n * d * d <= 1 << 16 else { return "more than 2^16 products" }
        let digits = question.gradients.joined().map { $0.description.utf8.count }.max() ?? 0
        return digits > 40 && digits * n * d * d > 1 << 16 ? "numbers too long for so many products" : nil
    }

    static func tooMuch(_ question: OneBitGradientCode.Convergence) -> String? {
        // The points of a law are sums of updates, of which every worker adds −B, 0 or B to a coordinate; in mode S they
        // do not come together again. The numbers grow with every iteration.
        let (n, d, t) = (question.allocation.count, question.start.count, min(64, max(1, question.iterations)))
        guard n <= 8, d <= 4, question.loss.curvatures.count <= 64 else { return "too many workers or coordinates" }
        let outcomes = Double(2 * n + 1)
        let sums =
            question.ranges == nil
            ? [Double](repeating: outcomes, count: min(t, 12)).reduce(1, *) : outcomes * Double(t)
        let points = (0..<d).reduce(1.0) { product, _ in product * sums }
        let p = question.probabilities.map { $0.description.utf8.count }.reduce(0, +)
        let given =
            question.start + question.minimiser + (question.ranges ?? [])
            + (question.loss.centres + question.loss.curvatures + (question.weights ?? [])).joined()
        let longest = given.map { $0.description.utf8.count }.max() ?? 0
        let digits = Double(t * (p + question.step.description.utf8.count) + longest)
        return points * digits * outcomes > 4_000_000 ? "too many reachable points" : nil
    }

    /// Theorem 2, or Theorem 4 for exactly s stragglers.
    static func moments(_ question: OneBitGradientCode.Moments) throws(Refusal) -> OneBitGradientCode.Moments.Answer {
        let n = question.allocation.count
        var defects = Defects()
        defects.require(
            (question.probabilities == nil) != (question.stragglers == nil), .invalidParameters,
            "expected either probabilities or stragglers")
        if let s = question.stragglers {
            defects.require((0..<max(1, n)).contains(s), .invalidParameters, "\(s) stragglers of \(n) workers")
        }
        let dimension = question.gradients.first?.count ?? 0
        defects.require(dimension > 0, .invalidParameters, "no gradient, or gradients of dimension 0")
        defects.require(
            question.gradients.allSatisfy { $0.count == dimension }, .dimensionMismatch,
            "gradients of different dimensions")
        if let subsets = question.allocation.first?.count, dimension > 0 {
            defects.require(
                question.gradients.count == subsets, .dimensionMismatch,
                "\(question.gradients.count) gradients for \(subsets) subsets")
        }
        checkRanges(question.ranges, workers: n, dimension: dimension, &defects)
        // With exactly s of N stragglers every worker is one with probability s/N.
        let common = Rational(min(max(0, question.stragglers ?? 0), max(0, n - 1)), max(1, n))
        let scheme = try OneBitScheme(
            allocation: question.allocation,
            probabilities: question.probabilities ?? Array(repeating: common, count: n), weights: question.weights,
            &defects)

        let coded = OneBitGradientCode.codedGradients(weights: scheme.weights, gradients: question.gradients)
        let holders = Set(scheme.code.participants)
        let ranges = coded.indices.map { i -> [Rational] in
            guard holders.contains(i) else { return Array(repeating: 0, count: dimension) }
            guard let rows = question.ranges else {
                return Array(repeating: coded[i].map(\.magnitude).max() ?? 0, count: dimension)
            }
            let row = rows.count == 1 ? rows[0] : rows[i]
            return row.count == 1 ? Array(repeating: row[0], count: dimension) : row
        }
        for i in holders.sorted() {
            for j in 0..<dimension where coded[i][j].magnitude > ranges[i][j] {
                throw Refusal(.outOfRange, "|\(coded[i][j])| > \(ranges[i][j]), worker \(i), coordinate \(j)")
            }
        }
        let moments: OneBitMoments
        if let stragglers = question.stragglers {
            moments = OneBitMoments(coded: coded, stragglers: stragglers, ranges: ranges)
        } else {
            let workers = scheme.code.participants
            moments = OneBitMoments(
                coded: workers.map { coded[$0] }, straggling: workers.map { Rational(scheme.code.straggling[$0]) },
                ranges: workers.map { ranges[$0] })
        }
        return .init(
            mean: moments.mean, covariance: moments.covariance.rowVectors, stragglerPart: moments.stragglerPart,
            quantiserPart: moments.quantiserPart)
    }

    private static func checkRanges(_ rows: [[Rational]]?, workers n: Int, dimension: Int, _ defects: inout Defects) {
        guard let rows else { return }
        defects.require(rows.joined().allSatisfy { $0 > 0 }, .invalidParameters, "a range is not positive")
        defects.require(
            (rows.count == 1 || rows.count == n) && rows.allSatisfy { $0.count == 1 || $0.count == dimension },
            .dimensionMismatch, "expected 1 or \(n) rows of 1 or \(dimension) ranges")
    }

    /// Both sides of a bound.
    static func convergence(
        _ question: OneBitGradientCode.Convergence
    ) throws(Refusal) -> OneBitGradientCode.Convergence.Answer {
        var defects = Defects()
        let (n, m, d) = (question.allocation.count, question.allocation.first?.count ?? 0, question.start.count)
        defects.require(1...64 ~= question.iterations, .invalidParameters, "\(question.iterations) iterations")
        defects.require(question.step > 0, .invalidParameters, "the step is \(question.step), not positive")
        defects.require(d > 0, .invalidParameters, "the model has no coordinate")
        checkRanges(question.ranges.map { [$0] }, workers: n, dimension: d, &defects)
        let loss = defects.attempt { () throws(Refusal) in
            try SeparableLoss(
                question.loss.theoryKind, curvatures: question.loss.curvatures, centres: question.loss.centres)
        }
        defects.require(question.minimiser.count == d, .dimensionMismatch, "the minimiser has another dimension")
        if let loss {
            defects.require(
                loss.subsets == m && loss.dimension == d, .dimensionMismatch, "the loss has not one row a subset")
            if loss.dimension == question.minimiser.count {
                defects.require(
                    loss.isMinimiser(question.minimiser), .invalidParameters, "\(question.minimiser) is no minimiser")
            }
            defects.require(
                question.theorem == .nonSmooth || loss.kind != .absolute, .invalidParameters,
                "|x| is not smooth, \(question.theorem.rawValue) needs a smooth loss")
            defects.require(
                question.theorem != .stronglyConvex || loss.strongConvexity > 0, .invalidParameters,
                "the loss is not strongly convex")
            requireStep(question, loss, &defects)
        }
        let scheme = try OneBitScheme(
            allocation: question.allocation, probabilities: question.probabilities, weights: question.weights, &defects)
        let run = try OneBitRun(
            code: scheme.code, weights: scheme.weights, loss: loss.sound,
            ranges: question.ranges.map { .given($0) } ?? .perMessage, start: question.start)
        return try sides(of: question, loss.sound, try run.laws(step: question.step, iterations: question.iterations))
    }

    /// The step has to be short enough for the theorem.
    private static func requireStep(
        _ question: OneBitGradientCode.Convergence, _ loss: SeparableLoss, _ defects: inout Defects
    ) {
        guard let smoothness = loss.smoothness else { return }
        let product = question.step * smoothness
        switch question.theorem {
        case .convex: defects.require(product <= 1, .invalidParameters, "the step exceeds 1/L")
        case .nonConvex: defects.require(product < 2, .invalidParameters, "the step is not below 2/L")
        case .nonSmooth, .stronglyConvex: break
        }
    }

    private static func sides(
        of question: OneBitGradientCode.Convergence, _ loss: SeparableLoss, _ laws: OneBitLaws
    ) throws(Refusal) -> OneBitGradientCode.Convergence.Answer {
        let T = Rational(question.iterations)
        let distances = laws.squaredDistances(to: question.minimiser)
        let gap = laws.gaps(to: question.minimiser).total / T
        let (L, μ) = (loss.smoothness ?? 0, loss.strongConvexity)
        let measured: Rational
        let bound: Rational
        switch question.theorem {
        case .convex:
            measured = gap
            bound = try OneBitBound.convex(
                squaredDistance: distances[0], smoothness: L, step: question.step, variances: laws.variances)
        case .nonSmooth:
            measured = gap
            bound = try OneBitBound.nonsmooth(
                squaredDistance: distances[0], step: question.step, secondMoments: laws.secondMoments)
        case .stronglyConvex:
            measured = distances[question.iterations]
            bound = try OneBitBound.stronglyConvex(
                squaredDistance: distances[0], strongConvexity: μ, smoothness: L, step: question.step,
                variances: laws.variances)
        case .nonConvex:
            measured = laws.squaredGradients.dropLast().total / T
            bound = try OneBitBound.nonconvex(
                initialGap: laws.gaps(to: question.minimiser)[0], smoothness: L, step: question.step,
                variances: laws.variances)
        }
        return .init(measured: measured, bound: (question.factor ?? 1) * bound)
    }
}

extension OneBitGradientCode.Loss {
    var theoryKind: SeparableLoss.Kind {
        switch kind {
        case .quadratic: .quadratic
        case .huber: .huber
        case .absolute: .absolute
        }
    }
}
