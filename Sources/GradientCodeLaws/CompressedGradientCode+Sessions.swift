import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

/// A scheme that a subject is asked to hold rounds of.
struct CompressedCase: Sendable {
    let code: CompressedGradientCode
    let opening: CompressedGradientCode.Session

    init(
        allocation: [[Int]], probabilities: [Rational], kind: Compressor.Kind, step: Float, dimension: Int
    ) {
        guard let matrix = try? Allocation(allocation), let straggling = try? Probability.all(probabilities),
            let compressor = try? Compressor(kind, dimension: dimension),
            let code = try? CompressedGradientCode(
                allocation: matrix, straggling: straggling, compressor: compressor)
        else { preconditionFailure("the schemes of the laws are valid") }
        self.code = code
        opening = .init(
            allocation: allocation, probabilities: probabilities, compressor: CompressorDescriptor(compressor),
            step: [step], dimension: dimension)
    }

    var dimension: Int { code.dimension }

    /// g_i, one row a worker.
    func coded(_ gradients: [[Float]]) -> [[Rational]] {
        code.codedGradients(gradients.map { $0.map(GradientCode.exact) })
    }
}

/// An open session, and what its rounds answer in exact numbers.
struct CompressedSession: Sendable {
    let scheme: CompressedCase
    let number: Int
    let examiner: Examiner

    init(_ scheme: CompressedCase, _ examiner: Examiner) {
        self.scheme = scheme
        self.examiner = examiner
        number = examiner.newSession()
    }

    var open: Command { .open(session: number, scheme.opening) }
    var close: Command { .close(session: number) }
    func round(_ input: CompressedGradientCode.Round) -> Command { .round(session: number, input) }
    func set(_ step: Float) -> Command { .set(session: number, StepSetting(step: [step])) }

    /// A round's outcome with its update in exact numbers, undivided.
    struct Outcome: Sendable {
        let update: [Rational]
        let answer: CompressedGradientCode.Round.Outcome
    }

    /// The outcomes of the rounds among some commands of a session of their own, which is opened and closed.
    func outcomes(of commands: [Command]) async throws -> [Outcome] {
        let all = [open] + commands + [close]
        let replies = try await examiner.replies(to: all)
        var outcomes: [Outcome] = []
        for (n, reply) in replies.enumerated() {
            switch all[n] {
            case .round: outcomes.append(try outcome(reply, after: Array(all[...n])))
            default: break
            }
        }
        return outcomes
    }

    /// Reads a reply: an update of the right dimension, finite.
    func outcome(_ reply: Reply, after commands: [Command]) throws -> Outcome {
        switch try Examiner.typed(reply) as Result<CompressedGradientCode.Round.Outcome, Refusal> {
        case .failure(let refusal): throw Violation(commands: commands, Examiner.refused(refusal))
        case .success(let answer):
            guard answer.update.count == scheme.dimension, answer.update.isFinite else {
                let expected = "\(scheme.dimension) finite coordinates"
                throw Violation(commands: commands, Mismatch("not an update", expected: expected, received: answer))
            }
            let share = Rational(examiner.conventions.aggregate == .mean ? scheme.code.subsets : 1)
            return Outcome(update: answer.update.values.map { share * GradientCode.exact($0) }, answer: answer)
        }
    }

    /// How far an update may be from the sum of these floats (`docs/numerics.md#linear-combination`): at most one rounding
    /// a term, and two more where it is a mean.
    func sumBound(_ terms: [Rational]) -> Rational {
        ForwardError.factor(roundings: terms.count + 2) * terms.map(\.magnitude).total
    }
}

/// What a judge knows of the memory of one worker: its value in the subject's units, and how far floats may have gone
/// from it.
struct CompressedLedger {
    /// e, in the subject's units.
    private(set) var memory: [Rational]
    /// A bound on the deviation of the subject's memory.
    private var slack: [Rational]
    private let compressor: Compressor
    private let conventions: Conventions
    private static let u = Rational(1, 1 << 24)
    private static let η = Rational(2).power(-150)

    init(_ compressor: Compressor, _ conventions: Conventions) {
        self.compressor = compressor
        self.conventions = conventions
        memory = Array(repeating: 0, count: compressor.dimension)
        slack = memory
    }

    /// Takes a message into account: it must be C(γg + e) as far as floats and declared conventions leave it open.
    ///
    /// On dyadic data of few bits nothing rounds, and nothing is left open but a scale's last place and ties.
    mutating func judge(_ message: [Rational], gradient g: [Rational], step γ: Rational) -> String? {
        let inGradients = conventions.memoryUnits == .gradient
        let scale = inGradients ? γ : 1
        let a = zip(g, memory).map { γ * $0 + scale * $1 }
        let open = a.indices.map { j in
            scale * slack[j] + Self.rounding(γ * g[j], scale * memory[j], a[j])
        }
        if let fault = fault(of: message, a, open) { return fault }
        for j in a.indices {
            let rest = a[j] - message[j]
            memory[j] = rest / scale
            slack[j] = (open[j] + (Self.isFloat(rest) && open[j].isZero ? 0 : Self.u * rest.magnitude)) / scale
        }
        return nil
    }

    /// (2) of the document without the subtraction: 0 where product and sum are floats.
    private static func rounding(_ product: Rational, _ memory: Rational, _ sum: Rational) -> Rational {
        guard !(isFloat(product) && isFloat(sum)) else { return 0 }
        return u * (2 + u) * product.magnitude + u * memory.magnitude + (1 + u) * η
    }

    private static func isFloat(_ x: Rational) -> Bool { GradientCode.exact(Float(x)) == x }

    /// Why a message is not C(a); `open` is how far each a_j may be off.
    private func fault(of message: [Rational], _ a: [Rational], _ open: [Rational]) -> String? {
        switch compressor.kind {
        case .identity:
            let j = a.indices.first { (message[$0] - a[$0]).magnitude > open[$0] }
            return j.map { "coordinate \($0) is \(message[$0]), not \(a[$0])" }
        case .topK(let k): return faultOfTopK(message, a, open, k)
        default:
            for block in compressor.blocks {
                if let fault = faultOfSigns(message[block], a[block], open[block]) { return fault }
            }
            return nil
        }
    }

    /// At most K coordinates are kept as they are, and no other is larger; of equal ones the first, where that is declared.
    private func faultOfTopK(_ message: [Rational], _ a: [Rational], _ open: [Rational], _ k: Int) -> String? {
        let kept = a.indices.filter { !message[$0].isZero }
        guard kept.count <= k else { return "\(kept.count) coordinates are kept, K = \(k)" }
        if let j = kept.first(where: { (message[$0] - a[$0]).magnitude > open[$0] }) {
            return "the value of coordinate \(j) is \(message[j]), not \(a[j])"
        }
        let left = a.indices.filter { message[$0].isZero }
        // Zeros may be among the K: whoever is left and is not 0 must not have room, nor be larger than a kept one.
        let room = k - kept.count
        let larger = left.filter { a[$0].magnitude > open[$0] }
        guard larger.count <= 0 || room == 0 else { return "coordinate \(larger[0]) has room, but is left out" }
        for j in larger {
            let beaten = kept.contains { i in
                let (least, most) = (a[j].magnitude - open[j], a[i].magnitude + open[i])
                return least > most
                    || conventions.ties == .smaller && j < i && open[i].isZero && open[j].isZero && least == most
            }
            if beaten { return "coordinate \(j) is left out for a smaller one" }
        }
        return nil
    }

    /// One magnitude within a unit in the last place of the mean, or what natural summation gives, and the right signs.
    private func faultOfSigns(
        _ message: ArraySlice<Rational>, _ a: ArraySlice<Rational>, _ open: ArraySlice<Rational>
    ) -> String? {
        let scales = Set(message.map(\.magnitude))
        guard scales.count == 1, let scale = scales.first else { return "a block has \(scales.count) magnitudes" }
        let mean = a.map(\.magnitude).total / Rational(a.count)
        let n = Rational(a.count + 1) * Self.u
        let tolerance = open.total / Rational(a.count) + mean * n / (1 - n) + Self.η * 2
        guard (scale - mean).magnitude <= tolerance else { return "the scale is \(scale), not \(mean)" }
        guard !scale.isZero else { return nil }
        for j in a.indices where a[j].magnitude > open[j] || open[j].isZero {
            let isPositive = a[j].isZero ? conventions.zeroSign != .minus : a[j] > 0
            if (message[j] > 0) != isPositive { return "the sign of coordinate \(j) of \(a[j])" }
        }
        return nil
    }
}

extension Choices {
    /// The biased compressors.
    mutating func biasedCompressor(_ dimension: Int) -> Compressor.Kind {
        switch integer(in: 0...3) {
        case 0: .topK(integer(in: 1...dimension))
        case 1: .scaledSign
        case 2: .blockSign(length: integer(in: 1...dimension))
        default: .identity
        }
    }

    /// A scheme whose weights, step and gradients are dyadic.
    mutating func compressedCase(
        dimensions: ClosedRange<Int>, _ kind: (inout Choices, Int) -> Compressor.Kind
    ) -> CompressedCase {
        let signs = oneBitCase(dimensions: dimensions)
        let dimension = signs.dimension
        return CompressedCase(
            allocation: signs.opening.allocation, probabilities: signs.opening.probabilities,
            kind: kind(&self, dimension), step: element(of: [1, 0.5, 0.125, 2]), dimension: dimension)
    }

    /// Gradients of small integers, zeros and ties among them, one a subset.
    mutating func smallGradients(of scheme: CompressedCase) -> [[Float]] {
        (0..<scheme.code.subsets).map { _ in
            (0..<scheme.dimension).map { _ in Float(element(of: [0, 1, -1, 2, -2, 3, -5, 8, -13])) }
        }
    }
}
