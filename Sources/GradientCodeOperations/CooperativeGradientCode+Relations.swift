import ExactArithmetic
public import GradientCodes

// How decoded rounds are judged: decisions are unique, their proofs are not.

extension CooperativeGradientCode.Decode {
    /// What is wrong with an answer: outcome and recovered set are compared, coefficients are verified.
    public static func mismatch(of answer: Answer, with expected: Answer, to question: Self, profile: Profile)
        -> Mismatch?
    {
        guard answer.status == expected.status, answer.recovered == expected.recovered else {
            return Mismatch("outcome or recovered set is wrong", expected: expected, received: answer)
        }
        guard expected.status == .full else { return nil }
        guard let vector = answer.vector else {
            return Mismatch("the coefficients are missing", expected: "a with aᵀG = 1", received: answer)
        }
        guard let G = question.maskedMatrix else { return nil }
        if let mismatch = Relation.decoding(vector, kappa: nil, of: G.matrix, responders: Array(0..<G.matrix.rows)) {
            return mismatch
        }
        // Standard decoding does not look at rows that are not complete.
        guard !question.decoder.usesIncompleteRows, let (values, _) = vector.values(count: G.matrix.rows),
            let row = values.indices.first(where: { !values[$0].isZero && !G.isComplete[$0] })
        else { return nil }
        return Mismatch("row \(row) is not complete and is used", expected: "0", received: answer)
    }

    /// G in the stacked order, and which of its rows are complete; nil for a named code.
    private var maskedMatrix: (matrix: RationalMatrix, isComplete: [Bool])? {
        guard let B = code.explicitMatrix else { return nil }
        var rows: [[Rational]] = []
        var isComplete: [Bool] = []
        for (attempt, uplinks) in uplinks.enumerated() {
            for m in uplinks.indices where uplinks[m] == 1 {
                let row = (0..<B.columns).map { k in k == m || links[attempt][m][k] == 1 ? B[m, k] : 0 }
                rows.append(row)
                isComplete.append(row == B.row(m))
            }
        }
        return (RationalMatrix(rows: rows.count, columns: B.columns) { i, k in rows[i][k] }, isComplete)
    }
}

extension CooperativeGradientCode.DecodePlus {
    /// What is wrong with an answer: outcome, rank, recovered set and projection are compared, proofs are verified.
    public static func mismatch(of answer: Answer, with expected: Answer, to question: Self, profile: Profile)
        -> Mismatch?
    {
        guard answer.outcome == expected.outcome, answer.rank == expected.rank, answer.recovered == expected.recovered
        else { return Mismatch("outcome, rank or recovered set is wrong", expected: expected, received: answer) }
        if let projection = answer.projection, let right = expected.projection, projection != right {
            return Mismatch("the projection of 1 is another one", expected: right, received: answer)
        }
        guard let B = question.code.explicitMatrix else { return nil }
        let G = RationalMatrix(rows: question.rows.count, columns: B.columns) { i, k in
            question.rows[i].available.contains(k) ? B[question.rows[i].client, k] : 0
        }
        let ones = [Rational](repeating: 1, count: B.columns)
        if let mismatch = answer.sum.mismatch(target: ones, of: G, isSpanned: expected.outcome == .full) {
            return mismatch
        }
        guard let gradients = answer.gradients else { return nil }
        guard gradients.count == B.columns else {
            return Mismatch("not one proof a client", expected: "\(B.columns) proofs", received: answer)
        }
        for (k, certificate) in gradients.enumerated() {
            let unit = (0..<B.columns).map { ($0 == k ? 1 : 0) as Rational }
            let isSpanned = expected.recovered.contains(k)
            if let mismatch = certificate.mismatch(target: unit, of: G, isSpanned: isSpanned) { return mismatch }
        }
        return nil
    }
}

extension CooperativeGradientCode.Certificate {
    /// What is wrong with the proof that a target is, or is not, in the row space of G.
    func mismatch(target: [Rational], of G: RationalMatrix, isSpanned: Bool) -> Mismatch? {
        guard isSpanned else {
            guard let x = witness, x.count == G.columns, (G * x).allSatisfy(\.isZero), x.innerProduct(target) == 1
            else { return Mismatch("the witness proves nothing", expected: "Gx = 0 and t·x = 1", received: self) }
            return nil
        }
        guard let (a, precision) = coefficients?.values(count: G.rows) else {
            return Mismatch("the coefficients are missing", expected: "a with aᵀG = t", received: self)
        }
        let rows = Array(0..<G.rows)
        guard let bound = Relation.solverBound(a, for: target, G, rows, precision) else {
            return Mismatch(
                "the coefficients are far larger than needed", expected: "at most twice the largest basic solution",
                received: self)
        }
        guard zip(G.multiplied(byRow: a), target).allSatisfy({ ($0 - $1).magnitude <= bound }) else {
            return Mismatch("the coefficients prove nothing", expected: "aᵀG = t", received: self)
        }
        return nil
    }
}
