package import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
package import GradientCodes

extension GradientCode {
    /// Vectors of `gradientCode.encodingMatrix`.
    static var encodingMatrixVectors: VectorFile {
        var file = VectorFileBuilder(
            EncodingMatrix.self, "The entries of the named constructions, exact and correctly rounded.")
        file.group(
            1, "FractionalRepetition", profile: .wire, basis: .paper, section: "GradientCode.md#fractional-repetition"
        ) {
            for (index, code) in CodeCases.fractionalRepetition.enumerated() { $0.encoding(1 + index, code) }
        }
        file.group(2, "CRC-Z", profile: .wire, basis: .derived, section: "GradientCode.md#crc-z") { tests in
            for (index, code) in CodeCases.crcZ.enumerated() { tests.encoding(20 + index, code) }
            tests.valid(
                40, "the example (3, 1) of the documentation", [.handExample],
                EncodingMatrix(code: CodeDescriptor(.crcZ, workers: 3, stragglers: 1)),
                answer([[2, 1, 0], [0, 1, 2], [-1, 0, 1]]))
            tests.valid(
                41, "the example (5, 2) of the documentation", [.handExample],
                EncodingMatrix(code: CodeDescriptor(.crcZ, workers: 5, stragglers: 2)),
                answer([[6, 3, 1, 0, 0], [0, 3, 4, 3, 0], [0, 0, 1, 3, 6], [1, 0, 0, 1, 3], [3, 1, 0, 0, 1]]))
            tests.encoding(42, CodeCases.integers(40, 19), .largeEntries)
        }
        file.group(3, "Refusals", profile: .wire, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            for (tcId, comment, flag, code, kind) in refusedCodes(100) {
                tests.invalid(tcId, comment, [flag], EncodingMatrix(code: code), kind)
            }
        }
        furtherConstructions(&file)
        return file.file
    }

    /// A matrix as an answer.
    static func answer(_ rows: [[Rational]]) -> EncodingMatrix.Answer {
        .init(matrix: rows, binary32: Binary32Vector(rows.joined().map { Float($0) }))
    }

    /// Vectors of `gradientCode.check`.
    static var checkVectors: VectorFile {
        var file = VectorFileBuilder(
            Check.self, "GC(s) and TIGHT(s), decided exactly; the worst amplification in the wire profile.")
        let sizes = [(5, 1), (6, 1), (6, 3), (8, 1), (8, 3), (9, 2)]
        let larger = sizes.map { CodeCases.integers($0, $1) }
        file.group(1, "ExplicitMatrices", profile: .core, basis: .derived) { tests in
            for (index, code) in (CodeCases.basic + larger).enumerated() {
                tests.valid(
                    1 + index, code.title, [.normal], Check(code: code.explicit, stragglers: code.stragglers),
                    checked(code.matrix, code.stragglers))
            }
            // One straggler more than the construction is for: a witness is due.
            for (index, code) in CodeCases.basic.filter({ $0.stragglers + 1 < $0.workers }).enumerated() {
                tests.valid(
                    50 + index, "\(code.title), one straggler more", [.undecodable],
                    Check(code: code.explicit, stragglers: code.stragglers + 1),
                    checked(code.matrix, code.stragglers + 1))
            }
            let wrong = RationalMatrix(rows: 5, columns: 5) { i, j in (j - i + 5) % 5 <= 2 ? 1 : 0 }
            tests.valid(
                80, "the 0/1 circulant where 3 does not divide 5", [.undecodable],
                Check(code: CodeDescriptor(wrong), stragglers: 2), checked(wrong, 2))
            let unsorted = CodeCases.unsortedNodes.matrix
            tests.valid(
                81, "unsorted nodes: workers 0, 2, 4 have rank 2", [.handExample, .undecodable],
                Check(code: CodeDescriptor(unsorted), stragglers: 3), checked(unsorted, 3))
        }
        file.group(2, "NamedCodes", profile: .wire, basis: .derived) { tests in
            for (index, code) in (CodeCases.basic + larger).enumerated() {
                tests.valid(
                    100 + index, code.title, [.normal], Check(code: code.named, stragglers: code.stragglers),
                    checked(code.matrix, code.stragglers))
            }
        }
        file.group(3, "Refusals", profile: .core, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            let identity = CodeDescriptor(RationalMatrix.identity(2))
            tests.invalid(150, "s < 0", [.invalidParameters], Check(code: identity, stragglers: -1), .invalidParameters)
            tests.invalid(151, "s = n", [.invalidParameters], Check(code: identity, stragglers: 2), .invalidParameters)
            for (tcId, comment, flag, code, kind) in refusedMatrices(160) {
                tests.invalid(tcId, comment, [flag], Check(code: code, stragglers: 0), kind)
            }
        }
        file.group(4, "RefusedNames", profile: .wire, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            tests.invalid(
                152, "s < 0 of a ragged matrix: s is refused", [.precedence],
                Check(code: CodeDescriptor(matrix: [[1, 0], [1]]), stragglers: -1), .invalidParameters)
            for (tcId, comment, flag, code, kind) in refusedCodes(170) where code.matrix == nil {
                tests.invalid(tcId, comment, [flag], Check(code: code, stragglers: 0), kind)
            }
        }
        furtherChecks(&file)
        return file.file
    }

    /// What the reference says of GC(s) and TIGHT(s).
    package static func checked(_ matrix: RationalMatrix, _ stragglers: Int) -> Check.Expected {
        let properties = matrix.properties(stragglers: stragglers)
        guard case .always(let kappa) = properties.recovery else {
            return .init(recovers: false, tight: false, kappa: nil)
        }
        return .init(recovers: true, tight: properties.isTight, kappa: kappa)
    }

    /// Vectors of `gradientCode.recoveryProbability`.
    static var recoveryProbabilityVectors: VectorFile {
        var file = VectorFileBuilder(
            RecoveryProbability.self, "The probability that independent stragglers leave the sum recoverable.")
        func profiles(_ n: Int) -> [(String, [Rational])] {
            [
                ("nobody straggles", Array(repeating: 0, count: n)),
                ("everybody straggles", Array(repeating: 1, count: n)),
                ("p = 1/10", Array(repeating: Rational(1, 10), count: n)),
                ("unequal, one certain and one impossible", (0..<n).map { $0 == 0 ? 1 : Rational($0 - 1, n + 1) }),
            ]
        }
        func fill(
            _ tests: inout VectorFileBuilder<RecoveryProbability>.Tests, _ first: Int,
            _ codes: [CodeCases.Case] = CodeCases.basic, _ descriptor: (CodeCases.Case) -> CodeDescriptor
        ) {
            for (index, code) in codes.filter({ $0.workers <= 6 }).enumerated() {
                for (offset, (comment, p)) in profiles(code.workers).enumerated() {
                    tests.valid(
                        first + 4 * index + offset, "\(code.title): \(comment)", [.normal],
                        RecoveryProbability(code: descriptor(code), probabilities: p), probability(code.matrix, p))
                }
            }
        }
        file.group(1, "ExplicitMatrices", profile: .core, basis: .derived) { fill(&$0, 1) { $0.explicit } }
        file.group(2, "NamedCodes", profile: .wire, basis: .derived) { fill(&$0, 100) { $0.named } }
        file.group(3, "Refusals", profile: .core, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            let code = CodeDescriptor(RationalMatrix.identity(2))
            tests.invalid(
                200, "one probability for two workers", [.sizes],
                RecoveryProbability(code: code, probabilities: [0]), .dimensionMismatch)
            tests.invalid(
                201, "a probability above 1", [.invalidParameters],
                RecoveryProbability(code: code, probabilities: [0, Rational(3, 2)]), .invalidProbability)
            tests.invalid(
                202, "a negative probability", [.invalidParameters],
                RecoveryProbability(code: code, probabilities: [Rational(-1, 2), 0]), .invalidProbability)
            tests.invalid(
                203, "wrong number and wrong value: the number is refused", [.precedence],
                RecoveryProbability(code: code, probabilities: [2]), .dimensionMismatch)
            for (tcId, comment, flag, code, kind) in refusedMatrices(210) {
                tests.invalid(tcId, comment, [flag], RecoveryProbability(code: code, probabilities: [0]), kind)
            }
        }
        file.group(4, "RefusedNames", profile: .wire, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            tests.invalid(
                204, "one probability for four workers, and 3 does not divide 4: the number is refused", [.precedence],
                RecoveryProbability(
                    code: CodeDescriptor(.fractionalRepetition, workers: 4, stragglers: 2), probabilities: [0]),
                .dimensionMismatch)
            for (tcId, comment, flag, code, kind) in refusedCodes(220) where code.matrix == nil {
                tests.invalid(
                    tcId, comment, [flag],
                    RecoveryProbability(
                        code: code, probabilities: Array(repeating: 0, count: max(0, code.workers ?? 1))), kind)
            }
        }
        file.group(5, "FurtherMatrices", profile: .core, basis: .derived) {
            fill(&$0, 1000, CodeCases.further) { $0.explicit }
        }
        file.group(6, "FurtherNames", profile: .wire, basis: .derived) {
            fill(&$0, 2000, CodeCases.crcOnes + CodeCases.crcZt + CodeCases.given) { $0.named }
        }
        file.group(7, "FurtherRefusals", profile: .wire, basis: .house, section: "GradientCode.md#edge-cases") {
            tests in
            for (tcId, comment, flag, code, kind) in refusedConstructions(300) {
                let p = [Rational](repeating: 0, count: code.size)
                tests.invalid(tcId, comment, [flag], RecoveryProbability(code: code, probabilities: p), kind)
            }
            for (tcId, comment, flag, code, kind) in refusedConstructions(350) where kind != .invalidParameters {
                let p = [Rational](repeating: 0, count: code.size + 1)
                tests.invalid(
                    tcId, "\(comment); and a probability too many", [flag, .precedence],
                    RecoveryProbability(code: code, probabilities: p), .dimensionMismatch)
            }
        }
        return file.file

        func probability(_ matrix: RationalMatrix, _ p: [Rational]) -> Rational {
            guard let probabilities = try? Probability.all(p) else { preconditionFailure("valid probabilities") }
            return matrix.recoveryProbability(probabilities)
        }
    }

    typealias RefusedCode = (tcId: Int, comment: String, flag: VectorFlag, code: CodeDescriptor, kind: Refusal.Kind)

    /// Explicit matrices that every operation on codes refuses.
    static func refusedMatrices(_ first: Int) -> [RefusedCode] {
        [
            (first, "a matrix without rows", .smallest, CodeDescriptor(matrix: []), .invalidParameters),
            (first + 1, "a matrix without columns", .smallest, CodeDescriptor(matrix: [[]]), .invalidParameters),
            (first + 2, "a ragged matrix", .sizes, CodeDescriptor(matrix: [[1, 0], [1]]), .dimensionMismatch),
            (first + 3, "neither name nor matrix", .invalidParameters, CodeDescriptor(), .invalidParameters),
        ]
    }

    /// Codes that every operation on codes refuses.
    static func refusedCodes(_ first: Int) -> [RefusedCode] {
        func fractional(_ n: Int?, _ s: Int?, _ k: Int? = nil) -> CodeDescriptor {
            CodeDescriptor(kind: .fractionalRepetition, workers: n, stragglers: s, partitions: k)
        }
        func integers(_ n: Int?, _ s: Int?, _ k: Int? = nil) -> CodeDescriptor {
            CodeDescriptor(kind: .crcZ, workers: n, stragglers: s, partitions: k)
        }
        let bad = Refusal.Kind.invalidParameters
        let named: [(String, VectorFlag, CodeDescriptor, Refusal.Kind)] = [
            ("fractional repetition, n = 0", .invalidParameters, fractional(0, 0), bad),
            ("fractional repetition, n < 0", .invalidParameters, fractional(-3, 0), bad),
            ("fractional repetition, s < 0", .invalidParameters, fractional(4, -1), bad),
            ("fractional repetition, s = n", .invalidParameters, fractional(4, 4), bad),
            ("fractional repetition, 3 does not divide 4", .sizes, fractional(4, 2), .nonDivisible),
            ("fractional repetition, no partitions", .invalidParameters, fractional(4, 1, 0), bad),
            ("fractional repetition, s missing", .invalidParameters, fractional(4, nil), bad),
            ("CRC-Z, n = 0", .invalidParameters, integers(0, 0), bad),
            ("CRC-Z, s < 0", .invalidParameters, integers(4, -1), bad),
            ("CRC-Z, s = n", .invalidParameters, integers(4, 4), bad),
            ("CRC-Z, n missing", .invalidParameters, integers(nil, 1), bad),
            ("CRC-Z with a number of partitions", .invalidParameters, integers(4, 1, 3), bad),
            ("n beyond the limit", .invalidParameters, integers(1025, 1), bad),
            (
                "name and matrix", .invalidParameters,
                CodeDescriptor(kind: .crcZ, workers: 2, stragglers: 0, matrix: [[1, 0], [0, 1]]), bad
            ),
            ("s out of range before divisibility", .precedence, fractional(4, 6), bad),
        ]
        return refusedMatrices(first)
            + named.enumerated().map { (first + 10 + $0, $1.0, $1.1, $1.2, $1.3) }
    }
}

extension VectorFileBuilder<GradientCode.EncodingMatrix>.Tests {
    /// The matrix of a named code.
    mutating func encoding(_ tcId: Int, _ code: CodeCases.Case, _ flag: VectorFlag = .normal) {
        let rows = code.matrix.rowVectors
        valid(
            tcId, code.title, [flag], .init(code: code.named),
            .init(matrix: rows, binary32: Binary32Vector(rows.joined().map { Float($0) })))
    }
}
