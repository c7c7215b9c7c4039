import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeVectors
import GradientCodes

extension HeterogeneousCase {
    /// Any code: every partition has a holder that is not dead; exact and dead workers, and workers without data, occur.
    init(_ choices: inout Choices, workers: ClosedRange<Int> = 1...4, partitions: ClosedRange<Int> = 1...4) {
        let (n, m) = (choices.integer(in: workers), choices.integer(in: partitions))
        let probabilities = (0..<n).map { i in
            // Worker 0 is never dead, so that it may take what nobody else holds.
            choices.element(of: i == 0 ? Self.levels.dropLast() : Self.levels)
        }
        let holders = (0..<m).map { _ in
            let drawn = choices.subset(of: 0..<n)
            return drawn.allSatisfy { probabilities[$0] == 1 } ? [0] + drawn.filter { $0 != 0 } : drawn
        }
        self.init("generated", probabilities: probabilities, holders: holders)
    }

    private static let levels: [Rational] = [
        Rational(1, 2), Rational(1, 3), Rational(1, 4), Rational(2, 3), Rational(1, 10), 0, 1,
    ]
}

extension Choices {
    /// A small number of either sign.
    fileprivate mutating func coefficient() -> Rational {
        Rational(integer(in: 0...12) - 6, integer(in: 1...3))
    }
}

// Codes and allocations.
extension Law {
    static let heterogeneousGradientCode: [Law] = [
        generated(
            id: "heterogeneous.coefficientsAreOptimal",
            "The coefficients are unbiased, proportional to 1/p, and no unbiased code has a smaller residual.",
            profile: .core, basis: .derived, section: "HeterogeneousGradientCode.md#theorem-h4",
            needs: ["heterogeneous.coefficients"]
        ) { choices in
            let scheme = HeterogeneousCase(&choices)
            let variances =
                choices.coin() ? scheme.probabilities.map { _ in Rational(choices.integer(in: 0...3), 4) } : nil
            let direction = scheme.probabilities.map { _ in choices.coefficient() }
            return (scheme: scheme, variances: variances, direction: direction)
        } trial: { drawn, examiner in
            let question = HeterogeneousGradientCode.OptimalCoefficients(
                allocation: drawn.scheme.allocation, probabilities: drawn.scheme.probabilities,
                variances: drawn.variances)
            try await examiner.check([(question, question.expected)], profile: .core)
            let answer = try await examiner.answer(question)
            try requireOptimal(answer, question, direction: drawn.direction)
        },
        generated(
            60, id: "heterogeneous.momentsAreEnumerated",
            "Mean, residual, covariance and gradient error are those of all patterns of responders.", profile: .core,
            basis: .derived, section: "HeterogeneousGradientCode.md#theorem-h1", needs: ["heterogeneous.moments"]
        ) { choices in
            let scheme = HeterogeneousCase(&choices)
            return HeterogeneousGradientCode.Moments(
                probabilities: scheme.probabilities,
                coefficients: scheme.allocation.map { $0.map { $0 == 0 ? 0 : choices.coefficient() } },
                gradients: scheme.allocation[0].map { _ in [choices.coefficient(), choices.coefficient()] })
        } trial: { question, examiner in
            let expected = HeterogeneousEnumeration.moments(
                question.probabilities, coefficients: question.coefficients, gradients: question.gradients)
            try await examiner.check([(question, expected)], profile: .core)
        },
        generated(
            id: "heterogeneous.allocationsKeepPromises",
            "An allocation respects the loads, and its sums of odds are as its strategy promises.", profile: .core,
            basis: .derived, section: "HeterogeneousGradientCode.md#theorem-h7", needs: ["heterogeneous.allocate"]
        ) { choices in
            allocationQuestion(&choices)
        } trial: { question, examiner in
            try await examiner.check([(question, question.expected)], profile: .core)
        },
        generated(
            60, id: "heterogeneous.bitsAreBest", "No other bits within the budget have a greater gain.",
            profile: .core, basis: .derived, section: "HeterogeneousGradientCode.md#bit-allocation",
            needs: ["heterogeneous.allocateBits"]
        ) { choices in
            HeterogeneousGradientCode.AllocateBits(
                probabilities: (0..<choices.integer(in: 1...3)).map { _ in Rational(choices.integer(in: 0...20), 20) },
                kappa: Rational(choices.integer(in: 1...16), choices.integer(in: 1...4)),
                budget: choices.integer(in: 0...7), maximum: choices.integer(in: 1...5))
        } trial: { question, examiner in
            try await examiner.check([(question, .init(gain: question.greatestGain))], profile: .core)
        },
        generated(
            40, id: "heterogeneous.adaptiveIsCertified",
            "The best unbiased decoder is least squares for a target τ with P̄τ = 1; without one, a witness says so.",
            profile: .core, basis: .derived, section: "HeterogeneousGradientCode.md#theorem-h8",
            needs: ["heterogeneous.adaptive"]
        ) { choices in
            let scheme = HeterogeneousCase(&choices, workers: 1...3, partitions: 1...3)
            return HeterogeneousGradientCode.Adaptive(
                matrix: scheme.allocation.map { $0.map { $0 == 0 ? 0 : choices.coefficient() } },
                probabilities: scheme.probabilities)
        } trial: { question, examiner in
            try await examiner.check([(question, question.expected)], profile: .core)
        },
        generated(
            id: "heterogeneous.recoverAddsUp", "The estimate is the weighted sum of the finite messages.",
            profile: .core, basis: .derived, section: "HeterogeneousGradientCode.md#recover",
            needs: ["heterogeneous.recover"]
        ) { choices in
            let (n, dimension) = (choices.integer(in: 1...5), choices.integer(in: 1...3))
            let weights = (0..<n).map { _ in Float(choices.integer(in: 0...64) - 32) / 8 }
            var messages = (0..<n).map { _ -> [Float]? in
                guard !choices.coin() else { return nil }
                let bad: Float? = choices.integer(in: 0...5) == 5 ? choices.element(of: [.nan, .infinity]) : nil
                let place = choices.integer(in: 0...dimension - 1)
                return (0..<dimension).map { d in
                    d == place && bad != nil ? bad! : Float(choices.integer(in: 0...0xffff) - 0x8000) * 0x1p-7
                }
            }
            if messages.allSatisfy({ $0 == nil }) { messages[0] = [Float](repeating: 1, count: dimension) }
            return (weights: weights, messages: messages)
        } trial: { drawn, examiner in
            let messages = drawn.messages
            let excluded = messages.indices.filter { messages[$0].map { !$0.allSatisfy(\.isFinite) } ?? false }
            let used = messages.indices.filter { messages[$0] != nil && !excluded.contains($0) }
            let dimension = messages.compactMap { $0 }[0].count
            let sum: FloatExpectation =
                used.isEmpty
                ? .exact(Binary32Vector([Float](repeating: 0, count: dimension)))
                : GradientCode.enclosure(used.map { drawn.weights[$0] }, used.map { messages[$0]! })
            let question = HeterogeneousGradientCode.Recover(
                weights: Binary32Vector(drawn.weights), messages: messages.map { $0.map { Binary32Vector($0) } })
            try await examiner.check([(question, .init(vector: sum, excluded: excluded))], profile: .core)
        },
    ]

    /// An answer in exact numbers, against its certificate and against a code that is unbiased too.
    private static func requireOptimal(
        _ answer: HeterogeneousGradientCode.OptimalCoefficients.Answer,
        _ question: HeterogeneousGradientCode.OptimalCoefficients, direction: [Rational]
    ) throws {
        let m = question.allocation[0].count
        let rows = answer.coefficients.compactMap { row -> [Rational]? in
            guard case .exact(let values) = row, values.count == m else { return nil }
            return values
        }
        guard rows.count == question.allocation.count else { return }
        let (p, q) = (question.probabilities, question.probabilities.map { 1 - $0 })
        let noise = p.indices.map { i in q[i] * (p[i] + (question.variances?[i] ?? 0)) }
        func residual(_ column: [Rational]) -> Rational { zip(noise, column).map { $0 * $1 * $1 }.total }
        for j in 0..<m {
            let column = rows.map { $0[j] }
            guard zip(q, column).map({ $0 * $1 }).total == 1 else {
                throw Violation(question, Mismatch("Σ_i q_i c_i\(j) is not 1", expected: "1", received: answer))
            }
            // Another unbiased column: along a direction d on the holders, corrected so that Σ q d = 0.
            let holders = p.indices.filter { question.allocation[$0][j] == 1 && p[$0] < 1 }
            let drift = holders.map { q[$0] * direction[$0] }.total / holders.map { q[$0] }.total
            let other = p.indices.map { i in holders.contains(i) ? column[i] + direction[i] - drift : column[i] }
            guard residual(column) <= residual(other) else {
                throw Violation(
                    question,
                    Mismatch("another unbiased code has a smaller residual", expected: other, received: answer))
            }
        }
    }

    private static func allocationQuestion(_ choices: inout Choices) -> HeterogeneousGradientCode.Allocate {
        let strategy = choices.element(of: HeterogeneousGradientCode.Allocate.Strategy.allCases)
        let isSearched = strategy == .exact
        let (n, m) = (choices.integer(in: 1...(isSearched ? 4 : 6)), choices.integer(in: 1...(isSearched ? 3 : 5)))
        // Worker 0 is alive and holds everything, so that the question is feasible; targets need not be.
        let odds: [ExtendedRational] = [
            .finite(1), .finite(2), .finite(3), .finite(Rational(5, 2)), .finite(0), .infinite,
        ]
        let s = (0..<n).map { i in
            choices.element(of: i == 0 ? Array(odds.prefix(4)) : odds)
        }
        let p = s.map { odds -> Rational in odds.value.map { 1 / ($0 + 1) } ?? 0 }
        let loads = (0..<n).map { i in i == 0 ? m : choices.integer(in: 0...m) }
        let hasTarget = strategy == .minimumRedundancy || (isSearched && choices.coin())
        let target = hasTarget ? Rational(choices.integer(in: 1...14), 2) : nil
        return .init(strategy, probabilities: p, partitions: m, loads: loads, target: target)
    }
}
