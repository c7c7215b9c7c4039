import GradientCodes

// Top-K with error feedback, ties to the smaller index.
//
// The first pass collects the coordinates whose magnitude is at least a threshold found on a sample: those above it are
// few, and among them a radix select on the bits of the magnitudes finds the K-th largest exactly. A threshold that was
// too large is replaced by 0. So the sample decides only the time.
// Order: integers and comparisons only. Error: none; what is sent is a_j, what is left of it +0.
// Traffic: 20 bytes a coordinate, and 8 a candidate.
extension CompressedGradientCode.Corrected {
    /// A coordinate that may be kept: its index in the low half, the bits of its magnitude in the high one.
    private typealias Candidate = UInt64

    /// Coordinates tested at a time; most groups of them have no candidate.
    private static let group = 32
    /// Coordinates looked at for the threshold, and the dimension below which there is none.
    private static let sample = 16_384
    /// The bits of a magnitude.
    private static let magnitude: UInt32 = 0x7fff_ffff

    /// Writes values and indices into a zeroed message and makes the memory fl(a − m). False, with no memory changed,
    /// if a is not finite.
    func keepLargest(_ k: Int, by compressor: Compressor, into message: inout [UInt8]) -> Bool {
        let dimension = compressor.dimension
        guard var found = candidates(of: dimension, from: threshold(k, of: dimension)) else { return false }
        if found.count < k { found = candidates(of: dimension, from: 0) ?? [] }
        let kept = Self.largest(k, of: found)
        var packed = PackedIntegers.Writer(at: 4 * k, width: compressor.indexBits)
        for (place, j) in kept.enumerated() {
            let bits = (self[j] + 0).bitPattern
            for byte in 0..<4 { message[4 * place + byte] = UInt8(truncatingIfNeeded: bits >> (8 * UInt32(byte))) }
            packed.append(UInt64(j), to: &message)
        }
        packed.finish(&message)
        for j in 0..<dimension { memory[j] = self[j] }
        for j in kept { memory[j] = 0 }
        return true
    }

    /// A magnitude that about K coordinates or a few more reach, judged from evenly spaced ones; 0 for short vectors.
    private func threshold(_ k: Int, of dimension: Int) -> UInt32 {
        guard dimension > Self.sample else { return 0 }
        let spacing = dimension / Self.sample
        let share = Double(k) / Double(dimension) * Double(Self.sample)
        // Four standard deviations of a binomial count above the expected one.
        let rank = Int(share + 4 * share.squareRoot() + 4)
        guard rank < Self.sample else { return 0 }
        let sampled = (0..<Self.sample).map { n in
            Candidate(self[n * spacing].bitPattern & Self.magnitude) << 32 | Candidate(n)
        }
        return Self.cut(rank, of: sampled).magnitude
    }

    /// The coordinates of at least that magnitude, ascending by index; nil if an a_j is not finite.
    private func candidates(of dimension: Int, from threshold: UInt32) -> [Candidate]? {
        var found = [Candidate](repeating: 0, count: min(dimension, 4096) + Self.group)
        var (count, notFinite) = (0, UInt32(0))
        var start = 0
        while start < dimension {
            let length = min(Self.group, dimension - start)
            if found.count < count + Self.group { found += [Candidate](repeating: 0, count: found.count) }
            var isReached: UInt32 = 0
            if length == Self.group {
                for j in 0..<Self.group {
                    let bits = self[start + j].bitPattern & Self.magnitude
                    // 7f80 0000 and more are no numbers.
                    notFinite |= bits &+ 0x80_0000
                    isReached |= bits >= threshold ? 1 : 0
                }
            } else {
                isReached = 1
                for j in start..<dimension { notFinite |= self[j].bitPattern & Self.magnitude &+ 0x80_0000 }
            }
            if isReached != 0 {
                for j in start..<start + length {
                    let bits = self[j].bitPattern & Self.magnitude
                    found[count] = Candidate(bits) << 32 | Candidate(j)
                    count += bits >= threshold ? 1 : 0
                }
            }
            start += length
        }
        guard notFinite & 0x8000_0000 == 0 else { return nil }
        found.removeLast(found.count - count)
        return found
    }

    /// The indices of the K largest magnitudes, ascending; of equal ones the first.
    private static func largest(_ k: Int, of candidates: [Candidate]) -> [Int] {
        let (magnitude, above) = cut(k, of: candidates)
        var equal = k - above
        var kept: [Int] = []
        kept.reserveCapacity(k)
        for candidate in candidates {
            let bits = UInt32(candidate >> 32)
            guard bits > magnitude || bits == magnitude && equal > 0 else { continue }
            if bits == magnitude { equal -= 1 }
            kept.append(Int(candidate & 0xffff_ffff))
        }
        return kept
    }

    /// The K-th largest magnitude and how many are larger, by three counts of digits of 11, 10 and 10 bits.
    private static func cut(_ k: Int, of candidates: [Candidate]) -> (magnitude: UInt32, above: Int) {
        precondition(1...candidates.count ~= k, "K = \(k) of \(candidates.count)")
        var (prefix, mask, above) = (UInt32(0), UInt32(0), 0)
        for (shift, bits) in [(20, 11), (10, 10), (0, 10)] as [(UInt32, UInt32)] {
            var counts = [Int](repeating: 0, count: 1 << bits)
            let digits: UInt32 = 1 << bits - 1
            for candidate in candidates {
                let value = UInt32(candidate >> 32)
                if value & mask == prefix { counts[Int(value >> shift & digits)] += 1 }
            }
            var digit = Int(digits)
            while above + counts[digit] < k {
                above += counts[digit]
                digit -= 1
            }
            prefix |= UInt32(digit) << shift
            mask |= digits << shift
        }
        return (prefix, above)
    }
}
