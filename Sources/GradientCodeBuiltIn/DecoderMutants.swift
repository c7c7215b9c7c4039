import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

extension Mutant {
    static let decoders: [Mutant] = [
        vector("allReplicas", "every replica is added", caughtBy: "gradientCode.decodableSets") { matrix, responders in
            guard matrix.decode(responders: responders).vector != nil else { return nil }
            return (0..<matrix.rows).map { responders.contains($0) ? 1 : 0 }
        },
        vector("compactVector", "one number a responder, not a worker", caughtBy: "gradientCode.decodableSets") {
            matrix, responders in
            matrix.decode(responders: responders).vector.map { vector in responders.map { vector[$0] } }
        },
        vector("transposedSystem", "solves B_F x = 1, not B_Fᵀ a = 1", caughtBy: "gradientCode.decodableSets") {
            matrix, responders in
            guard !responders.isEmpty else { return nil }
            let ones = [Rational](repeating: 1, count: responders.count)
            guard case .solution(let x) = matrix.selecting(rows: responders.members).solve(ones) else { return nil }
            return (0..<matrix.rows).map { $0 < x.count && responders.contains($0) ? x[$0] : 0 }
        },
        vector("survivorAverage", "every responder counts n / |F|", caughtBy: "gradientCode.decodableSets") {
            matrix, responders in
            guard !responders.isEmpty else { return nil }
            let share = Rational(matrix.rows, responders.count)
            return (0..<matrix.rows).map { responders.contains($0) ? share : 0 }
        },
        vector(
            "leastSquaresCalledExact", "the nearest vector is answered for an undecodable set",
            caughtBy: "gradientCode.decodableSets"
        ) { matrix, responders in
            matrix.leastSquaresDecoding(responders: responders).vector
        },
        vector("roundedCoefficients", "coefficients pass through binary32", caughtBy: "gradientCode.decodableSets") {
            matrix, responders in
            matrix.decode(responders: responders).vector?.map { Rational(exactly: Float($0)) ?? 0 }
        },
        vector("minimumNorm", "the minimum-norm vector is called canonical", caughtBy: "gradientCode.canonicalVector") {
            matrix, responders in
            guard matrix.decode(responders: responders).vector != nil else { return nil }
            return matrix.leastSquaresDecoding(responders: responders).vector
        },
        vector(
            "lastColumnsFirst", "pivots are chosen from the last responder", caughtBy: "gradientCode.canonicalVector"
        ) {
            matrix, responders in
            let reversed = RationalMatrix(rows: matrix.rows, columns: matrix.columns) {
                matrix[matrix.rows - 1 - $0, $1]
            }
            let mirrored = responders.map { matrix.rows - 1 - $0 }
            guard let set = try? WorkerSet(mirrored, of: matrix.rows) else { return nil }
            return reversed.decode(responders: set).vector.map { Array($0.reversed()) }
        },
        vector("emptySetExact", "no responder counts as success", caughtBy: "gradientCode.decodableSets") {
            matrix, responders in
            responders.isEmpty ? Array(repeating: 0, count: matrix.rows) : matrix.decode(responders: responders).vector
        },
        vector("firstResponders", "only the first n − s responders are used", caughtBy: "gradientCode.anyMatrix") {
            matrix, responders in
            let weight = (0..<matrix.columns).map { j in matrix.column(j).count { !$0.isZero } }.min() ?? 1
            let first = responders.members.prefix(max(1, matrix.rows - weight + 1))
            guard let set = try? WorkerSet(first, of: matrix.rows) else { return nil }
            return matrix.decode(responders: set).vector
        },
        vector("byteMask", "responders are kept in a mask of eight bits", caughtBy: "gradientCode.everyPattern") {
            matrix, responders in
            matrix.decode(responders: responders.removing(8..<max(8, matrix.rows))).vector
        },
        vector("shortMask", "responders are kept in a mask of sixteen bits", caughtBy: "gradientCode.largeCodes") {
            matrix, responders in
            matrix.decode(responders: responders.removing(16..<max(16, matrix.rows))).vector
        },
        Mutant(
            "floatRank", of: "gradientCode", "decodability is decided in floats with an absolute tolerance",
            caughtBy: "gradientCode.decodableSets"
        ) { table in
            table.answer(GradientCode.DecodingVector.self) { question throws(Refusal) in
                let matrix = try question.code.exactMatrix()
                let responders = try WorkerSet(question.responders, of: matrix.rows)
                guard let vector = floatDecode(matrix, responders) else { return .init(status: .undecodable) }
                return .init(status: .exact, vector: .floats(vector.map(\.bitPattern)))
            }
        },
        Mutant(
            "nullVector", of: "gradientCode", "a huge vector of the null space is answered in floats",
            caughtBy: "gradientCode.decodableSets"
        ) { table in
            table.answer(GradientCode.DecodingVector.self) { question throws(Refusal) in
                let matrix = try question.code.exactMatrix()
                let responders = try WorkerSet(question.responders, of: matrix.rows)
                guard let vector = matrix.decode(responders: responders).vector else {
                    return .init(status: .undecodable)
                }
                // Two equal rows cancel: nothing is recovered, and nothing is large but the coefficients.
                for i in responders {
                    for j in responders where i < j && matrix.row(i) == matrix.row(j) {
                        let floats = (0..<matrix.rows).map { $0 == i ? 0x1p30 : $0 == j ? -0x1p30 : 0 as Float }
                        return .init(status: .exact, vector: .floats(floats.map(\.bitPattern)))
                    }
                }
                return .init(status: .exact, vector: .exact(vector))
            }
        },
        Mutant(
            "duplicatesAccepted", of: "gradientCode", "a responder listed twice is taken once",
            caughtBy: "gradientCode.decodingVector"
        ) { table in
            answer(&table, unique: true) { $0.decode(responders: $1).vector }
        },
        Mutant(
            "firstSolution", of: "gradientCode", "least squares ignores all but the first responder's row",
            caughtBy: "gradientCode.projection"
        ) { table in
            table.answer(GradientCode.LeastSquares.self) { question throws(Refusal) in
                let matrix = try question.code.exactMatrix()
                let responders = try WorkerSet(question.responders, of: matrix.rows)
                let decoding = matrix.leastSquaresDecoding(
                    responders: responders.removing(responders.members.dropFirst()))
                return .init(
                    vector: .exact(decoding.vector), recovered: .exact(decoding.recovered),
                    residual: .exact(decoding.residual))
            }
        },
        Mutant(
            "meanResidual", of: "gradientCode", "the residual is divided by the number of partitions",
            caughtBy: "gradientCode.leastSquares"
        ) { table in
            table.answer(GradientCode.LeastSquares.self) { question throws(Refusal) in
                let matrix = try question.code.exactMatrix()
                let decoding = matrix.leastSquaresDecoding(
                    responders: try WorkerSet(question.responders, of: matrix.rows))
                return .init(
                    vector: .exact(decoding.vector), recovered: .exact(decoding.recovered),
                    residual: .exact(decoding.residual / Rational(matrix.columns)))
            }
        },
        recovery("nanTimesZero", "a spoilt message is multiplied by zero", caughtBy: "gradientCode.recover") {
            matrix, messages throws(Refusal) in
            let received = messages.indices.filter { messages[$0] != nil }
            let responders = try WorkerSet(received, of: messages.count)
            guard let vector = matrix.decode(responders: responders).vector, !received.isEmpty else {
                return .init(status: .undecodable, sum: nil, excluded: [])
            }
            let sum = messages[received[0]]!.indices.map { d in
                received.reduce(Float(0)) { $0 + Float(vector[$1]) * messages[$1]![d] }
            }
            return .init(status: .exact, sum: Binary32Vector(sum), excluded: [])
        },
        recovery("firstCoordinate", "only the first coordinate is looked at for NaN", caughtBy: "gradientCode.recover")
        {
            matrix, messages throws(Refusal) in
            let shortened = messages.map { message in
                message.map { $0.first?.isFinite == true ? $0.map { $0.isFinite ? $0 : 0 } : $0 }
            }
            let recovery = try BuiltIn.recover(shortened, by: matrix)
            return .init(
                status: recovery.sum == nil ? .undecodable : .exact, sum: recovery.sum.map { Binary32Vector($0) },
                excluded: recovery.excluded)
        },
        recovery(
            "allRespond", "the sum is wrong when more workers respond than are needed",
            caughtBy: "gradientCode.recoverSum"
        ) {
            matrix, messages throws(Refusal) in
            let recovery = try BuiltIn.recover(messages, by: matrix)
            let isRedundant = messages.count { $0 != nil } > matrix.rank + recovery.excluded.count
            let sum = recovery.sum.map { $0.map { isRedundant ? $0 + 1 : $0 } }
            return .init(
                status: sum == nil ? .undecodable : .exact, sum: sum.map { Binary32Vector($0) },
                excluded: recovery.excluded)
        },
        recovery("partialSum", "a silent group is left out of the sum", caughtBy: "gradientCode.recoverSum") {
            matrix, messages throws(Refusal) in
            let recovery = try BuiltIn.recover(messages, by: matrix)
            guard recovery.sum == nil, let first = messages.compactMap({ $0 }).first, recovery.excluded.isEmpty else {
                return .init(
                    status: recovery.sum == nil ? .undecodable : .exact,
                    sum: recovery.sum.map { Binary32Vector($0) }, excluded: recovery.excluded)
            }
            return .init(status: .exact, sum: Binary32Vector(first), excluded: [])
        },
    ]

    private static func recovery(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ recover: @escaping @Sendable (RationalMatrix, [[Float]?]) throws(Refusal) -> GradientCode.Recover.Answer
    ) -> Mutant {
        Mutant(name, of: "gradientCode", defect, caughtBy: killer) { table in
            table.answer(GradientCode.Recover.self) { question throws(Refusal) in
                let matrix = try question.code.exactMatrix()
                guard question.messages.count == matrix.rows, Set(question.messages.compactMap { $0?.count }).count <= 1
                else { throw Refusal(.dimensionMismatch, "messages") }
                return try recover(matrix, question.messages.map { $0?.values })
            }
        }
    }

    private static func vector(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ decode: @escaping @Sendable (RationalMatrix, WorkerSet) -> [Rational]?
    ) -> Mutant {
        Mutant(name, of: "gradientCode", defect, caughtBy: killer) { answer(&$0, decode) }
    }

    private static func answer(
        _ table: inout Implementation.Table, unique: Bool = false,
        _ decode: @escaping @Sendable (RationalMatrix, WorkerSet) -> [Rational]?
    ) {
        table.answer(GradientCode.DecodingVector.self) { question throws(Refusal) in
            let matrix = try question.code.exactMatrix()
            let members = unique ? Array(Set(question.responders)) : question.responders
            guard let vector = decode(matrix, try WorkerSet(members, of: matrix.rows)) else {
                return .init(status: .undecodable)
            }
            return .init(status: .exact, vector: .exact(vector))
        }
    }

    /// Gaussian elimination of B_Fᵀ a = 1 in binary32; a pivot or residual below 10⁻⁷ counts as zero.
    private static func floatDecode(_ matrix: RationalMatrix, _ responders: WorkerSet) -> [Float]? {
        var rows = (0..<matrix.columns).map { j in responders.map { Float(matrix[$0, j]) } + [1] }
        let width = responders.count
        var pivots: [Int] = []
        for column in 0..<width {
            let rank = pivots.count
            guard let pivot = (rank..<rows.count).first(where: { abs(rows[$0][column]) > 1e-7 }) else { continue }
            rows.swapAt(rank, pivot)
            let head = rows[rank][column]
            rows[rank] = rows[rank].map { $0 / head }
            for i in rows.indices where i != rank {
                let factor = rows[i][column]
                rows[i] = zip(rows[i], rows[rank]).map { $0 - factor * $1 }
            }
            pivots.append(column)
        }
        guard rows.dropFirst(pivots.count).allSatisfy({ abs($0[width]) <= 1e-7 }) else { return nil }
        var vector = [Float](repeating: 0, count: matrix.rows)
        for (row, column) in pivots.enumerated() { vector[responders.members[column]] = rows[row][width] }
        return vector
    }
}
