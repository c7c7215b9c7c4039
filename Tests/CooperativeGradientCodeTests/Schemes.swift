import ExactArithmetic
import GradientCodeReference
import GradientCodes

/// The encoding matrix of a cyclic code.
func cyclic(_ construction: CyclicRepetitionCode.Construction, _ M: Int, _ s: Int) throws -> RationalMatrix {
    try CyclicRepetitionCode(workers: M, stragglers: s, construction: construction).encodingMatrix
}

/// A scheme with cyclic windows and a homogeneous law, or one of given numbers that are not symmetric.
func heterogeneous(_ M: Int, case number: Int) throws -> CooperativeLinkModel {
    let denominators: [UInt64] = [7, 4, 3]
    let d = denominators[number % 3]
    func probability(_ n: Int) throws -> Probability { try Probability(UInt64(n) % (d + 1), d) }
    return try CooperativeLinkModel(
        uplinkOutage: (0..<M).map { try probability(2 * $0 + number) },
        linkOutage: (0..<M).map { m in try (0..<M).map { k in try probability(3 * m + 5 * k + number) } })
}

/// All patterns of one attempt of a cyclic scheme with what each client delivers: nil, or what is available.
func patterns(_ M: Int, _ s: Int) -> [[[Int]?]] {
    (0..<M).reduce([[]]) { patterns, m in
        let states: [[Int]?] =
            [nil]
            + (0..<1 << s).map { mask in
                [m] + (0..<s).filter { mask >> $0 & 1 == 1 }.map { (m + 1 + $0) % M }
            }
        return patterns.flatMap { pattern in states.map { pattern + [$0] } }
    }
}

/// The rows of a pattern.
func rows(_ pattern: [[Int]?], attempt: Int = 0) throws -> [CooperativeRow] {
    try pattern.indices.compactMap { m in
        try pattern[m].map {
            CooperativeRow(client: m, attempt: attempt, available: try WorkerSet($0, of: pattern.count))
        }
    }
}

/// The probability of a pattern.
func probability(_ pattern: [[Int]?], _ s: Int, _ model: CooperativeLinkModel) -> Rational {
    let M = pattern.count
    return (0..<M).reduce(1) { product, m in
        let p = Rational(model.uplinkOutage[m])
        guard let available = pattern[m] else { return product * p }
        return (0..<s).reduce(product * (1 - p)) { product, j in
            let k = (m + 1 + j) % M
            let q = Rational(model.linkOutage[m][k])
            return product * (available.contains(k) ? 1 - q : q)
        }
    }
}
