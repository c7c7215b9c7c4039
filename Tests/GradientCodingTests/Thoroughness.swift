import GradientCodeConformance
import GradientCodeLaws
import GradientCodeOperations

extension Verification {
    /// Everything in a release build. In debug the laws whose cases hold hundreds of large eliminations are left to
    /// `ConformanceTests`, which run everything once.
    static var thorough: Verification {
        var verification = Verification()
        #if DEBUG
            verification.laws = Set(Laws.all.map(\.id) + Operations.all.map { $0.name }).subtracting([
                "gradientCode.everyPattern", "gradientCode.largeCodes", "gradientCode.forwardError",
                "gradientCode.realCirculants", "gradientCode.rationalCirculants", "gradientCode.cyclicRecovers",
                "gradientCode.realCirculant", "gradientCode.leastSquares",
            ])
            verification.shrinking = 50
        #endif
        return verification
    }
}
