import ExactArithmetic
import GradientCodeOperations
import GradientCodes

extension GradientCode {
    /// One named code for every refusal that is neither of parameters nor of sizes.
    static func refusedNames(_ first: Int) -> [RefusedCode] {
        var seen: Set<Refusal.Kind> = [.invalidParameters, .dimensionMismatch]
        var names: [RefusedCode] = []
        for refused in refusedCodes(0) + refusedConstructions(0) where refused.code.matrix == nil {
            guard seen.insert(refused.kind).inserted else { continue }
            names.append((first + names.count, refused.comment, refused.flag, refused.code, refused.kind))
        }
        return names
    }

    /// Constructions that every operation on codes refuses.
    static func refusedConstructions(_ first: Int) -> [RefusedCode] {
        func cyclic(_ kind: CodeDescriptor.Kind, _ n: Int?, _ s: Int?) -> CodeDescriptor {
            CodeDescriptor(kind: kind, workers: n, stragglers: s)
        }
        func nodes(_ nodes: [Int], _ s: Int, _ resolution: Int? = 1) -> CodeDescriptor {
            CodeDescriptor(kind: .crcQ, workers: 3, stragglers: s, resolution: resolution, nodes: nodes)
        }
        func circulant(_ n: Int, _ window: [Int]?, _ s: Int) -> CodeDescriptor {
            CodeDescriptor(kind: .circulant, workers: n, stragglers: s, window: window)
        }
        func nullSpace(_ n: Int, _ rows: [[Int]]?) -> CodeDescriptor {
            CodeDescriptor(kind: .nullSpace, workers: n, parityCheck: rows)
        }
        func bernoulli(_ n: Int, _ k: Int?, _ density: Rational?, _ seed: Seed? = Seed(0)) -> CodeDescriptor {
            CodeDescriptor(kind: .bernoulli, workers: n, partitions: k, density: density, seed: seed)
        }
        func graph(_ k: Int?, _ edges: [[Int]]?) -> CodeDescriptor {
            CodeDescriptor(kind: .graph, partitions: k, edges: edges)
        }
        func stochastic(_ rows: [[Int]]?, _ p: Rational?) -> CodeDescriptor {
            CodeDescriptor(kind: .stochastic, allocation: rows, straggling: p)
        }
        let bad = Refusal.Kind.invalidParameters
        let cases: [(String, VectorFlag, CodeDescriptor, Refusal.Kind)] = [
            ("uncoded without workers", .invalidParameters, cyclic(.uncoded, nil, nil), bad),
            ("uncoded, n = 0", .invalidParameters, cyclic(.uncoded, 0, nil), bad),
            ("CRC-1 where 3 does not divide 4", .sizes, cyclic(.crcOnes, 4, 2), .nonDivisible),
            ("CRC-1, s = n", .invalidParameters, cyclic(.crcOnes, 4, 4), bad),
            ("CRC-Zt, s < 0", .invalidParameters, cyclic(.crcZt, 4, -1), bad),
            ("CRC-Zt without s", .invalidParameters, cyclic(.crcZt, 4, nil), bad),
            ("CRC-Q, n = 0", .invalidParameters, cyclic(.crcQ, 0, 0), bad),
            ("CRC-Q without n", .invalidParameters, cyclic(.crcQ, nil, 1), bad),
            ("nodes in another order", .invalidNodes, nodes([1, 3, 2], 1), .nodesNotSorted),
            ("descending nodes", .invalidNodes, nodes([3, 2, 1], 1), .nodesNotSorted),
            ("a node twice", .invalidNodes, nodes([1, 1, 2], 1), .nodesNotSorted),
            ("the last node first, for s = 0", .invalidNodes, nodes([5, 1, 2], 0), .nodesNotSorted),
            ("two nodes for three workers", .sizes, nodes([1, 2], 1), .dimensionMismatch),
            ("no nodes", .sizes, nodes([], 1), .dimensionMismatch),
            ("D = 0", .invalidParameters, nodes([1, 2, 3], 1, 0), bad),
            ("D < 0", .invalidParameters, nodes([1, 2, 3], 1, -64), bad),
            ("D = 0 and unsorted nodes: D is refused", .precedence, nodes([3, 2, 1], 1, 0), bad),
            (
                "two unsorted nodes for three workers: the number is refused", .precedence, nodes([2, 1], 1),
                .dimensionMismatch
            ),
            (
                "D = 1 does not tell the nodes of 7 workers apart", .invalidNodes,
                CodeDescriptor(kind: .crcQ, workers: 7, stragglers: 1, resolution: 1), .nodesNotSorted
            ),
            ("a circulant without window", .invalidParameters, circulant(6, nil, 3), bad),
            ("a window that begins with 0", .invalidParameters, circulant(4, [0, 1], 1), bad),
            ("a window that ends with 0", .invalidParameters, circulant(4, [1, 0], 1), bad),
            ("a window of three for s = 1", .sizes, circulant(4, [1, 1, 1], 1), .dimensionMismatch),
            ("a circulant that is no code", .undecodable, circulant(5, [1, 1, 1], 2), bad),
            ("a circulant whose rows add up to 0", .undecodable, circulant(4, [1, -1], 1), bad),
            (
                "a circulant with too many sets to see", .invalidParameters,
                circulant(20, Array(repeating: 1, count: 10), 9), bad
            ),
            ("a null space without H", .invalidParameters, nullSpace(5, nil), bad),
            ("H with as many rows as workers", .invalidParameters, nullSpace(2, [[1, -1], [1, -1]]), bad),
            ("a row of H whose sum is 1", .invalidParameters, nullSpace(3, [[1, 1, -1]]), bad),
            ("a row of H of two entries", .sizes, nullSpace(3, [[1, -1]]), .dimensionMismatch),
            (
                "dependent columns in a window of H", .undecodable, nullSpace(4, [[1, -1, 1, -1], [1, -1, 1, -1]]), bad
            ),
            (
                "H with independent minors that is no code", .undecodable,
                nullSpace(6, [[0, -1, -2, -2, 0, 5], [2, -1, 1, 0, 1, -3], [-1, 2, -1, 2, -2, 0]]), bad
            ),
            ("a Bernoulli code without seed", .invalidParameters, bernoulli(3, 3, Rational(1, 2), nil), bad),
            ("a Bernoulli code without partitions", .invalidParameters, bernoulli(3, nil, Rational(1, 2)), bad),
            ("a Bernoulli code without density", .invalidParameters, bernoulli(3, 3, nil), bad),
            ("density 0", .invalidParameters, bernoulli(3, 3, 0), .invalidProbability),
            ("a density above 1", .invalidParameters, bernoulli(3, 3, Rational(3, 2)), .invalidProbability),
            ("no workers and density 0: the workers are refused", .precedence, bernoulli(0, 3, 0), bad),
            ("a graph without edges", .smallest, graph(2, []), bad),
            ("a graph without vertices", .smallest, graph(0, [[0, 1]]), bad),
            ("a loop", .invalidParameters, graph(2, [[0, 1], [1, 1]]), bad),
            ("an edge with three ends", .sizes, graph(3, [[0, 1, 2]]), .dimensionMismatch),
            ("an edge to a vertex that does not exist", .invalidParameters, graph(2, [[0, 2]]), .indexOutOfRange),
            ("a negative vertex", .invalidParameters, graph(2, [[-1, 0]]), .indexOutOfRange),
            ("stochastic gradient coding without p", .invalidParameters, stochastic([[1]], nil), bad),
            ("stochastic gradient coding, p = 1", .invalidParameters, stochastic([[1]], 1), .invalidProbability),
            ("a ragged allocation", .sizes, stochastic([[1, 1], [1]], 0), .dimensionMismatch),
            (
                "a window of two, and too many sets to see: the sets are refused", .precedence,
                circulant(20, [1, 1], 9), bad
            ),
            (
                "empty rows of H, and too many sets to see: the sets are refused", .precedence,
                nullSpace(18, Array(repeating: [], count: 9)), bad
            ),
            ("a numerator beyond 2^40", .invalidParameters, nodes([0, 1, 1 << 40 + 1], 1), bad),
            ("an allocation with an entry 2", .invalidParameters, stochastic([[2]], 0), bad),
            ("a partition that nobody holds", .invalidParameters, stochastic([[1, 0]], 0), .infeasiblePartition),
        ]
        return cases.enumerated().map { (first + $0, $1.0, $1.1, $1.2, $1.3) }
    }
}

extension CodeDescriptor {
    /// How many items a question about it has, one a worker; 1 where it does not say how many there are.
    var size: Int { max(0, claimedWorkers ?? 1) }
}
