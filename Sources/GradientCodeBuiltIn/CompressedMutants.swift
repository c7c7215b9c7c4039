import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

// Known mistakes in the operations of compressed gradient coding (`docs/CompressedGradientCode.md#mistakes`).
extension Mutant {
    static let compressed: [Mutant] = [
        signs("scaleIsMaximum", "the scale is the largest magnitude", caughtBy: "compressed.exactError") { block, _ in
            block.map(\.magnitude).max() ?? 0
        },
        signs("scaleNotDivided", "the scale is ‖v‖₁", caughtBy: "compressed.exactError") { block, _ in
            block.map(\.magnitude).total
        },
        signs("scaleOfPaddedBlock", "padding counts in the scale", caughtBy: "compressed.exactError") { block, _ in
            block.map(\.magnitude).total / Rational((block.count + 7) / 8 * 8)
        },
        signs("scaleOfSquares", "the scale is ‖v‖₂/√D", caughtBy: "compressed.exactError") { block, _ in
            let mean = block.map { $0 * $0 }.total / Rational(block.count)
            return Rational(exactly: Float(Double(mean).squareRoot())) ?? 0
        },
        signs("shortBlockByLength", "the last block is divided by m", caughtBy: "compressed.exactError") { block, m in
            block.map(\.magnitude).total / Rational(m)
        },
        changed("oneScaleForAllBlocks", "all blocks have the scale of the whole", caughtBy: "compressed.exactError") {
            message, v in
            guard case .signs(let scales, let signs) = message.content else { return message.content }
            let mean = v.map(\.magnitude).total / Rational(v.count)
            return .signs(scales: scales.map { _ in Rational(exactly: Float(mean)) ?? 0 }, signs)
        },
        changed("zeroIsMinus", "sgn(0) = −1", caughtBy: "compressed.smallVectors") { message, v in
            guard case .signs(let scales, let signs) = message.content else { return message.content }
            return .signs(
                scales: scales, signs.enumerated().map { j, sign in sign && (!v[j].isZero || v.allSatisfy(\.isZero)) })
        },
        changed("valuesByMagnitude", "values of top-K are sent by magnitude", caughtBy: "compressed.smallVectors") {
            message, _ in
            guard case .kept(let indices, let values) = message.content else { return message.content }
            return .kept(indices, values: values.sorted { $0.magnitude > $1.magnitude })
        },
        changed("topKByValue", "the largest values are kept, not magnitudes", caughtBy: "compressed.smallVectors") {
            message, v in
            guard case .kept(let indices, _) = message.content else { return message.content }
            let kept = v.indices.sorted { (-v[$0], $0) < (-v[$1], $1) }.prefix(indices.count).sorted()
            return .kept(kept, values: kept.map { v[$0] })
        },
        changed("oneValueLost", "K − 1 coordinates are kept", caughtBy: "compressed.exactError") { message, _ in
            guard case .kept(let indices, var values) = message.content else { return message.content }
            values[values.count - 1] = 0
            return .kept(indices, values: values)
        },
        changed("topKScaled", "values of top-K are multiplied by D/K", caughtBy: "compressed.exactError") {
            message, v in
            guard case .kept(let indices, let values) = message.content else { return message.content }
            return .kept(indices, values: values.map { $0 * Rational(v.count, values.count) })
        },
        changed("largerIndexFirst", "ties go to the larger index", caughtBy: "compressed.compress") { message, v in
            guard case .kept(let indices, _) = message.content else { return message.content }
            let order = v.indices.sorted { (v[$0].magnitude, $0) > (v[$1].magnitude, $1) }
            let kept = order.prefix(indices.count).sorted()
            return .kept(kept, values: kept.map { v[$0] })
        },
        changed("indicesOf16Bits", "indices wrap at 65 536", caughtBy: "compressed.compress") { message, v in
            guard case .kept(let indices, let values) = message.content else { return message.content }
            let pairs = zip(indices.map { $0 & 0xffff }, values).sorted { $0.0 < $1.0 }
            return .kept(pairs.map(\.0), values: pairs.map(\.1))
        },
        bytes(
            "compressedMostSignificantFirst", "bits are packed from the most significant on",
            caughtBy: "compressed.messages"
        ) {
            bytes, header in
            bytes.enumerated().map { (n: Int, byte: UInt8) -> UInt8 in
                guard n >= header else { return byte }
                var reversed: UInt8 = 0
                for bit in 0..<8 as Range<UInt8> { reversed |= (byte >> bit & 1) << (7 - bit) }
                return reversed
            }
        },
        bytes("compressedPolarity", "1 means −", caughtBy: "compressed.messages") { bytes, header in
            bytes.enumerated().map { (n: Int, byte: UInt8) -> UInt8 in n < header ? byte : ~byte }
        },
        bytes("bigEndianFloats", "floats are sent big-endian", caughtBy: "compressed.messages") { bytes, header in
            bytes.indices.map { $0 < header ? bytes[$0 / 4 * 4 + 3 - $0 % 4] : bytes[$0] }
        },
        Mutant("minusZeroNegative", of: "compressed", "−0 is sent as −", caughtBy: "compressed.compress") { table in
            table.answer(CompressedGradientCode.Compress.self, flags: ["tape", "free"]) { question throws(Refusal) in
                var question = question
                let tiny = question.x.values.map { $0 == 0 && $0.sign == .minus ? -Float.leastNonzeroMagnitude : $0 }
                if question.compressor.kind == .scaledSign { question.x = Binary32Vector(tiny) }
                return .init(message: Bytes(try BuiltIn.compress(question) { _ in [] }))
            }
        },
        Mutant(
            "levelsAlwaysDown", of: "compressed", "levels are always rounded down",
            caughtBy: "compressed.levelsUnbiased"
        ) { table in
            table.answer(CompressedGradientCode.Compress.self, flags: ["tape", "free"]) { question throws(Refusal) in
                var question = question
                if question.compressor.kind == .levels {
                    question.tape = question.tape.map { Words($0.words.map { _ in .max }) }
                }
                return .init(message: Bytes(try BuiltIn.compress(question) { _ in [] }))
            }
        },
        Mutant(
            "wordsInBinary32", of: "compressed", "words are compared with f in binary32",
            caughtBy: "compressed.compress"
        ) { table in
            table.answer(CompressedGradientCode.Compress.self, flags: ["tape", "free"]) { question throws(Refusal) in
                var question = question
                if question.compressor.kind == .levels {
                    // Rounded to 24 bits, as u/2³² is.
                    question.tape = question.tape.map { tape in
                        Words(tape.words.map { UInt32(clamping: Int64(Float($0))) })
                    }
                }
                return .init(message: Bytes(try BuiltIn.compress(question) { _ in [] }))
            }
        },
        Mutant(
            "compressedPaddingIgnored", of: "compressed", "padding bits are not looked at",
            caughtBy: "compressed.decompress"
        ) { table in
            table.answer(CompressedGradientCode.Decompress.self, flags: ["tape"]) { question throws(Refusal) in
                var question = question
                let used = (try? question.compressor.compressor(dimension: question.dimension))?.informationBits ?? 0
                var bytes = question.message.bytes
                if used % 8 > 0, bytes.count == (used + 7) / 8 { bytes[bytes.count - 1] &= 1 << UInt8(used % 8) - 1 }
                question.message = Bytes(bytes)
                return .init(x: Binary32Vector(try BuiltIn.decompress(question)))
            }
        },
        Mutant(
            "messageConsumed", of: "compressed", "a message decoded once is empty afterwards",
            caughtBy: "compressed.decodedTwice"
        ) { table in
            table.answer(CompressedGradientCode.ServerStep.self, flags: ["tape"]) { question throws(Refusal) in
                var question = question
                var seen: Set<Bytes> = []
                if question.tape == nil { question.messages = question.messages.filter { seen.insert($0).inserted } }
                return .init(model: Binary32Vector(try BuiltIn.serverStep(question)))
            }
        },
        server("serverAverages", "the server averages over the messages", caughtBy: "compressed.serverAdds") {
            question, model in
            zip(question.model.values, model).map { $0 + ($1 - $0) / Float(max(1, question.messages.count)) }
        },
        server("compressedModelLost", "without messages the model becomes 0", caughtBy: "compressed.serverStep") {
            question, model in
            question.messages.isEmpty ? model.map { _ in 0 } : model
        },
        worker("stepMemoryLost", "the old memory is lost", caughtBy: "compressed.stepConserves") { question, answer in
            let (e, after) = (question.memory.values, answer.memory.values)
            answer.memory = Binary32Vector(zip(after, e).map { $0 - $1 })
        },
        worker("stragglerForgets", "a straggler resets its memory", caughtBy: "compressed.workerStep") {
            question, answer in
            if !question.responds { answer.memory = Binary32Vector(question.memory.values.map { _ in 0 }) }
        },
        convergence("compressedBoundTooSmall", "the bound is 19/20 of itself") {
            .init(measured: $0.measured, bound: $0.bound * Rational(19, 20))
        },
        convergence("compressedAlwaysHolds", "every bound is said to hold") {
            .init(measured: $0.measured, bound: $0.bound, holds: true)
        },
    ]

    /// Damages what is sent of a vector, given its exact parts; a vector that cannot be sent is as it should be.
    private static func changed(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ change: @escaping @Sendable (CompressedMessage, [Rational]) -> CompressedMessage.Content
    ) -> Mutant {
        Mutant(name, of: "compressed", defect, caughtBy: killer) { table in
            table.answer(CompressedGradientCode.Compress.self, flags: ["tape", "free"]) { question throws(Refusal) in
                let right = try BuiltIn.compress(question) { [UInt32](repeating: 0, count: $0) }
                let v = question.x.values.map { Rational(exactly: $0) ?? 0 }
                guard let compressor = try? question.compressor.compressor(dimension: v.count), compressor.hasMemory,
                    let message = try? CompressedMessage(reading: right, by: compressor)
                else { return .init(message: Bytes(right)) }
                let wrong = CompressedMessage(change(message, v), of: compressor)
                return .init(message: Bytes((try? wrong.rounded().bytes) ?? right))
            }
        }
    }

    /// Another scale of each block, from its values and the length of a full block.
    private static func signs(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ scale: @escaping @Sendable (ArraySlice<Rational>, Int) -> Rational
    ) -> Mutant {
        changed(name, defect, caughtBy: killer) { message, v in
            guard case .signs(_, let signs) = message.content else { return message.content }
            let blocks = message.compressor.blocks
            return .signs(scales: blocks.map { scale(v[$0], blocks[0].count) }, signs)
        }
    }

    /// Damages the bytes of a message, given where its packed bits begin.
    private static func bytes(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ change: @escaping @Sendable (_ bytes: [UInt8], _ header: Int) -> [UInt8]
    ) -> Mutant {
        Mutant(name, of: "compressed", defect, caughtBy: killer) { table in
            table.answer(CompressedGradientCode.Compress.self, flags: ["tape", "free"]) { question throws(Refusal) in
                let right = try BuiltIn.compress(question) { [UInt32](repeating: 0, count: $0) }
                let compressor = try question.compressor.compressor(dimension: question.x.count)
                return .init(message: Bytes(change(right, 4 * compressor.floats)))
            }
        }
    }

    private static func server(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ change: @escaping @Sendable (CompressedGradientCode.ServerStep, [Float]) -> [Float]
    ) -> Mutant {
        Mutant(name, of: "compressed", defect, caughtBy: killer) { table in
            table.answer(CompressedGradientCode.ServerStep.self, flags: ["tape"]) { question throws(Refusal) in
                .init(model: Binary32Vector(change(question, try BuiltIn.serverStep(question))))
            }
        }
    }

    private static func worker(
        _ name: String, _ defect: String, caughtBy killer: String,
        _ change:
            @escaping @Sendable (CompressedGradientCode.WorkerStep, inout CompressedGradientCode.WorkerStep.Answer) ->
            Void
    ) -> Mutant {
        Mutant(name, of: "compressed", defect, caughtBy: killer) { table in
            table.answer(CompressedGradientCode.WorkerStep.self) { question throws(Refusal) in
                var answer = try BuiltIn.workerStep(question)
                change(question, &answer)
                return answer
            }
        }
    }

    private static func convergence(
        _ name: String, _ defect: String,
        _ change:
            @escaping @Sendable (CompressedGradientCode.Convergence.Answer) -> CompressedGradientCode.Convergence.Answer
    ) -> Mutant {
        Mutant(name, of: "compressed", defect, caughtBy: "compressed.convergence") { table in
            table.answer(CompressedGradientCode.Convergence.self) { question throws(Refusal) in
                change(try BuiltIn.convergence(question))
            }
        }
    }
}
