package import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
package import GradientCodes

// Vectors of the decoders. A test's number is its code's first number plus the responders read as a binary number,
// worker 0 the lowest bit.

extension GradientCode {
    /// Vectors of `gradientCode.decodingVector`.
    static var decodingVectorVectors: VectorFile {
        var file = VectorFileBuilder(
            DecodingVector.self, "Decodability is decided exactly; a decoding vector is verified by a^T B = 1.",
            "The canonical vector has free variables zero; every undecodable set carries its witness.")
        file.group(1, "AnyVector", profile: .core, basis: .derived) { tests in
            for (index, code) in CodeCases.basic.enumerated() {
                for responders in patterns(code) {
                    tests.valid(
                        1000 * (index + 1) + bits(responders), "\(code.title), \(responders.members)",
                        flags(code, responders),
                        DecodingVector(code: code.explicit, responders: responders.members, rule: .any),
                        expected(code.matrix, responders))
                }
            }
            let order = [4, 0, 2]
            let code = CodeCases.integers(5, 2)
            tests.valid(
                500, "responders in another order", [.normal],
                DecodingVector(code: code.explicit, responders: order, rule: .any),
                expected(code.matrix, set(order, 5)))
            let unsorted = CodeCases.unsortedNodes.matrix
            let tiny = Rational(2).power(-60)
            let near = RationalMatrix(rows: 2, columns: 2) { i, j in
                i == 0 ? (j == 0 ? 1 : 1 + tiny) : (j == 0 ? tiny : 0)
            }
            let small = RationalMatrix(rows: 3, columns: 3) { i, j in
                Rational(10).power(-12) * CodeCases.integers(3, 1).matrix[i, j]
            }
            let exact: [(Int, String, RationalMatrix, [Int])] = [
                (520, "unsorted nodes, workers of rank 2", unsorted, [0, 2, 4]),
                (521, "a row that differs from 1 by 2^-60", near, [0]),
                (522, "and the one that mends it", near, [0, 1]),
                (523, "rows of 10^-12, too few", small, [0]), (524, "rows of 10^-12, enough", small, [0, 2]),
            ]
            for (tcId, comment, matrix, members) in exact {
                let responders = set(members, matrix.rows)
                tests.valid(
                    tcId, comment,
                    matrix.decode(responders: responders).vector == nil ? [.undecodable] : [.largeEntries],
                    DecodingVector(code: CodeDescriptor(matrix), responders: members, rule: .any),
                    expected(matrix, responders))
            }
            let tall = RationalMatrix(rows: 3, columns: 2) { i, j in Rational(i * j + 1) }
            for responders in WorkerSet.subsets(of: 3) {
                tests.valid(
                    510 + bits(responders), "more workers than partitions, \(responders.members)",
                    [.severalAnswers],
                    DecodingVector(code: CodeDescriptor(tall), responders: responders.members, rule: .any),
                    expected(tall, responders))
            }
        }
        file.group(2, "CanonicalVector", profile: .wire, basis: .house, section: "GradientCode.md#canonical-decoder") {
            tests in
            for (index, code) in CodeCases.basic.enumerated() {
                for responders in patterns(code) {
                    tests.valid(
                        1000 * (index + 31) + bits(responders), "\(code.title), \(responders.members)",
                        flags(code, responders),
                        DecodingVector(
                            code: index.isMultiple(of: 2) ? code.explicit : code.named, responders: responders.members,
                            rule: .canonical),
                        expected(code.matrix, responders))
                }
            }
            hand(&tests)
            let code = CodeCases.integers(40, 19)
            for (tcId, members) in [(900, Array(0..<21)), (901, Array(19..<40)), (902, Array(0..<40))] {
                tests.valid(
                    tcId, "\(code.title), \(members.count) responders from \(members[0])", [.largeEntries],
                    DecodingVector(code: code.named, responders: members, rule: .canonical),
                    expected(code.matrix, set(members, 40)))
            }
        }
        file.group(3, "Refusals", profile: .core, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            for (tcId, comment, flag, members, kind) in refusedResponders(1) {
                tests.invalid(
                    tcId, comment, [flag],
                    DecodingVector(code: CodeCases.integers(3, 1).explicit, responders: members, rule: .any), kind)
            }
            for (tcId, comment, flag, code, kind) in refusedMatrices(20) {
                tests.invalid(tcId, comment, [flag], DecodingVector(code: code, responders: [], rule: .any), kind)
            }
        }
        file.group(4, "RefusedNames", profile: .wire, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            for (tcId, comment, flag, code, kind) in refusedCodes(40) where code.matrix == nil {
                tests.invalid(
                    tcId, comment, [flag], DecodingVector(code: code, responders: [], rule: .canonical), kind)
            }
        }
        furtherDecodings(&file)
        return file.file
    }

    /// The examples worked by hand in the documentation, as literals.
    private static func hand(_ tests: inout VectorFileBuilder<DecodingVector>.Tests) {
        func add(
            _ tcId: Int, _ n: Int, _ s: Int, _ members: [Int], _ vector: [Rational], kappa: Rational,
            _ flag: VectorFlag = .handExample
        ) {
            tests.valid(
                tcId, "CRC-Z (\(n), \(s)), \(members): by hand", [flag],
                DecodingVector(
                    code: CodeDescriptor(.crcZ, workers: n, stragglers: s), responders: members, rule: .canonical),
                .init(
                    status: .exact, vector: vector, binary32: Binary32Vector(vector.map { Float($0) }), kappa: kappa,
                    witness: nil))
        }
        add(800, 5, 2, [0, 2, 4], [Rational(2, 3), 0, Rational(1, 3), 0, -1], kappa: 7)
        add(801, 5, 2, [0, 1, 2], [Rational(1, 6), Rational(1, 6), Rational(1, 6), 0, 0], kappa: 1)
        add(802, 5, 2, [1, 3, 4], [0, Rational(1, 4), 0, Rational(1, 4), Rational(1, 4)], kappa: 1)
        add(
            803, 7, 3, [0, 2, 4, 6],
            [Rational(11, 38), 0, Rational(3, 38), 0, Rational(1, 19), 0, Rational(9, 19)], kappa: Rational(201, 19))
        add(804, 4, 1, [1, 3], [0, Rational(1, 2), 0, 1], kappa: 1, .notTight)
    }

    /// Vectors of `gradientCode.leastSquares`.
    static var leastSquaresVectors: VectorFile {
        var file = VectorFileBuilder(
            LeastSquares.self, "The projection of 1 on the responders' rows is unique; the minimum-norm vector is wire."
        )
        func fill(
            _ tests: inout VectorFileBuilder<LeastSquares>.Tests, _ first: Int,
            _ descriptor: (CodeCases.Case) -> CodeDescriptor
        ) {
            for (index, code) in CodeCases.basic.enumerated() {
                for responders in patterns(code) {
                    tests.valid(
                        first + 1000 * index + bits(responders), "\(code.title), \(responders.members)",
                        flags(code, responders),
                        LeastSquares(code: descriptor(code), responders: responders.members),
                        leastSquares(code.matrix, responders))
                }
            }
        }
        file.group(1, "Projection", profile: .core, basis: .derived) { fill(&$0, 1000) { $0.explicit } }
        file.group(2, "MinimumNorm", profile: .wire, basis: .house) { tests in
            fill(&tests, 31000) { $0.explicit }
            let code = CodeDescriptor(.crcZ, workers: 5, stragglers: 2)
            tests.valid(
                800, "CRC-Z (5, 2), [0, 2]: by hand", [.handExample], LeastSquares(code: code, responders: [0, 2]),
                .init(
                    vector: [Rational(10, 47), 0, Rational(10, 47), 0, 0],
                    recovered: [60, 30, 20, 30, 60].map { Rational($0, 47) }, residual: Rational(35, 47)))
            tests.valid(
                801, "CRC-Z (5, 2), everybody: by hand", [.handExample, .severalAnswers],
                LeastSquares(code: code, responders: [0, 1, 2, 3, 4]),
                .init(
                    vector: [
                        Rational(7, 54), Rational(5, 27), Rational(7, 54), Rational(1, 18), Rational(1, 18),
                    ], recovered: [1, 1, 1, 1, 1], residual: 0))
        }
        file.group(3, "Refusals", profile: .core, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            for (tcId, comment, flag, members, kind) in refusedResponders(1) {
                tests.invalid(
                    tcId, comment, [flag],
                    LeastSquares(code: CodeCases.integers(3, 1).explicit, responders: members), kind)
            }
            for (tcId, comment, flag, code, kind) in refusedMatrices(20) {
                tests.invalid(tcId, comment, [flag], LeastSquares(code: code, responders: []), kind)
            }
        }
        file.group(4, "RefusedNames", profile: .wire, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            for (tcId, comment, flag, code, kind) in refusedCodes(40) where code.matrix == nil {
                tests.invalid(tcId, comment, [flag], LeastSquares(code: code, responders: []), kind)
            }
        }
        furtherProjections(&file)
        return file.file
    }

    /// What the reference says of a set of responders.
    package static func expected(_ matrix: RationalMatrix, _ responders: WorkerSet) -> DecodingVector.Expected {
        switch matrix.decode(responders: responders) {
        case .exact(let vector):
            .init(
                status: .exact, vector: vector, binary32: Binary32Vector(vector.map { Float($0) }),
                kappa: matrix.amplification(of: vector), witness: nil)
        case .undecodable(let witness):
            .init(status: .undecodable, vector: nil, binary32: nil, kappa: nil, witness: witness)
        }
    }

    /// What the reference says of the best approximation.
    package static func leastSquares(_ matrix: RationalMatrix, _ responders: WorkerSet) -> LeastSquares.Expected {
        let decoding = matrix.leastSquaresDecoding(responders: responders)
        return .init(vector: decoding.vector, recovered: decoding.recovered, residual: decoding.residual)
    }

    /// All sets of responders up to five workers; beyond, the sets at and just below the threshold, none and all.
    static func patterns(_ code: CodeCases.Case) -> [WorkerSet] {
        let threshold = code.workers - code.stragglers
        return WorkerSet.subsets(of: code.workers).filter { set in
            code.workers <= 5 || set.isEmpty || set.count == threshold || set.count == code.workers
                || (set.count == threshold - 1 && (code.workers == 6 || set.contains(0)))
        }
    }

    static func flags(_ code: CodeCases.Case, _ responders: WorkerSet) -> [VectorFlag] {
        let decodable = code.matrix.decode(responders: responders).vector != nil
        if responders.isEmpty { return [.smallest, .undecodable] }
        if !decodable { return [.undecodable] }
        return responders.count < code.workers - code.stragglers ? [.notTight] : [.normal]
    }

    static func bits(_ responders: WorkerSet) -> Int { responders.reduce(0) { $0 | 1 << $1 } }

    static func set(_ members: [Int], _ workers: Int) -> WorkerSet {
        guard let set = try? WorkerSet(members, of: workers) else { preconditionFailure("valid responders") }
        return set
    }

    private typealias RefusedResponders = (Int, String, VectorFlag, [Int], Refusal.Kind)

    private static func refusedResponders(_ first: Int) -> [RefusedResponders] {
        [
            (first, "a responder twice", .invalidParameters, [0, 0, 1], .duplicateWorker),
            (first + 1, "a responder beyond the last worker", .invalidParameters, [0, 3], .indexOutOfRange),
            (first + 2, "a negative responder", .invalidParameters, [-1], .indexOutOfRange),
            (first + 3, "out of range and twice: the range is refused", .precedence, [5, 5], .indexOutOfRange),
            (first + 4, "twice before out of range: the range is refused", .precedence, [0, 0, 9], .indexOutOfRange),
        ]
    }
}
