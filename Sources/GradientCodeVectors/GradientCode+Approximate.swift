import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
package import GradientCodes

extension GradientCode {
    /// Vectors of `gradientCode.approximate`.
    static var approximateVectors: VectorFile {
        var file = VectorFileBuilder(
            Approximate.self,
            "Decoders that do not look for α = 1: one step, and fixed weights; all answers are unique.")
        let codes = CodeCases.approximate + [CodeCases.fractional(4, 1), CodeCases.integers(3, 1)]
        func fill(
            _ tests: inout VectorFileBuilder<Approximate>.Tests, _ first: Int,
            _ make: (CodeCases.Case, [Int]) -> Approximate
        ) {
            for (index, code) in codes.enumerated() {
                for responders in WorkerSet.subsets(of: code.workers) {
                    let question = make(code, responders.members)
                    tests.valid(
                        first + 100 * index + bits(responders), "\(code.title), \(responders.members)",
                        [responders.isEmpty ? .smallest : .normal], question, exact(question))
                }
            }
        }
        file.group(1, "OneStep", profile: .core, basis: .paper) {
            fill(&$0, 1000) { .init(code: $0.explicit, responders: $1, rule: .oneStep, density: Rational(2, 5)) }
        }
        file.group(2, "FixedWeights", profile: .core, basis: .paper) { tests in
            fill(&tests, 3000) { code, members in
                let weights = (0..<code.workers).map { Rational($0 + 1, 3) }
                return .init(code: code.explicit, responders: members, rule: .fixedWeights, weights: weights)
            }
            // Two of four workers, each entry 1 with probability 1/2: 1/(rδ) = 1.
            tests.valid(
                1, "one step, r = 2, δ = 1/2: by hand", [.handExample],
                .init(
                    code: CodeDescriptor(matrix: [[1, 0, 1], [1, 1, 0], [0, 1, 1], [1, 1, 1]]), responders: [0, 1],
                    rule: .oneStep, density: Rational(1, 2)),
                .init(vector: .exact([1, 1, 0, 0]), recovered: .exact([2, 1, 1]), residual: .exact(1)))
            tests.valid(
                2, "stochastic gradient coding, everybody responds", [.normal],
                .init(
                    code: CodeDescriptor(matrix: [[Rational(2, 3), Rational(2, 3)], [Rational(2, 3), Rational(2, 3)]]),
                    responders: [1, 0], rule: .fixedWeights, weights: [1, 1]),
                .init(
                    vector: .exact([1, 1]), recovered: .exact([Rational(4, 3), Rational(4, 3)]),
                    residual: .exact(Rational(2, 9))))
        }
        file.group(3, "NamedCodes", profile: .wire, basis: .paper) { tests in
            for (index, code) in CodeCases.approximate.enumerated() where code.named.kind != .bernoulli {
                let question = Approximate(
                    code: code.named, responders: Array(0..<code.workers), rule: .fixedWeights,
                    weights: Array(repeating: 1, count: code.workers))
                tests.valid(100 + index, code.title, [.normal], question, exact(question))
            }
        }
        file.group(4, "Refusals", profile: .core, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            let code = CodeDescriptor(RationalMatrix.identity(2))
            func oneStep(_ density: Rational?, _ members: [Int] = [0]) -> Approximate {
                Approximate(code: code, responders: members, rule: .oneStep, density: density)
            }
            func fixed(_ weights: [Rational]?, _ members: [Int] = [0]) -> Approximate {
                Approximate(code: code, responders: members, rule: .fixedWeights, weights: weights)
            }
            tests.invalid(200, "one step without density", [.invalidParameters], oneStep(nil), .invalidParameters)
            tests.invalid(201, "fixed weights without weights", [.invalidParameters], fixed(nil), .invalidParameters)
            tests.invalid(202, "one weight for two workers", [.sizes], fixed([1]), .dimensionMismatch)
            tests.invalid(203, "density 0", [.invalidParameters], oneStep(0), .invalidProbability)
            tests.invalid(204, "a density above 1", [.invalidParameters], oneStep(Rational(3, 2)), .invalidProbability)
            tests.invalid(205, "a responder twice", [.invalidParameters], oneStep(1, [0, 0]), .duplicateWorker)
            tests.invalid(
                206, "a responder beyond the last", [.invalidParameters], fixed([1, 1], [2]), .indexOutOfRange)
            tests.invalid(
                207, "one weight, and a responder twice: the weights are refused", [.precedence], fixed([1], [0, 0]),
                .dimensionMismatch)
            for (tcId, comment, flag, code, kind) in refusedMatrices(210) {
                tests.invalid(
                    tcId, comment, [flag],
                    Approximate(code: code, responders: [], rule: .oneStep, density: 1), kind)
            }
        }
        file.group(5, "RefusedNames", profile: .wire, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            for (tcId, comment, flag, code, kind) in refusedConstructions(300) {
                tests.invalid(
                    tcId, comment, [flag],
                    Approximate(code: code, responders: [], rule: .oneStep, density: 1), kind)
            }
            for (tcId, comment, flag, code, kind) in refusedCodes(400) where code.matrix == nil {
                tests.invalid(
                    tcId, comment, [flag],
                    Approximate(code: code, responders: [], rule: .oneStep, density: 1), kind)
            }
        }
        return file.file
    }

    /// What the reference says of a valid question.
    package static func approximation(_ question: Approximate) throws(Refusal) -> Approximate.Answer {
        let matrix =
            switch try question.code.resolved() {
            case .matrix(let matrix): matrix
            case .named(let code): try code.encodingMatrix
            }
        let responders = try WorkerSet(question.responders, of: matrix.rows)
        let decoding =
            switch question.rule {
            case .oneStep: matrix.oneStepDecoding(responders: responders, density: question.density ?? 1)
            case .fixedWeights: matrix.fixedDecoding(responders: responders, weights: question.weights ?? [])
            }
        return .init(
            vector: .exact(decoding.vector), recovered: .exact(decoding.recovered), residual: .exact(decoding.residual))
    }

    private static func exact(_ question: Approximate) -> Approximate.Answer {
        guard let answer = try? approximation(question) else { preconditionFailure("a valid question") }
        return answer
    }

    /// Vectors of `gradientCode.realCirculant`.
    static var realCirculantVectors: VectorFile {
        var file = VectorFileBuilder(
            RealCirculant.self,
            "Windows of irrational numbers, known within 2^-128; a decoding vector is verified with them.")
        file.group(1, "SmallCodes", profile: .core, basis: .paper) { tests in
            let sizes = (1...7).flatMap { n in (0..<n).map { (n, $0) } }.filter { n, s in !(n - s).isMultiple(of: 2) }
            var tcId = 1
            for (n, s) in sizes {
                let window = window(n, s)
                for responders in WorkerSet.subsets(of: n, count: n - s) {
                    tests.valid(
                        tcId, "(\(n), \(s)), \(responders.members)", [.normal],
                        RealCirculant(workers: n, stragglers: s, responders: responders.members), .init(window: window))
                    tcId += 1
                }
            }
        }
        file.group(2, "LargerCodes", profile: .core, basis: .paper) { tests in
            for (index, (n, s)) in [(12, 3), (13, 4), (16, 9), (24, 19), (30, 21)].enumerated() {
                let members = (0..<n - s).map { (7 * $0) % n }.sorted()
                let responders = Set(members).count == members.count ? members : Array(0..<n - s)
                tests.valid(
                    1000 + index, "(\(n), \(s)), \(responders)", [.normal],
                    RealCirculant(workers: n, stragglers: s, responders: responders), .init(window: window(n, s)))
            }
            // The window is rational here, and an exact matrix exists as well.
            tests.valid(
                1010, "(6, 3), the window 1, 2, 2, 1: by hand", [.handExample],
                RealCirculant(workers: 6, stragglers: 3, responders: [5, 0, 3]), .init(window: [1, 2, 2, 1]))
        }
        file.group(3, "Refusals", profile: .core, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            func refuse(_ tcId: Int, _ comment: String, _ n: Int, _ s: Int, _ members: [Int], _ kind: Refusal.Kind) {
                tests.invalid(
                    tcId, comment, [.invalidParameters], RealCirculant(workers: n, stragglers: s, responders: members),
                    kind)
            }
            refuse(2000, "n = 0", 0, 0, [], .invalidParameters)
            refuse(2001, "s = n", 3, 3, [], .invalidParameters)
            refuse(2002, "s < 0", 3, -1, [0, 1, 2], .invalidParameters)
            refuse(2003, "n − s even", 4, 2, [0, 1], .invalidParameters)
            refuse(2004, "n beyond the limit", 1025, 1024, [0], .invalidParameters)
            refuse(2005, "one responder too few", 4, 1, [0, 1], .invalidParameters)
            refuse(2006, "one responder too many", 4, 1, [0, 1, 2, 3], .invalidParameters)
            refuse(2007, "a responder twice", 4, 1, [0, 1, 1], .duplicateWorker)
            refuse(2008, "a responder beyond the last", 4, 1, [0, 1, 4], .indexOutOfRange)
        }
        return file.file
    }

    private static func window(_ n: Int, _ s: Int) -> [Rational] {
        guard let code = try? RealCirculantCode(workers: n, stragglers: s) else { preconditionFailure("n − s is odd") }
        return code.window(bits: 130).map(\.center)
    }
}
