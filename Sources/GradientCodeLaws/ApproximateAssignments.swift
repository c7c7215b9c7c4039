import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// Assignments that promise no exact recovery: what their decoders recover, and how far that is from the sum on average.
extension Law {
    static let approximateAssignments: [Law] = [
        generated(
            120, id: "gradientCode.approximation",
            "One step gives 1/(rδ) to each of r responders, fixed weights give w_i; α and ‖1 − α‖² follow.",
            profile: .core, basis: .paper, section: "GradientCode.md#approximate-assignments",
            needs: ["gradientCode.approximate"]
        ) { choices in
            let (n, k) = (choices.integer(in: 1...6), choices.integer(in: 1...5))
            let entries = (0..<n).map { _ in (0..<k).map { _ in Rational(choices.integer(in: 0...1)) } }
            let denominator = choices.integer(in: 1...9)
            let density = Rational(choices.integer(in: 1...denominator), denominator)
            let weights = (0..<n).map { _ in Rational(choices.integer(in: 0...16) - 8, choices.integer(in: 1...5)) }
            let oneStep = choices.coin()
            return (
                entries: entries, members: choices.shuffled(choices.subset(of: 0..<n)),
                density: oneStep ? density : nil, weights: oneStep ? nil : weights
            )
        } trial: { drawn, examiner in
            let matrix = RationalMatrix(rows: drawn.entries.count, columns: drawn.entries[0].count) {
                drawn.entries[$0][$1]
            }
            let question = GradientCode.Approximate(
                code: CodeDescriptor(matrix), responders: drawn.members,
                rule: drawn.density == nil ? .fixedWeights : .oneStep, density: drawn.density, weights: drawn.weights)
            try await examiner.check([(question, try GradientCode.approximation(question))], profile: .core)
        },
        generated(
            60, id: "gradientCode.graphProjection",
            "The best α of a graph follows from its components: 1 with an odd cycle, balanced sides without.",
            profile: .core, basis: .paper, section: "GradientCode.md#approximate-assignments",
            needs: ["gradientCode.leastSquares"]
        ) { choices in
            let k = choices.integer(in: 2...6)
            let edges = (0..<choices.integer(in: 1...7)).map { _ in
                let u = choices.integer(in: 0...k - 1)
                return [u, (u + 1 + choices.integer(in: 0...k - 2)) % k]
            }
            return (partitions: k, edges: edges, members: choices.subset(of: 0..<edges.count))
        } trial: { drawn, examiner in
            let code = try GraphCode(partitions: drawn.partitions, ends: drawn.edges)
            let responders = try WorkerSet(drawn.members, of: drawn.edges.count)
            let question = GradientCode.LeastSquares(
                code: CodeDescriptor(code.encodingMatrix), responders: drawn.members)
            var expected = GradientCode.leastSquares(code.encodingMatrix, responders)
            expected.recovered = code.optimalRecovery(responders: responders)
            expected.residual = expected.recovered.map { (1 - $0) * (1 - $0) }.total
            try await examiner.check([(question, expected)], profile: .core)
        },
        generated(
            60, id: "theory.expectedResiduals",
            "The expected residuals are the sums of residual times probability over all patterns, or over all codes.",
            profile: .core, basis: .paper, section: "GradientCode.md#approximate-assignments", needs: ["theory.value"]
        ) { choices in
            ResidualCase(&choices)
        } trial: { drawn, examiner in
            try await examiner.check([(drawn.question, .init(value: drawn.expectation))], profile: .core)
        },
        generated(
            60, id: "theory.crcOnesRecovery",
            "P(decodable) = 1 − Π_c (1 − Π_{i ≡ c} (1 − p_i)) is the sum over the recoverable patterns (Theorem 2).",
            profile: .core, basis: .derived, section: "GradientCode.md#theorem-2", needs: ["theory.value"]
        ) { choices in
            let (n, s) = choices.element(of: sizes(upTo: 8).filter { n, s in n % (s + 1) == 0 })
            return (stragglers: s, probabilities: (0..<n).map { _ in probability(&choices) })
        } trial: { drawn, examiner in
            let n = drawn.probabilities.count
            let code = try CyclicRepetitionCode(workers: n, stragglers: drawn.stragglers, construction: .ones)
            let question = TheoryValue(
                .crcOnesRecovery, workers: n, stragglers: drawn.stragglers, probabilities: drawn.probabilities)
            let value = try code.encodingMatrix.recoveryProbability(try Probability.all(drawn.probabilities))
            try await examiner.check([(question, .init(value: value))], profile: .core)
        },
    ]

    fileprivate static func probability(_ choices: inout Choices) -> Rational {
        let denominator = choices.integer(in: 1...12)
        return Rational(choices.integer(in: 0...denominator), denominator)
    }

    /// One expected residual and its value by enumeration.
    private struct ResidualCase: Sendable {
        let question: TheoryValue
        let expectation: Rational

        init(_ choices: inout Choices) {
            switch choices.integer(in: 0...4) {
            case 0: self.init(ignoringStragglers: &choices)
            case 1: self.init(unbiasedWeights: &choices)
            case 2: self.init(fixedResponders: &choices)
            case 3: self.init(oneStep: &choices)
            default: self.init(stochastic: &choices)
            }
        }

        private init(ignoringStragglers choices: inout Choices) {
            let p = (0..<choices.integer(in: 1...5)).map { _ in probability(&choices) }
            question = TheoryValue(.ignoringStragglersResidual, workers: p.count, probabilities: p)
            expectation = Self.mean(.identity(p.count), p) { _ in p.map { _ in 1 } }
        }

        private init(unbiasedWeights choices: inout Choices) {
            let p = (0..<choices.integer(in: 1...5)).map { _ in probability(&choices) / 2 }
            question = TheoryValue(.unbiasedWeightsResidual, workers: p.count, probabilities: p)
            expectation = Self.mean(.identity(p.count), p) { _ in p.map { 1 / (1 - $0) } }
        }

        /// One partition on the first d of n workers, all sets of r responders equally likely.
        private init(fixedResponders choices: inout Choices) {
            let n = choices.integer(in: 2...6)
            let (d, r) = (choices.integer(in: 1...n), choices.integer(in: 1...n))
            question = TheoryValue(.fixedRespondersResidual, workers: n, responders: r, replications: [d])
            let weight = Rational(n, r * d)
            let matrix = RationalMatrix(rows: n, columns: 1) { i, _ in i < d ? 1 : 0 }
            let residuals = WorkerSet.subsets(of: n, count: r).map {
                matrix.fixedDecoding(responders: $0, weights: Array(repeating: weight, count: n)).residual
            }
            expectation = Array(residuals).total / .binomial(n, r)
        }

        /// All columns of r entries, each entry 1 with probability δ; partitions are independent copies.
        private init(oneStep choices: inout Choices) {
            let (k, r) = (choices.integer(in: 1...5), choices.integer(in: 0...5))
            let denominator = choices.integer(in: 1...9)
            let density = Rational(choices.integer(in: 1...denominator), denominator)
            question = TheoryValue(.oneStepResidual, partitions: k, density: density, responders: r)
            guard r > 0 else {
                expectation = Rational(k)
                return
            }
            let columns = WorkerSet.subsets(of: r).map { ones in
                let column = RationalMatrix(rows: r, columns: 1) { i, _ in ones.contains(i) ? 1 : 0 }
                return density.power(ones.count) * (1 - density).power(r - ones.count)
                    * column.oneStepDecoding(responders: .all(r), density: density).residual
            }
            expectation = Rational(k) * Array(columns).total
        }

        private init(stochastic choices: inout Choices) {
            let n = choices.integer(in: 1...4)
            let rows = (0..<n).map { i in (0..<3).map { j in i == j % n || choices.coin() ? 1 : 0 } }
            let p = probability(&choices) / 2
            guard let allocation = try? Allocation(rows), let straggling = try? Probability(p),
                let code = try? StochasticGradientCode(allocation: allocation, straggling: straggling)
            else { preconditionFailure("every partition is held") }
            question = TheoryValue(.stochasticResidual, probabilities: [p], replications: allocation.replication)
            let probabilities = Array(repeating: p, count: n)
            expectation = Self.mean(code.encodingMatrix, probabilities) { _ in probabilities.map { _ in 1 } }
        }

        /// Σ_F P(F) ‖1 − α‖² with fixed weights.
        private static func mean(
            _ matrix: RationalMatrix, _ p: [Rational], weights: (WorkerSet) -> [Rational]
        ) -> Rational {
            Array(
                WorkerSet.subsets(of: matrix.rows).map { responders in
                    p.indices.reduce(1) { $0 * (responders.contains($1) ? 1 - p[$1] : p[$1]) }
                        * matrix.fixedDecoding(responders: responders, weights: weights(responders)).residual
                }
            ).total
        }
    }
}
