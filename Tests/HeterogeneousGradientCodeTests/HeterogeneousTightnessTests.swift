import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// The tight instances of docs/HeterogeneousGradientCode.md#tight-instances: equalities, and bounds that 19/20 refutes.
@Suite struct HeterogeneousTightnessTests {
    typealias Bound = HeterogeneousBound
    static let less = Rational(19, 20)

    @Test func `HT1: C1″ is an equality under interpolation`() throws {
        let run = try QuadraticTraining.interpolation.run
        let loss = try run.loss
        #expect(loss.strongConvexity == 4 && loss.smoothness == 4)
        #expect(loss.expectedSmoothness == Rational(1, 2) && loss.optimumNoise == 0)
        #expect(run.covariance.rowVectors.allSatisfy { $0.total == Rational(1, 2) })
        let η = Rational(1, 8)
        let exact = run.moments(start: [1], steps: [Rational](repeating: η, count: 12)).squaredDistances
        for t in 0...12 {
            let bound = try Bound.smallSteps(squaredDistance: 1, loss, theta: 0, step: η, iterations: t)
            #expect(exact[t] == Rational(9, 32).power(t) && bound == exact[t])
            #expect(Self.less * bound < exact[t])
        }
        // Λ five per cent smaller fails at t = 1.
        let smaller = try Bound.Loss(
            strongConvexity: 4, smoothness: 4, expectedSmoothness: Self.less / 2, optimumNoise: 0)
        #expect(try Bound.smallSteps(squaredDistance: 1, smaller, theta: 0, step: η, iterations: 1) < exact[1])
        // The step 2/μ multiplies E e² by 3/2, and is outside the range.
        let wild = run.moments(start: [1], steps: Rational.list("1/2 1/2")).squaredDistances
        #expect(wild == Rational.list("1 3/2 9/4"))
        for step in Rational.list("1/2 251/1000") {
            #expect(
                refusal { try Bound.stronglyConvex(squaredDistance: 1, loss, theta: 0, step: step, iterations: 1) }
                    == .invalidParameters)
        }
        // In two dimensions, by rows of constant sums too.
        let plane = try QuadraticTraining(
            C: QuadraticTraining.interpolation.C, p: QuadraticTraining.interpolation.p,
            h: [[Rational]](repeating: [3, 3], count: 4), l: [[Rational]](repeating: [-3, 6], count: 4)
        ).run
        let step = Rational(1, 30)
        let distances = plane.moments(start: [0, 0], steps: [step, step, step]).squaredDistances
        let bound = try Bound.smallSteps(squaredDistance: 5, plane.loss, theta: 0, step: step, iterations: 3)
        #expect(distances[0] == 5 && distances[3] == bound)
    }

    @Test func `HT2: C1″ with noise tends to the exact limit`() throws {
        let run = try QuadraticTraining.uncoded.run
        let loss = try run.loss
        #expect(run.covariance == .identity(2) && run.optimumNoise == 2 && loss.expectedSmoothness == 1)
        #expect(loss.strongConvexity == 2 && loss.smoothness == 2)
        func quotient(_ η: Rational, _ θ: Rational) -> Rational {
            (2 - η * (3 + θ)) / ((2 - 3 * η) * (1 + 1 / θ))
        }
        for (η, θ) in [(Rational(1, 8), Rational(1)), (Rational(1, 100), 10), (Rational(1, 1000), 40)] {
            let exactLimit = η / (2 - 3 * η)
            let boundLimit = η * (1 + 1 / θ) / (2 - η * (3 + θ))
            #expect(exactLimit / boundLimit == quotient(η, θ))
            let exact = run.moments(start: [0], steps: [Rational](repeating: η, count: 8)).squaredDistances
            for t in 0...8 {
                // Both approach their limits geometrically.
                let a = (1 - 2 * η) * (1 - 2 * η) + 2 * η * η
                let ρ = (1 - 2 * η) * (1 - 2 * η) + 2 * η * η * (1 + θ)
                #expect(exact[t] == exactLimit * (1 - a.power(t)))
                let bound = try Bound.smallSteps(squaredDistance: 0, loss, theta: θ, step: η, iterations: t)
                #expect(bound == boundLimit * (1 - ρ.power(t)) && exact[t] <= bound)
                if θ == 40, t > 0 { #expect(Self.less * bound < exact[t]) }
            }
        }
        #expect(quotient(Rational(1, 1000), 40) > Self.less)
        #expect((Double(quotient(Rational(1, 1_000_000), 200)) - 0.99493).magnitude < 5e-6)
        #expect((Double(quotient(Rational(1, 100_000_000), 2000)) - 0.99949).magnitude < 5e-6)
    }

    /// HT3: an exact worker carries all curvature, the other one gradients 1 and −3.
    static let constant = ConstantNoise()

    struct ConstantNoise {
        let code = try! HeterogeneousGradientCode(Rational.list("0 1/3"), holders: decimalSets("0 1 1"))

        /// E D_t by all paths from x_0 = 1.
        func squares(_ η: Rational, _ iterations: Int) -> [Rational] {
            let C = code.coefficients()
            let all = patterns(code.p).map { (weight: $0.weight, α: recovered(C, $0.responders)) }
            // The law of x_t: models with their probability.
            var law: [Rational: Rational] = [1: 1]
            var squares: [Rational] = [1]
            for _ in 0..<iterations {
                var next: [Rational: Rational] = [:]
                for (x, weight) in law {
                    for pattern in all {
                        let update = pattern.α[0] * (2 * x + 2) + pattern.α[1] - 3 * pattern.α[2]
                        next[x - η * update, default: 0] += weight * pattern.weight
                    }
                }
                law = next
                squares.append(law.map { $0.value * $0.key * $0.key }.total)
            }
            return squares
        }

        /// The same by C0 with H = 2 and noise 2.
        func recursion(_ η: Rational, _ iterations: Int) -> [Rational] {
            (0..<iterations).reduce(into: [1]) { squares, _ in
                squares.append((1 - 2 * η) * (1 - 2 * η) * squares[squares.count - 1] + 2 * η * η)
            }
        }
    }

    @Test(arguments: [
        ("1/8", "1 19/32 187/512 1939/8192 21547/131072"), ("1/4", "1 3/8 7/32 23/128 87/512"),
        ("1/2", "1 1/2 1/2 1/2 1/2"),
    ])
    func `HT3: C2 is an equality at every time and step`(step: String, squares: String) throws {
        let instance = Self.constant
        #expect(instance.code.oddsSums() == ExtendedRational.list("inf 2 2"))
        #expect(instance.code.coefficients() == RationalMatrix(Rational.table("1 0 0, 0 3/2 3/2")))
        let moments = HeterogeneousMoments(
            coefficients: instance.code.coefficients(), straggling: instance.code.straggling)
        for x in -2...2 { #expect(moments.gradientError([[Rational(2 * x + 2)], [1], [-3]]) == 2) }
        let loss = try Bound.Loss(strongConvexity: 2, smoothness: 2, expectedSmoothness: 0, optimumNoise: 2)
        let η = Rational.of(step)
        let exact = instance.squares(η, 6)
        let run = try QuadraticTraining.affine.run
        #expect(run.constantNoise == 2 && run.minimiser == [0] && run.strongConvexity == 2 && run.smoothness == 2)
        #expect(run.moments(start: [1], steps: [Rational](repeating: η, count: 6)).squaredDistances == exact)
        #expect(exact.prefix(5).map { $0 } == Rational.list(squares) && exact == instance.recursion(η, 6))
        for t in 0...6 {
            let bound = try Bound.boundedNoise(squaredDistance: 1, loss, noise: 2, step: η, iterations: t)
            #expect(bound == exact[t] && Self.less * bound < exact[t])
        }
    }

    @Test(arguments: [
        ("1/4", 1, "4", "6", "2"), ("1/4", 2, "11/4", "10/3", "7/12"), ("1/4", 4, "227/128", "2", "29/128"),
        ("1/2", 1, "4", "6", "2"), ("1/2", 2, "3", "4", "1"), ("1/2", 4, "5/2", "3", "1/2"),
    ])
    func `HT3 and C3: the difference is the last gap`(
        step: String, iterations: Int, mean: String, bound: String, difference: String
    ) throws {
        let η = Rational.of(step)
        let squares = Self.constant.recursion(η, iterations)
        let T = Rational(iterations)
        let gradients = squares.dropLast().map { 4 * $0 }.total / T
        let found = try Bound.nonConvex(initialGap: 1, smoothness: 2, noise: 2, step: η, iterations: iterations)
        #expect(gradients == .of(mean) && found == .of(bound) && found - gradients == .of(difference))
        #expect(found - gradients == squares[iterations] / (T * η * (1 - η)))
    }

    @Test func `C3 is attained in the long run of HT3, so that 19/20 of it fails`() throws {
        let (η, T) = (Rational(1, 4), 60)
        let squares = Self.constant.recursion(η, T)
        let gradients = squares.dropLast().map { 4 * $0 }.total / Rational(T)
        let bound = try Bound.nonConvex(initialGap: 1, smoothness: 2, noise: 2, step: η, iterations: T)
        #expect(gradients <= bound && Self.less * bound < gradients)
    }

    @Test func `C2 is an equality where noise is constant in a run`() throws {
        let run = try QuadraticTraining.opposite(3, curvature: 2, slopes: [-2, 8]).run
        let (loss, noise) = (try run.loss, try #require(run.constantNoise))
        #expect(noise == 225 && run.minimiser == [Rational(-3, 2)])
        for η in Rational.list("1/8 1/4") {
            let exact = run.moments(start: [7], steps: [Rational](repeating: η, count: 5)).squaredDistances
            for t in 0...5 {
                let D = exact[0]
                let bound = try Bound.boundedNoise(squaredDistance: D, loss, noise: noise, step: η, iterations: t)
                #expect(bound == exact[t])
            }
        }
    }

    @Test func `with λ and μ exchanged a bound fails`() throws {
        // H = (1, 4) in two coordinates: what contracts with μ is not a bound.
        let training = QuadraticTraining(C: .identity(1), p: [0], h: [[1, 4]], l: [[0, 0]])
        let run = try training.run
        let exact = run.moments(start: [1, 0], steps: Rational.list("1/4 1/4 1/4")).squaredDistances
        let η = Rational(1, 4)
        let right = try Bound.boundedNoise(squaredDistance: 1, run.loss, noise: 0, step: η, iterations: 3)
        #expect(right == exact[3] && exact[3] == Rational(3, 4).power(6) && (1 - η * 4).power(6) < exact[3])
    }
}
