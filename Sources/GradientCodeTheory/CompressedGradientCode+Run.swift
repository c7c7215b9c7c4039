public import ExactArithmetic
public import GradientCodes

/// A loss F = Σ_k f_k with exact values and gradients.
public struct ExactLoss: Sendable {
    /// F(θ).
    public let value: @Sendable ([Rational]) -> Rational
    /// ∇f_k(θ), or subgradients, one row a subset.
    public let gradients: @Sendable ([Rational]) -> [[Rational]]

    /// Any loss.
    public init(
        value: @escaping @Sendable ([Rational]) -> Rational, gradients: @escaping @Sendable ([Rational]) -> [[Rational]]
    ) {
        self.value = value
        self.gradients = gradients
    }

    /// A separable loss plus ⟨b_k, θ⟩ in subset k.
    ///
    /// - Parameter slopes: b, one row a subset; nil for none.
    /// - Precondition: slopes have the shape of the loss.
    public init(_ loss: SeparableLoss, slopes: [[Rational]]? = nil) {
        precondition(
            slopes.map { $0.count == loss.subsets && $0.allSatisfy { $0.count == loss.dimension } } ?? true,
            "one slope a subset and coordinate")
        guard let slopes else {
            self.init(value: { loss.value(at: $0) }, gradients: { loss.gradients(at: $0) })
            return
        }
        let slope = slopes.vectorSum
        self.init(
            value: { loss.value(at: $0) + slope.innerProduct($0) },
            gradients: { model in zip(loss.gradients(at: model), slopes).map { zip($0, $1).map(+) } })
    }

    /// ∇F(θ).
    public func gradient(at model: [Rational]) -> [Rational] { gradients(model).vectorSum }
}

/// Training with compressed gradient coding, small enough that everything about it is computed exactly: one path of a
/// chosen run, or the law of all.
///
/// The weights and the compressor are given: any function may stand for C, so that the theorems are tried on more than
/// the compressors of this package.
///
/// See docs/CompressedGradientCode.md#convergence.
public struct CompressedRun: Sendable {
    /// The most states with positive probability that a law may have, 65 536.
    public static let maximumStates = 1 << 16

    /// Where a run stands: the model, and the memory of each worker.
    public struct State: Hashable, Sendable {
        /// θ_t.
        public let model: [Rational]
        /// e_i^t, one row for each of the N workers.
        public let memories: [[Rational]]

        /// Any state, reachable or not; all vectors have one length.
        public init(model: [Rational], memories: [[Rational]]) {
            self.model = model
            self.memories = memories
        }

        /// Σ_i e_i.
        public var owed: [Rational] { memories.vectorSum }
        /// S = ‖Σ_i e_i‖².
        public var squaredMemory: Rational { owed.squaredNorm }
        /// θ̃ = θ − Σ_i e_i.
        public var virtual: [Rational] { zip(model, owed).map(-) }
    }

    /// W, N × M; a worker whose row is 0 takes no part.
    public let weights: RationalMatrix
    /// p_i, one for each of the N workers.
    public let straggling: [Rational]
    /// F.
    public let loss: ExactLoss
    /// C.
    public let compress: @Sendable ([Rational]) -> [Rational]
    /// γ.
    public let step: Rational
    /// θ_0.
    public let start: [Rational]
    /// Whether what a message leaves out is remembered.
    public let hasFeedback: Bool

    /// The run from `start`. Whether Σ_i q_i W_ik = 1 is not tested: without it the update is biased.
    ///
    /// - Throws: `invalidParameters` unless γ > 0; else `dimensionMismatch` unless there is one p_i a row of W and the
    ///   gradients have one row a column of W and the dimension of `start`; else `invalidProbability` unless 0 ≤ p_i < 1.
    public init(
        weights: RationalMatrix, straggling: [Rational], loss: ExactLoss, step: Rational, start: [Rational],
        hasFeedback: Bool = true, compress: @escaping @Sendable ([Rational]) -> [Rational]
    ) throws(Refusal) {
        try OneBitBound.demand(positive: step, "step")
        let gradients = loss.gradients(start)
        guard straggling.count == weights.rows, gradients.count == weights.columns,
            gradients.allSatisfy({ $0.count == start.count })
        else {
            throw Refusal(.dimensionMismatch, "weights, probabilities, loss and start differ in their dimensions")
        }
        guard straggling.allSatisfy({ 0 <= $0 && $0 < 1 }) else {
            throw Refusal(.invalidProbability, "a straggling probability outside [0, 1)")
        }
        self.weights = weights
        self.straggling = straggling
        self.loss = loss
        self.step = step
        self.start = start
        self.hasFeedback = hasFeedback
        self.compress = compress
    }

    /// N, the number of workers.
    public var workers: Int { weights.rows }

    /// The workers that take part, ascending.
    public var participants: [Int] {
        (0..<workers).filter { i in weights.row(i).contains { !$0.isZero } }
    }

    /// The state before the first iteration: all memories are 0.
    public var initial: State {
        State(
            model: start,
            memories: [[Rational]](repeating: [Rational](repeating: 0, count: start.count), count: workers))
    }

    /// g_i(θ), one row a worker; zeros for who takes no part.
    public func coded(at model: [Rational]) -> [[Rational]] {
        let gradients = loss.gradients(model)
        return weights.rowVectors.map { row in
            zip(row, gradients).map { weight, gradient in gradient.map { weight * $0 } }.vectorSum
        }
    }

    /// V(θ) = Σ_i p_i q_i ‖g_i(θ)‖².
    public func variance(at model: [Rational]) -> Rational {
        CompressedVariance.independent(coded: coded(at: model), straggling: straggling)
    }

    /// a_i = γ g_i(θ) + e_i, one row a worker.
    func corrected(_ state: State) -> [[Rational]] {
        zip(coded(at: state.model), state.memories).map { g, e in zip(g, e).map { step * $0 + $1 } }
    }

    /// The state after an iteration in which these workers respond; those that take no part change nothing.
    public func state(after state: State, responders: [Int]) -> State {
        let sums = corrected(state)
        var (model, memories) = (state.model, state.memories)
        for i in Set(participants).intersection(responders).sorted() {
            let message = compress(sums[i])
            model = zip(model, message).map(-)
            if hasFeedback { memories[i] = zip(sums[i], message).map(-) }
        }
        return State(model: model, memories: memories)
    }

    /// The laws of the states after 0, …, T iterations.
    ///
    /// Where runs meet in one state they are followed once.
    ///
    /// - Throws: `invalidParameters` if T < 0 or a law has more than ``maximumStates`` states.
    public func laws(iterations T: Int) throws(Refusal) -> CompressedLaws {
        try OneBitBound.demand(T >= 0, "\(T) iterations; expected no negative number")
        let workers = participants
        try OneBitBound.demand(workers.count <= 16, "\(workers.count) workers; expected at most 16")
        let patterns = (0..<1 << workers.count).map { set in
            let responders = workers.indices.filter { set >> $0 & 1 == 1 }.map { workers[$0] }
            let shares = workers.map { responders.contains($0) ? 1 - straggling[$0] : straggling[$0] }
            return (responders, shares.reduce(1, *))
        }.filter { !$0.1.isZero }
        var states: [[State: Rational]] = [[initial: 1]]
        for _ in 0..<T {
            var next: [State: Rational] = [:]
            for (state, probability) in states[states.count - 1] {
                for (responders, share) in patterns {
                    next[self.state(after: state, responders: responders), default: 0] += probability * share
                }
                try OneBitBound.demand(
                    next.count <= Self.maximumStates, "more than \(Self.maximumStates) states; expected a smaller run")
            }
            states.append(next)
        }
        return CompressedLaws(run: self, states: states)
    }

    /// What one run with these responders leaves behind.
    ///
    /// - Throws: `invalidParameters` if there is no iteration.
    public func record(responders: [[Int]]) throws(Refusal) -> CompressedRecord {
        try OneBitBound.demand(iterations: responders.count)
        var states = [initial]
        for set in responders { states.append(state(after: states[states.count - 1], responders: set)) }
        let aggregates = zip(states, responders).map { state, set in
            let coded = coded(at: state.model)
            let zero = [Rational](repeating: 0, count: start.count)
            return Set(participants).intersection(set).reduce(zero) { zip($0, coded[$1]).map(+) }
        }
        return CompressedRecord(
            states: states, aggregates: aggregates,
            gradients: states.dropLast().map { loss.gradient(at: $0.model) },
            virtualGradients: states.dropLast().map { loss.gradient(at: $0.virtual) })
    }
}
