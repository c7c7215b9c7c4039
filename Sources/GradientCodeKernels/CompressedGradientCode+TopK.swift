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
    private static let group = 16
    /// The most coordinates looked at for the threshold; of short vectors one in 16.
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
        let (g, e) = (gradient, memory)
        for j in 0..<dimension { e[j] = step * g[j] + e[j] }
        for j in kept { e[j] = 0 }
        return true
    }

    /// A magnitude that about K coordinates or a few more reach, judged from evenly spaced ones; 0 for short vectors and
    /// a large share.
    private func threshold(_ k: Int, of dimension: Int) -> UInt32 {
        let count = min(Self.sample, dimension / 16)
        let share = Double(k) / Double(dimension) * Double(count)
        // Four standard deviations of a binomial count above the expected one.
        let rank = Int(share + 4 * share.squareRoot() + 4)
        guard rank < count else { return 0 }
        let spacing = dimension / count
        let sampled = (0..<count).map { n in
            Candidate(self[n * spacing].bitPattern & Self.magnitude) << 32 | Candidate(n)
        }
        return Self.cut(rank, of: sampled).magnitude
    }

    /// The coordinates of at least that magnitude, ascending by index; nil if an a_j is not finite.
    private func candidates(of dimension: Int, from threshold: UInt32) -> [Candidate]? {
        typealias Bits = SIMD16<UInt32>
        let (g, e) = (UnsafeRawPointer(gradient), UnsafeRawPointer(memory))
        let (mask, least) = (Bits(repeating: Self.magnitude), Bits(repeating: threshold))
        // 7f80 0000 and more are no numbers.
        let infinity = Bits(repeating: 0x80_0000)
        var found = [Candidate](repeating: 0, count: min(dimension, 4096) + Self.group)
        var (count, notFinite) = (0, Bits())
        let inGroups = dimension - dimension % Self.group
        for start in stride(from: 0, to: inGroups, by: Self.group) {
            let a =
                step * g.loadUnaligned(fromByteOffset: 4 * start, as: SIMD16<Float>.self)
                + e.loadUnaligned(fromByteOffset: 4 * start, as: SIMD16<Float>.self)
            let bits = unsafeBitCast(a, to: Bits.self) & mask
            notFinite |= bits &+ infinity
            // Both are below 2³¹, so the highest bit of a difference says that the threshold is not reached.
            let eight = (bits &- least).lowHalf & (bits &- least).highHalf
            let four = eight.lowHalf & eight.highHalf
            guard four[0] & four[1] & four[2] & four[3] < 0x8000_0000 else { continue }
            if found.count < count + Self.group { found += [Candidate](repeating: 0, count: found.count) }
            found.withUnsafeMutableBufferPointer { found in
                for lane in 0..<Self.group {
                    found[count] = Candidate(bits[lane]) << 32 | Candidate(start + lane)
                    count += bits[lane] >= threshold ? 1 : 0
                }
            }
        }
        if found.count < count + Self.group { found += [Candidate](repeating: 0, count: Self.group) }
        for j in inGroups..<dimension {
            let bits = self[j].bitPattern & Self.magnitude
            notFinite[0] |= bits &+ 0x80_0000
            found[count] = Candidate(bits) << 32 | Candidate(j)
            count += bits >= threshold ? 1 : 0
        }
        guard (0..<Bits.scalarCount).allSatisfy({ notFinite[$0] < 0x8000_0000 }) else { return nil }
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

    /// The K-th largest magnitude and how many are larger, by counts of its highest 11, then 10, then 10 bits; only those
    /// that share the bits found so far are looked at again.
    private static func cut(_ k: Int, of candidates: [Candidate]) -> (magnitude: UInt32, above: Int) {
        precondition(1...candidates.count ~= k, "K = \(k) of \(candidates.count)")
        var (remaining, prefix, above) = (candidates, UInt32(0), 0)
        for (shift, bits) in [(20, 11), (10, 10), (0, 10)] as [(UInt32, UInt32)] {
            var counts = [Int](repeating: 0, count: 1 << bits)
            let digits: UInt32 = 1 << bits - 1
            counts.withUnsafeMutableBufferPointer { counts in
                for candidate in remaining { counts[Int(UInt32(candidate >> 32) >> shift & digits)] += 1 }
            }
            var digit = digits
            while above + counts[Int(digit)] < k {
                above += counts[Int(digit)]
                digit -= 1
            }
            prefix |= digit << shift
            if shift > 0 { remaining = remaining.filter { UInt32($0 >> 32) >> shift & digits == digit } }
        }
        return (prefix, above)
    }
}
