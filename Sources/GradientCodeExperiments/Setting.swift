package import GradientCodes

/// A problem, its reference minimum, and how often each worker straggles.
package struct Setting: Sendable {
    /// How the rates of the workers relate to their mean p.
    package enum Rates: String, Sendable {
        /// Every worker straggles with probability p.
        case equal
        /// The first half of the workers straggle with probability p/2, the second half with 3p/2.
        case unequal
    }

    package let problem: RegressionProblem
    package let minimum: ReferenceMinimum
    package let rates: Rates
    /// 10p, the mean rate in tenths; 0...6.
    package let tenths: Int
    /// p_i for each worker.
    let straggling: [Probability]
    /// Who straggles when.
    package let stragglers: StragglerModel

    /// The setting of so many workers.
    ///
    /// - Throws: `invalidProbability` if a rate exceeds 1, `invalidParameters` if there are no workers or too many.
    package init(
        problem: RegressionProblem, minimum: ReferenceMinimum, rates: Rates, tenths: Int, workers: Int
    ) throws(Refusal) {
        var straggling: [Probability] = []
        for worker in 0..<workers {
            let twentieths = rates == .equal ? 2 * tenths : worker < workers / 2 ? tenths : 3 * tenths
            straggling.append(try Probability(UInt64(twentieths), 20))
        }
        self.problem = problem
        self.minimum = minimum
        self.rates = rates
        self.tenths = tenths
        self.straggling = straggling
        stragglers = try .independent(straggling)
    }
}
