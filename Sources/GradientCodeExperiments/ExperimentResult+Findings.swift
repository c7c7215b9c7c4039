extension ExperimentResult {
    /// What follows from the tables, by the rules of ``Findings``.
    var findings: String {
        let rules = """
            Made from the numbers by these rules. One method is *lower* than another if its whole band lies below the \
            other's band; where the bands touch, the comparison is *undecided*. Bands closer than 2⁻²⁰ count as touching: \
            where nothing is random they have no width, and only roundings differ. Each band holds by itself with 95 %, not \
            all of them at once.
            """
        let lowest = """
            The lowest at each number of bits: the method with the lowest mean, and every method whose band touches its band.
            """
        return [
            "<a id=\"findings\"></a>\n## Findings", Page.wrap(rules), Page.wrap(lowest), lowestTable,
            "When the whole budget is spent:", tally + "\n" + comparisons,
        ].joined(separator: "\n\n")
    }

    /// In how many settings each method is the lowest at the end, alone or with others.
    private var tally: String {
        let findings = Findings(curves: curves)
        let settings = findings.groups.flatMap { Findings.settings(of: $0) }
        let lowest = settings.map { findings.lowest(in: $0, at: experiment.checkpointCount - 1) }
        return methods.map { method in
            let alone = lowest.count { $0 == [method.name] }
            let shared = lowest.count { $0.contains(method.name) } - alone
            return "* *\(method.name)* is the lowest alone in \(alone) and with others in \(shared) of "
                + "\(settings.count) settings."
        }.joined(separator: "\n")
    }

    private var lowestTable: String {
        let findings = Findings(curves: curves)
        var table = Table(header: ["setting"] + experiment.checkpoints.map(\.grouped))
        for setting in findings.groups.flatMap({ Findings.settings(of: $0) }) {
            let lowest = experiment.checkpoints.indices.map { point in
                findings.lowest(in: setting, at: point).joined(separator: "; ")
            }
            table.rows.append(["\(setting[0].title), p = \(setting[0].rate)"] + lowest)
        }
        return table.markdown
    }

    private var comparisons: String {
        let findings = Findings(curves: curves)
        return Findings.pairs.flatMap { first, second in
            ["* *\(first)* against *\(second)*:"]
                + findings.groups.map { group in
                    "  * \(group[0].title): " + findings.comparison(of: first, with: second, in: group)
                }
        }.joined(separator: "\n")
    }
}
