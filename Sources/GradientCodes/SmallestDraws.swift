/// The indices of the `count` smallest words, ascending by (word, index): equal words are taken in the order of their
/// index.
///
/// How a set of fixed size is drawn from independent words; each index is packed below its word, so that one sort of
/// integers decides both.
func indicesOfSmallest(_ count: Int, among words: [UInt32]) -> [Int] {
    let keys = words.enumerated().map { index, word in UInt64(word) << 32 | UInt64(index) }
    return keys.sorted().prefix(count).map { Int($0 & 0xFFFF_FFFF) }
}
