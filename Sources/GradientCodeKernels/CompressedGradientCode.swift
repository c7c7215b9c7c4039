public import GradientCodes

// What a worker does in one iteration: a = γg + e, compress, remember the rest.
//
// Order: a_j = fl(fl(γ g_j) + e_j) (Swift never contracts the two), so every message and memory has the same bits on
// every platform and at every vector width; the one sum, ‖a‖₁ of a block, is made in fixed lanes
// (CompressedGradientCode+Signs.swift). Error: docs/CompressedGradientCode.md#floats. Traffic: every compressor reads
// gradient and memory twice and writes the memory once, 20 bytes a coordinate: the first pass finds the scale or the
// kept coordinates and tests that a is finite, the second changes the memory. So a refused step changes nothing, and
// nothing of length D is stored in between.
extension CompressedGradientCode {
    /// One iteration of a worker that responds: its message, and its memory made from what the server decodes.
    ///
    /// See docs/CompressedGradientCode.md#worker.
    ///
    /// - Parameters:
    ///   - gradient: g, the coded gradient, finite.
    ///   - memory: e, finite; afterwards fl(a − m).
    ///   - step: γ, positive and finite.
    ///   - compressor: C, one with a memory, of the dimension of gradient and memory.
    /// - Returns: the bytes of the message (docs/CompressedGradientCode.md#wire-format).
    /// - Throws: `outOfRange` when a coordinate of γg or γg + e is beyond binary32; the memory is unchanged then.
    public static func workerStep(
        _ gradient: [Float], memory: inout [Float], step: Float, by compressor: Compressor
    ) throws(Refusal) -> [UInt8] {
        let dimension = compressor.dimension
        precondition(gradient.count == dimension && memory.count == dimension, "vectors of \(dimension) coordinates")
        precondition(step.isFinite && step > 0 && compressor.hasMemory, "step \(step), a compressor with a memory")
        var message = [UInt8](repeating: 0, count: compressor.messageBytes)
        let isInRange = gradient.withUnsafeBufferPointer { gradient in
            memory.withUnsafeMutableBufferPointer { memory in
                let sum = Corrected(gradient: gradient.baseAddress!, memory: memory.baseAddress!, step: step)
                return switch compressor.kind {
                case .topK(let k): sum.keepLargest(k, by: compressor, into: &message)
                case .identity: sum.keepAll(dimension, into: &message)
                default: sum.takeSigns(by: compressor, into: &message)
                }
            }
        }
        guard isInRange else { throw Refusal(.outOfRange, "a coordinate of γg + e is beyond binary32") }
        return message
    }

    /// The message of one vector, without a memory.
    ///
    /// −0 counts as 0 and is sent as +0, with the sign +.
    ///
    /// - Parameters:
    ///   - x: finite, of the compressor's dimension.
    ///   - compressor: C.
    ///   - tape: one word a coordinate for a random compressor, else none.
    /// - Throws: `outOfRange` for a coordinate above a given range of the stochastic sign, or a value of rand-K beyond
    ///   binary32.
    public static func compress(
        _ x: [Float], by compressor: Compressor, tape: [UInt32] = []
    ) throws(Refusal) -> [UInt8] {
        precondition(tape.count == compressor.words, "\(tape.count) words; expected \(compressor.words)")
        switch compressor.kind {
        case .scaledSign, .blockSign, .topK, .identity:
            var memory = [Float](repeating: 0, count: x.count)
            return try workerStep(x, memory: &memory, step: 1, by: compressor)
        case .randK(let k): return try randomValues(x, k, by: compressor, tape: tape)
        case .levels(let s): return levels(x, s, by: compressor, tape: tape)
        case .stochasticSign(let ranges?): return try OneBitGradientCode.quantize(x, ranges: ranges, tape: tape)
        case .stochasticSign(nil): return OneBitGradientCode.quantizePerMessage(x, tape: tape)
        }
    }

    /// fl(γ g), what a random compressor compresses.
    ///
    /// - Throws: `outOfRange` when a coordinate is beyond binary32.
    public static func scaled(_ gradient: [Float], step: Float) throws(Refusal) -> [Float] {
        let values = gradient.map { step * $0 }
        guard values.isFinite else { throw Refusal(.outOfRange, "a coordinate of γg is beyond binary32") }
        return values
    }

    /// a = γg + e of a worker, computed where it is needed: gradient and memory, as many coordinates as the compressor
    /// has.
    struct Corrected {
        let gradient: UnsafePointer<Float>
        let memory: UnsafeMutablePointer<Float>
        let step: Float

        /// a_j.
        @inline(__always)
        subscript(j: Int) -> Float { step * gradient[j] + memory[j] }

        /// Whether all a_j are finite; without branches, so that it vectorises.
        private func isFinite(_ dimension: Int) -> Bool {
            var seen: UInt32 = 0
            for j in 0..<dimension { seen |= self[j].bitPattern & 0x7f80_0000 == 0x7f80_0000 ? 1 : 0 }
            return seen == 0
        }

        /// Identity: sends all of a, and nothing is left. False, with nothing changed, if a is not finite.
        func keepAll(_ dimension: Int, into message: inout [UInt8]) -> Bool {
            guard isFinite(dimension) else { return false }
            message.withUnsafeMutableBytes { bytes in
                let (g, e, target) = (gradient, memory, bytes.baseAddress!)
                for j in 0..<dimension {
                    // Adding +0 turns −0 into +0.
                    let value = step * g[j] + e[j] + 0
                    target.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: 4 * j, as: UInt32.self)
                    e[j] = 0
                }
            }
            return true
        }
    }
}
