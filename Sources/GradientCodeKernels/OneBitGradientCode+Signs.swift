import GradientCodes

extension OneBitGradientCode {
    /// Checked messages and their ranges, ready to be added: order, error and traffic as in
    /// OneBitGradientCode+Aggregation.swift.
    struct Signs {
        /// Coordinates of a tile, a multiple of 32: 8 KiB of sums, 256 bytes of a message.
        private static let tile = 2048
        private static let tileBytes = tile / 8

        private let messages: [[UInt8]]
        /// Where the payload of a message begins.
        private let payload: Int
        /// One a coordinate, the same for all messages; or eight equal ones a message.
        private let ranges: [Float]
        private let isRangePerCoordinate: Bool

        /// Messages without fault; ranges nil in mode S.
        init(_ messages: [[UInt8]], ranges: [Float]?, dimension: Int) {
            self.messages = messages
            payload = ranges == nil ? headerBytes : 0
            if let ranges, ranges.count > 1 {
                self.ranges = ranges
                isRangePerCoordinate = true
            } else {
                self.ranges = messages.flatMap { [Float](repeating: ranges?[0] ?? range(of: $0), count: 8) }
                isRangePerCoordinate = false
            }
        }

        /// Adds the messages to sums, or to +0 in their place.
        ///
        /// A message of range 0 counts as −0 here. That changes no sum but −0, and a sum that began with +0 never is.
        func add(to sums: UnsafeMutableBufferPointer<Float>, startingFromZero: Bool) {
            guard !sums.isEmpty else { return }
            var bytes = [UInt8](repeating: 0, count: messages.count * Self.tileBytes)
            for start in stride(from: 0, to: sums.count, by: Self.tile) {
                let part = UnsafeMutableBufferPointer(rebasing: sums[start..<min(start + Self.tile, sums.count)])
                if startingFromZero { part.initialize(repeating: 0) }
                guard !messages.isEmpty else { continue }
                gather(start / 8, payloadBytes(part.count), into: &bytes)
                let inGroups = part.count / 32 * 32
                bytes.withUnsafeBytes { bytes in
                    ranges.withUnsafeBufferPointer { ranges in
                        let first = UnsafeRawPointer(ranges.baseAddress! + (isRangePerCoordinate ? start : 0))
                        let sums = UnsafeMutableRawPointer(part.baseAddress!)
                        addGroups(inGroups / 32, bytes.baseAddress!, ranges: first, to: sums)
                    }
                }
                for j in inGroups..<part.count {
                    for i in messages.indices {
                        let range = ranges[isRangePerCoordinate ? start + j : 8 * i]
                        let isPositive = bytes[i * Self.tileBytes + j / 8] >> UInt8(j % 8) & 1 == 1
                        part[j] += isPositive ? range : -range
                    }
                }
            }
        }

        /// Copies a part of every payload to one place, message by message.
        private func gather(_ start: Int, _ count: Int, into bytes: inout [UInt8]) {
            bytes.withUnsafeMutableBytes { target in
                for (i, message) in messages.enumerated() {
                    message.withUnsafeBytes { source in
                        let part = UnsafeRawBufferPointer(rebasing: source[payload + start..<payload + start + count])
                        UnsafeMutableRawBufferPointer(rebasing: target[(i * Self.tileBytes)...]).copyMemory(from: part)
                    }
                }
            }
        }

        /// Adds all messages to groups of 32 coordinates, whose sums stay in registers.
        private func addGroups(
            _ groups: Int, _ bytes: UnsafeRawPointer, ranges: UnsafeRawPointer, to sums: UnsafeMutableRawPointer
        ) {
            let octet = MemoryLayout<SIMD8<Float>>.size
            let (nextOctet, nextMessage) = isRangePerCoordinate ? (octet, 0) : (0, octet)
            let count = messages.count
            SignMasks.octets.withUnsafeBufferPointer { masks in
                let masks = masks.baseAddress!
                @inline(__always) func values(_ byte: UInt8, _ range: UnsafeRawPointer) -> SIMD8<Float> {
                    unsafeBitCast(range.loadUnaligned(as: SIMD8<UInt32>.self) ^ masks[Int(byte)], to: SIMD8.self)
                }
                for group in 0..<groups {
                    let target = sums + 4 * octet * group
                    var sum0 = target.loadUnaligned(as: SIMD8<Float>.self)
                    var sum1 = target.loadUnaligned(fromByteOffset: octet, as: SIMD8<Float>.self)
                    var sum2 = target.loadUnaligned(fromByteOffset: 2 * octet, as: SIMD8<Float>.self)
                    var sum3 = target.loadUnaligned(fromByteOffset: 3 * octet, as: SIMD8<Float>.self)
                    var source = bytes + 4 * group
                    var range = ranges + 4 * nextOctet * group
                    for _ in 0..<count {
                        let four = UInt32(littleEndian: source.loadUnaligned(as: UInt32.self))
                        sum0 += values(UInt8(truncatingIfNeeded: four), range)
                        sum1 += values(UInt8(truncatingIfNeeded: four &>> 8), range + nextOctet)
                        sum2 += values(UInt8(truncatingIfNeeded: four &>> 16), range + 2 * nextOctet)
                        sum3 += values(UInt8(truncatingIfNeeded: four &>> 24), range + 3 * nextOctet)
                        source += Self.tileBytes
                        range += nextMessage
                    }
                    target.storeBytes(of: sum0, as: SIMD8<Float>.self)
                    target.storeBytes(of: sum1, toByteOffset: octet, as: SIMD8<Float>.self)
                    target.storeBytes(of: sum2, toByteOffset: 2 * octet, as: SIMD8<Float>.self)
                    target.storeBytes(of: sum3, toByteOffset: 3 * octet, as: SIMD8<Float>.self)
                }
            }
        }
    }

    /// What turns eight ranges into eight decoded values, for each byte of a payload: the sign bit where a bit is 0.
    private enum SignMasks {
        static let octets = (0..<256).map { byte in
            var mask = SIMD8<UInt32>()
            for bit in 0..<8 where byte >> bit & 1 == 0 { mask[bit] = 0x8000_0000 }
            return mask
        }
    }
}
