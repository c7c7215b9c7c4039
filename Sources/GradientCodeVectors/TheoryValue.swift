import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

extension TheoryValue {
    /// Vectors of `theory.value`: each closed form beside an enumeration of what it counts.
    static var vectors: VectorFile {
        var file = VectorFileBuilder(
            TheoryValue.self, "Closed forms of the theory; the expected values come from enumeration.")
        file.group(1, "RecoveryProbabilities", profile: .core, basis: .derived) { tests in
            for (index, code) in CodeCases.fractionalRepetition.enumerated() {
                let p = (0..<code.workers).map { Rational($0 % 4, 5) }
                tests.valid(
                    1 + index, code.title, [.normal],
                    TheoryValue(
                        .fractionalRepetitionRecovery, workers: code.workers, stragglers: code.stragglers,
                        partitions: code.matrix.columns, probabilities: p),
                    .init(value: enumerated(code.matrix, p)))
            }
            // These CRC-Z codes are tight: they recover exactly when n - s workers respond.
            for (index, (n, s)) in [(2, 1), (3, 1), (3, 2), (5, 2), (7, 3)].enumerated() {
                let p = (0..<n).map { Rational($0 + 1, n + 2) }
                tests.valid(
                    20 + index, "threshold, tight CRC-Z (\(n), \(s))", [.normal],
                    TheoryValue(.thresholdRecovery, workers: n, stragglers: s, probabilities: p),
                    .init(value: enumerated(CodeCases.integers(n, s).matrix, p)))
            }
        }
        file.group(2, "CRC-Z", profile: .core, basis: .derived, section: "GradientCode.md#crc-z") { tests in
            for (index, (n, s)) in [(1, 0), (3, 1), (5, 2), (7, 3), (12, 5), (40, 19)].enumerated() {
                let entries = CodeCases.integers(n, s).matrix.rowVectors.joined()
                tests.valid(
                    40 + index, "largest entry of (\(n), \(s))", [.normal],
                    TheoryValue(.crcZLargestEntry, workers: n, stragglers: s),
                    .init(value: entries.map(\.magnitude).max() ?? 0))
            }
            for n in 2...10 {
                guard case .always(let kappa) = CodeCases.integers(n, 1).matrix.properties(stragglers: 1).recovery
                else {
                    preconditionFailure("CRC-Z (\(n), 1) recovers")
                }
                tests.valid(
                    50 + n, "worst amplification of (\(n), 1)", [.normal],
                    TheoryValue(.crcZWorstAmplification, workers: n, stragglers: 1), .init(value: kappa))
            }
        }
        file.group(3, "ForwardError", profile: .core, basis: .derived, section: "numerics.md#theorem-8") { tests in
            for (index, t) in [0, 1, 2, 7].enumerated() {
                // ((1 + u)^t - 1) by the binomial series, term by term.
                let u = Rational(2).power(-24)
                let series = (0..<t).map { Rational.binomial(t, $0 + 1) * u.power($0 + 1) }.total
                tests.valid(
                    70 + index, "t = \(t), κ = 7", [.normal],
                    TheoryValue(.forwardErrorFactorBound, kappa: 7, roundings: t), .init(value: 7 * series))
            }
        }
        file.group(4, "Refusals", profile: .core, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ question: TheoryValue, _ kind: Refusal.Kind
            ) {
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            refuse(80, "no parameters", .invalidParameters, TheoryValue(.crcZLargestEntry), .invalidParameters)
            refuse(
                81, "s = n", .invalidParameters, TheoryValue(.crcZLargestEntry, workers: 3, stragglers: 3),
                .invalidParameters)
            refuse(
                82, "no closed form for two stragglers", .invalidParameters,
                TheoryValue(.crcZWorstAmplification, workers: 5, stragglers: 2), .invalidParameters)
            refuse(
                83, "one probability for two workers", .sizes,
                TheoryValue(.thresholdRecovery, workers: 2, stragglers: 1, probabilities: [0]), .dimensionMismatch)
            refuse(
                84, "a probability above 1", .invalidParameters,
                TheoryValue(.thresholdRecovery, workers: 1, stragglers: 0, probabilities: [2]), .invalidProbability)
            refuse(
                85, "3 does not divide 4", .sizes,
                TheoryValue(.fractionalRepetitionRecovery, workers: 4, stragglers: 2, probabilities: [0, 0, 0, 0]),
                .nonDivisible)
            refuse(
                86, "a negative number of roundings", .invalidParameters,
                TheoryValue(.forwardErrorFactorBound, kappa: 1, roundings: -1), .invalidParameters)
        }
        approximations(&file)
        return file.file
    }

    static func enumerated(_ matrix: RationalMatrix, _ p: [Rational]) -> Rational {
        guard let probabilities = try? Probability.all(p) else { preconditionFailure("valid probabilities") }
        return matrix.recoveryProbability(probabilities)
    }
}
