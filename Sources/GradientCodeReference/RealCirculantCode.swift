public import ExactArithmetic
public import GradientCodes

extension RealCirculantCode {
    /// Enclosures of b_0/b_0, …, b_s/b_0, each no wider than 2^−bits times its value.
    ///
    /// The products of sines telescope to b_r/b_{r−1} = sin(π(s + 1 − r)/n) / sin(πr/n), so b_r/b_0 is at least 1
    /// (`docs/GradientCode.md#circulants`).
    public func window(bits: Int) -> [RationalInterval] {
        // 2s factors, none below sin(π/n) ≥ 2/n: what their relative widths and the roundings add up to.
        let digits = { (count: Int) in Int.bitWidth - count.leadingZeroBitCount }
        let inner = bits + digits(workers) + digits(2 * stragglers) + 4
        let sines = RationalInterval.sines(dividing: workers, bits: inner)
        var window = [RationalInterval(1)]
        for r in 0..<stragglers {
            let next = window[r] * sines[stragglers - r] / sines[r + 1]
            window.append(next.rounded(outwardTo: inner))
        }
        return window
    }

    /// Enclosures of the decoding vector of exactly n − s responders, no wider than 2^−bits, one a worker, zero off
    /// them: with
    /// ω_i = e^(−2π√−1·i/n) and b̂_0 = (1/n) Σ_r b_r/b_0,
    ///
    ///     a_i = ω_i^(d/2) · [z^(d/2)] Π_{l ∈ F∖i} (z − ω_l)/(ω_i − ω_l) / b̂_0.
    ///
    /// - Throws: `invalidParameters` unless there are n − s responders out of n.
    public func decodingVector(responders: WorkerSet, bits: Int) throws(Refusal) -> [RationalInterval] {
        guard responders.workers == workers, responders.count == workers - stragglers else {
            throw Refusal(
                .invalidParameters,
                "\(responders.count) responders of \(responders.workers); expected \(workers - stragglers) of \(workers)"
            )
        }
        // Coefficients stay below 2^n and products of differences above 2^−n: 2n digits are lost, and a few more.
        let inner = bits + 3 * workers + 16
        let turn = ComplexInterval.roots(dividing: workers, bits: inner)
        let roots = (0..<workers).map { turn[(2 * workers - 2 * $0) % (2 * workers)] }
        let mean = window(bits: inner).reduce(RationalInterval(0), +) / RationalInterval(Rational(workers))
        var vector = [RationalInterval](repeating: RationalInterval(0), count: workers)
        for i in responders {
            var polynomial = [ComplexInterval.one]
            var denominator = ComplexInterval.one
            for l in responders where l != i {
                polynomial = Self.multiplied(polynomial, byMonicRoot: roots[l], bits: inner)
                denominator = (denominator * (roots[i] - roots[l])).rounded(inner)
            }
            let power = turn[(2 * workers - degree * i % (2 * workers)) % (2 * workers)]
            vector[i] = ((power * polynomial[degree / 2]) / denominator).real / mean
        }
        return vector
    }

    /// The coefficients of p(z)(z − ω), lowest power first.
    private static func multiplied(_ p: [ComplexInterval], byMonicRoot root: ComplexInterval, bits: Int)
        -> [ComplexInterval]
    {
        (0...p.count).map { m in
            let shifted = m > 0 ? p[m - 1] : .zero
            return m < p.count ? (shifted - p[m] * root).rounded(bits) : shifted
        }
    }
}

/// A rectangle in the complex plane.
private struct ComplexInterval {
    let real: RationalInterval
    let imaginary: RationalInterval

    static let zero = ComplexInterval(real: RationalInterval(0), imaginary: RationalInterval(0))
    static let one = ComplexInterval(real: RationalInterval(1), imaginary: RationalInterval(0))

    init(real: RationalInterval, imaginary: RationalInterval) {
        self.real = real
        self.imaginary = imaginary
    }

    /// e^(π√−1·m/n) for m = 0…2n − 1.
    static func roots(dividing n: Int, bits: Int) -> [ComplexInterval] {
        let sines = RationalInterval.sines(dividing: 2 * n, bits: bits)
        return (0..<2 * n).map { m in
            ComplexInterval(real: sines[(2 * m + n) % (4 * n)], imaginary: sines[2 * m])
        }
    }

    static func - (a: ComplexInterval, b: ComplexInterval) -> ComplexInterval {
        ComplexInterval(real: a.real - b.real, imaginary: a.imaginary - b.imaginary)
    }

    static func * (a: ComplexInterval, b: ComplexInterval) -> ComplexInterval {
        ComplexInterval(
            real: a.real * b.real - a.imaginary * b.imaginary, imaginary: a.real * b.imaginary + a.imaginary * b.real)
    }

    static func / (a: ComplexInterval, b: ComplexInterval) -> ComplexInterval {
        let norm = b.real * b.real + b.imaginary * b.imaginary
        let product = a * ComplexInterval(real: b.real, imaginary: RationalInterval(0) - b.imaginary)
        return ComplexInterval(real: product.real / norm, imaginary: product.imaginary / norm)
    }

    func rounded(_ bits: Int) -> ComplexInterval {
        ComplexInterval(real: real.rounded(outwardTo: bits), imaginary: imaginary.rounded(outwardTo: bits))
    }
}
