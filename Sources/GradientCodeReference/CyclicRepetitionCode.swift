public import ExactArithmetic
public import GradientCodes

extension CyclicRepetitionCode {
    /// B, whose row i is zero outside the window of worker i (`docs/GradientCode.md#constructions`).
    ///
    /// - Throws: `nodesNotSorted` when the resolution of CRC-Q is too coarse for n different nodes;
    ///   `invalidParameters` when a circulant does not tolerate s stragglers, with a set that it cannot recover from.
    public var encodingMatrix: RationalMatrix {
        get throws(Refusal) {
            switch construction {
            case .ones:
                return supported { _, _ in 1 }
            case .integers:
                return RationalMatrix(rows: workers, columns: workers, integerEntry)
            case .tightIntegers:
                return tightIntegerMatrix(try nodes.map { Rational($0) })
            case .cotangents(let resolution), .nodes(_, let resolution):
                return rationalMatrix(try nodes.map { Rational($0, resolution) })
            case .circulant(let window):
                let matrix = supported { i, j in Rational(window[(j - i + workers) % workers]) }
                return try matrix.verified(stragglers: stragglers, of: "the circulant")
            }
        }
    }

    /// A matrix with the given entries on the windows and 0 elsewhere.
    private func supported(_ entry: (Int, Int) -> Rational) -> RationalMatrix {
        RationalMatrix(rows: workers, columns: workers) { i, j in window(of: i).contains(j) ? entry(i, j) : 0 }
    }

    /// The entry of CRC-Z (`docs/GradientCode.md#crc-z`): with d = n − s − 1, on the window of worker i,
    ///
    ///     no wrap, i + s < n:      C(j, i) C(n − 1 − j, d − i)
    ///     wrap, lo = i + s − n + 1: C(j − lo, d)              for j ≥ i
    ///                              (−1)^d C(i − 1 − j, d)    for j < lo
    ///
    /// and 0 elsewhere.
    private func integerEntry(_ i: Int, _ j: Int) -> Rational {
        let (n, s, d) = (workers, stragglers, degree)
        if i + s <= n - 1 {
            return i <= j && j <= i + s ? .binomial(j, i) * .binomial(n - 1 - j, d - i) : 0
        }
        let lo = i + s - n + 1
        if j >= i { return .binomial(j - lo, d) }
        if j < lo { return Rational(-1).power(d) * .binomial(i - 1 - j, d) }
        return 0
    }

    /// f_i(t_j) = Π_{l ∈ Z_i} (t_j − t_l), the polynomial of row i at node j.
    private func polynomial(_ nodes: [Rational], _ i: Int, _ j: Int) -> Rational {
        zeros(of: i).reduce(1) { $0 * (nodes[j] - nodes[$1]) }
    }

    /// CRC-Zt: f_i at the nodes 0, 1, …, n − 2, 2n, each row divided by the greatest common divisor of its entries and
    /// with b_ii > 0.
    private func tightIntegerMatrix(_ nodes: [Rational]) -> RationalMatrix {
        let divisors = (0..<workers).map { i in
            let divisor = window(of: i).map { polynomial(nodes, i, $0) }.reduce(
                0 as Rational, Rational.greatestCommonDivisor)
            return polynomial(nodes, i, i) < 0 ? -divisor : divisor
        }
        return supported { i, j in polynomial(nodes, i, j) / divisors[i] }
    }

    /// CRC-Q: b_ij = β_ij / β_ii with β_ij = f_i(t_j) / (1 + t_j²)^⌊d/2⌋.
    private func rationalMatrix(_ nodes: [Rational]) -> RationalMatrix {
        let weights = nodes.map { (1 + $0 * $0).power(degree / 2) }
        let diagonal = (0..<workers).map { polynomial(nodes, $0, $0) / weights[$0] }
        return supported { i, j in polynomial(nodes, i, j) / weights[j] / diagonal[i] }
    }

    /// The numerators of the nodes, strictly increasing; of CRC-Q over its resolution, of CRC-Z and CRC-Zt over 1; none
    /// where the construction has no nodes.
    ///
    /// - Throws: `nodesNotSorted` when the resolution of CRC-Q is too coarse for n different nodes.
    public var nodes: [Int] {
        get throws(Refusal) {
            switch construction {
            case .ones, .circulant: []
            case .integers: Array(0..<workers)
            case .tightIntegers: Array(0..<workers - 1) + [2 * workers]
            case .nodes(let numerators, _): numerators
            case .cotangents(let resolution): try cotangentNodes(resolution: resolution)
            }
        }
    }

    /// r_j = ⌊D cot(π(2j+1)/(2n)) + 1/2⌋, as −r_j at j and r_j at n − 1 − j for j < ⌊n/2⌋, and 0 in the middle of an odd
    /// number of nodes.
    private func cotangentNodes(resolution: Int) throws(Refusal) -> [Int] {
        var nodes = [Int](repeating: 0, count: workers)
        for j in 0..<workers / 2 {
            let r = Self.roundedCotangent(of: Rational(2 * j + 1, 2 * workers), times: resolution)
            nodes[j] = -r
            nodes[workers - 1 - j] = r
        }
        for j in nodes.indices.dropFirst() where nodes[j] <= nodes[j - 1] {
            throw Refusal(.nodesNotSorted, "resolution \(resolution) gives nodes \(j - 1) and \(j) the same value")
        }
        return nodes
    }

    /// ⌊D cot(πx) + 1/2⌋ for 0 < x < 1/2, by enclosures that shrink until both ends agree.
    ///
    /// They do: the cotangent of a rational multiple of π is irrational, or an integer.
    private static func roundedCotangent(of x: Rational, times resolution: Int) -> Int {
        var bits = 64
        while true {
            let cotangent =
                RationalInterval.cosine(ofHalfTurns: x, bits: bits) / .sine(ofHalfTurns: x, bits: bits)
            let scaled = cotangent * RationalInterval(Rational(resolution)) + RationalInterval(Rational(1, 2))
            if scaled.lower.floor == scaled.upper.floor, let r = Int(exactly: scaled.lower.floor) { return r }
            bits *= 2
        }
    }

    /// The rules that come with a construction: the class rule of CRC-1; for CRC-Z Theorem 5 where the first n − s
    /// workers respond and Theorem 6 where s = 1 and one worker straggles; nil for other responders and constructions.
    public func structuredDecodingVector(responders: WorkerSet) -> [Rational]? {
        switch construction {
        case .ones: completeClass(responders)
        case .integers: integerDecodingVector(responders)
        case .tightIntegers, .cotangents, .nodes, .circulant: nil
        }
    }

    /// CRC-1: 1 on the smallest residue class modulo s + 1 that responds completely.
    private func completeClass(_ responders: WorkerSet) -> [Rational]? {
        let classes = (0...stragglers).map { c in (0..<workers).filter { $0 % (stragglers + 1) == c } }
        guard let complete = classes.first(where: { $0.allSatisfy(responders.contains) }) else { return nil }
        return (0..<workers).map { complete.contains($0) ? 1 : 0 }
    }

    private func integerDecodingVector(_ responders: WorkerSet) -> [Rational]? {
        let (n, s) = (workers, stragglers)
        if responders.members.starts(with: 0..<n - s) {
            let first = Rational.binomial(n - 1, s).reciprocal
            return (0..<n).map { $0 < n - s ? first : 0 }
        }
        guard s == 1, responders.count == n - 1, let r = responders.complement.members.first else { return nil }
        let sign = { (exponent: Int) in Rational(exponent.isMultiple(of: 2) ? 1 : -1) }
        let share = Rational(1, n - 1)
        return (0..<n).map { i in
            i == n - 1
                ? sign(n + r) * .binomial(n - 2, r)
                : share * (1 - sign(r + i) * .binomial(n - 2, r) / .binomial(n - 2, i))
        }
    }
}
