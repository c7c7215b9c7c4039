import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

/// The claims about cooperative gradient coding, measured: exact where the law of the outcome can be computed, by
/// simulation with exact decisions beyond.
///
/// See docs/CooperativeGradientCode.md#stacking and docs/CooperativeGradientCode.md#costs.
public struct CooperativeExperiment: Sendable {
    /// Trials of each simulated row.
    public let trials: Int

    /// The experiment as its page reports it.
    public static let standard = CooperativeExperiment(trials: 20_000)

    /// An experiment with so many trials for each simulated row.
    public init(trials: Int) { self.trials = trials }

    /// How rounds end with GC+, for so many stacked attempts.
    struct Outcomes {
        let code: Code
        let attempts: Int
        let uplink: Probability
        let link: Probability
        let full: Rational
        let partial: Rational
        let retries: Rational
        /// The number of trials; nil where the numbers are exact.
        let trials: Int?

        var none: Rational { 1 - full - partial }
    }

    /// A cyclic code.
    struct Code {
        let title: String
        let scheme: CooperativeGradientCode
        let matrix: RationalMatrix

        init(_ name: String, _ construction: CyclicRepetitionCode.Construction, _ M: Int, _ s: Int) throws(Refusal) {
            title = "\(name)(\(M),\(s))"
            scheme = try CooperativeGradientCode(clients: M, stragglers: s)
            matrix = try CyclicRepetitionCode(workers: M, stragglers: s, construction: construction).encodingMatrix
        }

        func scheme(attempts: Int) throws(Refusal) -> CooperativeGradientCode {
            try CooperativeGradientCode(windows: scheme.windows, stragglers: scheme.stragglers, attempts: attempts)
        }
    }

    /// The page and its data, by file name.
    public func run() throws -> [ExperimentResult.File] {
        let outcomes = try exactOutcomes() + simulatedOutcomes()
        let costs = try costs()
        return [
            ExperimentResult.File(name: "CooperativeGradientCode.md", contents: page(outcomes, costs)),
            ExperimentResult.File(name: "CooperativeGradientCode.csv", contents: data(outcomes)),
        ]
    }

    private func exactOutcomes() throws -> [Outcomes] {
        let codes = [
            try Code("CRC-Zt", .tightIntegers, 4, 1), try Code("CRC-1", .ones, 4, 1),
            try Code("CRC-Zt", .tightIntegers, 5, 2), try Code("CRC-1", .ones, 6, 2),
        ]
        var rows: [Outcomes] = []
        for code in codes {
            for attempts in 1...3 {
                let scheme = try code.scheme(attempts: attempts)
                let tables = CooperativeTables(scheme, encodingMatrix: code.matrix)
                for (p, q) in try Self.outages() {
                    let (uplink, link) = (Rational(p), Rational(q))
                    func probability(_ event: CooperativeTables.Event) -> Rational {
                        tables.probability(of: event, stragglers: scheme.stragglers, uplink: uplink, link: link)
                    }
                    let model = try CooperativeLinkModel(clients: scheme.clients, uplink: p, link: q)
                    rows.append(
                        Outcomes(
                            code: code, attempts: attempts, uplink: p, link: q, full: probability(.full),
                            partial: probability(.partial), retries: 1 - scheme.outageOfRetries(model), trials: nil))
                }
            }
        }
        return rows
    }

    private static func outages() throws(Refusal) -> [(Probability, Probability)] {
        [
            (try Probability(1, 10), try Probability(1, 10)), (try Probability(2, 5), try Probability(1, 4)),
            (try Probability(1, 2), try Probability(3, 5)),
        ]
    }

    /// Rounds drawn by the draw contract, each decided exactly.
    private func simulatedOutcomes() throws -> [Outcomes] {
        let codes = [try Code("CRC-Z", .integers, 10, 7), try Code("CRC-1", .ones, 10, 4)]
        var rows: [Outcomes] = []
        for code in codes {
            guard let decider = MaskedRows(code.matrix) else { continue }
            for attempts in 1...3 {
                let scheme = try code.scheme(attempts: attempts)
                for (p, q) in try Self.outages() {
                    let model = try CooperativeLinkModel(clients: scheme.clients, uplink: p, link: q)
                    var decider = decider
                    var (full, partial) = (0, 0)
                    for start in stride(from: 0, to: trials, by: 1000) {
                        let masks = (start..<min(trials, start + 1000)).flatMap {
                            available(scheme, model, t: UInt32($0))
                        }
                        let slots = (0..<attempts).flatMap { _ in 0..<scheme.clients }
                        for space in decider.decide(masks, rows: slots) {
                            if space.containsOnes { full += 1 } else if space.units != 0 { partial += 1 }
                        }
                    }
                    rows.append(
                        Outcomes(
                            code: code, attempts: attempts, uplink: p, link: q, full: Rational(full, trials),
                            partial: Rational(partial, trials), retries: 1 - scheme.outageOfRetries(model),
                            trials: trials))
                }
            }
        }
        return rows
    }

    /// What is available in each row of a round, one set of bits a client and attempt.
    private func available(_ scheme: CooperativeGradientCode, _ model: CooperativeLinkModel, t: UInt32) -> [UInt64] {
        let outages = model.outages(of: scheme, seed: 20_240_319, t: t)
        var masks = [UInt64](repeating: 0, count: scheme.attempts * scheme.clients)
        for row in scheme.rows(of: outages) {
            masks[row.attempt * scheme.clients + row.client] = row.available.reduce(0) { $0 | 1 << UInt64($1) }
        }
        return masks
    }

    /// What CoGC with retries and a replicated code cost at an outage that is no larger.
    struct Cost {
        let clients: Int
        let stragglers: Int
        let uplink: Probability
        let link: Probability
        /// Outage of the replicated code: fewer than M − s uplinks are up.
        let replicated: Rational
        /// Outage of one attempt of CoGC.
        let single: Rational
        /// Attempts after which all have failed with at most the replicated code's probability; nil beyond 1000.
        let attempts: Int?
        /// Mean uplink transmissions of one attempt.
        let transmissions: Rational
    }

    private func costs() throws -> [Cost] {
        var rows: [Cost] = []
        for (M, s) in [(5, 2), (10, 3), (10, 7)] {
            let scheme = try CooperativeGradientCode(clients: M, stragglers: s)
            for (p, q) in try Self.outages() {
                let model = try CooperativeLinkModel(clients: M, uplink: p, link: q)
                let replicated = CooperativeGradientCode.outage(
                    clients: M, stragglers: s, uplink: Rational(p), link: 0)
                let single = scheme.outage(model)
                // Numbers of a thousand attempts would be long: their powers are enclosed.
                var failed = RationalInterval(1)
                let attempts = (1...1000).first { _ in
                    failed = (failed * RationalInterval(single)).rounded(outwardTo: 256)
                    return failed.upper <= replicated
                }
                rows.append(
                    Cost(
                        clients: M, stragglers: s, uplink: p, link: q, replicated: replicated, single: single,
                        attempts: attempts, transmissions: scheme.completeness(model).total))
            }
        }
        return rows
    }
}
