import ExactArithmetic
import GradientCodeBuiltIn
import GradientCodeConformance
import GradientCodeLaws
import GradientCodeOperations
import GradientCodeReference
import GradientCodes
import Testing

/// Rounds of compressed gradient coding that differ from ours in what the scheme leaves open: all must conform in core.
@Suite struct CompressedVariantTests {
    /// What a variant does in its own way.
    struct Variant: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var conventions = Conventions()
        /// Of equal magnitudes the larger index is kept.
        var keepsLarger = false
        /// sgn(0) = −1.
        var zeroIsMinus = false
        /// The memory holds gradients.
        var inGradients = false
        /// γg + e in one rounding, the subtraction in another.
        var isFused = false
        /// The scale is summed in binary32, downwards.
        var sumsDownwards = false
    }

    static let right = [
        Variant(testDescription: "ties to the larger index", keepsLarger: true),
        Variant(testDescription: "sgn(0) = −1", conventions: Conventions(zeroSign: .minus), zeroIsMinus: true),
        Variant(
            testDescription: "a memory of gradients", conventions: Conventions(memoryUnits: .gradient),
            inGradients: true),
        Variant(testDescription: "fused multiply-add", isFused: true),
        Variant(testDescription: "a binary32 sum", sumsDownwards: true),
        Variant(testDescription: "means", conventions: Conventions(aggregate: .mean)),
        Variant(testDescription: "ties as declared", conventions: Conventions(ties: .smaller)),
    ]

    static let wrong = [
        Variant(
            testDescription: "the smaller index declared, the larger kept", conventions: Conventions(ties: .smaller),
            keepsLarger: true),
        Variant(testDescription: "+ declared, − sent", zeroIsMinus: true),
        Variant(testDescription: "steps declared, gradients held", inGradients: true),
    ]

    static func examine(_ variant: Variant) async -> Report {
        var verification = Verification(files: [])
        verification.schemes = ["compressed"]
        verification.profiles = [.core]
        verification.shrinking = 50
        let checker = BuiltIn.subject
        let subject = Implementation("variant", conventions: variant.conventions) { table in
            table.hold(CompressedGradientCode.Session.self, flags: ["save"]) { opening throws(Refusal) in
                // Refusals are the built-in subject's; it answers no question of the variant.
                switch checker.reply(to: .open(session: 1 << 40, opening)) {
                case .refused(let refusal): throw refusal
                default: _ = checker.reply(to: .close(session: 1 << 40))
                }
                return try Rounds(variant, opening)
            }
        }
        return await verification.examine(subject)
    }

    @Test(arguments: right) func `variants conform`(_ variant: Variant) async {
        let report = await Self.examine(variant)
        #expect(report.verdict == .conforming, "\(report.entries.flatMap(\.failures))")
        #expect(report.total(.core).passed > 200)
    }

    @Test(arguments: wrong) func `what differs from its declaration does not`(_ variant: Variant) async {
        let report = await Self.examine(variant)
        #expect(report.verdict == .notConforming)
    }

    /// Rounds without `messages` and `decoded`.
    struct Rounds: RoundSession {
        let variant: Variant
        let code: CompressedGradientCode
        let weights: RationalMatrix
        var step: Float
        var memories: [[Float]]

        init(_ variant: Variant, _ opening: CompressedGradientCode.Session) throws(Refusal) {
            self.variant = variant
            code = try CompressedGradientCode(
                allocation: Allocation(opening.allocation), straggling: Probability.all(opening.probabilities),
                compressor: opening.compressor.compressor(dimension: opening.dimension))
            weights = code.weights
            step = opening.step.values[0]
            memories = Array(repeating: Array(repeating: 0, count: opening.dimension), count: code.workers)
        }

        mutating func round(
            _ input: CompressedGradientCode.Round
        ) throws(Refusal) -> CompressedGradientCode.Round.Outcome {
            let dimension = code.dimension
            guard input.gradients.count == code.subsets, input.gradients.allSatisfy({ $0.count == dimension }),
                input.model?.count ?? dimension == dimension
            else { throw Refusal(.dimensionMismatch, "gradients") }
            guard input.gradients.allSatisfy(\.isFinite) else { throw Refusal(.nonFinite, "gradients") }
            let responders = try WorkerSet(input.responders ?? [], of: code.workers)
            let coded = code.codedGradients(input.gradients.map { $0.values.map { Rational(exactly: $0) ?? 0 } })
            var sum = [Float](repeating: 0, count: dimension)
            for i in code.participants where responders.contains(i) {
                let g = coded[i].map { Float($0) }
                let a = (0..<dimension).map { j -> Float in
                    let e = memories[i][j]
                    if variant.inGradients { return g[j] + e }
                    return variant.isFused ? e.addingProduct(step, g[j]) : step * g[j] + e
                }
                let m = image(a)
                memories[i] = zip(a, m).map { $0 - $1 }
                for j in sum.indices { sum[j] += variant.inGradients ? step * m[j] : m[j] }
            }
            guard sum.allSatisfy(\.isFinite), memories.joined().allSatisfy(\.isFinite) else {
                throw Refusal(.outOfRange, "beyond binary32")
            }
            let share = Float(variant.conventions.aggregate == .mean ? code.subsets : 1)
            return .init(update: Binary32Vector(sum.map { $0 / share }))
        }

        private func image(_ a: [Float]) -> [Float] {
            switch code.compressor.kind {
            case .identity: return a
            case .topK(let k):
                let order = a.indices.sorted {
                    let (x, y) = (a[$0].magnitude, a[$1].magnitude)
                    return x != y ? x > y : variant.keepsLarger ? $0 > $1 : $0 < $1
                }
                let kept = Set(order.prefix(k))
                return a.indices.map { kept.contains($0) ? a[$0] : 0 }
            default:
                var image = a
                for block in code.compressor.blocks {
                    let values = a[block].map(\.magnitude)
                    let scale: Float =
                        variant.sumsDownwards
                        ? values.reversed().reduce(0, +) / Float(block.count)
                        : Float(values.map { Double($0) }.reduce(0, +) / Double(block.count))
                    for j in block { image[j] = a[j] > 0 || a[j] == 0 && !variant.zeroIsMinus ? scale : -scale }
                }
                return image
            }
        }

        mutating func set(step: Float) throws(Refusal) { self.step = step }
        func save() throws(Refusal) -> String {
            ([step] + memories.joined()).map { String($0.bitPattern) }.joined(separator: " ")
        }
        mutating func restore(_ state: String) throws(Refusal) {
            let values = state.split(separator: " ").compactMap { UInt32($0).map(Float.init(bitPattern:)) }
            let dimension = code.dimension
            guard values.count == 1 + memories.count * dimension else {
                throw Refusal(.invalidParameters, "not a state")
            }
            step = values[0]
            for i in memories.indices {
                memories[i] = Array(values[(1 + i * dimension)..<(1 + (i + 1) * dimension)])
            }
        }
    }
}
