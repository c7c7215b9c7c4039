public import ExactArithmetic
public import GradientCodes

/// The exact laws of the states of a run, and the expectations that the bounds of ``CompressedBound`` speak of.
///
/// See docs/CompressedGradientCode.md#convergence.
public struct CompressedLaws: Sendable {
    /// The run.
    public let run: CompressedRun
    /// The law of the state after t iterations, t = 0, …, T: states with their probabilities, all positive.
    public let states: [[CompressedRun.State: Rational]]

    /// T.
    public var iterations: Int { states.count - 1 }

    /// The expectation of a function of the state after t iterations, t = 0, …, T.
    public func expectations(_ value: (CompressedRun.State) -> Rational) -> [Rational] {
        states.map { law in law.map { $0.value * value($0.key) }.total }
    }

    /// E F(θ_t) − F(θ*), t = 0, …, T − 1.
    public func gaps(to minimiser: [Rational]) -> [Rational] {
        let least = run.loss.value(minimiser)
        return expectations { run.loss.value($0.model) - least }.dropLast()
    }

    /// E V(θ_t), t = 0, …, T − 1.
    public var variances: [Rational] { expectations { run.variance(at: $0.model) }.dropLast() }

    /// E S_t, t = 0, …, T.
    public var memories: [Rational] { expectations(\.squaredMemory) }

    /// E‖e_i^t‖² of worker i, t = 0, …, T.
    public func memories(of worker: Int) -> [Rational] { expectations { $0.memories[worker].squaredNorm } }

    /// E‖g_i(θ_t)‖² of worker i, t = 0, …, T − 1.
    public func squaredGradients(of worker: Int) -> [Rational] {
        expectations { run.coded(at: $0.model)[worker].squaredNorm }.dropLast()
    }

    /// E‖∇F(θ_t)‖², t = 0, …, T − 1.
    public var squaredGradients: [Rational] {
        expectations { run.loss.gradient(at: $0.model).squaredNorm }.dropLast()
    }

    /// X_t = E‖θ̃_t − θ*‖², t = 0, …, T.
    public func squaredDistances(to minimiser: [Rational]) -> [Rational] {
        expectations { zip($0.virtual, minimiser).map(-).squaredNorm }
    }

    /// E√S_t, t = 0, …, T − 1, enclosed.
    ///
    /// - Parameter bits: the precision of each root.
    public func rootMemories(bits: Int) -> [RationalInterval] {
        states.dropLast().map { law in
            law.reduce(RationalInterval(0)) { sum, next in
                let root = RationalInterval.squareRoot(of: RationalInterval(next.key.squaredMemory), bits: bits)
                return sum + RationalInterval(next.value) * root
            }
        }
    }
}

/// What one run of compressed gradient coding leaves behind, of which the certificates speak.
///
/// See docs/CompressedGradientCode.md#theorem-5.
public struct CompressedRecord: Hashable, Sendable {
    /// The states before, between and after the T iterations.
    public let states: [CompressedRun.State]
    /// Ĝ_t = Σ_{i ∈ A_t} g_i(θ_t), T of them.
    public let aggregates: [[Rational]]
    /// ∇F(θ_t), T of them.
    public let gradients: [[Rational]]
    /// ∇F(θ̃_t), T of them.
    public let virtualGradients: [[Rational]]

    /// T.
    public var iterations: Int { aggregates.count }
}

extension CompressedBound {
    /// The certificate of Theorem 5, on (1/T) Σ_t (F(θ_t) − F*) of this very run, for convex L-smooth F:
    /// R²/(2γT) + (γ/2) mean(‖Ĝ_t‖² − ‖∇F(θ_t)‖²) + (L/(2(1 − γL))) mean S_t − mean⟨Ĝ_t − ∇F(θ_t), θ̃_t − θ*⟩
    /// (`docs/CompressedGradientCode.md#theorem-5`).
    ///
    /// - Throws: `invalidParameters` if γ ≥ 1/L and a memory is not 0, or γ > 1/L; `dimensionMismatch` unless θ* has the
    ///   dimension of the run.
    public static func convex(
        record: CompressedRecord, minimiser: [Rational], smoothness L: Rational, step γ: Rational
    ) throws(Refusal) -> Rational {
        let memories = record.states.dropLast().map(\.squaredMemory)
        guard minimiser.count == record.states[0].model.count else {
            throw Refusal(.dimensionMismatch, "a minimiser of \(minimiser.count) coordinates")
        }
        let squares = zip(record.aggregates, record.gradients).map { $0.squaredNorm - $1.squaredNorm }
        let noise = record.aggregates.indices.map { t in
            zip(record.aggregates[t], record.gradients[t]).map(-).innerProduct(
                zip(record.states[t].virtual, minimiser).map(-))
        }
        let start = zip(record.states[0].model, minimiser).map(-).squaredNorm
        let T = Rational(record.iterations)
        let bound = try convex(
            squaredDistance: start, smoothness: L, step: γ, variances: memories.map { _ in 0 }, memories: memories)
        return bound + γ / 2 * squares.total / T - noise.total / T
    }

    /// The certificate of Theorem 7, on F(θ̃_T) of this very run, for L-smooth F:
    /// F(θ_0) + Σ_t (−γ⟨∇F(θ̃_t), Ĝ_t⟩ + (Lγ²/2)‖Ĝ_t‖²) (`docs/CompressedGradientCode.md#theorem-7`).
    public static func smooth(
        record: CompressedRecord, initialValue: Rational, smoothness L: Rational, step γ: Rational
    ) throws(Refusal) -> Rational {
        try OneBitBound.demand(positive: L, "smoothness")
        try OneBitBound.demand(positive: γ, "step")
        let steps = zip(record.virtualGradients, record.aggregates).map { gradient, aggregate in
            L * γ * γ / 2 * aggregate.squaredNorm - γ * gradient.innerProduct(aggregate)
        }
        return initialValue + steps.total
    }
}
