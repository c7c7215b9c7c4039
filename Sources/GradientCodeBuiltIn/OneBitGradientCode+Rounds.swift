import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

/// Rounds of 1-bit gradient coding: encode and quantise at the responders, add up at the server. Nothing is kept between
/// rounds but their number.
struct OneBitRounds: RoundSession {
    let code: OneBitGradientCode
    let ranges: [Float]?
    let dimension: Int
    /// Who holds data, and the rounded weights of each.
    let weights: [Int: [Float]]
    let own: OwnDraws
    private var counter: RoundCounter

    init(_ opening: OneBitGradientCode.Session, own: OwnDraws) throws(Refusal) {
        var defects = Defects()
        defects.require(
            1...GradientCode.maximumDimension ~= opening.dimension, .invalidParameters,
            "the dimension is \(opening.dimension), expected 1…2^26")
        let ranges = defects.attempt { () throws(Refusal) in
            try opening.bound.ranges(dimension: opening.dimension)
        }
        let scheme = try OneBitScheme(
            allocation: opening.allocation, probabilities: opening.probabilities, weights: opening.weights, &defects)
        code = scheme.code
        self.ranges = ranges.sound
        dimension = opening.dimension
        var weights: [Int: [Float]] = [:]
        for worker in code.participants { weights[worker] = try BuiltIn.rounded(scheme.weights.row(worker)) }
        self.weights = weights
        self.own = own
        counter = RoundCounter(opening)
    }

    mutating func round(_ input: OneBitGradientCode.Round) throws(Refusal) -> OneBitGradientCode.Round.Outcome {
        guard input.gradients.count == code.subsets else {
            throw Refusal(.dimensionMismatch, "\(input.gradients.count) gradients for \(code.subsets) subsets")
        }
        let draws = try Draws(input, of: self)
        try BuiltIn.requireFinite(input.gradients, dimension: dimension)
        let gradients = input.gradients.map(\.values)
        var messages = [[UInt8]?](repeating: nil, count: code.workers)
        for (place, worker) in try draws.senders(of: self).enumerated() {
            let x = try BuiltIn.codedGradient(weights: weights[worker]!, gradients, dimension: dimension)
            messages[worker] = try message(x, worker, draws, place)
        }
        let sent = messages.compactMap { $0 }
        let update = try OneBitGradientCode.aggregate(sent, ranges: ranges, dimension: dimension)
        let decoded = try messages.map { message throws(Refusal) -> Binary32Vector? in
            guard let message else { return nil }
            return Binary32Vector(
                try OneBitGradientCode.aggregate([message], ranges: ranges, dimension: dimension))
        }
        counter.advance()
        return .init(
            update: Binary32Vector(update), messages: messages.map { $0.map { Bytes($0) } }, decoded: decoded)
    }

    private func message(_ x: [Float], _ worker: Int, _ draws: Draws, _ place: Int) throws(Refusal) -> [UInt8] {
        switch draws {
        case .seeded(let seed, let t):
            guard let ranges else {
                return OneBitGradientCode.quantizePerMessage(x, seed: seed, t: t, worker: UInt32(worker))
            }
            return try OneBitGradientCode.quantize(x, ranges: ranges, seed: seed, t: t, worker: UInt32(worker))
        case .taped(_, let tape):
            return try message(x, Array(tape[place * dimension..<(place + 1) * dimension]))
        case .own:
            return try message(x, own.words(dimension))
        }
    }

    private func message(_ x: [Float], _ tape: [UInt32]) throws(Refusal) -> [UInt8] {
        guard let ranges else { return OneBitGradientCode.quantizePerMessage(x, tape: tape) }
        return try OneBitGradientCode.quantize(x, ranges: ranges, tape: tape)
    }

    /// Where responders and words of a round come from.
    private enum Draws {
        case seeded(UInt64, t: UInt32)
        case taped([Int], [UInt32])
        case own([Int]?)

        /// - Throws: `invalidParameters` for a wrong combination; else `dimensionMismatch` for a tape of wrong length,
        ///   counted by the distinct responders that exist and hold data.
        init(_ input: OneBitGradientCode.Round, of session: OneBitRounds) throws(Refusal) {
            switch (input.responders, input.tape, input.seed, input.t) {
            case (nil, nil, let seed?, let t?):
                self = .seeded(seed.value, t: try BuiltIn.index(t, "t"))
            case (let responders?, let tape?, nil, nil):
                let count = Set(responders).count { session.weights[$0] != nil } * session.dimension
                guard tape.words.count == count else {
                    throw Refusal(.dimensionMismatch, "a tape of \(tape.words.count) words, expected \(count)")
                }
                self = .taped(responders, tape.words)
            case (let responders, nil, nil, nil):
                self = .own(responders)
            default:
                throw Refusal(
                    .invalidParameters, "expected responders with or without a tape, or seed and t, or nothing")
            }
        }

        /// The responders that hold data, ascending.
        func senders(of session: OneBitRounds) throws(Refusal) -> [Int] {
            let responders: WorkerSet
            switch self {
            case .seeded(let seed, let t):
                responders = try StragglerModel.independent(session.code.straggling).responders(seed: seed, t: t)
            case .taped(let members, _), .own(let members?):
                responders = try WorkerSet(members, of: session.code.workers)
            case .own(nil):
                let words = session.own.words(session.code.workers)
                return words.indices.filter {
                    session.weights[$0] != nil && !session.code.straggling[$0].occurs(at: words[$0])
                }
            }
            return responders.filter { session.weights[$0] != nil }
        }
    }

    mutating func set(step: Float) throws(Refusal) {}

    func save() throws(Refusal) -> String { counter.save() }

    mutating func restore(_ state: String) throws(Refusal) { try counter.restore(state) }
}
