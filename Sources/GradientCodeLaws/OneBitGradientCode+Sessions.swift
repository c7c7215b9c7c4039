import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

/// A scheme that a subject is asked to hold rounds of.
struct OneBitCase: Sendable {
    let code: OneBitGradientCode
    let weights: RationalMatrix
    let opening: OneBitGradientCode.Session

    init(
        allocation: [[Int]], probabilities: [Rational], weights: [[Rational]]? = nil, bound: SignRange, dimension: Int
    ) {
        guard let matrix = try? Allocation(allocation),
            let code = try? OneBitGradientCode(allocation: matrix, straggling: Probability.all(probabilities))
        else { preconditionFailure("the schemes of the laws are valid") }
        self.code = code
        self.weights = weights.flatMap { RationalMatrix($0) } ?? code.weights
        opening = .init(
            allocation: allocation, probabilities: probabilities, weights: weights, bound: bound, dimension: dimension)
    }

    var dimension: Int { opening.dimension }

    /// B_ij, one number a coordinate.
    func ranges(of x: [Rational]) -> [Rational] {
        switch opening.bound {
        case .given(let given): x.indices.map { GradientCode.exact(given.values[given.count == 1 ? 0 : $0]) }
        case .perMessage: Array(repeating: x.map(\.magnitude).max() ?? 0, count: x.count)
        }
    }

    /// g_i, one row a worker.
    func coded(_ gradients: [[Float]]) -> [[Rational]] {
        OneBitGradientCode.codedGradients(
            weights: weights, gradients: gradients.map { $0.map(GradientCode.exact) })
    }

    /// The message of a worker, by the reference.
    func message(_ x: [Rational], tape: some Collection<UInt32>) -> SignMessage {
        let given: [Rational]? = if case .perMessage = opening.bound { nil } else { ranges(of: x) }
        return SignMessage(quantizing: x, ranges: given, draws: Array(tape))
    }

    /// What a message stands for.
    func decoded(_ message: SignMessage, of x: [Rational]) -> [Rational] { message.decoded(ranges: ranges(of: x)) }
}

/// An open session, and what its rounds answer in exact numbers.
struct OneBitSession: Sendable {
    let scheme: OneBitCase
    let number: Int
    let examiner: Examiner

    init(_ scheme: OneBitCase, _ examiner: Examiner) {
        self.scheme = scheme
        self.examiner = examiner
        number = examiner.newSession()
    }

    var open: Command { .open(session: number, scheme.opening) }
    var close: Command { .close(session: number) }

    /// Asks rounds of a session of their own and answers their updates Y, undivided.
    func updates(of rounds: [OneBitGradientCode.Round]) async throws -> [[Rational]] {
        try await outcomes(of: rounds).map(\.update)
    }

    /// Likewise, with the whole outcomes.
    func outcomes(of rounds: [OneBitGradientCode.Round]) async throws -> [Outcome] {
        let commands = [open] + rounds.map { .round(session: number, $0) } + [close]
        let replies = try await examiner.replies(to: commands)
        return try rounds.indices.map { try outcome(replies[$0 + 1], of: rounds[$0]) }
    }

    /// A round's outcome with its update in exact numbers.
    struct Outcome: Sendable {
        let update: [Rational]
        let answer: OneBitGradientCode.Round.Outcome
    }

    /// Reads a reply: an update of the right dimension, finite.
    func outcome(_ reply: Reply, of round: OneBitGradientCode.Round) throws -> Outcome {
        switch try Examiner.typed(reply) as Result<OneBitGradientCode.Round.Outcome, Refusal> {
        case .failure(let refusal): throw violation(round, Examiner.refused(refusal))
        case .success(let answer): return try outcome(answer, of: round)
        }
    }

    /// The same for an answer.
    func outcome(
        _ answer: OneBitGradientCode.Round.Outcome, of round: OneBitGradientCode.Round
    ) throws -> Outcome {
        guard answer.update.count == scheme.dimension, answer.update.isFinite else {
            let expected = "\(scheme.dimension) finite coordinates"
            throw violation(round, Mismatch("not an update", expected: expected, received: answer))
        }
        let share = Rational(examiner.conventions.aggregate == .mean ? scheme.code.subsets : 1)
        return Outcome(update: answer.update.values.map { share * GradientCode.exact($0) }, answer: answer)
    }

    func violation(_ round: OneBitGradientCode.Round, _ mismatch: Mismatch) -> Violation {
        Violation(commands: [open, .round(session: number, round)], mismatch)
    }

    /// A violation that belongs to the whole session.
    func violation(_ mismatch: Mismatch) -> Violation { Violation(commands: [open], mismatch) }

    /// How far an update may be from the sum of these floats (`docs/numerics.md#linear-combination`): at most one rounding a
    /// term, and two more where it is a mean, for 1/M and the product. Nothing underflows, sums are exact there.
    func sumBound(_ terms: [Rational]) -> Rational {
        ForwardError.factor(roundings: terms.count + 2) * terms.map(\.magnitude).total
    }
}

extension Choices {
    /// A scheme whose weights, ranges and gradients are dyadic, so that every coded gradient is a float.
    mutating func oneBitCase(dimensions: ClosedRange<Int>) -> OneBitCase {
        let subsets = element(of: [1, 2, 4])
        let workers = integer(in: 1...4)
        var allocation = (0..<workers).map { _ in (0..<subsets).map { _ in coin() ? 1 : 0 } }
        // Replications 1, 2 and 4 keep the weights dyadic.
        for k in 0..<subsets {
            let holders = allocation.indices.filter { allocation[$0][k] == 1 }
            if holders.isEmpty { allocation[0][k] = 1 }
            if holders.count == 3 { allocation[holders[2]][k] = 0 }
        }
        let probabilities = (0..<workers).map { _ in element(of: [Rational(1, 2), 0, Rational(3, 4)]) }
        let dimension = integer(in: dimensions)
        let bound: SignRange =
            switch integer(in: 0...3) {
            case 0...1: .given([1024])
            case 2: .given(Binary32Vector((0..<dimension).map { _ in element(of: [1024 as Float, 2048, 1536]) }))
            default: .perMessage
            }
        return OneBitCase(
            allocation: allocation, probabilities: probabilities, bound: bound, dimension: dimension)
    }

    /// Integer gradients, one a subset.
    mutating func oneBitGradients(of scheme: OneBitCase) -> [[Float]] {
        (0..<scheme.code.subsets).map { _ in
            (0..<scheme.dimension).map { _ in Float(integer(in: 0...128) - 64) }
        }
    }

    /// The same, with some coordinates at which the coded gradient of one worker is ±B, if nobody is beyond it.
    mutating func oneBitGradients(of scheme: OneBitCase, atRangeOf worker: Int) -> [[Float]] {
        var gradients = oneBitGradients(of: scheme)
        let subset = scheme.code.allocation.partitions(of: worker)[0]
        for j in 0..<scheme.dimension where integer(in: 0...2) == 2 {
            var edge = gradients
            for k in edge.indices { edge[k][j] = 0 }
            let range = scheme.ranges(of: scheme.coded(gradients)[worker])[j]
            edge[subset][j] = Float((coin() ? -1 : 1) * range / scheme.weights[worker, subset])
            let coded = scheme.coded(edge)
            if coded.allSatisfy({ zip($0, scheme.ranges(of: $0)).allSatisfy { $0.magnitude <= $1 } }) {
                gradients = edge
            }
        }
        return gradients
    }

    /// So many words.
    mutating func words(_ count: Int) -> [UInt32] { (0..<count).map { _ in UInt32(draw(upTo: 0xffff_ffff)) } }
}
