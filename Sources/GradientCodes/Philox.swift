/// The random words of the whole package: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC 2011).
///
/// A word is a function of where it is used, so there is no state to carry, any word can be had alone, and every
/// implementation can draw the same ones.
///
/// See docs/numerics.md#randomness.
public enum Philox {
    /// The four words that ten rounds make of a counter and a key.
    ///
    /// Written in scalars: the vector types are two orders of magnitude slower in a debug build, and a single block has
    /// no lanes to fill. The key is raised before every round but the first.
    public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var (c0, c1, c2, c3) = (counter[0], counter[1], counter[2], counter[3])
        var (k0, k1) = (key[0], key[1])
        for round in 0..<10 {
            if round > 0 {
                k0 &+= 0x9E37_79B9
                k1 &+= 0xBB67_AE85
            }
            let (high0, low0) = halves(0xD251_1F53 * UInt64(c0))
            let (high1, low1) = halves(0xCD9E_8D57 * UInt64(c2))
            (c0, c1, c2, c3) = (high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0)
        }
        return SIMD4(c0, c1, c2, c3)
    }

    /// The word of iteration `t`, index `i`, position `j`: lane `j mod 4` of the block with counter (j div 4, i, t,
    /// stream) and key (low half of the seed, high half). What i and j mean is fixed by the stream. `j` must be below
    /// 2³⁴.
    public static func draw(seed: UInt64, stream: RandomStream, t: UInt32, i: UInt32, j: UInt64) -> UInt32 {
        block(at: j / 4, seed: seed, stream: stream, t: t, i: i)[Int(j % 4)]
    }

    /// The words at positions `first`, `first + 1`, …, each equal to what `draw` gives, with one block for four of
    /// them.
    ///
    /// `count` must not be negative and `first + count` not exceed 2³⁴.
    public static func words(
        seed: UInt64, stream: RandomStream, t: UInt32, i: UInt32, first: UInt64, count: Int
    ) -> [UInt32] {
        precondition(count >= 0, "\(count) words")
        var words: [UInt32] = []
        words.reserveCapacity(count)
        var j = first
        while words.count < count {
            let block = block(at: j / 4, seed: seed, stream: stream, t: t, i: i)
            for lane in Int(j % 4)..<4 where words.count < count {
                words.append(block[lane])
                j += 1
            }
        }
        return words
    }

    private static func block(
        at index: UInt64, seed: UInt64, stream: RandomStream, t: UInt32, i: UInt32
    ) -> SIMD4<UInt32> {
        guard let index = UInt32(exactly: index) else { preconditionFailure("random word at position 2^34 or later") }
        let (high, low) = halves(seed)
        return block(counter: SIMD4(index, i, t, stream.rawValue), key: SIMD2(low, high))
    }

    private static func halves(_ value: UInt64) -> (high: UInt32, low: UInt32) {
        (UInt32(truncatingIfNeeded: value >> 32), UInt32(truncatingIfNeeded: value))
    }
}
