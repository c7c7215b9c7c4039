package import GradientCodes

// Eight blocks of the generator at once, a lane of 64 bits for each. A round multiplies the low halves of the lanes;
// what the high halves hold is never looked at, so nothing is masked between rounds. The constants are those of
// `Philox.block`, repeated as literals: read from another module they cost a sixth of the speed.
//
// Order: integers only, so there is none, and no error. Traffic: one write a word.
extension Philox {
    typealias Lanes = SIMD8<UInt64>

    /// Replaces the first `count` words by those at positions `first`, `first + 1`, …, as
    /// ``words(seed:stream:t:i:first:count:)`` gives them: 32 at a time in lanes, the rest one block at a time.
    ///
    /// - Precondition: `first` is a multiple of 4, and `first + count` does not exceed 2³⁴.
    package static func fill(
        _ words: inout [UInt32], count: Int, seed: UInt64, stream: RandomStream, t: UInt32, i: UInt32, first: UInt64
    ) {
        precondition(first % 4 == 0 && first + UInt64(count) <= 1 << 34, "\(count) words from position \(first)")
        precondition(count <= words.count, "\(count) words for \(words.count) places")
        let group = 4 * Lanes.scalarCount
        let inLanes = count - count % group
        words.withUnsafeMutableBytes { buffer in
            for start in stride(from: 0, to: inLanes, by: group) {
                let (front, back) = blocks(
                    at: (first + UInt64(start)) / 4, counter: SIMD4(0, i, t, stream.rawValue), seed: seed)
                let (early, late) = (
                    alternating(front.lowHalf, back.lowHalf), alternating(front.highHalf, back.highHalf)
                )
                buffer.storeBytes(of: early, toByteOffset: 4 * start, as: Lanes.self)
                buffer.storeBytes(of: late, toByteOffset: 4 * start + MemoryLayout<Lanes>.size, as: Lanes.self)
            }
        }
        guard inLanes < count else { return }
        let rest = Philox.words(
            seed: seed, stream: stream, t: t, i: i, first: first + UInt64(inLanes), count: count - inLanes)
        for (offset, word) in rest.enumerated() { words[inLanes + offset] = word }
    }

    /// Eight consecutive blocks, one a lane: words 0 and 1 of each, then words 2 and 3, the earlier one in the low half.
    ///
    /// The ten rounds are written out. In a loop, the compiler carries the final exchange of lanes through every round,
    /// which halves the speed.
    @inline(__always)
    static func blocks(at index: UInt64, counter: SIMD4<UInt32>, seed: UInt64) -> (Lanes, Lanes) {
        var c0 = Lanes(0, 1, 2, 3, 4, 5, 6, 7) &+ Lanes(repeating: index)
        var c1 = Lanes(repeating: UInt64(counter[1]))
        var c2 = Lanes(repeating: UInt64(counter[2]))
        var c3 = Lanes(repeating: UInt64(counter[3]))
        var (k0, k1) = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        let low = Lanes(repeating: 0xffff_ffff)
        let half = Lanes(repeating: 32)
        @inline(__always) func round() {
            let product0 = (c0 & low) &* Lanes(repeating: 0xD251_1F53)
            let product1 = (c2 & low) &* Lanes(repeating: 0xCD9E_8D57)
            c0 = product1 &>> half ^ c1 ^ Lanes(repeating: UInt64(k0))
            c1 = product1
            c2 = product0 &>> half ^ c3 ^ Lanes(repeating: UInt64(k1))
            c3 = product0
            k0 &+= 0x9E37_79B9
            k1 &+= 0xBB67_AE85
        }
        round()
        round()
        round()
        round()
        round()
        round()
        round()
        round()
        round()
        round()
        return (c0 & low | c1 &<< half, c2 & low | c3 &<< half)
    }

    /// Lane 0 of the one, lane 0 of the other, lane 1 of the one, and so on.
    @inline(__always)
    private static func alternating(_ one: SIMD4<UInt64>, _ other: SIMD4<UInt64>) -> Lanes {
        var lanes = Lanes()
        lanes.evenHalf = one
        lanes.oddHalf = other
        return lanes
    }
}
