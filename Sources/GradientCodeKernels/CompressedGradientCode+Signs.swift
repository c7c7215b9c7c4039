import GradientCodes

// Scaled sign and block sign with error feedback.
//
// Order: ‖a‖₁ of a block is a sum in 16 lanes of binary64, coordinate j of the block in lane j mod 16, ascending, and
// then a tree: lanes l and l + 8, l and l + 4, l and l + 2, l and l + 1. Then one division in binary64 and one rounding.
// Error of the scale, for blocks of up to 2²⁶: each lane adds at most 2²² numbers that are not negative, the tree 4
// more, the division 1, so before the last rounding it is below (2²² + 5)·2⁻⁵³ < 2⁻³⁰ relative, and with it below
// 2⁻²⁴ + 2⁻²⁹ in the normal range, at most one unit in the last place everywhere
// (docs/CompressedGradientCode.md#rounded-messages). A scale that is a binary32 number is found exactly. The sums do not
// overflow: 2²⁶·2¹²⁸ is far within binary64.
// Traffic: 20 bytes a coordinate and a bit written.
extension CompressedGradientCode.Corrected {
    /// Coordinates packed at a time, a multiple of 8.
    private static let tile = 512

    /// Writes scales and signs into a zeroed message and makes the memory fl(a − m). False, with no memory changed, if
    /// a is not finite.
    func takeSigns(by compressor: Compressor, into message: inout [UInt8]) -> Bool {
        let (dimension, length, blocks) = (compressor.dimension, compressor.blockLength, compressor.floats)
        var scales = [Float](repeating: 0, count: blocks)
        for b in 0..<blocks {
            let count = min(length, dimension - b * length)
            let sum = magnitudes(from: b * length, count)
            guard sum.isFinite else { return false }
            scales[b] = Float(sum / Double(count))
            for k in 0..<4 { message[4 * b + k] = UInt8(truncatingIfNeeded: scales[b].bitPattern >> (8 * UInt32(k))) }
        }
        var signs = [UInt8](repeating: 0, count: Self.tile)
        for start in stride(from: 0, to: dimension, by: Self.tile) {
            let end = min(start + Self.tile, dimension)
            signs.withUnsafeMutableBufferPointer { signs in
                var j = start
                while j < end {
                    let b = j / length
                    let next = min(end, (b + 1) * length)
                    subtract(scales[b], from: j, next - j, signs: signs.baseAddress! + (j - start))
                    j = next
                }
                for j in end - start..<(end - start + 7) / 8 * 8 { signs[j] = 0 }
            }
            OneBitGradientCode.packBits(
                signs.span, count: end - start, into: &message, at: 4 * blocks + start / 8)
        }
        return true
    }

    /// The sum of the |a_j| of a block; infinite or not a number where an a_j is.
    private func magnitudes(from start: Int, _ count: Int) -> Double {
        typealias Lanes = SIMD8<Double>
        let (g, e) = (UnsafeRawPointer(gradient + start), UnsafeRawPointer(memory + start))
        let inLanes = count - count % 16
        var (low, high) = (Lanes(), Lanes())
        for j in stride(from: 0, to: inLanes, by: 16) {
            let a =
                step * g.loadUnaligned(fromByteOffset: 4 * j, as: SIMD16<Float>.self)
                + e.loadUnaligned(fromByteOffset: 4 * j, as: SIMD16<Float>.self)
            let bits = unsafeBitCast(a, to: SIMD16<UInt32>.self) & SIMD16(repeating: 0x7fff_ffff)
            let magnitude = unsafeBitCast(bits, to: SIMD16<Float>.self)
            low += Lanes(magnitude.lowHalf)
            high += Lanes(magnitude.highHalf)
        }
        for j in inLanes..<count {
            let magnitude = Double(self[start + j].magnitude)
            if j % 16 < 8 { low[j % 16] += magnitude } else { high[j % 16 - 8] += magnitude }
        }
        let eight = low + high
        let four = eight.lowHalf + eight.highHalf
        let two = four.lowHalf + four.highHalf
        return two[0] + two[1]
    }

    /// Makes the memory a − m with m = ±scale, and sets a byte a coordinate to 1 for + and to 0 for −.
    private func subtract(_ scale: Float, from start: Int, _ count: Int, signs: UnsafeMutablePointer<UInt8>) {
        let (g, e) = (gradient + start, memory + start)
        // Where the scale is 0 the sign sent is +, and a is left as it is.
        let isSent: UInt32 = scale == 0 ? 0 : 1
        for j in 0..<count {
            let a = step * g[j] + e[j]
            let isNegative: UInt32 = a < 0 ? 1 : 0
            e[j] = a - Float(bitPattern: scale.bitPattern | isNegative &<< 31)
            signs[j] = UInt8(truncatingIfNeeded: 1 ^ isNegative & isSent)
        }
    }
}
