public import ExactArithmetic
public import GradientCodes

/// How standard decoding ends in one attempt: the probability of success, and of each cause of a failure. All five sum
/// to 1.
///
/// With v = M − s, c complete clients, u uplinks that are up and b clients with both, a failure is b < v. See
/// docs/CooperativeGradientCode.md#causes.
public struct CooperativeOutage: Hashable, Sendable {
    /// P(b ≥ v) = 1 − P_O.
    public let success: Rational
    /// P(c < v ≤ u).
    public let links: Rational
    /// P(u < v ≤ c).
    public let uplinks: Rational
    /// P(c < v and u < v).
    public let both: Rational
    /// P(c ≥ v and u ≥ v, but b < v).
    public let misaligned: Rational

    /// P_O, the probability that standard decoding fails (`docs/CooperativeGradientCode.md#theorem-2`).
    public var outage: Rational { 1 - success }

    /// The law for probabilities of M independent clients: `complete[m]` is c_m, `delivered[m]` is 1 − p_m.
    ///
    /// b < v wherever c < v or u < v, so of the joint law only that of (c, u) below v is needed; it is made by adding one
    /// client at a time, and counts that reach v are dropped.
    ///
    /// - Precondition: as many probabilities of the one kind as of the other, and v is not negative.
    public init(complete: [Rational], delivered: [Rational], threshold v: Int) {
        precondition(complete.count == delivered.count && v >= 0, "one pair of probabilities a client")
        // law[c·v + u], both below v.
        var law = [Rational](repeating: 0, count: v * v)
        if v > 0 { law[0] = 1 }
        for (c, u) in zip(complete, delivered) {
            var next = [Rational](repeating: 0, count: law.count)
            for index in law.indices where !law[index].isZero {
                func add(_ dc: Int, _ du: Int, _ probability: Rational) {
                    guard !probability.isZero, index / v + dc < v, index % v + du < v else { return }
                    next[index + dc * v + du] += law[index] * probability
                }
                add(1, 1, c * u)
                add(1, 0, c * (1 - u))
                add(0, 1, (1 - c) * u)
                add(0, 0, (1 - c) * (1 - u))
            }
            law = next
        }
        let fewComplete = PoissonBinomial(complete).atMost(v - 1)
        let fewDelivered = PoissonBinomial(delivered).atMost(v - 1)
        both = law.total
        links = fewComplete - both
        uplinks = fewDelivered - both
        success = PoissonBinomial(zip(complete, delivered).map { $0 * $1 }).atLeast(v)
        misaligned = 1 - success - fewComplete - fewDelivered + both
    }

    /// The law of a scheme's attempt.
    public init(_ scheme: CooperativeGradientCode, _ model: CooperativeLinkModel) {
        self.init(
            complete: scheme.completeness(model), delivered: model.uplinkOutage.map { 1 - $0.exact },
            threshold: scheme.threshold)
    }
}

// The probabilities of one client in one attempt (`docs/CooperativeGradientCode.md#outage`).
extension CooperativeGradientCode {
    /// c_m = Π_{k ∈ W_m∖m} (1 − p_{m,k}): client m is complete.
    ///
    /// - Precondition: the model has as many clients.
    public func completeness(_ model: CooperativeLinkModel) -> [Rational] {
        precondition(model.clients == clients, "a law of as many clients")
        return (0..<clients).map { m in neighbours(of: m).reduce(1) { $0 * (1 - model.linkOutage[m][$1].exact) } }
    }

    /// r_m = (1 − p_m) c_m: complete and delivered.
    public func completeDelivery(_ model: CooperativeLinkModel) -> [Rational] {
        zip(completeness(model), model.uplinkOutage).map { $0 * (1 - $1.exact) }
    }

    /// ι_m = (1 − p_m) Π_{k ∈ W_m∖m} p_{m,k}: isolated and delivered.
    public func isolatedDelivery(_ model: CooperativeLinkModel) -> [Rational] {
        precondition(model.clients == clients, "a law of as many clients")
        return (0..<clients).map { m in
            neighbours(of: m).reduce(1 - model.uplinkOutage[m].exact) { $0 * model.linkOutage[m][$1].exact }
        }
    }

    /// P_O by the Poisson–binomial law of the r_m: P(Σ X_m ≤ M − s − 1) (`docs/CooperativeGradientCode.md#theorem-2`).
    public func outage(_ model: CooperativeLinkModel) -> Rational {
        PoissonBinomial(completeDelivery(model)).atMost(threshold - 1)
    }

    /// P_O of all attempts of the scheme when each is decoded on its own.
    public func outageOfRetries(_ model: CooperativeLinkModel) -> Rational { outage(model).power(attempts) }

    /// P_O of standard decoding that counts distinct complete clients over all attempts:
    /// 1 − PBtail(1 − (1 − r_m)^{t_r}; M − s) (`docs/CooperativeGradientCode.md#theorem-4`).
    public func outageOfStacks(_ model: CooperativeLinkModel) -> Rational {
        let ever = completeDelivery(model).map { 1 - (1 - $0).power(attempts) }
        return PoissonBinomial(ever).atMost(threshold - 1)
    }

    /// The outage of V2 for CRC-1: Π_c (1 − Π_{i ≡ c mod s+1} r_i) (`docs/CooperativeGradientCode.md#theorem-2`).
    ///
    /// - Precondition: s + 1 divides M, and the windows are those of CRC-1.
    public func spanOutageOfOnes(_ model: CooperativeLinkModel) -> Rational {
        precondition(clients % (stragglers + 1) == 0, "CRC-1 needs s + 1 to divide M")
        let r = completeDelivery(model)
        return (0...stragglers).map { c in
            1 - stride(from: c, to: clients, by: stragglers + 1).reduce(1) { $0 * r[$1] }
        }.reduce(1, *)
    }

    /// P_O for homogeneous outages: Σ_{v < M−s} C(M, v) r^v (1 − r)^{M−v}, r = (1 − p)(1 − q)^s
    /// (`docs/CooperativeGradientCode.md#theorem-2`).
    ///
    /// - Precondition: 0 ≤ s < M.
    public static func outage(clients M: Int, stragglers s: Int, uplink p: Rational, link q: Rational) -> Rational {
        precondition(0 <= s && s < M, "0 ≤ s < M")
        let r = (1 - p) * (1 - q).power(s)
        return (0..<M - s).map { v in
            Rational.binomial(M, v) * r.power(v) * (1 - r).power(M - v)
        }.total
    }

    /// P_O of every s, 0 … M − 1, for homogeneous outages: the best s is found by trying all, as P_O is not monotone
    /// (`docs/CooperativeGradientCode.md#theorem-2`).
    public static func outages(clients M: Int, uplink p: Rational, link q: Rational) -> [Rational] {
        (0..<M).map { outage(clients: M, stragglers: $0, uplink: p, link: q) }
    }
}
