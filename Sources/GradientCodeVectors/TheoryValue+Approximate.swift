import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

extension TheoryValue {
    /// Vectors of the class rule of CRC-1 and of the expected residuals.
    static func approximations(_ file: inout VectorFileBuilder<TheoryValue>) {
        file.group(5, "CRC-1", profile: .core, basis: .derived, section: "GradientCode.md#theorem-2") { tests in
            for (index, code) in CodeCases.crcOnes.enumerated() {
                let p = (0..<code.workers).map { Rational($0 % 4, 5) }
                tests.valid(
                    100 + index, code.title, [.normal],
                    TheoryValue(
                        .crcOnesRecovery, workers: code.workers, stragglers: code.stragglers, probabilities: p),
                    .init(value: enumerated(code.matrix, p)))
            }
            let half = [Rational](repeating: Rational(1, 2), count: 4)
            tests.valid(
                110, "the example (4, 1) of the documentation", [.handExample],
                TheoryValue(.crcOnesRecovery, workers: 4, stragglers: 1, probabilities: half),
                .init(value: Rational(7, 16)))
            tests.invalid(
                111, "3 does not divide 4", [.sizes],
                TheoryValue(.crcOnesRecovery, workers: 4, stragglers: 2, probabilities: half), .nonDivisible)
            for (index, quantity) in [TheoryValue.Quantity.crcOnesRecovery, .fractionalRepetitionRecovery].enumerated()
            {
                tests.invalid(
                    112 + 2 * index, "one probability, and 3 does not divide 4: the number is refused", [.precedence],
                    TheoryValue(quantity, workers: 4, stragglers: 2, probabilities: [0]), .dimensionMismatch)
                tests.invalid(
                    113 + 2 * index, "a probability of 2, and 3 does not divide 4: it is refused", [.precedence],
                    TheoryValue(quantity, workers: 4, stragglers: 2, probabilities: [2, 0, 0, 0]), .invalidProbability)
            }
        }
        file.group(
            6, "ExpectedResiduals", profile: .core, basis: .paper, section: "GradientCode.md#approximate-assignments"
        ) { tests in
            let p: [Rational] = [0, Rational(1, 4), Rational(1, 2)]
            func value(_ tcId: Int, _ comment: String, _ question: TheoryValue, _ value: Rational) {
                tests.valid(tcId, "\(comment): by hand", [.handExample], question, .init(value: value))
            }
            value(
                120, "one step, k = 6, r = 3, δ = 1/2",
                TheoryValue(.oneStepResidual, partitions: 6, density: Rational(1, 2), responders: 3), 2)
            value(
                121, "one step, nobody responds",
                TheoryValue(.oneStepResidual, partitions: 6, density: Rational(1, 2), responders: 0), 6)
            value(
                122, "one step, density 1",
                TheoryValue(.oneStepResidual, partitions: 6, density: 1, responders: 2), 0)
            value(
                123, "stochastic, d = (2, 1), p = 1/3",
                TheoryValue(.stochasticResidual, probabilities: [Rational(1, 3)], replications: [2, 1]), Rational(3, 4))
            value(
                124, "ignoring stragglers", TheoryValue(.ignoringStragglersResidual, workers: 3, probabilities: p),
                Rational(3, 4))
            value(
                125, "weights 1/(1 - p)", TheoryValue(.unbiasedWeightsResidual, workers: 3, probabilities: p),
                Rational(4, 3))
            value(
                126, "n = 4, d = 2, r = 3",
                TheoryValue(.fixedRespondersResidual, workers: 4, responders: 3, replications: [2]), Rational(1, 9))
            value(
                127, "everybody responds",
                TheoryValue(.fixedRespondersResidual, workers: 4, responders: 4, replications: [1]), 0)
        }
        file.group(7, "RefusedResiduals", profile: .core, basis: .house, section: "GradientCode.md#edge-cases") {
            tests in
            func refuse(_ tcId: Int, _ comment: String, _ question: TheoryValue, _ kind: Refusal.Kind) {
                tests.invalid(tcId, comment, [.invalidParameters], question, kind)
            }
            refuse(
                130, "one step, density 0", TheoryValue(.oneStepResidual, partitions: 1, density: 0, responders: 1),
                .invalidProbability)
            refuse(
                131, "one step, no partitions", TheoryValue(.oneStepResidual, partitions: 0, density: 1, responders: 1),
                .invalidParameters)
            refuse(
                132, "one step, r < 0", TheoryValue(.oneStepResidual, partitions: 1, density: 1, responders: -1),
                .invalidParameters)
            refuse(
                133, "one step without r", TheoryValue(.oneStepResidual, partitions: 1, density: 1), .invalidParameters)
            refuse(
                134, "stochastic, p = 1", TheoryValue(.stochasticResidual, probabilities: [1], replications: [1]),
                .invalidProbability)
            refuse(
                135, "stochastic, a partition without workers",
                TheoryValue(.stochasticResidual, probabilities: [0], replications: [1, 0]), .invalidParameters)
            refuse(
                136, "stochastic, two probabilities",
                TheoryValue(.stochasticResidual, probabilities: [0, 0], replications: [1]), .dimensionMismatch)
            refuse(
                137, "weights 1/(1 - p), p = 1",
                TheoryValue(.unbiasedWeightsResidual, workers: 1, probabilities: [1]), .invalidProbability)
            refuse(
                138, "ignoring stragglers, one probability for two workers",
                TheoryValue(.ignoringStragglersResidual, workers: 2, probabilities: [0]), .dimensionMismatch)
            refuse(
                139, "fixed responders, r = 0",
                TheoryValue(.fixedRespondersResidual, workers: 2, responders: 0, replications: [1]), .invalidParameters)
            refuse(
                140, "fixed responders, d > n",
                TheoryValue(.fixedRespondersResidual, workers: 2, responders: 1, replications: [3]), .invalidParameters)
            refuse(
                141, "fixed responders, one worker",
                TheoryValue(.fixedRespondersResidual, workers: 1, responders: 1, replications: [1]), .invalidParameters)
        }
    }
}
