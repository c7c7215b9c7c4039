package import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
package import GradientCodes

extension CooperativeGradientCode {
    /// Vectors of `cooperative.outage`.
    static var outageVectors: VectorFile {
        var file = VectorFileBuilder(
            Outage.self, "The outage of standard decoding in one attempt, by causes.",
            "The first index of a link is the receiver. Links outside the windows have probabilities that mean nothing."
        )
        let tenth = Rational(1, 10)
        let pairs: [(Rational, Rational)] = [(0, 0), (tenth, Rational(1, 5)), (1, Rational(1, 2)), (Rational(1, 2), 1)]
        file.group(1, "Homogeneous", profile: .core, basis: .derived) { tests in
            for M in [1, 2, 3, 5, 10] {
                for s in 0..<M {
                    for (index, (p, q)) in pairs.enumerated() {
                        let question = Outage(
                            clients: M, stragglers: s, uplinks: Array(repeating: p, count: M),
                            links: Array(repeating: Array(repeating: q, count: M), count: M))
                        tests.valid(
                            1000 * M + 10 * s + index, "M = \(M), s = \(s), p = \(p), q = \(q)",
                            [M == 1 ? .smallest : M == 3 && s == 1 ? .handExample : .normal], question,
                            outageAnswer(question))
                    }
                }
            }
        }
        file.group(2, "Heterogeneous", profile: .core, basis: .derived) { tests in
            for (index, (M, s)) in [(3, 1), (4, 2), (5, 1), (5, 3)].enumerated() {
                let question = Outage(
                    clients: M, stragglers: s, uplinks: (0..<M).map { Rational(2 * $0 + 1, 11) },
                    links: (0..<M).map { m in (0..<M).map { k in Rational((3 * m + 5 * k) % 8, 8) } })
                tests.valid(
                    20_000 + index, "M = \(M), s = \(s), links that are not symmetric", [.normal], question,
                    outageAnswer(question))
            }
            let golden = CooperativeGolden()
            let question = Outage(
                clients: 4, stragglers: 2, uplinks: golden.uplinks, links: golden.links)
            tests.valid(20_010, "golden iteration", [.handExample], question, outageAnswer(question))
        }
        file.group(3, "Refusals", profile: .core, basis: .house, section: "CooperativeGradientCode.md#refusals") {
            tests in
            let right = Outage(clients: 2, stragglers: 1, uplinks: [0, 0], links: [[0, 0], [0, 0]])
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Refusal.Kind,
                _ damage: (inout Outage) -> Void
            ) {
                var question = right
                damage(&question)
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            refuse(1, "no client", .smallest, .invalidParameters) {
                $0 = Outage(clients: 0, stragglers: 0, uplinks: [], links: [])
            }
            refuse(2, "s = M", .invalidParameters, .invalidParameters) { $0.stragglers = 2 }
            refuse(3, "s < 0", .invalidParameters, .invalidParameters) { $0.stragglers = -1 }
            refuse(4, "one uplink too many", .sizes, .dimensionMismatch) { $0.uplinks = [0, 0, 0] }
            refuse(5, "one row of links too few", .sizes, .dimensionMismatch) { $0.links = [[0, 0]] }
            refuse(6, "a short row of links", .sizes, .dimensionMismatch) { $0.links = [[0, 0], [0]] }
            refuse(7, "an uplink above 1", .invalidParameters, .invalidProbability) { $0.uplinks = [0, 2] }
            refuse(8, "a link below 0", .invalidParameters, .invalidProbability) { $0.links = [[0, -1], [0, 0]] }
            refuse(9, "a term beyond 64 bits", .overflow, .invalidProbability) {
                $0.uplinks = [1 / Rational(2).power(64), 0]
            }
            refuse(10, "an illegal number where there is no link", .precedence, .invalidProbability) {
                $0.links = [[2, 0], [0, 0]]
            }
            refuse(11, "s = M and a wrong probability: the parameter", .precedence, .invalidParameters) {
                $0.stragglers = 2; $0.uplinks = [2, 0]
            }
        }
        return file.file
    }

    /// The answer, by enumeration of the states of all clients where that is possible: complete or not, up or not.
    private static func outageAnswer(_ question: Outage) -> Outage.Answer {
        guard let scheme = try? CooperativeGradientCode(clients: question.clients, stragglers: question.stragglers),
            let uplinks = try? Probability.all(question.uplinks),
            let links = try? question.links.map({ try Probability.all($0) }),
            let model = try? CooperativeLinkModel(uplinkOutage: uplinks, linkOutage: links)
        else { preconditionFailure("a valid question") }
        let law = CooperativeOutage(scheme, model)
        return Outage.Answer(
            success: law.success, links: law.links, uplinks: law.uplinks, both: law.both, misaligned: law.misaligned)
    }

    /// Vectors of `cooperative.law`.
    static var lawVectors: VectorFile {
        var file = VectorFileBuilder(
            OutcomeLaw.self, "The law of the outcome for homogeneous outages.",
            "The table counts patterns: P(outcome) is the sum of N p^u (1-p)^(R-u) q^j (1-q)^((R-u)s-j), R = M t_r.")
        func add(
            _ tests: inout VectorFileBuilder<OutcomeLaw>.Tests, _ tcId: Int, _ flag: VectorFlag, _ code: CodeDescriptor,
            _ s: Int, attempts: Int, decoder: Decoder = .plus, _ p: Rational, _ q: Rational
        ) {
            guard let matrix = try? code.resolved().cooperativeMatrix,
                let scheme = try? CooperativeGradientCode(encodingMatrix: matrix, stragglers: s, attempts: attempts)
            else { preconditionFailure("a valid code") }
            let tables = CooperativeTables(scheme, encodingMatrix: matrix)
            let title =
                "\(code.kind?.rawValue ?? "matrix")(\(scheme.clients),\(s)), t_r = \(attempts), \(decoder.rawValue)"
            tests.valid(
                tcId, "\(title), p = \(p), q = \(q)", [flag],
                OutcomeLaw(
                    code: CodeDescriptor(matrix), stragglers: s, decoder: decoder, uplink: p, link: q,
                    attempts: attempts),
                tables.answer(decoder, stragglers: s, uplink: p, link: q))
        }
        file.group(1, "OneAttempt", profile: .core, basis: .derived) { tests in
            var tcId = 1
            let codes: [(CodeDescriptor.Kind, Int, Int)] = [
                (.crcZ, 1, 0), (.crcZ, 2, 0), (.crcZ, 2, 1), (.crcZ, 3, 0), (.crcZ, 3, 1), (.crcZt, 3, 1),
                (.crcZ, 3, 2),
                (.crcZ, 4, 0), (.crcZ, 4, 1), (.crcZt, 4, 1), (.crcOnes, 4, 1), (.crcZ, 4, 2), (.crcZt, 4, 2),
                (.crcZ, 4, 3), (.crcZ, 5, 0), (.crcZ, 5, 1), (.crcZt, 5, 1), (.crcZ, 5, 2), (.crcZt, 5, 2),
                (.crcZ, 6, 1), (.crcZt, 6, 1), (.crcOnes, 6, 1),
            ]
            for (kind, M, s) in codes {
                let code = CodeDescriptor(kind, workers: M, stragglers: s)
                add(
                    &tests, tcId, M <= 4 ? .handExample : .normal, code, s, attempts: 1, Rational(1, 10),
                    Rational(3, 10))
                tcId += 1
            }
        }
        file.group(
            2, "SeveralAttempts", profile: .core, basis: .derived, section: "CooperativeGradientCode.md#stacking"
        ) { tests in
            var tcId = 100
            for (kind, M, s, attempts) in [
                (CodeDescriptor.Kind.crcZ, 2, 1, 2), (.crcZ, 3, 1, 2), (.crcZ, 3, 2, 2), (.crcZt, 4, 1, 2),
                (.crcZ, 3, 1, 3), (.crcZ, 3, 2, 3), (.crcZ, 4, 2, 2),
            ] {
                let code = CodeDescriptor(kind, workers: M, stragglers: s)
                let p = 1 / (Rational(2).power(s) + 1)
                add(&tests, tcId, .handExample, code, s, attempts: attempts, p, Rational(1, 2))
                tcId += 1
            }
        }
        file.group(3, "Decoders", profile: .core, basis: .derived, section: "CooperativeGradientCode.md#decoders") {
            tests in
            var tcId = 200
            for decoder in [Decoder.threshold, .all, .hierarchical] {
                for (M, s) in [(3, 1), (4, 2), (5, 1)] {
                    let code = CodeDescriptor(.crcZt, workers: M, stragglers: s)
                    add(&tests, tcId, .normal, code, s, attempts: 1, decoder: decoder, Rational(1, 5), Rational(1, 4))
                    tcId += 1
                }
            }
        }
        file.group(
            4, "NotMonotone", profile: .core, basis: .derived, section: "CooperativeGradientCode.md#surprises"
        ) { tests in
            // Without uplink outages: full recovery is certain for q = 0 and q = 1, and not between.
            for (index, q) in [0, Rational(1, 2), 1].enumerated() {
                add(
                    &tests, 300 + index, .handExample, CodeDescriptor(.crcZ, workers: 3, stragglers: 2), 2, attempts: 1,
                    0, q)
            }
        }
        file.group(5, "Refusals", profile: .core, basis: .house, section: "CooperativeGradientCode.md#refusals") {
            tests in
            let right = OutcomeLaw(
                code: CodeDescriptor(.identity(2)), stragglers: 0, uplink: Rational(1, 2), link: 0)
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ kind: Refusal.Kind,
                _ damage: (inout OutcomeLaw) -> Void
            ) {
                var question = right
                damage(&question)
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            refuse(400, "s = M", .invalidParameters, .invalidParameters) { $0.stragglers = 2 }
            refuse(401, "no attempt", .invalidParameters, .invalidParameters) { $0.attempts = 0 }
            refuse(402, "b_11 = 0", .invalidParameters, .invalidParameters) {
                $0.code = CodeDescriptor(matrix: [[1, 0], [1, 0]])
            }
            refuse(403, "a matrix that is not square", .sizes, .dimensionMismatch) {
                $0.code = CodeDescriptor(matrix: [[1, 1, 0], [1, 1, 0]])
            }
            refuse(404, "p above 1", .invalidParameters, .invalidProbability) { $0.uplink = 2 }
            refuse(405, "q below 0", .invalidParameters, .invalidProbability) { $0.link = -1 }
        }
        file.group(90, "RefusedCodes", profile: .wire, basis: .house) { tests in
            for (tcId, comment, flag, code, kind) in GradientCode.refusedNames(9900) {
                tests.invalid(tcId, comment, [flag], OutcomeLaw(code: code, stragglers: 0, uplink: 0, link: 0), kind)
            }
        }
        return file.file
    }
}

extension CodeDescriptor.Resolved {
    /// The matrix of a code of the suite.
    var cooperativeMatrix: RationalMatrix {
        get throws(Refusal) {
            switch self {
            case .named(let code): try code.encodingMatrix
            case .matrix(let matrix): matrix
            }
        }
    }
}

extension CooperativeTables {
    /// The answer that these tables give for a decoder.
    func answer(_ decoder: CooperativeGradientCode.Decoder, stragglers s: Int, uplink p: Rational, link q: Rational)
        -> CooperativeGradientCode.OutcomeLaw.Answer
    {
        func probability(_ event: Event) -> Rational {
            self.probability(of: event, stragglers: s, uplink: p, link: q)
        }
        switch decoder {
        case .plus:
            return .init(
                full: probability(.full), partial: probability(.partial), none: probability(.none),
                table: [(Event.full, CooperativeGradientCode.Outcome.full), (.partial, .partial), (.none, .none)]
                    .flatMap { event, outcome in
                        entries(of: event).map {
                            .init(outcome: outcome, undelivered: $0.u, down: $0.j, patterns: $0.count)
                        }
                    })
        case .threshold, .span:
            let full = probability(.threshold)
            return .init(full: full, partial: 0, none: 1 - full)
        case .all, .hierarchical:
            let full = probability(decoder == .all ? .rank : .hierarchical)
            let partial = probability(decoder == .all ? .allPartial : .hierarchicalPartial)
            return .init(full: full, partial: partial, none: 1 - full - partial)
        }
    }
}

/// The iteration worked in `docs/CooperativeGradientCode.md#golden-iteration`.
package struct CooperativeGolden: Sendable {
    package let seed: UInt64 = 20_240_319
    /// CRC-Z(4,2).
    package let matrix: RationalMatrix
    /// Outage probabilities of the uplinks.
    package let uplinks = [Rational(1, 2), Rational(1, 4), Rational(3, 8), Rational(1, 2)]
    /// Those of the links.
    package let links = (0..<4).map { m in (0..<4).map { k in Rational((3 * m + 5 * k) % 8, 8) } }
    /// g_k, one a client.
    package let gradients = (0..<4).map { k in (0..<3).map { j in Rational((3 * k + 5 * j) % 7 - 3, 2) } }
    package let model: CooperativeLinkModel

    package init() {
        guard let matrix = try? CyclicRepetitionCode(workers: 4, stragglers: 2).encodingMatrix,
            let up = try? Probability.all(uplinks), let down = try? links.map({ try Probability.all($0) }),
            let model = try? CooperativeLinkModel(uplinkOutage: up, linkOutage: down)
        else { preconditionFailure("a legal scheme") }
        self.matrix = matrix
        self.model = model
    }

    /// The scheme with so many attempts.
    package func scheme(attempts: Int) -> CooperativeGradientCode {
        guard let scheme = try? CooperativeGradientCode(clients: 4, stragglers: 2, attempts: attempts) else {
            preconditionFailure("a legal scheme")
        }
        return scheme
    }

    /// What is up in iteration t.
    package func outages(attempts: Int, t: UInt32) -> CooperativeOutages {
        model.outages(of: scheme(attempts: attempts), seed: seed, t: t)
    }
}
