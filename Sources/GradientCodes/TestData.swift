extension Philox {
    /// Test data of the stream ``RandomStream/testData``: `count` binary32 values of [−1, 1), multiples of 2⁻²³.
    ///
    /// Word number j becomes `Int32(word) >> 8`, times 2⁻²³. Both steps are exact, so every implementation has the same
    /// numbers. `count` must be in 0...2³⁴.
    ///
    /// See docs/numerics.md#randomness.
    public static func testFloats(seed: UInt64, t: UInt32, i: UInt32, count: Int) -> [Float] {
        words(seed: seed, stream: .testData, t: t, i: i, first: 0, count: count).map { word in
            Float(Int32(bitPattern: word) >> 8) * 0x1p-23
        }
    }
}
