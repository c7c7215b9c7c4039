package import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
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
        /// Stragglers it tolerates.
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

    /// All of them.
    package static let all = fractionalRepetition + crcZ

    /// Fractional repetition of n workers against s stragglers.
    package static func fractional(_ n: Int, _ s: Int, partitions: Int? = nil) -> Case {
        make(
            "fractional repetition (\(n), \(s))" + (partitions.map { " with \($0) partitions" } ?? ""),
            CodeDescriptor(.fractionalRepetition, workers: n, stragglers: s, partitions: partitions))
    }

    /// CRC-Z of n workers against s stragglers.
    package static func integers(_ n: Int, _ s: Int) -> Case {
        make("CRC-Z (\(n), \(s))", CodeDescriptor(.crcZ, workers: n, stragglers: s))
    }

    private static func make(_ title: String, _ descriptor: CodeDescriptor) -> Case {
        guard case .named(let code)? = try? descriptor.resolved() else {
            preconditionFailure("\(title) is a valid code")
        }
        return Case(title: title, named: descriptor, matrix: code.encodingMatrix, stragglers: code.stragglers)
    }
}
