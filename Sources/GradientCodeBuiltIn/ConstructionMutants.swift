import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

// Defects of the constructions that follow fractional repetition and CRC-Z.
extension Mutant {
    static let constructions: [Mutant] = [
        named(
            "onesEverywhere", "CRC-1 is built although s + 1 does not divide n", caughtBy: "gradientCode.encodingMatrix"
        ) {
            code throws(Refusal) in
            guard code.kind == .crcOnes, let n = code.workers, let s = code.stragglers, (0..<n).contains(s) else {
                return nil
            }
            return RationalMatrix(rows: n, columns: n) { i, j in (j - i + n) % n <= s ? 1 : 0 }
        },
        named("nodesUnsorted", "nodes are taken in any order", caughtBy: "gradientCode.encodingMatrix") {
            code throws(Refusal) in
            do throws(Refusal) {
                _ = try code.resolved()
                return nil
            } catch {
                guard error.kind == .nodesNotSorted, let nodes = code.nodes, Set(nodes).count == nodes.count,
                    let resolution = code.resolution, let s = code.stragglers
                else { throw error }
                return crcQ(nodes.map { Rational($0, resolution) }, s) { $0 / 2 }
            }
        },
        named("weightExponent", "the weight has the exponent ⌈d/2⌉", caughtBy: "gradientCode.cyclicRecovers") {
            code throws(Refusal) in
            guard let (nodes, s) = try nodes(code) else { return nil }
            return crcQ(nodes, s) { ($0 + 1) / 2 }
        },
        named(
            "weightForgotten", "entries of CRC-Q are not divided by their weight",
            caughtBy: "gradientCode.nodePolynomials"
        ) {
            code throws(Refusal) in
            guard let (nodes, s) = try nodes(code) else { return nil }
            return crcQ(nodes, s) { _ in 0 }
        },
        named("cotangentsTruncated", "nodes are cut off, not rounded", caughtBy: "gradientCode.encodingMatrix") {
            code throws(Refusal) in
            guard code.kind == .crcQ, code.nodes == nil, let n = code.workers, n == 5, let s = code.stragglers else {
                return nil
            }
            // 64 cot(π/10) = 196.97 and 64 cot(3π/10) = 46.50.
            return crcQ([-196, -46, 0, 46, 196].map { Rational($0, 64) }, s) { $0 / 2 }
        },
        named("resolutionFixed", "D stays 64 beyond 16 workers", caughtBy: "gradientCode.encodingMatrix") {
            code throws(Refusal) in
            guard code.kind == .crcQ, code.nodes == nil, code.resolution == nil, code.workers ?? 0 > 16 else {
                return nil
            }
            var coarse = code
            coarse.resolution = 64
            return try coarse.exactMatrix()
        },
        named(
            "contentKept", "rows of CRC-Zt keep their greatest common divisor", caughtBy: "gradientCode.encodingMatrix"
        ) {
            code throws(Refusal) in
            guard code.kind == .crcZt, case .named(.cyclicRepetition(let code)) = try code.resolved() else {
                return nil
            }
            let nodes = try code.nodes.map { Rational($0) }
            return RationalMatrix(rows: code.workers, columns: code.workers) { i, j in
                let value = { (j: Int) in code.zeros(of: i).reduce(1 as Rational) { $0 * (nodes[j] - nodes[$1]) } }
                return value(i) < 0 ? -value(j) : value(j)
            }
        },
        named(
            "lastNodeUnmoved", "CRC-Zt has the nodes of CRC-Z and is not tight", caughtBy: "gradientCode.cyclicRecovers"
        ) {
            code throws(Refusal) in
            guard code.kind == .crcZt else { return nil }
            var loose = code
            loose.kind = .crcZ
            return try loose.exactMatrix()
        },
        named("shiftedBackwards", "row i of a circulant begins at column −i", caughtBy: "gradientCode.encodingMatrix") {
            code throws(Refusal) in
            guard code.kind == .circulant else { return nil }
            let matrix = try code.exactMatrix()
            return RationalMatrix(rows: matrix.rows, columns: matrix.columns) { i, j in
                matrix[(matrix.rows - i) % matrix.rows, j]
            }
        },
        named("nullSpaceUnverified", "B of any H is taken for a code", caughtBy: "gradientCode.nullSpace") {
            code throws(Refusal) in
            guard code.kind == .nullSpace, let n = code.workers, let h = code.parityCheck, h.count < n,
                h.allSatisfy({ $0.count == n && $0.reduce(0, +) == 0 })
            else { return nil }
            return nullSpace(h, workers: n)
        },
        named("drawsTransposed", "Bernoulli entries are drawn at (j, i)", caughtBy: "gradientCode.bernoulliEntries") {
            code throws(Refusal) in
            guard case .named(.bernoulli(let code)) = try code.resolved() else { return nil }
            return RationalMatrix(rows: code.workers, columns: code.partitions) { i, j in
                let word = Philox.draw(
                    seed: code.seed, stream: .bernoulliCode, t: 0, i: UInt32(j), j: UInt64(i))
                return code.density.occurs(at: word) ? 1 : 0
            }
        },
        named(
            "signForgotten", "rows of CRC-Zt keep the sign of their polynomial", caughtBy: "gradientCode.integerCodes"
        ) {
            code throws(Refusal) in
            guard code.kind == .crcZt, let n = code.workers, let s = code.stragglers else { return nil }
            let matrix = try code.exactMatrix()
            // f_i(t_i) < 0 where an odd number of zeros lies above node i.
            return RationalMatrix(rows: n, columns: n) { i, j in
                let above = (1..<max(1, n - s)).count { (i + s + $0) % n > i }
                return above.isMultiple(of: 2) ? matrix[i, j] : -matrix[i, j]
            }
        },
        named("manyEdges", "edges beyond the eighth are lost", caughtBy: "gradientCode.assignments") {
            code throws(Refusal) in
            guard case .named(.graph(let graph)) = try code.resolved() else { return nil }
            let matrix = graph.encodingMatrix
            return RationalMatrix(rows: matrix.rows, columns: matrix.columns) { $0 < 8 ? matrix[$0, $1] : 0 }
        },
        named("meanReplicas", "stochastic gradient coding forgets 1 − p", caughtBy: "gradientCode.encodingMatrix") {
            code throws(Refusal) in
            guard case .named(.stochastic(let code)) = try code.resolved() else { return nil }
            let answers = 1 - Rational(code.straggling)
            let matrix = code.encodingMatrix
            return RationalMatrix(rows: matrix.rows, columns: matrix.columns) { matrix[$0, $1] * answers }
        },
        named("endForgotten", "an edge's second end is left out", caughtBy: "gradientCode.encodingMatrix") {
            code throws(Refusal) in
            guard case .named(.graph(let code)) = try code.resolved() else { return nil }
            return RationalMatrix(rows: code.workers, columns: code.partitions) { code.edges[$0].u == $1 ? 1 : 0 }
        },
    ]

    /// A defect of named constructions: a matrix where there should be another or a refusal; nil where it does not show.
    private static func named(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ wrong: @escaping @Sendable (CodeDescriptor) throws(Refusal) -> RationalMatrix?
    ) -> Mutant {
        Mutant(name, of: "gradientCode", defect, caughtBy: killer) { table in
            table.answer(GradientCode.EncodingMatrix.self) { question throws(Refusal) in
                let matrix =
                    if let matrix = try wrong(question.code) { matrix } else { try question.code.exactMatrix() }
                let rows = matrix.rowVectors
                return .init(matrix: rows, binary32: Binary32Vector(rows.joined().map { Float($0) }))
            }
        }
    }

    /// Nodes and s of a CRC-Q that is one.
    private static func nodes(_ code: CodeDescriptor) throws(Refusal) -> (nodes: [Rational], stragglers: Int)? {
        guard code.kind == .crcQ, case .named(.cyclicRepetition(let code)) = try code.resolved() else { return nil }
        let resolution: Int
        switch code.construction {
        case .cotangents(let d), .nodes(_, let d): resolution = d
        default: return nil
        }
        return (try code.nodes.map { Rational($0, resolution) }, code.stragglers)
    }

    /// CRC-Q with another exponent of its weight.
    private static func crcQ(_ nodes: [Rational], _ s: Int, exponent: (Int) -> Int) -> RationalMatrix {
        let (n, d) = (nodes.count, nodes.count - s - 1)
        func value(_ i: Int, _ j: Int) -> Rational {
            let polynomial = (1...max(1, d)).reduce(1 as Rational) {
                d == 0 ? $0 : $0 * (nodes[j] - nodes[(i + s + $1) % n])
            }
            return polynomial / (1 + nodes[j] * nodes[j]).power(exponent(d))
        }
        return RationalMatrix(rows: n, columns: n) { i, j in
            (j - i + n) % n <= s ? value(i, j) / value(i, i) : 0
        }
    }

    /// B of H by its windows alone; dependent columns give what elimination leaves.
    private static func nullSpace(_ h: [[Int]], workers n: Int) -> RationalMatrix {
        let rows = (0..<n).map { i -> [Rational] in
            let others = h.indices.map { (i + 1 + $0) % n }
            let columns = RationalMatrix(rows: h.count, columns: h.count) { r, c in Rational(h[r][others[c]]) }
            let solution = columns.leastSquares(h.map { -Rational($0[i]) }).solution
            return (0..<n).map { j in
                j == i ? 1 : others.firstIndex(of: j).map { solution[$0] } ?? 0
            }
        }
        return RationalMatrix(rows: n, columns: n) { rows[$0][$1] }
    }
}
