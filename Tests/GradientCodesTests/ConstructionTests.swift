import GradientCodes
import Testing

/// What a cyclic or null-space code refuses before its matrix is formed, and in which order.
@Suite struct ConstructionTests {
    static func cyclic(_ n: Int, _ s: Int, _ construction: CyclicRepetitionCode.Construction) -> Refusal.Kind? {
        refusal(try CyclicRepetitionCode(workers: n, stragglers: s, construction: construction))
    }

    static let largest = CyclicRepetitionCode.maximumResolution

    @Test func `the default resolution is 64 up to 16 workers, then the least power of two from 4n on`() {
        for (n, resolution) in [(1, 64), (15, 64), (16, 64), (17, 128), (32, 128), (33, 256), (64, 256), (65, 512)] {
            #expect(CyclicRepetitionCode.defaultResolution(workers: n) == resolution, "\(n) workers")
        }
        for n in 17...600 {
            let resolution = CyclicRepetitionCode.defaultResolution(workers: n)
            #expect(resolution.nonzeroBitCount == 1 && 4 * n <= resolution && resolution < 8 * n, "\(n) workers")
        }
    }

    @Test(arguments: 1...12) func `CRC-1 needs s + 1 to divide n`(n: Int) {
        for s in 0..<n {
            let divides = (1...n).contains { $0 * (s + 1) == n }
            #expect(Self.cyclic(n, s, .ones) == (divides ? nil : .nonDivisible), "(\(n), \(s))")
        }
    }

    @Test func `a resolution is positive and at most 2 to the 40`() {
        for resolution in [1, 64, Self.largest] {
            #expect(Self.cyclic(5, 2, .cotangents(resolution: resolution)) == nil)
            #expect(Self.cyclic(2, 1, .nodes([0, 1], resolution: resolution)) == nil)
        }
        for resolution in [0, -1, .min, Self.largest + 1, .max] {
            #expect(Self.cyclic(5, 2, .cotangents(resolution: resolution)) == .invalidParameters)
            // Before the number of nodes and their order.
            #expect(Self.cyclic(2, 1, .nodes([3, 2, 1], resolution: resolution)) == .invalidParameters)
        }
        #expect(Self.largest == 1_099_511_627_776)
    }

    @Test func `nodes are in range, then as many as workers, then strictly increasing`() {
        let edges = [-Self.largest, 0, Self.largest]
        #expect(Self.cyclic(3, 1, .nodes(edges, resolution: 1)) == nil)
        #expect(Self.cyclic(1, 0, .nodes([-7], resolution: 2)) == nil)
        for outside in [-Self.largest - 1, Self.largest + 1, .min, .max] {
            #expect(Self.cyclic(3, 1, .nodes([0, outside], resolution: 1)) == .invalidParameters)
            #expect(Self.cyclic(3, 1, .nodes([0, outside, 0], resolution: 1)) == .invalidParameters)
        }
        for nodes in [[], [1], [2, 1], [1, 1], [4, 3, 2, 1], [0, 1, 2, 3]] {
            #expect(Self.cyclic(3, 1, .nodes(nodes, resolution: 1)) == .dimensionMismatch)
        }
        for nodes in [[0, 0, 1], [0, 1, 1], [1, 0, 2], [0, 2, 1], [3, 2, 1]] {
            #expect(Self.cyclic(3, 1, .nodes(nodes, resolution: 1)) == .nodesNotSorted)
        }
        #expect(Self.cyclic(6, 3, .nodes([1, 12, 2, 6, 3, 4], resolution: 1)) == .nodesNotSorted)
        // The sizes of the code come before anything about nodes.
        #expect(Self.cyclic(3, 3, .nodes([1, 1], resolution: 1)) == .invalidParameters)
    }

    @Test func `a window has s + 1 coefficients and neither begins nor ends with 0`() {
        #expect(Self.cyclic(6, 3, .circulant([1, 2, 2, 1])) == nil)
        #expect(Self.cyclic(6, 0, .circulant([-5])) == nil)
        // That this is no code is found where the matrix is formed.
        #expect(Self.cyclic(5, 2, .circulant([1, 0, 1])) == nil)
        for window in [[0, 2, 2, 1], [1, 2, 2, 0], [0, 1], [1, 0], [0], [0, 0, 0, 0, 0]] {
            #expect(Self.cyclic(6, 3, .circulant(window)) == .invalidParameters, "\(window)")
        }
        for window in [[], [1], [1, 2, 1], [1, 2, 2, 2, 1]] {
            #expect(Self.cyclic(6, 3, .circulant(window)) == .dimensionMismatch, "\(window)")
        }
    }

    @Test func `codes that have to be verified have at most 2 to the 14 sets of n - s workers`() {
        // C(16, 8) = 12870, C(17, 8) = 24310, C(20, 5) = 15504, C(21, 5) = 20349, C(182, 2) = 16471.
        let sizes = [(16, 8, true), (17, 8, false), (17, 9, false), (20, 5, true), (21, 5, false), (20, 15, true)]
        let edges = [(181, 2, true), (182, 2, false), (16_384, 1, true), (16_385, 1, false), (16_384, 16_383, true)]
        for (n, s, isSmall) in sizes + edges {
            let ones = [Int](repeating: 1, count: s + 1)
            #expect(Self.cyclic(n, s, .circulant(ones)) == (isSmall ? nil : .invalidParameters), "(\(n), \(s))")
            // The limit comes before the shape of the window.
            #expect(Self.cyclic(n, s, .circulant([])) == (isSmall ? .dimensionMismatch : .invalidParameters))
        }
        for (n, s, isSmall) in sizes {
            let zeros = [[Int]](repeating: [Int](repeating: 0, count: n), count: s)
            let kind = refusal(try NullSpaceCode(workers: n, parityCheck: zeros))
            #expect(kind == (isSmall ? nil : .invalidParameters), "(\(n), \(s))")
        }
        // Other constructions are not verified.
        #expect(Self.cyclic(17, 8, .integers) == nil && Self.cyclic(18, 8, .ones) == nil)
    }

    @Test func `a parity check has fewer rows than workers, each of sum 0 and of n entries`() throws {
        func kind(_ n: Int, _ rows: [[Int]]) -> Refusal.Kind? {
            refusal(try NullSpaceCode(workers: n, parityCheck: rows))
        }
        let code = try NullSpaceCode(workers: 3, parityCheck: [[1, -2, 1]])
        #expect((code.workers, code.partitions, code.stragglers) == (3, 3, 1))
        #expect(kind(1, []) == nil && kind(65_536, []) == nil)
        for n in [0, -1, 65_537, .min, .max] { #expect(kind(n, []) == .invalidParameters) }
        #expect(kind(1, [[0]]) == .invalidParameters)
        #expect(kind(2, [[1, -1], [2, -2]]) == .invalidParameters)
        #expect(kind(3, [[1, -2, 2]]) == .invalidParameters)
        #expect(kind(3, [[1, -1]]) == .dimensionMismatch)
        #expect(kind(3, [[], []]) == .dimensionMismatch)
        // A sum that is not 0 precedes a wrong length, also of an earlier row.
        #expect(kind(3, [[1, -1], [1, 0, 0]]) == .invalidParameters)
        // Sums are not taken modulo 2⁶⁴.
        #expect(kind(4, [[.min, .min, 0, 0]]) == .invalidParameters)
        #expect(kind(3, [[.max, .min, 1]]) == nil)
    }

    @Test func `a real circulant needs n - s odd and at most 1024 workers`() throws {
        func kind(_ n: Int, _ s: Int) -> Refusal.Kind? { refusal(try RealCirculantCode(workers: n, stragglers: s)) }
        for n in 1...9 {
            for s in 0..<n { #expect(kind(n, s) == ((n - s) % 2 == 1 ? nil : .invalidParameters), "(\(n), \(s))") }
        }
        for (n, s) in [
            (0, 0), (3, -2), (3, 3), (3, 4), (.min, 0), (5, .min), (.max, 0), (5, .max), (1025, 0), (1026, 1),
        ] { #expect(kind(n, s) == .invalidParameters, "(\(n), \(s))") }
        #expect(kind(1024, 1) == nil)
        #expect(try RealCirculantCode(workers: 9, stragglers: 2).degree == 6)
    }
}
