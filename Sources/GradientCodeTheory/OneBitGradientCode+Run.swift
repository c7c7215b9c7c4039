public import ExactArithmetic
public import GradientCodes

/// Training with 1-bit gradient coding on a separable loss, small enough that everything about it is computed exactly.
///
/// See docs/OneBitGradientCode.md#convergence.
public struct OneBitRun: Sendable {
    /// The most points with positive probability that the law of a model or an update may have, 65 536.
    public static let maximumPoints = 1 << 16

    /// Where B_ij comes from.
    public enum Ranges: Hashable, Sendable {
        /// Mode G: one number for all, or one a coordinate.
        case given([Rational])
        /// B_ij, one row for each of the N workers; rows of workers without data are not looked at.
        case perWorker([[Rational]])
        /// Mode S: B_i = ‖g_i‖_∞, which may be 0.
        case perMessage
    }

    /// The allocation and p_i.
    public let code: OneBitGradientCode
    /// W, N × M.
    public let weights: RationalMatrix
    /// F.
    public let loss: SeparableLoss
    /// B_ij.
    public let ranges: Ranges
    /// θ_0.
    public let start: [Rational]
    /// Θ, if models are projected.
    public let box: ModelBox?
    /// The draws that realise the law; nil for the law itself (`docs/OneBitGradientCode.md#discretised-draws`).
    public let draws: OneBitDraws?

    /// The run from `start`. Whether the weights satisfy Σ_i q_i W_ik = 1 is not tested: without it the update is biased.
    ///
    /// - Throws: `invalidParameters` if a given range is not positive; else `dimensionMismatch` unless W is N × M, the loss
    ///   has M subsets and start, ranges and box have its dimension D; else `invalidParameters` if `start` is not in the
    ///   box.
    public init(
        code: OneBitGradientCode, weights: RationalMatrix, loss: SeparableLoss, ranges: Ranges, start: [Rational],
        box: ModelBox? = nil, draws: OneBitDraws? = nil
    ) throws(Refusal) {
        guard ranges.numbers(of: code.participants).allSatisfy({ $0 > 0 }) else {
            throw Refusal(.invalidParameters, "a range is not positive")
        }
        let dimension = loss.dimension
        guard weights.rows == code.workers, weights.columns == code.subsets, loss.subsets == code.subsets,
            start.count == dimension, box?.lower.count ?? dimension == dimension,
            ranges.fit(workers: code.workers, dimension: dimension)
        else {
            throw Refusal(.dimensionMismatch, "weights, loss, ranges, start and box differ in their dimensions")
        }
        guard box?.contains(start) ?? true else {
            throw Refusal(.invalidParameters, "the start lies outside the box")
        }
        self.code = code
        self.weights = weights
        self.loss = loss
        self.ranges = ranges
        self.start = start
        self.box = box
        self.draws = draws
    }

    /// g_i(θ) = Σ_k W_ik ∇f_k(θ), one row a worker that takes part.
    public func coded(at model: [Rational]) -> [[Rational]] {
        let gradients = loss.gradients(at: model)
        return code.participants.map { worker in
            zip(weights.row(worker), gradients).map { weight, gradient in gradient.map { weight * $0 } }.vectorSum
        }
    }

    /// B_ij(θ), one row a worker that takes part.
    ///
    /// - Throws: `outOfRange` naming θ, worker and coordinate where |g_ij(θ)| > B_ij: RANGE does not hold.
    public func ranges(at model: [Rational]) throws(Refusal) -> [[Rational]] {
        let coded = coded(at: model)
        let bounds = coded.indices.map { i in
            switch ranges {
            case .given(let numbers):
                numbers.count == 1 ? [Rational](repeating: numbers[0], count: loss.dimension) : numbers
            case .perWorker(let rows): rows[code.participants[i]]
            case .perMessage:
                [Rational](repeating: coded[i].map(\.magnitude).max() ?? 0, count: loss.dimension)
            }
        }
        for (i, worker) in code.participants.enumerated() {
            for j in 0..<loss.dimension where coded[i][j].magnitude > bounds[i][j] {
                throw Refusal(
                    .outOfRange,
                    "coordinate \(j) of worker \(worker) is \(coded[i][j]) at the model \(model); "
                        + "expected at most \(bounds[i][j]) in magnitude")
            }
        }
        return bounds
    }

    /// Mean and covariance of the update at θ, of the law that is realised
    /// (Theorem 2, `docs/OneBitGradientCode.md#theorem-2`).
    ///
    /// - Throws: `outOfRange` as ``ranges(at:)``.
    public func moments(at model: [Rational]) throws(Refusal) -> OneBitMoments {
        let (coded, ranges) = (coded(at: model), try ranges(at: model))
        let straggling = code.participants.map { code.straggling[$0].exact }
        guard let draws else { return OneBitMoments(coded: coded, straggling: straggling, ranges: ranges) }
        return OneBitMoments(coded: coded, straggling: straggling, ranges: ranges, draws: draws)
    }
}

extension OneBitRun.Ranges {
    /// The ranges that are looked at.
    fileprivate func numbers(of participants: [Int]) -> [Rational] {
        switch self {
        case .given(let numbers): numbers
        case .perWorker(let rows): participants.filter { $0 < rows.count }.flatMap { rows[$0] }
        case .perMessage: []
        }
    }

    fileprivate func fit(workers: Int, dimension: Int) -> Bool {
        switch self {
        case .given(let numbers): numbers.count == 1 || numbers.count == dimension
        case .perWorker(let rows): rows.count == workers && rows.allSatisfy { $0.count == dimension }
        case .perMessage: true
        }
    }
}
