import ExactArithmetic
import GradientCodeReference

extension HeterogeneousResult {
    /// The columns behind profile, code and setting.
    private enum Column: String, CaseIterable {
        case mean, largest, bias, loadForMean, loadForEvery, status, copies, largestLoad, fewestCopies, limit
        case timeToMillionth, timeApart
    }

    /// One line a code in a setting; a cell is empty where a column does not apply or the number does not exist. Integers, or
    /// the binary64 numbers nearest to the exact ones in their shortest decimals. Fields with a comma are quoted.
    ///
    /// `mean` is R/m (for observed rounds its mean over the draws), `largest` the greatest residual of a partition (the
    /// greatest R/m of a draw), `bias` the part of the mean due to bias, `limit` that of E D_t/D_0.
    public var csv: String {
        let header = "table,n,profile,code,setting," + Column.allCases.map(\.rawValue).joined(separator: ",")
        return ([header] + equalLoadLines + equalResidualLines + adaptiveLines + misestimateLines + descentLines)
            .joined(separator: "\n") + "\n"
    }

    private func line(
        _ table: String, _ profile: StragglingProfile, _ code: String, _ setting: String, _ cells: [Column: String?]
    ) -> String {
        "\(table),\(profile.straggling.count),\"\(profile.name)\",\"\(code)\",\"\(setting)\","
            + Column.allCases.map { (cells[$0] ?? nil) ?? "" }.joined(separator: ",")
    }

    private func number(_ x: Rational?) -> String? { x.map { "\(Double($0))" } }
    private func number(_ x: Int?) -> String? { x.map { "\($0)" } }

    private var equalLoadLines: [String] {
        equalLoads.flatMap { row in
            let (profile, setting) = (row.profile, "load \(row.load)")
            return zip(HeterogeneousDesign.all, row.scores).map { design, score in
                line(
                    "equalLoad", profile, design.name, setting,
                    [.mean: number(score.mean), .largest: number(score.largest), .bias: number(score.meanBias)])
            } + [
                line("equalLoad", profile, "Bernoulli, one-step", setting, [.mean: number(row.bernoulli)]),
                line("equalLoad", profile, "floor", setting, [.mean: number(row.floor)]),
            ]
        }
    }

    private var equalResidualLines: [String] {
        equalResiduals.flatMap { row in
            let (profile, setting) = (row.profile, "residual 1/\(row.target)")
            return EqualResidual.designs.indices.map { index in
                line(
                    "equalResidual", profile, EqualResidual.designs[index].name, setting,
                    [.loadForMean: number(row.meanLoads[index]), .loadForEvery: number(row.everyLoads[index])])
            }
                + zip(EqualResidual.Cap.allCases, row.placements).map { cap, placement in
                    let isThere = placement.answer.allocation != nil
                    return line(
                        "equalResidual", profile, "minimum redundancy, cap \(cap); largest of blind weights", setting,
                        [
                            .status: placement.answer.status.rawValue,
                            .copies: isThere ? number(placement.copies) : nil,
                            .largestLoad: isThere ? number(placement.largestLoad) : nil,
                            .fewestCopies: number(placement.answer.lowerBound),
                            .largest: number(placement.blindLargest),
                        ])
                }
        }
    }

    private var adaptiveLines: [String] {
        adaptive.flatMap { row in
            row.columns.map {
                line("adaptive", row.profile, $0.name, "load \(row.load)", [.mean: number($0.value)])
            }
        }
    }

    private var misestimateLines: [String] {
        misestimates.flatMap { row in
            [("optimal, LPT", row.optimal), ("blind, LPT", row.blind)].map { name, scores in
                line(
                    "misestimate", row.profile, name, row.belief.name,
                    [
                        .mean: number(scores.averageMean), .largest: number(scores.worstMean),
                        .bias: number(scores.averageBias),
                    ])
            }
        }
    }

    private var descentLines: [String] {
        descents.flatMap { row in
            let setting = "\(row.agreeing ? "agreeing" : "disagreeing"), step \(Self.text(row.scaledStep))"
            return row.curves.map { curve in
                line(
                    "descent", row.profile, curve.name, setting,
                    [
                        .limit: number(curve.limit), .timeToMillionth: number(curve.timeToMillionth),
                        .timeApart: number(row.timeApart(curve)),
                    ])
            }
        }
    }
}
