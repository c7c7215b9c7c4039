import ExactArithmetic
import GradientCodeTheory
import GradientCodes
import Testing

/// Small runs of 1-bit gradient coding: those of the document, and generated ones.
struct OneBitTraining: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let run: OneBitRun
    let step: Rational
    /// θ*, a minimiser on the box if there is one.
    let minimiser: [Rational]
    let iterations: Int
}

extension Rational {
    /// Numbers as the document writes them, separated by blanks: `3/2 -1 0`.
    static func list(_ text: String) -> [Rational] {
        text.split(separator: " ").map { try! Rational(parsing: $0) }
    }

    /// A law on one coordinate as the document writes it: `0: 1/4, 1: 1/2`.
    static func law(_ text: String) -> [[Rational]: Rational] {
        let points = text.split(separator: ",").map { point in
            let parts = list(String(point.replacing(":", with: " ")))
            return ([parts[0]], parts[1])
        }
        return Dictionary(uniqueKeysWithValues: points)
    }
}

extension OneBitGradientCode {
    /// S_ik/(d_k q_i).
    var plainWeights: RationalMatrix {
        let replication = allocation.replication
        return RationalMatrix(rows: workers, columns: subsets) { i, k in
            let p = Rational(straggling[i].value.numerator) / Rational(straggling[i].value.denominator)
            return allocation.holds(worker: i, partition: k) ? 1 / (Rational(replication[k]) * (1 - p)) : 0
        }
    }
}

extension OneBitTraining {
    /// One subset and one coordinate, held by every worker.
    private static func single(
        _ title: String, _ kind: SeparableLoss.Kind, straggling: [Probability], range: Rational, step: Rational,
        start: Rational, iterations: Int
    ) throws -> OneBitTraining {
        let rows = [[Int]](repeating: [1], count: straggling.count)
        let code = try OneBitGradientCode(allocation: Allocation(rows), straggling: straggling)
        let run = try OneBitRun(
            code: code, weights: code.plainWeights, loss: SeparableLoss(kind, curvatures: [[1]], centres: [[0]]),
            ranges: .given([range]), start: [start])
        return OneBitTraining(
            testDescription: title, run: run, step: step, minimiser: [0], iterations: iterations)
    }

    static func e2h(_ iterations: Int) throws -> OneBitTraining {
        let half = try Probability(1, 2)
        return try single(
            "E2h", .huber, straggling: [half, half], range: 1, step: 1, start: 2, iterations: iterations)
    }

    static func e2a(_ iterations: Int) throws -> OneBitTraining {
        let half = try Probability(1, 2)
        return try single(
            "E2a", .absolute, straggling: [half, half], range: 1, step: 1, start: 2, iterations: iterations)
    }

    static func e2q(_ iterations: Int, start: Rational = 1) throws -> OneBitTraining {
        try single(
            "E2q", .quadratic, straggling: [.zero], range: 1, step: 1, start: start, iterations: iterations)
    }

    static func e3(_ iterations: Int) throws -> OneBitTraining {
        try single(
            "E3", .quadratic, straggling: [Probability(1, 2)], range: 2, step: Rational(1, 4), start: 1,
            iterations: iterations)
    }
}

/// Small numbers from the generator of the draw contract, on which nothing here depends.
struct SmallNumbers {
    let seed: UInt64
    private var position: UInt64 = 0

    init(seed: UInt64) { self.seed = seed }

    /// One of 0, …, n − 1.
    mutating func next(_ n: Int) -> Int {
        defer { position += 1 }
        return Int(Philox.draw(seed: seed, stream: .testData, t: 0, i: 0, j: position)) % n
    }

    /// A multiple of 1/4 in [−2, 2].
    mutating func quarter() -> Rational { Rational(next(17) - 8, 4) }
}

extension OneBitTraining {
    static let generated: [OneBitTraining] = (0..<36).map { try! generate($0) }

    /// Every kind of loss, in one and two dimensions, without and with a box, with standard and general weights.
    private static func generate(_ number: Int) throws -> OneBitTraining {
        var numbers = SmallNumbers(seed: UInt64(number))
        let kind = SeparableLoss.Kind.allCases[number % 3]
        let (dimension, isBoxed, isGeneral) = (1 + number / 3 % 2, number / 6 % 3, number / 18 == 1)
        let workers = dimension == 1 && kind != .quadratic ? 3 : 2
        var rows = (0..<workers).map { _ in [numbers.next(2), numbers.next(2)] }
        for k in 0..<2 where rows.allSatisfy({ $0[k] == 0 }) { rows[k][k] = 1 }
        let code = try OneBitGradientCode(
            allocation: Allocation(rows),
            straggling: (0..<workers).map { _ in try Probability(UInt64(numbers.next(4)), 4) })
        let weights = isGeneral ? general(code, &numbers) : code.plainWeights
        let loss = try SeparableLoss(
            kind, curvatures: (0..<2).map { _ in (0..<dimension).map { _ in Rational(1 + numbers.next(4), 2) } },
            centres: (0..<2).map { _ in (0..<dimension).map { _ in numbers.quarter() } })
        let start = (0..<dimension).map { _ in numbers.quarter() }
        let free = (0..<dimension).map { minimiser(of: loss, coordinate: $0) }
        let step = Rational(1, 1 + numbers.next(3)) / (loss.smoothness ?? 2)
        let iterations = dimension == 1 ? 3 : 2
        let box: ModelBox? =
            switch isBoxed {
            case 0: nil
            case 1:  // around start and minimiser
                try ModelBox(
                    lower: zip(start, free).map { min($0, $1) - Rational(1, 2) },
                    upper: zip(start, free).map { max($0, $1) + Rational(1, 4) })
            default:  // a minimiser on the edge is likely
                try ModelBox(lower: start.map { $0 - Rational(1, 4) }, upper: start.map { $0 + Rational(1, 2) })
            }
        let ranges = try ranges(code, weights, loss, start, box, step, iterations)
        let run = try OneBitRun(
            code: code, weights: weights, loss: loss, ranges: ranges, start: start, box: box)
        return OneBitTraining(
            testDescription: "\(number): \(kind), D = \(dimension)", run: run, step: step,
            minimiser: box?.projecting(free) ?? free, iterations: iterations)
    }

    /// Weights with Σ_i q_i W_ik = 1, drawn for all holders of a subset but the last.
    private static func general(_ code: OneBitGradientCode, _ numbers: inout SmallNumbers) -> RationalMatrix {
        var weights = RationalMatrix(rows: code.workers, columns: code.subsets) { _, _ in 0 }
        let q = code.straggling.map { Rational($0.complement.value.numerator) / Rational($0.value.denominator) }
        for k in 0..<code.subsets {
            var rest: Rational = 1
            let holders = code.allocation.workers(of: k)
            for worker in holders.dropLast() {
                weights[worker, k] = numbers.quarter()
                rest -= q[worker] * weights[worker, k]
            }
            weights[holders.last!, k] = rest / q[holders.last!]
        }
        return weights
    }

    /// A minimiser of one coordinate: the derivative is linear between neighbouring ends of the pieces.
    private static func minimiser(of loss: SeparableLoss, coordinate j: Int) -> Rational {
        let line = try! SeparableLoss(
            loss.kind, curvatures: loss.curvatures.map { [$0[j]] }, centres: loss.centres.map { [$0[j]] })
        let centres = line.centres.map { $0[0] }
        let ends = (loss.kind == .huber ? centres.flatMap { [$0 - 1, $0 + 1] } : centres).sorted()
        if let end = ends.first(where: { line.isMinimiser([$0]) }) { return end }
        for (a, b) in zip(ends, ends.dropFirst()) {
            let (left, right) = (line.gradient(at: [a])[0], line.gradient(at: [b])[0])
            if left < 0, right > 0 { return a - left * (b - a) / (right - left) }
        }
        preconditionFailure("a convex loss that grows has a minimiser")
    }

    /// Ranges by each part of Lemma 10.
    private static func ranges(
        _ code: OneBitGradientCode, _ weights: RationalMatrix, _ loss: SeparableLoss, _ start: [Rational],
        _ box: ModelBox?, _ step: Rational, _ iterations: Int
    ) throws -> OneBitRun.Ranges {
        guard loss.kind == .quadratic else {
            let bounds = loss.curvatures.map { $0.max()! }
            return try .given([max(Rational(1, 8), OneBitBound.range(weights: weights, gradientBounds: bounds))])
        }
        guard let box else { return .perMessage }
        let middle = zip(box.lower, box.upper).map { ($0! + $1!) / 2 }
        let radii = zip(box.lower, box.upper).map { ($1! - $0!) / 2 }
        let gradients = loss.gradients(at: middle)
        return try .perWorker(
            (0..<code.workers).map { worker in
                let slopes = RationalMatrix(rows: start.count, columns: start.count) { j, l in
                    j == l ? (0..<2).map { weights[worker, $0] * loss.curvatures[$0][j] }.total : 0
                }
                let center = start.indices.map { j in
                    (0..<2).map { weights[worker, $0] * gradients[$0][j] }.total
                }
                return try OneBitBound.ranges(center: center, slopes: slopes, radii: radii)
                    .map { max($0, Rational(1, 8)) }
            })
    }
}
