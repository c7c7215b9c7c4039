import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

// Vectors of the constructions that follow fractional repetition and CRC-Z.
extension GradientCode {
    /// Encoding matrices.
    static func furtherConstructions(_ file: inout VectorFileBuilder<EncodingMatrix>) {
        file.group(4, "CRC-1", profile: .wire, basis: .derived, section: "GradientCode.md#crc-1") { tests in
            for (index, code) in CodeCases.crcOnes.enumerated() { tests.encoding(200 + index, code) }
        }
        file.group(5, "CRC-Zt", profile: .wire, basis: .derived, section: "GradientCode.md#crc-zt") { tests in
            for (index, code) in CodeCases.crcZt.enumerated() { tests.encoding(220 + index, code) }
            let hand: [(Int, Int, [[Rational]])] = [
                (3, 1, [[6, 5, 0], [0, 1, 6], [-1, 0, 5]]),
                (4, 1, [[16, 7, 0, 0], [0, 7, 12, 0], [0, 0, 1, 28], [1, 0, 0, 21]]),
                (
                    5, 2,
                    [[15, 9, 4, 0, 0], [0, 9, 16, 21, 0], [0, 0, 1, 3, 45], [1, 0, 0, 1, 36], [3, 1, 0, 0, 28]]
                ),
            ]
            for (index, (n, s, rows)) in hand.enumerated() {
                tests.valid(
                    235 + index, "the example (\(n), \(s)) of the documentation", [.handExample],
                    EncodingMatrix(code: CodeDescriptor(.crcZt, workers: n, stragglers: s)), answer(rows))
            }
        }
        file.group(6, "CRC-Q", profile: .wire, basis: .derived, section: "GradientCode.md#crc-q") { tests in
            for (index, code) in CodeCases.crcQ.enumerated() { tests.encoding(240 + index, code) }
            tests.encoding(255, CodeCases.given[3])
            for (index, (n, s)) in [(9, 4), (10, 3), (12, 5)].enumerated() {
                tests.encoding(256 + index, CodeCases.rational(n, s))
            }
        }
        file.group(7, "DefaultNodes", profile: .wire, basis: .house, section: "GradientCode.md#crc-q") { tests in
            // The default D changes at 17 workers; a given one, however fine, is rounded exactly.
            for (index, (n, s, d)) in [
                (5, 2, nil), (16, 14, nil), (17, 15, nil), (4, 1, 1 << 40), (33, 31, nil), (3, 1, 1), (18, 12, nil),
            ].enumerated() {
                var code = CodeDescriptor(.crcQ, workers: n, stragglers: s)
                code.resolution = d
                tests.encoding(260 + index, CodeCases.make("CRC-Q (\(n), \(s)) at computed nodes", code))
            }
        }
        file.group(8, "GivenNumbers", profile: .wire, basis: .derived, section: "GradientCode.md#null-space") { tests in
            for (index, code) in CodeCases.given.enumerated() { tests.encoding(300 + index, code) }
            let fifth: [[Rational]] = [
                [1, Rational(-3, 2), Rational(1, 2), 0, 0], [0, 1, Rational(-1, 2), Rational(1, 2), 0],
                [0, 0, 1, Rational(-1, 7), Rational(4, 7)], [Rational(7, 5), 0, 0, 1, Rational(1, 5)],
                [-3, 5, 0, 0, 1],
            ]
            tests.valid(
                310, "the null space of the documentation", [.handExample],
                EncodingMatrix(code: CodeCases.given[1].named), answer(fifth))
            for (index, (n, window)) in circulants.enumerated() {
                tests.encoding(
                    311 + index,
                    CodeCases.make(
                        "circulant \(window) of \(n)",
                        CodeDescriptor(kind: .circulant, workers: n, stragglers: window.count - 1, window: window)))
            }
        }
        file.group(
            9, "Assignments", profile: .wire, basis: .paper, section: "GradientCode.md#approximate-assignments"
        ) { tests in
            for (index, code) in CodeCases.approximate.enumerated() where code.named.kind != .bernoulli {
                tests.encoding(330 + index, code)
            }
        }
        file.group(10, "BernoulliEntries", profile: .tape, basis: .house, section: "numerics.md#randomness") { tests in
            for (index, code) in CodeCases.approximate.enumerated() where code.named.kind == .bernoulli {
                tests.encoding(350 + index, code)
            }
        }
        file.group(
            11, "RefusedConstructions", profile: .wire, basis: .house, section: "GradientCode.md#edge-cases"
        ) { tests in
            for (tcId, comment, flag, code, kind) in refusedConstructions(400) {
                tests.invalid(tcId, comment, [flag], EncodingMatrix(code: code), kind)
            }
        }
    }

    /// Rational circulants of Proposition 7 that are not all ones, from the list of the documentation: those with few
    /// sets to verify.
    static let circulants: [(Int, [Int])] = [(6, [1, 2, 2, 1]), (10, [1, 2, 2, 2, 2, 1]), (12, [1, 2, 2, 1])]

    /// Checks of codes and of matrices that nearly are.
    static func furtherChecks(_ file: inout VectorFileBuilder<Check>) {
        file.group(5, "FurtherMatrices", profile: .core, basis: .derived) { tests in
            for (index, code) in CodeCases.further.enumerated() {
                let checked = checked(code.matrix, code.stragglers)
                tests.valid(
                    300 + index, code.title, [checked.recovers ? .normal : .undecodable],
                    Check(code: code.explicit, stragglers: code.stragglers), checked)
            }
        }
        file.group(6, "NearMisses", profile: .core, basis: .derived, section: "GradientCode.md#corollary-4") { tests in
            for (index, miss) in CodeCases.nearMisses.enumerated() {
                tests.valid(
                    400 + index, miss.title, [.undecodable],
                    Check(code: CodeDescriptor(miss.matrix), stragglers: miss.stragglers),
                    .init(recovers: false, tight: false, kappa: nil))
            }
        }
        file.group(7, "FurtherNames", profile: .wire, basis: .derived) { tests in
            let codes = CodeCases.crcOnes + CodeCases.crcZt + CodeCases.crcQ + CodeCases.given
            for (index, code) in codes.enumerated() {
                tests.valid(
                    500 + index, code.title, [.normal], Check(code: code.named, stragglers: code.stragglers),
                    checked(code.matrix, code.stragglers))
            }
        }
        // The table of the documentation, as far as it takes no long computation.
        file.group(8, "Amplification", profile: .wire, basis: .derived, section: "GradientCode.md#crc-q") { tests in
            let sizes = [(5, 1), (5, 2), (6, 1), (6, 2), (8, 1), (8, 3), (10, 1)]
            for (index, (n, s)) in sizes.enumerated() {
                for (offset, code) in [CodeCases.integers(n, s), CodeCases.rational(n, s)].enumerated() {
                    tests.valid(
                        600 + 2 * index + offset, "worst κ of \(code.title)", [.normal],
                        Check(code: code.named, stragglers: s), checked(code.matrix, s))
                }
            }
        }
        file.group(9, "FurtherRefusals", profile: .wire, basis: .house, section: "GradientCode.md#edge-cases") {
            tests in
            for (tcId, comment, flag, code, kind) in refusedConstructions(700) {
                tests.invalid(tcId, comment, [flag], Check(code: code, stragglers: 0), kind)
            }
        }
    }

    /// Decoding vectors. Approximate assignments are asked as matrices only.
    static func furtherDecodings(_ file: inout VectorFileBuilder<DecodingVector>) {
        file.group(5, "FurtherCodes", profile: .core, basis: .derived) { tests in
            for (index, code) in CodeCases.further.enumerated() {
                for responders in patterns(code) {
                    tests.valid(
                        100_000 + 1000 * index + bits(responders), "\(code.title), \(responders.members)",
                        flags(code, responders),
                        DecodingVector(code: code.explicit, responders: responders.members, rule: .any),
                        expected(code.matrix, responders))
                }
            }
        }
        file.group(
            6, "FurtherCanonicalVectors", profile: .wire, basis: .house, section: "GradientCode.md#canonical-decoder"
        ) { tests in
            let codes = CodeCases.crcOnes + CodeCases.crcZt + CodeCases.crcQ + CodeCases.given
            for (index, code) in codes.enumerated() {
                for responders in patterns(code) {
                    tests.valid(
                        200_000 + 1000 * index + bits(responders), "\(code.title), \(responders.members)",
                        flags(code, responders),
                        DecodingVector(code: code.named, responders: responders.members, rule: .canonical),
                        expected(code.matrix, responders))
                }
            }
            handVectors(&tests)
        }
        file.group(7, "FurtherRefusals", profile: .wire, basis: .house, section: "GradientCode.md#edge-cases") {
            tests in
            for (tcId, comment, flag, code, kind) in refusedConstructions(100) {
                tests.invalid(tcId, comment, [flag], DecodingVector(code: code, responders: [], rule: .any), kind)
            }
        }
    }

    /// The examples worked by hand in the documentation, as literals.
    private static func handVectors(_ tests: inout VectorFileBuilder<DecodingVector>.Tests) {
        func add(
            _ tcId: Int, _ title: String, _ code: CodeDescriptor, _ members: [Int], _ vector: [Rational],
            _ kappa: Rational
        ) {
            tests.valid(
                tcId, "\(title), \(members): by hand", [.handExample],
                DecodingVector(code: code, responders: members, rule: .canonical),
                .init(
                    status: .exact, vector: vector, binary32: Binary32Vector(vector.map { Float($0) }), kappa: kappa,
                    witness: nil))
        }
        let rational = CodeDescriptor(
            kind: .crcQ, workers: 5, stragglers: 2, resolution: 64, nodes: [-197, -46, 0, 46, 197])
        add(
            850, "CRC-Q(64) (5, 2)", rational, [0, 2, 4],
            [Rational(383_446, 986_815), 0, Rational(305_941, 497_664), 0, Rational(374_933, 986_815)], 1)
        let ones = CodeDescriptor(.crcOnes, workers: 4, stragglers: 1)
        add(851, "CRC-1 (4, 1)", ones, [1, 3], [0, 1, 0, 1], 1)
        add(852, "CRC-1 (4, 1)", ones, [0, 1, 2, 3], [1, 0, 1, 0], 1)
    }

    /// Projections.
    static func furtherProjections(_ file: inout VectorFileBuilder<LeastSquares>) {
        func fill(
            _ tests: inout VectorFileBuilder<LeastSquares>.Tests, _ first: Int, _ codes: [CodeCases.Case],
            _ descriptor: (CodeCases.Case) -> CodeDescriptor
        ) {
            for (index, code) in codes.enumerated() {
                for responders in patterns(code) {
                    tests.valid(
                        first + 1000 * index + bits(responders), "\(code.title), \(responders.members)",
                        flags(code, responders), LeastSquares(code: descriptor(code), responders: responders.members),
                        leastSquares(code.matrix, responders))
                }
            }
        }
        file.group(5, "FurtherCodes", profile: .core, basis: .derived) { tests in
            fill(&tests, 100_000, CodeCases.further) { $0.explicit }
            // The path: ends 2/3, middle 4/3.
            tests.valid(
                850, "the path of 3 vertices, both edges: by hand", [.handExample],
                LeastSquares(code: CodeDescriptor(matrix: [[1, 1, 0], [0, 1, 1]]), responders: [0, 1]),
                .init(
                    vector: [Rational(2, 3), Rational(2, 3)],
                    recovered: [Rational(2, 3), Rational(4, 3), Rational(2, 3)],
                    residual: Rational(1, 3)))
        }
        file.group(6, "FurtherMinimumNorm", profile: .wire, basis: .house) { tests in
            fill(&tests, 200_000, CodeCases.approximate + [CodeCases.crcQ[6], CodeCases.crcOnes[4]]) { $0.explicit }
        }
        file.group(7, "FurtherRefusals", profile: .wire, basis: .house, section: "GradientCode.md#edge-cases") {
            tests in
            for (tcId, comment, flag, code, kind) in refusedConstructions(100) {
                tests.invalid(tcId, comment, [flag], LeastSquares(code: code, responders: []), kind)
            }
        }
    }
}
