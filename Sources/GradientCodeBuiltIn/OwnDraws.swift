import GradientCodes
import Synchronization

/// The built-in subject's own generator, for questions without a tape: Philox on a stream of its own, word after word.
///
/// Its seed is fixed, so that runs repeat; nothing else draws from its stream.
final class OwnDraws: Sendable {
    private static let stream = RandomStream(rawValue: 0x4f77_6e44)
    private let next = Mutex<(t: UInt32, i: UInt32)>((0, 0))

    /// The next words, one block of them.
    func words(_ count: Int) -> [UInt32] {
        let place = next.withLock { place in
            defer {
                place.i &+= 1
                if place.i == 0 { place.t &+= 1 }
            }
            return place
        }
        return Philox.words(seed: 0x5eed, stream: Self.stream, t: place.t, i: place.i, first: 0, count: count)
    }
}
