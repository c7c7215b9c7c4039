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
    /// The opening as JSON: a state may only return to a session that was opened equally.
    private let opening: String
    private(set) var rounds = 0

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
        self.opening = JSONText.compact(opening)
        stragglers = try opening.probabilities.map { probabilities throws(Refusal) in
            try .independent(Probability.all(probabilities))
        }
        var rows: [[Float]] = []
        for row in matrix.rowVectors { rows.append(try BuiltIn.rounded(row)) }
        self.rows = rows
    }

    mutating func round(_ input: GradientCode.Round) throws(Refusal) -> GradientCode.Round.Outcome {
        guard input.gradients.count == matrix.columns else {
            throw Refusal(.dimensionMismatch, "\(input.gradients.count) gradients for \(matrix.columns) partitions")
        }
        for (index, gradient) in input.gradients.enumerated() where gradient.count != dimension {
            throw Refusal(
                .dimensionMismatch, "gradient \(index) has \(gradient.count) coordinates, expected \(dimension)")
        }
        let responders = try responders(input)
        let gradients = input.gradients.map(\.values)
        let coded = rows.indices.map { responders.contains($0) ? codedGradient(worker: $0, gradients) : nil }
        let recovery = try BuiltIn.recover(coded, by: matrix)
        rounds &+= 1
        return .init(
            update: recovery.sum.map { Binary32Vector($0) }, excluded: recovery.excluded,
            decoded: coded.map { $0.map { Binary32Vector($0) } })
    }

    /// Σ_j b_ij g_j over the worker's own partitions; an overflow leaves an infinite coordinate, which excludes it.
    private func codedGradient(worker: Int, _ gradients: [[Float]]) -> [Float] {
        let support = rows[worker].indices.filter { rows[worker][$0] != 0 }
        guard !support.isEmpty else { return [Float](repeating: 0, count: dimension) }
        let combination = try? GradientCode.combine(support.map { rows[worker][$0] }, support.map { gradients[$0] })
        return combination ?? [Float](repeating: .infinity, count: dimension)
    }

    private func responders(_ input: GradientCode.Round) throws(Refusal) -> WorkerSet {
        switch (input.responders, input.seed, input.t) {
        case (let responders?, nil, nil):
            return try WorkerSet(responders, of: matrix.rows)
        case (nil, let seed?, let t?):
            guard let stragglers else {
                throw Refusal(.invalidParameters, "a round with a seed needs probabilities when the session is opened")
            }
            return stragglers.responders(seed: seed.value, t: try BuiltIn.index(t, "t"))
        default:
            throw Refusal(.invalidParameters, "expected either responders, or seed and t")
        }
    }

    mutating func set(step: Float) throws(Refusal) {}

    func save() throws(Refusal) -> String { "\(rounds) \(opening)" }

    mutating func restore(_ state: String) throws(Refusal) {
        let parts = state.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2, let rounds = Int(parts[0]), rounds >= 0, parts[1] == opening else {
            throw Refusal(.invalidParameters, "\"\(state.prefix(40))\" is not a state of a session opened equally")
        }
        self.rounds = rounds
    }
}
