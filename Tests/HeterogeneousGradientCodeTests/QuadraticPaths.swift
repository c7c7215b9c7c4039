import ExactArithmetic
import GradientCodeTheory
import GradientCodes

/// Training of quadratics along one path of patterns, everything exact.
struct QuadraticPath {
    let weight: Rational
    /// x_0, …, x_T.
    let models: [[Rational]]
    /// ε_t = ĝ − ∇f at x_t, t < T.
    let errors: [[Rational]]
}

/// f_j(x) = Σ_d (h_jd/2)x_d² + l_jd x_d and a code, from the page; no part of the code that is tested.
struct QuadraticTraining {
    let C: RationalMatrix
    let p: [Rational]
    let h: [[Rational]]
    let l: [[Rational]]

    /// g_j(x), one a partition.
    func gradients(_ x: [Rational]) -> [[Rational]] {
        h.indices.map { j in x.indices.map { h[j][$0] * x[$0] + l[j][$0] } }
    }

    /// Σ_j a_j g_j.
    static func combine(_ a: [Rational], _ g: [[Rational]]) -> [Rational] {
        g[0].indices.map { d in a.indices.map { a[$0] * g[$0][d] }.total }
    }

    /// All paths of these steps that have a positive probability.
    func paths(from start: [Rational], steps: [Rational]) -> [QuadraticPath] {
        let all = patterns(p).map { (weight: $0.weight, α: recovered(C, $0.responders)) }
        let ones = h.map { _ in Rational(1) }
        var paths = [QuadraticPath(weight: 1, models: [start], errors: [])]
        for η in steps {
            paths = paths.flatMap { path -> [QuadraticPath] in
                let x = path.models[path.models.count - 1]
                let g = gradients(x)
                let full = Self.combine(ones, g)
                return all.map { pattern in
                    let update = Self.combine(pattern.α, g)
                    return QuadraticPath(
                        weight: path.weight * pattern.weight,
                        models: path.models + [zip(x, update).map { $0 - η * $1 }],
                        errors: path.errors + [zip(update, full).map { $0 - $1 }])
                }
            }
        }
        return paths
    }

    /// E‖ĝ − g‖² at a model.
    func noise(_ x: [Rational]) -> Rational {
        Enumeration(C, sets: patterns(p), gradients: gradients(x)).gradientError
    }

    func value(_ x: [Rational]) -> Rational {
        h.indices.map { j in
            x.indices.map { d in h[j][d] * x[d] * x[d] / 2 + l[j][d] * x[d] }.total
        }.total
    }

    var curvature: [Rational] { h[0].indices.map { d in h.map { $0[d] }.total } }

    var minimiser: [Rational] {
        h[0].indices.map { d in -l.map { $0[d] }.total / curvature[d] }
    }

    var run: HeterogeneousRun {
        get throws {
            let moments = HeterogeneousMoments(coefficients: C, straggling: p.map(Probability.of))
            return try HeterogeneousRun(moments: moments, curvatures: h, slopes: l)
        }
    }

    /// The document's golden trajectory.
    static let triangle = QuadraticTraining(
        C: GoldenCode.triangle.coefficients, p: GoldenCode.triangle.code.p, h: [[1], [2], [1]], l: [[-1], [0], [1]])

    /// HT1 on the 4-cycle with a = 1.
    static let interpolation = QuadraticTraining(
        C: GoldenCode.cycle4.coefficients, p: GoldenCode.cycle4.code.p, h: [[1], [1], [1], [1]],
        l: [[0], [0], [0], [0]])

    /// HT2: two workers, uncoded.
    static let uncoded = QuadraticTraining(
        C: RationalMatrix([[2, 0], [0, 2]])!, p: Rational.list("1/2 1/2"), h: [[1], [1]], l: [[-1], [1]])

    /// HT3: an exact worker carries all curvature, the other one gradients 1 and −3.
    static let affine = QuadraticTraining(
        C: RationalMatrix([[1, 0, 0], [0, Rational(3, 2), Rational(3, 2)]])!, p: Rational.list("0 1/3"),
        h: [[2], [0], [0]], l: [[2], [1], [-3]])

    /// The same training with all losses moved so that they have the minimiser x.
    func centred(at x: [Rational]) -> QuadraticTraining {
        QuadraticTraining(C: C, p: p, h: h, l: h.map { h in zip(h, x).map { -$0 * $1 } })
    }

    /// Two partitions of one curvature, and a worker with p = 1/2 that holds them with c and −c beside an exact one: noise
    /// c²r² at every model, r the gradient of the first partition at the minimiser.
    static func opposite(_ c: Rational, curvature: Rational, slopes: [Rational]) -> QuadraticTraining {
        QuadraticTraining(
            C: RationalMatrix([[1 - c / 2, 1 + c / 2], [c, -c]])!, p: Rational.list("0 1/2"),
            h: [[curvature], [curvature]], l: slopes.map { [$0] })
    }

    /// A random unbiased code with random losses, some of which are affine.
    static func random(_ random: inout SplitMix64, workers: Int = 3, partitions: Int = 3) -> QuadraticTraining {
        let code = random.code(workers: workers, partitions: partitions, straggling: SplitMix64.any)
        let dimension = random.int(1...2)
        let isOptimal = random.int(0...1) == 0
        let C = isOptimal ? optimal(code) : random.unbiased(code)
        var h = (0..<code.partitions).map { _ in (0..<dimension).map { _ in Rational(random.int(0...3)) } }
        for d in 0..<dimension { h[random.int(0...code.partitions - 1)][d] += 1 }
        return QuadraticTraining(C: C, p: code.p, h: h, l: h.map { _ in random.numbers(dimension) })
    }

    /// (1/p_i)/S_j for living, uncertain workers; exact workers share equally.
    private static func optimal(_ code: HeterogeneousGradientCode) -> RationalMatrix {
        let p = code.p
        return RationalMatrix(rows: code.workers, columns: code.partitions) { i, j in
            let holders = code.allocation.workers(of: j)
            let exact = holders.filter { p[$0].isZero }
            guard holders.contains(i), p[i] < 1 else { return 0 }
            if !exact.isEmpty { return p[i].isZero ? Rational(1, exact.count) : 0 }
            return 1 / (p[i] * holders.map { (1 - p[$0]) / p[$0] }.total)
        }
    }
}

extension [QuadraticPath] {
    /// The mean of a number that depends on the path.
    func mean(_ value: (QuadraticPath) -> Rational) -> Rational { map { $0.weight * value($0) }.total }
}

/// |a − b|², of two models.
func squaredDistance(_ a: [Rational], _ b: [Rational]) -> Rational {
    zip(a, b).map { ($0 - $1) * ($0 - $1) }.total
}
