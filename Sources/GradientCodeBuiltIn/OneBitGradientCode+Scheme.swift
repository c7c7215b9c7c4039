import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

/// Allocation, probabilities and weights as questions give them, checked.
struct OneBitScheme {
    let code: OneBitGradientCode
    let weights: RationalMatrix

    /// - Parameter defects: what else is wrong with the question; refused in one order with these.
    init(
        allocation rows: [[Int]], probabilities: [Rational], weights: [[Rational]]?, _ defects: inout Defects
    ) throws(Refusal) {
        let allocation = defects.attempt { () throws(Refusal) in try Allocation(rows) }
        defects.require(
            probabilities.count == rows.count, .dimensionMismatch,
            "\(probabilities.count) probabilities for \(rows.count) workers")
        let straggling = defects.attempt { () throws(Refusal) in try Probability.all(probabilities) }
        let code: OneBitGradientCode? =
            if let allocation, let straggling, straggling.count == allocation.workers {
                defects.attempt { () throws(Refusal) in
                    try OneBitGradientCode(allocation: allocation, straggling: straggling)
                }
            } else { nil }
        let matrix = Self.matrix(weights, rows, &defects)
        if let code, let matrix { _ = defects.attempt { () throws(Refusal) in try code.validate(weights: matrix) } }
        try defects.refuse()
        self.code = code.sound
        self.weights = matrix ?? self.code.weights
    }

    /// The matrix of given weights; nil where there are none, or they have no shape.
    private static func matrix(
        _ weights: [[Rational]]?, _ rows: [[Int]], _ defects: inout Defects
    ) -> RationalMatrix? {
        guard let weights else { return nil }
        let isShaped = weights.count == rows.count && weights.allSatisfy { $0.count == rows.first?.count }
        defects.require(isShaped, .dimensionMismatch, "the weights are not one row a worker, one number a subset")
        return isShaped && !weights.isEmpty && !weights[0].isEmpty ? RationalMatrix(weights) : nil
    }
}
