/// What one client delivered in one attempt: the masked row b̃_m is b_m on `available` and 0 elsewhere.
///
/// See docs/CooperativeGradientCode.md#attempts.
public struct CooperativeRow: Hashable, Sendable {
    /// m.
    public let client: Int
    /// The attempt, from 0.
    public let attempt: Int
    /// Up_m, the clients of W_m whose gradients were available at m; m among them.
    public let available: WorkerSet

    /// A row; whether it can be one of a scheme is for ``CooperativeGradientCode/validate(rows:)`` to say.
    public init(client: Int, attempt: Int, available: WorkerSet) {
        self.client = client
        self.attempt = attempt
        self.available = available
    }
}

/// Which links and uplinks were up in the attempts of one round.
///
/// See docs/CooperativeGradientCode.md#rounds.
public struct CooperativeOutages: Hashable, Sendable {
    /// `links[attempt][receiver][sender]`, true for up. Entries on the diagonal and outside the windows mean nothing.
    public let links: [[[Bool]]]
    /// `uplinks[attempt][client]`, true for up.
    public let uplinks: [[Bool]]

    /// Outages for a scheme.
    ///
    /// - Throws: `dimensionMismatch` unless there are t_r attempts of M × M links and M uplinks.
    public init(links: [[[Bool]]], uplinks: [[Bool]], of scheme: CooperativeGradientCode) throws(Refusal) {
        let (M, attempts) = (scheme.clients, scheme.attempts)
        guard links.count == attempts, uplinks.count == attempts else {
            throw Refusal(
                .dimensionMismatch,
                "\(links.count) attempts of links and \(uplinks.count) of uplinks; expected \(attempts) of each")
        }
        guard uplinks.allSatisfy({ $0.count == M }) else {
            throw Refusal(.dimensionMismatch, "expected \(M) uplinks in every attempt")
        }
        guard links.allSatisfy({ $0.count == M && $0.allSatisfy { $0.count == M } }) else {
            throw Refusal(.dimensionMismatch, "expected \(M) by \(M) links in every attempt")
        }
        self.links = links
        self.uplinks = uplinks
    }
}

/// The law of the outages: all links and uplinks fail independently.
///
/// See docs/CooperativeGradientCode.md#conventions.
public struct CooperativeLinkModel: Hashable, Sendable {
    /// p_m, the outage probability of the uplink of client m.
    public let uplinkOutage: [Probability]
    /// p_{m,k}, that of the link to m from k: the first index is the receiver. Entries on the diagonal and outside the
    /// windows are not used.
    public let linkOutage: [[Probability]]

    /// The law with the given probabilities.
    ///
    /// - Throws: `invalidParameters` unless 1 ≤ M ≤ ``GradientCode/maximumWorkers``; else `dimensionMismatch` unless
    ///   there are M × M links.
    public init(uplinkOutage: [Probability], linkOutage: [[Probability]]) throws(Refusal) {
        try GradientCode.validate(workers: uplinkOutage.count)
        let M = uplinkOutage.count
        guard linkOutage.count == M, linkOutage.allSatisfy({ $0.count == M }) else {
            throw Refusal(.dimensionMismatch, "expected \(M) by \(M) outage probabilities of links")
        }
        self.uplinkOutage = uplinkOutage
        self.linkOutage = linkOutage
    }

    /// The homogeneous law: every uplink fails with probability `uplink`, every link with probability `link`.
    ///
    /// - Throws: `invalidParameters` unless 1 ≤ M ≤ ``GradientCode/maximumWorkers``.
    public init(clients M: Int, uplink: Probability, link: Probability) throws(Refusal) {
        try GradientCode.validate(workers: M)
        let row = [Probability](repeating: link, count: M)
        uplinkOutage = [Probability](repeating: uplink, count: M)
        linkOutage = [[Probability]](repeating: row, count: M)
    }

    /// M.
    public var clients: Int { uplinkOutage.count }

    /// The outages of iteration t by the draw contract (`docs/numerics.md#randomness`): the uplink of client m in
    /// attempt r uses the word (uplinks, t, m, r), the link to m from k the word (links, t, m, r·M + k). What is down is
    /// what ``Probability/occurs(at:)`` says.
    ///
    /// - Precondition: the scheme has as many clients.
    public func outages(of scheme: CooperativeGradientCode, seed: UInt64, t: UInt32) -> CooperativeOutages {
        precondition(scheme.clients == clients, "a law of \(clients) clients for \(scheme.clients)")
        let M = clients
        let uplinks = (0..<scheme.attempts).map { r in
            (0..<M).map { m in
                let word = Philox.draw(seed: seed, stream: .uplinks, t: t, i: UInt32(m), j: UInt64(r))
                return !uplinkOutage[m].occurs(at: word)
            }
        }
        let links = (0..<scheme.attempts).map { r in
            (0..<M).map { m in
                let words = Philox.words(
                    seed: seed, stream: .links, t: t, i: UInt32(m), first: UInt64(r) * UInt64(M), count: M)
                return (0..<M).map { k in !linkOutage[m][k].occurs(at: words[k]) }
            }
        }
        guard let outages = try? CooperativeOutages(links: links, uplinks: uplinks, of: scheme) else {
            preconditionFailure("outages of the scheme's own size")
        }
        return outages
    }
}

extension CooperativeGradientCode {
    /// The delivered rows in the stacked order: attempt by attempt, clients ascending in each
    /// (`docs/CooperativeGradientCode.md#attempts`).
    public func rows(of outages: CooperativeOutages) -> [CooperativeRow] {
        (0..<attempts).flatMap { r in
            (0..<clients).filter { outages.uplinks[r][$0] }.map { m in
                let down = windows[m].filter { $0 != m && !outages.links[r][m][$0] }
                return CooperativeRow(client: m, attempt: r, available: windows[m].removing(down))
            }
        }
    }

    /// Whether a row of client m has nothing missing.
    public func isComplete(_ row: CooperativeRow) -> Bool { row.available == windows[row.client] }

    /// The distinct clients of which a complete row was delivered, ascending.
    public func completeClients(of rows: [CooperativeRow]) -> [Int] {
        Set(rows.filter(isComplete).map(\.client)).sorted()
    }

    /// Refuses rows that cannot be those of a round (`docs/CooperativeGradientCode.md#edge-cases`).
    ///
    /// - Throws: `invalidParameters` for an attempt outside 0 ..< t_r, or Up_m without m or not contained in W_m; else
    ///   `indexOutOfRange` for a client that does not exist, `duplicateWorker` for a client twice in one attempt.
    public func validate(rows: [CooperativeRow]) throws(Refusal) {
        for (index, row) in rows.enumerated() {
            guard 0..<attempts ~= row.attempt else {
                throw Refusal(
                    .invalidParameters, "row \(index) is of attempt \(row.attempt); expected 0..<\(attempts)")
            }
            guard windows.indices.contains(row.client) else { continue }
            guard row.available.contains(row.client) else {
                throw Refusal(.invalidParameters, "row \(index) lacks its own client \(row.client)")
            }
            guard row.available.allSatisfy(windows[row.client].contains) else {
                throw Refusal(
                    .invalidParameters,
                    "row \(index) has \(row.available) available, outside the window \(windows[row.client])")
            }
        }
        if let row = rows.first(where: { !windows.indices.contains($0.client) }) {
            throw Refusal(.indexOutOfRange, "client \(row.client); expected 0..<\(clients)")
        }
        var seen: Set<[Int]> = []
        for row in rows where !seen.insert([row.attempt, row.client]).inserted {
            throw Refusal(.duplicateWorker, "client \(row.client) occurs twice in attempt \(row.attempt)")
        }
    }
}
