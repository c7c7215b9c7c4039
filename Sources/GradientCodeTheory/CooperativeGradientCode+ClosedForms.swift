public import ExactArithmetic
public import GradientCodes

/// What is known of GC+ in one attempt without enumeration, for heterogeneous outages.
///
/// See docs/CooperativeGradientCode.md#theorem-3 and docs/CooperativeGradientCode.md#theorem-4.
public enum CooperativeClosedForm {
    /// Theorem 3 for s = 1 and tight codes: P_full = Π_m (1 − p_m) + Σ_m p_m Π_{k≠m} (1 − p_k)(1 − q_k)
    /// (`docs/CooperativeGradientCode.md#theorem-3`). For other codes with s = 1 it is a lower bound.
    ///
    /// - Throws: `invalidParameters` unless M ≥ 2, s = 1 and the windows are cyclic; `dimensionMismatch` unless the model
    ///   has M clients.
    public static func fullRecovery(
        _ scheme: CooperativeGradientCode, _ model: CooperativeLinkModel
    ) throws(Refusal) -> Rational {
        let (up, edge, _) = try cycle(scheme, model)
        return up.reduce(1, *) + edge.indices.map { m in (1 - up[m]) * edge.product(without: m) }.total
    }

    /// Theorem 3 for s = 1 and tight codes: P_full − P(V1) = Π_m (1 − p_m) · P(at least two of the M links are down).
    ///
    /// - Throws: as ``fullRecovery(_:_:)``.
    public static func gainOverThreshold(
        _ scheme: CooperativeGradientCode, _ model: CooperativeLinkModel
    ) throws(Refusal) -> Rational {
        let (up, _, _) = try cycle(scheme, model)
        let M = scheme.clients
        let down = (0..<M).map { model.linkOutage[$0][($0 + 1) % M].exact }
        return up.reduce(1, *) * PoissonBinomial(down).atLeast(2)
    }

    /// Theorem 3 for s = 1 and every code: π⁰_k = Σ_L [Π_{l<L} (1 − p_{k+l})(1 − q_{k+l})] (1 − p_{k+L}) q_{k+L}, the
    /// probability that e_k is in the row space, one a client.
    ///
    /// - Throws: as ``fullRecovery(_:_:)``.
    public static func recovery(
        _ scheme: CooperativeGradientCode, _ model: CooperativeLinkModel
    ) throws(Refusal) -> [Rational] {
        let (_, edge, pin) = try cycle(scheme, model)
        let M = scheme.clients
        return (0..<M).map { k in
            var (path, total): (Rational, Rational) = (1, 0)
            for L in 0..<M {
                total += path * pin[(k + L) % M]
                path *= edge[(k + L) % M]
            }
            return total
        }
    }

    /// 1 − p_m, P(row m is an edge) = r_m, P(row m is a pin) = ι_m.
    private static func cycle(
        _ scheme: CooperativeGradientCode, _ model: CooperativeLinkModel
    ) throws(Refusal) -> (up: [Rational], edge: [Rational], pin: [Rational]) {
        let M = scheme.clients
        guard M >= 2, scheme.stragglers == 1, (0..<M).allSatisfy({ scheme.neighbours(of: $0) == [($0 + 1) % M] })
        else {
            throw Refusal(.invalidParameters, "Theorem 3 is for s = 1, cyclic windows and at least two clients")
        }
        guard model.clients == M else {
            throw Refusal(.dimensionMismatch, "a law of \(model.clients) clients for \(M)")
        }
        return (
            model.uplinkOutage.map { 1 - $0.exact }, scheme.completeDelivery(model), scheme.isolatedDelivery(model)
        )
    }
}

/// The bounds of Theorem 4, for any code with GC(s), s ≥ 1, and heterogeneous outages.
///
/// All throw `invalidParameters` for s = 0, where complete and isolated is the same event. See
/// docs/CooperativeGradientCode.md#theorem-4.
public enum CooperativeRecoveryBound {
    /// (a) P_full ≥ P(V1) + Π_m ι_m, in one attempt.
    public static func leastFull(
        _ scheme: CooperativeGradientCode, _ model: CooperativeLinkModel
    ) throws(Refusal) -> Rational {
        try demandNeighbours(scheme)
        return 1 - scheme.outage(model) + scheme.isolatedDelivery(model).reduce(1, *)
    }

    /// (b) P_full ≤ 1 − max_k p_k Π_{m ≠ k, k ∈ W_m} (p_m + (1 − p_m) p_{m,k}), in one attempt.
    public static func greatestFull(
        _ scheme: CooperativeGradientCode, _ model: CooperativeLinkModel
    ) throws(Refusal) -> Rational {
        try demandNeighbours(scheme)
        let unheard = (0..<scheme.clients).map { k in
            (0..<scheme.clients).filter { $0 != k && scheme.windows[$0].contains(k) }.reduce(
                model.uplinkOutage[k].exact
            ) { product, m in
                let p = model.uplinkOutage[m].exact
                return product * (p + (1 - p) * model.linkOutage[m][k].exact)
            }
        }
        return 1 - (unheard.max() ?? 0)
    }

    /// (c) P_none ≤ Σ_{v < M−s} [z^v] Π_m (1 − r_m − ι_m + r_m z), in one attempt.
    public static func greatestNone(
        _ scheme: CooperativeGradientCode, _ model: CooperativeLinkModel
    ) throws(Refusal) -> Rational {
        try demandNeighbours(scheme)
        let (r, isolated) = (scheme.completeDelivery(model), scheme.isolatedDelivery(model))
        var polynomial: [Rational] = [1]
        for (r, isolated) in zip(r, isolated) {
            polynomial = (0...polynomial.count).map { v in
                let stays = v < polynomial.count ? polynomial[v] * (1 - r - isolated) : 0
                return stays + (v > 0 ? polynomial[v - 1] * r : 0)
            }
        }
        return polynomial.prefix(scheme.threshold).total
    }

    /// (d) P(k ∈ K) ≥ ι_k, in one attempt; one a client.
    public static func leastRecovery(
        _ scheme: CooperativeGradientCode, _ model: CooperativeLinkModel
    ) throws(Refusal) -> [Rational] {
        try demandNeighbours(scheme)
        return scheme.isolatedDelivery(model)
    }

    /// (e), first line: P_full(t_r) ≥ 1 − (1 − P_full)^{t_r} ≥ 1 − P_O^{t_r}, the greater for `single` = P_full.
    public static func leastFull(attempts: Int, single: Rational) -> Rational { 1 - (1 - single).power(attempts) }

    /// (e), second line: P_full(t_r) ≥ PBtail(1 − (1 − r_m)^{t_r}; M − s), for the attempts of the scheme.
    public static func leastFullOfStacks(
        _ scheme: CooperativeGradientCode, _ model: CooperativeLinkModel
    ) throws(Refusal) -> Rational {
        try demandNeighbours(scheme)
        return 1 - scheme.outageOfStacks(model)
    }

    /// (f) P(rank M) ≥ Π_m (1 − (1 − ι_m)^{t_r}), for the attempts of the scheme.
    public static func leastRank(
        _ scheme: CooperativeGradientCode, _ model: CooperativeLinkModel
    ) throws(Refusal) -> Rational {
        try demandNeighbours(scheme)
        return scheme.isolatedDelivery(model).reduce(1) { $0 * (1 - (1 - $1).power(scheme.attempts)) }
    }

    private static func demandNeighbours(_ scheme: CooperativeGradientCode) throws(Refusal) {
        guard scheme.stragglers >= 1 else {
            throw Refusal(.invalidParameters, "Theorem 4 is for s ≥ 1: without neighbours, complete is isolated")
        }
    }
}

extension [Rational] {
    /// The product of all but one.
    fileprivate func product(without index: Int) -> Rational {
        indices.reduce(1) { $1 == index ? $0 : $0 * self[$1] }
    }
}
