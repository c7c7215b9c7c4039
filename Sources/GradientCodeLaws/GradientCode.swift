import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeVectors
import GradientCodes

// Laws of any exact gradient code: whatever the matrix, decodability, least squares, probabilities and properties
// follow from it. The core profile asks about explicit matrices only.
extension Law {
    static let gradientCode: [Law] = [
        forAll(
            CodeCases.all, id: "gradientCode.decodableSets",
            "Responders whose rows span 1 get a decoding vector; all others are told that there is none.",
            profile: .core, basis: .derived, section: "GradientCode.md#decoders",
            needs: ["gradientCode.decodingVector"]
        ) { code, examiner in
            try await examiner.check(
                decodings(of: code.matrix, by: WorkerSet.subsets(of: code.workers)), profile: .core)
        },
        generated(
            200, id: "gradientCode.anyMatrix",
            "Of any matrix, with rows repeated, dependent or zero, exactly the spanning sets are decodable.",
            profile: .core, basis: .derived, section: "GradientCode.md#decoders",
            needs: ["gradientCode.decodingVector"], by: codeAndResponders
        ) { (drawn: CodeAndResponders, examiner) in
            let question = GradientCode.DecodingVector(
                code: CodeDescriptor(drawn.matrix), responders: drawn.order, rule: .any)
            try await examiner.check(
                [(question, GradientCode.expected(drawn.matrix, drawn.responders))], profile: .core)
        },
        generated(
            id: "gradientCode.canonicalVector", "The canonical decoder reads the solution with free variables zero.",
            profile: .wire, basis: .house, section: "GradientCode.md#canonical-decoder",
            needs: ["gradientCode.decodingVector"], by: codeAndResponders
        ) { (drawn: CodeAndResponders, examiner) in
            let question = GradientCode.DecodingVector(
                code: CodeDescriptor(drawn.matrix), responders: drawn.order, rule: .canonical)
            try await examiner.check(
                [(question, GradientCode.expected(drawn.matrix, drawn.responders))], profile: .wire)
        },
        generated(
            id: "gradientCode.projection",
            "Least squares recovers the orthogonal projection of 1 on the rows received.",
            profile: .core, basis: .derived, section: "GradientCode.md#least-squares",
            needs: ["gradientCode.leastSquares"], by: codeAndResponders
        ) { (drawn: CodeAndResponders, examiner) in
            let question = GradientCode.LeastSquares(code: CodeDescriptor(drawn.matrix), responders: drawn.order)
            let expected = GradientCode.leastSquares(drawn.matrix, drawn.responders)
            try await examiner.check([(question, expected)], profile: .core)
        },
        generated(
            id: "gradientCode.properties",
            "GC(s) and TIGHT(s) are decided on every set, and a set named as a failure is one.",
            profile: .core, basis: .derived, section: "GradientCode.md#properties", needs: ["gradientCode.check"]
        ) { choices in
            // Cyclic windows with small entries: some are codes, many just fail to be.
            let workers = choices.integer(in: 1...5)
            let stragglers = choices.integer(in: 0...workers - 1)
            let entries = (0..<workers).map { _ in (0...stragglers).map { _ in choices.element(of: [1, 2, -1, 0, 3]) } }
            let matrix = RationalMatrix(rows: workers, columns: workers) { i, j in
                let offset = (j - i + workers) % workers
                return offset <= stragglers ? Rational(entries[i][offset]) : 0
            }
            return (matrix: matrix, stragglers: stragglers)
        } trial: { drawn, examiner in
            let properties = drawn.matrix.properties(stragglers: drawn.stragglers)
            let expected: GradientCode.Check.Expected =
                switch properties.recovery {
                case .always(let kappa): .init(recovers: true, tight: properties.isTight, kappa: kappa)
                case .fails: .init(recovers: false, tight: false, kappa: nil)
                }
            let question = GradientCode.Check(code: CodeDescriptor(drawn.matrix), stragglers: drawn.stragglers)
            try await examiner.check([(question, expected)], profile: .core)
        },
        generated(
            60, id: "gradientCode.recoveryProbability",
            "The probability of recovery is the sum over the recoverable patterns.",
            profile: .core, basis: .derived, section: "GradientCode.md#recovery-probability",
            needs: ["gradientCode.recoveryProbability"]
        ) { choices in
            let code = choices.element(of: CodeCases.all.filter { $0.workers <= 6 })
            let probabilities = (0..<code.workers).map { _ in
                let denominator = choices.integer(in: 1...12)
                return Rational(choices.integer(in: 0...denominator), denominator)
            }
            return (code: code, probabilities: probabilities)
        } trial: { drawn, examiner in
            let question = GradientCode.RecoveryProbability(
                code: drawn.code.explicit, probabilities: drawn.probabilities)
            let expected = drawn.code.matrix.recoveryProbability(try Probability.all(drawn.probabilities))
            try await examiner.check([(question, expected)], profile: .core)
        },
    ]

    /// For each set of responders, the question for any decoding vector and what is right.
    static func decodings(of matrix: RationalMatrix, by sets: some Sequence<WorkerSet>)
        -> [(GradientCode.DecodingVector, GradientCode.DecodingVector.Expected)]
    {
        sets.map { responders in
            (
                GradientCode.DecodingVector(
                    code: CodeDescriptor(matrix), responders: responders.members, rule: .any),
                GradientCode.expected(matrix, responders)
            )
        }
    }

    /// A small matrix and some of its workers.
    struct CodeAndResponders: Sendable {
        let matrix: RationalMatrix
        let responders: WorkerSet
        /// The responders in the order they are asked about.
        let order: [Int]
    }

    private static func codeAndResponders(_ choices: inout Choices) -> CodeAndResponders {
        let (workers, partitions) = (choices.integer(in: 1...6), choices.integer(in: 1...5))
        var rows: [[Rational]] = []
        for i in 0..<workers {
            if i > 0, choices.integer(in: 0...3) == 3 {
                rows.append(rows[choices.integer(in: 0...i - 1)])
            } else {
                rows.append((0..<partitions).map { _ in entry(&choices) })
            }
        }
        let members = choices.subset(of: 0..<workers)
        guard let matrix = RationalMatrix(rows), let responders = try? WorkerSet(members, of: workers) else {
            preconditionFailure("rows of equal length, members in range")
        }
        return CodeAndResponders(matrix: matrix, responders: responders, order: choices.shuffled(members))
    }

    private static func entry(_ choices: inout Choices) -> Rational {
        Rational(choices.element(of: [0, 1, 1, 0, -1, 2, 3, -2]), choices.element(of: [1, 1, 1, 2, 3]))
    }
}
