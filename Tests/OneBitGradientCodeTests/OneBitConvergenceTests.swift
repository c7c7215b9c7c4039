import ExactArithmetic
import GradientCodeTheory
import GradientCodes
import Testing

/// The tight instances, number for number as docs/OneBitGradientCode.md#tight-instances has them.
@Suite struct OneBitConvergenceTests {
    /// Running means: of the first, of the first two, …
    static func means(_ numbers: [Rational]) -> [Rational] {
        numbers.indices.map { numbers[...$0].total / Rational($0 + 1) }
    }

    /// The bound of Theorem 5 (or 5′, for the absolute value) after 1, 2, … iterations.
    static func bounds(_ instance: OneBitTraining, _ laws: OneBitLaws) throws -> [Rational] {
        let start = laws.squaredDistances(to: instance.minimiser)[0]
        return try (1...laws.iterations).map { T in
            guard let smoothness = laws.loss.smoothness else {
                return try OneBitBound.nonsmooth(
                    squaredDistance: start, step: instance.step, secondMoments: Array(laws.secondMoments.prefix(T)))
            }
            return try OneBitBound.convex(
                squaredDistance: start, smoothness: smoothness, step: instance.step,
                variances: Array(laws.variances.prefix(T)))
        }
    }

    /// E r_T²/(2γT) after 1, 2, … iterations.
    static func rests(_ instance: OneBitTraining, _ laws: OneBitLaws) -> [Rational] {
        let distances = laws.squaredDistances(to: instance.minimiser)
        return (1...laws.iterations).map { distances[$0] / (2 * instance.step * Rational($0)) }
    }

    @Test func `E2h, laws and expectations`() throws {
        let instance = try OneBitTraining.e2h(5)
        let laws = try instance.run.laws(step: 1, iterations: 5)
        #expect(
            laws.models.dropLast() == [
                Rational.law("2: 1"), Rational.law("0: 1/4, 1: 1/2, 2: 1/4"),
                Rational.law("-2: 1/64, -1: 3/16, 0: 13/32, 1: 5/16, 2: 5/64"),
                Rational.law("-2: 15/512, -1: 15/64, 0: 109/256, 1: 17/64, 2: 23/512"),
                Rational.law("-2: 139/4096, -1: 63/256, 0: 877/2048, 1: 65/256, 2: 155/4096"),
            ])
        #expect(laws.values.dropLast() == Rational.list("3/2 5/8 25/64 185/512 1465/4096")[...])
        #expect(laws.variances == Rational.list("1/2 5/8 45/64 365/512 2925/4096"))
        #expect(laws.squaredDistances(to: [0]).dropLast() == Rational.list("4 3/2 7/8 51/64 403/512")[...])
        let steps = try instance.run.updates(at: [0])
        #expect(steps == Rational.law("-2: 1/16, -1: 1/4, 0: 3/8, 1: 1/4, 2: 1/16"))
        #expect(try instance.run.updates(at: [2]) == Rational.law("0: 1/4, 1: 1/2, 2: 1/4"))
    }

    @Test func `E2h, the bound of Theorem 5`() throws {
        let instance = try OneBitTraining.e2h(8)
        let laws = try instance.run.laws(step: 1, iterations: 8)
        let (gaps, bounds) = (Self.means(laws.gaps(to: [0])), try Self.bounds(instance, laws))
        let rests = Self.rests(instance, laws)
        #expect(Array(gaps[0..<4]) == Rational.list("3/2 17/16 161/192 1473/2048"))
        #expect(Array(bounds[0..<4]) == Rational.list("9/4 41/32 373/384 3349/4096"))
        #expect(Array(rests[0..<4]) == Rational.list("3/4 7/32 17/128 403/4096"))
        let last = Rational.list("9030593/16777216 19708949/33554432 1647763/33554432")
        #expect([gaps[7], bounds[7], rests[7]] == last)
        #expect(zip(bounds, gaps).map(-) == rests)
        let largest = try (1...8).map { T in
            try OneBitBound.convex(
                squaredDistance: 4, smoothness: 1, step: 1,
                largestVariance: instance.run.laws(step: 1, iterations: T).largestVariance, iterations: T)
        }
        #expect([largest[0], largest[1], largest[2], largest[3], largest[7]] == Rational.list("9/4 3/2 7/6 1 3/4"))
        #expect(try instance.run.laws(step: 1, iterations: 1).largestVariance == Rational(1, 2))
    }

    @Test func `E2a, the same law and the bound of Theorem 5′`() throws {
        let (smooth, instance) = (try OneBitTraining.e2h(4), try OneBitTraining.e2a(4))
        let laws = try instance.run.laws(step: 1, iterations: 4)
        #expect(try laws.models == smooth.run.laws(step: 1, iterations: 4).models)
        #expect(laws.secondMoments[0] == Rational(3, 2))
        #expect(try instance.run.moments(at: [0]).variance == 1 && laws.loss.gradient(at: [0]) == [0])
        let (gaps, bounds) = (Self.means(laws.gaps(to: [0])), try Self.bounds(instance, laws))
        #expect(gaps == Rational.list("2 3/2 59/48 555/512"))
        #expect(bounds == Rational.list("11/4 55/32 523/384 4843/4096"))
        #expect(zip(bounds, gaps).map(-) == Rational.list("3/4 7/32 17/128 403/4096"))
        #expect(Self.rests(instance, laws) == Rational.list("3/4 7/32 17/128 403/4096"))
    }

    @Test func `E2q attains the bound of Theorem 5 at odd T`() throws {
        let instance = try OneBitTraining.e2q(9)
        let laws = try instance.run.laws(step: 1, iterations: 9)
        #expect(laws.squaredDistances(to: [0]) == (0...9).map { $0 % 2 == 0 ? 1 : 0 })
        #expect(laws.variances == (0..<9).map { $0 % 2 == 0 ? 0 : 1 })
        let (gaps, bounds) = (Self.means(laws.gaps(to: [0])), try Self.bounds(instance, laws))
        for T in 1...9 {
            let half = Rational(1, 2 * T)
            if T % 2 == 1 {
                #expect(gaps[T - 1] == Rational(T + 1, 4 * T) && bounds[T - 1] == gaps[T - 1])
                #expect(bounds[T - 1] == half + Rational(T - 1, 4 * T))
            } else {
                #expect(gaps[T - 1] == Rational(1, 4) && bounds[T - 1] == half + Rational(1, 4))
            }
        }
    }

    @Test func `E3, laws and the equality of Theorem 6`() throws {
        let instance = try OneBitTraining.e3(5)
        let laws = try instance.run.laws(step: Rational(1, 4), iterations: 5)
        #expect(
            laws.models.prefix(4) == [
                Rational.law("1: 1"), Rational.law("1/2: 1/2, 1: 1/2"),
                Rational.law("0: 3/16, 1/2: 1/2, 1: 5/16"),
                Rational.law("-1/2: 3/64, 0: 9/32, 1/2: 29/64, 1: 7/32"),
            ])
        let distances = laws.squaredDistances(to: [0])
        #expect(distances == Rational.list("1 5/8 7/16 11/32 19/64 35/128"))
        #expect(Array(laws.variances.prefix(4)) == Rational.list("1 11/8 25/16 53/32"))
        var largest: [Rational] = []
        for T in 1...5 {
            let quarter = Rational(1, 4)
            let bound = try OneBitBound.stronglyConvex(
                squaredDistance: 1, strongConvexity: 1, smoothness: 1, step: quarter,
                variances: Array(laws.variances.prefix(T)))
            #expect(bound == distances[T] && bound == quarter + 3 * quarter * Rational(2).power(-T))
            let most = try instance.run.laws(step: quarter, iterations: T).largestVariance
            #expect(most == (T == 1 ? 1 : T == 2 ? Rational(7, 4) : 2))
            largest.append(
                try OneBitBound.stronglyConvex(
                    squaredDistance: 1, strongConvexity: 1, smoothness: 1, step: quarter, largestVariance: most,
                    iterations: T))
        }
        #expect(Array(largest.prefix(3)) == Rational.list("5/8 499/1024 1691/4096"))
    }

    @Test func `E3, what Theorem 7 loses`() throws {
        let instance = try OneBitTraining.e3(4)
        let laws = try instance.run.laws(step: Rational(1, 4), iterations: 4)
        let means = Self.means(Array(laws.squaredGradients.dropLast()))
        let bounds = try (1...4).map { T in
            try OneBitBound.nonconvex(
                initialGap: Rational(1, 2), smoothness: 1, step: Rational(1, 4),
                variances: Array(laws.variances.prefix(T)))
        }
        #expect(means == Rational.list("1 13/16 11/16 77/128"))
        #expect(bounds == Rational.list("17/7 21/16 319/336 691/896"))
        #expect(zip(bounds, means).map(-) == Rational.list("10/7 1/2 11/42 19/112"))
        #expect(zip(bounds, means).map(-) == (1...4).map { Rational(32, 7 * $0) * laws.values[$0] })
    }

    @Test func `fifty iterations, and what a bound a twentieth smaller violates`() throws {
        let short = Rational(19, 20)
        for instance in [try OneBitTraining.e2h(50), try .e2a(50), try .e2q(51)] {
            let laws = try instance.run.laws(step: 1, iterations: instance.iterations)
            #expect(laws.reachable.count <= 5)
            let (gaps, bounds) = (Self.means(laws.gaps(to: [0])), try Self.bounds(instance, laws))
            #expect(zip(bounds, gaps).map(-) == Self.rests(instance, laws), "\(instance)")
            #expect(bounds.last! >= gaps.last! && short * bounds.last! < gaps.last!, "\(instance)")
            #expect(laws.models.allSatisfy { $0.values.total == 1 })
        }
        let instance = try OneBitTraining.e3(50)
        let laws = try instance.run.laws(step: instance.step, iterations: 50)
        #expect(laws.reachable.allSatisfy { $0[0].magnitude <= 1 })
        let strong = try OneBitBound.stronglyConvex(
            squaredDistance: 1, strongConvexity: 1, smoothness: 1, step: instance.step, variances: laws.variances)
        #expect(strong == laws.squaredDistances(to: [0])[50])
        #expect(strong == Rational(1, 4) + Rational(3, 4) * Rational(2).power(-50))
        let mean = laws.squaredGradients.dropLast().total / 50
        let gradients = try OneBitBound.nonconvex(
            initialGap: Rational(1, 2), smoothness: 1, step: instance.step, variances: laws.variances)
        #expect(gradients - mean == Rational(32, 350) * laws.values[50])
        #expect(gradients >= mean && short * gradients < mean && short * strong < laws.squaredDistances(to: [0])[50])
    }

    @Test func `a run that starts elsewhere leaves its range`() throws {
        let instance = try OneBitTraining.e2q(2, start: Rational(1, 2))
        #expect(try instance.run.laws(step: 1, iterations: 1).models[1] == Rational.law("-1/2: 3/4, 3/2: 1/4"))
        #expect {
            try instance.run.laws(step: 1, iterations: 2)
        } throws: {
            ($0 as? Refusal)?.kind == .outOfRange
        }
    }
}
