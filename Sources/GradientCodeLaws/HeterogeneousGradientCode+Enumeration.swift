import ExactArithmetic
import GradientCodeOperations
import GradientCodeTheory
import GradientCodeVectors

/// Moments of a subject's own updates for unit gradients, which are its α, over all patterns; and how far its floats may
/// have moved them.
struct MeasuredMoments: Sendable {
    var mean: [Rational]
    var meanBound: [Rational]
    var residual: Rational
    var residualBound: Rational
    var covariance: [[Rational]]
    var covarianceBound: [[Rational]]
    var commands: [Command]
}

extension HeterogeneousSession {
    /// Asks for the rounds of all patterns that have positive probability, with the unit vectors as gradients.
    func enumeratedMoments() async throws -> MeasuredMoments {
        let m = scheme.partitions
        let units = (0..<m).map { j in (0..<m).map { $0 == j ? Float(1) : 0 } }
        let patterns = HeterogeneousEnumeration.patterns(scheme.scheme.probabilities)
        let rounds = patterns.map { round(HeterogeneousRoundCase(gradients: units, responders: $0.responders)) }
        let commands = [open] + rounds + [close]
        let replies = try await examiner.replies(to: commands)
        var outcomes: [(α: [Rational], error: [Rational], probability: Rational)] = []
        for (index, pattern) in patterns.enumerated() {
            let asked = [open, rounds[index]]
            let α = try sum(try outcome(replies[index + 1], after: asked), after: asked)
            // A mean is divided by m and judged multiplied by it again: two more roundings.
            let exact = scheme.recovered(pattern.responders)
            let error = (0..<m).map { d in
                let bound = scheme.bound(pattern.responders, (0..<m).map { $0 == d ? 1 : 0 })
                return bound + ForwardError.factor(roundings: 2) * (exact[d].magnitude + bound)
            }
            outcomes.append((α, error, pattern.probability))
        }
        func expectation(_ value: ((α: [Rational], error: [Rational], probability: Rational)) -> Rational) -> Rational {
            outcomes.map { $0.probability * value($0) }.total
        }
        let mean = (0..<m).map { j in expectation { $0.α[j] } }
        let meanBound = (0..<m).map { j in expectation { $0.error[j] } }
        // |ab − a′b′| ≤ |a| e_b + |b| e_a + e_a e_b, a and b the measured deviations.
        func product(_ a: Rational, _ ea: Rational, _ b: Rational, _ eb: Rational) -> Rational {
            a.magnitude * eb + b.magnitude * ea + ea * eb
        }
        return MeasuredMoments(
            mean: mean, meanBound: meanBound,
            residual: expectation { $0.α.map { ($0 - 1) * ($0 - 1) }.total },
            residualBound: expectation { outcome in
                (0..<m).map { j in
                    product(outcome.α[j] - 1, outcome.error[j], outcome.α[j] - 1, outcome.error[j])
                }.total
            },
            covariance: (0..<m).map { j in
                (0..<m).map { k in expectation { ($0.α[j] - mean[j]) * ($0.α[k] - mean[k]) } }
            },
            covarianceBound: (0..<m).map { j in
                (0..<m).map { k in
                    expectation { outcome in
                        product(
                            outcome.α[j] - mean[j], outcome.error[j] + meanBound[j], outcome.α[k] - mean[k],
                            outcome.error[k] + meanBound[k])
                    }
                }
            }, commands: commands)
    }

    /// - Throws: a violation where a measured moment is further from the exact one than its floats explain.
    func compare(
        _ measured: MeasuredMoments, mean: [Rational], residual: Rational, covariance: [[Rational]]
    ) throws {
        func fail(_ what: String, _ expected: Rational, _ found: Rational) -> Violation {
            Violation(
                commands: measured.commands,
                Mismatch("\(what) over all sets of responders", expected: expected, received: found))
        }
        for j in mean.indices {
            guard (measured.mean[j] - mean[j]).magnitude <= measured.meanBound[j] else {
                throw fail("E α_\(j)", mean[j], measured.mean[j])
            }
            for k in mean.indices {
                guard (measured.covariance[j][k] - covariance[j][k]).magnitude <= measured.covarianceBound[j][k] else {
                    throw fail("V_\(j)\(k)", covariance[j][k], measured.covariance[j][k])
                }
            }
        }
        guard (measured.residual - residual).magnitude <= measured.residualBound else {
            throw fail("the residual", residual, measured.residual)
        }
    }
}
