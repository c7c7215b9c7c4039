package import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

extension CodeCases {
    /// A matrix that looks like a code and does not tolerate s stragglers.
    package struct NearMiss: Sendable {
        /// What it is, for comments.
        package let title: String
        /// B.
        package let matrix: RationalMatrix
        /// s, which it does not tolerate.
        package let stragglers: Int
    }

    /// The code of Corollary 4 with nodes in another order: workers 0, 2 and 4 have rank 2.
    package static let unsortedNodes = NearMiss(
        title: "unsorted nodes: workers 0, 2, 4 have rank 2",
        matrix: {
            let nodes: [Rational] = [1, 12, 2, 6, 3, 4]
            return RationalMatrix(rows: 6, columns: 6) { i, j in
                (1...2).reduce(1) { $0 * (nodes[j] - nodes[(i + 3 + $1) % 6]) }
            }
        }(), stragglers: 3)

    /// All of them, by their shape: cyclic windows of nonzero entries throughout.
    package static let nearMisses = [
        unsortedNodes,
        // All 3 × 3 minors of H are nonzero, so the null space is MDS.
        NearMiss(
            title: "a null space with independent minors: workers 0, 2, 4 have rank 2",
            matrix: nullSpace([[0, -1, -2, -2, 0, 5], [2, -1, 1, 0, 1, -3], [-1, 2, -1, 2, -2, 0]]), stragglers: 3),
        // Row i is the plane through points i + 4, i + 5, i + 6 of seven, evaluated at the points; 0, 1, 3, 4 lie in one.
        NearMiss(
            title: "rank 4, and only the stragglers 0, 1, 4 cannot be spared",
            matrix: rows([
                [-3, -3, -3, -5, 0, 0, 0], [0, -9, -12, -8, 3, 0, 0], [0, 0, 3, -4, 6, 9, 0], [0, 0, 0, 2, -3, -3, -3],
                [-2, 0, 0, 0, -3, -3, -1], [-2, 3, 0, 0, 0, -3, 11], [-2, 3, 3, 0, 0, 0, 5],
            ]), stragglers: 3),
        NearMiss(title: "the 0/1 circulant where 3 does not divide 5", matrix: ones(5, 2), stragglers: 2),
        NearMiss(title: "the 0/1 circulant where 4 does not divide 6", matrix: ones(6, 3), stragglers: 3),
        // The exponent of the weight is rounded up, so its degree exceeds d and 1 leaves the row space.
        NearMiss(
            title: "CRC-Q with the weight exponent ⌈d/2⌉",
            matrix: RationalMatrix(rows: 4, columns: 4) { i, j in
                let nodes: [Rational] = [-2, -1, 1, 2]
                return (j - i + 4) % 4 <= 2 ? (nodes[j] - nodes[(i + 3) % 4]) / (1 + nodes[j] * nodes[j]) : 0
            }, stragglers: 2),
    ]

    private static func rows(_ rows: [[Int]]) -> RationalMatrix {
        RationalMatrix(rows: rows.count, columns: rows[0].count) { Rational(rows[$0][$1]) }
    }

    private static func ones(_ n: Int, _ s: Int) -> RationalMatrix {
        RationalMatrix(rows: n, columns: n) { i, j in (j - i + n) % n <= s ? 1 : 0 }
    }

    /// The rows with b_ii = 1 and H Bᵀ = 0, without the verification that a code needs.
    private static func nullSpace(_ h: [[Int]]) -> RationalMatrix {
        let n = h[0].count
        let rows = (0..<n).map { i -> [Rational] in
            let others = h.indices.map { (i + 1 + $0) % n }
            let columns = RationalMatrix(rows: h.count, columns: h.count) { r, c in Rational(h[r][others[c]]) }
            guard case .solution(let values) = columns.solve(h.map { -Rational($0[i]) }) else {
                preconditionFailure("the minors of H are nonzero")
            }
            var row = [Rational](repeating: 0, count: n)
            row[i] = 1
            for (column, value) in zip(others, values) { row[column] = value }
            return row
        }
        return RationalMatrix(rows: n, columns: n) { rows[$0][$1] }
    }
}

extension CodeCases {
    /// Codes with seven to ten workers, all of whose sets are asked about.
    package static let ofTen = [
        fractional(8, 3), fractional(9, 2), fractional(10, 4), fractional(10, 2, partitions: 7),
        cyclic(.crcOnes, "CRC-1", 8, 3), cyclic(.crcOnes, "CRC-1", 9, 2), cyclic(.crcOnes, "CRC-1", 10, 4),
        integers(7, 2), integers(8, 3), integers(9, 4), integers(10, 3), cyclic(.crcZt, "CRC-Zt", 7, 4),
        cyclic(.crcZt, "CRC-Zt", 9, 6), cyclic(.crcZt, "CRC-Zt", 10, 7), rational(7, 3), rational(8, 4),
        rational(10, 8),
    ]

    /// Codes with too many sets to ask about all.
    package static let large = [
        fractional(40, 7), cyclic(.crcOnes, "CRC-1", 36, 5), integers(20, 12), integers(24, 19),
        cyclic(.crcZt, "CRC-Zt", 16, 11), rational(16, 12), rational(24, 20),
    ]

    /// Codes for the whole way in floats, up to 60 workers; CRC-Z because its κ is large.
    package static let inFloats = [
        fractional(7, 2, partitions: 5), fractional(60, 4), cyclic(.crcOnes, "CRC-1", 60, 9), integers(5, 2),
        integers(12, 5), integers(20, 12), integers(60, 54), rational(5, 2), rational(12, 5), rational(20, 14),
        rational(40, 35), rational(60, 55),
    ]
}
