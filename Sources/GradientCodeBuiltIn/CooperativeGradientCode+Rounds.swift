import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

/// Rounds of cooperative gradient coding: partial sums at the clients, decisions and update at the server. Nothing is kept
/// between rounds but their number.
struct CooperativeRounds: RoundSession {
    let scheme: CooperativeGradientCode
    let matrix: RationalMatrix
    let rows: [[Float]]
    let decoder: CooperativeGradientCode.Decoder
    let partial: CooperativeGradientCode.PartialRule
    let dimension: Int
    let model: CooperativeLinkModel?
    /// (1 − P_full)/ρ_k under the session's law, for `inverseProbability`.
    let inverse: [Rational]
    /// The opening as JSON: a state may only return to a session that was opened equally.
    private let opening: String
    private(set) var rounds = 0

    init(_ opening: CooperativeGradientCode.Session) throws(Refusal) {
        var defects = Defects.cooperative
        defects.require(
            opening.dimension > 0, .invalidParameters, "the dimension is \(opening.dimension), expected at least 1")
        defects.require(
            opening.partial != .inverseProbability || opening.probabilities != nil, .invalidParameters,
            "inverseProbability needs the outage probabilities")
        let matrix = defects.attempt { () throws(Refusal) in try opening.code.exactMatrix() }
        let scheme = matrix.flatMap { matrix in
            defects.attempt { () throws(Refusal) in
                try CooperativeGradientCode(
                    encodingMatrix: matrix, stragglers: opening.stragglers, attempts: opening.attempts)
            }
        }
        let model = opening.probabilities.flatMap { probabilities in
            BuiltIn.linkModel(
                uplinks: probabilities.uplinks, links: probabilities.links,
                clients: scheme?.clients ?? probabilities.uplinks.count, &defects)
        }
        try defects.refuse()
        self.scheme = scheme.sound
        self.matrix = matrix.sound
        self.model = model
        decoder = opening.decoder
        partial = opening.partial
        dimension = opening.dimension
        self.opening = JSONText.compact(opening)
        if opening.partial == .inverseProbability {
            let law = CooperativeLaw(
                scheme.sound, encodingMatrix: matrix.sound, model: model.sound, decoder: opening.decoder)
            inverse = try law.inverseProbabilityWeights()
        } else {
            inverse = []
        }
        var rows: [[Float]] = []
        for row in matrix.sound.rowVectors { rows.append(try BuiltIn.rounded(row)) }
        self.rows = rows
    }

    mutating func round(_ input: CooperativeGradientCode.Round) throws(Refusal) -> CooperativeGradientCode.Round.Outcome
    {
        let delivered = try delivered(input)
        let gradients = input.gradients.map(\.values)
        let payloads = delivered.map { row in
            CooperativeGradientCode.partialSum(
                coefficients: rows[row.client], available: row.available, gradients: gradients)
        }
        let kept = delivered.indices.filter { payloads[$0] != nil }
        let excluded = Set(delivered.indices.filter { payloads[$0] == nil }.map { delivered[$0].client }).sorted()
        let reception = try CooperativeReception(
            scheme: scheme, encodingMatrix: matrix, rows: kept.map { delivered[$0] })
        let decoding = try reception.decode(decoder)
        let update = try update(decoding, reception, kept.map { payloads[$0].sound })
        rounds &+= 1
        return .init(
            outcome: decoding.outcome, recovered: decoding.recovered, update: update.map { Binary32Vector($0) },
            excluded: excluded)
    }

    /// The update of what was decoded; nil on none.
    private func update(
        _ decoding: CooperativeDecoding, _ reception: CooperativeReception, _ payloads: [[Float]]
    ) throws(Refusal) -> [Float]? {
        let M = scheme.clients
        switch decoding.outcome {
        case .none: return nil
        case .full:
            return try CooperativeGradientCode.mean(
                coefficients: BuiltIn.rounded(decoding.coefficients.sound), rows: payloads, clients: M)
        case .partial:
            let weights = reception.weights(decoding, rule: partial, inverse: inverse).sound
            if partial == .leastSquares {
                guard case .coefficients(let values) = reception.certificate(for: weights) else {
                    preconditionFailure("a projection lies in the row space")
                }
                return try CooperativeGradientCode.mean(
                    coefficients: BuiltIn.rounded(values), rows: payloads, clients: M)
            }
            var gradients: [[Float]] = []
            for k in decoding.recovered { gradients.append(try gradient(k, reception, payloads)) }
            guard partial == .inverseProbability else {
                return try CooperativeGradientCode.mean(ofRecovered: gradients)
            }
            return try CooperativeGradientCode.weightedMean(
                weights: BuiltIn.rounded(decoding.recovered.map { weights[$0] }), vectors: gradients, clients: M)
        }
    }

    /// g_k for k ∈ K, by its canonical coefficients.
    private func gradient(_ k: Int, _ reception: CooperativeReception, _ payloads: [[Float]]) throws(Refusal) -> [Float]
    {
        guard case .coefficients(let values) = reception.gradient(k) else {
            preconditionFailure("a recovered gradient has coefficients")
        }
        return try CooperativeGradientCode.mean(coefficients: BuiltIn.rounded(values), rows: payloads, clients: 1)
    }

    /// The rows that reach the server.
    private func delivered(_ input: CooperativeGradientCode.Round) throws(Refusal) -> [CooperativeRow] {
        var defects = Defects()
        defects.require(
            input.gradients.count == scheme.clients, .dimensionMismatch,
            "\(input.gradients.count) gradients for \(scheme.clients) clients")
        for (index, gradient) in input.gradients.enumerated() {
            defects.require(
                gradient.count == dimension, .dimensionMismatch,
                "gradient \(index) has \(gradient.count) coordinates, expected \(dimension)")
        }
        var outages: CooperativeOutages?
        switch (input.links, input.uplinks, input.seed, input.t) {
        case (let links?, let uplinks?, nil, nil):
            let (links, uplinks) = BuiltIn.upAndDown(links, uplinks, &defects)
            outages = defects.attempt { () throws(Refusal) in
                try CooperativeOutages(links: links, uplinks: uplinks, of: scheme)
            }
        case (nil, nil, let seed?, let t?):
            outages = defects.attempt { () throws(Refusal) in
                guard let model else {
                    throw Refusal(
                        .invalidParameters, "a round with a seed needs probabilities when the session is opened")
                }
                return model.outages(of: scheme, seed: seed.value, t: try BuiltIn.index(t, "t"))
            }
        default:
            defects.require(false, .invalidParameters, "expected either links and uplinks, or seed and t")
        }
        try defects.refuse()
        return scheme.rows(of: outages.sound)
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
