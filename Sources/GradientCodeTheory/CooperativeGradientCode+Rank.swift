public import ExactArithmetic
public import GradientCodes

/// What is known of the rank of the masked matrix: the statements R1 to R5 about given rows.
///
/// See docs/CooperativeGradientCode.md#rank.
public struct CooperativeRank: Hashable, Sendable {
    /// The scheme of the rows.
    public let scheme: CooperativeGradientCode
    /// B.
    public let encodingMatrix: RationalMatrix
    /// The delivered rows.
    public let rows: [CooperativeRow]

    /// Statements about rows of a scheme with encoding matrix B.
    ///
    /// - Throws: as ``CooperativeGradientCode/validate(rows:)``.
    /// - Precondition: B is M × M.
    public init(
        _ scheme: CooperativeGradientCode, encodingMatrix: RationalMatrix, rows: [CooperativeRow]
    ) throws(Refusal) {
        precondition(
            encodingMatrix.rows == scheme.clients && encodingMatrix.columns == scheme.clients, "B is M × M")
        try scheme.validate(rows: rows)
        self.scheme = scheme
        self.encodingMatrix = encodingMatrix
        self.rows = rows
    }

    private var M: Int { scheme.clients }
    private var incomplete: [CooperativeRow] { rows.filter { !scheme.isComplete($0) } }

    /// R1, a lower bound under (I): min(c, M − s) + [inc ≥ 1] (`docs/CooperativeGradientCode.md#r1`).
    public var lowerBound: Int {
        min(scheme.completeClients(of: rows).count, scheme.threshold) + (incomplete.isEmpty ? 0 : 1)
    }

    /// R2, the rank under (I) if at least M − s distinct clients are complete: M − s and the rank of the syndromes
    /// −Σ_{k ∈ Miss_m} b_mk H_k of the incomplete rows (`docs/CooperativeGradientCode.md#r2`); nil if fewer are.
    public var rankBySyndromes: Int? {
        guard scheme.completeClients(of: rows).count >= scheme.threshold else { return nil }
        let H = parityCheck
        let syndromes = RationalMatrix(rows: incomplete.count, columns: H.rows) { i, h in
            let row = incomplete[i]
            return scheme.windows[row.client].removing(row.available).map { k in
                -encodingMatrix[row.client, k] * H[h, k]
            }.total
        }
        return scheme.threshold + syndromes.rank
    }

    /// H, a parity check of the row space of B: M columns and as many independent rows as the rank lacks.
    public var parityCheck: RationalMatrix {
        let (form, pivots) = encodingMatrix.reducedRowEchelonForm()
        let free = (0..<M).filter { !pivots.contains($0) }
        return RationalMatrix(rows: free.count, columns: M) { i, k in
            if k == free[i] { return 1 }
            return pivots.firstIndex(of: k).map { -form[$0, free[i]] } ?? 0
        }
    }

    /// R4: the closure of "if Up_m∖m is contained in the set, add m" over all rows; K contains it, for any B
    /// (`docs/CooperativeGradientCode.md#r4`). Ascending.
    public var peeled: [Int] {
        var known: Set<Int> = []
        while let row = rows.first(where: { row in
            !known.contains(row.client) && row.available.allSatisfy { $0 == row.client || known.contains($0) }
        }) {
            known.insert(row.client)
        }
        return known.sorted()
    }

    /// R4 in one attempt: the size of the largest set of delivered clients on which m → k, k ∈ Up_m∖m, has no cycle;
    /// the rank is at least that (`docs/CooperativeGradientCode.md#r4`).
    ///
    /// - Precondition: one attempt, at most 20 delivered rows: all sets are tried.
    public var largestAcyclicSet: Int {
        precondition(scheme.attempts == 1 && rows.count <= 20, "one attempt of at most 20 rows")
        return (0..<1 << rows.count).filter { isAcyclic($0) }.map(\.nonzeroBitCount).max() ?? 0
    }

    private func isAcyclic(_ set: Int) -> Bool {
        var left = Set(rows.indices.filter { set >> $0 & 1 == 1 })
        // Rows that point to nobody who is left can go.
        while let sink = left.first(where: { i in
            !left.contains { $0 != i && rows[i].available.contains(rows[$0].client) }
        }) {
            left.remove(sink)
        }
        return left.isEmpty
    }

    /// R5, an upper bound for a set Q of clients and a set T of indices of rows with Up_m ⊄ Q
    /// (`docs/CooperativeGradientCode.md#r5`); it asks for rank B ≤ M − s.
    public func upperBound(clients Q: Set<Int>, rows T: Set<Int>) -> Int {
        let outside = rows.indices.filter { !rows[$0].available.allSatisfy(Q.contains) }
        let chosen = outside.filter(T.contains)
        let up = Set(chosen.flatMap { rows[$0].available.members })
        let missing = Set(
            chosen.flatMap { i in scheme.windows[rows[i].client].removing(rows[i].available).members })
        let conflicts = up.intersection(missing).subtracting(Q)
        return Q.count + outside.count - chosen.count
            + min(chosen.count, up.subtracting(Q).count, scheme.threshold + conflicts.count)
    }

    /// R5, the smallest bound over all Q and T.
    ///
    /// - Precondition: at most 12 clients and 12 rows: all pairs of sets are tried.
    public var smallestUpperBound: Int {
        precondition(M <= 12 && rows.count <= 12, "at most 12 clients and 12 rows")
        var smallest = rows.count
        for clients in 0..<1 << M {
            let Q = Set((0..<M).filter { clients >> $0 & 1 == 1 })
            guard Q.count < smallest else { continue }
            for chosen in 0..<1 << rows.count {
                smallest = min(
                    smallest, upperBound(clients: Q, rows: Set(rows.indices.filter { chosen >> $0 & 1 == 1 })))
            }
        }
        return smallest
    }

    /// Condition (I): the row space of B is an [M, M − s] MDS code, and any M − s rows of B are independent
    /// (`docs/CooperativeGradientCode.md#rank`).
    ///
    /// - Precondition: B is square with s < M; all sets of M − s rows and columns are tried.
    public static func isGeneric(encodingMatrix B: RationalMatrix, stragglers s: Int) -> Bool {
        precondition(B.rows == B.columns && 0 <= s && s < B.rows, "B is M × M, and 0 ≤ s < M")
        let (M, rank) = (B.rows, B.rows - s)
        guard B.rank == rank else { return false }
        let sets = (0..<1 << M).filter { $0.nonzeroBitCount == rank }.map { set in (0..<M).filter { set >> $0 & 1 == 1 }
        }
        return sets.allSatisfy {
            B.selecting(rows: $0).rank == rank && B.transposed.selecting(rows: $0).rank == rank
        }
    }
}
