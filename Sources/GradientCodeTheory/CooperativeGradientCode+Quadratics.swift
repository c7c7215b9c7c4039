public import ExactArithmetic

/// Scalar losses f_k(x) = a_k (x − y_k)²/2 of the clients, for which the moments of a run are exact: an update with
/// weights α maps x to an affine function of it.
///
/// See docs/CooperativeGradientCode.md#convergence.
public struct ScalarQuadratics: Hashable, Sendable {
    /// a_k > 0.
    public let curvatures: [Rational]
    /// y_k.
    public let centres: [Rational]

    /// Losses, one a client.
    ///
    /// - Precondition: as many centres as curvatures, at least one, all curvatures positive.
    public init(curvatures: [Rational], centres: [Rational]) {
        precondition(
            curvatures.count == centres.count && !curvatures.isEmpty && curvatures.allSatisfy { $0 > 0 },
            "one positive curvature a centre")
        self.curvatures = curvatures
        self.centres = centres
    }

    private var clients: Rational { Rational(curvatures.count) }

    /// The curvature of f = (1/M) Σ f_k.
    public var curvature: Rational { curvatures.total / clients }
    /// x*, the minimiser of f.
    public var minimiser: Rational { curvatures.innerProduct(centres) / curvatures.total }

    /// ∇f_k(x).
    public func gradient(_ k: Int, at x: Rational) -> Rational { curvatures[k] * (x - centres[k]) }
    /// ∇f(x).
    public func gradient(at x: Rational) -> Rational { curvature * (x - minimiser) }
    /// f(x) − f*.
    public func gap(at x: Rational) -> Rational { curvature * (x - minimiser) * (x - minimiser) / 2 }

    /// E x_t and E x_t², t = 0, …, T, of x_{t+1} = x_t − (η/M) Σ_k α_k g_k(x_t), where α is drawn from `law` anew in every
    /// round; a nil α, no update, leaves x as it is.
    ///
    /// - Precondition: every α has one number a client, the probabilities sum to 1.
    public func moments(
        law: [(weights: [Rational]?, probability: Rational)], start: Rational, step η: Rational, iterations T: Int
    ) -> [(mean: Rational, square: Rational)] {
        precondition(law.map(\.probability).total == 1, "a law sums to 1")
        // x ← c x + d with the weights α: c = 1 − (η/M) Σ α_k a_k, d = (η/M) Σ α_k a_k y_k.
        let maps = law.map { entry in
            guard let weights = entry.weights else { return (c: 1 as Rational, d: 0 as Rational, p: entry.probability) }
            let slopes = zip(weights, curvatures).map { $0 * $1 * η / clients }
            return (c: 1 - slopes.total, d: slopes.innerProduct(centres), p: entry.probability)
        }
        var moments = [(mean: start, square: start * start)]
        for _ in 0..<T {
            let (mean, square) = moments[moments.count - 1]
            moments.append(
                (
                    mean: maps.map { $0.p * ($0.c * mean + $0.d) }.total,
                    square: maps.map { map -> Rational in
                        let cross: Rational = 2 * map.c * map.d * mean
                        return map.p * (map.c * map.c * square + cross + map.d * map.d)
                    }.total
                ))
        }
        return moments
    }

    /// E x_t and E x_t² of CoGC with E local steps and noise of variance σ² in each: on success, probability 1 − P_O, x
    /// becomes the mean of the x_m^E (`docs/CooperativeGradientCode.md#theorem-f`).
    ///
    /// - Precondition: E ≥ 1.
    public func localStepMoments(
        _ E: Int, outage: Rational, start: Rational, step η: Rational, variance σ2: Rational, iterations T: Int
    ) -> [(mean: Rational, square: Rational)] {
        precondition(E >= 1, "at least one local step")
        // x_m^E = c_m x + (1 − c_m) y_m + noise, c_m = (1 − ηa_m)^E; the noise has the variance η²σ² Σ_i (1 − ηa_m)^{2i}.
        let factors = curvatures.map { 1 - η * $0 }
        let c = factors.map { $0.power(E) }.total / clients
        let d = zip(factors, centres).map { (1 - $0.power(E)) * $1 }.total / clients
        let spread = factors.map { factor in (0..<E).map { factor.power(2 * $0) }.total }.total
        let noise = η * η * σ2 * spread / (clients * clients)
        var moments = [(mean: start, square: start * start)]
        for _ in 0..<T {
            let (mean, square) = moments[moments.count - 1]
            let success = 1 - outage
            let moved: Rational = c * c * square + 2 * c * d * mean + d * d + noise
            moments.append((mean: outage * mean + success * (c * mean + d), square: outage * square + success * moved))
        }
        return moments
    }

    /// E D_t = E(x_t − x*)² of moments.
    public func squaredDistance(_ moments: (mean: Rational, square: Rational)) -> Rational {
        moments.square - 2 * minimiser * moments.mean + minimiser * minimiser
    }

    /// E‖∇f(x_t)‖² of moments.
    public func squaredGradient(_ moments: (mean: Rational, square: Rational)) -> Rational {
        curvature * curvature * squaredDistance(moments)
    }
}
