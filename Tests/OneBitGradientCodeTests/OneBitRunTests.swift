import ExactArithmetic
import GradientCodeTheory
import GradientCodes
import Testing

/// Losses, boxes and the law of one update against their definitions.
@Suite struct OneBitRunTests {
    static let losses: [SeparableLoss] = SeparableLoss.Kind.allCases.map { kind in
        try! SeparableLoss(
            kind, curvatures: [Rational.list("1 1/2"), Rational.list("2 0")],
            centres: [Rational.list("0 -1"), Rational.list("3/2 4")])
    }
    static let grid: [[Rational]] = (-6...6).flatMap { x in (-5...5).map { [Rational(x, 2), Rational($0, 2)] } }

    @Test(arguments: losses) func `gradients are subgradients, and as smooth and convex as stated`(
        _ loss: SeparableLoss
    )
        throws
    {
        let others = stride(from: 0, to: Self.grid.count, by: 7).map { (Self.grid[$0], loss.value(at: Self.grid[$0])) }
        for x in Self.grid {
            let gradient = loss.gradient(at: x)
            let parts = loss.gradients(at: x)
            #expect(gradient == [parts[0][0] + parts[1][0], parts[0][1] + parts[1][1]])
            let value = loss.value(at: x)
            for (y, other) in others {
                let offset = zip(y, x).map(-)
                let rise = other - value - gradient.innerProduct(offset)
                let square = offset.innerProduct(offset)
                #expect(rise >= loss.strongConvexity / 2 * square)
                if let L = loss.smoothness { #expect(rise <= L / 2 * square) }
            }
        }
        #expect(loss.smoothness == (loss.kind == .absolute ? nil : 3))
        #expect(loss.strongConvexity == (loss.kind == .quadratic ? Rational(1, 2) : 0))
    }

    @Test(arguments: losses) func `Lemma 0 holds`(_ loss: SeparableLoss) throws {
        guard let L = loss.smoothness else { return }
        let minimiser = try #require(Self.grid.first { loss.isMinimiser($0) })
        for x in Self.grid {
            let gradient = loss.gradient(at: x)
            let gap = loss.value(at: x) - loss.value(at: minimiser)
            let slope = gradient.innerProduct(zip(x, minimiser).map(-))
            #expect(slope >= gap + gradient.innerProduct(gradient) / (2 * L))
            guard loss.strongConvexity > 0 else { continue }
            for γ in Rational.list("1/8 1/3 4/7 2/3 1") {
                let ρ = try OneBitBound.contraction(
                    strongConvexity: loss.strongConvexity, smoothness: L, step: γ)
                let y = Self.grid[17]
                let before = zip(x, y).map(-)
                let turn = zip(gradient, loss.gradient(at: y)).map(-)
                let after = zip(before, turn).map { $0 - γ * $1 }
                #expect(after.innerProduct(after) <= ρ * ρ * before.innerProduct(before))
            }
        }
    }

    @Test(arguments: losses) func `minimisers are the least of a grid`(_ loss: SeparableLoss) throws {
        let minimisers = Self.grid.filter { loss.isMinimiser($0) }
        let least = Self.grid.map(loss.value).min()!
        // The grid holds a minimiser of each: (1, −1), (1, −1) and (3/2, −1).
        #expect(!minimisers.isEmpty && minimisers == Self.grid.filter { loss.value(at: $0) == least })
        for box in [("-3 -3", "1/2 0"), ("2 -2", "3 5/2"), ("-1 -5/2", "0 -2"), ("1/2 1", "1/2 1")] {
            let (lower, upper) = (Rational.list(box.0), Rational.list(box.1))
            let box = try ModelBox(lower: lower, upper: upper)
            let inside = Self.grid.filter { x in zip(x, zip(lower, upper)).allSatisfy { $1.0 <= $0 && $0 <= $1.1 } }
            let least = inside.map(loss.value).min()!
            #expect(inside == Self.grid.filter(box.contains))
            #expect(Self.grid.filter { loss.isMinimiser($0, on: box) } == inside.filter { loss.value(at: $0) == least })
        }
    }

    @Test func `projection gives the nearest point, and no end means no wall`() throws {
        let box = try ModelBox(lower: Rational.list("-1 1/2"), upper: Rational.list("0 2"))
        let inside = Self.grid.filter(box.contains)
        for x in Self.grid {
            let nearest = inside.min { a, b in
                let distances = [a, b].map { zip($0, x).map(-) }.map { $0.innerProduct($0) }
                return distances[0] < distances[1]
            }
            #expect(box.projecting(x) == nearest)
        }
        let half = try ModelBox(lower: [nil, 1], upper: [0, nil])
        #expect(half.projecting([-100, 100]) == [-100, 100] && half.projecting([1, 0]) == [0, 1])
    }

    /// A worker without data between two that hold something, D = 2.
    static func run(draws: OneBitDraws? = nil, ranges: OneBitRun.Ranges) throws -> OneBitRun {
        let code = try OneBitGradientCode(
            allocation: Allocation([[1, 1], [0, 0], [0, 1]]),
            straggling: [Probability(1, 4), .zero, Probability(1, 3)])
        return try OneBitRun(
            code: code, weights: code.plainWeights, loss: losses[0], ranges: ranges,
            start: Rational.list("1/2 -3/4"), draws: draws)
    }

    @Test func `the law of an update over all patterns and signs, without and with draws`() throws {
        let rows = [Rational.list("6 1"), Rational.list("1 1"), Rational.list("2 3")]
        for draws in [nil, try OneBitDraws(bits: 2)] {
            for ranges in [OneBitRun.Ranges.given([6]), .given([6, 1]), .perWorker(rows), .perMessage] {
                let run = try Self.run(draws: draws, ranges: ranges)
                let (coded, bounds) = (run.coded(at: run.start), try run.ranges(at: run.start))
                var law: [[Rational]: Rational] = [:]
                for pattern in 0..<4 {
                    for signs in 0..<16 {
                        var (weight, update): (Rational, [Rational]) = (1, [0, 0])
                        for i in 0..<2 {
                            // With draws: how many of the four words do it.
                            let p = [Rational(1, 4), Rational(1, 3)][i]
                            let straggles = draws == nil ? p : Rational((0..<4).count { Rational($0) < 4 * p }, 4)
                            let responds = pattern >> i & 1 == 1
                            weight *= responds ? 1 - straggles : straggles
                            for j in 0..<2 {
                                let (x, B) = (coded[i][j], bounds[i][j])
                                let words = (0..<4).count { Rational($0) * 2 * B < (B + x) * 4 }
                                let plus = B.isZero ? 1 : draws == nil ? (B + x) / (2 * B) : Rational(words, 4)
                                let isPlus = signs >> (2 * i + j) & 1 == 1
                                weight *= isPlus ? plus : 1 - plus
                                if responds { update[j] += isPlus ? B : -B }
                            }
                        }
                        if !weight.isZero { law[update, default: 0] += weight }
                    }
                }
                #expect(try run.updates(at: run.start) == law)
                let moments = try run.moments(at: run.start)
                #expect(moments.mean == (0..<2).map { j in law.map { $0.key[j] * $0.value }.total })
                #expect(moments.secondMoment == law.map { $0.key.innerProduct($0.key) * $0.value }.total)
                if draws == nil { #expect(moments.mean == run.loss.gradient(at: run.start)) }
            }
        }
        let perMessage = try Self.run(ranges: .perMessage)
        #expect(try perMessage.ranges(at: perMessage.start).map { $0[0] == $0[1] } == [true, true])
        // Every coded gradient is zero here: messages of B = 0.
        let rest = try OneBitRun(
            code: perMessage.code, weights: perMessage.weights,
            loss: SeparableLoss(.quadratic, curvatures: [[1], [1]], centres: [[2], [2]]), ranges: .perMessage,
            start: [2])
        #expect(try rest.updates(at: [2]) == [[0]: 1])
        #expect(try rest.laws(step: 1, iterations: 3).models[3] == [[2]: 1])
    }

    @Test func `runs, losses and boxes that make no sense are refused`() throws {
        let code = try OneBitGradientCode(allocation: Allocation([[1]]), straggling: [Probability(1, 2)])
        let loss = try SeparableLoss(.quadratic, curvatures: [[1, 1]], centres: [[0, 0]])
        func kind(
            _ ranges: OneBitRun.Ranges = .given([4]), start: [Rational] = [1, 1], box: ModelBox? = nil,
            weights: RationalMatrix = .identity(1)
        ) -> Refusal.Kind? {
            OneBitBoundTests.refusal {
                try OneBitRun(
                    code: code, weights: weights, loss: loss, ranges: ranges, start: start, box: box
                )
                .laws(step: 1, iterations: 1)
            }
        }
        #expect(kind() == nil && kind(.given([1, 1])) == nil && kind(.given([1, Rational(1, 2)])) == .outOfRange)
        for ranges in [OneBitRun.Ranges.given([0]), .given([1, -1, 1]), .perWorker([[1, 0]])] {
            #expect(kind(ranges) == .invalidParameters)
        }
        for ranges in [OneBitRun.Ranges.given([]), .given([1, 1, 1]), .perWorker([]), .perWorker([[1]])] {
            #expect(kind(ranges) == .dimensionMismatch)
        }
        #expect(kind(start: [1]) == .dimensionMismatch && kind(weights: .identity(2)) == .dimensionMismatch)
        #expect(try kind(box: ModelBox(lower: [2, nil], upper: [nil, nil])) == .invalidParameters)
        #expect(try kind(box: ModelBox(lower: [nil], upper: [nil])) == .dimensionMismatch)
        #expect(OneBitBoundTests.refusal { try ModelBox(lower: [1], upper: [0]) } == .invalidParameters)
        #expect(OneBitBoundTests.refusal { try ModelBox(lower: [1], upper: []) } == .dimensionMismatch)
        for (curvatures, centres, expected) in [
            ([[1, -1]], [[0, 0]], Refusal.Kind.invalidParameters), ([], [], .invalidParameters),
            ([[]], [[]], .invalidParameters), ([[1]], [[1, 2]], .dimensionMismatch),
            ([[1], []], [[1], [1]], .dimensionMismatch),
        ] as [([[Rational]], [[Rational]], Refusal.Kind)] {
            let refusal = OneBitBoundTests.refusal {
                try SeparableLoss(.huber, curvatures: curvatures, centres: centres)
            }
            #expect(refusal == expected)
        }
        let run = try OneBitTraining.e3(1).run
        #expect(OneBitBoundTests.refusal { try run.laws(steps: [1, 0]) } == .invalidParameters)
        #expect(OneBitBoundTests.refusal { try run.laws(step: 1, iterations: -1) } == .invalidParameters)
        #expect(try run.laws(step: 1, iterations: 0).models == [[[1]: 1]])
    }

    @Test func `a law with more points than the limit is refused`() throws {
        let code = try OneBitGradientCode(allocation: Allocation([[1]]), straggling: [.zero])
        func run(_ dimension: Int) throws -> OneBitRun {
            let row = [Rational](repeating: 1, count: dimension)
            return try OneBitRun(
                code: code, weights: .identity(1), loss: SeparableLoss(.absolute, curvatures: [row], centres: [row]),
                ranges: .given([2]), start: row)
        }
        #expect(try run(6).updates(at: run(6).start).count == 64)
        #expect(OneBitBoundTests.refusal { try run(17).updates(at: run(17).start) } == .invalidParameters)
    }
}
