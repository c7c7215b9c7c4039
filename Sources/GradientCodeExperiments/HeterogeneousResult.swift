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
}
