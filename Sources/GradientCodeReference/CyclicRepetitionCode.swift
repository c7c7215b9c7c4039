public import ExactArithmetic
public import GradientCodes

extension CyclicRepetitionCode {
    /// B: row i holds values of a polynomial of degree d = n − s − 1 that vanishes outside the window of worker i.
    public var encodingMatrix: RationalMatrix {
        RationalMatrix(rows: workers, columns: workers) { i, j in
            switch construction {
            case .integers: integerEntry(i, j)
            }
        }
    }

    /// The entry of CRC-Z (`docs/GradientCode.md#crc-z`): with d = n − s − 1, on the window of worker i,
    ///
    ///     no wrap, i + s < n:      C(j, i) C(n − 1 − j, d − i)
    ///     wrap, lo = i + s − n + 1: C(j − lo, d)              for j ≥ i
    ///                              (−1)^d C(i − 1 − j, d)    for j < lo
    ///
    /// and 0 elsewhere.
    private func integerEntry(_ i: Int, _ j: Int) -> Rational {
        let (n, s, d) = (workers, stragglers, degree)
        if i + s <= n - 1 {
            return i <= j && j <= i + s ? .binomial(j, i) * .binomial(n - 1 - j, d - i) : 0
        }
        let lo = i + s - n + 1
        if j >= i { return .binomial(j - lo, d) }
        if j < lo { return Rational(-1).power(d) * .binomial(i - 1 - j, d) }
        return 0
    }

    /// The closed forms for CRC-Z: Theorem 5 where the first n − s workers respond, Theorem 6 where s = 1 and one
    /// worker straggles; nil for other responders.
    public func structuredDecodingVector(responders: WorkerSet) -> [Rational]? {
        let (n, s) = (workers, stragglers)
        if responders.members.starts(with: 0..<n - s) {
            let first = Rational.binomial(n - 1, s).reciprocal
            return (0..<n).map { $0 < n - s ? first : 0 }
        }
        guard s == 1, responders.count == n - 1, let r = responders.complement.members.first else { return nil }
        let sign = { (exponent: Int) in Rational(exponent.isMultiple(of: 2) ? 1 : -1) }
        let share = Rational(1, n - 1)
        return (0..<n).map { i in
            i == n - 1
                ? sign(n + r) * .binomial(n - 2, r)
                : share * (1 - sign(r + i) * .binomial(n - 2, r) / .binomial(n - 2, i))
        }
    }
}
