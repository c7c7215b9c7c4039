public import ExactArithmetic
public import GradientCodes

/// Expected residuals E‖1 − α‖² of the decoders that do not look for α = 1
/// (`docs/GradientCode.md#approximate-assignments`).
public enum ExpectedResidual {
    /// One-step decoding of a random Bernoulli code of density δ with r responders: k(1 − δ)/(rδ); k for r = 0.
    ///
    /// - Throws: `invalidParameters` unless k ≥ 1 and r ≥ 0; `invalidProbability` unless 0 < δ ≤ 1.
    public static func oneStep(partitions k: Int, density: Rational, responders r: Int) throws(Refusal) -> Rational {
        guard k >= 1, r >= 0 else {
            throw Refusal(.invalidParameters, "\(k) partitions and \(r) responders; expected k ≥ 1 and r ≥ 0")
        }
        guard density > 0, density <= 1 else {
            throw Refusal(.invalidProbability, "density \(density); expected 0 < δ ≤ 1")
        }
        return r == 0 ? Rational(k) : Rational(k) * (1 - density) / (Rational(r) * density)
    }

    /// Stochastic gradient coding: Σ_j p/((1 − p) d_j), every worker straggling with probability p.
    ///
    /// - Throws: `invalidParameters` unless there are partitions and every d_j ≥ 1; `invalidProbability` if p is 1.
    public static func stochastic(replications: [Int], straggling p: Probability) throws(Refusal) -> Rational {
        guard !replications.isEmpty, let fewest = replications.min(), fewest >= 1 else {
            throw Refusal(.invalidParameters, "replications \(replications); expected at least one, each at least 1")
        }
        guard p < .one else { throw Refusal(.invalidProbability, "straggling probability 1; expected p < 1") }
        return replications.map { p.exact / ((1 - p.exact) * Rational($0)) }.total
    }

    /// Uncoded data, the plain sum of what arrives: Σ p_i.
    public static func ignoringStragglers(_ probabilities: [Probability]) -> Rational {
        probabilities.map(\.exact).total
    }

    /// Uncoded data with the weights 1/(1 − p_i): Σ p_i/(1 − p_i).
    ///
    /// - Throws: `invalidProbability` if a p_i is 1.
    public static func unbiasedWeights(_ probabilities: [Probability]) throws(Refusal) -> Rational {
        if let worker = probabilities.firstIndex(of: .one) {
            throw Refusal(.invalidProbability, "worker \(worker) always straggles; expected p < 1")
        }
        return probabilities.map { $0.exact / (1 - $0.exact) }.total
    }

    /// One partition on d of n workers of which exactly r respond, each with the weight n/(rd):
    /// (n − d)(n − r)/(r d (n − 1)).
    ///
    /// - Throws: `invalidParameters` unless 1 ≤ d ≤ n, 1 ≤ r ≤ n and n ≥ 2.
    public static func fixedResponders(workers n: Int, replication d: Int, responders r: Int) throws(Refusal)
        -> Rational
    {
        guard n >= 2, 1...n ~= d, 1...n ~= r else {
            throw Refusal(.invalidParameters, "n = \(n), d = \(d), r = \(r); expected n ≥ 2, 1 ≤ d ≤ n, 1 ≤ r ≤ n")
        }
        let (n, d, r) = (Rational(n), Rational(d), Rational(r))
        return (n - d) * (n - r) / (r * d * (n - 1))
    }
}

extension GraphCode {
    /// α of the best decoding, one number a partition, from the components of the graph of surviving edges: 1 on a
    /// component with an odd cycle; 1 ∓ (l − r)/(l + r) on the sides of a bipartite one with l and r vertices; so 0 on a
    /// vertex without edges.
    public func optimalRecovery(responders: WorkerSet) -> [Rational] {
        var neighbours = [[Int]](repeating: [], count: partitions)
        for worker in responders {
            neighbours[edges[worker].u].append(edges[worker].v)
            neighbours[edges[worker].v].append(edges[worker].u)
        }
        var recovered = [Rational](repeating: 1, count: partitions)
        var side = [Int?](repeating: nil, count: partitions)
        for start in 0..<partitions where side[start] == nil {
            var (component, isBipartite) = ([start], true)
            side[start] = 0
            var next = 0
            while next < component.count {
                let vertex = component[next]
                next += 1
                for other in neighbours[vertex] {
                    if side[other] == nil {
                        side[other] = 1 - side[vertex]!
                        component.append(other)
                    }
                    isBipartite = isBipartite && side[other] != side[vertex]
                }
            }
            guard isBipartite else { continue }
            let left = component.count { side[$0] == 0 }
            let excess = Rational(2 * left - component.count, component.count)
            for vertex in component { recovered[vertex] = side[vertex] == 0 ? 1 - excess : 1 + excess }
        }
        return recovered
    }
}
