/// What one method reached in one setting.
struct Curve: Hashable, Sendable {
    let problem: RegressionLoss
    let rates: Setting.Rates
    let tenths: Int
    let method: String
    /// The step chosen for it.
    let step: Float
    /// Cumulative bits of each point.
    let bits: [Int]
    /// The gap to the reference minimum at each point.
    let gaps: [Estimate]
    /// Refused rounds and all rounds, over all seeds.
    let refused: Int
    let rounds: Int

    /// Summarises the runs of all seeds.
    init(_ method: Method, in setting: Setting, step: Float, checkpoints: [Int], trials: [Trial]) {
        problem = setting.problem.loss
        rates = setting.rates
        tenths = setting.tenths
        self.method = method.name
        self.step = step
        bits = checkpoints
        gaps = checkpoints.indices.map { point in Estimate(of: trials.map { $0.gaps[point] }) }
        refused = trials.reduce(0) { $0 + $1.refused }
        rounds = trials.reduce(0) { $0 + $1.rounds }
    }

    /// The gap when the budget is spent.
    var final: Estimate { gaps[gaps.count - 1] }
    /// Whether two curves are measurements of the same setting.
    func sharesSetting(with other: Curve) -> Bool {
        problem == other.problem && rates == other.rates && tenths == other.tenths
    }
}

/// The outcome of an experiment: a page for people and the numbers for programs.
public struct ExperimentResult: Sendable {
    let experiment: OneBitExperiment
    let methods: [Method]
    /// The first setting of each problem.
    let references: [Setting]
    /// One curve a setting and method, settings in order and methods within.
    let curves: [Curve]

    /// A file of the report.
    public struct File: Hashable, Sendable {
        /// Its name within the folder of experiments.
        public let name: String
        /// Its text, ending with a line break.
        public let contents: String
    }

    /// The page and the data: `OneBitGradientCode.md` and `OneBitGradientCode.csv`.
    public var files: [File] {
        [
            File(name: "OneBitGradientCode.md", contents: markdown),
            File(name: "OneBitGradientCode.csv", contents: csv),
        ]
    }

    /// One line a setting, method and checkpoint: problem, rates, p, method, step, bits, and mean, low and high end of
    /// the band of the gap. Numbers are the shortest decimals that read back as the same binary64; fields with a comma
    /// are quoted.
    public var csv: String {
        var lines = ["problem,rates,p,method,step,bits,mean,low,high"]
        for curve in curves {
            for (bits, gap) in zip(curve.bits, curve.gaps) {
                lines.append(
                    "\(curve.problem),\(curve.rates),0.\(curve.tenths),\"\(curve.method)\",\(curve.step),\(bits),"
                        + "\(gap.mean),\(gap.low),\(gap.high)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
