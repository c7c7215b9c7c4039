import ExactArithmetic
import GradientCodeOperations
import GradientCodeTheory
import GradientCodes

// Known mistakes in the outage and in updates of cooperative gradient coding
// (`docs/CooperativeGradientCode.md#mistakes`).
extension Mutant {
    static let cooperativeOutages: [Mutant] = [
        outage("linksReversed", "p_{k,m} is taken for p_{m,k}", caughtBy: "cooperative.outage") { question in
            question.links = question.links.indices.map { m in question.links.indices.map { question.links[$0][m] } }
        },
        outage("neighboursBehind", "client m listens to m − 1, m − 2, …", caughtBy: "cooperative.causes") { question in
            let (M, links) = (question.clients, question.links)
            question.links = (0..<M).map { m in (0..<M).map { k in links[m][((2 * m - k) % M + M) % M] } }
        },
        outage("noWrap", "windows end at the last client", caughtBy: "cooperative.outage") { question in
            let links = question.links
            question.links = links.indices.map { m in links.indices.map { $0 < m ? 0 : links[m][$0] } }
        },
        outage("thresholdTooLow", "M − s − 1 clients are enough", caughtBy: "cooperative.outageIsEnumeration") {
            question in
            if question.stragglers + 1 < question.clients {
                // The window stays: the link that it gains is always up.
                for m in 0..<question.clients {
                    question.links[m][(m + question.stragglers + 1) % question.clients] = 0
                }
                question.stragglers += 1
            }
        },
        outages("thresholdTooHigh", "M − s + 1 clients are asked for", caughtBy: "cooperative.causes") {
            complete, up, v in
            CooperativeOutage(complete: complete, delivered: up, threshold: v + 1)
        },
        outages("meanRate", "all clients get the mean rate", caughtBy: "cooperative.causes") { complete, up, v in
            func mean(_ numbers: [Rational]) -> [Rational] {
                numbers.map { _ in numbers.total / Rational(numbers.count) }
            }
            return CooperativeOutage(complete: mean(complete), delivered: mean(up), threshold: v)
        },
        Mutant("ownLinkCounted", of: "cooperative", "the own gradient has a link", caughtBy: "cooperative.outage") {
            table in
            table.answer(CooperativeGradientCode.Outage.self) { question throws(Refusal) in
                _ = try BuiltIn.outage(question)
                let complete = (0..<question.clients).map { m in
                    (0...question.stragglers).map { 1 - question.links[m][(m + $0) % question.clients] }.reduce(1, *)
                }
                return .init(
                    CooperativeOutage(
                        complete: complete, delivered: question.uplinks.map { 1 - $0 },
                        threshold: question.clients - question.stragglers))
            }
        },
        Mutant("causesTwice", of: "cooperative", "`both` counts as each of its parts", caughtBy: "cooperative.causes") {
            table in
            table.answer(CooperativeGradientCode.Outage.self) { question throws(Refusal) in
                var answer = try BuiltIn.outage(question)
                answer.links += answer.both
                answer.uplinks += answer.both
                return answer
            }
        },
    ]

    static let cooperativeAggregates: [Mutant] = [
        aggregate("dividedByClients", "the mean of the recovered is divided by M", caughtBy: "cooperative.aggregate") {
            question, update in
            guard question.outcome == .partial, question.rule == .mean else { return update }
            let ratio = Float(Set(question.recovered).count) / Float(question.clients)
            return update.map { $0 * ratio }
        },
        aggregate("sumForMean", "the update on full is not divided", caughtBy: "cooperative.aggregate") {
            question, update in
            question.outcome == .full ? update.map { $0 * Float(question.clients) } : update
        },
        aggregate("weightsForgotten", "inverse probabilities are forgotten", caughtBy: "cooperative.aggregate") {
            question, update in
            guard question.outcome == .partial, question.rule == .inverseProbability, let full = question.full,
                let recovery = question.recovery, let first = question.recovered.first, full < 1
            else { return update }
            let weight = Float((1 - full) / recovery[first])
            return update.map { $0 / weight }
        },
        Mutant(
            "zerosForNothing", of: "cooperative", "nothing recovered is answered by zeros",
            caughtBy: "cooperative.aggregate"
        ) { table in
            table.answer(CooperativeGradientCode.Aggregate.self) { question throws(Refusal) in
                .init(update: Binary32Vector(try BuiltIn.aggregate(question) ?? [0]))
            }
        },
    ]

    private static func outage(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ change: @escaping @Sendable (inout CooperativeGradientCode.Outage) -> Void
    ) -> Mutant {
        Mutant(name, of: "cooperative", defect, caughtBy: killer) { table in
            table.answer(CooperativeGradientCode.Outage.self) { question throws(Refusal) in
                _ = try BuiltIn.outage(question)
                var other = question
                change(&other)
                return try BuiltIn.outage(other)
            }
        }
    }

    private static func outages(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ law: @escaping @Sendable ([Rational], [Rational], Int) -> CooperativeOutage
    ) -> Mutant {
        Mutant(name, of: "cooperative", defect, caughtBy: killer) { table in
            table.answer(CooperativeGradientCode.Outage.self) { question throws(Refusal) in
                _ = try BuiltIn.outage(question)
                let (M, s) = (question.clients, question.stragglers)
                let complete = (0..<M).map { m in
                    (1..<s + 1).map { 1 - question.links[m][(m + $0) % M] }.reduce(1, *)
                }
                return .init(law(complete, question.uplinks.map { 1 - $0 }, M - s))
            }
        }
    }

    private static func aggregate(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ change: @escaping @Sendable (CooperativeGradientCode.Aggregate, [Float]) -> [Float]
    ) -> Mutant {
        Mutant(name, of: "cooperative", defect, caughtBy: killer) { table in
            table.answer(CooperativeGradientCode.Aggregate.self) { question throws(Refusal) in
                .init(update: try BuiltIn.aggregate(question).map { Binary32Vector(change(question, $0)) })
            }
        }
    }
}

extension CooperativeGradientCode.Outage.Answer {
    /// The answer of a law.
    init(_ law: CooperativeOutage) {
        self.init(
            success: law.success, links: law.links, uplinks: law.uplinks, both: law.both, misaligned: law.misaligned)
    }
}
