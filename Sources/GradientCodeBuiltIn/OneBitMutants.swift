import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

// Known mistakes in the operations of 1-bit gradient coding (`docs/OneBitGradientCode.md#mistakes`).
extension Mutant {
    static let oneBit: [Mutant] =
        quantizers + [
            Mutant("codedInBfloat16", of: "oneBit", "coded gradients keep 8 bits", caughtBy: "oneBit.encodeError") {
                table in
                table.answer(OneBitGradientCode.Encode.self) { question throws(Refusal) in
                    let bits = try BuiltIn.encode(question).map { $0.bitPattern & 0xffff_0000 }
                    return .init(vector: Binary32Vector(bits.map { Float(bitPattern: $0) }))
                }
            },
            Mutant("weightsNotChecked", of: "oneBit", "sizes are not compared", caughtBy: "oneBit.encode") { table in
                table.answer(OneBitGradientCode.Encode.self) { question throws(Refusal) in
                    var question = question
                    let count = min(question.weights.count, question.gradients.count)
                    (question.weights, question.gradients) = (
                        Array(question.weights.prefix(count)), Array(question.gradients.prefix(count))
                    )
                    return .init(vector: Binary32Vector(try BuiltIn.encode(question)))
                }
            },
            aggregate("paddingNotTested", "padding bits are not looked at", caughtBy: "oneBit.aggregate") {
                question throws(Refusal) in
                var question = question
                let header = question.bound == .perMessage ? 4 : 0
                let used = question.dimension % 8
                question.messages = question.messages.map { message in
                    var bytes = message.bytes
                    if used > 0, bytes.count > header, let last = bytes.popLast() {
                        bytes.append(last & (1 << used - 1))
                    }
                    return Bytes(bytes)
                }
                return try BuiltIn.aggregate(question)
            },
            aggregate("paddingIsCoordinates", "padding bits are decoded", caughtBy: "oneBit.aggregate") {
                question throws(Refusal) in
                var padded = question
                guard case .given(let range) = question.bound, range.count == 1, question.dimension > 0 else {
                    return try BuiltIn.aggregate(question)
                }
                padded.dimension = (question.dimension + 7) / 8 * 8
                return try BuiltIn.aggregate(padded)
            },
            aggregate("otherPolarity", "bit 1 is read as −B", caughtBy: "oneBit.aggregate") {
                question throws(Refusal) in
                try BuiltIn.aggregate(question).map { -$0 }
            },
            aggregate("decodingConsumes", "a message decoded once is empty afterwards", caughtBy: "oneBit.decodedTwice")
            {
                question throws(Refusal) in
                var seen: Set<Bytes> = []
                var once = question
                once.messages = question.messages.filter { seen.insert($0).inserted }
                return try BuiltIn.aggregate(once)
            },
            aggregate("minusZeroAccepted", "a range −0 is accepted", caughtBy: "oneBit.aggregate") {
                question throws(Refusal) in
                var question = question
                question.messages = question.messages.map { message in
                    var bytes = message.bytes
                    if question.bound == .perMessage, bytes.count > 4, bytes[0...2] == [0, 0, 0], bytes[3] == 0x80 {
                        bytes[3] = 0
                    }
                    return Bytes(bytes)
                }
                return try BuiltIn.aggregate(question)
            },
            step("ascent", "the model moves along the update", caughtBy: "oneBit.pathwise") { question, model in
                zip(question.model.values, model).map { $0 - ($1 - $0) }
            },
            aggregate("lastMessageOnly", "the last message counts for all", caughtBy: "oneBit.serverAdds") {
                question throws(Refusal) in
                var last = question
                last.messages = Array(repeatElement(question.messages.last, count: question.messages.count)).compactMap
                { $0 }
                return try BuiltIn.aggregate(last)
            },
            step("stepForgotten", "the step is taken to be 1", caughtBy: "oneBit.step") { question, model in
                zip(question.model.values, model).map { $0 + ($1 - $0) / question.step.values[0] }
            },
            step("noProjection", "the box is not looked at", caughtBy: "oneBit.step") { question, model in
                var free = question
                (free.lower, free.upper) = (nil, nil)
                return (try? BuiltIn.step(free)) ?? model
            },
            step("modelLost", "without messages the model becomes zero", caughtBy: "oneBit.step") { question, model in
                question.messages.isEmpty ? model.map { _ in 0 } : model
            },
            moments("onlyTheTrace", "covariances between coordinates are left out", caughtBy: "oneBit.moments") {
                answer in
                answer.covariance = answer.covariance.enumerated().map { j, row in
                    row.enumerated().map { j == $0 ? $1 : 0 }
                }
            },
            Mutant(
                "idleWorkerLeftOut", of: "oneBit", "a worker without data is left out of Theorem 4",
                caughtBy: "oneBit.moments"
            ) { table in
                table.answer(OneBitGradientCode.Moments.self) { question throws(Refusal) in
                    let right = try BuiltIn.moments(question)
                    guard let s = question.stragglers else { return right }
                    let n = question.allocation.count
                    let used = question.allocation.count { $0.contains(1) }
                    var wrong = right
                    let ratio = used > 1 ? Rational(used, used - 1) / Rational(n, max(1, n - 1)) : 1
                    wrong.stragglerPart = right.stragglerPart * (s == 0 ? 1 : ratio)
                    return wrong
                }
            },
            convergence("boundTooSmall", "the bound is 19/20 of itself", caughtBy: "oneBit.convergence") {
                question, answer in
                .init(measured: answer.measured, bound: answer.bound * Rational(19, 20))
            },
            convergence("alwaysHolds", "every bound is said to hold", caughtBy: "oneBit.convergence") { _, answer in
                .init(measured: answer.measured, bound: answer.bound, holds: true)
            },
            Mutant(
                "anyStep", of: "oneBit", "Theorem 5 is used with γ > 1/L", caughtBy: "oneBit.convergence"
            ) { table in
                table.answer(OneBitGradientCode.Convergence.self) { question throws(Refusal) in
                    var question = question
                    if question.theorem == .convex, question.loss.kind != .absolute {
                        question.step = min(1, question.step)
                    }
                    return try BuiltIn.convergence(question)
                }
            },
        ]

    private static func aggregate(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ sum: @escaping @Sendable (OneBitGradientCode.Aggregate) throws(Refusal) -> [Float]
    ) -> Mutant {
        Mutant(name, of: "oneBit", defect, caughtBy: killer) { table in
            table.answer(OneBitGradientCode.Aggregate.self) { question throws(Refusal) in
                .init(update: Binary32Vector(try sum(question)))
            }
        }
    }

    private static func step(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ change: @escaping @Sendable (OneBitGradientCode.Step, [Float]) -> [Float]
    ) -> Mutant {
        Mutant(name, of: "oneBit", defect, caughtBy: killer) { table in
            table.answer(OneBitGradientCode.Step.self) { question throws(Refusal) in
                .init(model: Binary32Vector(change(question, try BuiltIn.step(question))))
            }
        }
    }

    private static func moments(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ change: @escaping @Sendable (inout OneBitGradientCode.Moments.Answer) -> Void
    ) -> Mutant {
        Mutant(name, of: "oneBit", defect, caughtBy: killer) { table in
            table.answer(OneBitGradientCode.Moments.self) { question throws(Refusal) in
                var answer = try BuiltIn.moments(question)
                change(&answer)
                return answer
            }
        }
    }

    private static func convergence(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ change:
            @escaping @Sendable (OneBitGradientCode.Convergence, OneBitGradientCode.Convergence.Answer) ->
            OneBitGradientCode.Convergence.Answer
    ) -> Mutant {
        Mutant(name, of: "oneBit", defect, caughtBy: killer) { table in
            table.answer(OneBitGradientCode.Convergence.self) { question throws(Refusal) in
                change(question, try BuiltIn.convergence(question))
            }
        }
    }
}
