import ExactArithmetic
import GradientCodeBuiltIn
import GradientCodeConformance
import GradientCodeOperations
import GradientCodeReference
import GradientCodes
import Testing

/// Implementations that differ from ours in what the schemes leave open: all of them must conform in core.
@Suite struct VariantTests {
    static func matrix(_ code: CodeDescriptor) throws(Refusal) -> RationalMatrix {
        switch try code.resolved() {
        case .matrix(let matrix): return matrix
        case .named(let code): return try code.encodingMatrix
        }
    }

    static func verdict(_ fill: @escaping (inout Implementation.Table) -> Void) async -> Report {
        var verification = Verification.thorough
        verification.profiles = [.core]
        return await verification.examine(Implementation("variant", fill: fill))
    }

    @Test func `other orders of summation, with fused multiply-add, conform`() async {
        @Sendable func combine(_ question: some LinearCombinationQuestion) throws(Refusal) -> CombinedVector {
            let (c, v) = try question.validated()
            let sums = v[0].indices.map { j in
                c.indices.reversed().reduce(Float(0)) { $0.addingProduct(c[$1], v[$1][j]) }
            }
            guard sums.allSatisfy(\.isFinite) else { throw Refusal(.outOfRange, "overflow") }
            return CombinedVector(vector: Binary32Vector(sums))
        }
        let report = await Self.verdict { table in
            table.answer(GradientCode.Encode.self) { question throws(Refusal) in try combine(question) }
            table.answer(GradientCode.Decode.self) { question throws(Refusal) in try combine(question) }
        }
        #expect(report.verdict == .conforming, "\(report.entries.flatMap(\.failures))")
    }

    @Test func `double accumulation conforms`() async {
        let report = await Self.verdict { table in
            table.answer(GradientCode.Encode.self) { question throws(Refusal) in
                let (c, v) = try question.validated()
                let sums = v[0].indices.map { j in
                    Float(c.indices.reduce(0.0) { $0 + Double(c[$1]) * Double(v[$1][j]) })
                }
                guard sums.allSatisfy(\.isFinite) else { throw Refusal(.outOfRange, "overflow") }
                return CombinedVector(vector: Binary32Vector(sums))
            }
        }
        #expect(report.verdict == .conforming, "\(report.entries.flatMap(\.failures))")
    }

    @Test func `minimum-norm and other decoding vectors conform`() async {
        let report = await Self.verdict { table in
            table.answer(GradientCode.DecodingVector.self) { question throws(Refusal) in
                let matrix = try Self.matrix(question.code)
                let responders = try WorkerSet(question.responders, of: matrix.rows)
                guard matrix.decode(responders: responders).vector != nil else { return .init(status: .undecodable) }
                return .init(status: .exact, vector: .exact(matrix.leastSquaresDecoding(responders: responders).vector))
            }
        }
        #expect(report.verdict == .conforming, "\(report.entries.flatMap(\.failures))")
    }

    @Test func `rounded decoding vectors conform, in both precisions`() async {
        for precision in [Coefficients.Precision.binary32, .binary64] {
            let report = await Self.verdict { table in
                table.answer(GradientCode.DecodingVector.self) { question throws(Refusal) in
                    let matrix = try Self.matrix(question.code)
                    let responders = try WorkerSet(question.responders, of: matrix.rows)
                    guard let vector = matrix.decode(responders: responders).vector else {
                        return .init(status: .undecodable)
                    }
                    let words: [UInt32] = vector.flatMap { value -> [UInt32] in
                        if precision == .binary32 { return [Float(value).bitPattern] }
                        let bits = Double(value).bitPattern
                        return [UInt32(bits >> 32), UInt32(truncatingIfNeeded: bits)]
                    }
                    return .init(status: .exact, vector: .floats(words))
                }
            }
            #expect(report.verdict == .conforming, "\(report.entries.flatMap(\.failures))")
        }
    }

    @Test func `a mean instead of a sum conforms where it is declared`() async {
        let table = { (table: inout Implementation.Table) in
            table.hold(GradientCode.Session.self) { opening throws(Refusal) in
                MeanRounds(matrix: try Self.matrix(opening.code), dimension: opening.dimension)
            }
        }
        var verification = Verification.thorough
        verification.profiles = [.core]
        let mean = Implementation("mean", conventions: Conventions(aggregate: .mean), fill: table)
        let report = await verification.examine(mean)
        #expect(report.verdict == .conforming, "\(report.entries.flatMap(\.failures))")
        let undeclared = await verification.examine(Implementation("mean", fill: table))
        #expect(undeclared.verdict == .notConforming)
    }

    @Test func `an implementation of nothing is not conforming`() async {
        let report = await Verification.thorough.examine(Implementation("nothing") { _ in })
        #expect(report.verdict == .nothingExamined)
        #expect(report.verdict.exitCode == 1)
        #expect(report.entries.allSatisfy { $0.status == "skipped" })
    }

    /// Exact rounds, averaged over the partitions, without `decoded`.
    struct MeanRounds: RoundSession {
        let matrix: RationalMatrix
        let dimension: Int

        mutating func round(_ input: GradientCode.Round) throws(Refusal) -> GradientCode.Round.Outcome {
            guard input.gradients.count == matrix.columns else { throw Refusal(.dimensionMismatch, "gradients") }
            let all = try WorkerSet(input.responders ?? [], of: matrix.rows)
            let spoilt = input.gradients.indices.filter { !input.gradients[$0].isFinite }
            let excluded = all.filter { worker in spoilt.contains { !matrix[worker, $0].isZero } }
            let responders = all.removing(excluded)
            guard matrix.decode(responders: responders).vector != nil else {
                return .init(update: nil, excluded: excluded)
            }
            let mean = (0..<dimension).map { d in
                Float(input.gradients.map { Rational(exactly: $0.values[d]) ?? 0 }.total / Rational(matrix.columns))
            }
            return .init(update: Binary32Vector(mean), excluded: excluded)
        }

        mutating func set(step: Float) throws(Refusal) {}
        func save() throws(Refusal) -> String { "" }
        mutating func restore(_ state: String) throws(Refusal) {}
    }
}
