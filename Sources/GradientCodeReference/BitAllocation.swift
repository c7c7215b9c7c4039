public import ExactArithmetic
public import GradientCodes

/// How many bits each worker's quantiser gets (`docs/HeterogeneousGradientCode.md#bit-allocation`).
public struct BitAllocation: Hashable, Sendable {
    /// b_i, one a worker; 0 for one that is not used.
    public let bits: [Int]
    /// Σ q_i/(p_i + δ_i) over the workers with bits.
    public let gain: Rational

    /// q/(p + κ/(2ᵇ − 1)²) for b ≥ 1 bits, 0 for none.
    ///
    /// - Precondition: κ > 0 and 0 ≤ b.
    public static func gain(of straggling: Probability, bits b: Int, κ: Rational) -> Rational {
        precondition(κ > 0 && b >= 0, "κ is positive, bits are not negative")
        guard b > 0 else { return 0 }
        let levels = Rational(2).power(b) - 1
        return Rational(straggling.complement) / (Rational(straggling) + κ / (levels * levels))
    }

    /// The bits with the greatest gain, by dynamic programming over the workers.
    ///
    /// - Parameters:
    ///   - κ: δ_i = κ/(2^{b_i} − 1)².
    ///   - budget: the most bits in all.
    ///   - maximum: the most bits of one worker.
    /// - Throws: `invalidParameters` if there is no worker, or unless κ > 0, 0 ≤ budget and 1 ≤ maximum.
    public init(straggling: [Probability], κ: Rational, budget: Int, maximum: Int) throws(Refusal) {
        guard !straggling.isEmpty else { throw Refusal(.invalidParameters, "no worker; expected at least one") }
        guard κ > 0, budget >= 0, maximum >= 1 else {
            throw Refusal(
                .invalidParameters, "κ = \(κ), budget \(budget), maximum \(maximum); expected κ > 0, ≥ 0, ≥ 1")
        }
        // More than the maximum of every worker cannot be used.
        let (all, isBeyond) = straggling.count.multipliedReportingOverflow(by: maximum)
        let budget = isBeyond ? budget : min(budget, all)
        // best[k]: the greatest gain of the workers so far with at most k bits; choices[i][k]: the bits of worker i in it.
        var best = [Rational](repeating: 0, count: budget + 1)
        var choices: [[Int]] = []
        for probability in straggling {
            let gains = (0...min(maximum, budget)).map { Self.gain(of: probability, bits: $0, κ: κ) }
            var (next, bits) = (best, [Int](repeating: 0, count: budget + 1))
            for total in 0...budget {
                for b in gains.indices where b <= total && best[total - b] + gains[b] > next[total] {
                    (next[total], bits[total]) = (best[total - b] + gains[b], b)
                }
            }
            best = next
            choices.append(bits)
        }
        gain = best[budget]
        var left = budget
        var bits: [Int] = []
        for choice in choices.reversed() {
            bits.append(choice[left])
            left -= choice[left]
        }
        self.bits = bits.reversed()
    }
}
