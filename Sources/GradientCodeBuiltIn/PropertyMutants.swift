import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

// Defects of what is decided about a whole code, and of the code that has floats only.
extension Mutant {
    static let properties: [Mutant] = [
        check(
            "contiguousSets", "GC(s) is tried on contiguous sets of workers only", caughtBy: "gradientCode.nearMisses"
        ) {
            matrix, s in
            (0..<matrix.rows).allSatisfy { first in
                let members = (0..<matrix.rows - s).map { (first + $0) % matrix.rows }
                return (try? WorkerSet(members, of: matrix.rows)).map { matrix.decode(responders: $0).vector != nil }
                    ?? true
            }
        },
        check("everybodyChecked", "GC(s) is tried with all workers only", caughtBy: "gradientCode.replication") {
            matrix, s in matrix.decode(responders: .all(matrix.rows)).vector != nil
        },
        check(
            "cyclotomicSuffices", "a circulant of rank n − s is called a code",
            caughtBy: "gradientCode.rationalCirculants"
        ) { matrix, s in
            let n = matrix.rows
            let isCirculant =
                n == matrix.columns
                && (0..<n * n).allSatisfy { matrix[$0 / n, $0 % n] == matrix[0, ($0 % n - $0 / n + n) % n] }
            return isCirculant && matrix.rank == n - s ? true : nil
        },
        realCirculant(
            "meanForgotten", "the decoding vector is not divided by b̂_0", caughtBy: "gradientCode.realCirculant"
        ) { window, vector, question throws(Refusal) in
            let mean = window.map { Double($0) }.reduce(0, +) / Double(question.workers)
            return (window, vector.map { Float(Double($0) * mean) })
        },
        realCirculant(
            "shortVector", "the decoding vector is kept in bfloat16", caughtBy: "gradientCode.realCirculants"
        ) { window, vector, question throws(Refusal) in
            (window, vector.map { Float(bitPattern: $0.bitPattern & 0xffff_0000) })
        },
        realCirculant(
            "sinesOfMore", "the window is that of n + 2 workers", caughtBy: "gradientCode.realCirculants"
        ) { window, vector, question throws(Refusal) in
            let wrong = try RealCirculantCode(workers: question.workers + 2, stragglers: question.stragglers)
            return (wrong.window(bits: 64).map { Float($0.center) }, vector)
        },
    ]

    /// A defect of the real circulant: another window or vector than the right ones, in binary32.
    private static func realCirculant(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ wrong:
            @escaping @Sendable ([Float], [Float], GradientCode.RealCirculant) throws(Refusal) -> ([Float], [Float])
    ) -> Mutant {
        Mutant(name, of: "gradientCode", "real circulant: " + defect, caughtBy: killer) { table in
            table.answer(GradientCode.RealCirculant.self) { question throws(Refusal) in
                let right = try BuiltIn.realCirculant(question)
                guard case .floats(let window) = right.window, case .floats(let vector) = right.vector else {
                    return right
                }
                let (wrongWindow, wrongVector) = try wrong(
                    window.map { Float(bitPattern: $0) }, vector.map { Float(bitPattern: $0) }, question)
                return .init(
                    window: .floats(wrongWindow.map(\.bitPattern)), vector: .floats(wrongVector.map(\.bitPattern)))
            }
        }
    }

    /// A defect of GC(s): another decision; nil where it does not show.
    private static func check(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ wrong: @escaping @Sendable (RationalMatrix, Int) -> Bool?
    ) -> Mutant {
        Mutant(name, of: "gradientCode", defect, caughtBy: killer) { table in
            table.answer(GradientCode.Check.self) { question throws(Refusal) in
                let matrix = try question.code.exactMatrix()
                let s = question.stragglers
                guard (0..<matrix.rows).contains(s) else { throw Refusal(.invalidParameters, "s") }
                let properties = matrix.properties(stragglers: s)
                let recovers: Bool = if case .always = properties.recovery { true } else { false }
                let decided = wrong(matrix, s) ?? recovers
                return .init(recovers: decided, tight: decided && properties.isTight)
            }
        }
    }
}
