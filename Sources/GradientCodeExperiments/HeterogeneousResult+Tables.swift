import ExactArithmetic
import GradientCodeReference

extension Rational {
    /// Per cent without digits after the point, `38 %`.
    package var percent: String { (self * 100).decimal(digits: 0) + " %" }
    /// Four digits after the point.
    package var fixed: String { decimal(digits: 4) }
    /// Two digits after the point.
    package var ratio: String { decimal(digits: 2) }
}

extension HeterogeneousResult {
    /// The size and the load that the page shows; the data have all.
    var shownSize: Int { experiment.sizes.max() ?? 0 }
    var shownLoad: Int { experiment.loads.min { abs($0 - 4) < abs($1 - 4) } ?? 0 }
    var shownTarget: Int { experiment.targets.max() ?? 0 }

    /// The rows of equal loads that the page shows.
    var shownEqualLoads: [EqualLoad] { equalLoads.filter { $0.workers == shownSize && $0.load == shownLoad } }

    /// The rows of equal residuals that the page shows, of one target.
    func shownEqualResiduals(_ target: Int) -> [EqualResidual] {
        equalResiduals.filter { $0.workers == shownSize && $0.target == target }
    }

    var equalLoadTable: String {
        var table = Table(header: [
            "profile", "floor", "optimal, LPT", "optimal, cyclic mixed", "optimal, cyclic sorted", "blind, cyclic",
            "stochastic, cyclic mixed", "stochastic, cyclic sorted", "ignore, cyclic mixed", "Bernoulli, one-step",
        ])
        for row in shownEqualLoads {
            let scores = [
                row[.optimal, .longestFirst], row[.optimal, .cyclic(.mixed)], row[.optimal, .cyclic(.sorted)],
                row[.blind, .cyclic(.mixed)], row[.stochastic, .cyclic(.mixed)], row[.stochastic, .cyclic(.sorted)],
                row[.ignore, .cyclic(.mixed)],
            ]
            table.rows.append(
                [row.profile.name, row.floor.fixed] + scores.map(\.mean.fixed) + [row.bernoulli.fixed])
        }
        return table.markdown
    }

    func meanTable(_ target: Int) -> String {
        var table = Table(header: [
            "profile", "optimal, LPT", "optimal, cyclic mixed", "optimal, cyclic sorted", "blind, cyclic mixed",
            "stochastic, cyclic mixed", "copies saved against blind", "against stochastic",
        ])
        for row in shownEqualResiduals(target) {
            let loads = row.meanLoads
            let best = EqualResidual.entry(loads, .optimal, .longestFirst)
            let (blind, stochastic) = (
                EqualResidual.entry(loads, .blind, .cyclic(.mixed)),
                EqualResidual.entry(loads, .stochastic, .cyclic(.mixed))
            )
            table.rows.append(
                [row.profile.name]
                    + [
                        best, EqualResidual.entry(loads, .optimal, .cyclic(.mixed)),
                        EqualResidual.entry(loads, .optimal, .cyclic(.sorted)), blind, stochastic,
                    ].map { $0.map { "\($0)" } ?? "–" }
                    + [blind, stochastic].map { Self.saving(of: best, against: $0) })
        }
        return table.markdown
    }

    func everyTable(_ target: Int) -> String {
        var table = Table(header: [
            "profile", "optimal, LPT", "optimal, cyclic mixed", "blind, cyclic mixed", "stochastic, cyclic mixed",
            "no cap", "cap of blind", "cap of optimal, LPT", "copies saved against blind", "blind weights there",
        ])
        for row in shownEqualResiduals(target) {
            let loads = row.everyLoads
            let columns = [
                EqualResidual.entry(loads, .optimal, .longestFirst),
                EqualResidual.entry(loads, .optimal, .cyclic(.mixed)),
                EqualResidual.entry(loads, .blind, .cyclic(.mixed)),
                EqualResidual.entry(loads, .stochastic, .cyclic(.mixed)),
            ]
            table.rows.append(
                [row.profile.name] + columns.map { $0.map { "\($0)" } ?? "–" }
                    + [EqualResidual.Cap.none, .blindLoad, .optimalLoad].map {
                        row.copiesPerPartition(row.placement($0))
                    }
                    + [
                        row.savingOfPlacement(.blindLoad)?.percent ?? "–",
                        row.placement(.blindLoad).blindLargest?.fixed ?? "–",
                    ])
        }
        return table.markdown
    }

    /// 1 − a/b, in per cent.
    static func saving(of a: Int?, against b: Int?) -> String {
        saved(a, against: b)?.percent ?? "–"
    }

    static func saved(_ a: Int?, against b: Int?) -> Rational? {
        guard let a, let b else { return nil }
        return 1 - Rational(a, b)
    }

    var adaptiveTable: String {
        var table = Table(header: ["profile"] + (adaptive.first?.columns.map(\.name) ?? []))
        for row in adaptive { table.rows.append([row.profile.name] + row.columns.map(\.value.fixed)) }
        return table.markdown
    }

    /// R over that of the right code; for observed rounds the mean over the draws, behind it the worst.
    var misestimateTable: String {
        let beliefs = misestimateBeliefs
        var table = Table(header: ["profile", "R/m"] + beliefs.map(\.name) + ["blind, p known"])
        for (profile, rows) in misestimateRows {
            let right = right(profile)
            table.rows.append(
                [profile.name, right[.optimal, .longestFirst].mean.fixed]
                    + rows.map { row in
                        let average = (row.optimal.averageMean / right[.optimal, .longestFirst].mean).ratio
                        guard case .observed = row.belief else { return average }
                        return average + ", " + (row.optimal.worstMean / right[.optimal, .longestFirst].mean).ratio
                    } + [(right[.blind, .cyclic(.mixed)].mean / right[.optimal, .longestFirst].mean).ratio])
        }
        return table.markdown
    }

    var misestimateBeliefs: [Misestimate.Belief] {
        misestimates.prefix { $0.profile == misestimates[0].profile }.map(\.belief)
    }

    /// The rows of each profile.
    var misestimateRows: [(StragglingProfile, [Misestimate])] {
        let count = misestimateBeliefs.count
        return stride(from: 0, to: misestimates.count, by: max(1, count)).map { start in
            (misestimates[start].profile, Array(misestimates[start..<start + count]))
        }
    }

    /// The row of equal loads with the right probabilities.
    func right(_ profile: StragglingProfile) -> EqualLoad {
        equalLoads.first { $0.profile == profile && $0.load == experiment.trainingLoad }!
    }

    func descentTable(
        agreeing: Bool, step: Rational, _ cell: (DescentComparison, DescentComparison.Curve) -> String
    ) -> String {
        let rows = shownDescents(agreeing: agreeing, step: step)
        var table = Table(header: ["profile"] + (rows.first?.curves.map(\.name) ?? []))
        for row in rows { table.rows.append([row.profile.name] + row.curves.map { cell(row, $0) }) }
        return table.markdown
    }

    /// A step in terms of μ, `1/(2μ)`.
    static func text(_ scaledStep: Rational) -> String {
        "\(scaledStep.numerator.decimal(digits: 0))/(\(scaledStep.denominator.decimal(digits: 0))μ)"
    }

    func shownDescents(agreeing: Bool, step: Rational) -> [DescentComparison] {
        descents.filter { $0.agreeing == agreeing && $0.scaledStep == step }
    }
}

extension EqualResidual {
    /// The placement under a cap.
    func placement(_ cap: Cap) -> Placement { placements[Cap.allCases.firstIndex(of: cap)!] }
    /// T/m; a dash without an allocation.
    func copiesPerPartition(_ placement: Placement) -> String {
        placement.copies > 0 ? Rational(placement.copies, workers).ratio : "–"
    }
    /// The copies that minimum redundancy saves against blind weights on the mixed cyclic allocation, both with the residual
    /// in every partition; nil where one of the two does not reach it.
    func savingOfPlacement(_ cap: Cap) -> Rational? {
        let placement = placement(cap)
        guard let load = Self.entry(everyLoads, .blind, .cyclic(.mixed)), placement.copies > 0 else { return nil }
        return 1 - Rational(placement.copies, load * workers)
    }
}
