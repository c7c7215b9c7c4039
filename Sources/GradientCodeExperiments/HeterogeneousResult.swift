import ExactArithmetic
import GradientCodeReference

/// The outcome of ``HeterogeneousExperiment``: a page for people and the numbers for programs.
public struct HeterogeneousResult: Sendable {
    package let experiment: HeterogeneousExperiment
    package var equalLoads: [EqualLoad] = []
    package var equalResiduals: [EqualResidual] = []
    package var adaptive: [AdaptiveComparison] = []
    package var misestimates: [Misestimate] = []
    package var descents: [DescentComparison] = []

    package init(experiment: HeterogeneousExperiment) {
        self.experiment = experiment
    }

    /// The page and the data: `HeterogeneousGradientCode.md` and `HeterogeneousGradientCode.csv`.
    public var files: [ExperimentResult.File] {
        [
            .init(name: "HeterogeneousGradientCode.md", contents: markdown),
            .init(name: "HeterogeneousGradientCode.csv", contents: csv),
        ]
    }

    /// One line a number: table, n, profile, code, setting, quantity, value. Values are integers, or the binary64 numbers
    /// nearest to the exact ones in their shortest decimals; an empty value is one that does not exist. Fields with a comma
    /// are quoted.
    public var csv: String {
        (["table,n,profile,code,setting,quantity,value"] + equalLoadLines + equalResidualLines + adaptiveLines
            + misestimateLines + descentLines).joined(separator: "\n") + "\n"
    }

    private func line(
        _ table: String, _ profile: StragglingProfile, _ code: String, _ setting: String, _ quantity: String,
        _ value: String
    ) -> String {
        "\(table),\(profile.straggling.count),\"\(profile.name)\",\"\(code)\",\"\(setting)\",\(quantity),\(value)"
    }

    private func number(_ x: Rational?) -> String { x.map { "\(Double($0))" } ?? "" }
    private func number(_ x: Int?) -> String { x.map { "\($0)" } ?? "" }

    private var equalLoadLines: [String] {
        equalLoads.flatMap { row in
            let setting = "load \(row.load)"
            func line(_ code: String, _ quantity: String, _ value: Rational) -> String {
                self.line("equalLoad", row.profile, code, setting, quantity, number(value))
            }
            return [line("", "spread", row.profile.spread)]
                + zip(HeterogeneousDesign.all, row.scores).flatMap { design, score in
                    [
                        line(design.name, "mean", score.mean), line(design.name, "largest", score.largest),
                        line(design.name, "bias", score.meanBias),
                    ]
                } + [line("Bernoulli, one-step", "mean", row.bernoulli), line("floor", "mean", row.floor)]
        }
    }

    private var equalResidualLines: [String] {
        equalResiduals.flatMap { row in
            let setting = "residual 1/\(row.target)"
            func line(_ code: String, _ quantity: String, _ value: String) -> String {
                self.line("equalResidual", row.profile, code, setting, quantity, value)
            }
            return EqualResidual.designs.indices.flatMap { index in
                let name = EqualResidual.designs[index].name
                return [
                    line(name, "loadForMean", number(row.meanLoads[index])),
                    line(name, "loadForEvery", number(row.everyLoads[index])),
                ]
            }
                + zip(EqualResidual.Cap.allCases, row.placements).flatMap { cap, placement in
                    let name = "minimum redundancy, \(cap)"
                    return [
                        line(name, "status", placement.answer.status.rawValue),
                        line(name, "copies", number(placement.answer.allocation.map { _ in placement.copies })),
                        line(name, "largestLoad", number(placement.answer.allocation.map { _ in placement.largestLoad })),
                        line(name, "fewestCopies", number(placement.answer.lowerBound)),
                        line(name, "blindLargest", number(placement.blindLargest)),
                    ]
                }
        }
    }

    private var adaptiveLines: [String] {
        adaptive.flatMap { row in
            row.columns.map {
                line("adaptive", row.profile, $0.name, "load \(row.load)", "mean", number($0.value))
            }
        }
    }

    private var misestimateLines: [String] {
        misestimates.flatMap { row in
            [("optimal, LPT", row.optimal), ("blind, LPT", row.blind)].flatMap { name, scores in
                [
                    ("average", scores.averageMean), ("worst", scores.worstMean), ("bias", scores.averageBias),
                ].map { line("misestimate", row.profile, name, row.belief.name, $0.0, number($0.1)) }
            }
        }
    }

    private var descentLines: [String] {
        descents.flatMap { row in
            let setting = "\(row.agreeing ? "agreeing" : "disagreeing"), step \(row.scaledStep)"
            return row.curves.flatMap { curve in
                func line(_ quantity: String, _ value: String) -> String {
                    self.line("descent", row.profile, curve.name, setting, quantity, value)
                }
                return DescentComparison.shownTimes(upTo: experiment.iterations).map {
                    line("distanceAt\($0)", number(curve.distances[$0]))
                } + [
                    line("limit", number(curve.limit)), line("timeToMillionth", number(curve.timeToMillionth)),
                    line("timeToFloor", number(curve.timeToFloor)),
                ]
            }
        }
    }
}
