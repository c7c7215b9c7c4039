public import ExactArithmetic

/// Forward error bounds of binary32 evaluation, exact rationals (`docs/numerics.md`).
///
/// They hold for every order of summation, with or without fused multiply-add, without flush to zero, as long as
/// nothing overflows. A product that underflows adds at most 2⁻¹⁵⁰, which the remaining operations can enlarge.
public enum ForwardError {
    /// The unit roundoff of binary32, u = 2⁻²⁴.
    public static let unitRoundoff = Rational(2).power(-24)
    /// The largest error of a product that underflows, 2⁻¹⁵⁰.
    public static let underflow = Rational(2).power(-150)

    /// (1 + u)^t − 1: the relative error that t roundings can accumulate.
    public static func factor(roundings t: Int) -> Rational { (1 + unitRoundoff).power(t) - 1 }

    /// How far Σ_i c_i v_i, computed in binary32 from exactly these coefficients and values, may be from its exact
    /// value, for one coordinate: ((1 + u)^m − 1) Σ|c_i v_i| + m (1 + u)^m 2⁻¹⁵⁰ for m terms.
    public static func linearCombinationBound(coefficients: [Rational], values: [Rational]) -> Rational {
        let m = coefficients.count
        let magnitude = zip(coefficients, values).map { ($0 * $1).magnitude }.total
        return factor(roundings: m) * magnitude + Rational(m) * (1 + unitRoundoff).power(m) * underflow
    }

    /// The same when each coefficient is an exact rational that was itself rounded once: one rounding more a term.
    public static func roundedCombinationBound(coefficients: [Rational], values: [Rational]) -> Rational {
        let m = coefficients.count
        let magnitude = zip(coefficients, values).map { ($0 * $1).magnitude }.total
        return factor(roundings: m + 1) * magnitude + Rational(m) * (1 + unitRoundoff).power(m + 1) * underflow
    }

    /// The same divided by an integer: one rounding more for the quotient, or for the coefficients if they are divided
    /// first (`docs/CooperativeGradientCode.md#float32`).
    public static func dividedCombinationBound(
        coefficients: [Rational], values: [Rational], by divisor: Rational
    ) -> Rational {
        let magnitude = zip(coefficients, values).map { ($0 * $1).magnitude }.total
        let roundings = coefficients.count + 3
        let grown = (1 + unitRoundoff).power(roundings)
        return ((grown - 1) * magnitude + Rational(coefficients.count + 1) * grown * underflow) / divisor + underflow
    }

    /// How far a decode may be from the sum whichever sensible decoding vector the implementation uses, also one solved
    /// in binary32, for one coordinate (`docs/numerics.md#recover-any`).
    ///
    /// - Parameters:
    ///   - matrix: the encoding matrix B.
    ///   - responders: F, a set that decodes, with at most 2000 sets of rank B_F workers.
    ///   - gradients: the coordinate's value in each partition gradient.
    ///   - target: what the rows are combined to, with entries of magnitude at most 1; the sum where nil.
    public static func anyDecodeBound(
        matrix: RationalMatrix, responders: [Int], gradients: [Rational], target: [Rational]? = nil
    ) -> Rational {
        let rows = matrix.selecting(rows: responders)
        let target = target ?? [Rational](repeating: 1, count: matrix.columns)
        guard let vectors = rows.transposed.basicSolutions(target, limit: 2000) else {
            preconditionFailure("questions are small enough to enumerate their basic decoding vectors")
        }
        let norms = rows.rowVectors.map { $0.map(\.magnitude).total }
        let supports = rows.rowVectors.map { row in Rational(row.count { !$0.isZero }) }
        func largest(_ weights: [Rational]) -> Rational {
            vectors.map { zip($0, weights).map { $0.magnitude * $1 }.total }.max() ?? 0
        }
        let (amplification, products) = (2 * largest(norms), 2 * largest(supports))
        let magnitudes = gradients.map(\.magnitude)
        let (f, k) = (Rational(responders.count), Rational(matrix.columns))
        let t = (supports.max().flatMap { Int(exactly: $0) } ?? 0) + responders.count + 2
        return factor(roundings: t) * amplification * (magnitudes.max() ?? 0)
            + 8 * k * f * unitRoundoff * (k + amplification) * magnitudes.total
            + (1 + unitRoundoff).power(t) * underflow * (f + products)
    }

    /// How far a decode of encoded gradients may be from their sum, for one coordinate (Theorem 8): ((1 + u)^t − 1) Σ_j
    /// κ_j |g_j| with t = (largest support of a row) + |F| + 2, and 2⁻¹⁵⁰ for every product that may underflow, times
    /// the coefficients still to be applied to it.
    ///
    /// - Parameters:
    ///   - matrix: the encoding matrix B.
    ///   - vector: the decoding vector a, one number a worker; F is where it was allowed to be nonzero.
    ///   - responders: the number |F| of messages combined.
    ///   - gradients: the coordinate's value in each partition gradient.
    public static func decodeBound(
        matrix: RationalMatrix, vector: [Rational], responders: Int, gradients: [Rational]
    ) -> Rational {
        let supports = (0..<matrix.rows).map { i in matrix.row(i).count { !$0.isZero } }
        let t = (supports.max() ?? 0) + responders + 2
        let amplified = gradients.indices.map { j in
            (0..<matrix.rows).map { (vector[$0] * matrix[$0, j]).magnitude }.total * gradients[j].magnitude
        }
        let products =
            Rational(responders) + (0..<matrix.rows).map { vector[$0].magnitude * Rational(supports[$0]) }.total
        return factor(roundings: t) * amplified.total + products * (1 + unitRoundoff).power(t) * underflow
    }

    /// How far the update Σ_k w_k g_k of a cooperative round may be from its exact value, for one coordinate, whether the
    /// rows are combined to it at once, or each gradient of K is decoded by itself and the results are weighted
    /// (`docs/CooperativeGradientCode.md#float32`).
    ///
    /// The factor that scales the target to magnitude at most 1 is applied at the end, by one rounding or two.
    ///
    /// - Parameters:
    ///   - matrix: G, with at most 2000 sets of rank G rows.
    ///   - weights: w, a vector of the row space of G, one number a client.
    ///   - recovered: K, where w vanishes off K; empty where the rows can only be combined at once.
    ///   - gradients: the coordinate's value in the gradient of each client; 0 where it is not finite.
    public static func anyUpdateBound(
        matrix: RationalMatrix, weights: [Rational], recovered: [Int], gradients: [Rational]
    ) -> Rational {
        let rows = Array(0..<matrix.rows)
        let scale = max(weights.map(\.magnitude).max() ?? 0, 1)
        let exact = weights.innerProduct(gradients).magnitude
        let whole =
            scale
            * anyDecodeBound(
                matrix: matrix, responders: rows, gradients: gradients, target: weights.map { $0 / scale })
        let direct = whole + factor(roundings: 3) * (exact + whole) + underflow
        let single = recovered.map { k in
            let unit = weights.indices.map { ($0 == k ? 1 : 0) as Rational }
            let error = anyDecodeBound(matrix: matrix, responders: rows, gradients: gradients, target: unit)
            return weights[k].magnitude
                * (error + factor(roundings: recovered.count + 3) * (gradients[k].magnitude + error))
        }
        return max(direct, single.total + Rational(recovered.count + 1) * underflow)
    }
}
