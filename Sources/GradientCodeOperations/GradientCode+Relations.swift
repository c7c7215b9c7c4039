import ExactArithmetic
public import GradientCodes

// How decoding vectors, least squares and code checks are judged: relations, because several answers are right.

extension GradientCode.DecodingVector {
    /// What is wrong with an answer: its status is compared, its vector or witness is verified.
    public static func mismatch(of answer: Answer, with expected: Expected, to question: Self, profile: Profile)
        -> Mismatch?
    {
        guard answer.status == expected.status else {
            return Mismatch("decodability is wrong", expected: expected.status.rawValue, received: answer)
        }
        guard answer.status == .exact else {
            guard let witness = answer.witness, let matrix = question.code.explicitMatrix else { return nil }
            return Relation.witness(witness, forNoDecodingOf: matrix, responders: question.responders)
        }
        guard let vector = answer.vector else {
            return Mismatch("a decoding vector is missing", expected: "a with aᵀB = 1", received: answer)
        }
        if question.rule == .canonical, let canonical = expected.vector {
            guard vector == .exact(canonical) || vector.isRounding(of: canonical) else {
                return Mismatch("the canonical vector is another one", expected: canonical, received: answer)
            }
            if let kappa = answer.kappa, case .exact(let value) = kappa, value != expected.kappa {
                return Mismatch("κ is wrong", expected: expected.kappa, received: answer)
            }
        }
        guard let matrix = question.code.explicitMatrix else { return nil }
        return Relation.decoding(vector, kappa: answer.kappa, of: matrix, responders: question.responders)
    }
}

extension GradientCode.LeastSquares {
    /// What is wrong with an answer: α and the residual are unique, the vector is verified against them.
    public static func mismatch(of answer: Answer, with expected: Expected, to question: Self, profile: Profile)
        -> Mismatch?
    {
        if profile == .wire, case .exact(let values) = answer.vector, values != expected.vector {
            return Mismatch("the minimum-norm vector is another one", expected: expected.vector, received: answer)
        }
        guard let matrix = question.code.explicitMatrix else {
            // Of a named code the judge has no matrix: the one answer, exact or each number rounded once.
            func isRight(_ found: Coefficients, _ exact: [Rational]) -> Bool {
                found == .exact(exact) || found.isRounding(of: exact)
            }
            guard isRight(answer.vector, expected.vector), isRight(answer.recovered, expected.recovered) else {
                return Mismatch(expected: expected, received: answer)
            }
            // Rounded once, to binary32 or to more.
            return answer.residual.mismatch(
                with: expected.residual, binary64Bound: expected.residual * Rational(2).power(-24))
        }
        return Relation.leastSquares(answer, expected: expected, of: matrix, responders: question.responders)
    }
}

extension GradientCode.Check {
    /// What is wrong with an answer: both properties are compared, a witness is verified.
    public static func mismatch(of answer: Answer, with expected: Expected, to question: Self, profile: Profile)
        -> Mismatch?
    {
        guard answer.recovers == expected.recovers, answer.tight == expected.tight else {
            return Mismatch("GC(s) or TIGHT(s) is wrong", expected: expected, received: answer)
        }
        if profile == .wire, let kappa = answer.kappa, case .exact(let value) = kappa, value != expected.kappa {
            return Mismatch("the worst κ is wrong", expected: expected, received: answer)
        }
        guard !answer.recovers, let witness = answer.witness, let matrix = question.code.explicitMatrix else {
            return nil
        }
        guard Set(witness.responders).count >= matrix.rows - question.stragglers else {
            return Mismatch(
                "the witness has fewer than n − s responders",
                expected: "at least \(matrix.rows - question.stragglers)",
                received: answer)
        }
        return Relation.witness(witness.vector, forNoDecodingOf: matrix, responders: witness.responders)
    }
}

extension CodeDescriptor {
    /// The explicit matrix, where the descriptor holds a well-formed one.
    var explicitMatrix: RationalMatrix? {
        guard case .matrix(let matrix)? = try? resolved() else { return nil }
        return matrix
    }
}

/// Relations between an answer and the code it speaks of, verified in exact arithmetic.
enum Relation {
    /// γ = 8 k |F| u, the constant of `docs/numerics.md#decoding-vector`; zero for exact answers.
    static func solverConstant(_ matrix: RationalMatrix, _ responders: [Int], _ precision: Coefficients.Precision?)
        -> Rational
    {
        precision.map { Rational(8 * matrix.columns * responders.count) * $0.unitRoundoff } ?? 0
    }

    /// Σ_i |a_i| ‖b_i‖₁, the weight of a vector.
    static func weight(_ vector: [Rational], _ matrix: RationalMatrix, _ responders: [Int]) -> Rational {
        responders.map { vector[$0].magnitude * matrix.row($0).map(\.magnitude).total }.total
    }

    /// γ (k + Σ_i |a_i| ‖b_i‖₁), never more than 1/2: how far a float solver may be from its equations; nil when the
    /// weight is more than twice that of every basic solution of aᵀB_F = target, or k where that is more: which no
    /// sensible solver answers.
    static func solverBound(
        _ vector: [Rational], for target: [Rational], _ matrix: RationalMatrix, _ responders: [Int],
        _ precision: Coefficients.Precision?
    ) -> Rational? {
        let gamma = solverConstant(matrix, responders, precision)
        guard !gamma.isZero else { return 0 }
        let weight = weight(vector, matrix, responders)
        let system = matrix.selecting(rows: responders).transposed
        let solutions = system.basicSolutions(target, limit: 2000) ?? [system.leastSquares(target).solution]
        let norms = responders.map { matrix.row($0).map(\.magnitude).total }
        let largest = solutions.map { zip($0, norms).map { $0.magnitude * $1 }.total }.max() ?? 0
        return weight <= 2 * max(largest, Rational(matrix.columns))
            ? min(gamma * (Rational(matrix.columns) + weight), Rational(1, 2)) : nil
    }

    /// aᵀB = 1 with a = 0 off F, exactly or within the bound of a float solver; κ(a) as claimed.
    static func decoding(_ vector: Coefficients, kappa: Number?, of matrix: RationalMatrix, responders: [Int])
        -> Mismatch?
    {
        guard let (values, precision) = vector.values(count: matrix.rows) else {
            return Mismatch(
                "the decoding vector has not one finite number a worker", expected: "\(matrix.rows) numbers",
                received: vector)
        }
        if let outside = values.indices.first(where: { !responders.contains($0) && !values[$0].isZero }) {
            return Mismatch("a straggler has a coefficient", expected: "a[\(outside)] = 0", received: vector)
        }
        let ones = [Rational](repeating: 1, count: matrix.columns)
        guard let bound = solverBound(values, for: ones, matrix, responders, precision) else {
            return Mismatch(
                "the coefficients are far larger than decoding needs",
                expected: "at most twice the largest basic decoding vector", received: vector)
        }
        let recovered = matrix.multiplied(byRow: values)
        if let wrong = recovered.indices.first(where: { (recovered[$0] - 1).magnitude > bound }) {
            return Mismatch(
                "partition \(wrong) is recovered \(recovered[wrong]) times, not once",
                expected: "aᵀB = 1" + (bound.isZero ? "" : " within \(bound.decimal(digits: 12))"), received: vector)
        }
        if let kappa, case .exact(let claimed) = kappa, precision == nil {
            let actual = amplification(of: values, in: matrix)
            guard claimed == actual else { return Mismatch("κ is wrong", expected: actual, received: kappa) }
        }
        return nil
    }

    /// κ(a) = max_j Σ_i |a_i b_ij|.
    static func amplification(of vector: [Rational], in matrix: RationalMatrix) -> Rational {
        (0..<matrix.columns).map { j in
            (0..<matrix.rows).map { i in (vector[i] * matrix[i, j]).magnitude }.total
        }.max() ?? 0
    }

    /// B_F x = 0 and 1ᵀx = 1: then no a supported on F has aᵀB = 1.
    static func witness(_ x: [Rational], forNoDecodingOf matrix: RationalMatrix, responders: [Int]) -> Mismatch? {
        guard x.count == matrix.columns, responders.allSatisfy((0..<matrix.rows).contains) else {
            return Mismatch("the witness has not one number a partition", expected: "\(matrix.columns)", received: x)
        }
        let products = matrix.selecting(rows: responders) * x
        guard products.allSatisfy(\.isZero), x.total == 1 else {
            return Mismatch("the witness proves nothing", expected: "B_F x = 0 and 1ᵀx = 1", received: x)
        }
        return nil
    }

    /// α is the projection of 1, the residual its distance, and the vector reaches it: exactly, or for floats by the
    /// certificate of `docs/numerics.md#least-squares-vector`.
    static func leastSquares(
        _ answer: GradientCode.LeastSquares.Answer, expected: GradientCode.LeastSquares.Expected,
        of matrix: RationalMatrix, responders: [Int]
    ) -> Mismatch? {
        guard let (vector, precision) = answer.vector.values(count: matrix.rows),
            let (recovered, recoveredPrecision) = answer.recovered.values(count: matrix.columns)
        else {
            return Mismatch(
                "not one finite number a worker and a partition",
                expected: "\(matrix.rows) and \(matrix.columns) numbers", received: answer)
        }
        if let outside = vector.indices.first(where: { !responders.contains($0) && !vector[$0].isZero }) {
            return Mismatch("a straggler has a coefficient", expected: "a[\(outside)] = 0", received: answer)
        }
        let reached = matrix.multiplied(byRow: vector)
        let coarser = [precision, recoveredPrecision].compactMap { $0 }.min { $0.rawValue < $1.rawValue }
        guard let coarser else {
            guard recovered == expected.recovered, reached == recovered else {
                return Mismatch("α is not the projection of 1", expected: expected.recovered, received: answer)
            }
            return answer.residual.mismatch(with: expected.residual, binary64Bound: 0)
        }
        guard let bound = solverBound(vector, for: expected.recovered, matrix, responders, coarser) else {
            return Mismatch(
                "the coefficients are far larger than the projection needs",
                expected: "at most twice the largest basic solution", received: answer)
        }
        let missing = recovered.map { 1 - $0 }
        if let j = recovered.indices.first(where: { (recovered[$0] - reached[$0]).magnitude > bound }) {
            return Mismatch("the vector recovers another α", expected: "α[\(j)] near \(reached[j])", received: answer)
        }
        for i in responders {
            let row = matrix.row(i)
            guard row.innerProduct(missing).magnitude <= bound * row.map(\.magnitude).total else {
                return Mismatch("1 − α is not orthogonal to row \(i)", expected: expected.recovered, received: answer)
            }
        }
        let scale =
            Rational(matrix.columns) + 4 * missing.map(\.magnitude).total + weight(vector, matrix, responders)
        let squares = missing.innerProduct(missing)
        guard let residual = answer.residual.value, (residual - squares).magnitude <= bound * scale else {
            return Mismatch("the residual is not that of α", expected: "‖1 − α‖² = \(squares)", received: answer)
        }
        return nil
    }
}
