package import ExactArithmetic
package import GradientCodeOperations
import GradientCodeTheory
import GradientCodes

// Encode and decode are the same linear combination; both get the same tests.

extension GradientCode {
    /// Vectors of `gradientCode.encode`.
    static var encodeVectors: VectorFile {
        combinationVectors(of: "The coded gradient of a worker.") { Encode(coefficients: $0, vectors: $1) }
    }

    /// Vectors of `gradientCode.decode`.
    static var decodeVectors: VectorFile {
        combinationVectors(of: "The server's combination of messages.") { Decode(coefficients: $0, vectors: $1) }
    }

    /// The enclosure that every right computation of Σ c_i v_i reaches.
    package static func enclosure(_ coefficients: [Float], _ vectors: [[Float]]) -> FloatExpectation {
        let c = coefficients.map(exact)
        let columns = vectors[0].indices.map { j in vectors.map { exact($0[j]) } }
        return .enclosure(
            center: columns.map { c.innerProduct($0) },
            bound: columns.map { ForwardError.linearCombinationBound(coefficients: c, values: $0) },
            derivation: "linear-combination")
    }

    /// The value of a finite float.
    package static func exact(_ value: Float) -> Rational {
        guard let exact = Rational(exactly: value) else { preconditionFailure("\(value) is not finite") }
        return exact
    }

    private static func combinationVectors<Asked: LinearCombinationQuestion>(
        of header: String, _ make: (Binary32Vector, [Binary32Vector]) -> Asked
    ) -> VectorFile {
        var file = VectorFileBuilder(Asked.self, header, "Any order of summation, with or without FMA, is right.")
        func question(_ c: [Float], _ v: [[Float]]) -> Asked { make(Binary32Vector(c), v.map { Binary32Vector($0) }) }

        file.group(1, "Representable", profile: .core, basis: .derived) { tests in
            // Every product and every partial sum, in any order, is a float: only one answer is right.
            func add(_ tcId: Int, _ comment: String, _ flag: VectorFlag, _ c: [Float], _ v: [[Float]], _ sum: [Float]) {
                tests.valid(tcId, comment, [flag], question(c, v), .exact(Binary32Vector(sum)))
            }
            add(1, "one term, one coordinate", .smallest, [3], [[2]], [6])
            add(2, "row 0 of CRC-Z (3, 1)", .handExample, [2, 1], [[1, 0, -1], [4, 5, 6]], [6, 5, 4])
            add(3, "coefficient 0", .normal, [0, 1], [[7], [8]], [8])
            add(4, "cancellation to zero", .normal, [1, -1], [[5, 0.5], [5, 0.5]], [0, 0])
            add(5, "-0 counts as 0", .signedZero, [1, 1], [[-0.0], [-0.0]], [0])
            add(
                6, "the smallest subnormals add up exactly", .subnormal, [1, 1, 1],
                [[0x1p-149], [0x1p-149], [0x1p-149]], [Float(bitPattern: 3)])
            add(
                7, "2^24 - 1 terms' worth in four", .normal, [1, 2, 4, 8],
                [[1_118_481], [1_118_481], [1_118_481], [1_118_481]], [16_777_215])
            add(8, "the largest float times 1", .normal, [1], [[.greatestFiniteMagnitude]], [.greatestFiniteMagnitude])
            let ramp = (0..<65).map { Float($0) }
            add(9, "65 coordinates: lanes and a tail", .normal, [2, -1], [ramp, ramp], ramp)
        }
        file.group(2, "Rounded", profile: .core, basis: .derived) { tests in
            func add(_ tcId: Int, _ comment: String, _ flag: VectorFlag, _ c: [Float], _ v: [[Float]]) {
                tests.valid(tcId, comment, [flag], question(c, v), enclosure(c, v))
            }
            add(20, "1/3 of 1", .rounding, [1 / 3], [[1, -1, 3]])
            add(21, "rounding at every addition", .rounding, [1, 1, 1], [[1], [0x1p-24], [0x1p-24]])
            add(22, "catastrophic cancellation", .rounding, [1, 1, -1], [[1e8], [1], [1e8]])
            add(23, "a product that underflows", .subnormal, [0x1p-75, 1], [[0x1.8p-75], [0x1p-149]])
            add(
                24, "products below half the smallest subnormal", .subnormal, [0x1p-100, 0x1p-100],
                [[0x1p-100], [0x1p-60]])
            for (index, (terms, dimension)) in [(2, 3), (3, 17), (8, 5), (20, 4), (60, 2)].enumerated() {
                let c = Philox.testFloats(seed: 1, t: UInt32(index), i: 1000, count: terms)
                let v = (0..<terms).map {
                    Philox.testFloats(seed: 1, t: UInt32(index), i: UInt32($0), count: dimension)
                }
                add(30 + index, "\(terms) terms of \(dimension) coordinates, test data", .normal, c, v)
            }
        }
        file.group(3, "Refusals", profile: .core, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ c: [Float], _ v: [[Float]], _ kind: Refusal.Kind
            ) {
                tests.invalid(tcId, comment, [flag], question(c, v), kind)
            }
            refuse(50, "no vectors", .smallest, [], [], .invalidParameters)
            refuse(51, "dimension 0", .smallest, [1], [[]], .invalidParameters)
            refuse(52, "more coefficients than vectors", .sizes, [1, 2], [[1]], .dimensionMismatch)
            refuse(53, "vectors of different dimensions", .sizes, [1, 2], [[1], [1, 2]], .dimensionMismatch)
            refuse(54, "NaN in a vector", .nonFinite, [1], [[.nan]], .nonFinite)
            refuse(55, "infinity times 0", .nonFinite, [0, 1], [[.infinity], [1]], .nonFinite)
            refuse(56, "an infinite coefficient", .nonFinite, [-.infinity], [[1]], .nonFinite)
            refuse(57, "NaN and wrong sizes: the sizes are refused", .precedence, [1, .nan], [[1]], .dimensionMismatch)
            refuse(58, "a product beyond binary32", .overflow, [2], [[.greatestFiniteMagnitude]], .outOfRange)
            refuse(
                59, "a sum beyond binary32", .overflow, [1, 1], [[0x1.8p127], [0x1.8p127]], .outOfRange)
        }
        return file.file
    }
}
