extension ExperimentResult {
    /// The page: what was measured, the set-up, the tables, and findings that follow from the tables by a stated rule.
    public var markdown: String {
        [introduction, setUp, methodTable, referenceTable, finalTables, progressTables, stepTables, findings]
            .joined(separator: "\n\n") + "\n"
    }

    private var introduction: String {
        """
        # 1-bit gradient coding at equal bits

        Written by `gradcode experiment oneBit`; the numbers are in [OneBitGradientCode.csv](OneBitGradientCode.csv). Only
        operations that IEEE 754 rounds correctly are used, in a fixed order, so every platform writes the same bytes.

        The claim of [1-bit gradient coding](../OneBitGradientCode.md#claim) is about the loss that is reached with a
        number of bits sent to the server. Here that is measured for it and for
        [other methods](../OneBitGradientCode.md#baselines): the gap, which is the loss F minus its reference minimum,
        against the bits that all workers have sent so far.
        """
    }

    /// A table a problem and relation of rates: methods by rates, filled from the curves.
    private func tables(_ cell: (Curve) -> String) -> String {
        Findings(curves: curves).groups.map { group in
            let settings = Findings.settings(of: group)
            var table = Table(header: [group[0].title] + settings.map { "p = \($0[0].rate)" })
            for (row, method) in methods.enumerated() {
                table.rows.append([method.name] + settings.map { cell($0[row]) })
            }
            return table.markdown
        }.joined(separator: "\n\n")
    }

    private var finalTables: String {
        """
        <a id="final"></a>
        ## Gap when \(experiment.budget.grouped) bits have been sent

        Mean ± half the 95 % band.

        \(tables { $0.final.text })
        """
    }

    /// The gap at each checkpoint, in the setting in the middle of each group.
    private var progressTables: String {
        let tables = Findings(curves: curves).groups.map { group in
            let settings = Findings.settings(of: group)
            let setting = settings[settings.count / 2]
            var table = Table(
                header: ["\(group[0].title), p = \(setting[0].rate)"] + experiment.checkpoints.map(\.grouped))
            for curve in setting { table.rows.append([curve.method] + curve.gaps.map(\.text)) }
            return table.markdown
        }
        return """
            <a id="progress"></a>
            ## Gap along the way

            Columns are cumulative bits. The steps are those chosen for the last column.

            \(tables.joined(separator: "\n\n"))
            """
    }

    private var stepTables: String {
        """
        <a id="steps"></a>
        ## Steps chosen

        A step at the end of the grid is marked °. Where rounds were refused, their number and the number of all rounds
        over all seeds follow.

        \(tables { stepText($0) })
        """
    }

    private func stepText(_ curve: Curve) -> String {
        let isEnd = curve.step == experiment.steps.first || curve.step == experiment.steps.last
        return "2^\(curve.step.exponent)" + (isEnd ? "°" : "")
            + (curve.refused > 0 ? ", refused \(curve.refused.grouped) of \(curve.rounds.grouped)" : "")
    }
}

extension Curve {
    /// The mean rate of straggling, `0.3`.
    var rate: String { "0.\(tenths)" }
    /// Problem and relation of rates, for headings.
    var title: String { (problem == .leastSquares ? "least squares" : "robust") + ", \(rates.rawValue) rates" }
}
