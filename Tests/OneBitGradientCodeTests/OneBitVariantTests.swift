import ExactArithmetic
import GradientCodeBuiltIn
import GradientCodeConformance
import GradientCodeLaws
import GradientCodeOperations
import GradientCodeReference
import GradientCodes
import Testing

/// Rounds of 1-bit gradient coding that differ from ours in what the scheme leaves open: all must conform in core.
@Suite struct OneBitVariantTests {
    /// What a variant does in its own way.
    struct Variant: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var drawBits = 32
        /// Draws are used downwards: +B for the large ones.
        var isReversed = false
        /// Workers are added in descending order.
        var isDescending = false
        /// The sum is divided by the number of subsets.
        var aggregate: Conventions.Aggregate?
        /// What core cannot pass.
        var bias: Rational = 0
    }

    static let right = [
        Variant(testDescription: "16-bit draws", drawBits: 16),
        Variant(testDescription: "draws used downwards", isReversed: true),
        Variant(testDescription: "workers in descending order", isDescending: true),
        Variant(testDescription: "means", aggregate: .mean),
    ]

    static let wrong = [
        Variant(testDescription: "a bias of 2⁻²⁰", bias: Rational(2).power(-20)),
        Variant(testDescription: "24-bit draws declared, 16 used", drawBits: 16, bias: Rational(2).power(-16)),
    ]

    static func examine(_ variant: Variant, declaring bits: Int) async -> Report {
        var verification = Verification(files: [])
        verification.schemes = ["oneBit"]
        verification.profiles = [.core]
        verification.shrinking = 50
        #if DEBUG
            // Thousands of rounds in exact arithmetic: release only.
            verification.laws = Set(Laws.all.map(\.id)).subtracting(["oneBit.unbiased", "oneBit.covariance"])
        #endif
        let conventions = Conventions(aggregate: variant.aggregate, drawBits: bits)
        let checker = BuiltIn.subject
        let subject = Implementation("variant", conventions: conventions) { table in
            table.hold(OneBitGradientCode.Session.self, flags: ["tape"]) { opening throws(Refusal) in
                // Refusals are the built-in subject's; it answers no question of the variant.
                switch checker.reply(to: .open(session: 1 << 40, opening)) {
                case .refused(let refusal): throw refusal
                default: _ = checker.reply(to: .close(session: 1 << 40))
                }
                return Rounds(variant: variant, opening: opening)
            }
        }
        return await verification.examine(subject)
    }

    @Test(arguments: right) func `variants conform`(_ variant: Variant) async {
        let report = await Self.examine(variant, declaring: variant.drawBits)
        #expect(report.verdict == .conforming, "\(report.entries.flatMap(\.failures))")
        #expect(report.total(.core).passed > 1000)
    }

    @Test(arguments: wrong) func `small biases do not`(_ variant: Variant) async {
        let report = await Self.examine(variant, declaring: variant.drawBits == 16 ? 24 : 32)
        #expect(report.verdict == .notConforming)
    }

    /// Exact rounds, plain and slow, without `messages` and `decoded`.
    struct Rounds: RoundSession {
        let variant: Variant
        let opening: OneBitGradientCode.Session

        mutating func round(_ input: OneBitGradientCode.Round) throws(Refusal) -> OneBitGradientCode.Round.Outcome {
            let code = try OneBitGradientCode(
                allocation: Allocation(opening.allocation), straggling: Probability.all(opening.probabilities))
            guard input.gradients.count == code.subsets, input.gradients.allSatisfy({ $0.count == opening.dimension })
            else { throw Refusal(.dimensionMismatch, "gradients") }
            guard let responders = input.responders, let tape = input.tape?.words else {
                throw Refusal(.invalidParameters, "only with a tape")
            }
            let holders = Set(code.participants)
            let senders = Set(responders).filter(holders.contains).sorted()
            guard tape.count == senders.count * opening.dimension else { throw Refusal(.dimensionMismatch, "tape") }
            guard input.gradients.allSatisfy(\.isFinite) else { throw Refusal(.nonFinite, "gradients") }
            _ = try WorkerSet(responders, of: code.workers)
            let weights = opening.weights.flatMap { RationalMatrix($0) } ?? code.weights
            let coded = OneBitGradientCode.codedGradients(
                weights: weights, gradients: input.gradients.map { $0.values.map { Rational(exactly: $0) ?? 0 } })
            var sum = [Float](repeating: 0, count: opening.dimension)
            let order = Array(senders.enumerated())
            for (place, worker) in variant.isDescending ? order.reversed() : order {
                let words = Array(tape[place * opening.dimension..<(place + 1) * opening.dimension])
                let message = try message(coded[worker], words)
                for j in sum.indices { sum[j] += message[j] }
            }
            let share = Float(variant.aggregate == .mean ? code.subsets : 1)
            return .init(update: Binary32Vector(sum.map { $0 / share }))
        }

        /// ±B with the variant's own use of the draws.
        private func message(_ x: [Rational], _ words: [UInt32]) throws(Refusal) -> [Float] {
            var message: [Float] = []
            let given = try opening.bound.ranges(dimension: opening.dimension)
            for j in x.indices {
                let range = given.map { $0[$0.count == 1 ? 0 : j] } ?? Float(x.map(\.magnitude).max() ?? 0)
                guard let exact = Rational(exactly: range), x[j].magnitude <= exact else {
                    throw Refusal(.outOfRange, "|x| > B")
                }
                let bits = variant.drawBits
                let draw = words[j] >> UInt32(32 - bits)
                // Where the draws are used downwards, the probability of −B is what the upper ones decide.
                let plus =
                    variant.isReversed
                    ? !exact.isZero && !StochasticSign.isPositive(-x[j], range: exact, draw: draw, bits: bits)
                    : !exact.isZero
                        && StochasticSign.isPositive(
                            min(exact, x[j] + 2 * exact * variant.bias), range: exact, draw: draw, bits: bits)
                message.append(plus ? range : exact.isZero ? 0 : -range)
            }
            return message
        }

        mutating func set(step: Float) throws(Refusal) {}
        func save() throws(Refusal) -> String { "" }
        mutating func restore(_ state: String) throws(Refusal) {}
    }
}
