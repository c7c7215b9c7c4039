import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// Proposition 7: which circulants with integer entries are codes.
@Suite struct RationalCirculantTests {
    /// The documented list for n ≤ 14, beside the all-ones windows.
    static let documented: [Int: [[Int]]] = [
        6: [[1, 2, 2, 1]], 10: [[1, 2, 2, 2, 2, 1]],
        12: [[1, 2, 2, 1], [1, 2, 3, 3, 2, 1], [1, 1, 2, 2, 2, 2, 1, 1]],
        14: [[1, 2, 2, 2, 2, 2, 2, 1]],
    ]

    static func circulant(_ n: Int, _ window: [Int]) -> RationalMatrix {
        RationalMatrix(rows: n, columns: n) { i, j in
            let r = (j - i + n) % n
            return r < window.count ? Rational(window[r]) : 0
        }
    }

    static func ones(_ count: Int) -> [Int] { [Int](repeating: 1, count: count) }

    /// All codes as documented.
    static func expected(_ n: Int) -> Set<[Int]> {
        Set((1...n).filter { n % $0 == 0 }.map(ones) + (documented[n] ?? []))
    }

    @Test(arguments: 1...14)
    func `of the candidates exactly the all-ones windows and the listed ones are codes`(n: Int) {
        let candidates = CyclicRepetitionCode.circulantCandidates(workers: n)
        #expect(Set(candidates).count == candidates.count)
        let codes = candidates.filter { Self.circulant(n, $0).toleratesAsCirculant($0.count - 1) }
        #expect(Set(codes) == Self.expected(n))
    }

    @Test(arguments: 1...7) func `the matrix is formed if and only if it is a code`(n: Int) throws {
        for window in CyclicRepetitionCode.circulantCandidates(workers: n) {
            let code = try CyclicRepetitionCode(
                workers: n, stragglers: window.count - 1, construction: .circulant(window))
            let matrix = Self.circulant(n, window)
            #expect(matrix.tolerates(window.count - 1) == Self.expected(n).contains(window))
            if Self.expected(n).contains(window) {
                #expect(try code.encodingMatrix == matrix)
                let scaled = try CyclicRepetitionCode(
                    workers: n, stragglers: window.count - 1, construction: .circulant(window.map { -3 * $0 }))
                #expect(try scaled.encodingMatrix == Self.circulant(n, window.map { -3 * $0 }))
            } else {
                #expect { try code.encodingMatrix } throws: { ($0 as? Refusal)?.kind == .invalidParameters }
            }
        }
    }

    @Test func `the refusal names a set that cannot decode`() throws {
        let code = try CyclicRepetitionCode(workers: 4, stragglers: 2, construction: .circulant([1, 0, 1]))
        let first = try #require(
            WorkerSet.subsets(of: 4, count: 2).first { !Self.circulant(4, [1, 0, 1]).decodes($0) })
        #expect { try code.encodingMatrix } throws: { error in
            (error as? Refusal)?.reason.contains("\(first.members)") == true
        }
    }

    @Test(arguments: [1, 2, 6, 12, 15, 30, 36])
    func `candidates divide the all-ones polynomial, with a candidate as quotient`(n: Int) {
        let candidates = CyclicRepetitionCode.circulantCandidates(workers: n)
        let divisors = (1...n).count { n % $0 == 0 }
        #expect(candidates.count == 1 << (divisors - 1))
        #expect(candidates.first == [1] && candidates.last == Self.ones(n))
        let all = Set(candidates)
        for candidate in candidates {
            // Monic, b_0 = 1, and the quotient of 1 + x + … + x^(n−1) is a candidate again.
            #expect(candidate.first == 1 && candidate.last == 1)
            let quotient = Self.quotient(Self.ones(n), candidate)
            #expect(quotient.map(all.contains) == true, "\(candidate)")
        }
        #expect(candidates.map(\.count) == candidates.map(\.count).sorted())
    }

    /// The exact quotient by a monic polynomial, highest powers first in the division; nil with a remainder.
    static func quotient(_ a: [Int], _ b: [Int]) -> [Int]? {
        var (rest, quotient) = (a, [Int]())
        while rest.count >= b.count {
            let factor = rest.removeLast()
            quotient.insert(factor, at: 0)
            for (offset, value) in b.dropLast().reversed().enumerated() {
                rest[rest.count - 1 - offset] -= factor * value
            }
        }
        return rest.allSatisfy { $0 == 0 } ? quotient : nil
    }

    @Test func `cyclotomic polynomials as published`() {
        // Φ_2, Φ_3, Φ_4, Φ_6, Φ_12; of the candidates for 12 the only ones of their lengths with these entries.
        let candidates = Set(CyclicRepetitionCode.circulantCandidates(workers: 12))
        for cyclotomic in [[1, 1], [1, 1, 1], [1, 0, 1], [1, -1, 1], [1, 0, -1, 0, 1]] {
            #expect(candidates.contains(cyclotomic), "\(cyclotomic)")
        }
        let fifteen = Set(CyclicRepetitionCode.circulantCandidates(workers: 15))
        #expect(fifteen.contains([1, -1, 0, 1, -1, 1, 0, -1, 1]))
    }

    @Test(arguments: 1...6) func `of all windows with small entries only candidates are codes`(n: Int) {
        let candidates = Set(CyclicRepetitionCode.circulantCandidates(workers: n))
        var codes: Set<[Int]> = []
        for s in 0..<n {
            // b_0 = 1, the others from −2 to 2, the last not 0.
            var windows = [[1]]
            for _ in 0..<s { windows = windows.flatMap { window in (-2...2).map { window + [$0] } } }
            for window in windows where window.last != 0 {
                if Self.circulant(n, window).toleratesAsCirculant(s) { codes.insert(window) }
            }
        }
        #expect(codes.isSubset(of: candidates))
        // All codes among the candidates have entries in this range.
        #expect(codes == Self.expected(n))
    }
}
