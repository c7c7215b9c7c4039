import Foundation
import GradientCodeKernels
import GradientCodes

// Error feedback with biased compressors: figures by ratio within one run, as in main.swift, whose `median` they use.

/// The traffic of a worker step without its work: gradient and memory are read, then both are read and the memory is
/// written.
private func twoPasses(_ gradient: [Float], _ memory: inout [Float]) -> UInt32 {
    let source = gradient.span
    var target = memory.mutableSpan
    var seen: UInt32 = 0
    for j in source.indices { seen |= source[j].bitPattern ^ target[j].bitPattern }
    for j in source.indices { target[j] = target[j] + source[j] }
    return seen
}

private func line(_ name: String, _ dimension: Int, _ rate: Double, _ unit: String, _ ratio: Double, _ peer: String) {
    let figures = String(format: "%.2f %@, ratio %.2f", rate / 1e9, unit, ratio)
    print("  \(name), d = \(dimension): \(figures) \(peer)")
}

/// Worker steps of 20 bytes a coordinate against their own traffic, and the sum of messages.
func compress() throws {
    print("compressed gradient coding, one thread")
    for dimension in [1 << 14, 1 << 20, 1 << 24] {
        let gradient = Philox.testFloats(seed: 1, t: 0, i: 0, count: dimension)
        let rounds = max(1, (1 << 24) / dimension)
        let elements = Double(dimension * rounds)
        var memory = [Float](repeating: 0, count: dimension)
        var sink: UInt32 = 0
        let traffic = median { for _ in 0..<rounds { sink ^= twoPasses(gradient, &memory) } }
        let kinds: [(String, Compressor.Kind)] = [
            ("scaled sign", .scaledSign), ("block sign, m = 256", .blockSign(length: 256)),
            ("top-K, 1 %", .topK(dimension / 100)), ("top-K, 10 %", .topK(dimension / 10)), ("identity", .identity),
        ]
        for (name, kind) in kinds {
            let compressor = try Compressor(kind, dimension: dimension)
            memory = [Float](repeating: 0, count: dimension)
            var message: [UInt8] = []
            let seconds = try median {
                for _ in 0..<rounds {
                    message = try CompressedGradientCode.workerStep(
                        gradient, memory: &memory, step: 0.25, by: compressor)
                }
            }
            line(
                "error feedback + \(name)", dimension, elements * 20 / seconds, "GB/s", traffic / seconds,
                "to its traffic")
            var sums = [Float](repeating: 0, count: dimension)
            let adding = try median {
                for _ in 0..<rounds { try CompressedGradientCode.accumulate(message, by: compressor, into: &sums) }
            }
            let streaming = median {
                for _ in 0..<rounds {
                    let source = gradient.span
                    var target = sums.mutableSpan
                    for j in source.indices { target[j] = target[j] + source[j] }
                }
            }
            line(
                "decode and add, \(name)", dimension, elements / adding, "Gel/s", streaming / adding, "to adding floats"
            )
        }
        if sink == 1 { print("") }
    }
}
