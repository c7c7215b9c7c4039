import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// Matrices that look like codes and are none, and codes that look like none: asked as explicit matrices.
extension Law {
    static let nearMisses: [Law] = [
        forAll(
            CodeCases.nearMisses, id: "gradientCode.nearMisses",
            "Rank n − s, independent minors or cyclic support do not make a code: some n − s workers cannot recover.",
            profile: .core, basis: .derived, section: "GradientCode.md#corollary-4",
            needs: ["gradientCode.check", "gradientCode.decodingVector"]
        ) { miss, examiner in
            let code = CodeDescriptor(miss.matrix)
            try await examiner.check(
                [
                    (
                        GradientCode.Check(code: code, stragglers: miss.stragglers),
                        .init(recovers: false, tight: false, kappa: nil)
                    )
                ], profile: .core)
            let sets = WorkerSet.subsets(of: miss.matrix.rows, count: miss.matrix.rows - miss.stragglers)
            try await examiner.check(decodings(of: miss.matrix, by: sets), profile: .core)
        },
        forAll(
            (1...10).flatMap { n in CyclicRepetitionCode.circulantCandidates(workers: n).map { (n, $0) } },
            id: "gradientCode.rationalCirculants",
            "Of the circulants that Proposition 7 leaves, exactly those that every set verifies are codes.",
            profile: .core, basis: .derived, section: "GradientCode.md#proposition-7", needs: ["gradientCode.check"]
        ) { circulant, examiner in
            let (n, window) = circulant
            let matrix = RationalMatrix(rows: n, columns: n) { i, j in
                let r = (j - i + n) % n
                return r < window.count ? Rational(window[r]) : 0
            }
            let question = GradientCode.Check(code: CodeDescriptor(matrix), stragglers: window.count - 1)
            try await examiner.check([(question, GradientCode.checked(matrix, window.count - 1))], profile: .core)
        },
        generated(
            60, id: "gradientCode.replication",
            "A code that tolerates s stragglers has every partition on s + 1 workers (Theorem 0).", profile: .core,
            basis: .paper, section: "GradientCode.md#theorem-0", needs: ["gradientCode.check"]
        ) { choices in
            let code = choices.element(of: CodeCases.exact.filter { 2...6 ~= $0.workers })
            return (code: code, column: choices.integer(in: 0...code.matrix.columns - 1))
        } trial: { drawn, examiner in
            // One entry fewer than needed in one column, and nothing else changed.
            let matrix = drawn.code.matrix
            let holders = (0..<matrix.rows).filter { !matrix[$0, drawn.column].isZero }
            let poorer = RationalMatrix(rows: matrix.rows, columns: matrix.columns) { i, j in
                j == drawn.column && holders.dropFirst(drawn.code.stragglers).contains(i) ? 0 : matrix[i, j]
            }
            let question = GradientCode.Check(code: CodeDescriptor(poorer), stragglers: drawn.code.stragglers)
            try await examiner.check([(question, .init(recovers: false, tight: false, kappa: nil))], profile: .core)
        },
        forAll(
            CodeCases.ofTen, id: "gradientCode.everyPattern",
            "All sets of responders of codes with seven to ten workers are told apart, the decodable ones decoded.",
            profile: .core, basis: .derived, section: "GradientCode.md#decoders",
            needs: ["gradientCode.decodingVector"]
        ) { code, examiner in
            try await examiner.check(
                decodings(of: code.matrix, by: WorkerSet.subsets(of: code.workers)), profile: .core)
        },
        generated(
            40, id: "gradientCode.largeCodes",
            "Codes with more workers than can be enumerated decode every set of n − s, and say so of smaller ones.",
            profile: .core, basis: .derived, section: "GradientCode.md#decoders",
            needs: ["gradientCode.decodingVector"]
        ) { choices in
            let code = choices.element(of: CodeCases.large)
            let missing = choices.integer(in: 0...2) == 2 ? 1 : 0
            let members = choices.shuffled(Array(0..<code.workers)).prefix(code.workers - code.stragglers - missing)
            return (code: code, members: Array(members))
        } trial: { drawn, examiner in
            let responders = try WorkerSet(drawn.members, of: drawn.code.workers)
            let question = GradientCode.DecodingVector(
                code: drawn.code.explicit, responders: drawn.members, rule: .any)
            try await examiner.check(
                [(question, GradientCode.expected(drawn.code.matrix, responders))], profile: .core)
        },
    ]
}
