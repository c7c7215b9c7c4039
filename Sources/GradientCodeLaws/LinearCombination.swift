import ExactArithmetic
import GradientCodeOperations
import GradientCodeVectors
import GradientCodes

extension Law {
    static let combinations: [Law] = [
        combination("encode", of: GradientCode.Encode.self) { GradientCode.Encode(coefficients: $0, vectors: $1) },
        combination("decode", of: GradientCode.Decode.self) { GradientCode.Decode(coefficients: $0, vectors: $1) },
    ]

    private static func combination<Asked: LinearCombinationQuestion>(
        _ name: String, of _: Asked.Type,
        _ make: @escaping @Sendable (Binary32Vector, [Binary32Vector]) -> Asked
    ) -> Law {
        generated(
            150, id: "gradientCode.\(name)Error",
            "A float combination is within ((1+u)^m − 1) Σ|c_i v_i| of the exact one, in any order, with or without FMA.",
            profile: .core, basis: .derived, section: "numerics.md#linear-combination", needs: [Asked.name]
        ) { choices in
            let (terms, dimension) = (choices.integer(in: 1...8), choices.integer(in: 1...5))
            let coefficients = (0..<terms).map { _ in float(&choices) }
            let vectors = (0..<terms).map { _ in (0..<dimension).map { _ in float(&choices) } }
            return (coefficients: coefficients, vectors: vectors)
        } trial: { (drawn: (coefficients: [Float], vectors: [[Float]]), examiner) in
            let question = make(Binary32Vector(drawn.coefficients), drawn.vectors.map { Binary32Vector($0) })
            let expected = GradientCode.enclosure(drawn.coefficients, drawn.vectors)
            try await examiner.check([(question, expected)], profile: .core)
        }
    }

    /// A float of any sign: small integers first, then any significand with an exponent for which eight products
    /// neither overflow nor all vanish, and now and then a subnormal.
    private static func float(_ choices: inout Choices) -> Float {
        let sign: Float = choices.coin() ? -1 : 1
        switch choices.integer(in: 0...9) {
        case 0...3: return sign * Float(choices.integer(in: 0...9))
        case 4...8:
            let significand = UInt32(choices.draw(upTo: 0x7f_ffff))
            let exponent = UInt32(choices.integer(in: 0...120)) + 67
            return sign * Float(bitPattern: exponent << 23 | significand)
        default: return sign * Float(bitPattern: UInt32(choices.draw(upTo: 0x7f_ffff)))
        }
    }
}
