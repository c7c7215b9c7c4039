import ExactArithmetic
import GradientCodeReference
import GradientCodes
import Testing

@Suite struct RealCirculantCodeTests {
    static let sizes = (1...9).flatMap { n in (0..<n).filter { (n - $0) % 2 == 1 }.map { (n, $0) } }
    static let small = sizes.filter { $0.0 <= 7 }

    static func meet(_ a: RationalInterval, _ b: RationalInterval) -> Bool { a.lower <= b.upper && b.lower <= a.upper }
    static func width(_ bits: Int) -> Rational { Rational(2).power(-bits) }

    /// (aᵀB)_j = Σ_r a_{j−r} b_r.
    static func recovered(_ vector: [RationalInterval], _ window: [RationalInterval], _ j: Int) -> RationalInterval {
        let n = vector.count
        return window.indices.reduce(RationalInterval(0)) { $0 + vector[(j - $1 + n) % n] * window[$1] }
    }

    @Test(arguments: sizes) func `the window is the quotient of the products of sines`(_ n: Int, _ s: Int) throws {
        for bits in [10, 60] {
            let window = try RealCirculantCode(workers: n, stragglers: s).window(bits: bits)
            #expect(window.count == s + 1 && window[0] == RationalInterval(1))
            let products = (0...s).map { r in
                (s + 1..<n).reduce(RationalInterval(1)) {
                    $0 * .sine(ofHalfTurns: Rational($1 - r, n), bits: 100)
                }
            }
            for r in 0...s {
                let quotient = products[r] / products[0]
                #expect(quotient.width < Self.width(70))
                #expect(Self.meet(window[r], quotient), "b_\(r) of (\(n), \(s))")
                #expect(window[r].width <= Self.width(bits) * window[r].lower, "b_\(r) of (\(n), \(s)), \(bits) bits")
                // Symmetric, and at least 1.
                #expect(Self.meet(window[r], window[s - r]) && window[r].upper >= 1)
            }
        }
    }

    @Test(arguments: small) func `the window's transform vanishes at s frequencies around n over 2`(_ n: Int, _ s: Int)
        throws
    {
        let window = try RealCirculantCode(workers: n, stragglers: s).window(bits: 60)
        let half = (n - s - 1) / 2
        for m in 0..<n {
            var (real, imaginary) = (RationalInterval(0), RationalInterval(0))
            for (r, entry) in window.enumerated() {
                let angle = Rational(2 * m * r, n)
                real = real + entry * .cosine(ofHalfTurns: angle, bits: 60)
                imaginary = imaginary + entry * .sine(ofHalfTurns: angle, bits: 60)
            }
            let vanishes = real.contains(0) && imaginary.contains(0)
            #expect(vanishes == (half < m && m < n - half), "frequency \(m) of (\(n), \(s))")
            #expect(real.width < Self.width(45) && imaginary.width < Self.width(45))
        }
    }

    @Test func `some windows are rational, and one has golden ratios`() throws {
        let six = try RealCirculantCode(workers: 6, stragglers: 3).window(bits: 80)
        for (entry, value) in zip(six, [1, 2, 2, 1]) { #expect(entry.contains(Rational(value))) }
        for n in [2, 4, 6, 8] {
            let pair = try RealCirculantCode(workers: n, stragglers: 1).window(bits: 80)
            #expect(pair.count == 2 && pair.allSatisfy { $0.contains(1) })
        }
        for n in 1...8 {
            let ones = try RealCirculantCode(workers: n, stragglers: n - 1).window(bits: 80)
            #expect(ones.count == n && ones.allSatisfy { $0.contains(1) })
        }
        // (5, 2): b_1/b_0 = 2 cos π/5, the root of x² = x + 1 above 1.
        let golden = try RealCirculantCode(workers: 5, stragglers: 2).window(bits: 80)[1]
        #expect(Self.meet(golden * golden, golden + RationalInterval(1)) && golden.lower > 1)
    }

    @Test func `the widths hold for many workers too`() throws {
        for (n, s) in [(40, 19), (41, 6)] {
            let window = try RealCirculantCode(workers: n, stragglers: s).window(bits: 50)
            for r in 0...s {
                #expect(window[r].width <= Self.width(50) * window[r].lower)
                #expect(Self.meet(window[r], window[s - r]) && window[r].upper >= 1)
            }
        }
    }

    @Test func `so do those of a decoding vector, for neighbours and for workers far apart`() throws {
        for (n, s) in [(24, 11), (40, 27)] {
            let code = try RealCirculantCode(workers: n, stragglers: s)
            let window = code.window(bits: 60)
            for members in [(0..<n - s).map { $0 }, (0..<n - s).map { $0 * n / (n - s) }] {
                let vector = try code.decodingVector(responders: WorkerSet(members, of: n), bits: 50)
                for (i, entry) in vector.enumerated() { #expect(entry.width <= Self.width(50), "worker \(i) of \(n)") }
                for j in 0..<n { #expect(Self.recovered(vector, window, j).contains(1), "column \(j) of \(n)") }
            }
        }
    }

    @Test(arguments: small) func `the closed-form vector of every n - s workers recovers the sum`(_ n: Int, _ s: Int)
        throws
    {
        let code = try RealCirculantCode(workers: n, stragglers: s)
        let window = code.window(bits: 60)
        for responders in WorkerSet.subsets(of: n, count: n - s) {
            let vector = try code.decodingVector(responders: responders, bits: 50)
            #expect(vector.count == n)
            for i in 0..<n {
                #expect(vector[i].width <= Self.width(50), "\(responders)")
                if !responders.contains(i) { #expect(vector[i] == RationalInterval(0)) }
            }
            for j in 0..<n {
                let sum = Self.recovered(vector, window, j)
                #expect(sum.contains(1) && sum.width < Self.width(40), "column \(j) for \(responders)")
            }
        }
    }

    @Test func `where the circulant is rational the vector is the exact one`() throws {
        for (n, window) in [(6, [1, 2, 2, 1]), (4, [1, 1]), (6, [1, 1]), (5, [1, 1, 1, 1, 1]), (5, [1])] {
            let s = window.count - 1
            let real = try RealCirculantCode(workers: n, stragglers: s)
            let exact = try CyclicRepetitionCode(workers: n, stragglers: s, construction: .circulant(window))
            let matrix = try exact.encodingMatrix
            for responders in WorkerSet.subsets(of: n, count: n - s) {
                let expected = try #require(matrix.decode(responders: responders).vector)
                let vector = try real.decodingVector(responders: responders, bits: 40)
                for i in 0..<n { #expect(vector[i].contains(expected[i]), "worker \(i) for \(responders)") }
            }
        }
    }

    @Test func `other than n - s of the n workers are refused`() throws {
        let code = try RealCirculantCode(workers: 6, stragglers: 3)
        for responders in WorkerSet.subsets(of: 6) where responders.count != 3 {
            #expect { try code.decodingVector(responders: responders, bits: 10) } throws: {
                ($0 as? Refusal)?.kind == .invalidParameters
            }
        }
        for total in [5, 7] {
            let responders = try WorkerSet([0, 1, 2], of: total)
            #expect(throws: Refusal.self) { try code.decodingVector(responders: responders, bits: 10) }
        }
    }
}
