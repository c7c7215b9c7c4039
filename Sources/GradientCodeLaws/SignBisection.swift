import ExactArithmetic
import GradientCodeOperations

/// The probabilities with which a subject sends +B, read off exactly: the draw at which its sign flips, by bisection, all
/// coordinates at once.
///
/// A draw is used as the number u/2³², upwards or downwards; that is checked on further draws.
struct SignBisection {
    /// How many of the 2³² draws send +B, one number a coordinate.
    let positive: [Rational]
    /// The draws at which a further question did not give the sign that the flip predicts, by coordinate.
    let contradictions: [(coordinate: Int, draw: UInt32)]

    /// - Parameters:
    ///   - checks: further draws, one list a question, one word a coordinate.
    ///   - ask: the signs that these draws give, one a coordinate; true is +B.
    init(
        dimension: Int, checks: [[UInt32]], ask: ([UInt32]) async throws -> [Bool]
    ) async throws {
        let first = try await ask(Array(repeating: 0, count: dimension))
        let last = try await ask(Array(repeating: .max, count: dimension))
        // The flip lies in (low, high], where it lies at all.
        var low = [UInt64](repeating: 0, count: dimension)
        var high = [UInt64](repeating: UInt64(UInt32.max), count: dimension)
        while low.indices.contains(where: { high[$0] - low[$0] > 1 }) {
            let middle = low.indices.map { (low[$0] + high[$0]) / 2 }
            let signs = try await ask(middle.map { UInt32($0) })
            for j in low.indices where high[j] - low[j] > 1 {
                if signs[j] == first[j] { low[j] = middle[j] } else { high[j] = middle[j] }
            }
        }
        func flip(_ j: Int) -> UInt64 { first[j] == last[j] ? 1 << 32 : high[j] }
        var contradictions: [(coordinate: Int, draw: UInt32)] = []
        for draws in checks {
            let signs = try await ask(draws)
            for j in draws.indices where (signs[j] == first[j]) != (UInt64(draws[j]) < flip(j)) {
                contradictions.append((j, draws[j]))
            }
        }
        self.contradictions = contradictions
        positive = low.indices.map { j in
            let before = Rational(flip(j))
            return first[j] ? before : Rational(2).power(32) - before
        }
    }
}

extension SignBisection {
    /// What is wrong with the probabilities (`docs/OneBitGradientCode.md#discretised-draws`): 1 and 0 exactly at ±B, and
    /// elsewhere within 3 · 2^−drawBits of (B + x)/(2B), one for the draws and two for the roundings of a probability that
    /// is computed with as many bits.
    func mismatch(x: [Rational], ranges: [Rational], conventions: Conventions) -> Mismatch? {
        if let contradiction = contradictions.first {
            return Mismatch(
                "the sign of coordinate \(contradiction.coordinate) is not monotone in its draw",
                expected: "the sign on its side of the flip", received: Int(contradiction.draw))
        }
        for j in x.indices where !ranges[j].isZero {
            let expected = (ranges[j] + x[j]) / (2 * ranges[j])
            let bound = x[j].magnitude == ranges[j] ? 0 : 3 * conventions.drawStep
            let found = positive[j] / Rational(2).power(32)
            guard (found - expected).magnitude <= bound else {
                return Mismatch(
                    "coordinate \(j) is sent as +B with another probability",
                    expected: "\(expected) ± \(bound.decimal(digits: 14))", received: found)
            }
        }
        return nil
    }
}

extension Conventions {
    /// 2^−drawBits; draws of fewer than 8 bits are too coarse for a claim about probabilities, and count as 8.
    var drawStep: Rational { Rational(2).power(-max(8, drawBits ?? 32)) }
}
