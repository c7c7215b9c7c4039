import ExactArithmetic
import GradientCodeOperations
import GradientCodes

/// An opening with one defect.
struct HeterogeneousOpeningDefect: Sendable {
    let name: String
    let kind: Refusal.Kind
    let opening: HeterogeneousGradientCode.Session

    static let all: [HeterogeneousOpeningDefect] = {
        let right = HeterogeneousGradientCode.Session(
            allocation: [[1, 0], [1, 1]], probabilities: [Rational(1, 2), 0], coefficients: .named(.optimal),
            dimension: 2)
        func defect(
            _ name: String, _ kind: Refusal.Kind, _ damage: (inout HeterogeneousGradientCode.Session) -> Void
        ) -> HeterogeneousOpeningDefect {
            var opening = right
            damage(&opening)
            return HeterogeneousOpeningDefect(name: name, kind: kind, opening: opening)
        }
        return [
            defect("p > 1", .invalidProbability) { $0.probabilities[0] = Rational(3, 2) },
            defect("p < 0", .invalidProbability) { $0.probabilities[0] = Rational(-1, 2) },
            defect("one probability too few", .dimensionMismatch) { $0.probabilities = [0] },
            defect("a partition that nobody holds", .infeasiblePartition) { $0.allocation = [[1, 0], [1, 0]] },
            defect("a partition of a dead worker", .infeasiblePartition) { $0.probabilities[1] = 1 },
            defect("blind with a dead holder", .invalidProbability) {
                $0.allocation = [[1, 1], [1, 1]]
                $0.probabilities[1] = 1
                $0.coefficients = .named(.blind)
            },
            defect("rows of different lengths", .dimensionMismatch) { $0.allocation = [[1, 0], [1]] },
            defect("an entry 2", .invalidParameters) { $0.allocation = [[1, 2], [1, 1]] },
            defect("no worker", .invalidParameters) {
                $0.allocation = []
                $0.probabilities = []
            },
            defect("dimension 0", .invalidParameters) { $0.dimension = 0 },
            defect("a coefficient where nothing is held", .invalidParameters) {
                $0.coefficients = .matrix([[1, 1], [0, 1]])
            },
            defect("coefficients of another shape", .dimensionMismatch) { $0.coefficients = .matrix([[1, 0]]) },
            defect("an explicit matrix, p > 1", .invalidProbability) {
                $0.coefficients = .matrix([[1, 0], [0, 1]])
                $0.probabilities[0] = 2
            },
            defect("a coefficient beyond binary32", .outOfRange) {
                $0.coefficients = .matrix([[Rational(2).power(200), 0], [0, 1]])
            },
        ]
    }()
}
