import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// The subject's own expectation, computed exactly: all straggler patterns, all messages, its answers averaged.
extension Law {
    static let oneBitMoments: [Law] = [
        forAll(
            MomentsCase.all, id: "oneBit.unbiased", "E Y = ∇F, over all straggler patterns and all draws.",
            profile: .core, basis: .paper, section: "OneBitGradientCode.md#theorem-1", needs: ["oneBit.round+tape"]
        ) { instance, examiner in
            let (law, session) = try await instance.law(by: examiner)
            let expected = instance.moments.mean
            guard instance.agree(law.mean, expected) else {
                throw session.violation(Mismatch("the update is biased", expected: expected, received: law.mean))
            }
        },
        forAll(
            MomentsCase.all, id: "oneBit.covariance",
            "Cov Y is that of Theorem 2, every entry: stragglers, signs, and their independence.", profile: .core,
            basis: .derived, section: "OneBitGradientCode.md#theorem-2", needs: ["oneBit.round+tape"]
        ) { instance, examiner in
            let (law, session) = try await instance.law(by: examiner)
            let expected = instance.moments.covariance.rowVectors
            guard zip(law.covariance, expected).allSatisfy(instance.agree) else {
                throw session.violation(Mismatch("another covariance", expected: expected, received: law.covariance))
            }
        },
    ]
}

/// Updates with their probabilities.
struct UpdateLaw: Sendable {
    private(set) var probabilities: [[Rational]: Rational] = [:]

    mutating func add(_ update: [Rational], _ probability: Rational) {
        probabilities[update, default: 0] += probability
    }

    var mean: [Rational] {
        let dimension = probabilities.first?.key.count ?? 0
        return (0..<dimension).map { j in probabilities.map { $0.value * $0.key[j] }.total }
    }

    var covariance: [[Rational]] {
        let mean = mean
        return mean.indices.map { j in
            mean.indices.map { l in
                probabilities.map { $0.value * ($0.key[j] - mean[j]) * ($0.key[l] - mean[l]) }.total
            }
        }
    }
}

extension OneBitSession {
    /// The law of the subject's update with ideal stragglers, and draws of so few bits that all can be tried.
    ///
    /// Draw m of 2^b stands for the words around (m + 1/2) 2^(32 − b): far from every threshold that is a multiple of
    /// 2^(32 − b), so that it does not matter how a subject rounds, nor whether it uses its draws upwards or downwards.
    /// Where every |g_ij|/B_ij is a multiple of 2^(1 − b) the law is exactly the ideal one.
    func law(gradients: [Binary32Vector], drawBits b: Int) async throws -> UpdateLaw {
        let holders = scheme.code.participants
        var rounds: [(input: OneBitGradientCode.Round, probability: Rational)] = []
        for members in WorkerSet.subsets(of: holders.count).map(\.members) {
            let responders = members.map { holders[$0] }
            var probability: Rational = 1
            for worker in holders {
                let p = Rational(scheme.code.straggling[worker])
                probability *= responders.contains(worker) ? 1 - p : p
            }
            guard !probability.isZero else { continue }
            let digits = responders.count * scheme.dimension
            for number in 0..<(1 << (b * digits)) {
                let words = (0..<digits).map { digit in
                    UInt32((number >> (b * digit)) & ((1 << b) - 1)) << UInt32(32 - b) | 1 << UInt32(31 - b)
                }
                let input = OneBitGradientCode.Round(
                    gradients: gradients, responders: responders, tape: Words(words))
                rounds.append((input, probability / Rational(2).power(b * digits)))
            }
        }
        let updates = try await updates(of: rounds.map(\.input))
        var law = UpdateLaw()
        for (update, round) in zip(updates, rounds) { law.add(update, round.probability) }
        return law
    }
}

/// A scheme with gradients for which few-bit draws realise the ideal law.
private struct MomentsCase: Sendable {
    let scheme: OneBitCase
    let gradients: [[Float]]
    let drawBits: Int

    static let all: [MomentsCase] = {
        let half = Rational(1, 2)
        func instance(
            _ allocation: [[Int]], _ probabilities: [Rational], _ weights: [[Rational]]? = nil, _ bound: SignRange,
            _ gradients: [[Float]], drawBits: Int
        ) -> MomentsCase {
            let instance = MomentsCase(
                scheme: OneBitCase(
                    allocation: allocation, probabilities: probabilities, weights: weights, bound: bound,
                    dimension: gradients[0].count), gradients: gradients, drawBits: drawBits)
            for x in instance.scheme.coded(gradients) {
                for (value, range) in zip(x, instance.scheme.ranges(of: x)) where !range.isZero {
                    let steps = value / range * Rational(2).power(drawBits - 1)
                    precondition(steps.isInteger, "\(value) in ±\(range) needs more bits a draw")
                }
            }
            return instance
        }
        return [
            // One worker: the sign alone; then with stragglers.
            instance([[1]], [0], nil, .given([4]), [[2, -4]], drawBits: 2),
            instance([[1]], [half], nil, .given([4]), [[1]], drawBits: 2),
            // Two workers with the same data, probabilities 1/2 and 3/4: weights 1 and 2.
            instance([[1], [1]], [half, Rational(3, 4)], nil, .given([8]), [[4, -4]], drawBits: 2),
            // Unequal loads and a worker without data.
            instance([[1, 1], [0, 0], [0, 1]], [half, half, 0], nil, .given([8]), [[2], [4]], drawBits: 3),
            // Three workers, two coordinates: 4913 rounds.
            instance(
                [[1, 0], [1, 1], [0, 1]], [0, half, half], nil, .given([8]), [[8, 0], [-8, 8]], drawBits: 2),
            // General weights, one of them negative.
            instance([[1], [1]], [0, half], [[-1], [4]], .given([8]), [[2]], drawBits: 3),
            // A worker with data and weight 0 takes part: its fair signs add to the covariance.
            instance([[1], [1]], [0, half], [[1], [0]], .given([4]), [[2, 4]], drawBits: 2),
            // A range a coordinate, and mode S.
            instance([[1], [1]], [half, 0], nil, .given([4, 8]), [[4, -8]], drawBits: 2),
            instance([[1], [1]], [half, 0], nil, .perMessage, [[2, -4]], drawBits: 2),
            instance([[1], [1]], [half, 0], nil, .perMessage, [[0, 0]], drawBits: 1),
        ]
    }()

    /// Equal. In mode S a scale may be one unit, ε ≤ 2⁻²³ of it, too high: then g_i is realised as g_i(1 + ε), a mean is
    /// wrong by at most ε Σ|g_ij|, a covariance by at most (2ε + ε²) Σ B_i², and all ranges here are 0 or at least 1.
    func agree(_ found: [Rational], _ expected: [Rational]) -> Bool {
        let isPerMessage = if case .perMessage = scheme.opening.bound { true } else { false }
        guard isPerMessage else { return found == expected }
        let scale = scheme.coded(gradients).flatMap { scheme.ranges(of: $0) }.map { $0 * $0 }.total
        return zip(found, expected).allSatisfy { ($0 - $1).magnitude <= scale * Rational(2).power(-21) }
    }

    /// Theorem 2.
    var moments: OneBitMoments {
        let coded = scheme.coded(gradients)
        let holders = scheme.code.participants
        return OneBitMoments(
            coded: holders.map { coded[$0] }, straggling: holders.map { Rational(scheme.code.straggling[$0]) },
            ranges: holders.map { scheme.ranges(of: coded[$0]) })
    }

    func law(by examiner: Examiner) async throws -> (UpdateLaw, OneBitSession) {
        let session = OneBitSession(scheme, examiner)
        return (try await session.law(gradients: gradients.map { Binary32Vector($0) }, drawBits: drawBits), session)
    }
}
