import GradientCodeConformance
import GradientCodeOperations
import GradientCodes
import Testing

/// Somebody's encoder.
func myEncode(_ coefficients: [Float], _ vectors: [[Float]]) throws(Refusal) -> [Float] {
    let sums = vectors[0].indices.map { j in
        zip(coefficients, vectors).reduce(Float(0)) { $0 + $1.0 * $1.1[j] }
    }
    for sum in sums where !sum.isFinite { throw Refusal(.outOfRange, "\(sum)") }
    return sums
}

@Test func `my encoder conforms`() async {
    let mine = Implementation("mine") { table in
        table.answer(GradientCode.Encode.self) { question throws(Refusal) in
            let (coefficients, vectors) = try question.validated()
            return CombinedVector(vector: Binary32Vector(try myEncode(coefficients, vectors)))
        }
    }
    #expect(await Verification().examine(mine).verdict == .conforming)
}

@Test func `an encoder that forgets the last partition does not`() async {
    let wrong = Implementation("wrong") { table in
        table.answer(GradientCode.Encode.self) { question throws(Refusal) in
            let (coefficients, vectors) = try question.validated()
            return CombinedVector(vector: Binary32Vector(try myEncode(coefficients.dropLast() + [0], vectors)))
        }
    }
    #expect(await Verification().examine(wrong).verdict == .notConforming)
}
