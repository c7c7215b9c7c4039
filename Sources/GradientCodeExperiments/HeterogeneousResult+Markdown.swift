import ExactArithmetic

extension HeterogeneousResult {
    /// The page: a short table, what was found, the set-up, and all tables.
    var markdown: String {
        [
            introduction, summaryTable, summaryNote, findings, setUp, loadTables, adaptiveTables, misestimateTables,
            descentTables,
        ]
        .joined(separator: "\n\n") + "\n"
    }

    private var introduction: String {
        """
        # Heterogeneous gradient codes: residual, load, descent

        Written by `gradcode experiment heterogeneous`; the numbers are in
        [HeterogeneousGradientCode.csv](HeterogeneousGradientCode.csv). They come from closed forms in exact arithmetic and are
        rounded when they are printed; nothing is sampled but the observations from which probabilities are estimated. So
        every platform writes the same bytes.

        The [claim](../HeterogeneousGradientCode.md#claim) is less load at the same residual, by up to 40 % as it is reported.
        The paper's own profiles and its baseline were not at hand; profiles and baselines below are ours.
        """
    }

    /// Savings by profile.
    private var summaryTable: String {
        var table = Table(header: [
            "profile", "A", "residual saved against blind", "against stochastic", "load saved against blind",
            "against stochastic", "copies saved by minimum redundancy",
        ])
        for (row, residual) in zip(shownEqualLoads, shownEqualResiduals(shownTarget)) {
            let savings = savings(row, residual)
            table.rows.append(
                [row.profile.name, row.profile.spread.ratio] + savings.map { $0?.percent ?? "–" })
        }
        return table.markdown
    }

    /// What the first table has in its columns behind A.
    func savings(_ row: EqualLoad, _ residual: EqualResidual) -> [Rational?] {
        let best = row[.optimal, .longestFirst].mean
        let load = EqualResidual.entry(residual.meanLoads, .optimal, .longestFirst)
        return [
            1 - best / row[.blind, .cyclic(.mixed)].mean, 1 - best / row[.stochastic, .cyclic(.mixed)].mean,
            Self.saved(load, against: EqualResidual.entry(residual.meanLoads, .blind, .cyclic(.mixed))),
            Self.saved(load, against: EqualResidual.entry(residual.meanLoads, .stochastic, .cyclic(.mixed))),
            residual.savingOfPlacement(.blindLoad),
        ]
    }

    private var summaryNote: String {
        Page.wrap(
            """
            n = m = \(shownSize) workers and partitions. A is the arithmetic over the harmonic mean of the odds of responding, 1 \
            where all workers are alike. *Residual saved:* the optimal code on LPT, \(shownLoad) partitions a worker, against \
            blind weights and stochastic gradient coding on the cyclic allocation. *Load saved:* the same codes with R/m ≤ \
            1/\(shownTarget), every worker with the same whole load. *Minimum redundancy:* copies, against blind weights, with a \
            residual of at most 1/\(shownTarget) in every partition and no worker above the load that blind weights need.
            """)
    }

    private var loadTables: String {
        let targets = experiment.targets.map { target in
            """
            ### R/m ≤ 1/\(target)

            The least load of every worker, and what LPT saves.

            \(meanTable(target))

            ### Every partition at most 1/\(target)

            The least load of every worker; then the copies a partition of minimum redundancy under three caps on the load of a
            worker, what the second of these saves, and the greatest residual of a partition with blind weights on that
            allocation.

            \(everyTable(target))
            """
        }.joined(separator: "\n\n")
        return """
            <a id="equal-load"></a>
            ## Residual at equal load

            R/m for \(shownLoad) partitions a worker, n = m = \(shownSize). The floor is that of
            [Theorem H6](../HeterogeneousGradientCode.md#theorem-h6).

            \(equalLoadTable)

            <a id="equal-residual"></a>
            ## Load at equal residual

            n = m = \(shownSize).

            \(targets)
            """
    }

    private var adaptiveTables: String {
        """
        <a id="adaptive"></a>
        ## Against decoders that see who responded

        R/m for n = m = \(experiment.adaptiveSize), load \(experiment.adaptiveLoad), on the LPT allocation, from all
        2^\(experiment.adaptiveSize) patterns ([adaptive decoding](../HeterogeneousGradientCode.md#adaptive-decoding)). Least
        squares is biased.

        \(adaptiveTable)
        """
    }

    private var misestimateTables: String {
        """
        <a id="misestimate"></a>
        ## Wrong probabilities

        R of the optimal code on LPT, both made for p̂, over R of the code for p; n = m = \(experiment.trainingSize), load
        \(experiment.trainingLoad). For observed rounds: the mean over the draws, and the worst draw.

        \(misestimateTable)
        """
    }

    private var descentTables: String {
        let steps = experiment.steps.map { step in
            """
            ### η = \(Self.text(step))

            Agreeing partitions: the first t with E D_t ≤ 10⁻⁶ D_0.

            \(descentTable(agreeing: true, step: step) { _, curve in curve.timeToMillionth.map { "\($0)" } ?? "–" })

            Disagreeing partitions: the noise floor lim E D_t/D_0, and the first t at which E D_t is more than twice that of the
            descent without stragglers.

            \(descentTable(agreeing: false, step: step) { row, curve in
                (curve.limit.map { $0.isZero ? "0" : Double($0).scientific(2) } ?? "none")
                    + (row.timeApart(curve).map { ", \($0)" } ?? "")
            })
            """
        }.joined(separator: "\n\n")
        return """
            <a id="descent"></a>
            ## Descent

            n = m = \(experiment.trainingSize), load \(experiment.trainingLoad), by
            [Theorem C0](../HeterogeneousGradientCode.md#theorem-c0).

            \(steps)
            """
    }
}
