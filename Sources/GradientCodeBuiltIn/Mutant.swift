import GradientCodeOperations

/// A known-wrong implementation: what is wrong, who must notice, and how the built-in subject is damaged.
public struct Mutant: Sendable {
    /// Its name on the command line, such as `wrapOmitted`.
    public let name: String
    /// The scheme, or shared prefix, whose operations it damages.
    public let scheme: String
    /// The defect in one sentence.
    public let defect: String
    /// The identifier of the law or the vector file that must catch it.
    public let killer: String
    /// Replaces right functions by wrong ones.
    let damage: @Sendable (inout Implementation.Table) -> Void

    init(
        _ name: String, of scheme: String, _ defect: String, caughtBy killer: String,
        damage: @escaping @Sendable (inout Implementation.Table) -> Void
    ) {
        self.name = name
        self.scheme = scheme
        self.defect = defect
        self.killer = killer
        self.damage = damage
    }
}

extension Mutant {
    /// All known defects, by scheme.
    public static let all: [Mutant] =
        randomness + allocations + encodingMatrices + constructions + properties + decoders + approximations
        + combinations + rounds + heterogeneous + heterogeneousRounds + oneBit + oneBitRounds
        + cooperative + cooperativeRounds
        + compressed + compressedRounds

    /// The defect of a name.
    public static func named(_ name: String) -> Mutant? { all.first { $0.name == name } }
}
