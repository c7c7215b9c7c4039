import GradientCodeConformance
import GradientCodeLaws
import GradientCodeOperations

/// Laws and vectors whose cases hold hundreds of large eliminations, thousands of rounds or a million draws: in debug,
/// where these are slow, they are left to `ConformanceTests`, which run everything once.
let heavy: Set<String> = [
    "gradientCode.everyPattern", "gradientCode.largeCodes", "gradientCode.forwardError", "gradientCode.realCirculants",
    "gradientCode.rationalCirculants", "gradientCode.cyclicRecovers", "gradientCode.realCirculant",
    "gradientCode.leastSquares", "oneBit.unbiased", "oneBit.covariance", "oneBit.convergence", "oneBit.ownSigns",
    "oneBit.ownRounds", "oneBit.quantize",
]

extension Verification {
    /// Everything in a release build; in debug all but what is ``heavy``.
    static var thorough: Verification {
        var verification = Verification()
        #if DEBUG
            verification.laws = Set(Laws.all.map(\.id) + Operations.all.map { $0.name }).subtracting(heavy)
            verification.shrinking = 50
        #endif
        return verification
    }
}
