import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

@Suite struct CooperativeConvergenceTests {
    let half = Rational(1, 2)

    func law(_ construction: CyclicRepetitionCode.Construction, _ M: Int, _ s: Int, _ p: Probability, _ q: Probability)
        throws -> CooperativeLaw
    {
        CooperativeLaw(
            try CooperativeGradientCode(clients: M, stragglers: s), encodingMatrix: try cyclic(construction, M, s),
            model: try CooperativeLinkModel(clients: M, uplink: p, link: q), decoder: .plus)
    }

    /// The law of the weights α of PR-mean.
    func weights(_ law: CooperativeLaw) -> [(weights: [Rational]?, probability: Rational)] {
        let M = law.clients
        return [
            (weights: [Rational](repeating: 1, count: M), probability: law.full), (weights: nil, probability: law.none),
        ]
            + law.partial.map { K, probability in
                (weights: (0..<M).map { K.contains($0) ? Rational(M, K.count) : 0 }, probability: probability)
            }
    }

    @Test func `the example of inverse probabilities is that of the document`() throws {
        let law = try law(.integers, 3, 1, Probability(1, 5), Probability(1, 4))
        #expect(law.full == Rational(91, 125) && law.none == Rational(2, 25))
        #expect(law.partial.count == 6 && law.partial.values.allSatisfy { $0 == Rational(4, 125) })
        #expect(try law.inverseProbabilityWeights() == [Rational](repeating: Rational(17, 6), count: 3))
        let covariance = try law.inverseProbabilityCovariance()
        #expect(covariance[0, 0] == Rational(187, 375) && covariance[0, 1] == Rational(-17, 1125))
    }

    @Test func `a client that is never recovered makes inverse probabilities undefined`() throws {
        let law = try law(.integers, 3, 1, Probability(1, 5), .zero)
        #expect(throws: Refusal.self) { try law.inverseProbabilityWeights() }
    }

    @Test func `the mean weights are those of Theorem 5`() throws {
        let circulant = try law(.ones, 4, 1, Probability(3, 10), Probability(2, 5))
        #expect(circulant.meanWeights.allSatisfy { $0 == (1 - circulant.none) / 4 })
        let other = try law(.integers, 5, 2, Probability(3, 10), Probability(2, 5))
        #expect(((1 - other.none) / 5).decimal(digits: 6) == "0.118965")
        #expect(
            other.meanWeights.map { $0.decimal(digits: 6) }
                == ["0.118917", "0.119839", "0.117312", "0.119839", "0.118917"])
        #expect(other.meanWeights.total == 1 - other.none)
        let unheard = CooperativeLaw(
            try CooperativeGradientCode(clients: 2, stragglers: 0), encodingMatrix: .identity(2),
            model: try CooperativeLinkModel(
                uplinkOutage: [.zero, .one], linkOutage: [[.zero, .zero], [.zero, .zero]]), decoder: .plus)
        #expect(unheard.meanWeights == [1, 0])
    }

    @Test func `Theorem B is an equality for one curvature, and a bound for several`() throws {
        let losses = ScalarQuadratics(curvatures: [2, 2], centres: [0, 0])
        let outage = Rational(1, 3)
        let law = [(weights: [1, 1] as [Rational]?, probability: 1 - outage), (weights: nil, probability: outage)]
        let moments = losses.moments(law: law, start: 3, step: Rational(1, 4), iterations: 6)
        for (t, moment) in moments.enumerated() {
            let bound = try CooperativeBound.expectedDistance(
                squaredDistance: 9, outages: Array(repeating: outage, count: t), step: Rational(1, 4),
                strongConvexity: 2, smoothness: 4)
            #expect(losses.squaredDistance(moment) == bound)
            let gap = try CooperativeBound.expectedGap(
                gap: losses.gap(at: 3), outages: Array(repeating: outage, count: t), step: Rational(1, 4), dominance: 2,
                smoothness: 2)
            #expect(losses.curvature * losses.squaredDistance(moment) / 2 <= gap)
        }
        // A success with η = 1/μ reaches 0: the ratio is 1 − P_O^T.
        let reaching = losses.moments(law: law, start: 3, step: half, iterations: 5)
        let mean = reaching.prefix(5).map { losses.squaredGradient($0) }.total / 5
        let bound = try #require(
            try CooperativeBound.expectedGradients(
                gap: losses.gap(at: 3), outage: outage, step: half, smoothness: 2, iterations: 5))
        #expect(mean == bound * (1 - outage.power(5)))
        #expect(
            try CooperativeBound.expectedGradients(gap: 1, outage: 1, step: half, smoothness: 2, iterations: 5) == nil)
        #expect(throws: Refusal.self) {
            try CooperativeBound.expectedGradients(gap: 1, outage: 0, step: 1, smoothness: 2, iterations: 5)
        }
    }

    @Test func `Theorem G bounds runs with the enumerated law, and is attained`() throws {
        let losses = ScalarQuadratics(curvatures: [1, 2, 1], centres: [0, 3, 9])
        for (p, q) in [(Probability.zero, try Probability(1, 2)), (try Probability(1, 4), try Probability(1, 3))] {
            let law = try law(.integers, 3, 1, p, q)
            let step = Rational(1, 2)
            let moments = losses.moments(law: weights(law), start: 8, step: step, iterations: 8)
            let drift = law.partial.map { K, probability -> Rational in
                let gradient = K.map { losses.gradient($0, at: losses.minimiser) }.total / Rational(K.count)
                return probability * gradient * gradient
            }.total
            let start = (8 - losses.minimiser) * (8 - losses.minimiser)
            for (t, moment) in moments.enumerated() {
                let bound = try CooperativeBound.partialDistance(
                    squaredDistance: start, partial: law.partialProbability, none: law.none, drift: drift, step: step,
                    strongConvexity: 1, smoothness: 2, iterations: t)
                #expect(losses.squaredDistance(moment) <= bound)
            }
        }
        // Client 1 is never heard: from x = 1 the model never moves.
        let unheard = ScalarQuadratics(curvatures: [3, 3], centres: [1, -1])
        let only = [(weights: [2, 0] as [Rational]?, probability: 1 as Rational)]
        let moments = unheard.moments(law: only, start: 1, step: Rational(1, 6), iterations: 4)
        for (t, moment) in moments.enumerated() {
            let bound = try CooperativeBound.partialDistance(
                squaredDistance: 1, partial: 1, none: 0, drift: 9, step: Rational(1, 6), strongConvexity: 3,
                smoothness: 3, iterations: t)
            #expect(unheard.squaredDistance(moment) == 1 && bound == 1)
            #expect(unheard.squaredGradient(moment) == 9)
        }
        let floor = try CooperativeBound.partialGradients(
            gap: 0, partial: 1, none: 0, step: Rational(1, 6), smoothness: 3, squaredDissimilarity: 9, iterations: 4)
        #expect(floor == 9)
        // A floor a few per cent smaller would be false.
        #expect(Rational(19, 20) * 9 < unheard.squaredGradient(moments[3]))
    }

    @Test func `Theorem F bounds local steps with and without noise`() throws {
        let losses = ScalarQuadratics(curvatures: [1, 1, 1], centres: [0, 3, 9])
        for E in [1, 2, 5] {
            for variance in [0, Rational(1, 2)] {
                let (step, outage, T) = (Rational(1, 20), Rational(1, 4), 8)
                let moments = losses.localStepMoments(
                    E, outage: outage, start: 8, step: step, variance: variance, iterations: T)
                let measured = moments.prefix(T).map { losses.squaredGradient($0) }.total / Rational(T)
                // ‖∇f_m‖² has the mean ‖∇f‖² + 14, the variance of the centres.
                let bound = try #require(
                    try CooperativeBound.localSteps(
                        E, clients: 3, gap: losses.gap(at: 8), outage: outage, step: step, smoothness: 1,
                        squaredDissimilarity: 14, squaredGrowth: 1, variance: variance, iterations: T))
                #expect(measured <= bound && measured > bound / 30)
            }
        }
    }

    @Test func `PR-IPW is unbiased`() throws {
        let law = try law(.integers, 3, 1, Probability(1, 5), Probability(1, 4))
        let inverse = try law.inverseProbabilityWeights()
        for k in 0..<3 { #expect(law.full + inverse[k] * law.partialRecovery(of: k) == 1) }
        let losses = ScalarQuadratics(curvatures: [1, 1, 1], centres: [0, 3, 9])
        let entries: [(weights: [Rational]?, probability: Rational)] =
            [(weights: [1, 1, 1], probability: law.full), (weights: nil, probability: law.none)]
            + law.partial.map { K, probability in
                (weights: (0..<3).map { K.contains($0) ? inverse[$0] : 0 }, probability: probability)
            }
        let moments = losses.moments(law: entries, start: 8, step: half, iterations: 3)
        // Unbiased: the mean follows gradient descent.
        #expect(moments.map(\.mean) == [8, 6, 5, Rational(9, 2)])
    }
}
