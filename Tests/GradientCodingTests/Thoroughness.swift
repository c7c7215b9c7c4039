import GradientCodeConformance
import GradientCodeLaws
import GradientCodeOperations

extension Verification {
    /// Everything in a release build. In debug the laws whose cases hold hundreds of large eliminations are left to the
    /// one test that runs everything on the right implementation.
    static var thorough: Verification {
        var verification = Verification()
        #if DEBUG
            verification.laws = Set(Laws.all.map(\.id) + Operations.all.map { $0.name }).subtracting([
                "gradientCode.everyPattern", "gradientCode.largeCodes", "gradientCode.forwardError",
                "gradientCode.realCirculants", "gradientCode.rationalCirculants", "gradientCode.cyclicRecovers",
            ])
        #endif
        return verification
    }
}
