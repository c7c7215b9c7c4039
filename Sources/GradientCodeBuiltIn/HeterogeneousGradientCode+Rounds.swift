import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

/// Rounds of a heterogeneous code: encode at the responders, add up at the server. Nothing is kept between rounds but
/// their number.
struct HeterogeneousRounds: RoundSession {
    /// How the server weighs what arrives.
    enum Decoder: Sendable {
        /// w_i, whoever responds.
        case fixed([Float])
        /// Least squares for the encoding B.
        case leastSquares(RationalMatrix)
    }

    let straggling: [Probability]
    let partitions: Int
    let dimension: Int
    var rows: [[Float]]
    var decoder: Decoder
    private var counter: RoundCounter

    init(_ opening: HeterogeneousGradientCode.Session) throws(Refusal) {
        let (weights, encoding) = try Self.gauge(opening)
        straggling = try Probability.all(opening.probabilities)
        partitions = encoding.columns
        dimension = opening.dimension
        var rows: [[Float]] = []
        for row in encoding.rowVectors { rows.append(try BuiltIn.rounded(row)) }
        self.rows = rows
        decoder = if let weights { .fixed(try BuiltIn.rounded(weights)) } else { .leastSquares(encoding) }
        counter = RoundCounter(opening)
    }

    /// The server's weights, nil where they depend on the responders, and the workers' encoding.
    private static func gauge(
        _ opening: HeterogeneousGradientCode.Session
    ) throws(Refusal) -> (weights: [Rational]?, encoding: RationalMatrix) {
        let (n, m) = (opening.allocation.count, opening.allocation.first?.count ?? 0)
        let ones = [Rational](repeating: 1, count: n)
        var defects = Defects.heterogeneous
        defects.require(
            1...GradientCode.maximumDimension ~= opening.dimension, .invalidParameters,
            "the dimension is \(opening.dimension), expected 1…2^26")
        switch opening.coefficients {
        case .named(let name):
            let code = try BuiltIn.heterogeneousCode(opening.allocation, opening.probabilities, &defects)
            switch name {
            case .optimal:
                let gauge = code.gauge()
                return (gauge.weights, gauge.encoding)
            case .leastSquares: return (nil, code.gauge().encoding)
            case .ignore: return (ones, code.ignoringCoefficients)
            case .blind: return (ones, try code.blindCoefficients())
            case .stochastic: return (ones, try code.stochasticCoefficients())
            }
        case .matrix(let rows):
            _ = defects.attempt { () throws(Refusal) in try Allocation(opening.allocation) }
            _ = defects.probabilities(opening.probabilities, count: n)
            let isShaped = rows.count == n && rows.allSatisfy { $0.count == m }
            defects.require(isShaped, .dimensionMismatch, "the coefficients are not \(n) × \(m)")
            if isShaped, opening.allocation.allSatisfy({ $0.count == m }) {
                let isHeld = rows.indices.allSatisfy { i in
                    rows[i].indices.allSatisfy { opening.allocation[i][$0] != 0 || rows[i][$0].isZero }
                }
                defects.require(isHeld, .invalidParameters, "a coefficient where nothing is held")
            }
            try defects.refuse()
            return (ones, RationalMatrix(rows).sound)
        }
    }

    mutating func round(_ input: HeterogeneousGradientCode.Round) throws(Refusal)
        -> HeterogeneousGradientCode.Round.Outcome
    {
        try BuiltIn.require(input.gradients, count: partitions, dimension: dimension)
        let responders = try BuiltIn.responders(
            input.responders, seed: input.seed, t: input.t, of: straggling.count, .independent(straggling))
        let gradients = input.gradients.map(\.values)
        let coded = rows.indices.map { worker in
            responders.contains(worker) ? BuiltIn.message(rows[worker], gradients, dimension: dimension) : nil
        }
        let sum = try recover(coded)
        counter.advance()
        return .init(
            update: Binary32Vector(sum.vector), excluded: sum.excluded,
            decoded: coded.map { $0.map { Binary32Vector($0) } })
    }

    private func recover(_ coded: [[Float]?]) throws(Refusal) -> HeterogeneousGradientCode.Sum {
        guard coded.contains(where: { $0 != nil }) else {
            return .init(vector: [Float](repeating: 0, count: dimension), excluded: [])
        }
        switch decoder {
        case .fixed(let weights): return try HeterogeneousGradientCode.recover(coded, weights: weights)
        case .leastSquares(let encoding):
            let left = coded.indices.filter { coded[$0].map(\.isFinite) ?? false }
            let vector = encoding.leastSquaresDecoding(responders: try WorkerSet(left, of: coded.count)).vector
            return try HeterogeneousGradientCode.recover(coded, weights: try BuiltIn.rounded(vector))
        }
    }

    mutating func set(step: Float) throws(Refusal) {}

    func save() throws(Refusal) -> String { counter.save() }

    mutating func restore(_ state: String) throws(Refusal) { try counter.restore(state) }
}
