import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// Laws of codes in floats: the whole way from gradients to their sum, and the code that has floats only.
extension Law {
    static let floatCodes: [Law] = [
        generated(
            40, id: "gradientCode.forwardError",
            "Encoded, decoded and with every coefficient rounded once, the sum is within Theorem 8, up to 60 workers.",
            profile: .core, basis: .derived, section: "GradientCode.md#theorem-8",
            needs: ["gradientCode.encode", "gradientCode.decode"]
        ) { choices in
            let code = choices.element(of: CodeCases.inFloats)
            let members = choices.shuffled(Array(0..<code.workers)).prefix(code.workers - code.stragglers)
            let gradients = (0..<code.matrix.columns).map { _ in
                (0..<2).map { _ in Float(choices.integer(in: 0...0x1ff_ffff) - 0x100_0000) * 0x1p-20 }
            }
            return (code: code, members: Array(members), gradients: gradients)
        } trial: { drawn, examiner in
            let (matrix, responders) = (drawn.code.matrix, try WorkerSet(drawn.members, of: drawn.code.workers))
            guard let vector = matrix.decode(responders: responders).vector else {
                preconditionFailure("any n − s workers of \(drawn.code.title) recover the sum")
            }
            let used = responders.filter { !vector[$0].isZero }
            let coded = try await examiner.answers(
                used.map { worker in
                    let support = (0..<matrix.columns).filter { !matrix[worker, $0].isZero }
                    return GradientCode.Encode(
                        coefficients: Binary32Vector(support.map { Float(matrix[worker, $0]) }),
                        vectors: support.map { Binary32Vector(drawn.gradients[$0]) })
                })
            let question = GradientCode.Decode(
                coefficients: Binary32Vector(used.map { Float(vector[$0]) }), vectors: coded.map(\.vector))
            let sum = try await examiner.answer(question).vector
            let columns = (0..<2).map { d in drawn.gradients.map { Rational(exactly: $0[d]) ?? 0 } }
            let expected = FloatExpectation.enclosure(
                center: columns.map(\.total),
                bound: columns.map {
                    ForwardError.decodeBound(
                        matrix: matrix, vector: vector, responders: used.count, gradients: $0)
                }, derivation: "theorem-8")
            if let mismatch = expected.mismatch(of: sum, profile: .core) { throw Violation(question, mismatch) }
        },
        forAll(
            sizes(upTo: 8).filter { n, s in !(n - s).isMultiple(of: 2) }, id: "gradientCode.realCirculants",
            "The real circulant's window is that of the sines, and its decoding vectors recover every partition once.",
            profile: .core, basis: .paper, section: "GradientCode.md#circulants",
            needs: ["gradientCode.realCirculant"]
        ) { size, examiner in
            let (n, s) = size
            let sets = Array(WorkerSet.subsets(of: n, count: n - s))
            let window = try RealCirculantCode(workers: n, stragglers: s).window(bits: 130).map(\.center)
            try await examiner.check(
                sets.enumerated().filter { $0.offset % (1 + sets.count / 20) == 0 }.map { _, responders in
                    (
                        GradientCode.RealCirculant(workers: n, stragglers: s, responders: responders.members),
                        .init(window: window)
                    )
                }, profile: .core)
        },
    ]
}
