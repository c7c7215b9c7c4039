import CKernels
public import GradientCodes

/// Simulates standard decoding: how many of the trials of a range end with success.
///
/// 512 trials are simulated at once, one a bit of a vector, and counted by adders made of bit operations. Random words
/// are those of ``Philox`` in a stream of its own, and depend on the seed and on the number of the group of 512 trials
/// only, so counts of disjoint ranges add up to the count of their union, on every platform and in any order.
///
/// Draw order: group b uses the blocks with counter (0, b >> 32, b, stream), (1, …), …. Eight blocks make two vectors;
/// bits 64 l … 64 l + 63 of the first are words 0 and 1 of block l, low bits first, of the second words 2 and 3. Clients
/// take their turn, the uplink first, then the links in ascending order of senders; each compares a 32-bit number, whose
/// bits are taken from one vector after another, the highest first, with ⌈2³²p⌉, until all 512 bits are decided. Trials in
/// which the client is known to fail are decided from the start.
///
/// So the law that is simulated has the outage probabilities ⌈2³²p⌉/2³²: ``CooperativeLinkModel/realised`` has them.
///
/// Order of operations: integers only. Traffic: none but the counts.
///
/// See docs/CooperativeGradientCode.md#theorem-2.
public struct CooperativeSimulation: Sendable {
    private typealias Lanes = SIMD8<UInt64>

    /// Trials in one group.
    public static let groupSize = 512
    /// The stream of the simulation, "simu".
    public static let stream = RandomStream(rawValue: 0x7369_6d75)

    private let clients: Int
    private let threshold: Int
    private let seed: UInt64
    /// For every client its uplink and its links, as ⌈2³²p⌉; −1 before the next client.
    private let program: [Int64]
    /// Whether the vectors of the processor are used where there are any.
    private let isAccelerated: Bool

    /// A simulation of one attempt of a scheme.
    ///
    /// - Parameter accelerated: false to compute without the C body, with the same result.
    /// - Precondition: the model has as many clients as the scheme.
    public init(
        _ scheme: CooperativeGradientCode, _ model: CooperativeLinkModel, seed: UInt64, accelerated: Bool = true
    ) {
        precondition(model.clients == scheme.clients, "a law of as many clients")
        clients = scheme.clients
        threshold = scheme.threshold
        self.seed = seed
        isAccelerated = accelerated
        program = (0..<scheme.clients).flatMap { m in
            [model.uplinkOutage[m].drawThreshold]
                + scheme.neighbours(of: m).map { model.linkOutage[m][$0].drawThreshold } + [-1]
        }
    }

    /// The number of successes among the trials of some groups, trial i being one of group i / 512.
    ///
    /// - Precondition: `groups` is not negative.
    public func successes(groups: Range<Int>) -> Int {
        precondition(groups.lowerBound >= 0, "groups are numbered from 0")
        if isAccelerated {
            let count = ckernels_outage_successes(
                program, Int32(program.count), Int32(threshold), seed, Self.stream.rawValue,
                UInt64(groups.lowerBound), UInt64(groups.upperBound))
            if count >= 0 { return Int(count) }
        }
        return groups.reduce(0) { $0 + successes(group: UInt64($1)) }
    }

    private func successes(group: UInt64) -> Int {
        var words = Words(seed: seed, group: group)
        let planes = Int.bitWidth - clients.leadingZeroBitCount
        var counts = [Lanes](repeating: Lanes(), count: planes)
        var alive = Lanes(repeating: .max)
        for threshold in program {
            guard threshold < 0 else {
                alive = Self.surviving(threshold, alive, &words)
                continue
            }
            var carry = alive
            for plane in counts.indices {
                let sum = counts[plane]
                counts[plane] = sum ^ carry
                carry = sum & carry
            }
            alive = Lanes(repeating: .max)
        }
        // The count is at least the threshold: compared from the lowest bit up.
        var reaches = Lanes(repeating: .max)
        for plane in counts.indices {
            reaches = threshold >> plane & 1 == 1 ? counts[plane] & reaches : counts[plane] | reaches
        }
        return (0..<8).reduce(0) { $0 + reaches[$1].nonzeroBitCount }
    }

    /// The trials among `alive` in which a 32-bit draw is not below the threshold.
    @inline(__always)
    private static func surviving(_ threshold: Int64, _ alive: Lanes, _ words: inout Words) -> Lanes {
        guard threshold < 1 << 32 else { return Lanes() }
        var bits = UInt32(truncatingIfNeeded: threshold)
        var (open, up) = (alive, Lanes())
        while bits != 0, Self.isAny(open) {
            let random = words.next()
            if bits >> 31 == 1 {
                open &= random
            } else {
                up |= open & random
                open &= ~random
            }
            bits &<<= 1
        }
        // What equals the threshold so far is not below it.
        return up | open
    }

    @inline(__always)
    private static func isAny(_ lanes: Lanes) -> Bool {
        let quarter = lanes.lowHalf | lanes.highHalf
        let pair = quarter.lowHalf | quarter.highHalf
        return pair.x | pair.y != 0
    }

    /// The vectors of one group, in order.
    private struct Words {
        private let counter: SIMD4<UInt32>
        private let seed: UInt64
        private var block: UInt64 = 0
        private var second: Lanes?

        init(seed: UInt64, group: UInt64) {
            self.seed = seed
            let high = UInt32(truncatingIfNeeded: group >> 32)
            counter = SIMD4(
                0, high, UInt32(truncatingIfNeeded: group), CooperativeSimulation.stream.rawValue)
        }

        @inline(__always) mutating func next() -> Lanes {
            if let ready = second {
                second = nil
                return ready
            }
            let (first, later) = Philox.blocks(at: block, counter: counter, seed: seed)
            block += 8
            second = later
            return first
        }
    }
}

extension Probability {
    /// ⌈2³²p⌉: the number of 32-bit words at which the event occurs (`docs/numerics.md#randomness`).
    public var drawThreshold: Int64 {
        let (scaled, denominator) = (UInt128(value.numerator) << 32, UInt128(value.denominator))
        return Int64((scaled + denominator - 1) / denominator)
    }

    /// The probability with which words realise this one, ⌈2³²p⌉/2³².
    public var realised: Probability {
        guard let probability = try? Probability(UInt64(drawThreshold), 1 << 32) else {
            preconditionFailure("a threshold is at most 2^32")
        }
        return probability
    }
}

extension CooperativeLinkModel {
    /// The law that draws of 32-bit words realise.
    public var realised: CooperativeLinkModel {
        let links = linkOutage.map { $0.map(\.realised) }
        guard let model = try? CooperativeLinkModel(uplinkOutage: uplinkOutage.map(\.realised), linkOutage: links)
        else {
            preconditionFailure("a law of the same size")
        }
        return model
    }
}
