import ExactArithmetic
import GradientCodes

/// A small seeded generator, so that every run of a test draws the same codes.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

extension SplitMix64 {
    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// A small number, often 0, of either sign.
    mutating func number() -> Rational { Rational(int(-4...4), int(1...3)) }

    mutating func numbers(_ count: Int) -> [Rational] { (0..<count).map { _ in number() } }

    mutating func pick(_ numbers: [Rational]) -> Rational { numbers[int(0...numbers.count - 1)] }

    /// Probabilities that are often equal, and never certain.
    static let uncertain = Rational.list("1/2 1/2 1/3 1/4 2/3 9/10 1/20")
    /// The same, and those of exact and dead workers.
    static let any = uncertain + Rational.list("0 0 1")

    /// A code with up to so many workers and partitions. Workers may hold nothing.
    mutating func code(
        workers: Int, partitions: Int, straggling: [Rational] = uncertain
    ) -> HeterogeneousGradientCode {
        while true {
            let (n, m) = (int(1...workers), int(1...partitions))
            let p = (0..<n).map { _ in pick(straggling) }
            let holders = (0..<m).map { _ in (0..<n).filter { _ in int(0...2) > 0 } }
            if let code = try? HeterogeneousGradientCode(p, holders: holders) { return code }
        }
    }

    /// An unbiased code on the allocation, with entries of both signs: c on random holders, corrected on the last.
    mutating func unbiased(_ code: HeterogeneousGradientCode) -> RationalMatrix {
        let p = code.p
        var C = RationalMatrix(rows: code.workers, columns: code.partitions) { _, _ in 0 }
        for j in 0..<code.partitions {
            let living = code.allocation.workers(of: j).filter { p[$0] < 1 }
            var missing: Rational = 1
            for i in living.dropLast() {
                C[i, j] = number()
                missing -= (1 - p[i]) * C[i, j]
            }
            C[living.last!, j] = missing / (1 - p[living.last!])
        }
        return C
    }
}

/// All 2ⁿ patterns of responders that have a positive probability, with it.
func patterns(_ p: [Rational]) -> [(responders: [Int], weight: Rational)] {
    var all: [(responders: [Int], weight: Rational)] = [([], 1)]
    for (worker, p) in p.enumerated() {
        all = all.flatMap { pattern -> [(responders: [Int], weight: Rational)] in
            [(pattern.responders, pattern.weight * p), (pattern.responders + [worker], pattern.weight * (1 - p))]
        }
    }
    return all.filter { !$0.weight.isZero }
}

/// α_j = Σ_{i ∈ F} c_ij.
func recovered(_ C: RationalMatrix, _ responders: [Int]) -> [Rational] {
    (0..<C.columns).map { j in responders.map { C[$0, j] }.total }
}

/// What is summed over all patterns of a fixed code.
struct Enumeration {
    let mean: [Rational]
    let covariance: RationalMatrix
    /// E‖α − 1‖².
    let residual: Rational
    /// E‖ĝ − g‖².
    let gradientError: Rational

    init(_ C: RationalMatrix, sets: [(responders: [Int], weight: Rational)], gradients: [[Rational]]) {
        var mean = [Rational](repeating: 0, count: C.columns)
        var second = RationalMatrix(rows: C.columns, columns: C.columns) { _, _ in 0 }
        var (residual, error): (Rational, Rational) = (0, 0)
        for (responders, weight) in sets {
            let α = recovered(C, responders)
            for j in α.indices {
                mean[j] += weight * α[j]
                residual += weight * (α[j] - 1) * (α[j] - 1)
                for k in α.indices { second[j, k] += weight * α[j] * α[k] }
            }
            for d in gradients[0].indices {
                let difference = α.indices.map { (α[$0] - 1) * gradients[$0][d] }.total
                error += weight * difference * difference
            }
        }
        self.mean = mean
        covariance = RationalMatrix(rows: C.columns, columns: C.columns) { second[$0, $1] - mean[$0] * mean[$1] }
        self.residual = residual
        gradientError = error
    }
}
