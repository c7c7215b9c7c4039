import ExactArithmetic
import GradientCodeReference
import GradientCodes

extension CooperativeExperiment {
    /// The page in Markdown.
    func page(_ outcomes: [Outcomes], _ costs: [Cost]) -> String {
        let digits = 4
        var laws = Table(header: ["code", "p, q", "t_r", "CoGC, retries", "full", "partial", "none", "full dominates"])
        for row in outcomes {
            laws.rows.append([
                row.code.title + (row.trials == nil ? "" : ", simulated"), "\(row.uplink), \(row.link)",
                "\(row.attempts)",
                row.retries.decimal(digits: digits), row.full.decimal(digits: digits),
                row.partial.decimal(digits: digits), row.none.decimal(digits: digits),
                row.full > row.partial ? "yes" : "no",
            ])
        }
        var prices = Table(header: [
            "M, s", "p, q", "outage, replicated", "outage, CoGC", "attempts for the same", "gradients", "client links",
            "uplinks, mean",
        ])
        for cost in costs {
            let (M, s) = (cost.clients, cost.stragglers)
            let attempts = cost.attempts
            prices.rows.append([
                "\(M), \(s)", "\(cost.uplink), \(cost.link)", cost.replicated.decimal(digits: 6),
                cost.single.decimal(digits: 6), attempts.map(String.init) ?? "more than 1000", "\(M) : \(M * (s + 1))",
                attempts.map { "at most \($0 * M * s) : 0" } ?? "–",
                attempts.map {
                    let up = Rational(M) * (1 - Rational(cost.uplink))
                    return
                        "at most \((Rational($0) * cost.transmissions).decimal(digits: 1)) : \(up.decimal(digits: 1))"
                } ?? "–",
            ])
        }
        let single = outcomes.filter { $0.attempts == 1 }
        let double = outcomes.filter { $0.attempts == 2 }
        let triple = outcomes.filter { $0.attempts == 3 }
        func share(_ rows: [Outcomes]) -> String {
            "\(rows.count { $0.full > $0.partial }) of \(rows.count)"
        }
        let paragraphs = [
            "# Cooperative gradient coding, measured",
            Page.wrap(
                """
                Written by `gradcode experiment cooperative`; the numbers are in \
                [CooperativeGradientCode.csv](CooperativeGradientCode.csv). Laws are exact, from the [integer \
                tables](../CooperativeGradientCode.md#laws), except where "simulated" stands: there \
                \(trials) rounds each are drawn by the [draw contract](../numerics.md#randomness) with the \
                seed 20240319, and every one is decided exactly.
                """
            ),
            "<a id=\"outcomes\"></a>\n## Does full recovery dominate?",
            Page.wrap(
                """
                *CoGC, retries* is the probability that one of t_r attempts of standard decoding succeeds, \
                each decoded on its own; its outcome is binary: the rest is lost. The other columns are GC+ \
                with stacked attempts, decoder `plus`. *Dominates* means P(full) > P(partial).
                """
            ),
            laws.markdown,
            Page.wrap(
                """
                Full recovery dominates in \(share(single)) of these cases with one attempt, in \
                \(share(double)) with two and in \(share(triple)) with three.
                """
            ),
            "<a id=\"costs\"></a>\n## Costs at equal outage",
            Page.wrap(
                """
                A replicated exact code with the same s decodes if M − s uplinks are up; each worker computes \
                s + 1 gradients, and there are no links between clients. CoGC computes one gradient a client \
                and sends M s times between clients in every attempt. *Attempts for the same*: after so many, \
                all have failed with at most the replicated code's outage; with that many attempts, links and \
                uplinks are spent only as long as no attempt has succeeded, so the numbers are upper bounds. \
                In each pair CoGC stands first, the replicated code second. Uplinks of the replicated code are \
                those that are up; of CoGC the complete clients, delivered or not.
                """
            ),
            prices.markdown,
        ]
        return paragraphs.joined(separator: "\n\n") + "\n"
    }

    /// The data, exact numbers as n/d.
    func data(_ outcomes: [Outcomes]) -> String {
        let header = "code,p,q,attempts,trials,cogcRetries,full,partial,none"
        let rows = outcomes.map { row in
            [
                "\"\(row.code.title)\"", "\(row.uplink)", "\(row.link)", "\(row.attempts)",
                row.trials.map(String.init) ?? "exact", "\(row.retries)", "\(row.full)", "\(row.partial)",
                "\(row.none)",
            ].joined(separator: ",")
        }
        return ([header] + rows).joined(separator: "\n") + "\n"
    }
}
