import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
package import GradientCodes

extension CooperativeGradientCode {
    /// Vectors of `cooperative.decode`.
    static var decodeVectors: VectorFile {
        var file = VectorFileBuilder(
            Decode.self, "Outcome, recovered set and coefficients of a round.",
            "links[attempt][receiver][sender] and uplinks[attempt][client], 1 for up.",
            "Links on the diagonal and outside the windows mean nothing.")
        file.group(1, "AllPatterns", profile: .core, basis: .derived) { tests in
            // Every pattern of CRC-Z(3,1): three links and three uplinks.
            for (index, decoder) in Decoder.allCases.enumerated() {
                for bits in 0..<64 {
                    let links = [[1, bits & 1, 0], [1, 0, bits >> 1 & 1], [bits >> 2 & 1, 0, 1]]
                    let question = Decode(
                        code: CodeDescriptor(matrix(.integers, 3, 1)), stragglers: 1, decoder: decoder, links: [links],
                        uplinks: [(0..<3).map { bits >> (3 + $0) & 1 }])
                    tests.valid(
                        100 * index + bits, "CRC-Z(3,1), \(decoder.rawValue), pattern \(bits)",
                        [bits == 0 ? .smallest : .normal], question, answer(question))
                }
            }
        }
        file.group(
            2, "HandExamples", profile: .core, basis: .derived, section: "CooperativeGradientCode.md#hand-examples"
        ) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ matrix: RationalMatrix, _ s: Int, _ decoder: Decoder,
                _ links: [[[Int]]], _ uplinks: [[Int]]
            ) {
                let question = Decode(
                    code: CodeDescriptor(matrix), stragglers: s, decoder: decoder, links: links, uplinks: uplinks)
                tests.valid(tcId, comment, [.handExample], question, answer(question))
            }
            let all3 = [[1, 1, 1], [1, 1, 1], [1, 1, 1]]
            let all4 = [[Int]](repeating: [1, 1, 1, 1], count: 4)
            for (index, decoder) in Decoder.allCases.enumerated() {
                add(
                    1000 + index, "CRC-Z(3,1) without outages, \(decoder.rawValue)", matrix(.integers, 3, 1), 1,
                    decoder,
                    [all3], [[1, 1, 1]])
                add(
                    1010 + index, "not tight: CRC-Z(4,1), rows 1 and 3, \(decoder.rawValue)", matrix(.integers, 4, 1),
                    1, decoder, [all4], [[0, 1, 0, 1]])
                add(
                    1020 + index, "not tight: CRC-1(4,1), rows 0 and 2, \(decoder.rawValue)", matrix(.ones, 4, 1),
                    1, decoder, [all4], [[1, 0, 1, 0]])
                add(
                    1030 + index, "one complete client twice, \(decoder.rawValue)", matrix(.integers, 3, 1), 1, decoder,
                    [all3, all3], [[1, 0, 0], [1, 0, 0]])
                add(
                    1040 + index, "M = 1, b = 3, \(decoder.rawValue)",
                    RationalMatrix(rows: 1, columns: 1) { _, _ in 3 },
                    0, decoder, [[[0]]], [[1]])
                add(
                    1050 + index, "s = 0: identity, two of three uplinks, \(decoder.rawValue)", .identity(3), 0,
                    decoder,
                    [[[0, 0, 0], [0, 0, 0], [0, 0, 0]]], [[1, 0, 1]])
                add(
                    1060 + index, "the better link destroys recovery: before, \(decoder.rawValue)",
                    RationalMatrix(rows: 3, columns: 3) { _, _ in 1 }, 2, decoder,
                    [[[1, 1, 0], [1, 1, 0], [0, 0, 1]]], [[1, 1, 1]])
                add(
                    1070 + index, "the better link destroys recovery: after, \(decoder.rawValue)",
                    RationalMatrix(rows: 3, columns: 3) { _, _ in 1 }, 2, decoder,
                    [[[1, 1, 0], [1, 1, 0], [0, 1, 1]]], [[1, 1, 1]])
                add(
                    1080 + index, "CRC-Z(12,5) without outages has rank 7, \(decoder.rawValue)",
                    matrix(.integers, 12, 5), 5, decoder,
                    [[[Int]](repeating: [Int](repeating: 1, count: 12), count: 12)],
                    [[Int](repeating: 1, count: 12)])
            }
        }
        file.group(
            3, "GoldenIteration", profile: .core, basis: .derived,
            section: "CooperativeGradientCode.md#golden-iteration"
        ) { tests in
            let golden = CooperativeGolden()
            for (place, (t, attempts)) in [(UInt32(2), 1), (2, 2), (8, 1), (8, 2), (5, 2), (9, 2)].enumerated() {
                let outages = golden.outages(attempts: attempts, t: t)
                for (index, decoder) in Decoder.allCases.enumerated() {
                    let question = Decode(
                        code: CodeDescriptor(golden.matrix), stragglers: 2, decoder: decoder,
                        links: outages.links.map { $0.map { $0.map { $0 ? 1 : 0 } } },
                        uplinks: outages.uplinks.map { $0.map { $0 ? 1 : 0 } })
                    tests.valid(
                        2000 + 10 * place + index, "t = \(t), \(attempts) attempts, \(decoder.rawValue)",
                        [.handExample],
                        question, answer(question))
                }
            }
        }
        file.group(4, "Refusals", profile: .core, basis: .house, section: "CooperativeGradientCode.md#refusals") {
            tests in
            let right = Decode(
                code: CodeDescriptor(.identity(2)), stragglers: 0, decoder: .plus, links: [[[1, 1], [1, 1]]],
                uplinks: [[1, 1]])
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Refusal.Kind,
                _ damage: (inout Decode) -> Void
            ) {
                var question = right
                damage(&question)
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            refuse(3000, "a link 2", .invalidParameters, .invalidParameters) { $0.links = [[[1, 2], [1, 1]]] }
            refuse(3001, "an uplink −1", .invalidParameters, .invalidParameters) { $0.uplinks = [[1, -1]] }
            refuse(3002, "s = M", .invalidParameters, .invalidParameters) { $0.stragglers = 2 }
            refuse(3003, "no attempt", .smallest, .invalidParameters) {
                $0.links = []; $0.uplinks = []
            }
            refuse(3004, "b_11 = 0", .invalidParameters, .invalidParameters) {
                $0.code = CodeDescriptor(matrix: [[1, 0], [1, 0]])
            }
            refuse(3005, "more attempts of links than of uplinks", .sizes, .dimensionMismatch) {
                $0.links.append($0.links[0])
            }
            refuse(3006, "a short row of uplinks", .sizes, .dimensionMismatch) { $0.uplinks = [[1]] }
            refuse(3007, "a short row of links", .sizes, .dimensionMismatch) { $0.links = [[[1], [1, 1]]] }
            refuse(3008, "a matrix that is not square", .sizes, .dimensionMismatch) {
                $0.code = CodeDescriptor(matrix: [[1, 1, 0], [1, 1, 0]])
            }
            refuse(3009, "a link 2 and a short row: the link", .precedence, .invalidParameters) {
                $0.links = [[[2], [1, 1]]]
            }
        }
        file.group(90, "RefusedCodes", profile: .wire, basis: .house) { tests in
            for (tcId, comment, flag, code, kind) in GradientCode.refusedNames(9900) {
                tests.invalid(
                    tcId, comment, [flag],
                    Decode(code: code, stragglers: 0, decoder: .plus, links: [[]], uplinks: [[]]), kind)
            }
        }
        return file.file
    }

    /// Vectors of `cooperative.decodePlus`.
    static var decodePlusVectors: VectorFile {
        var file = VectorFileBuilder(
            DecodePlus.self, "What GC+ makes of given rows, with proofs.",
            "Every claim has a certificate: coefficients, or a witness.")
        file.group(
            1, "HandExamples", profile: .core, basis: .derived, section: "CooperativeGradientCode.md#hand-examples"
        ) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ matrix: RationalMatrix, attempts: Int = 1,
                _ rows: [DeliveredRow]
            ) {
                let question = DecodePlus(code: CodeDescriptor(matrix), attempts: attempts, rows: rows)
                tests.valid(tcId, comment, [flag], question, answer(question))
            }
            let z3 = matrix(.integers, 3, 1)
            func row(_ m: Int, _ available: [Int], attempt: Int = 0) -> DeliveredRow {
                DeliveredRow(client: m, attempt: attempt, available: available)
            }
            add(1, "rows (2,1,0), (0,0,1)", .handExample, z3, [row(0, [0, 1]), row(2, [2])])
            add(2, "with row 1 as well", .handExample, z3, [row(0, [0, 1]), row(1, [1, 2]), row(2, [2])])
            add(3, "no outage", .handExample, z3, [row(0, [0, 1]), row(1, [1, 2]), row(2, [2, 0])])
            add(4, "only pins", .handExample, z3, [row(0, [0]), row(1, [1]), row(2, [2])])
            let ones = RationalMatrix(rows: 3, columns: 3) { _, _ in 1 }
            add(5, "rows (1,1,0), (0,1,0): the reduced form", .handExample, ones, [row(0, [0, 1]), row(1, [1])])
            add(
                6, "every column covered, and no full recovery", .handExample, ones,
                [row(0, [0, 1]), row(1, [0, 1]), row(2, [1, 2])])
            add(
                7, "one client in two attempts", .handExample, z3, attempts: 2,
                [row(0, [0, 1]), row(0, [0], attempt: 1)])
            add(8, "no row", .smallest, z3, [])
            add(9, "M = 1, b = 3", .smallest, RationalMatrix(rows: 1, columns: 1) { _, _ in 3 }, [row(0, [0])])
            add(
                10, "equal rows of two attempts", .handExample, z3, attempts: 2,
                [row(1, [1, 2]), row(1, [2, 1], attempt: 1)])
            add(11, "rows in another order", .normal, z3, attempts: 2, [row(2, [2], attempt: 1), row(0, [0, 1])])
            add(12, "not tight", .notTight, matrix(.integers, 4, 1), [row(1, [1, 2]), row(3, [3, 0])])
            add(
                13, "a support that is no window", .normal,
                RationalMatrix([[1, 0, 2], [0, 1, 0], [1, 1, 1]]) ?? ones,
                [
                    row(0, [0, 2]), row(2, [1, 2]),
                ])
            let golden = CooperativeGolden()
            for (place, (t, attempts)) in [(UInt32(2), 1), (2, 2), (8, 1), (8, 2)].enumerated() {
                let rows = golden.scheme(attempts: attempts).rows(of: golden.outages(attempts: attempts, t: t))
                add(
                    20 + place, "golden iteration, t = \(t), \(attempts) attempts", .handExample, golden.matrix,
                    attempts: attempts, rows.map { row($0.client, $0.available.members, attempt: $0.attempt) })
            }
        }
        file.group(2, "AllMasks", profile: .core, basis: .derived) { tests in
            // Every pattern of delivered rows of three codes whose laws differ.
            for (place, B) in [matrix(.ones, 4, 1), matrix(.integers, 4, 1), matrix(.tightIntegers, 4, 1)].enumerated()
            {
                for pattern in 0..<81 {
                    var (rest, rows): (Int, [DeliveredRow]) = (pattern, [])
                    for m in 0..<4 {
                        if rest % 3 > 0 {
                            rows.append(DeliveredRow(client: m, available: rest % 3 == 1 ? [m, (m + 1) % 4] : [m]))
                        }
                        rest /= 3
                    }
                    let question = DecodePlus(code: CodeDescriptor(B), rows: rows)
                    tests.valid(
                        1000 * (place + 1) + pattern, "(4,1), pattern \(pattern) in base 3", [.normal], question,
                        answer(question))
                }
            }
        }
        addRefusals(to: &file)
        file.group(90, "RefusedCodes", profile: .wire, basis: .house) { tests in
            for (tcId, comment, flag, code, kind) in GradientCode.refusedNames(9900) {
                tests.invalid(tcId, comment, [flag], DecodePlus(code: code, rows: []), kind)
            }
        }
        return file.file
    }

    private static func addRefusals(to file: inout VectorFileBuilder<DecodePlus>) {
        file.group(3, "Refusals", profile: .core, basis: .house, section: "CooperativeGradientCode.md#refusals") {
            tests in
            let code = CodeDescriptor(matrix(.integers, 3, 1))
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, attempts: Int = 1, _ rows: [DeliveredRow],
                _ kind: Refusal.Kind
            ) {
                tests.invalid(
                    tcId, comment, [flag], DecodePlus(code: code, attempts: attempts, rows: rows), kind)
            }
            refuse(
                9000, "attempt 1 of 1", .invalidParameters, [.init(client: 0, attempt: 1, available: [0])],
                .invalidParameters)
            refuse(
                9001, "attempt −1", .invalidParameters, [.init(client: 0, attempt: -1, available: [0])],
                .invalidParameters)
            refuse(9002, "Up_0 without 0", .invalidParameters, [.init(client: 0, available: [1])], .invalidParameters)
            refuse(
                9003, "Up_0 beyond the window", .invalidParameters, [.init(client: 0, available: [0, 2])],
                .invalidParameters)
            refuse(9004, "no attempt", .invalidParameters, attempts: 0, [], .invalidParameters)
            refuse(9005, "client 3 of 3", .sizes, [.init(client: 3, available: [3])], .indexOutOfRange)
            refuse(9006, "3 in Up_0", .sizes, [.init(client: 0, available: [0, 3])], .indexOutOfRange)
            refuse(
                9007, "the same client twice", .invalidParameters,
                [.init(client: 0, available: [0]), .init(client: 0, available: [0, 1])], .duplicateWorker)
            refuse(
                9008, "0 twice in Up_0", .invalidParameters, [.init(client: 0, available: [0, 0])], .duplicateWorker)
            tests.invalid(
                9009, "b_11 = 0", [.invalidParameters],
                DecodePlus(code: CodeDescriptor(matrix: [[1, 0], [1, 0]]), rows: []), .invalidParameters)
            tests.invalid(
                9010, "a matrix that is not square", [.sizes],
                DecodePlus(code: CodeDescriptor(matrix: [[1, 1, 0], [1, 1, 0]]), rows: []), .dimensionMismatch)
        }
    }

    /// A cyclic code's matrix.
    static func matrix(_ construction: CyclicRepetitionCode.Construction, _ M: Int, _ s: Int) -> RationalMatrix {
        guard
            let matrix = try? CyclicRepetitionCode(workers: M, stragglers: s, construction: construction).encodingMatrix
        else { preconditionFailure("a legal code") }
        return matrix
    }

    /// The answer of the reference.
    package static func answer(_ question: Decode) -> Decode.Answer {
        guard let matrix = try? question.code.resolved().cooperativeMatrix,
            let scheme = try? CooperativeGradientCode(
                encodingMatrix: matrix, stragglers: question.stragglers, attempts: question.uplinks.count),
            let outages = try? CooperativeOutages(
                links: question.links.map { $0.map { $0.map { $0 == 1 } } },
                uplinks: question.uplinks.map { $0.map { $0 == 1 } }, of: scheme),
            let reception = try? CooperativeReception(
                scheme: scheme, encodingMatrix: matrix, rows: scheme.rows(of: outages)),
            let decoding = try? reception.decode(question.decoder)
        else { preconditionFailure("a valid question") }
        return Decode.Answer(
            status: decoding.outcome, recovered: decoding.recovered, vector: decoding.coefficients.map { .exact($0) })
    }

    /// The answer of the reference.
    package static func answer(_ question: DecodePlus) -> DecodePlus.Answer {
        guard let matrix = try? question.code.resolved().cooperativeMatrix,
            let scheme = try? CooperativeGradientCode(
                encodingMatrix: matrix, stragglers: 0, attempts: question.attempts),
            let rows = try? question.rows.map({
                CooperativeRow(
                    client: $0.client, attempt: $0.attempt, available: try WorkerSet($0.available, of: scheme.clients))
            }), let reception = try? CooperativeReception(scheme: scheme, encodingMatrix: matrix, rows: rows),
            let decoding = try? reception.decode(.plus)
        else { preconditionFailure("a valid question") }
        func certificate(_ proof: RowSpaceCertificate) -> Certificate {
            Certificate(coefficients: proof.coefficients.map { .exact($0) }, witness: proof.witness)
        }
        return DecodePlus.Answer(
            outcome: decoding.outcome, rank: decoding.rank, recovered: decoding.recovered,
            sum: certificate(reception.sum), projection: reception.projection)
    }
}
