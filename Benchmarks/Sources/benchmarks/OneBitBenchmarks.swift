import Foundation
import GradientCodeKernels
import GradientCodes

// 1-bit messages: figures by ratio within one run, as in main.swift, whose `median` they use.

/// Adds a float stream to sums: the memory traffic of unpacking into sums is one stream less and a bit a coordinate.
private func addStream(_ stream: [Float], to sums: inout [Float]) {
    let source = stream.span
    var target = sums.mutableSpan
    for j in source.indices { target[j] = target[j] + source[j] }
}

private func line(_ name: String, _ dimension: Int, _ rate: Double, _ unit: String, _ ratio: Double, _ peer: String) {
    let figures = String(format: "%.2f %@, ratio %.2f", rate / 1e9, unit, ratio)
    print("  \(name), d = \(dimension): \(figures) \(peer)")
}

/// Quantise and pack: with words from a seed against `Philox.words` alone, and with a tape.
func quantize() throws {
    print("1-bit messages, one thread")
    for dimension in [1 << 14, 1 << 20, 1 << 24] {
        let x = Philox.testFloats(seed: 1, t: 0, i: 0, count: dimension)
        let tape = Philox.words(seed: 2, stream: .quantizer, t: 0, i: 0, first: 0, count: dimension)
        let rounds = max(1, (1 << 22) / dimension)
        let elements = Double(dimension * rounds)
        var sink = 0
        let drawing = median {
            for round in 0..<rounds {
                for start in stride(from: 0, to: dimension, by: 512) {
                    sink &+= Int(
                        Philox.words(
                            seed: UInt64(round), stream: .quantizer, t: 0, i: 0, first: UInt64(start), count: 512)[7])
                }
            }
        }
        let seeded = try median {
            for t in 0..<rounds {
                sink &+= try OneBitGradientCode.quantize(x, ranges: [1], seed: 1, t: UInt32(t), worker: 0).count
            }
        }
        let fromTape = try median {
            for _ in 0..<rounds { sink &+= try OneBitGradientCode.quantize(x, ranges: [1], tape: tape).count }
        }
        let perMessage = median {
            for _ in 0..<rounds { sink &+= OneBitGradientCode.quantizePerMessage(x, tape: tape).count }
        }
        let ranges = [Float](repeating: 1, count: dimension)
        let perCoordinate = try median {
            for _ in 0..<rounds { sink &+= try OneBitGradientCode.quantize(x, ranges: ranges, tape: tape).count }
        }
        line("words alone, a block at a time", dimension, elements / drawing, "Gwords/s", 1, "")
        line("quantise, seed", dimension, elements / seeded, "Gel/s", drawing / seeded, "to the words alone")
        line("quantise, tape", dimension, elements / fromTape, "Gel/s", seeded / fromTape, "to the seeded form")
        line("mode S, tape", dimension, elements / perMessage, "Gel/s", fromTape / perMessage, "to one range")
        line(
            "range a coordinate", dimension, elements / perCoordinate, "Gel/s", fromTape / perCoordinate,
            "to one range")
        if sink == 1 { print("") }
    }
}

/// Unpack and add, and the sum of seven messages at once against seven times one, both into a new array.
func aggregate() throws {
    for dimension in [1 << 14, 1 << 20, 1 << 24] {
        let x = Philox.testFloats(seed: 1, t: 0, i: 0, count: dimension)
        let messages = try (0..<7).map { i throws(Refusal) in
            try OneBitGradientCode.quantize(x, ranges: [1], seed: 1, t: 0, worker: UInt32(i))
        }
        let rounds = max(1, (1 << 24) / dimension)
        let elements = Double(dimension * rounds)
        var sums = [Float](repeating: 0, count: dimension)
        let adding = median { for _ in 0..<rounds { addStream(x, to: &sums) } }
        let unpacking = try median {
            for _ in 0..<rounds { try OneBitGradientCode.accumulate(messages[0], ranges: [1], into: &sums) }
        }
        let one = try median {
            for _ in 0..<rounds {
                sums = [Float](repeating: 0, count: dimension)
                for message in messages { try OneBitGradientCode.accumulate(message, ranges: [1], into: &sums) }
            }
        }
        var sink = sums[0]
        let fused = try median {
            for _ in 0..<rounds {
                sink += try OneBitGradientCode.aggregate(messages, ranges: [1], dimension: dimension)[0]
            }
        }
        // A read and a write of a float, and a bit.
        line(
            "unpack and add", dimension, elements * 8.125 / unpacking, "GB/s", adding / unpacking,
            "to adding a float stream")
        line("sum of 7 messages", dimension, elements / fused, "Gel/s", one / fused, "to 7 accumulates")
        if sink == 0.5 { print("") }
    }
}
