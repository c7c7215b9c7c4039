import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// Convergence: the exact law of a subject's own training over all link patterns, on instances that attain their bounds
// (`docs/CooperativeGradientCode.md#convergence`).
extension Law {
    static let cooperativeConvergence: [Law] = [
        forAll(
            CooperativeTraining.tight, id: "cooperative.tightInstances",
            "Trained with a subject's own updates over all link patterns, the tight instances attain their bounds; 19/20 of them fail.",
            profile: .core, basis: .derived, section: "CooperativeGradientCode.md#convergence",
            needs: ["cooperative.round"]
        ) { training, examiner in
            let measured = try await training.run(examiner)
            let bound = try training.bound
            guard (measured.distance - bound).magnitude <= measured.error, measured.error < bound / 20 else {
                throw Violation(
                    commands: measured.commands,
                    Mismatch("E(x_T − x*)² is not the bound", expected: bound, received: measured.distance))
            }
        }
    ]
}

/// Training on f_k(x) = (x − y_k)²/2 from x_0 = 1, every link pattern at every model.
struct CooperativeTraining: Sendable {
    let code: CooperativeCode
    let decoder: CooperativeGradientCode.Decoder
    let centres: [Rational]
    /// Outage probabilities.
    let uplinks: [Rational]
    let links: [[Rational]]
    let step: Rational
    let iterations: Int

    /// The equality of Theorem B, and that of Theorem G (iii), where one client is never heard.
    static let tight = [
        CooperativeTraining(
            code: CooperativeCode(.integers, "CRC-Z", 3, 1), decoder: .threshold, centres: [0, 0, 0],
            uplinks: [Rational](repeating: Rational(1, 10), count: 3),
            links: [[Rational]](repeating: [Rational](repeating: Rational(1, 5), count: 3), count: 3),
            step: Rational(1, 2), iterations: 2),
        CooperativeTraining(
            code: CooperativeCode(.integers, "CRC-Z", 2, 0), decoder: .plus, centres: [1, -1], uplinks: [0, 1],
            links: [[0, 0], [0, 0]], step: Rational(1, 4), iterations: 3),
    ]

    /// x*, the mean of the centres; all curvatures are 1.
    private var minimiser: Rational { centres.total / Rational(centres.count) }

    /// What theory says of E(x_T − x*)².
    var bound: Rational {
        get throws(Refusal) {
            let initial = (1 - minimiser) * (1 - minimiser)
            guard decoder == .plus else {
                let model = try CooperativeLinkModel(
                    uplinkOutage: Probability.all(uplinks),
                    linkOutage: links.map { row throws(Refusal) in try Probability.all(row) })
                let outage = code.scheme(attempts: 1).outage(model)
                return try CooperativeBound.expectedDistance(
                    squaredDistance: initial, outages: Array(repeating: outage, count: iterations), step: step,
                    strongConvexity: 1, smoothness: 1)
            }
            // Client 0 alone is heard, always: P_p = 1, and its gradient at x* is x* − y_0.
            let drift = (minimiser - centres[0]) * (minimiser - centres[0])
            return try CooperativeBound.partialDistance(
                squaredDistance: initial, partial: 1, none: 0, drift: drift, step: step, strongConvexity: 1,
                smoothness: 1, iterations: iterations)
        }
    }

    /// E(x_T − x*)² of the subject's own training, and how far its floats have moved it.
    ///
    /// Every update lies in its enclosure. The difference that its deviation from the exact update of the same round makes
    /// to (x − x*)² is added up; later rounds do not enlarge it, as no round enlarges distances between models.
    func run(_ examiner: Examiner) async throws -> (distance: Rational, error: Rational, commands: [Command]) {
        let M = code.clients
        let patterns = (0..<code.patterns).map { ($0, code.probability($0, uplinks: uplinks, links: links)) }
            .filter { !$0.1.isZero }
        var law: [Rational: Rational] = [1: 1]
        var error: Rational = 0
        var asked: [Command] = []
        for _ in 0..<iterations {
            var next: [Rational: Rational] = [:]
            for (x, share) in law.sorted(by: { $0.key < $1.key }) {
                let gradients = centres.map { [Float(x - $0)] }
                let rounds = try patterns.map { bits, _ in
                    let pattern = code.pattern(bits)
                    return CooperativeRoundCase(
                        code: code, decoder: decoder, attempts: 1,
                        outages: try CooperativeOutages(
                            links: [pattern.links.map { $0.map { $0 == 1 } }],
                            uplinks: [pattern.uplinks.map { $0 == 1 }], of: code.scheme(attempts: 1)),
                        gradients: gradients)
                }
                let number = examiner.newSession()
                let commands = rounds.map { Command.round(session: number, $0.input) }
                let open = Command.open(session: number, rounds[0].opening)
                let replies = try await examiner.replies(to: [open] + commands + [.close(session: number)])
                for (index, round) in rounds.enumerated() {
                    asked = [open, commands[index]]
                    try Law.judge(replies[index + 1], of: round, inverse: [], after: asked)
                    guard
                        case .success(let outcome) = try Examiner.typed(replies[index + 1])
                            as Result<CooperativeGradientCode.Round.Outcome, Refusal>
                    else { continue }
                    let probability = share * patterns[index].1
                    let update = outcome.update.flatMap { Rational(exactly: $0.values[0]) } ?? 0
                    let heard = outcome.outcome == .full ? Array(0..<M) : outcome.recovered
                    let exact =
                        outcome.update == nil
                        ? 0 : heard.map { x - centres[$0] }.total / Rational(max(1, heard.count))
                    let (moved, right) = (x - step * update - minimiser, x - step * exact - minimiser)
                    error += probability * (moved * moved - right * right).magnitude
                    next[x - step * update, default: 0] += probability
                }
            }
            law = next
        }
        let distance = law.map { ($0.key - minimiser) * ($0.key - minimiser) * $0.value }.total
        return (distance, error, asked)
    }
}
