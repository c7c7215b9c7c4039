import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodes

/// Rounds of an exact gradient code: encode at the responders, recover at the server. Nothing is kept between rounds
/// but their number.
struct GradientCodeRounds: RoundSession {
    let matrix: RationalMatrix
    let rows: [[Float]]
    let dimension: Int
    let stragglers: StragglerModel?
    private var counter: RoundCounter

    init(_ opening: GradientCode.Session) throws(Refusal) {
        guard opening.dimension > 0 else {
            throw Refusal(.invalidParameters, "the dimension is \(opening.dimension), expected at least 1")
        }
        matrix =
            if let probabilities = opening.probabilities {
                try opening.code.exactMatrix(for: probabilities.count, "probabilities")
            } else {
                try opening.code.exactMatrix()
            }
        dimension = opening.dimension
        counter = RoundCounter(opening)
        stragglers = try opening.probabilities.map { probabilities throws(Refusal) in
            try .independent(Probability.all(probabilities))
        }
        var rows: [[Float]] = []
        for row in matrix.rowVectors { rows.append(try BuiltIn.rounded(row)) }
        self.rows = rows
    }

    mutating func round(_ input: GradientCode.Round) throws(Refusal) -> GradientCode.Round.Outcome {
        try BuiltIn.require(input.gradients, count: matrix.columns, dimension: dimension)
        let responders = try BuiltIn.responders(
            input.responders, seed: input.seed, t: input.t, of: matrix.rows, stragglers)
        let gradients = input.gradients.map(\.values)
        let coded = rows.indices.map { worker in
            responders.contains(worker) ? BuiltIn.message(rows[worker], gradients, dimension: dimension) : nil
        }
        let recovery = try BuiltIn.recover(coded, by: matrix)
        counter.advance()
        return .init(
            update: recovery.sum.map { Binary32Vector($0) }, excluded: recovery.excluded,
            decoded: coded.map { $0.map { Binary32Vector($0) } })
    }

    mutating func set(step: Float) throws(Refusal) {}

    func save() throws(Refusal) -> String { counter.save() }

    mutating func restore(_ state: String) throws(Refusal) { try counter.restore(state) }
}
