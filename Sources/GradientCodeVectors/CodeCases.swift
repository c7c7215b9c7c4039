package import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

/// The codes that vectors and laws go through, each small enough for exhaustive checks.
package enum CodeCases {
    /// A code by name and as an explicit matrix: the core profile asks about the matrix, the wire profile by name.
    package struct Case: Sendable {
        /// What it is, for comments.
        package let title: String
        /// By name.
        package let named: CodeDescriptor
        /// Its matrix.
        package let matrix: RationalMatrix
        /// Stragglers it tolerates; 0 for an approximate code, which may not even tolerate none.
        package let stragglers: Int

        /// As an explicit matrix.
        package var explicit: CodeDescriptor { CodeDescriptor(matrix) }
        /// n.
        package var workers: Int { matrix.rows }
    }

    /// Fractional repetition: strict ones, and one balanced code with unequal groups.
    package static let fractionalRepetition = [
        fractional(1, 0), fractional(2, 1), fractional(3, 0), fractional(3, 2), fractional(4, 1), fractional(6, 2),
        fractional(7, 2, partitions: 5), fractional(4, 1, partitions: 1),
    ]

    /// CRC-Z: divisible and not, with d odd and even, tight and not.
    package static let crcZ = [
        integers(1, 0), integers(2, 1), integers(3, 0), integers(3, 1), integers(3, 2), integers(4, 1), integers(5, 2),
        integers(6, 2), integers(7, 3),
    ]

    /// CRC-1 where s + 1 divides n.
    package static let crcOnes = [(1, 0), (2, 1), (3, 0), (3, 2), (4, 1), (6, 2), (6, 1)].map {
        cyclic(.crcOnes, "CRC-1", $0, $1)
    }

    /// CRC-Zt, with d odd and even.
    package static let crcZt = [(1, 0), (2, 1), (3, 1), (4, 1), (5, 2), (6, 2), (7, 3)].map {
        cyclic(.crcZt, "CRC-Zt", $0, $1)
    }

    /// CRC-Q(64) at its nodes, given as integers.
    package static let crcQ = [(1, 0), (2, 1), (3, 0), (3, 1), (3, 2), (4, 1), (5, 2), (6, 2), (7, 3)].map {
        rational($0, $1)
    }

    /// Codes that are given by numbers of their own: a circulant, a null space, nodes over another denominator.
    package static let given = [
        make(
            "circulant 1, 2, 2, 1 of 6",
            CodeDescriptor(kind: .circulant, workers: 6, stragglers: 3, window: [1, 2, 2, 1])),
        make(
            "null space (5, 2)",
            CodeDescriptor(kind: .nullSpace, workers: 5, parityCheck: [[1, 1, 1, -1, -2], [0, 1, 3, 1, -5]])),
        make("null space without rows", CodeDescriptor(kind: .nullSpace, workers: 3, parityCheck: [])),
        make(
            "CRC-Q (5, 1) at the nodes -9, -1, 0, 4, 7 over 3",
            CodeDescriptor(kind: .crcQ, workers: 5, stragglers: 1, resolution: 3, nodes: [-9, -1, 0, 4, 7])),
        make("uncoded, 3 workers", CodeDescriptor(kind: .uncoded, workers: 3)),
    ]

    /// Assignments that promise nothing: random entries, graphs, weights for the plain sum.
    package static let approximate = [
        bernoulli(4, 3, Rational(1, 2), seed: 1), bernoulli(5, 5, Rational(2, 5), seed: 2),
        bernoulli(3, 2, 1, seed: 0xffff_ffff_ffff_ffff),
        graph("the path of 3 vertices", 3, [[0, 1], [1, 2]]),
        graph("the complete graph of 4 vertices", 4, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]),
        graph("a triangle with parallel edges and an isolated vertex", 4, [[0, 1], [2, 1], [0, 2], [1, 0]]),
        make(
            "stochastic gradient coding, p = 1/4",
            CodeDescriptor(
                kind: .stochastic, allocation: [[1, 1, 0], [0, 1, 1], [1, 0, 0], [0, 1, 0]], straggling: Rational(1, 4))
        ),
    ]

    /// The codes whose places in the list number the vectors of the first groups; the list does not change.
    package static let basic = fractionalRepetition + crcZ
    /// The codes of the later groups, numbered likewise.
    package static let further = crcOnes + crcZt + crcQ + given + approximate
    /// All of them.
    package static let all = basic + further
    /// Those that promise exact recovery.
    package static let exact = basic + crcOnes + crcZt + crcQ + given

    /// Fractional repetition of n workers against s stragglers.
    package static func fractional(_ n: Int, _ s: Int, partitions: Int? = nil) -> Case {
        make(
            "fractional repetition (\(n), \(s))" + (partitions.map { " with \($0) partitions" } ?? ""),
            CodeDescriptor(.fractionalRepetition, workers: n, stragglers: s, partitions: partitions))
    }

    /// CRC-Z of n workers against s stragglers.
    package static func integers(_ n: Int, _ s: Int) -> Case { cyclic(.crcZ, "CRC-Z", n, s) }

    /// CRC-Q with the default resolution, its nodes given as integers.
    package static func rational(_ n: Int, _ s: Int) -> Case {
        let resolution = CyclicRepetitionCode.defaultResolution(workers: n)
        guard
            let code = try? CyclicRepetitionCode(
                workers: n, stragglers: s, construction: .cotangents(resolution: resolution)),
            let nodes = try? code.nodes
        else { preconditionFailure("the default resolution gives different nodes") }
        return make(
            "CRC-Q(\(resolution)) (\(n), \(s))",
            CodeDescriptor(kind: .crcQ, workers: n, stragglers: s, resolution: resolution, nodes: nodes))
    }

    /// A cyclic code without further parameters.
    package static func cyclic(_ kind: CodeDescriptor.Kind, _ title: String, _ n: Int, _ s: Int) -> Case {
        make("\(title) (\(n), \(s))", CodeDescriptor(kind, workers: n, stragglers: s))
    }

    private static func bernoulli(_ n: Int, _ k: Int, _ density: Rational, seed: UInt64) -> Case {
        make(
            "Bernoulli code \(n) x \(k), density \(density)",
            CodeDescriptor(kind: .bernoulli, workers: n, partitions: k, density: density, seed: Seed(seed)))
    }

    private static func graph(_ title: String, _ k: Int, _ edges: [[Int]]) -> Case {
        make(title, CodeDescriptor(kind: .graph, partitions: k, edges: edges))
    }

    /// Any named code.
    static func make(_ title: String, _ descriptor: CodeDescriptor) -> Case {
        guard case .named(let code)? = try? descriptor.resolved(), let matrix = try? code.encodingMatrix else {
            preconditionFailure("\(title) is a valid code")
        }
        return Case(title: title, named: descriptor, matrix: matrix, stragglers: code.stragglers ?? 0)
    }
}
