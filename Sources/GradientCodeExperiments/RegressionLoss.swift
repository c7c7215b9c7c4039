/// What a residual r costs. Both losses are rational functions, so no library function is called and every platform
/// computes the same bits.
package enum RegressionLoss: String, Sendable {
    /// r²/2: convex.
    case leastSquares
    /// r²/(1 + r²), after Geman and McClure: not convex, at most 1 however large an outlier is.
    case robust

    /// The cost of residual r.
    package func value(_ r: Double) -> Double {
        switch self {
        case .leastSquares: r * r / 2
        case .robust: r * r / (1 + r * r)
        }
    }

    /// Its derivative: r, or 2r/(1 + r²)².
    package func derivative(_ r: Double) -> Double {
        switch self {
        case .leastSquares: r
        case .robust: 2 * r / ((1 + r * r) * (1 + r * r))
        }
    }

    /// The same in binary32.
    package func derivative(_ r: Float) -> Float {
        switch self {
        case .leastSquares: r
        case .robust: 2 * r / ((1 + r * r) * (1 + r * r))
        }
    }

    /// The largest magnitude of the second derivative. That of the robust loss is (2 − 6r²)/(1 + r²)³: 2 at r = 0,
    /// where it is largest, and at least −1/2, its value at r² = 1.
    package var curvature: Double {
        switch self {
        case .leastSquares: 1
        case .robust: 2
        }
    }
}
