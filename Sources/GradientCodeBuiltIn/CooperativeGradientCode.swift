import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

extension BuiltIn {
    static func answerCooperativeGradientCode(_ table: inout Implementation.Table) {
        table.answer(
            CooperativeGradientCode.Outage.self, regression: true, unless: tooManyStates
        ) { question throws(Refusal) in try outage(question) }
        table.answer(CooperativeGradientCode.OutcomeLaw.self, regression: true, unless: tooManyPatterns) {
            question throws(Refusal) in try law(question)
        }
        table.answer(
            CooperativeGradientCode.Decode.self, regression: true,
            unless: { tooManyRows($0.code, $0.uplinks.count) }
        ) { question throws(Refusal) in try decode(question) }
        table.answer(
            CooperativeGradientCode.DecodePlus.self, regression: true,
            // A proof for every client, and two systems for the projection.
            unless: { Work.tooMuch($0.code, responders: $0.rows.count, times: Rational(16 + $0.rows.count)) }
        ) { question throws(Refusal) in try decodePlus(question) }
        table.answer(CooperativeGradientCode.Aggregate.self) { question throws(Refusal) in
            .init(update: try aggregate(question).map { Binary32Vector($0) })
        }
        table.hold(
            CooperativeGradientCode.Session.self, flags: ["save", "seed"],
            unless: { opening in
                tooManyRows(opening.code, opening.attempts)
                    ?? (opening.partial == .inverseProbability
                        ? tooManyPatterns(opening.code, attempts: opening.attempts) : nil)
            }
        ) { opening throws(Refusal) in try CooperativeRounds(opening) }
    }

    /// Why a joint law of (M − s)² states for each client, of numbers as long as all probabilities together, is too much.
    private static func tooManyStates(_ question: CooperativeGradientCode.Outage) -> String? {
        let (M, s) = (question.clients, question.stragglers)
        guard 1...1024 ~= M, 0..<M ~= s, question.links.count == M, question.links.allSatisfy({ $0.count == M }) else {
            return nil
        }
        guard M <= 64 else { return "more than 64 clients" }
        let used = question.uplinks + (0..<M).flatMap { m in (1..<s + 1).map { question.links[m][(m + $0) % M] } }
        let characters = used.map { $0.description.utf8.count }.reduce(0, +)
        let words = 1 + characters / 16
        return characters > 30_000 || Double(M * (M - s) * (M - s)) * Double(words * words) > 0x1p34
            ? "numbers too long for so many states" : nil
    }

    /// Why rounds of so many attempts are too much to eliminate.
    private static func tooManyRows(_ code: CodeDescriptor, _ attempts: Int) -> String? {
        guard 1...CooperativeGradientCode.maximumAttempts ~= attempts else { return nil }
        guard attempts <= 64 else { return "more than 64 attempts" }
        // A system for every client that is recovered, and the decoder's own.
        let clients = (try? code.exactMatrix())?.rows ?? 1
        return Work.tooMuch(code, times: Rational((4 + clients) * attempts))
    }

    private static func tooManyPatterns(_ question: CooperativeGradientCode.OutcomeLaw) -> String? {
        tooManyPatterns(question.code, attempts: question.attempts)
    }

    /// Why a law is too much to compute; nil for what is refused anyway. Row spaces come together again, so the number of
    /// patterns of one attempt bounds the work of an attempt from above.
    private static func tooManyPatterns(_ code: CodeDescriptor, attempts: Int) -> String? {
        guard let matrix = try? code.exactMatrix(),
            let scheme = try? CooperativeGradientCode(encodingMatrix: matrix, stragglers: 0, attempts: attempts)
        else { return Work.tooMuch(code, times: 0) }
        guard matrix.rows <= 8, attempts <= 8 else { return "more than 8 clients or attempts" }
        let patterns = (0..<scheme.clients).reduce(1 as Rational) {
            $0 * (Rational(2).power(scheme.neighbours(of: $1).count) + 1)
        }
        guard attempts == 1 || patterns <= 16_384,
            CooperativeTables.patterns(of: scheme) <= CooperativeTables.maximumPatterns
        else { return "too many patterns" }
        let spaces = matrix.rows <= 5 ? min(patterns, 32_768) : patterns
        return Work.tooMuch(code, times: spaces * Rational(attempts))
    }

    /// Theorem 2 with its causes.
    static func outage(_ question: CooperativeGradientCode.Outage) throws(Refusal)
        -> CooperativeGradientCode.Outage.Answer
    {
        var defects = Defects()
        let scheme = defects.attempt { () throws(Refusal) in
            guard question.clients <= CodeDescriptor.maximumSize else {
                throw Refusal(.invalidParameters, "\(question.clients) clients; expected at most 1024")
            }
            return try CooperativeGradientCode(clients: question.clients, stragglers: question.stragglers)
        }
        let model = linkModel(
            uplinks: question.uplinks, links: question.links, clients: question.clients, &defects)
        try defects.refuse()
        let law = CooperativeOutage(scheme.sound, model.sound)
        return .init(
            success: law.success, links: law.links, uplinks: law.uplinks, both: law.both, misaligned: law.misaligned)
    }

    /// The law of the outages, of M clients.
    static func linkModel(
        uplinks: [Rational], links: [[Rational]], clients M: Int, _ defects: inout Defects
    ) -> CooperativeLinkModel? {
        defects.require(uplinks.count == M, .dimensionMismatch, "\(uplinks.count) uplinks for \(M) clients")
        defects.require(
            links.count == M && links.allSatisfy { $0.count == M }, .dimensionMismatch,
            "links that are not \(M) by \(M)")
        return defects.attempt { () throws(Refusal) in
            var rows: [[Probability]] = []
            for row in links { rows.append(try Probability.all(row)) }
            let up = try Probability.all(uplinks)
            guard !up.isEmpty else { throw Refusal(.invalidParameters, "no clients") }
            return try CooperativeLinkModel(uplinkOutage: up, linkOutage: rows)
        }
    }

    /// The integer tables, evaluated.
    static func law(_ question: CooperativeGradientCode.OutcomeLaw) throws(Refusal)
        -> CooperativeGradientCode.OutcomeLaw.Answer
    {
        var defects = Defects.cooperative
        let matrix = defects.attempt { () throws(Refusal) in try question.code.exactMatrix() }
        let scheme = matrix.flatMap { matrix in
            defects.attempt { () throws(Refusal) in
                try CooperativeGradientCode(
                    encodingMatrix: matrix, stragglers: question.stragglers, attempts: question.attempts)
            }
        }
        let probabilities = defects.attempt { () throws(Refusal) in
            try Probability.all([question.uplink, question.link])
        }
        try defects.refuse()
        let (p, q) = (probabilities.sound[0], probabilities.sound[1])
        guard let model = try? CooperativeLinkModel(clients: scheme.sound.clients, uplink: p, link: q) else {
            preconditionFailure("a law for the clients of a scheme")
        }
        let law = CooperativeLaw(scheme.sound, encodingMatrix: matrix.sound, model: model, decoder: question.decoder)
        return .init(
            full: law.full, partial: law.partialProbability, none: law.none,
            recovery: (0..<law.clients).map { law.partialRecovery(of: $0) },
            table: question.decoder == .plus
                ? CooperativeTables(scheme.sound, encodingMatrix: matrix.sound).outcomeCounts : nil
        )
        .withoutLongCounts
    }

    /// One decoder on the rows of given links.
    static func decode(_ question: CooperativeGradientCode.Decode) throws(Refusal)
        -> CooperativeGradientCode.Decode.Answer
    {
        let reception = try reception(question)
        let decoding = try reception.decode(question.decoder)
        return .init(
            status: decoding.outcome, recovered: decoding.recovered,
            vector: decoding.coefficients.map { .exact($0) })
    }

    /// The delivered rows of a question.
    static func reception(_ question: CooperativeGradientCode.Decode) throws(Refusal) -> CooperativeReception {
        var defects = Defects()
        let matrix = defects.attempt { () throws(Refusal) in try question.code.exactMatrix() }
        let attempts = question.uplinks.count
        let scheme = matrix.flatMap { matrix in
            defects.attempt { () throws(Refusal) in
                try CooperativeGradientCode(
                    encodingMatrix: matrix, stragglers: question.stragglers, attempts: attempts)
            }
        }
        let (links, uplinks) = upAndDown(question.links, question.uplinks, &defects)
        let outages = scheme.flatMap { scheme in
            defects.attempt { () throws(Refusal) in
                try CooperativeOutages(links: links, uplinks: uplinks, of: scheme)
            }
        }
        try defects.refuse()
        return try CooperativeReception(
            scheme: scheme.sound, encodingMatrix: matrix.sound, rows: scheme.sound.rows(of: outages.sound))
    }

    /// Links and uplinks that are 0 or 1.
    static func upAndDown(
        _ links: [[[Int]]], _ uplinks: [[Int]], _ defects: inout Defects
    ) -> (links: [[[Bool]]], uplinks: [[Bool]]) {
        defects.require(
            links.joined().joined().allSatisfy { 0...1 ~= $0 } && uplinks.joined().allSatisfy { 0...1 ~= $0 },
            .invalidParameters, "a link or uplink that is neither 0 nor 1")
        return (links.map { $0.map { $0.map { $0 == 1 } } }, uplinks.map { $0.map { $0 == 1 } })
    }

    /// GC+ on given rows.
    static func decodePlus(_ question: CooperativeGradientCode.DecodePlus) throws(Refusal)
        -> CooperativeGradientCode.DecodePlus.Answer
    {
        let reception = try reception(question)
        let decoding = try reception.decode(.plus)
        func certificate(_ proof: RowSpaceCertificate) -> CooperativeGradientCode.Certificate {
            .init(coefficients: proof.coefficients.map { .exact($0) }, witness: proof.witness)
        }
        return .init(
            outcome: decoding.outcome, rank: decoding.rank, recovered: decoding.recovered,
            sum: certificate(reception.sum),
            gradients: (0..<reception.scheme.clients).map { certificate(reception.gradient($0)) },
            projection: reception.projection)
    }

    /// The rows of a question, in its order.
    static func reception(_ question: CooperativeGradientCode.DecodePlus) throws(Refusal) -> CooperativeReception {
        var defects = Defects()
        let matrix = defects.attempt { () throws(Refusal) in try question.code.exactMatrix() }
        let scheme = matrix.flatMap { matrix in
            defects.attempt { () throws(Refusal) in
                try CooperativeGradientCode(encodingMatrix: matrix, stragglers: 0, attempts: question.attempts)
            }
        }
        try defects.refuse()
        for row in question.rows {
            try requireWindow(row, of: scheme.sound)
        }
        var rows: [CooperativeRow] = []
        // Indices are looked at before what occurs twice, and after what is out of its range.
        var refusals: [Refusal] = []
        for row in question.rows {
            do throws(Refusal) {
                let available = try WorkerSet(row.available, of: scheme.sound.clients)
                rows.append(CooperativeRow(client: row.client, attempt: row.attempt, available: available))
            } catch { refusals.append(error) }
        }
        let reception: CooperativeReception
        do throws(Refusal) {
            reception = try CooperativeReception(scheme: scheme.sound, encodingMatrix: matrix.sound, rows: rows)
        } catch {
            if error.kind == .invalidParameters { throw error }
            refusals.append(error)
            throw refusals.first { $0.kind == .indexOutOfRange } ?? error
        }
        if let refusal = refusals.first(where: { $0.kind == .indexOutOfRange }) ?? refusals.first { throw refusal }
        return reception
    }
}

extension BuiltIn {
    /// - Throws: `invalidParameters` for an attempt out of its range, and where Up_m of an existing client lacks m or has an
    ///   existing client outside W_m.
    private static func requireWindow(
        _ row: CooperativeGradientCode.DeliveredRow, of scheme: CooperativeGradientCode
    ) throws(Refusal) {
        guard 0..<scheme.attempts ~= row.attempt else {
            throw Refusal(.invalidParameters, "attempt \(row.attempt); expected 0..<\(scheme.attempts)")
        }
        guard scheme.windows.indices.contains(row.client) else { return }
        let outside = row.available.first { k in
            scheme.windows.indices.contains(k) && !scheme.windows[row.client].contains(k)
        }
        guard outside == nil, row.available.contains(row.client) else {
            throw Refusal(
                .invalidParameters,
                "\(row.available) available to client \(row.client); expected itself, within \(scheme.windows[row.client])"
            )
        }
    }
}

extension Defects {
    /// Defects of a cooperative scheme, in the order of its operations.
    static var cooperative: Defects {
        Defects([.nonDivisible, .nodesNotSorted, .infeasiblePartition, .indexOutOfRange, .invalidProbability])
    }
}

extension CooperativeGradientCode.OutcomeLaw.Answer {
    /// Without the table, which is optional, where a count has no exact integer in JSON.
    fileprivate var withoutLongCounts: Self {
        var answer = self
        if answer.table?.contains(where: { $0.patterns >= 1 << 53 }) ?? false { answer.table = nil }
        return answer
    }
}

extension CooperativeTables {
    /// The counts of the three outcomes of `plus`, those that are 0 left out.
    var outcomeCounts: [CooperativeGradientCode.OutcomeLaw.Count] {
        [(Event.full, CooperativeGradientCode.Outcome.full), (.partial, .partial), (.none, .none)].flatMap {
            event, outcome in
            entries(of: event).map { .init(outcome: outcome, undelivered: $0.u, down: $0.j, patterns: $0.count) }
        }
    }
}
