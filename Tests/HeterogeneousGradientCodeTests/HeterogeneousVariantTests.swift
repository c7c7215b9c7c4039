import ExactArithmetic
import GradientCodeBuiltIn
import GradientCodeConformance
import GradientCodeLaws
import GradientCodeOperations
import GradientCodeReference
import GradientCodes
import Testing

/// Rounds that differ from ours in what the scheme leaves open: all must conform in core.
@Suite struct HeterogeneousVariantTests {
    /// What a variant does in its own way: which matrix it uses for the optimal code, and what it answers.
    struct Variant: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// C of the optimal code, in place of ours.
        var matrix: @Sendable (HeterogeneousGradientCode) -> RationalMatrix = { $0.coefficients() }
        var aggregate: Conventions.Aggregate?
        var reportsDecoded = true
        /// A worker without data reports null, not zeros.
        var isSilentWithoutData = false
    }

    static let right = [
        Variant(testDescription: "coefficients on the workers' side"),
        Variant(
            testDescription: "the lowest exact worker takes all",
            matrix: { code in
                let c = code.coefficients()
                return RationalMatrix(rows: c.rows, columns: c.columns) { i, j in
                    let exact = code.allocation.workers(of: j).filter { code.straggling[$0] == .zero }
                    return exact.isEmpty ? c[i, j] : exact[0] == i ? 1 : 0
                }
            }),
        Variant(
            testDescription: "dead workers have the coefficient 7",
            matrix: { code in
                let c = code.coefficients()
                return RationalMatrix(rows: c.rows, columns: c.columns) { i, j in
                    code.straggling[i] == .one && code.allocation.holds(worker: i, partition: j) ? 7 : c[i, j]
                }
            }),
        Variant(testDescription: "means", aggregate: .mean, reportsDecoded: false),
        Variant(testDescription: "nothing sent without data", isSilentWithoutData: true),
    ]

    static let wrong = [
        Variant(
            testDescription: "coefficients 2⁻¹² too large",
            matrix: { code in
                let c = code.coefficients()
                return RationalMatrix(rows: c.rows, columns: c.columns) { i, j in
                    c[i, j] * (1 + Rational(2).power(-12))
                }
            })
    ]

    @Test(arguments: right) func `variants conform`(_ variant: Variant) async {
        let report = await Self.examine(variant)
        #expect(report.verdict == .conforming, "\(report.entries.flatMap(\.failures))")
        #expect(report.total(.core).passed > 500)
    }

    @Test(arguments: wrong) func `small biases do not`(_ variant: Variant) async {
        #expect(await Self.examine(variant).verdict == .notConforming)
    }

    private static func examine(_ variant: Variant) async -> Report {
        var verification = Verification(files: [])
        verification.schemes = ["heterogeneous"]
        verification.profiles = [.core]
        verification.shrinking = 20
        let subject = Implementation("variant", conventions: Conventions(aggregate: variant.aggregate)) { table in
            table.hold(HeterogeneousGradientCode.Session.self, flags: ["save", "seed"]) { opening throws(Refusal) in
                try Rounds(variant: variant, opening: opening)
            }
        }
        return await verification.examine(subject)
    }

    /// A session of the built-in subject, opened with the variant's own matrix.
    private struct Rounds: RoundSession {
        let variant: Variant
        let opening: HeterogeneousGradientCode.Session
        let inner = BuiltIn.subject

        init(variant: Variant, opening: HeterogeneousGradientCode.Session) throws(Refusal) {
            self.variant = variant
            self.opening = opening
            if case .refused(let refusal) = inner.reply(to: .open(session: 1, opening)) { throw refusal }
            guard opening.coefficients == .named(.optimal) else { return }
            let code = try HeterogeneousGradientCode(
                allocation: Allocation(opening.allocation), straggling: Probability.all(opening.probabilities))
            var own = opening
            own.coefficients = .matrix(variant.matrix(code).rowVectors)
            _ = inner.reply(to: .close(session: 1))
            if case .refused(let refusal) = inner.reply(to: .open(session: 1, own)) { throw refusal }
        }

        mutating func round(
            _ input: HeterogeneousGradientCode.Round
        ) throws(Refusal) -> HeterogeneousGradientCode.Round.Outcome {
            let right: HeterogeneousGradientCode.Round.Outcome
            switch inner.reply(to: .round(session: 1, input)) {
            case .answer(let answer as HeterogeneousGradientCode.Round.Outcome): right = answer
            case .refused(let refusal): throw refusal
            default: throw Refusal(.invalidParameters, "no outcome")
            }
            var outcome = right
            if variant.aggregate == .mean {
                let m = Float(opening.allocation[0].count)
                outcome.update = Binary32Vector(right.update.values.map { $0 / m })
            }
            if !variant.reportsDecoded { outcome.decoded = nil }
            if variant.isSilentWithoutData {
                outcome.decoded = right.decoded.map { decoded in
                    decoded.indices.map { opening.allocation[$0].contains(1) ? decoded[$0] : nil }
                }
            }
            return outcome
        }

        mutating func set(step: Float) throws(Refusal) {}

        func save() throws(Refusal) -> String {
            guard case .answer(let state as SavedState) = inner.reply(to: .save(session: 1)) else {
                throw Refusal(.invalidParameters, "no state")
            }
            return state.state
        }

        mutating func restore(_ state: String) throws(Refusal) {
            if case .refused(let refusal) = inner.reply(to: .restore(session: 1, SavedState(state: state))) {
                throw refusal
            }
        }
    }
}
