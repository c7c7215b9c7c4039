package import ExactArithmetic
public import GradientCodes

// How answers that need not be the documented ones are judged, in exact arithmetic.

/// Bounds of floats computed from odds (`docs/numerics.md#odds`).
package enum OddsBound {
    /// 3(t + 6 + 2ρ)u: the relative error of a term of `terms` odds, ρ the greatest p/q among them.
    package static func relative(
        terms: Int, _ probabilities: [Rational], _ precision: Coefficients.Precision
    ) -> Rational {
        let ratios = probabilities.filter { $0 < 1 }.map { $0 / (1 - $0) }
        return 3 * (Rational(terms + 6) + 2 * (ratios.max() ?? 0)) * precision.unitRoundoff
    }
}

extension HeterogeneousGradientCode.OptimalCoefficients {
    /// What is wrong with an answer.
    ///
    /// Core looks at what unbiasedness and the residual determine: nothing of dead workers, and of several exact workers
    /// only the sum. Wire looks at every coefficient, and at gauge A.
    public static func mismatch(
        of answer: Answer, with expected: Expected, to question: Self, profile: Profile
    ) -> Mismatch? {
        let (n, m) = (expected.coefficients.count, expected.oddsSums.count)
        let rows = answer.coefficients.compactMap { $0.values(count: m) }
        guard answer.coefficients.count == n, rows.count == n else {
            return Mismatch("not one finite number a worker and partition", expected: expected, received: answer)
        }
        let precision = rows.compactMap(\.precision).min { $0.rawValue < $1.rawValue }
        for j in 0..<m {
            let column = rows.map { $0.values[j] }
            let holders = (0..<n).filter { question.allocation[$0][j] == 1 }
            let relative = precision.map {
                OddsBound.relative(terms: holders.count, holders.map { question.probabilities[$0] }, $0)
            }
            if let i = wrongEntry(column, j, relative ?? 0, expected, question, profile) {
                return Mismatch(
                    "c[\(i)][\(j)] is \(column[i])", expected: "\(expected.coefficients[i][j])", received: answer)
            }
        }
        let double = OddsBound.relative(terms: n + m, question.probabilities, .binary64)
        if let mismatch = answer.residual.mismatch(
            with: expected.residual, binary64Bound: expected.residual * double)
        {
            return mismatch
        }
        guard answer.oddsSums ?? expected.oddsSums == expected.oddsSums,
            answer.multipliers ?? expected.multipliers == expected.multipliers
        else { return Mismatch("sums of odds or multipliers are wrong", expected: expected, received: answer) }
        return gaugeMismatch(answer, rows.map(\.values), expected, question, profile)
    }

    /// The worker whose coefficient for partition j is wrong; nil where none is.
    private static func wrongEntry(
        _ column: [Rational], _ j: Int, _ relative: Rational, _ expected: Expected, _ question: Self,
        _ profile: Profile
    ) -> Int? {
        let right = expected.coefficients.map { $0[j] }
        func isNear(_ i: Int) -> Bool { (column[i] - right[i]).magnitude <= relative * right[i].magnitude }
        for i in column.indices {
            let holds = question.allocation[i][j] == 1
            let isDead = question.probabilities[i] == 1
            let isShared = expected.oddsSums[j] == .infinite && holds && right[i] != 0
            if profile == .core && holds && (isDead || isShared) { continue }
            if !isNear(i) { return i }
        }
        guard profile == .core, expected.oddsSums[j] == .infinite else { return nil }
        // Exact workers may share as they like: their coefficients add up to 1.
        let shares = column.indices.filter { right[$0] != 0 }
        let sum = shares.map { column[$0] }.total
        let size = shares.map { column[$0].magnitude }.total
        return (sum - 1).magnitude <= relative * size ? nil : shares[0]
    }

    /// Weights and encoding, where they are given: their products are the coefficients; in wire they are those of gauge A.
    private static func gaugeMismatch(
        _ answer: Answer, _ rows: [[Rational]], _ expected: Expected, _ question: Self, _ profile: Profile
    ) -> Mismatch? {
        guard let weights = answer.weights, let encoding = answer.encoding else { return nil }
        let (n, m) = (rows.count, expected.oddsSums.count)
        guard let w = weights.values(count: n), encoding.count == n else {
            return Mismatch("not one weight and one row a worker", expected: expected, received: answer)
        }
        for i in 0..<n {
            guard let b = encoding[i].values(count: m) else {
                return Mismatch("row \(i) of the encoding has not \(m) numbers", expected: expected, received: answer)
            }
            let precisions = [w.precision, b.precision].compactMap { $0 }
            let coarsest = precisions.min { $0.rawValue < $1.rawValue }
            let relative = coarsest.map { OddsBound.relative(terms: n, question.probabilities, $0) } ?? 0
            func isNear(_ found: Rational, _ right: Rational) -> Bool {
                (found - right).magnitude <= relative * right.magnitude
            }
            let isGaugeA =
                isNear(w.values[i], expected.weights[i])
                && (0..<m).allSatisfy { isNear(b.values[$0], expected.encoding[i][$0]) }
            let isGauge = (0..<m).allSatisfy { isNear(w.values[i] * b.values[$0], rows[i][$0]) }
            guard profile == .wire ? isGaugeA : isGauge else {
                return Mismatch("w[\(i)] times its row is no row of C", expected: expected, received: answer)
            }
        }
        return nil
    }
}

extension HeterogeneousGradientCode.Allocate {
    /// What is wrong with an answer: in wire it is the documented one; in core it keeps what its strategy promises, and its
    /// sums are those of its allocation.
    public static func mismatch(
        of answer: Answer, with expected: Expected, to question: Self, profile: Profile
    ) -> Mismatch? {
        func wrong(_ reason: String) -> Mismatch { Mismatch(reason, expected: expected, received: answer) }
        if profile == .wire {
            return answer.isDocumented(as: expected.answer) ? nil : wrong("another answer is documented")
        }
        guard (answer.allocation == nil) == (answer.status != .complete) else {
            return wrong("an allocation and a status that contradict each other")
        }
        guard let rows = answer.allocation else {
            let isRight =
                switch answer.status {
                case .complete: false
                case .infeasible: expected.isFeasible == false
                case .greedyFailed:
                    question.strategy == .minimumRedundancy && (question.isCapped || expected.isFeasible != true)
                }
            return isRight ? nil : wrong("an allocation exists")
        }
        guard rows.count == question.probabilities.count, let loads = question.loads,
            rows.allSatisfy({ $0.count == question.partitions && $0.allSatisfy { $0 == 0 || $0 == 1 } })
        else { return wrong("not a 0/1 allocation, one row a worker") }
        let odds = question.probabilities.map { $0.isZero ? .infinite : ExtendedRational.finite((1 - $0) / $0) }
        let sums = (0..<question.partitions).map { j in
            rows.indices.filter { rows[$0][j] == 1 }.map { odds[$0] }.total
        }
        let counts = rows.map { $0.reduce(0, +) }
        guard sums.allSatisfy({ !$0.isZero }), answer.describes(sums: sums, counts: counts) else {
            return wrong("a partition without odds, or sums that are not those of the allocation")
        }
        return question.promise(odds: odds, sums: sums, counts: counts, loads: loads, expected).map(wrong)
    }

    private var isCapped: Bool { loads?.contains { $0 < partitions } ?? true }

    /// What a strategy promises and an allocation does not keep; nil where it keeps everything.
    private func promise(
        odds: [ExtendedRational], sums: [ExtendedRational], counts: [Int], loads: [Int], _ expected: Expected
    ) -> String? {
        let alive = odds.indices.filter { !odds[$0].isZero }
        guard zip(counts, loads).allSatisfy({ $0 <= $1 }) else { return "a worker holds more than its load" }
        let finite = sums.compactMap(\.value)
        let largest = alive.map { odds[$0] }.max()?.value
        switch strategy {
        case .lpt:
            guard alive.allSatisfy({ counts[$0] == loads[$0] }) else { return "a worker holds less than its load" }
            if let largest, let a = finite.min(), let b = finite.max(), b - a > largest {
                return "the sums of odds differ by more than the largest odds"
            }
        case .cyclic:
            guard counts == loads else { return "a worker does not hold its load" }
        case .minimumRedundancy:
            guard let target, sums.allSatisfy({ $0 >= .finite(target) }) else { return "a sum misses the target" }
            if let largest, finite.contains(where: { $0 >= target + largest }) { return "a copy too many" }
            if !isCapped, counts.reduce(0, +) != expected.answer.copies { return "not the fewest copies" }
        case .exact:
            if let target {
                guard sums.allSatisfy({ $0 >= .finite(target) }), counts.reduce(0, +) == expected.fewestCopies else {
                    return "not the fewest copies that reach the target"
                }
            } else if sums.map(\.reciprocal).total != expected.leastResidual {
                return "not the least residual"
            }
        }
        return nil
    }
}

extension HeterogeneousGradientCode.Allocate.Answer {
    /// Whether what is given beside the allocation follows from it.
    fileprivate func describes(sums: [ExtendedRational], counts: [Int]) -> Bool {
        let finite = sums.compactMap(\.value)
        let (a, b) = (finite.min() ?? 1, finite.max() ?? 1)
        return oddsSums ?? sums == sums && (residual.map { $0 == sums.map(\.reciprocal).total } ?? true)
            && (copies.map { $0 == counts.reduce(0, +) } ?? true)
            && (largestLoad.map { $0 == counts.max() } ?? true)
            && (factor.map { finite.count == sums.count && $0 == (a + b) * (a + b) / (4 * a * b) } ?? true)
    }

    /// Whether every field that is given is the documented one.
    fileprivate func isDocumented(as expected: Self) -> Bool {
        var full = self
        full.oddsSums = oddsSums ?? expected.oddsSums
        full.residual = residual ?? expected.residual
        full.copies = copies ?? expected.copies
        full.largestLoad = largestLoad ?? expected.largestLoad
        full.factor = factor ?? expected.factor
        full.lowerBound = lowerBound ?? expected.lowerBound
        return full == expected
    }
}

extension HeterogeneousGradientCode.AllocateBits {
    /// What is wrong with an answer: bits within their limits whose gain is the greatest.
    public static func mismatch(
        of answer: Answer, with expected: Expected, to question: Self, profile: Profile
    ) -> Mismatch? {
        func wrong(_ reason: String) -> Mismatch { Mismatch(reason, expected: expected, received: answer) }
        guard answer.bits.count == question.probabilities.count,
            answer.bits.allSatisfy({ 0...question.maximum ~= $0 }), answer.bits.reduce(0, +) <= question.budget
        else { return wrong("bits outside their limits") }
        let gain = zip(question.probabilities, answer.bits).map { p, b -> Rational in
            guard b > 0 else { return 0 }
            let levels = Rational(2).power(b) - 1
            return (1 - p) / (p + question.kappa / (levels * levels))
        }.total
        guard gain == expected.gain else { return wrong("other bits have a greater gain") }
        let relative = OddsBound.relative(terms: question.probabilities.count, question.probabilities, .binary64)
        return answer.gain.mismatch(with: gain, binary64Bound: relative * gain)
    }
}
