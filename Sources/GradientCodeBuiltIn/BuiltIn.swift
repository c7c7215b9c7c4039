public import GradientCodeOperations

/// The package's own kernels and reference as a subject.
///
/// Where a kernel exists it answers; what only the reference can answer is a regression check and reported as one.
public enum BuiltIn {
    /// The built-in implementation as it should be; a new one each time, with sessions of its own.
    public static var subject: Implementation { subject(mutant: nil) }

    /// The built-in implementation with one known defect, or none.
    public static func subject(mutant: Mutant?) -> Implementation {
        var table = Implementation.Table()
        answerRandomness(&table)
        answerAllocations(&table)
        answerGradientCodes(&table)
        answerHeterogeneousGradientCode(&table)
        answerOneBitGradientCode(&table)
        answerCooperativeGradientCode(&table)
        answerCompressedGradientCode(&table)
        answerTheory(&table)
        mutant?.damage(&table)
        let name = mutant.map { "built-in with mutant \($0.name)" } ?? "built-in"
        return Implementation(ImplementationName(name: name, version: "1", language: "swift"), table: table)
    }
}
