import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

// Known mistakes in decisions and laws of cooperative gradient coding (`docs/CooperativeGradientCode.md#mistakes`).
extension Mutant {
    static let cooperative: [Mutant] =
        cooperativeOutages + [
            law("spanForPlus", "the law of span is that of plus", caughtBy: "cooperative.lawIsEnumeration") {
                question throws(Refusal) in
                var other = question
                if question.decoder == .span { other.decoder = .plus }
                return try BuiltIn.law(other)
            },
            law(
                "attemptsOnTheirOwn", "attempts are decoded one by one: 1 − (1 − P_full)^t", caughtBy: "cooperative.law"
            ) {
                question throws(Refusal) in
                var single = question
                single.attempts = min(1, question.attempts)
                var answer = try BuiltIn.law(single)
                let missed = (1 - answer.full).power(max(1, question.attempts))
                (answer.full, answer.table) = (1 - missed, nil)
                answer.none = 1 - answer.full - answer.partial
                return answer
            },
            law("retriesForStacks", "full recovery is taken to be 1 − P_O^t", caughtBy: "cooperative.law") {
                question throws(Refusal) in
                var threshold = question
                threshold.decoder = .threshold
                threshold.attempts = min(1, question.attempts)
                var answer = try BuiltIn.law(question)
                let outage = 1 - (try BuiltIn.law(threshold)).full
                (answer.full, answer.table) = (1 - outage.power(max(1, question.attempts)), nil)
                return answer
            },
            law("supportsOnly", "the law is that of another code with the same supports", caughtBy: "cooperative.law") {
                question throws(Refusal) in
                var other = question
                let M = question.code.matrix?.count ?? 0
                let window = question.code.matrix?.first?.count { !$0.isZero } ?? 0
                let right = try BuiltIn.law(question)
                guard M > 0, 1...M ~= window else { return right }
                other.code = CodeDescriptor(.crcZt, workers: M, stragglers: window - 1)
                return try BuiltIn.law(other)
            },
            law("uplinkForLink", "p and q are exchanged", caughtBy: "cooperative.lawIsEnumeration") {
                question throws(Refusal) in
                var other = question
                (other.uplink, other.link) = (question.link, question.uplink)
                return try BuiltIn.law(other)
            },
            decode("linksTransposed", "links[k][m] is taken for links[m][k]", caughtBy: "cooperative.decode") {
                question throws(Refusal) in
                let right = try BuiltIn.decode(question)
                var other = question
                other.links = question.links.map { links in
                    links.indices.map { m in links.indices.map { links[$0][m] } }
                }
                return question.links.isEmpty ? right : try BuiltIn.decode(other)
            },
            decode("unmaskedRows", "rows are inserted without their masks", caughtBy: "cooperative.allPatterns") {
                question throws(Refusal) in
                _ = try BuiltIn.reception(question)
                var other = question
                other.links = question.links.map { $0.map { $0.map { _ in 1 } } }
                return try BuiltIn.decode(other)
            },
            decode("uplinksIgnored", "rows of all clients are used", caughtBy: "cooperative.allPatterns") {
                question throws(Refusal) in
                _ = try BuiltIn.reception(question)
                var other = question
                other.uplinks = question.uplinks.map { $0.map { _ in 1 } }
                return try BuiltIn.decode(other)
            },
            decode(
                "spanForThreshold", "standard decoding succeeds whenever 1 is spanned", caughtBy: "cooperative.decode"
            ) {
                question throws(Refusal) in
                var other = question
                if other.decoder == .threshold { other.decoder = .span }
                return try BuiltIn.decode(other)
            },
            decode("clientCountedTwice", "the threshold counts rows, not clients", caughtBy: "cooperative.decode") {
                question throws(Refusal) in
                let reception = try BuiltIn.reception(question)
                let complete = reception.rows.count { reception.scheme.isComplete($0) }
                var answer = try BuiltIn.decode(question)
                if question.decoder == .threshold, complete >= reception.scheme.threshold { answer.status = .full }
                return answer
            },
            decode("stackingOverwrites", "a row replaces that of the attempt before", caughtBy: "cooperative.decode") {
                question throws(Refusal) in
                _ = try BuiltIn.reception(question)
                var last = question
                for m in question.uplinks.first?.indices ?? 0..<0 {
                    var isTaken = false
                    for attempt in question.uplinks.indices.reversed() where question.uplinks[attempt][m] == 1 {
                        if isTaken { last.uplinks[attempt][m] = 0 }
                        isTaken = true
                    }
                }
                return try BuiltIn.decode(last)
            },
            decode("rankForFull", "recovery is full only if the rank is M", caughtBy: "cooperative.decode") {
                question throws(Refusal) in
                let answer = try BuiltIn.decode(question)
                guard question.decoder == .plus, answer.status == .full else { return answer }
                let rank = try BuiltIn.reception(question).matrix.rank
                guard rank < question.uplinks[0].count else { return answer }
                return .init(status: answer.recovered.isEmpty ? .none : .partial, recovered: answer.recovered)
            },
            decode("floatElimination", "the rank is decided in binary32", caughtBy: "cooperative.decode") {
                question throws(Refusal) in
                let reception = try BuiltIn.reception(question)
                var answer = try BuiltIn.decode(question)
                if question.decoder == .all, floatRank(reception.matrix) == reception.scheme.clients {
                    answer.status = .full
                }
                return answer
            },
            decode("subsetOfAttempts", "only the first attempt is looked at", caughtBy: "cooperative.decode") {
                question throws(Refusal) in
                _ = try BuiltIn.reception(question)
                var first = question
                (first.links, first.uplinks) = (Array(question.links.prefix(1)), Array(question.uplinks.prefix(1)))
                return try BuiltIn.decode(first)
            },
            plus("pivotsForRecovered", "every pivot column is called recovered", caughtBy: "cooperative.decodePlus") {
                answer, reception in
                answer.recovered = reception.echelonForm.pivots
                if answer.outcome != .full { answer.outcome = answer.recovered.isEmpty ? .none : .partial }
            },
            plus("formNotReduced", "the echelon form is not reduced", caughtBy: "cooperative.decodePlus") {
                answer, reception in
                answer.recovered = unitsOfUnreducedForm(reception.matrix)
                if answer.outcome != .full { answer.outcome = answer.recovered.isEmpty ? .none : .partial }
            },
            plus("coveredForFull", "recovery is full if every column is covered", caughtBy: "cooperative.decodePlus") {
                answer, reception in
                let isCovered = (0..<reception.matrix.columns).allSatisfy { k in
                    reception.matrix.column(k).contains { !$0.isZero }
                }
                if isCovered { answer.outcome = .full }
            },
            plus("witnessOfNothing", "a witness that is zero", caughtBy: "cooperative.proofs") { answer, _ in
                answer.sum.witness = answer.sum.witness?.map { _ in 0 }
            },
            plus("proofOfAnother", "the proofs of single gradients are exchanged", caughtBy: "cooperative.proofs") {
                answer, _ in
                answer.gradients = answer.gradients?.reversed()
            },
            plus("rowsForRank", "the rank is the number of rows", caughtBy: "cooperative.proofs") { answer, reception in
                answer.rank = reception.rows.count
            },
        ] + cooperativeAggregates

    private static func law(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ answer:
            @escaping @Sendable (CooperativeGradientCode.OutcomeLaw) throws(Refusal) ->
            CooperativeGradientCode.OutcomeLaw.Answer
    ) -> Mutant {
        Mutant(name, of: "cooperative", defect, caughtBy: killer) { table in
            table.answer(CooperativeGradientCode.OutcomeLaw.self) { question throws(Refusal) in try answer(question) }
        }
    }

    private static func decode(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ answer:
            @escaping @Sendable (CooperativeGradientCode.Decode) throws(Refusal) ->
            CooperativeGradientCode.Decode.Answer
    ) -> Mutant {
        Mutant(name, of: "cooperative", defect, caughtBy: killer) { table in
            table.answer(CooperativeGradientCode.Decode.self) { question throws(Refusal) in try answer(question) }
        }
    }

    private static func plus(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ change: @escaping @Sendable (inout CooperativeGradientCode.DecodePlus.Answer, CooperativeReception) -> Void
    ) -> Mutant {
        Mutant(name, of: "cooperative", defect, caughtBy: killer) { table in
            table.answer(CooperativeGradientCode.DecodePlus.self) { question throws(Refusal) in
                var answer = try BuiltIn.decodePlus(question)
                change(&answer, try BuiltIn.reception(question))
                return answer
            }
        }
    }

    /// The rank by elimination in binary32 with partial pivoting and comparison with 0.
    private static func floatRank(_ matrix: RationalMatrix) -> Int {
        var rows = matrix.rowVectors.map { $0.map { Float($0) } }
        var rank = 0
        for column in 0..<matrix.columns {
            guard let best = (rank..<rows.count).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }),
                rows[best][column] != 0
            else { continue }
            rows.swapAt(rank, best)
            for row in (rank + 1)..<max(rank + 1, rows.count) {
                let factor = rows[row][column] / rows[rank][column]
                for j in column..<matrix.columns { rows[row][j] -= factor * rows[rank][j] }
                rows[row][column] = 0
            }
            rank += 1
        }
        return rank
    }

    /// Columns of pivots whose row has one entry in an echelon form that is eliminated downwards only.
    private static func unitsOfUnreducedForm(_ matrix: RationalMatrix) -> [Int] {
        var rows = matrix.rowVectors
        var units: [Int] = []
        var rank = 0
        for column in 0..<matrix.columns {
            guard let source = (rank..<rows.count).first(where: { !rows[$0][column].isZero }) else { continue }
            rows.swapAt(rank, source)
            for row in (rank + 1)..<max(rank + 1, rows.count) {
                let factor = rows[row][column] / rows[rank][column]
                rows[row] = zip(rows[row], rows[rank]).map { $0 - factor * $1 }
            }
            if rows[rank].count(where: { !$0.isZero }) == 1 { units.append(column) }
            rank += 1
        }
        return units
    }
}
