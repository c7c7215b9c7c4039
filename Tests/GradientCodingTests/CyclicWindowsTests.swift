import ExactArithmetic
import GradientCodeReference
import GradientCodes
import Testing

/// Theorem 3: window products of directions that turn by less than half a turn are independent.
@Suite struct CyclicWindowsTests {
    struct Directions: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let vectors: [[Rational]]
        var count: Int { vectors.count }

        /// v_l for any l ≥ 0: v_{l+n} = −v_l.
        subscript(_ l: Int) -> [Rational] {
            let sign: Rational = (l / count).isMultiple(of: 2) ? 1 : -1
            return vectors[l % count].map { $0 * sign }
        }

        /// Nodes t_l as (1, t_l), made longer by different factors.
        init(_ title: String, nodes: [Rational]) {
            testDescription = "\(title), n = \(nodes.count)"
            vectors = nodes.enumerated().map { l, t in [1, t].map { $0 * Rational(l * l % 5 + 1, l + 2) } }
        }

        init(_ title: String, vectors: [[Rational]]) {
            testDescription = "\(title), n = \(vectors.count)"
            self.vectors = vectors
        }
    }

    static let irregular: [Rational] = [-40, -3, Rational(-29, 10), 0, Rational(1, 100), 8, 900]

    static let families: [Directions] = (1...7).flatMap { n -> [Directions] in
        let cotangents = try! CyclicRepetitionCode(workers: n, stragglers: 0, construction: .cotangents(resolution: 64))
        // From (1, 0) to nearly (−1, 0) by way of (0, 1), as (cos πl/n, sin πl/n) does: at l = 0 and beyond the quarter.
        let turning = (0..<n).map { l in [Rational(n - l) * Rational(n - l) - Rational(3 * l * l), Rational(7 * l)] }
        return [
            Directions("0 … n − 1", nodes: (0..<n).map { Rational($0) }),
            Directions("0 … n − 2, 2n", nodes: (0..<n).map { Rational($0 == n - 1 ? 2 * n : $0) }),
            Directions("cotangents", nodes: try! cotangents.nodes.map { Rational($0, 64) }),
            Directions("irregular", nodes: Array(irregular.prefix(n))),
            Directions("through half a turn", vectors: turning),
        ]
    }

    static func determinant(_ v: [Rational], _ w: [Rational]) -> Rational { v[0] * w[1] - v[1] * w[0] }

    /// By elimination.
    static func determinant(_ rows: [[Rational]]) -> Rational {
        var (rows, value) = (rows, 1 as Rational)
        for k in rows.indices {
            guard let pivot = rows.indices.dropFirst(k).first(where: { !rows[$0][k].isZero }) else { return 0 }
            if pivot != k {
                rows.swapAt(pivot, k)
                value = -value
            }
            value *= rows[k][k]
            for i in rows.indices.dropFirst(k + 1) where !rows[i][k].isZero {
                let factor = rows[i][k] / rows[k][k]
                for j in k..<rows.count { rows[i][j] -= factor * rows[k][j] }
            }
        }
        return value
    }

    /// F_i = Π det(v_l, x) over l = i … i + d − 1: the coefficients at x_1^(d−m) x_2^m for m = 0 … d.
    static func form(_ v: Directions, _ i: Int, _ d: Int) -> [Rational] {
        (i..<i + d).reduce([1]) { form, l in
            (0...form.count).map { m in
                (m > 0 ? form[m - 1] * v[l][0] : 0) - (m < form.count ? form[m] * v[l][1] : 0)
            }
        }
    }

    @Test(arguments: families) func `the directions satisfy the hypothesis`(_ v: Directions) {
        for i in 0..<v.count {
            for j in i + 1..<i + v.count { #expect(Self.determinant(v[i], v[j]) > 0, "\(i), \(j)") }
        }
    }

    @Test(arguments: families) func `all determinants of window products are positive`(_ v: Directions) {
        let n = v.count
        for d in 0..<n {
            let forms = (0..<2 * n).map { Self.form(v, $0, d) }
            // A shift by n changes every form by the same sign.
            for i in 0..<n { #expect(forms[i + n] == forms[i].map { d.isMultiple(of: 2) ? $0 : -$0 }) }
            // Up to such shifts the first index is below n; all are within one period.
            for first in 0..<n {
                for others in WorkerSet.subsets(of: n, count: d) where !others.contains(0) {
                    let indices = [first] + others.map { first + $0 }
                    #expect(Self.determinant(indices.map { forms[$0] }) > 0, "d = \(d), \(indices)")
                }
            }
        }
    }

    @Test func `directions out of order break it`() {
        let v = Directions("unsorted", nodes: [1, 12, 2, 6, 3, 4])
        let forms = (0..<6).map { Self.form(v, $0 + 4, 2) }
        // Rows 0, 2 and 4 of the documented code: the windows that begin at 4, 0 and 2.
        #expect(Self.determinant([forms[0], forms[2], forms[4]]).isZero)
        let signs = Set(WorkerSet.subsets(of: 6, count: 3).map { Self.determinant($0.map { forms[$0] }).signum })
        #expect(signs == [-1, 0, 1])
    }
}
