public import ExactArithmetic
public import GradientCodes

/// Why a target is in the span of some rows, or is not: exactly one of the two exists
/// (`docs/CooperativeGradientCode.md#certificates`).
public enum RowSpaceCertificate: Hashable, Sendable {
    /// a with aᵀG = t, one number a row.
    case coefficients([Rational])
    /// x with Gx = 0 and t·x = 1, one number a client.
    case witness([Rational])

    /// a, where the target is in the span.
    public var coefficients: [Rational]? {
        if case .coefficients(let coefficients) = self { coefficients } else { nil }
    }

    /// x, where it is not.
    public var witness: [Rational]? {
        if case .witness(let witness) = self { witness } else { nil }
    }
}

/// What the server has received: rows of a scheme with their encoding matrix.
///
/// Everything is decided by the textbook elimination, which is slow and can be read: it is the oracle of the fast
/// engine.
///
/// See docs/CooperativeGradientCode.md#attempts.
public struct CooperativeReception: Hashable, Sendable {
    /// Windows, s and attempts.
    public let scheme: CooperativeGradientCode
    /// The delivered rows, in the order given; the canonical one is the stacked order.
    public let rows: [CooperativeRow]
    /// G: one row b̃_m a delivered row, M columns.
    public let matrix: RationalMatrix

    /// What was received of the rows of an encoding matrix B, M by M.
    ///
    /// - Throws: `dimensionMismatch` unless B is M by M; else as ``CooperativeGradientCode/validate(rows:)``.
    public init(
        scheme: CooperativeGradientCode, encodingMatrix: RationalMatrix, rows: [CooperativeRow]
    ) throws(Refusal) {
        guard encodingMatrix.rows == scheme.clients, encodingMatrix.columns == scheme.clients else {
            throw Refusal(
                .dimensionMismatch,
                "a matrix of \(encodingMatrix.rows) by \(encodingMatrix.columns) for \(scheme.clients) clients")
        }
        try scheme.validate(rows: rows)
        self.scheme = scheme
        self.rows = rows
        matrix = RationalMatrix(rows: rows.count, columns: scheme.clients) { i, k in
            rows[i].available.contains(k) ? encodingMatrix[rows[i].client, k] : 0
        }
    }

    /// The reduced row echelon form of G with the columns of its pivots.
    public var echelonForm: (matrix: RationalMatrix, pivots: [Int]) { matrix.reducedRowEchelonForm() }

    /// Whether a target of M numbers is in the row space of G, with the proof: canonical coefficients, or a witness.
    public func certificate(for target: [Rational]) -> RowSpaceCertificate {
        switch matrix.transposed.solve(target) {
        case .solution(let coefficients): .coefficients(coefficients)
        case .inconsistent(let witness): .witness(witness)
        }
    }

    /// The certificate of the sum, of target 1.
    public var sum: RowSpaceCertificate { certificate(for: [Rational](repeating: 1, count: scheme.clients)) }

    /// The certificate of g_k, of target e_k.
    public func gradient(_ k: Int) -> RowSpaceCertificate {
        certificate(for: (0..<scheme.clients).map { $0 == k ? 1 : 0 })
    }

    /// α, the orthogonal projection of 1 on the row space of G, one number a client
    /// (`docs/CooperativeGradientCode.md#aggregate`).
    public var projection: [Rational] {
        matrix.transposed.leastSquares([Rational](repeating: 1, count: scheme.clients)).projection
    }

    /// The rows that a decoder looks at: all of them, or the complete ones.
    public func used(by decoder: CooperativeGradientCode.Decoder) -> [Int] {
        decoder.usesIncompleteRows ? Array(rows.indices) : rows.indices.filter { scheme.isComplete(rows[$0]) }
    }

    /// The same reception without the rows that are not listed.
    func keeping(_ kept: [Int]) -> CooperativeReception {
        CooperativeReception(scheme: scheme, rows: kept.map { rows[$0] }, matrix: matrix.selecting(rows: kept))
    }

    private init(scheme: CooperativeGradientCode, rows: [CooperativeRow], matrix: RationalMatrix) {
        self.scheme = scheme
        self.rows = rows
        // Selecting no rows of a matrix keeps its columns.
        self.matrix = matrix
    }
}
