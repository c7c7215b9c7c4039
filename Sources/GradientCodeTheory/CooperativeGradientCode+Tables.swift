public import ExactArithmetic
public import GradientCodes

/// The exact laws of GC+ for homogeneous outages, as integers: how many of the (2^s + 1)^(M t_r) patterns of an event have
/// u rows undelivered and j links down among the delivered ones.
///
/// See docs/CooperativeGradientCode.md#laws.
public struct CooperativeTables: Hashable, Sendable {
    /// The events counted. Those of the decoders are their success; `partial` and `none` are those of `plus`.
    public enum Event: String, CaseIterable, Sendable {
        /// V3: 1 is in the row space.
        case full
        /// V4: the rank is M.
        case rank
        /// V1 or V4.
        case hierarchical
        /// V1.
        case threshold
        /// Not V3, but some single gradient is recovered.
        case partial
        /// Neither.
        case none
        /// Not V4, but some single gradient is recovered: `partial` of decoder `all`.
        case allPartial
        /// Neither V1 nor V4, but some single gradient is recovered: `partial` of decoder `hierarchical`.
        case hierarchicalPartial
    }

    /// `counts[event]![u][j]`, u = 0 … M t_r, j = 0 … Σ_m |W_m∖m| t_r.
    public let counts: [Event: [[Int]]]
    /// Rows of all attempts.
    public let rows: Int

    /// The largest number of patterns that is counted, 2⁶².
    public static let maximumPatterns = Rational(1 << 62)

    /// The number of patterns of a scheme, Π_m (2^{|W_m∖m|} + 1)^{t_r}.
    public static func patterns(of scheme: CooperativeGradientCode) -> Rational {
        (0..<scheme.clients).reduce(1) { $0 * (Rational(2).power(scheme.neighbours(of: $1).count) + 1) }
            .power(scheme.attempts)
    }

    /// The tables of a scheme with encoding matrix B.
    ///
    /// - Precondition: B is M × M, and there are at most ``maximumPatterns`` patterns.
    public init(_ scheme: CooperativeGradientCode, encodingMatrix: RationalMatrix) {
        precondition(Self.patterns(of: scheme) <= Self.maximumPatterns, "counts of patterns fit 64 bits")
        let rows = scheme.clients * scheme.attempts
        let width = scheme.attempts * scheme.windows.map { $0.count - 1 }.reduce(0, +) + 1
        let programme = CooperativeProgramme<[Int]>(
            scheme: scheme, encodingMatrix: encodingMatrix, completeOnly: false,
            add: { a, b in
                let (longer, shorter) = a.count < b.count ? (b, a) : (a, b)
                var sum = longer
                for index in shorter.indices { sum[index] += shorter[index] }
                return sum
            },
            // A shift by one row or by so many links; places are u·width + j.
            advance: { weight, _, missing in
                let shift = missing?.count ?? width
                return shift == 0 ? weight : [Int](repeating: 0, count: shift) + weight
            })
        let (states, spaces) = programme.run(from: [1])
        var counts: [Event: [Int]] = [:]
        for event in Event.allCases { counts[event] = [Int](repeating: 0, count: (rows + 1) * width) }
        for (state, weight) in states {
            var events: [Event] = []
            func isFull(_ decoder: CooperativeGradientCode.Decoder) -> Bool { decoder.isFull(state, spaces, scheme) }
            let isPartial = !spaces.units(state.space).isEmpty
            events.append(isFull(.plus) ? .full : isPartial ? .partial : .none)
            if isFull(.threshold) { events.append(.threshold) }
            if isFull(.all) { events.append(.rank) } else if isPartial { events.append(.allPartial) }
            if isFull(.hierarchical) {
                events.append(.hierarchical)
            } else if isPartial {
                events.append(.hierarchicalPartial)
            }
            for event in events {
                for (index, count) in weight.enumerated() { counts[event]![index] += count }
            }
        }
        self.rows = rows
        self.counts = counts.mapValues { flat in
            (0...rows).map { u in Array(flat[u * width..<(u + 1) * width]) }
        }
    }

    /// The number of patterns in an event.
    public func total(_ event: Event) -> Int { counts[event]!.joined().reduce(0, +) }

    /// P(event) = Σ N[u][j] p^u (1 − p)^{R−u} q^j (1 − q)^{L_u − j} with R rows, for the s of a cyclic scheme, where a
    /// delivered row has s links: L_u = (R − u)s (`docs/CooperativeGradientCode.md#laws`); 0⁰ = 1.
    public func probability(of event: Event, stragglers s: Int, uplink p: Rational, link q: Rational) -> Rational {
        let up = (0...rows).map { p.power($0) * (1 - p).power(rows - $0) }
        var total: Rational = 0
        for (u, row) in counts[event]!.enumerated() {
            for (j, count) in row.enumerated() where count != 0 {
                total += Rational(count) * up[u] * q.power(j) * (1 - q).power((rows - u) * s - j)
            }
        }
        return total
    }

    /// The nonzero entries of an event, `(u, j) N`, in the order of the document.
    public func entries(of event: Event) -> [(u: Int, j: Int, count: Int)] {
        counts[event]!.enumerated().flatMap { u, row in
            row.enumerated().filter { $0.element != 0 }.map { (u, $0.offset, $0.element) }
        }
    }
}
