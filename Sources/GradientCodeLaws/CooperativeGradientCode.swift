import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

/// A code of a cooperative scheme.
struct CooperativeCode: Sendable {
    let title: String
    let matrix: RationalMatrix
    let stragglers: Int

    init(_ construction: CyclicRepetitionCode.Construction, _ title: String, _ M: Int, _ s: Int) {
        self.title = "\(title)(\(M),\(s))"
        stragglers = s
        guard
            let matrix = try? CyclicRepetitionCode(workers: M, stragglers: s, construction: construction).encodingMatrix
        else { preconditionFailure("a legal code") }
        self.matrix = matrix
    }

    var clients: Int { matrix.rows }
    var descriptor: CodeDescriptor { CodeDescriptor(matrix) }

    /// Small ones, simplest first; tight and not, with equal rows and with all supports.
    static let small = [
        CooperativeCode(.integers, "CRC-Z", 1, 0), CooperativeCode(.integers, "CRC-Z", 2, 1),
        CooperativeCode(.integers, "CRC-Z", 3, 0), CooperativeCode(.integers, "CRC-Z", 3, 1),
        CooperativeCode(.tightIntegers, "CRC-Zt", 3, 1),
    ]
    /// Small and larger ones.
    static let all =
        small + [
            CooperativeCode(.integers, "CRC-Z", 3, 2), CooperativeCode(.integers, "CRC-Z", 4, 1),
            CooperativeCode(.ones, "CRC-1", 4, 1), CooperativeCode(.tightIntegers, "CRC-Zt", 4, 2),
            CooperativeCode(.integers, "CRC-Z", 5, 2), CooperativeCode(.tightIntegers, "CRC-Zt", 5, 3),
        ]

    func scheme(attempts: Int) -> CooperativeGradientCode {
        guard
            let scheme = try? CooperativeGradientCode(
                encodingMatrix: matrix, stragglers: stragglers, attempts: attempts)
        else { preconditionFailure("a legal scheme") }
        return scheme
    }

    /// All links and uplinks of one attempt that mean something, one bit each; other links are down.
    func pattern(_ bits: Int) -> (links: [[Int]], uplinks: [Int]) {
        let s = stragglers
        let M = clients
        var links = [[Int]](repeating: [Int](repeating: 0, count: M), count: M)
        for m in 0..<M {
            for j in 1..<s + 1 { links[m][(m + j) % M] = bits >> (m * s + j - 1) & 1 }
        }
        return (links, (0..<M).map { bits >> (M * s + $0) & 1 })
    }

    /// How many patterns there are.
    var patterns: Int { 1 << (clients * (stragglers + 1)) }

    /// The probability of a pattern.
    func probability(_ bits: Int, uplinks: [Rational], links: [[Rational]]) -> Rational {
        let pattern = pattern(bits)
        var product: Rational = 1
        for m in 0..<clients {
            product *= pattern.uplinks[m] == 1 ? 1 - uplinks[m] : uplinks[m]
            for j in 1..<stragglers + 1 {
                let k = (m + j) % clients
                product *= pattern.links[m][k] == 1 ? 1 - links[m][k] : links[m][k]
            }
        }
        return product
    }
}

extension Law {
    static let cooperativeGradientCode: [Law] = [
        forAll(
            CooperativeCode.small.flatMap { code in
                CooperativeGradientCode.Decoder.allCases.map { (code: code, decoder: $0) }
            }, id: "cooperative.allPatterns",
            "On every pattern of links and uplinks each decoder succeeds exactly when its event holds.", profile: .core,
            basis: .derived, section: "CooperativeGradientCode.md#decoders", needs: ["cooperative.decode"]
        ) { drawn, examiner in
            let questions = (0..<drawn.code.patterns).map { bits in
                let pattern = drawn.code.pattern(bits)
                return CooperativeGradientCode.Decode(
                    code: drawn.code.descriptor, stragglers: drawn.code.stragglers, decoder: drawn.decoder,
                    links: [pattern.links], uplinks: [pattern.uplinks])
            }
            try await examiner.check(
                questions.map { ($0, CooperativeGradientCode.answer($0)) }, profile: .core)
        },
        generated(
            120, id: "cooperative.proofs",
            "Outcome, rank and recovered set of stacked rows are right, and every proof proves what is claimed.",
            profile: .core, basis: .derived, section: "CooperativeGradientCode.md#certificates",
            needs: ["cooperative.decodePlus"]
        ) { choices in
            let code = choices.element(of: CooperativeCode.all)
            // The bound on float proofs goes through all bases of the rows.
            let attempts = choices.integer(in: 1...(code.clients <= 4 ? 3 : 2))
            var rows: [CooperativeGradientCode.DeliveredRow] = []
            for attempt in 0..<attempts {
                for m in choices.subset(of: 0..<code.clients) {
                    let heard = choices.subset(of: 1..<code.stragglers + 1).map { (m + $0) % code.clients }
                    rows.append(.init(client: m, attempt: attempt, available: choices.shuffled([m] + heard)))
                }
            }
            return CooperativeGradientCode.DecodePlus(code: code.descriptor, attempts: attempts, rows: rows)
        } trial: { question, examiner in
            try await examiner.check([(question, CooperativeGradientCode.answer(question))], profile: .core)
        },
        generated(
            60, id: "cooperative.causes",
            "Success and the four causes are the exact law of the counts; they sum to 1.", profile: .core,
            basis: .derived, section: "CooperativeGradientCode.md#causes", needs: ["cooperative.outage"]
        ) { choices in
            let M = choices.integer(in: 1...6)
            let s = choices.integer(in: 0...M - 1)
            func probability(_ choices: inout Choices) -> Rational { Rational(choices.integer(in: 0...6), 6) }
            let uplinks = (0..<M).map { _ in probability(&choices) }
            let links = (0..<M).map { _ in (0..<M).map { _ in probability(&choices) } }
            return CooperativeGradientCode.Outage(clients: M, stragglers: s, uplinks: uplinks, links: links)
        } trial: { question, examiner in
            try await examiner.check([(question, causes(of: question))], profile: .core)
        },
        forAll(
            [CooperativeCode.small[1], CooperativeCode.small[3]], id: "cooperative.outageIsEnumeration",
            "The outage is the probability of the patterns in which the subject's own standard decoding fails.",
            profile: .core, basis: .derived, section: "CooperativeGradientCode.md#theorem-2",
            needs: ["cooperative.outage", "cooperative.decode"]
        ) { code, examiner in
            let M = code.clients
            let uplinks = (0..<M).map { Rational(2 * $0 + 1, 7) }
            let links = (0..<M).map { m in (0..<M).map { k in Rational((3 * m + 5 * k) % 8, 8) } }
            let answers = try await examiner.answers(
                (0..<code.patterns).map { bits in
                    let pattern = code.pattern(bits)
                    return CooperativeGradientCode.Decode(
                        code: code.descriptor, stragglers: code.stragglers, decoder: .threshold,
                        links: [pattern.links], uplinks: [pattern.uplinks])
                })
            let success = answers.indices.filter { answers[$0].status == .full }.map {
                code.probability($0, uplinks: uplinks, links: links)
            }.total
            let question = CooperativeGradientCode.Outage(
                clients: M, stragglers: code.stragglers, uplinks: uplinks, links: links)
            let answer = try await examiner.answer(question)
            guard answer.success == success else {
                throw Violation(
                    question, Mismatch("success is not what decoding does", expected: success, received: answer))
            }
        },
        forAll(
            CooperativeCode.small.dropFirst().flatMap { code in
                CooperativeGradientCode.Decoder.allCases.map { (code: code, decoder: $0) }
            }, id: "cooperative.lawIsEnumeration",
            "The law of the outcome is the probability of the patterns in which the subject's own decoding has it.",
            profile: .core, basis: .derived, section: "CooperativeGradientCode.md#laws",
            needs: ["cooperative.law", "cooperative.decode"]
        ) { drawn, examiner in
            let code = drawn.code
            let (p, q) = (Rational(1, 3), Rational(2, 5))
            let M = code.clients
            let answers = try await examiner.answers(
                (0..<code.patterns).map { bits in
                    let pattern = code.pattern(bits)
                    return CooperativeGradientCode.Decode(
                        code: code.descriptor, stragglers: code.stragglers, decoder: drawn.decoder,
                        links: [pattern.links],
                        uplinks: [pattern.uplinks])
                })
            func probability(_ outcome: CooperativeGradientCode.Outcome) -> Rational {
                answers.indices.filter { answers[$0].status == outcome }.map {
                    code.probability(
                        $0, uplinks: Array(repeating: p, count: M),
                        links: Array(repeating: Array(repeating: q, count: M), count: M))
                }.total
            }
            let question = CooperativeGradientCode.OutcomeLaw(
                code: code.descriptor, stragglers: code.stragglers, decoder: drawn.decoder, uplink: p, link: q)
            let answer = try await examiner.answer(question)
            let expected = [probability(.full), probability(.partial), probability(.none)]
            guard [answer.full, answer.partial, answer.none] == expected else {
                throw Violation(
                    question, Mismatch("the law is not what decoding does", expected: expected, received: answer))
            }
        },
    ]

    /// The answer by enumerating the states of all clients: complete or not, up or not.
    private static func causes(of question: CooperativeGradientCode.Outage) -> CooperativeGradientCode.Outage.Answer {
        let M = question.clients
        let v = M - question.stragglers
        let complete = (0..<M).map { m in
            (1..<question.stragglers + 1).reduce(1 as Rational) { $0 * (1 - question.links[m][(m + $1) % M]) }
        }
        var answer = CooperativeGradientCode.Outage.Answer(success: 0, links: 0, uplinks: 0, both: 0, misaligned: 0)
        for state in 0..<1 << (2 * M) {
            let c = (0..<M).filter { state >> $0 & 1 == 1 }
            let u = (0..<M).filter { state >> (M + $0) & 1 == 1 }
            let probability = (0..<M).reduce(1 as Rational) { product, m in
                product * (c.contains(m) ? complete[m] : 1 - complete[m])
                    * (u.contains(m) ? 1 - question.uplinks[m] : question.uplinks[m])
            }
            switch (c.count >= v, u.count >= v, c.count { u.contains($0) } >= v) {
            case (_, _, true): answer.success += probability
            case (false, true, _): answer.links += probability
            case (true, false, _): answer.uplinks += probability
            case (false, false, _): answer.both += probability
            case (true, true, _): answer.misaligned += probability
            }
        }
        return answer
    }
}
