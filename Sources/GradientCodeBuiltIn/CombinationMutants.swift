import GradientCodeKernels
import GradientCodeOperations
import GradientCodes

extension Mutant {
    static let combinations: [Mutant] = [
        encode("lastTermDropped", "the last partition is left out", caughtBy: "gradientCode.encodeError") {
            c, v throws(Refusal) in
            try GradientCode.combine(c.dropLast() + [0], v)
        },
        encode("halfPrecision", "products are kept in bfloat16", caughtBy: "gradientCode.encodeError") {
            c, v throws(Refusal) in
            let short = { (value: Float) in Float(bitPattern: value.bitPattern & 0xffff_0000) }
            return try GradientCode.combine(c, v).map(short)
        },
        encode("subnormalsFlushed", "subnormal results become zero", caughtBy: "gradientCode.encode") {
            c, v throws(Refusal) in
            try GradientCode.combine(c, v).map { $0.isSubnormal ? 0 : $0 }
        },
        encode("magnitudes", "coefficients lose their sign", caughtBy: "gradientCode.encodeError") {
            c, v throws(Refusal) in
            try GradientCode.combine(c.map(abs), v)
        },
        Mutant(
            "unweighted", of: "gradientCode", "messages are added without their coefficients",
            caughtBy: "gradientCode.decodeError"
        ) { table in
            table.answer(GradientCode.Decode.self) { question throws(Refusal) in
                let (coefficients, vectors) = try question.validated()
                return .init(vector: Binary32Vector(try GradientCode.combine(coefficients.map { _ in 1 }, vectors)))
            }
        },
        Mutant(
            "eightTerms", of: "gradientCode", "messages beyond the eighth are left out",
            caughtBy: "gradientCode.forwardError"
        ) { table in
            table.answer(GradientCode.Decode.self) { question throws(Refusal) in
                let (coefficients, vectors) = try question.validated()
                let sum = try GradientCode.combine(Array(coefficients.prefix(8)), Array(vectors.prefix(8)))
                return .init(vector: Binary32Vector(sum))
            }
        },
        Mutant(
            "overflowUnnoticed", of: "gradientCode", "an infinite coded gradient is answered",
            caughtBy: "gradientCode.encode"
        ) { table in
            table.answer(GradientCode.Encode.self) { question throws(Refusal) in
                let (coefficients, vectors) = try question.validated()
                let sums = vectors[0].indices.map { j in
                    zip(coefficients, vectors).reduce(Float(0)) { $0 + $1.0 * $1.1[j] }
                }
                return .init(vector: Binary32Vector(sums))
            }
        },
        Mutant(
            "nonFiniteAccepted", of: "gradientCode", "NaN and infinities are combined like numbers",
            caughtBy: "gradientCode.decode"
        ) { table in
            table.answer(GradientCode.Decode.self) { question throws(Refusal) in
                guard question.vectors.allSatisfy({ $0.count == question.vectors[0].count }),
                    question.coefficients.count == question.vectors.count, question.vectors.first?.count ?? 0 > 0
                else { _ = try question.validated(); throw Refusal(.dimensionMismatch, "sizes") }
                let vectors = question.vectors.map(\.values)
                let sums = vectors[0].indices.map { j in
                    zip(question.coefficients.values, vectors).reduce(Float(0)) { $0 + $1.0 * $1.1[j] }
                }
                return .init(vector: Binary32Vector(sums))
            }
        },
    ]

    private static func encode(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ combine: @escaping @Sendable ([Float], [[Float]]) throws(Refusal) -> [Float]
    ) -> Mutant {
        Mutant(name, of: "gradientCode", defect, caughtBy: killer) { table in
            table.answer(GradientCode.Encode.self) { question throws(Refusal) in
                let (coefficients, vectors) = try question.validated()
                return .init(vector: Binary32Vector(try combine(coefficients, vectors)))
            }
        }
    }
}
