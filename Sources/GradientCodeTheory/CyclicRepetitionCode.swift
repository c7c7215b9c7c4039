public import ExactArithmetic
public import GradientCodes

extension CyclicRepetitionCode {
    /// The largest magnitude of an entry of CRC-Z: C(n − 1, s), attained at row 0, column 0.
    public var largestEntry: Rational { .binomial(workers - 1, stragglers) }

    /// The worst amplification κ of CRC-Z over all single stragglers, for s = 1 (Theorem 6): with C = C(n − 2,
    /// ⌊(n − 2) / 2⌋), it is 2C − 1 for n ≡ 2 mod 4, else 2C + 1; for n = 2 it is 1.
    ///
    /// - Throws: `invalidParameters` unless s = 1 and n ≥ 2: other s have no closed form.
    public func worstAmplification() throws(Refusal) -> Rational {
        guard stragglers == 1 else {
            throw Refusal(.invalidParameters, "the closed form is for one straggler, not \(stragglers)")
        }
        let central = Rational.binomial(workers - 2, (workers - 2) / 2)
        return workers % 4 == 2 ? 2 * central - 1 : 2 * central + 1
    }

    /// P(decodable) of CRC-1: 1 − Π_c (1 − Π_{i ≡ c} (1 − p_i)) over the residue classes modulo s + 1, worker i
    /// straggling with probability p_i independently (Theorem 2).
    ///
    /// - Throws: `dimensionMismatch` unless there is one probability a worker.
    /// - Precondition: the construction is CRC-1.
    public func recoveryProbability(_ probabilities: [Probability]) throws(Refusal) -> Rational {
        precondition(construction == .ones, "the class rule is that of CRC-1")
        guard probabilities.count == workers else {
            throw Refusal(.dimensionMismatch, "\(probabilities.count) probabilities for \(workers) workers")
        }
        let incomplete = (0...stragglers).map { c in
            1 - stride(from: c, to: workers, by: stragglers + 1).reduce(1) { $0 * (1 - probabilities[$1].exact) }
        }
        return 1 - incomplete.reduce(1, *)
    }

    /// The windows of the rational circulants that Proposition 7 leaves for n workers, s ascending: products of
    /// cyclotomic polynomials Φ_e over sets of divisors e > 1 of n, lowest power first.
    ///
    /// Not all of them are codes; every rational circulant with GC(s) is a multiple of one of them.
    ///
    /// - Precondition: `workers` is in 1...64, which keeps the sets of divisors few.
    public static func circulantCandidates(workers n: Int) -> [[Int]] {
        precondition(1...64 ~= n, "\(n) workers")
        let divisors = (1...n).filter { n % $0 == 0 && $0 > 1 }
        let sets = (0..<1 << divisors.count).map { mask in divisors.indices.filter { mask >> $0 & 1 == 1 } }
        return sets.map { $0.reduce([1]) { multiply($0, cyclotomic(divisors[$1])) } }.sorted { a, b in
            a.count != b.count ? a.count < b.count : a.lexicographicallyPrecedes(b)
        }
    }

    /// Φ_e: x^e − 1 divided by Φ_c for every divisor c < e. Its coefficients are small for the e asked about.
    private static func cyclotomic(_ e: Int) -> [Int] {
        let all = [-1] + [Int](repeating: 0, count: e - 1) + [1]
        return (1..<e).filter { e % $0 == 0 }.reduce(all) { divide($0, byMonic: cyclotomic($1)) }
    }

    private static func multiply(_ a: [Int], _ b: [Int]) -> [Int] {
        var product = [Int](repeating: 0, count: a.count + b.count - 1)
        for (i, x) in a.enumerated() {
            for (j, y) in b.enumerated() { product[i + j] += x * y }
        }
        return product
    }

    /// The quotient of a division without remainder.
    private static func divide(_ a: [Int], byMonic b: [Int]) -> [Int] {
        var (rest, quotient) = (a, [Int](repeating: 0, count: a.count - b.count + 1))
        for i in quotient.indices.reversed() {
            quotient[i] = rest[i + b.count - 1]
            for (j, y) in b.enumerated() { rest[i + j] -= quotient[i] * y }
        }
        return quotient
    }
}
