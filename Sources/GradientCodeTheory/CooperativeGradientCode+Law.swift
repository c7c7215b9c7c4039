public import ExactArithmetic
public import GradientCodes

/// Where the rows of all attempts can lead: a row space, and how many distinct clients are complete and delivered.
struct CooperativeState: Hashable {
    var space: Int
    /// Twice the number of complete clients so far, plus 1 if the client at hand is one already.
    var complete: Int
}

/// The row-space dynamic programme: clients one by one, their attempts one by one, the state being what the server has
/// (`docs/CooperativeGradientCode.md#laws`).
struct CooperativeProgramme<Weight> {
    let scheme: CooperativeGradientCode
    let encodingMatrix: RationalMatrix
    /// Whether rows that are not complete are forgotten, as standard decoding does.
    let completeOnly: Bool
    /// The weight of both.
    let add: (Weight, Weight) -> Weight
    /// The weight with one more row of a client: with so many links down and so missing, or undelivered where nil; nil
    /// where this cannot happen.
    let advance: (Weight, _ client: Int, _ missing: [Int]?) -> Weight?

    /// The weights of all final states, and the spaces that they speak of.
    func run(from start: Weight) -> (states: [CooperativeState: Weight], spaces: RowSpaces) {
        var spaces = RowSpaces()
        var states = [CooperativeState(space: RowSpaces.zero, complete: 0): start]
        var number = 0
        for client in 0..<scheme.clients {
            let rows = maskedRows(client)
            for _ in 0..<scheme.attempts {
                var next: [CooperativeState: Weight] = [:]
                next.reserveCapacity(states.count)
                func put(_ state: CooperativeState, _ weight: Weight) {
                    if let present = next[state] { next[state] = add(present, weight) } else { next[state] = weight }
                }
                for (state, weight) in states {
                    if let weight = advance(weight, client, nil) { put(state, weight) }
                    for (index, (missing, row)) in rows.enumerated() {
                        guard let weight = advance(weight, client, missing) else { continue }
                        var state = state
                        if missing.isEmpty { state.complete |= 1 }
                        if missing.isEmpty || !completeOnly {
                            state.space = spaces.adding(row, number: number + index, to: state.space)
                        }
                        put(state, weight)
                    }
                }
                states = next
            }
            number += rows.count
            states = Dictionary(
                states.map { (CooperativeState(space: $0.space, complete: ($0.complete + 1) / 2 * 2), $1) },
                uniquingKeysWith: add)
        }
        return (states, spaces)
    }

    /// The rows that a client can deliver, each with what is missing in it; the complete one first.
    private func maskedRows(_ client: Int) -> [(missing: [Int], row: [Rational])] {
        let neighbours = scheme.neighbours(of: client)
        return (0..<1 << neighbours.count).map { mask in
            let missing = neighbours.indices.filter { mask >> $0 & 1 == 1 }.map { neighbours[$0] }
            let row = (0..<scheme.clients).map { missing.contains($0) ? 0 : encodingMatrix[client, $0] }
            return (missing, row)
        }
    }
}

extension CooperativeGradientCode.Decoder {
    /// Whether the event of this decoder holds in a final state. For `threshold` and `span` the spaces are those of the
    /// complete rows.
    func isFull(_ state: CooperativeState, _ spaces: RowSpaces, _ scheme: CooperativeGradientCode) -> Bool {
        let standard = state.complete / 2 >= scheme.threshold
        let everything = spaces.rank(state.space) == scheme.clients
        return switch self {
        case .threshold: standard
        case .span, .plus: spaces.containsOnes(state.space, columns: scheme.clients)
        case .all: everything
        case .hierarchical: standard || everything
        }
    }
}

/// The exact law of outcome and recovered set, for any independent outages and any number of attempts.
///
/// See docs/CooperativeGradientCode.md#laws.
public struct CooperativeLaw: Hashable, Sendable {
    /// M.
    public let clients: Int
    /// P(full).
    public let full: Rational
    /// P(partial, and the recovered set is K), for each K; those of probability 0 are left out.
    public let partial: [[Int]: Rational]
    /// P(full, and the recovered set is K), likewise.
    public let fullWith: [[Int]: Rational]

    /// The law of a scheme with encoding matrix B.
    ///
    /// - Precondition: B is M × M, and windows are small enough to enumerate their masks, at most 20 clients.
    public init(
        _ scheme: CooperativeGradientCode, encodingMatrix: RationalMatrix, model: CooperativeLinkModel,
        decoder: CooperativeGradientCode.Decoder
    ) {
        precondition(scheme.windows.allSatisfy { $0.count <= 20 }, "2^s masks a client")
        let uplinks = model.uplinkOutage.map(\.exact)
        let links = model.linkOutage.map { $0.map(\.exact) }
        let programme = CooperativeProgramme<Rational>(
            scheme: scheme, encodingMatrix: encodingMatrix, completeOnly: !decoder.usesIncompleteRows, add: { $0 + $1 },
            advance: { weight, client, missing in
                guard let missing else { return uplinks[client].isZero ? nil : weight * uplinks[client] }
                let probability = scheme.neighbours(of: client).reduce(1 - uplinks[client]) {
                    $0 * (missing.contains($1) ? links[client][$1] : 1 - links[client][$1])
                }
                return probability.isZero ? nil : weight * probability
            })
        let (states, spaces) = programme.run(from: 1)
        var full: Rational = 0
        var (partial, fullWith): ([[Int]: Rational], [[Int]: Rational]) = ([:], [:])
        for (state, weight) in states {
            let recovered = spaces.units(state.space)
            if decoder.isFull(state, spaces, scheme) {
                full += weight
                fullWith[recovered, default: 0] += weight
            } else if !recovered.isEmpty, decoder.usesIncompleteRows {
                partial[recovered, default: 0] += weight
            }
        }
        clients = scheme.clients
        self.full = full
        self.partial = partial
        self.fullWith = fullWith
    }

    /// P(partial).
    public var partialProbability: Rational { partial.values.reduce(0, +) }

    /// P(none).
    public var none: Rational { 1 - full - partialProbability }

    /// ρ_k = P(partial, k ∈ K) (`docs/CooperativeGradientCode.md#aggregate`).
    public func partialRecovery(of k: Int) -> Rational { partialRecovery(of: k, k) }

    /// ρ_kl = P(partial, k ∈ K, l ∈ K).
    public func partialRecovery(of k: Int, _ l: Int) -> Rational {
        partial.filter { $0.key.contains(k) && $0.key.contains(l) }.values.reduce(0, +)
    }

    /// P(e_k ∈ rowspan G), π⁰_k of Theorem 3 where all rows are used (`docs/CooperativeGradientCode.md#theorem-3`).
    public func recovery(of k: Int) -> Rational {
        partialRecovery(of: k) + fullWith.filter { $0.key.contains(k) }.values.reduce(0, +)
    }

    /// (1 − P_full)/ρ_k, the weights of PR-IPW, one a client (`docs/CooperativeGradientCode.md#inverse-probability`);
    /// zeros if P_full = 1, where no partial outcome occurs.
    ///
    /// - Throws: `invalidProbability` if some ρ_k = 0 while P_full < 1: the rule is undefined.
    public func inverseProbabilityWeights() throws(Refusal) -> [Rational] {
        guard full < 1 else { return [Rational](repeating: 0, count: clients) }
        var weights: [Rational] = []
        for k in 0..<clients {
            let rho = partialRecovery(of: k)
            guard !rho.isZero else {
                throw Refusal(
                    .invalidProbability, "client \(k) is never recovered alone, and full recovery is not certain")
            }
            weights.append((1 - full) / rho)
        }
        return weights
    }

    /// Cov(α_k, α_l) of PR-IPW: P_full + (1 − P_full)² ρ_kl/(ρ_k ρ_l) − 1
    /// (`docs/CooperativeGradientCode.md#inverse-probability`).
    ///
    /// - Throws: as ``inverseProbabilityWeights()``.
    public func inverseProbabilityCovariance() throws(Refusal) -> RationalMatrix {
        let weights = try inverseProbabilityWeights()
        return RationalMatrix(rows: clients, columns: clients) { k, l in
            full + weights[k] * weights[l] * partialRecovery(of: k, l) - 1
        }
    }

    /// ω_k = E[1{update} α_k/M] of PR-mean (`docs/CooperativeGradientCode.md#theorem-5`).
    public var meanWeights: [Rational] {
        (0..<clients).map { k in
            let single = partial.filter { $0.key.contains(k) }.map { $0.value / Rational($0.key.count) }.total
            return full / Rational(clients) + single
        }
    }
}
