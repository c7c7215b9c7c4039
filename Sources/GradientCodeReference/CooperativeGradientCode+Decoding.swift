public import ExactArithmetic
public import GradientCodes

/// What a decoder makes of a reception.
///
/// See docs/CooperativeGradientCode.md#outcome.
public struct CooperativeDecoding: Hashable, Sendable {
    /// What it came to.
    public let outcome: CooperativeGradientCode.Outcome
    /// The rank of the rows that the decoder uses.
    public let rank: Int
    /// K, the recovered set of those rows, ascending; reported on full recovery too.
    public let recovered: [Int]
    /// On full recovery the canonical coefficients of the sum, one a row of the reception, 0 for rows that are not used.
    public let coefficients: [Rational]?
}

extension CooperativeReception {
    /// K by Theorem 1: k is a pivot column, and the row of its pivot has no other entry
    /// (`docs/CooperativeGradientCode.md#theorem-1`).
    public var recovered: [Int] {
        let (form, pivots) = echelonForm
        return pivots.indices.filter { row in form.row(row).count { !$0.isZero } == 1 }.map { pivots[$0] }
    }

    /// Whether the sum of the pivot rows is 1, which by Theorem 1 is V3 (`docs/CooperativeGradientCode.md#theorem-1`).
    public var spansSum: Bool {
        let (form, pivots) = echelonForm
        return (0..<scheme.clients).allSatisfy { k in pivots.indices.map { form[$0, k] }.total == 1 }
    }

    /// Whether the decoder's event has happened (`docs/CooperativeGradientCode.md#decoders`).
    public func isFull(_ decoder: CooperativeGradientCode.Decoder) -> Bool {
        let standard = scheme.completeClients(of: rows).count >= scheme.threshold
        return switch decoder {
        case .threshold: standard
        case .span: keeping(used(by: .span)).spansSum
        case .plus: spansSum
        case .all: matrix.rank == scheme.clients
        case .hierarchical: standard || matrix.rank == scheme.clients
        }
    }

    /// Outcome, rank, recovered set, and on full recovery the coefficients of the sum.
    ///
    /// - Throws: `invalidParameters` where standard decoding counts enough complete clients and they cannot decode all
    ///   the same: the matrix has not GC(s).
    public func decode(_ decoder: CooperativeGradientCode.Decoder) throws(Refusal) -> CooperativeDecoding {
        let used = used(by: decoder)
        let part = keeping(used)
        let recovered = part.recovered
        guard isFull(decoder) else {
            let isBinary = !decoder.usesIncompleteRows
            return CooperativeDecoding(
                outcome: isBinary || recovered.isEmpty ? .none : .partial, rank: part.matrix.rank,
                recovered: recovered, coefficients: nil)
        }
        guard case .coefficients(let values) = part.sum else {
            throw Refusal(
                .invalidParameters,
                "\(scheme.threshold) complete clients do not span 1; expected a code that tolerates s stragglers")
        }
        var coefficients = [Rational](repeating: 0, count: rows.count)
        for (row, value) in zip(used, values) { coefficients[row] = value }
        return CooperativeDecoding(
            outcome: .full, rank: part.matrix.rank, recovered: recovered, coefficients: coefficients)
    }

    /// The payloads of the rows, Σ_{k ∈ Up_m} b_mk g_k, for gradients of one dimension, one a client.
    ///
    /// - Precondition: one gradient a client.
    public func payloads(of gradients: [[Rational]]) -> [[Rational]] {
        precondition(gradients.count == scheme.clients, "one gradient a client")
        return matrix.rowVectors.map { row in
            gradients[0].indices.map { j in row.innerProduct(gradients.map { $0[j] }) }
        }
    }
}
