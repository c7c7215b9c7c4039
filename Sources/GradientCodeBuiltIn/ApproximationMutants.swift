import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

// Defects of the decoders that do not look for α = 1, and of what is expected of them.
extension Mutant {
    static let approximations: [Mutant] = [
        approximation(
            "stepForgetsResponders", "one step divides by δ, not by rδ", caughtBy: "gradientCode.approximation"
        ) {
            matrix, responders, question in
            guard let density = question.density else { return nil }
            return matrix.fixedDecoding(
                responders: responders, weights: Array(repeating: 1 / density, count: matrix.rows))
        },
        approximation("weightsOfStragglers", "the weights of stragglers are kept", caughtBy: "gradientCode.approximate")
        {
            matrix, responders, question in
            guard let weights = question.weights else { return nil }
            return matrix.fixedDecoding(responders: .all(matrix.rows), weights: weights)
        },
        approximation(
            "weightsNormalised", "fixed weights are scaled to their sum", caughtBy: "gradientCode.approximation"
        ) {
            matrix, responders, question in
            guard let weights = question.weights, !responders.isEmpty else { return nil }
            let scale = Rational(matrix.rows, responders.count)
            return matrix.fixedDecoding(responders: responders, weights: weights.map { $0 * scale })
        },
        projection(
            "isolatedVertex", "a partition that nobody sends is taken for recovered",
            caughtBy: "gradientCode.graphProjection"
        ) {
            matrix, responders, alpha in
            alpha.indices.map { j in responders.allSatisfy { matrix[$0, j].isZero } ? 1 : alpha[j] }
        },
        projection("sidesExchanged", "α is reflected at 1", caughtBy: "gradientCode.leastSquares") {
            matrix, responders, alpha in alpha.map { 2 - $0 }
        },
        residual("stepVariance", "one step's residual lacks the factor 1 − δ", caughtBy: "theory.expectedResiduals") {
            question in
            guard question.quantity == .oneStepResidual, let k = question.partitions, let r = question.responders,
                let density = question.density, k > 0, r > 0, density > 0, density <= 1
            else { return nil }
            return Rational(k, r) / density
        },
        residual(
            "replicasForgotten", "stochastic gradient coding forgets its replicas", caughtBy: "theory.expectedResiduals"
        ) {
            question in
            guard question.quantity == .stochasticResidual, let p = question.probabilities, p.count == 1, p[0] < 1,
                let d = question.replications, d.allSatisfy({ $0 > 0 })
            else { return nil }
            return Rational(d.count) * p[0] / (1 - p[0])
        },
        residual("withReplacement", "responders are drawn with replacement", caughtBy: "theory.expectedResiduals") {
            question in
            guard question.quantity == .fixedRespondersResidual, let n = question.workers, let r = question.responders,
                let d = question.replications, d.count == 1, n > 1, (1...n).contains(r), (1...n).contains(d[0])
            else { return nil }
            return Rational(n - d[0], r * d[0])
        },
        residual("classesAdded", "the classes of CRC-1 are added, not united", caughtBy: "theory.crcOnesRecovery") {
            question in
            guard question.quantity == .crcOnesRecovery, let n = question.workers, let s = question.stragglers, s >= 0,
                let p = question.probabilities, p.count == n, n % (s + 1) == 0, p.allSatisfy({ $0 >= 0 && $0 <= 1 })
            else { return nil }
            return (0...s).map { c in (0..<n).filter { $0 % (s + 1) == c }.reduce(1) { $0 * (1 - p[$1]) } }.total
        },
    ]

    private static func approximation(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ wrong: @escaping @Sendable (RationalMatrix, WorkerSet, GradientCode.Approximate) -> ApproximateDecoding?
    ) -> Mutant {
        Mutant(name, of: "gradientCode", defect, caughtBy: killer) { table in
            table.answer(GradientCode.Approximate.self) { question throws(Refusal) in
                let right = try BuiltIn.approximate(question)
                let matrix = try question.code.exactMatrix()
                let responders = try WorkerSet(question.responders, of: matrix.rows)
                guard let decoding = wrong(matrix, responders, question) else { return right }
                return .init(
                    vector: .exact(decoding.vector), recovered: .exact(decoding.recovered),
                    residual: .exact(decoding.residual))
            }
        }
    }

    private static func projection(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ wrong: @escaping @Sendable (RationalMatrix, WorkerSet, [Rational]) -> [Rational]
    ) -> Mutant {
        Mutant(name, of: "gradientCode", defect, caughtBy: killer) { table in
            table.answer(GradientCode.LeastSquares.self) { question throws(Refusal) in
                let matrix = try question.code.exactMatrix()
                let responders = try WorkerSet(question.responders, of: matrix.rows)
                let decoding = matrix.leastSquaresDecoding(responders: responders)
                let recovered = wrong(matrix, responders, decoding.recovered)
                return .init(
                    vector: .exact(decoding.vector), recovered: .exact(recovered),
                    residual: .exact(recovered.map { (1 - $0) * (1 - $0) }.total))
            }
        }
    }

    private static func residual(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ wrong: @escaping @Sendable (TheoryValue) -> Rational?
    ) -> Mutant {
        Mutant(name, of: "theory", defect, caughtBy: killer) { table in
            table.answer(TheoryValue.self) { question throws(Refusal) in
                if let value = wrong(question) { return .init(value: value) }
                return try BuiltIn.value(question)
            }
        }
    }
}
