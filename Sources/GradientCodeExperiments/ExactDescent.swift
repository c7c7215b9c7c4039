package import ExactArithmetic
package import GradientCodeTheory

/// Gradient descent x ← x − ηĝ on quadratics f_j(x) = Σ_d (h_jd/2)(x_d − y_jd)² with any fixed code: moments of the model at
/// every step.
///
/// Theorem C0 (`docs/HeterogeneousGradientCode.md#theorem-c0`), also for codes with a bias β_j = E α_j − 1: given
/// e = x − x*, ĝ has the mean (H + βᵀh)e + βᵀr and the variance (eh + r)ᵀV(eh + r) in each coordinate.
package struct ExactDescent: Sendable {
    /// One coordinate: ĝ has the mean `slope · e + offset` and the variance `square · e² + 2 mixed · e + constant`.
    private struct Coordinate {
        let slope: Rational
        let offset: Rational
        let square: Rational
        let mixed: Rational
        let constant: Rational

        /// E e² = a E e² + 2k E e + c, one step η later; E e = (1 − η slope) E e − η offset.
        func coefficients(_ η: Rational) -> (a: Rational, k: Rational, c: Rational) {
            let contraction = 1 - η * slope
            return (
                contraction * contraction + η * η * square, η * η * mixed - η * contraction * offset,
                η * η * (offset * offset + constant)
            )
        }
    }

    private let coordinates: [Coordinate]
    private let start: [Rational]

    /// The descent of a code; without one, plain gradient descent.
    ///
    /// - Precondition: `curvatures` and `centres` are m × D, `start` has D numbers, and no Σ_j h_jd is 0.
    package init(_ moments: HeterogeneousMoments?, _ quadratics: ExactQuadratics) {
        let minimiser = quadratics.minimiser
        start = zip(quadratics.start, minimiser).map { $0 - $1 }
        coordinates = minimiser.indices.map { d in
            let h = quadratics.curvatures.map { $0[d] }
            let r = h.indices.map { j in h[j] * (minimiser[d] - quadratics.centres[j][d]) }
            guard let moments else {
                return Coordinate(slope: h.total, offset: 0, square: 0, mixed: 0, constant: 0)
            }
            let (Vh, Vr) = (moments.covariance * h, moments.covariance * r)
            return Coordinate(
                slope: moments.mean.innerProduct(h), offset: moments.bias.innerProduct(r), square: h.innerProduct(Vh),
                mixed: h.innerProduct(Vr), constant: r.innerProduct(Vr))
        }
    }

    /// Moments are rounded down to multiples of this, 2⁻²⁵⁶, after every step, lest numbers grow with the steps. The
    /// recursion contracts, so that errors add up to less than their number times a constant of the coordinate.
    private static let unit = Rational(2).power(-256)

    private static func rounded(_ x: Rational) -> Rational { (x / unit).floor * unit }

    /// E D_t = E‖x_t − x*‖², t = 0 … T.
    package func squaredDistances(step η: Rational, iterations T: Int) -> [Rational] {
        var distances = [Rational](repeating: 0, count: T + 1)
        for (coordinate, e) in zip(coordinates, start) {
            let (a, k, c) = coordinate.coefficients(η)
            var (mean, square) = (e, e * e)
            distances[0] += square
            for t in 0..<T {
                square = Self.rounded(a * square + 2 * k * mean + c)
                mean = Self.rounded((1 - η * coordinate.slope) * mean - η * coordinate.offset)
                distances[t + 1] += square
            }
        }
        return distances
    }

    /// lim E D_t, the noise floor; nil where it does not exist.
    package func limit(step η: Rational) -> Rational? {
        var limit = Rational(0)
        for coordinate in coordinates {
            let (a, k, c) = coordinate.coefficients(η)
            guard a < 1 else { return nil }
            limit += (c - 2 * k * coordinate.offset / coordinate.slope) / (1 - a)
        }
        return limit
    }
}

/// The data of a descent: one quadratic a partition, D coordinates.
package struct ExactQuadratics: Hashable, Sendable {
    /// h_jd ≥ 0.
    package let curvatures: [[Rational]]
    /// y_jd.
    package let centres: [[Rational]]
    /// x_0.
    package let start: [Rational]

    package init(curvatures: [[Rational]], centres: [[Rational]], start: [Rational]) {
        self.curvatures = curvatures
        self.centres = centres
        self.start = start
    }

    /// H_d = Σ_j h_jd.
    package var totalCurvatures: [Rational] { start.indices.map { d in curvatures.map { $0[d] }.total } }

    /// x* = Σ_j h_j y_j/H.
    package var minimiser: [Rational] {
        zip(start.indices, totalCurvatures).map { d, H in
            zip(curvatures, centres).map { $0[d] * $1[d] }.total / H
        }
    }

    /// m partitions in four coordinates: h_jd = (d + 1)(1 + (j(d + 1) mod 5)), x_0 = (4, 4, 4, 4), and
    /// y_jd = (j(2d + 3) mod 7) − 3, or 0 where the partitions agree.
    package static func stated(partitions m: Int, agreeing: Bool) -> ExactQuadratics {
        func table(_ entry: (Int, Int) -> Int) -> [[Rational]] {
            (0..<m).map { j in (0..<4).map { d in Rational(entry(j, d)) } }
        }
        return ExactQuadratics(
            curvatures: table { j, d in (d + 1) * (1 + j * (d + 1) % 5) },
            centres: table { j, d in agreeing ? 0 : j * (2 * d + 3) % 7 - 3 },
            start: [4, 4, 4, 4])
    }
}
