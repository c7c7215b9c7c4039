public import ExactArithmetic
public import GradientCodes

/// Training on quadratics f_j(x) = Σ_d (h_jd/2)x_d² + l_jd x_d with an unbiased fixed code: exact moments of the model at
/// every iteration (Theorem C0, `docs/HeterogeneousGradientCode.md#theorem-c0`).
public struct HeterogeneousRun: Hashable, Sendable {
    /// V, the covariance of the recovered coefficients.
    public let covariance: RationalMatrix
    /// h_jd ≥ 0, one row a partition, with Σ_j h_jd > 0.
    public let curvatures: [[Rational]]
    /// l_jd, the gradients at 0, likewise.
    public let slopes: [[Rational]]

    /// The run of an unbiased code.
    ///
    /// - Throws: `invalidParameters` if the code is biased, there is no coordinate, a curvature is negative, or a coordinate
    ///   has no curvature; else `dimensionMismatch` unless both are m × D.
    public init(moments: HeterogeneousMoments, curvatures: [[Rational]], slopes: [[Rational]]) throws(Refusal) {
        if let j = moments.bias.firstIndex(where: { !$0.isZero }) {
            throw Refusal(
                .invalidParameters, "the code is biased: E α is \(moments.mean[j]) for partition \(j), expected 1")
        }
        guard let dimension = curvatures.first?.count, dimension > 0, curvatures.joined().allSatisfy({ $0 >= 0 }) else {
            throw Refusal(.invalidParameters, "no curvature, or a negative one; expected numbers that are not")
        }
        guard curvatures.count == moments.mean.count, slopes.count == curvatures.count,
            (curvatures + slopes).allSatisfy({ $0.count == dimension })
        else {
            throw Refusal(
                .dimensionMismatch, "expected \(moments.mean.count) by \(dimension) curvatures and as many slopes")
        }
        guard curvatures.vectorSum.allSatisfy({ $0 > 0 }) else {
            throw Refusal(.invalidParameters, "a coordinate has no curvature; expected Σ_j h_jd > 0")
        }
        covariance = moments.covariance
        self.curvatures = curvatures
        self.slopes = slopes
    }

    /// The run of f_j(x) = Σ_d (h_jd/2)(x_d − y_jd)², that is, of the slopes −h_jd y_jd.
    ///
    /// - Throws: as ``init(moments:curvatures:slopes:)``.
    public init(moments: HeterogeneousMoments, curvatures: [[Rational]], centres: [[Rational]]) throws(Refusal) {
        let agree = centres.count == curvatures.count && zip(curvatures, centres).allSatisfy { $0.count == $1.count }
        let slopes = zip(curvatures, centres).map { h, y in zip(h, y).map { -$0 * $1 } }
        // Of another shape the centres are refused as slopes are, after what comes first.
        try self.init(moments: moments, curvatures: curvatures, slopes: agree ? slopes : centres)
    }

    /// H_d = Σ_j h_jd.
    public var totalCurvatures: [Rational] { curvatures.vectorSum }

    /// x* = −Σ_j l_j / H, coordinate by coordinate.
    public var minimiser: [Rational] { zip(slopes.vectorSum, totalCurvatures).map { -$0 / $1 } }

    /// r_jd = h_jd x*_d + l_jd, the gradients at the minimiser; their sum is 0.
    public var optimumGradients: [[Rational]] {
        let minimiser = minimiser
        return zip(curvatures, slopes).map { h, l in h.indices.map { h[$0] * minimiser[$0] + l[$0] } }
    }

    /// λ = min_d H_d.
    public var strongConvexity: Rational { totalCurvatures.min() ?? 0 }
    /// μ = max_d H_d.
    public var smoothness: Rational { totalCurvatures.max() ?? 0 }

    /// An upper bound Λ of λ_max(L^½VL^½), L_j = max_d h_jd: the largest Σ_k |V_jk| L_k.
    public var expectedSmoothness: Rational {
        let L = curvatures.map { $0.max() ?? 0 }
        return covariance.rowVectors.map { $0.map(\.magnitude).innerProduct(L) }.max() ?? 0
    }

    /// σ*² = Σ_jk V_jk ⟨r_j, r_k⟩.
    public var optimumNoise: Rational {
        let r = optimumGradients
        return totalCurvatures.indices.map { d in form(r.map { $0[d] }, r.map { $0[d] }) }.total
    }

    /// The noise E‖ĝ − g‖² where it is the same at every model; nil where it is not.
    public var constantNoise: Rational? {
        let r = optimumGradients
        for d in totalCurvatures.indices {
            let h = curvatures.map { $0[d] }
            guard form(h, h).isZero, form(h, r.map { $0[d] }).isZero else { return nil }
        }
        return optimumNoise
    }

    /// Moments of e_t = x_t − x*, t = 0 … T.
    public struct Moments: Hashable, Sendable {
        /// E e_t, one number a coordinate.
        public let means: [[Rational]]
        /// E e_td², one number a coordinate.
        public let squares: [[Rational]]

        /// E D_t = E‖x_t − x*‖².
        public var squaredDistances: [Rational] { squares.map(\.total) }
    }

    /// The exact moments of T steps η_0, …, η_{T−1} from x_0.
    ///
    /// - Precondition: `start` has one number a coordinate.
    public func moments(start: [Rational], steps: [Rational]) -> Moments {
        precondition(start.count == totalCurvatures.count, "a model of another dimension")
        let (H, r) = (totalCurvatures, optimumGradients)
        let first = zip(start, minimiser).map { $0 - $1 }
        var means = [first]
        var squares = [first.map { $0 * $0 }]
        for η in steps {
            let (mean, square) = (means[means.count - 1], squares[squares.count - 1])
            means.append(H.indices.map { d in (1 - η * H[d]) * mean[d] })
            squares.append(
                H.indices.map { d in
                    let (h, r) = (curvatures.map { $0[d] }, r.map { $0[d] })
                    let contraction = (1 - η * H[d]) * (1 - η * H[d])
                    let noise = form(h, h) * square[d] + 2 * form(h, r) * mean[d] + form(r, r)
                    return contraction * square[d] + η * η * noise
                })
        }
        return Moments(means: means, squares: squares)
    }

    /// E‖∇f(x_t)‖² = Σ_d H_d² E e_td².
    public func squaredGradients(_ moments: Moments) -> [Rational] {
        let squares = totalCurvatures.map { $0 * $0 }
        return moments.squares.map { $0.innerProduct(squares) }
    }

    /// f(x) − f* = Σ_d H_d e_d²/2.
    public func gap(at model: [Rational]) -> Rational {
        let e = zip(model, minimiser).map { $0 - $1 }
        return totalCurvatures.indices.map { d in totalCurvatures[d] * e[d] * e[d] / 2 }.total
    }

    /// aᵀVb.
    private func form(_ a: [Rational], _ b: [Rational]) -> Rational { a.innerProduct(covariance * b) }
}
