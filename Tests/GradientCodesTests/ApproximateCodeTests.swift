import GradientCodes
import Testing

@Suite struct BernoulliCodeTests {
    @Test func `an entry is the event at its own word of stream 8`() throws {
        for (n, k, seed, p) in [
            (4, 3, 1, (1, 2)), (3, 9, 0xffff_ffff_ffff_ffff, (2, 5)), (7, 6, 0, (1, 1000)), (2, 130, 77, (99, 100)),
        ] as [(Int, Int, UInt64, (UInt64, UInt64))] {
            let density = try Probability(p.0, p.1)
            let code = try BernoulliCode(workers: n, partitions: k, density: density, seed: seed)
            #expect((code.workers, code.partitions, code.density, code.seed) == (n, k, density, seed))
            for i in 0..<n {
                let words = (0..<UInt64(k)).map { j in
                    Philox.draw(seed: seed, stream: RandomStream(rawValue: 8), t: 0, i: UInt32(i), j: j)
                }
                // u/2³² < p, cross-multiplied.
                let holds = words.map { UInt64($0) * p.1 < p.0 << 32 }
                #expect(code.holdings(of: i) == holds)
            }
        }
    }

    @Test func `density 1 holds everything, a density of one unit in 2 to the 32 almost nothing`() throws {
        let full = try BernoulliCode(workers: 5, partitions: 7, density: .one, seed: 3)
        #expect((0..<5).allSatisfy { full.holdings(of: $0) == Array(repeating: true, count: 7) })
        let sparse = try BernoulliCode(workers: 5, partitions: 7, density: Probability(1, 1 << 32), seed: 3)
        #expect((0..<5).allSatisfy { sparse.holdings(of: $0) == Array(repeating: false, count: 7) })
    }

    @Test func `sizes are refused before the density 0`() throws {
        func kind(_ n: Int, _ k: Int, _ density: Probability) -> Refusal.Kind? {
            refusal(try BernoulliCode(workers: n, partitions: k, density: density, seed: 1))
        }
        let half = try Probability(1, 2)
        #expect(kind(1, 1, half) == nil && kind(65_536, 65_536, half) == nil)
        #expect(kind(3, 3, .zero) == .invalidProbability)
        for (n, k) in [(0, 1), (1, 0), (-1, 5), (5, -1), (65_537, 1), (1, 65_537), (.max, 1), (1, .min)] {
            #expect(kind(n, k, half) == .invalidParameters)
            #expect(kind(n, k, .zero) == .invalidParameters)
        }
    }
}

@Suite struct GraphCodeTests {
    static func kind(_ vertices: Int, _ ends: [[Int]]) -> Refusal.Kind? {
        refusal(try GraphCode(partitions: vertices, ends: ends))
    }

    @Test func `edges are workers, vertices partitions`() throws {
        let graph = try GraphCode(partitions: 4, ends: [[0, 1], [2, 1], [1, 0]])
        #expect((graph.workers, graph.partitions) == (3, 4))
        #expect(graph.edges.map { [$0.u, $0.v] } == [[0, 1], [2, 1], [1, 0]])
    }

    @Test func `no graph, a loop, a wrong number of ends and a missing vertex are refused in this order`() {
        #expect(Self.kind(3, []) == .invalidParameters)
        for vertices in [0, -1, 65_537, .min] { #expect(Self.kind(vertices, [[0, 1]]) == .invalidParameters) }
        #expect(Self.kind(2, [[1, 1]]) == .invalidParameters)
        for ends in [[], [0], [0, 1, 0]] { #expect(Self.kind(2, [ends]) == .dimensionMismatch) }
        for ends in [[0, 2], [-1, 0], [2, 3], [.max, .min]] { #expect(Self.kind(2, [ends]) == .indexOutOfRange) }
        // Whichever edge comes first.
        let (loop, short, outside) = ([1, 1], [0], [0, 9])
        for edges in [[loop, short, outside], [outside, short, loop], [short, outside, loop]] {
            #expect(Self.kind(2, edges) == .invalidParameters)
        }
        for edges in [[short, outside], [outside, short]] { #expect(Self.kind(2, edges) == .dimensionMismatch) }
        // A loop at a vertex that does not exist is a loop; three equal ends are three ends.
        #expect(Self.kind(2, [[9, 9]]) == .invalidParameters)
        #expect(Self.kind(2, [[1, 1, 1]]) == .dimensionMismatch)
    }

    @Test func `as many edges as workers allowed`() {
        #expect(Self.kind(2, Array(repeating: [0, 1], count: 65_536)) == nil)
        #expect(Self.kind(2, Array(repeating: [0, 1], count: 65_537)) == .invalidParameters)
    }
}

@Suite struct StochasticGradientCodeTests {
    @Test func `it has the sizes of its allocation, and p below 1`() throws {
        let allocation = try Allocation([[1, 1, 0], [0, 1, 1]])
        let code = try StochasticGradientCode(allocation: allocation, straggling: Probability(3, 4))
        #expect((code.workers, code.partitions) == (2, 3))
        #expect(refusal(try StochasticGradientCode(allocation: allocation, straggling: .zero)) == nil)
        #expect(refusal(try StochasticGradientCode(allocation: allocation, straggling: .one)) == .invalidProbability)
        let almost = try Probability(.max - 1, .max)
        #expect(refusal(try StochasticGradientCode(allocation: allocation, straggling: almost)) == nil)
    }
}
