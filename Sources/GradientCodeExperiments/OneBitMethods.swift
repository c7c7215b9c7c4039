import GradientCodeKernels
package import GradientCodes

/// The methods of docs/OneBitGradientCode.md#baselines that are compared.
extension Method {
    /// 1-bit gradient coding in mode G, docs/OneBitGradientCode.md#mode-g. Without weights and with one subset a worker
    /// it is the uncoded stochastic sign.
    package static func signs(
        _ name: String, _ summary: String, allocation: Allocation, isWeighted: Bool, dimension: Int
    ) -> Method {
        Method(
            name: name, summary: summary, allocation: allocation, isWeighted: isWeighted,
            messageBits: (dimension + 7) / 8 * 8, needsRange: true
        ) { round in
            var messages: [[UInt8]] = []
            for (worker, coded) in zip(round.workers, round.coded) {
                messages.append(
                    try OneBitGradientCode.quantize(
                        coded, ranges: [round.range], seed: round.seed, t: round.t, worker: UInt32(worker)))
            }
            return try OneBitGradientCode.aggregate(messages, ranges: [round.range], dimension: dimension)
        }
    }

    /// 1-bit gradient coding in mode S, docs/OneBitGradientCode.md#mode-s.
    package static func signsWithRange(
        _ name: String, _ summary: String, allocation: Allocation, dimension: Int
    ) -> Method {
        Method(
            name: name, summary: summary, allocation: allocation, isWeighted: true,
            messageBits: 32 + (dimension + 7) / 8 * 8, needsRange: false
        ) { round in
            let messages = zip(round.workers, round.coded).map { worker, coded in
                OneBitGradientCode.quantizePerMessage(coded, seed: round.seed, t: round.t, worker: UInt32(worker))
            }
            return try OneBitGradientCode.aggregate(messages, ranges: nil, dimension: dimension)
        }
    }

    /// Stochastic gradient coding: the coded gradient as it is, in binary32.
    package static func uncompressed(_ name: String, _ summary: String, allocation: Allocation, dimension: Int)
        -> Method
    {
        Method(
            name: name, summary: summary, allocation: allocation, isWeighted: true, messageBits: 32 * dimension,
            needsRange: false
        ) { round in
            try GradientCode.combine([Float](repeating: 1, count: round.coded.count), round.coded)
        }
    }

    /// K coordinates of the coded gradient, times D/K: those with the smallest (u, j), u = draw(seed, rand-K, t, worker,
    /// j). A message holds K values of 32 bits and K indices of ⌈log₂ D⌉ bits.
    package static func randK(_ name: String, _ summary: String, allocation: Allocation, dimension: Int, k: Int)
        -> Method
    {
        let indexBits = Int.bitWidth - (dimension - 1).leadingZeroBitCount
        return Method(
            name: name, summary: summary, allocation: allocation, isWeighted: true, messageBits: k * (32 + indexBits),
            needsRange: false
        ) { round in
            let scale = Float(dimension) / Float(k)
            var sum = [Float](repeating: 0, count: dimension)
            for (worker, coded) in zip(round.workers, round.coded) {
                let words = Philox.words(
                    seed: round.seed, stream: .randK, t: round.t, i: UInt32(worker), first: 0, count: dimension)
                let keys = words.enumerated().map { j, word in UInt64(word) << 32 | UInt64(j) }.sorted()
                for key in keys.prefix(k) {
                    let j = Int(key & 0xFFFF_FFFF)
                    sum[j] += scale * coded[j]
                }
            }
            return sum
        }
    }
}
