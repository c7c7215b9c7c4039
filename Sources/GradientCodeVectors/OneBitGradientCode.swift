package import ExactArithmetic
package import GradientCodeOperations
package import GradientCodeReference
import GradientCodeTheory
package import GradientCodes

extension OneBitGradientCode {
    /// Vectors of `oneBit.encode`.
    static var encodeVectors: VectorFile {
        var file = VectorFileBuilder(
            Encode.self, "The coded gradient of a worker, weights exact.", "Any order of summation is right.")
        func question(_ weights: [Rational], _ gradients: [[Float]]) -> Encode {
            Encode(gradients: gradients.map { Binary32Vector($0) }, weights: weights)
        }
        let golden = GoldenIteration()
        file.group(1, "Representable", profile: .core, basis: .derived) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ weights: [Rational], _ gradients: [[Float]],
                _ expected: [Float]
            ) {
                tests.valid(tcId, comment, [flag], question(weights, gradients), .exact(Binary32Vector(expected)))
            }
            add(1, "one subset, weight 1", .smallest, [1], [[3]], [3])
            add(2, "the hand example, worker 0", .handExample, [2, 1], [[1], [2]], [4])
            add(3, "the hand example with general weights", .handExample, [2, 2], [[1], [2]], [6])
            add(4, "weights that are zero", .normal, [0, 0], [[1, 2], [3, 4]], [0, 0])
            add(5, "a negative weight", .normal, [-1, 2], [[5, 1], [3, 1]], [1, 1])
            add(6, "E3: 1/(1 − p) = 2", .handExample, [2], [[0.5, -1]], [1, -2])
            for worker in 1...2 {
                let (weights, gradients) = golden.inputs(of: worker)
                add(
                    6 + worker, "golden iteration, worker \(worker)", .handExample, weights, gradients,
                    golden.coded[worker].map { Float($0) })
            }
        }
        file.group(2, "Rounded", profile: .core, basis: .derived) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ weights: [Rational], _ gradients: [[Float]]
            ) {
                tests.valid(tcId, comment, [flag], question(weights, gradients), enclosure(weights, gradients))
            }
            let (weights, gradients) = golden.inputs(of: 3)
            add(20, "golden iteration, worker 3: weight 4/5", .handExample, weights, gradients)
            add(21, "weight 1/3", .rounding, [Rational(1, 3)], [[1, -1, 3]])
            add(22, "a product below the smallest subnormal", .subnormal, [Rational(1, 4)], [[0x1p-149, 0x1p-126]])
            for (index, (subsets, dimension)) in [(1, 3), (2, 17), (5, 5), (13, 4)].enumerated() {
                let vectors = (0..<subsets).map {
                    Philox.testFloats(seed: 4, t: UInt32(index), i: UInt32($0), count: dimension)
                }
                let weights = (0..<subsets).map { Rational($0 + 1, (2 + $0 % 3) * (3 + index)) }
                add(30 + index, "\(subsets) subsets of \(dimension) coordinates, test data", .normal, weights, vectors)
            }
        }
        file.group(3, "Refusals", profile: .core, basis: .house, section: "OneBitGradientCode.md#edge-cases") { tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ weights: [Rational], _ gradients: [[Float]],
                _ kind: Refusal.Kind
            ) {
                tests.invalid(tcId, comment, [flag], question(weights, gradients), kind)
            }
            refuse(50, "no subset", .smallest, [], [], .invalidParameters)
            refuse(51, "dimension 0", .smallest, [1], [[]], .invalidParameters)
            refuse(52, "one weight too many", .sizes, [1, 1], [[1]], .dimensionMismatch)
            refuse(53, "gradients of different dimensions", .sizes, [1, 1], [[1], [1, 2]], .dimensionMismatch)
            refuse(54, "a NaN", .nonFinite, [1], [[.nan]], .nonFinite)
            refuse(55, "an infinity with weight 0", .nonFinite, [0, 1], [[.infinity], [1]], .nonFinite)
            refuse(56, "the coded gradient is beyond binary32", .overflow, [2], [[0x1p127]], .outOfRange)
            refuse(57, "a weight beyond binary32", .overflow, [Rational(2).power(200)], [[1]], .outOfRange)
            refuse(58, "a NaN and wrong sizes: the sizes", .precedence, [1, 1], [[.nan]], .dimensionMismatch)
        }
        return file.file
    }

    /// What every right computation of a coded gradient reaches, the weights rounded once.
    package static func enclosure(_ weights: [Rational], _ gradients: [[Float]]) -> FloatExpectation {
        let columns = gradients[0].indices.map { j in gradients.map { GradientCode.exact($0[j]) } }
        return .enclosure(
            center: columns.map { weights.innerProduct($0) },
            bound: columns.map { ForwardError.roundedCombinationBound(coefficients: weights, values: $0) },
            derivation: "recover")
    }
}

/// The iteration worked in `docs/OneBitGradientCode.md#golden-iteration`.
package struct GoldenIteration: Sendable {
    package let allocation = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1]]
    package let probabilities = [Rational(1, 4), 0, Rational(1, 2), Rational(3, 8)]
    package let seed: UInt64 = 20_240_319
    package let t = 5
    package let range: Float = 4
    package let dimension = 11
    package let responders = [1, 2, 3]
    /// ∇f_k, one a subset.
    package let gradients: [[Rational]]
    /// g_i, one a worker.
    package let coded: [[Rational]]
    private let weights: RationalMatrix

    package init() {
        gradients = (0..<4).map { k in (0..<11).map { j in Rational((3 * k + 5 * j) % 7 - 3, 2) } }
        guard let allocation = try? Allocation(allocation),
            let code = try? OneBitGradientCode(allocation: allocation, straggling: Probability.all(probabilities))
        else { preconditionFailure("a legal scheme") }
        weights = code.weights
        coded = OneBitGradientCode.codedGradients(weights: weights, gradients: gradients)
    }

    /// The words of a worker.
    package func tape(of worker: Int) -> [UInt32] {
        Philox.words(seed: seed, stream: .quantizer, t: UInt32(t), i: UInt32(worker), first: 0, count: dimension)
    }

    /// The message of a worker.
    package func message(of worker: Int) -> SignMessage {
        let ranges = [Rational](repeating: 4, count: dimension)
        return SignMessage(quantizing: coded[worker], ranges: ranges, draws: tape(of: worker))
    }

    /// Weights and gradients of the subsets a worker holds.
    package func inputs(of worker: Int) -> (weights: [Rational], gradients: [[Float]]) {
        let held = allocation[worker].indices.filter { allocation[worker][$0] == 1 }
        return (held.map { weights[worker, $0] }, held.map { gradients[$0].map { Float($0) } })
    }
}
