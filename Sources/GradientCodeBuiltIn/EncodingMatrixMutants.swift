import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

// Defects of the named constructions and of what is said about a whole code.
extension Mutant {
    static let encodingMatrices: [Mutant] = [
        crcZ("wrapOmitted", "rows that wrap around are cut off at the end", caughtBy: "gradientCode.crcZRecovers") {
            i, j, entry, code in j < i ? 0 : entry
        },
        crcZ("windowOfS", "the window holds s partitions, not s + 1", caughtBy: "gradientCode.crcZRecovers") {
            i, j, entry, code in
            code.stragglers > 0 && j == (i + code.stragglers) % code.workers ? 0 : entry
        },
        crcZ("wrapSign", "the sign (−1)^d of wrapped entries is forgotten", caughtBy: "gradientCode.crcZRecovers") {
            i, j, entry, code in entry.magnitude
        },
        crcZ("overflow32", "entries are computed in 32-bit integers", caughtBy: "gradientCode.encodingMatrix") {
            i, j, entry, code in Int(exactly: entry).map { Rational(Int32(truncatingIfNeeded: $0)) } ?? 0
        },
        matrix("duplicatedRow", "the last worker repeats the first", caughtBy: "gradientCode.crcZPolynomials") {
            code, matrix in
            guard case .cyclicRepetition = code else { return matrix }
            return RationalMatrix(rows: matrix.rows, columns: matrix.columns) { i, j in
                matrix[i == matrix.rows - 1 ? 0 : i, j]
            }
        },
        matrix("groupByDivision", "worker i is in group i div (s + 1)", caughtBy: "gradientCode.encodingMatrix") {
            code, matrix in
            guard case .fractionalRepetition(let code) = code else { return matrix }
            return RationalMatrix(rows: matrix.rows, columns: matrix.columns) { i, j in
                min(i / (code.stragglers + 1), code.groups - 1) == code.group(ofPartition: j) ? 1 : 0
            }
        },
        matrix("trueDivision", "a partition's group is rounded, not cut", caughtBy: "gradientCode.fractionalRepetition")
        {
            code, matrix in
            guard case .fractionalRepetition(let code) = code else { return matrix }
            return RationalMatrix(rows: matrix.rows, columns: matrix.columns) { i, j in
                let group = min((2 * j * code.groups + code.partitions) / (2 * code.partitions), code.groups - 1)
                return code.group(ofWorker: i) == group ? 1 : 0
            }
        },
        Mutant(
            "truncatedCoefficients", of: "gradientCode", "binary32 entries are cut off, not rounded",
            caughtBy: "gradientCode.encodingMatrix"
        ) { table in
            answerMatrices(&table) {
                $1
            } rounding: { value in
                let rounded = Float(value)
                guard let exact = Rational(exactly: rounded), exact.magnitude > value.magnitude else { return rounded }
                return value < 0 ? rounded.nextUp : rounded.nextDown
            }
        },
        Mutant(
            "nonDivisibleAccepted", of: "gradientCode", "fractional repetition takes any n and s",
            caughtBy: "gradientCode.encodingMatrix"
        ) { table in
            table.answer(GradientCode.EncodingMatrix.self) { question throws(Refusal) in
                var code = question.code
                if code.kind == .fractionalRepetition { code.partitions = code.partitions ?? code.workers }
                let rows = try code.exactMatrix().rowVectors
                return .init(matrix: rows, binary32: Binary32Vector(rows.joined().map { Float($0) }))
            }
        },
        Mutant(
            "rankSuffices", of: "gradientCode", "GC(s) is inferred from the rank n − s of the matrix",
            caughtBy: "gradientCode.check"
        ) { table in
            table.answer(GradientCode.Check.self) { question throws(Refusal) in
                let matrix = try question.code.exactMatrix()
                guard (0..<matrix.rows).contains(question.stragglers) else { throw Refusal(.invalidParameters, "s") }
                let recovers = matrix.rank >= matrix.rows - question.stragglers
                return .init(recovers: recovers, tight: recovers)
            }
        },
        Mutant(
            "oneSetChecked", of: "gradientCode", "GC(s) is tried on the first n − s workers only",
            caughtBy: "gradientCode.properties"
        ) { table in
            table.answer(GradientCode.Check.self) { question throws(Refusal) in
                let matrix = try question.code.exactMatrix()
                guard (0..<matrix.rows).contains(question.stragglers) else { throw Refusal(.invalidParameters, "s") }
                let first = try WorkerSet(0..<matrix.rows - question.stragglers, of: matrix.rows)
                let fewer = try WorkerSet(0..<matrix.rows - question.stragglers - 1, of: matrix.rows)
                let recovers = matrix.decode(responders: first).vector != nil
                return .init(recovers: recovers, tight: recovers && matrix.decode(responders: fewer).vector == nil)
            }
        },
        Mutant(
            "tightAssumed", of: "gradientCode", "every code that tolerates s stragglers is called tight",
            caughtBy: "gradientCode.check"
        ) { table in
            table.answer(GradientCode.Check.self) { question throws(Refusal) in
                let matrix = try question.code.exactMatrix()
                guard (0..<matrix.rows).contains(question.stragglers) else { throw Refusal(.invalidParameters, "s") }
                guard case .always(let kappa) = matrix.properties(stragglers: question.stragglers).recovery else {
                    return .init(recovers: false, tight: false)
                }
                return .init(recovers: true, tight: true, kappa: .exact(kappa))
            }
        },
        Mutant(
            "probabilitySwapped", of: "gradientCode", "p and 1 − p are exchanged",
            caughtBy: "gradientCode.recoveryProbability"
        ) { table in
            table.answer(GradientCode.RecoveryProbability.self) { question throws(Refusal) in
                let matrix = try question.code.exactMatrix()
                guard question.probabilities.count == matrix.rows else { throw Refusal(.dimensionMismatch, "p") }
                let probabilities = try Probability.all(question.probabilities)
                return .init(probability: .exact(matrix.recoveryProbability(probabilities.map(\.complement))))
            }
        },
        Mutant(
            "emptyGroupsCount", of: "theory", "groups without partitions must respond too",
            caughtBy: "theory.fractionalRepetitionRecovery"
        ) { table in
            table.answer(TheoryValue.self) { question throws(Refusal) in
                guard question.quantity == .fractionalRepetitionRecovery, let n = question.workers,
                    let s = question.stragglers, let k = question.partitions, let p = question.probabilities
                else { throw Refusal(.invalidParameters, "another quantity") }
                let code = try FractionalRepetitionCode(workers: n, stragglers: s, partitions: k)
                guard p.count == n else { throw Refusal(.dimensionMismatch, "p") }
                let groups = (0..<code.groups).map { group in
                    1 - code.workers(inGroup: group).reduce(1) { $0 * p[$1] }
                }
                return .init(value: groups.reduce(1, *))
            }
        },
        Mutant(
            "theoryOffByOne", of: "theory", "at most s + 1 stragglers are allowed", caughtBy: "theory.value"
        ) { table in
            table.answer(TheoryValue.self) { question throws(Refusal) in
                var question = question
                if question.quantity == .thresholdRecovery, let s = question.stragglers, let n = question.workers {
                    question.stragglers = s + 1 < n ? s + 1 : s
                }
                return try BuiltIn.value(question)
            }
        },
        Mutant(
            "thresholdAssumed", of: "gradientCode", "recovery is taken to need n − s responders",
            caughtBy: "gradientCode.recoveryProbability"
        ) { table in
            table.answer(GradientCode.RecoveryProbability.self) { question throws(Refusal) in
                let matrix = try question.code.exactMatrix()
                guard question.probabilities.count == matrix.rows else { throw Refusal(.dimensionMismatch, "p") }
                let law = PoissonBinomial(try Probability.all(question.probabilities))
                let weight = (0..<matrix.columns).map { j in matrix.column(j).count { !$0.isZero } }.min() ?? 1
                return .init(probability: .exact(law.atMost(weight - 1)))
            }
        },
    ]

    private static func crcZ(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ entry: @escaping @Sendable (Int, Int, Rational, CyclicRepetitionCode) -> Rational
    ) -> Mutant {
        matrix(name, defect, caughtBy: killer) { code, matrix in
            guard case .cyclicRepetition(let code) = code else { return matrix }
            return RationalMatrix(rows: matrix.rows, columns: matrix.columns) { entry($0, $1, matrix[$0, $1], code) }
        }
    }

    private static func matrix(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ change: @escaping @Sendable (GradientCode, RationalMatrix) -> RationalMatrix
    ) -> Mutant {
        Mutant(name, of: "gradientCode", defect, caughtBy: killer) { table in
            answerMatrices(&table, change) { Float($0) }
        }
    }

    private static func answerMatrices(
        _ table: inout Implementation.Table,
        _ change: @escaping @Sendable (GradientCode, RationalMatrix) -> RationalMatrix,
        rounding: @escaping @Sendable (Rational) -> Float
    ) {
        table.answer(GradientCode.EncodingMatrix.self) { question throws(Refusal) in
            let matrix =
                switch try question.code.resolved() {
                case .matrix(let matrix): matrix
                case .named(let code): change(code, try code.encodingMatrix)
                }
            let rows = matrix.rowVectors
            return .init(matrix: rows, binary32: Binary32Vector(rows.joined().map(rounding)))
        }
    }
}
