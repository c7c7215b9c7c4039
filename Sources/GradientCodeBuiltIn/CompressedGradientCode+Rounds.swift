import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

/// Rounds of compressed gradient coding: encode, correct by the memory, compress and remember at the responders, add up
/// at the server.
struct CompressedRounds: RoundSession {
    let code: CompressedGradientCode
    /// The rounded weights of who holds data.
    let weights: [Int: [Float]]
    let own: OwnDraws
    /// The opening as JSON: a state may only return to a session that was opened equally.
    private let opening: String
    private(set) var step: Float
    private(set) var memories: [Int: [Float]]
    private(set) var rounds = 0

    init(_ opening: CompressedGradientCode.Session, own: OwnDraws) throws(Refusal) {
        var defects = Defects()
        let compressor = defects.attempt { () throws(Refusal) in
            try opening.compressor.compressor(dimension: opening.dimension)
        }
        BuiltIn.requireStep(opening.step, &defects)
        // Allocation and probabilities are those of the 1-bit scheme, with its standard weights.
        let scheme = try OneBitScheme(
            allocation: opening.allocation, probabilities: opening.probabilities, weights: nil, &defects)
        code = try CompressedGradientCode(
            allocation: scheme.code.allocation, straggling: scheme.code.straggling, compressor: compressor.sound)
        var weights: [Int: [Float]] = [:]
        for worker in code.participants { weights[worker] = try BuiltIn.rounded(scheme.weights.row(worker)) }
        self.weights = weights
        self.own = own
        self.opening = JSONText.compact(opening)
        step = opening.step.values[0]
        let zeros = [Float](repeating: 0, count: opening.dimension)
        memories = code.compressor.hasMemory ? weights.mapValues { _ in zeros } : [:]
    }

    mutating func round(_ input: CompressedGradientCode.Round) throws(Refusal) -> CompressedGradientCode.Round.Outcome {
        let (dimension, compressor) = (code.dimension, code.compressor)
        let draws = try Draws(input, of: self)
        if let model = input.model, model.count != dimension {
            throw Refusal(.dimensionMismatch, "a model of \(model.count) coordinates, expected \(dimension)")
        }
        guard input.gradients.count == code.subsets else {
            throw Refusal(.dimensionMismatch, "\(input.gradients.count) gradients for \(code.subsets) subsets")
        }
        if let gradient = input.gradients.firstIndex(where: { $0.count != dimension }) {
            throw Refusal(.dimensionMismatch, "gradient \(gradient) is not of dimension \(dimension)")
        }
        if let model = input.model, !model.isFinite { throw Refusal(.nonFinite, "the model is not finite") }
        try BuiltIn.requireFinite(input.gradients, dimension: dimension)
        let gradients = input.gradients.map(\.values)
        var (messages, tapes) = ([[UInt8]?](repeating: nil, count: code.workers), [Int: [UInt32]]())
        for (place, worker) in try draws.senders(of: self).enumerated() {
            let x = try BuiltIn.codedGradient(weights: weights[worker]!, gradients, dimension: dimension)
            if var memory = memories[worker] {
                messages[worker] = try CompressedGradientCode.workerStep(x, memory: &memory, step: step, by: compressor)
                memories[worker] = memory
            } else {
                let tape = draws.words(of: worker, at: place, self)
                tapes[worker] = tape
                messages[worker] = try CompressedGradientCode.compress(
                    try CompressedGradientCode.scaled(x, step: step), by: compressor, tape: tape)
            }
        }
        let senders = messages.indices.filter { messages[$0] != nil }
        let update = try CompressedGradientCode.aggregate(
            senders.map { messages[$0]! }, by: compressor, tapes: senders.compactMap { tapes[$0] })
        var decoded = [Binary32Vector?](repeating: nil, count: code.workers)
        for worker in senders {
            decoded[worker] = Binary32Vector(
                try CompressedGradientCode.aggregate(
                    [messages[worker]!], by: compressor, tapes: [tapes[worker] ?? []]))
        }
        rounds &+= 1
        return .init(
            update: Binary32Vector(update), messages: messages.map { $0.map { Bytes($0) } }, decoded: decoded)
    }

    /// Where responders and words of a round come from.
    private enum Draws {
        case seeded(UInt64, t: UInt32)
        case taped([Int], [UInt32])
        case own([Int]?)

        /// - Throws: `invalidParameters` for a wrong combination; else `dimensionMismatch` for a tape of wrong length,
        ///   counted by the distinct responders that exist and hold data.
        init(_ input: CompressedGradientCode.Round, of session: CompressedRounds) throws(Refusal) {
            switch (input.responders, input.tape, input.seed, input.t) {
            case (nil, nil, let seed?, let t?):
                self = .seeded(seed.value, t: try BuiltIn.index(t, "t"))
            case (let responders?, let tape?, nil, nil):
                let count = Set(responders).count { session.weights[$0] != nil } * session.code.compressor.words
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
        func senders(of session: CompressedRounds) throws(Refusal) -> [Int] {
            let (code, responders) = (session.code, try respondersOf(session))
            return code.participants.filter(responders.contains)
        }

        private func respondersOf(_ session: CompressedRounds) throws(Refusal) -> Set<Int> {
            let code = session.code
            switch self {
            case .seeded(let seed, let t):
                return Set(try StragglerModel.independent(code.straggling).responders(seed: seed, t: t))
            case .taped(let members, _), .own(let members?):
                return Set(try WorkerSet(members, of: code.workers))
            case .own(nil):
                let words = session.own.words(code.workers)
                return Set(words.indices.filter { !code.straggling[$0].occurs(at: words[$0]) })
            }
        }

        /// The words of one message of a random compressor.
        func words(of worker: Int, at place: Int, _ session: CompressedRounds) -> [UInt32] {
            let count = session.code.compressor.words
            switch self {
            case .seeded(let seed, let t):
                return Philox.words(
                    seed: seed, stream: session.code.compressor.stream ?? .quantizer, t: t, i: UInt32(worker), first: 0,
                    count: count)
            case .taped(_, let tape): return Array(tape[place * count..<(place + 1) * count])
            case .own: return session.own.words(count)
            }
        }
    }

    mutating func set(step: Float) throws(Refusal) { self.step = step }

    /// Counter, step and memories in hexadecimal, and the opening.
    func save() throws(Refusal) -> String {
        let kept = code.participants.map { Binary32Vector(memories[$0] ?? []).hexadecimal }
        return ([String(rounds), Binary32Vector([step]).hexadecimal] + kept + [opening]).joined(separator: " ")
    }

    mutating func restore(_ state: String) throws(Refusal) {
        let count = code.participants.count
        let parts = state.split(separator: " ", maxSplits: 2 + count, omittingEmptySubsequences: false).map(String.init)
        let vectors = parts.dropFirst().prefix(1 + count).map { Binary32Vector(hexadecimal: $0) }
        guard parts.count == 3 + count, let rounds = Int(parts[0]), 0..<1 << 53 ~= rounds, parts[2 + count] == opening,
            vectors.allSatisfy({ $0?.isFinite == true }), let step = vectors[0]?.values, step.count == 1, step[0] > 0,
            vectors.dropFirst().allSatisfy({ $0?.count == (code.compressor.hasMemory ? code.dimension : 0) })
        else {
            throw Refusal(.invalidParameters, "\"\(state.prefix(40))\" is not a state of a session opened equally")
        }
        self.rounds = rounds
        self.step = step[0]
        for (worker, memory) in zip(code.participants, vectors.dropFirst()) where code.compressor.hasMemory {
            memories[worker] = memory?.values
        }
    }
}
