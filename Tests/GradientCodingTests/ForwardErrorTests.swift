import ExactArithmetic
import GradientCodeBuiltIn
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes
import Testing

/// Our own kernels use the canonical decoding vector, so they are held to its bound (Theorem 8), which is stricter than
/// what the laws allow an implementation with another vector.
@Suite struct ForwardErrorTests {
    static let dimension = 3

    static func gradients(_ code: CodeCases.Case) -> [[Float]] {
        (0..<code.matrix.columns).map { Philox.testFloats(seed: 8, t: 0, i: UInt32($0), count: dimension) }
    }

    static func exact(_ value: Float) -> Rational { Rational(exactly: value)! }

    /// The largest error of a decode of encoded gradients over its Theorem 8 bound, over all decodable sets.
    static func worst(
        _ code: CodeCases.Case, round: (WorkerSet, [Rational]) throws -> [Float]?
    ) throws -> (ratio: Rational, sets: Int) {
        let gradients = gradients(code)
        var (worst, sets): (Rational, Int) = (0, 0)
        for responders in WorkerSet.subsets(of: code.workers) {
            guard let vector = code.matrix.decode(responders: responders).vector else { continue }
            let update = try #require(try round(responders, vector))
            sets += 1
            for d in 0..<dimension {
                let values = gradients.map { exact($0[d]) }
                let bound = ForwardError.decodeBound(
                    matrix: code.matrix, vector: vector, responders: responders.count, gradients: values)
                worst = max(worst, (exact(update[d]) - values.total).magnitude / bound)
            }
        }
        return (worst, sets)
    }

    @Test(arguments: CodeCases.exact) func `rounds of our kernels stay within Theorem 8`(_ code: CodeCases.Case) throws
    {
        let subject = BuiltIn.subject(mutant: nil)
        let opening = GradientCode.Session(code: code.explicit, dimension: Self.dimension)
        guard case .answer = subject.reply(to: .open(session: 1, opening)) else {
            Issue.record("the session was not opened")
            return
        }
        let gradients = Self.gradients(code).map { Binary32Vector($0) }
        let (ratio, sets) = try Self.worst(code) { responders, _ in
            let input = GradientCode.Round(gradients: gradients, responders: responders.members)
            guard case .answer(let outcome as GradientCode.Round.Outcome) = subject.reply(to: .round(session: 1, input))
            else { return nil }
            return outcome.update?.values
        }
        #expect(sets > 0)
        #expect(ratio <= 1, "\(ratio.decimal(digits: 3)) of the bound")
    }

    @Test func `coefficients of twelve bits leave Theorem 8`() throws {
        let code = CodeCases.integers(7, 3)
        let gradients = Self.gradients(code)
        let short = { (value: Rational) in Float(bitPattern: Float(value).bitPattern & 0xffff_f000) }
        let (ratio, _) = try Self.worst(code) { responders, vector in
            let messages = try responders.map { i in
                try GradientCode.combine(code.matrix.row(i).map { Float($0) }, gradients)
            }
            return try GradientCode.combine(responders.map { short(vector[$0]) }, messages)
        }
        #expect(ratio > 1, "\(ratio.decimal(digits: 3)) of the bound")
    }

    @Test(arguments: CodeCases.exact) func `our recover stays within the bound of its own vector`(
        _ code: CodeCases.Case
    )
        throws
    {
        // Messages that are no combination of gradients: the exact value is that of the canonical vector alone.
        let messages = (0..<code.workers).map { Philox.testFloats(seed: 9, t: 0, i: UInt32($0), count: Self.dimension) }
        for responders in WorkerSet.subsets(of: code.workers) {
            let sent = messages.indices.map { responders.contains($0) ? Binary32Vector(messages[$0]) : nil }
            let reply = BuiltIn.subject.reply(to: .run(GradientCode.Recover(code: code.explicit, messages: sent)))
            guard case .answer(let answer as GradientCode.Recover.Answer) = reply else {
                Issue.record("\(responders): \(reply)")
                continue
            }
            guard let vector = code.matrix.decode(responders: responders).vector else {
                #expect(answer.sum == nil)
                continue
            }
            let sum = try #require(answer.sum).values
            let coefficients = responders.map { vector[$0] }
            for d in 0..<Self.dimension {
                let values = responders.map { Self.exact(messages[$0][d]) }
                let bound = ForwardError.roundedCombinationBound(coefficients: coefficients, values: values)
                #expect((Self.exact(sum[d]) - coefficients.innerProduct(values)).magnitude <= bound)
            }
        }
    }
}
