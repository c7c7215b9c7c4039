import GradientCodes

/// Every operation and every scheme of rounds, in the order of the documentation: the protocol in one list.
public enum Operations {
    /// The operations.
    public static let all: [any Question.Type] = [
        Philox.Block.self,
        Philox.DrawWords.self,
        StragglerModel.Draw.self,
        Rounding.Binary32.self,
        Allocation.Build.self,
        Allocation.Report.self,
        GradientCode.EncodingMatrix.self,
        GradientCode.Check.self,
        GradientCode.DecodingVector.self,
        GradientCode.LeastSquares.self,
        GradientCode.Approximate.self,
        GradientCode.RealCirculant.self,
        GradientCode.Encode.self,
        GradientCode.Decode.self,
        GradientCode.Recover.self,
        GradientCode.RecoveryProbability.self,
        HeterogeneousGradientCode.OptimalCoefficients.self,
        HeterogeneousGradientCode.Moments.self,
        HeterogeneousGradientCode.Allocate.self,
        HeterogeneousGradientCode.AllocateBits.self,
        HeterogeneousGradientCode.Adaptive.self,
        HeterogeneousGradientCode.Recover.self,
        HeterogeneousGradientCode.Trajectory.self,
        HeterogeneousGradientCode.Convergence.self,
        OneBitGradientCode.Encode.self,
        OneBitGradientCode.Quantize.self,
        OneBitGradientCode.Aggregate.self,
        OneBitGradientCode.Step.self,
        OneBitGradientCode.Moments.self,
        OneBitGradientCode.Convergence.self,
        CooperativeGradientCode.Outage.self,
        CooperativeGradientCode.OutcomeLaw.self,
        CooperativeGradientCode.Decode.self,
        CooperativeGradientCode.DecodePlus.self,
        CooperativeGradientCode.Aggregate.self,
        CompressedGradientCode.Compress.self,
        CompressedGradientCode.Decompress.self,
        CompressedGradientCode.WorkerStep.self,
        CompressedGradientCode.ServerStep.self,
        CompressedGradientCode.Convergence.self,
        TheoryValue.self,
    ]

    /// The schemes that offer rounds.
    public static let sessions: [any Opening.Type] = [
        GradientCode.Session.self,
        HeterogeneousGradientCode.Session.self,
        OneBitGradientCode.Session.self,
        CooperativeGradientCode.Session.self,
        CompressedGradientCode.Session.self,
    ]

    /// The operation with a name.
    public static func named(_ name: String) -> (any Question.Type)? { operations[name] }
    /// The rounds of a scheme.
    public static func session(_ scheme: String) -> (any Opening.Type)? { openings[scheme] }

    private static let operations = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
    private static let openings = Dictionary(uniqueKeysWithValues: sessions.map { ($0.scheme, $0) })

    /// Prefixes whose operations belong to all schemes and run whichever scheme is chosen.
    public static let sharedPrefixes = ["philox", "stragglers", "rounding", "allocation", "theory"]

    /// The part of an operation's name before the dot: a scheme's identifier, or a shared prefix.
    public static func prefix(of name: String) -> String { String(name.prefix { $0 != "." }) }

    /// Identifiers of the schemes.
    public static var schemes: [String] {
        var seen = Set(sharedPrefixes)
        return all.map { prefix(of: $0.name) }.filter { seen.insert($0).inserted }
    }
}
