import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeVectors
import GradientCodes

/// A scheme, gradients, responders in some order, and a tape for those that hold data.
struct RoundOfSigns: Sendable {
    let scheme: OneBitCase
    let gradients: [[Float]]
    /// In the order given to the subject.
    private(set) var order: [Int]
    private let words: [[UInt32]]

    init(_ choices: inout Choices, dimensions: ClosedRange<Int>) {
        scheme = choices.oneBitCase(dimensions: dimensions)
        gradients = choices.oneBitGradients(of: scheme)
        order = choices.shuffled(choices.subset(of: 0..<scheme.code.workers))
        let dimension = scheme.dimension
        words = (0..<scheme.code.workers).map { _ in choices.words(dimension) }
    }

    /// Replaces the responders.
    mutating func respond(_ responders: [Int]) { order = responders }

    /// Responders that hold data, ascending.
    var responders: [Int] { order.sorted().filter(Set(scheme.code.participants).contains) }
    var vectors: [Binary32Vector] { gradients.map { Binary32Vector($0) } }

    /// The words of a worker.
    func tape(of worker: Int) -> [UInt32] { words[worker] }

    func input(responders: [Int]) -> OneBitGradientCode.Round {
        let senders = responders.sorted().filter(Set(scheme.code.participants).contains)
        return .init(gradients: vectors, responders: responders, tape: Words(senders.flatMap { words[$0] }))
    }

    /// Optional `decoded`: null for who sends nothing, and the sum of the others is the update.
    func judgeDecoded(_ answer: OneBitGradientCode.Round.Outcome, _ session: OneBitSession) throws {
        guard let decoded = answer.decoded else { return }
        let senders = Set(responders)
        guard decoded.count == scheme.code.workers,
            decoded.indices.allSatisfy({ (decoded[$0] != nil) == senders.contains($0) }),
            decoded.allSatisfy({ $0 == nil || $0?.count == scheme.dimension && $0?.isFinite == true })
        else {
            throw session.violation(
                input(responders: order),
                Mismatch("decoded is not one vector a sender", expected: "null for \(senders)", received: answer))
        }
        let share = Rational(session.examiner.conventions.aggregate == .mean ? scheme.code.subsets : 1)
        for j in 0..<scheme.dimension {
            let terms = decoded.compactMap { $0.map { GradientCode.exact($0.values[j]) } }
            let update = share * GradientCode.exact(answer.update.values[j])
            guard (update - terms.total).magnitude <= session.sumBound(terms) else {
                throw session.violation(
                    input(responders: order),
                    Mismatch("decoded does not add up to the update", expected: update, received: answer))
            }
        }
    }

    /// Messages, where they are given, and the update must be those of the reference.
    func judge(
        _ outcome: OneBitSession.Outcome, of input: OneBitGradientCode.Round, _ session: OneBitSession,
        tape: (Int) -> [UInt32]
    ) throws {
        let coded = scheme.coded(gradients)
        let sent = responders.map { (worker: $0, message: scheme.message(coded[$0], tape: tape($0))) }
        if let messages = outcome.answer.messages {
            var expected = [Bytes?](repeating: nil, count: scheme.code.workers)
            for (worker, message) in sent { expected[worker] = Bytes(message.bytes) }
            guard messages == expected else {
                throw session.violation(input, Mismatch("other messages", expected: expected, received: outcome.answer))
            }
        }
        let decoded = sent.map { scheme.decoded($0.message, of: coded[$0.worker]) }
        for j in 0..<scheme.dimension {
            let terms = decoded.map { $0[j] }
            guard (outcome.update[j] - terms.total).magnitude <= session.sumBound(terms) else {
                throw session.violation(
                    input,
                    Mismatch("coordinate \(j) of the update", expected: terms.total, received: outcome.answer))
            }
        }
    }
}
