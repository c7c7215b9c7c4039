import Foundation
import GradientCodeOperations
import GradientCodes

/// All vectors of the suite, made from the reference.
public enum VectorSuite {
    /// The files, in the order of the operations. Made once, then kept.
    public static let files: [VectorFile] = [
        Philox.blockVectors,
        Philox.wordsVectors,
        StragglerModel.drawVectors,
        Rounding.binary32Vectors,
        Allocation.buildVectors,
        Allocation.reportVectors,
        GradientCode.encodingMatrixVectors,
        GradientCode.checkVectors,
        GradientCode.decodingVectorVectors,
        GradientCode.leastSquaresVectors,
        GradientCode.approximateVectors,
        GradientCode.realCirculantVectors,
        GradientCode.encodeVectors,
        GradientCode.decodeVectors,
        GradientCode.recoverVectors,
        GradientCode.recoveryProbabilityVectors,
        HeterogeneousGradientCode.coefficientsVectors,
        HeterogeneousGradientCode.momentsVectors,
        HeterogeneousGradientCode.allocateVectors,
        HeterogeneousGradientCode.allocateBitsVectors,
        HeterogeneousGradientCode.adaptiveVectors,
        HeterogeneousGradientCode.recoverVectors,
        HeterogeneousGradientCode.trajectoryVectors,
        HeterogeneousGradientCode.convergenceVectors,
        OneBitGradientCode.encodeVectors,
        OneBitGradientCode.quantizeVectors,
        OneBitGradientCode.aggregateVectors,
        OneBitGradientCode.stepVectors,
        OneBitGradientCode.momentsVectors,
        OneBitGradientCode.convergenceVectors,
        CooperativeGradientCode.outageVectors,
        CooperativeGradientCode.lawVectors,
        CooperativeGradientCode.decodeVectors,
        CooperativeGradientCode.decodePlusVectors,
        CooperativeGradientCode.aggregateVectors,
        CompressedGradientCode.compressVectors,
        CompressedGradientCode.decompressVectors,
        CompressedGradientCode.workerStepVectors,
        CompressedGradientCode.serverStepVectors,
        CompressedGradientCode.convergenceVectors,
        TheoryValue.vectors,
    ]

    /// Every file of a vector folder but the manifest: path below the folder and bytes. Made once, then kept.
    static let contents: [(path: String, data: Data, numberOfTests: Int?)] =
        files.map { ($0.path, $0.data, $0.numberOfTests) }
        + Operations.all.map { ("schemas/\($0.name).schema.json", JSONSchema.data(for: $0), nil) }
}
