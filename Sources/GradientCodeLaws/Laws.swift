/// All laws of the suite.
public enum Laws {
    /// The laws, shared ones first.
    public static let all: [Law] =
        Law.randomness + Law.allocations + Law.gradientCode + Law.combinations + Law.fractionalRepetitionCode
        + Law.cyclicRepetitionCode + Law.namedCodes + Law.nearMisses + Law.floatCodes
        + Law.approximateAssignments + Law.gradientCodeRecovery + Law.gradientCodeRounds + Law.heterogeneousGradientCode
        + Law.heterogeneousRounds + Law.heterogeneousConvergence + Law.oneBitGradientCode
        + Law.oneBitMoments + Law.oneBitConvergence + Law.oneBitRounds + Law.oneBitCertainties + Law.oneBitOpenings
        + Law.oneBitOwnRandomness + Law.cooperativeGradientCode + Law.cooperativeRounds + Law.cooperativeConvergence
        + Law.compressedGradientCode + Law.compressedRuns + Law.compressedRounds + Law.compressedConvergence

    /// The law with an identifier.
    public static func named(_ id: String) -> Law? { all.first { $0.id == id } }
}
