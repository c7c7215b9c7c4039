package import ExactArithmetic
package import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
package import GradientCodes

extension OneBitGradientCode {
    /// Vectors of `oneBit.aggregate`.
    static var aggregateVectors: VectorFile {
        var file = VectorFileBuilder(
            Aggregate.self, "The sum of decoded messages: ±B for bits 1 and 0, no division.",
            "Any order of summation is right.")
        let golden = GoldenIteration()
        let sent = golden.responders.map { Bytes(golden.message(of: $0).bytes) }
        file.group(1, "Representable", profile: .wire, basis: .house) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ messages: [Bytes], _ range: SignRange,
                _ expected: [Float]
            ) {
                let question = Aggregate(messages: messages, bound: range, dimension: expected.count)
                tests.valid(tcId, comment, [flag], question, .exact(Binary32Vector(expected)))
            }
            func message(_ range: Float?, _ signs: [Int]) -> Bytes {
                Bytes(SignMessage(range: range, signs: signs.map { $0 == 1 }).bytes)
            }
            add(1, "no message", .smallest, [], .given([3]), [0, 0, 0])
            add(2, "no message, mode S", .smallest, [], .perMessage, [0])
            add(3, "one coordinate, +B", .smallest, [message(nil, [1])], .given([3]), [3])
            add(4, "one coordinate, -B", .smallest, [message(nil, [0])], .given([3]), [-3])
            add(
                5, "bits 1,0,0,0,0,0,0,0,0,1,1 are 0106", .handExample, [Bytes([1, 6])], .given([1]),
                [1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 1])
            add(6, "the golden iteration", .handExample, sent, .given([4]), [4, -4, 4, -12, -12, 4, 4, -4, -4, 12, -4])
            add(
                7, "a message twice", .normal, [sent[0], sent[0]], .given([4]),
                [-8, 8, 8, -8, -8, -8, 8, -8, -8, 8, -8])
            add(
                8, "one range a coordinate", .normal, [message(nil, [1, 0, 1]), message(nil, [1, 1, 0])],
                .given([1, 2, 4]), [2, 0, 0])
            add(
                9, "the example of mode S", .handExample, [Bytes([0, 0, 0xc0, 0x3f, 1])], .perMessage,
                [1.5, -1.5, -1.5])
            add(10, "a range 0 is +0 everywhere", .signedZero, [Bytes([0, 0, 0, 0, 0])], .perMessage, [0, 0])
            add(
                11, "mode S, ranges 1 and 0 and 2", .normal,
                [message(1, [1, 0]), message(0, [0, 0]), message(2, [1, 1])], .perMessage, [3, 1])
            add(12, "a subnormal range", .subnormal, [message(nil, [1])], .given([0x1p-149]), [0x1p-149])
            add(
                13, "the largest ranges cancel", .normal,
                [message(nil, [1, 0]), message(nil, [0, 1])], .given([.greatestFiniteMagnitude]), [0, 0])
            add(
                14, "130 coordinates", .normal, [message(nil, (0..<130).map { $0 % 3 == 0 ? 1 : 0 })], .given([0.5]),
                (0..<130).map { $0 % 3 == 0 ? 0.5 : -0.5 })
        }
        file.group(2, "Rounded", profile: .wire, basis: .house) { tests in
            func add(_ tcId: Int, _ comment: String, _ ranges: [Float], _ signs: [[Bool]]) {
                let messages = zip(ranges, signs).map { Bytes(SignMessage(range: $0, signs: $1).bytes) }
                let question = Aggregate(messages: messages, bound: .perMessage, dimension: signs[0].count)
                let terms = signs[0].indices.map { j in
                    zip(ranges, signs).map { $1[j] ? GradientCode.exact($0) : -GradientCode.exact($0) }
                }
                tests.valid(tcId, comment, [.rounding], question, sum(terms))
            }
            add(
                20, "ranges 1, 2^-24 and 2^-24", [1, 0x1p-24, 0x1p-24], [[true, false], [true, true], [true, false]])
            add(21, "cancellation", [1e8, 1, 1e8], [[true, true], [true, false], [false, false]])
            let data = Philox.testFloats(seed: 10, t: 0, i: 0, count: 9).map(\.magnitude)
            add(22, "nine ranges", data, (0..<9).map { i in (0..<5).map { (i * 7 + $0 * 3) % 4 < 2 } })
        }
        addAggregateRefusals(to: &file)
        return file.file
    }

    /// What every right sum of the terms of each coordinate reaches.
    package static func sum(_ terms: [[Rational]]) -> FloatExpectation {
        .enclosure(
            center: terms.map(\.total),
            bound: terms.map {
                ForwardError.linearCombinationBound(
                    coefficients: Array(repeating: 1, count: $0.count), values: $0)
            }, derivation: "linear-combination")
    }

    /// Messages that are none, with their ranges and dimension.
    private static let malformed: [(comment: String, bytes: [UInt8], range: SignRange, dimension: Int)] = [
        ("no bytes", [], .given([1]), 1), ("a byte too few", [0], .given([1]), 9),
        ("a byte too many", [0, 0], .given([1]), 8), ("the first padding bit", [0b10], .given([1]), 1),
        ("the last padding bit", [0, 0x80], .given([1]), 9), ("mode S without a header", [1], .perMessage, 1),
        ("mode S with a byte too many", [0, 0, 0x80, 0x3f, 1, 0], .perMessage, 3),
        ("a negative range", [0, 0, 0x80, 0xbf, 0], .perMessage, 1),
        ("a range -0", [0, 0, 0, 0x80, 0], .perMessage, 1),
        ("an infinite range", [0, 0, 0x80, 0x7f, 0], .perMessage, 1),
        ("a range NaN", [0, 0, 0xc0, 0x7f, 0], .perMessage, 1),
        ("a range 0 with a bit", [0, 0, 0, 0, 1], .perMessage, 1),
        ("mode S with a padding bit", [0, 0, 0x80, 0x3f, 0x10], .perMessage, 4),
    ]

    private static func addAggregateRefusals(to file: inout VectorFileBuilder<Aggregate>) {
        file.group(3, "Refusals", profile: .core, basis: .house, section: "OneBitGradientCode.md#edge-cases") { tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ range: SignRange, _ dimension: Int,
                _ kind: Refusal.Kind
            ) {
                tests.invalid(
                    tcId, comment, [flag], Aggregate(messages: [], bound: range, dimension: dimension), kind)
            }
            refuse(50, "dimension 0", .smallest, .given([1]), 0, .invalidParameters)
            refuse(51, "dimension -1", .invalidParameters, .perMessage, -1, .invalidParameters)
            refuse(52, "dimension 2^26 + 1", .invalidParameters, .given([1]), 1 << 26 + 1, .invalidParameters)
            refuse(53, "range 0", .invalidParameters, .given([0]), 1, .invalidParameters)
            refuse(54, "three ranges for two coordinates", .sizes, .given([1, 1, 1]), 2, .dimensionMismatch)
            refuse(55, "an infinite range", .nonFinite, .given([.infinity]), 1, .nonFinite)
        }
        file.group(4, "Malformed", profile: .wire, basis: .house, section: "OneBitGradientCode.md#wire-format") {
            tests in
            for (index, bad) in malformed.enumerated() {
                let question = Aggregate(messages: [Bytes(bad.bytes)], bound: bad.range, dimension: bad.dimension)
                tests.invalid(60 + index, bad.comment, [.malformed], question, .malformedMessage)
            }
            let good = Bytes([1])
            tests.invalid(
                80, "the second of three", [.malformed],
                Aggregate(messages: [good, Bytes([2]), good], bound: .given([1]), dimension: 1), .malformedMessage)
            tests.invalid(
                81, "the sum is beyond binary32", [.overflow],
                Aggregate(messages: [good, good], bound: .given([0x1p127]), dimension: 1), .outOfRange)
        }
    }

    /// Vectors of `oneBit.step`.
    static var stepVectors: VectorFile {
        var file = VectorFileBuilder(
            Step.self, "The model after one iteration: θ − γ Y, then projected on the box if there is one.")
        let golden = GoldenIteration()
        let sent = golden.responders.map { Bytes(golden.message(of: $0).bytes) }
        file.group(1, "Representable", profile: .wire, basis: .house) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ flag: VectorFlag, _ model: [Float], _ step: Float,
                _ messages: [Bytes], _ range: SignRange, _ expected: [Float],
                box: (lower: [Float], upper: [Float])? = nil
            ) {
                let question = Step(
                    model: Binary32Vector(model), step: [step], messages: messages, bound: range,
                    lower: box.map { Binary32Vector($0.lower) }, upper: box.map { Binary32Vector($0.upper) })
                tests.valid(tcId, comment, [flag], question, .exact(Binary32Vector(expected)))
            }
            let (up, down) = (Bytes([1]), Bytes([0]))
            let zeros = [Float](repeating: 0, count: 11)
            add(
                1, "the golden iteration", .handExample, zeros, 0.125, sent, .given([4]),
                [-0.5, 0.5, -0.5, 1.5, 1.5, -0.5, -0.5, 0.5, 0.5, -1.5, 0.5])
            add(2, "nobody responds: the model stays", .smallest, [3, -1], 0.5, [], .given([1]), [3, -1])
            add(3, "against the gradient, not along it", .normal, [0], 1, [up], .given([2]), [-2])
            add(4, "a negative sign moves up", .normal, [0], 1, [down], .given([2]), [2])
            add(5, "a box holds the model", .normal, [0.5], 1, [down], .given([1]), [1], box: ([0], [1]))
            add(6, "a box that is a point", .normal, [0.5], 1, [up], .given([1]), [0.5], box: ([0.5], [0.5]))
            add(7, "infinite ends", .normal, [0], 1, [up], .given([1]), [-1], box: ([-.infinity], [.infinity]))
            add(8, "one end infinite", .normal, [0], 1, [up], .given([1]), [0.25], box: ([0.25], [.infinity]))
            add(9, "nobody responds, outside the box", .smallest, [3], 1, [], .given([1]), [2], box: ([-2], [2]))
            add(
                10, "mode S", .normal, [1, 1], 0.5, [Bytes([0, 0, 0, 0x40, 1])], .perMessage, [0, 2])
            add(11, "a subnormal step", .subnormal, [0], 0x1p-149, [up], .given([1]), [-0x1p-149])
        }
        file.group(2, "Rounded", profile: .wire, basis: .house) { tests in
            func add(_ tcId: Int, _ comment: String, _ model: [Float], _ step: Float, _ range: Float, _ signs: [[Bool]])
            {
                let messages = signs.map { Bytes(SignMessage(range: nil, signs: $0).bytes) }
                let question = Step(
                    model: Binary32Vector(model), step: [step], messages: messages, bound: .given([range]))
                tests.valid(
                    tcId, comment, [.rounding], question,
                    stepEnclosure(
                        model, step,
                        model.indices.map { j in
                            signs.map { $0[j] ? GradientCode.exact(range) : -GradientCode.exact(range) }
                        }
                    ))
            }
            add(20, "step 0.1, range 0.3", [1, -1], 0.1, 0.3, [[true, false], [true, true], [false, true]])
            add(21, "a large model", [1e8, -1e8], 0.1, 1, [[true, false]])
        }
        addStepRefusals(to: &file)
        return file.file
    }

    /// What every right computation of θ − γ Σ terms reaches, in any order of its operations.
    package static func stepEnclosure(_ model: [Float], _ step: Float, _ terms: [[Rational]]) -> FloatExpectation {
        let γ = GradientCode.exact(step)
        let columns = model.indices.map { j in [GradientCode.exact(model[j])] + terms[j] }
        let coefficients = columns.map { [1] + Array(repeating: -γ, count: $0.count - 1) }
        return .enclosure(
            center: zip(coefficients, columns).map { $0.innerProduct($1) },
            bound: zip(coefficients, columns).map {
                ForwardError.linearCombinationBound(coefficients: $0, values: $1)
            }, derivation: "linear-combination")
    }

    private static func addStepRefusals(to file: inout VectorFileBuilder<Step>) {
        func question(
            _ model: [Float], _ step: [Float], _ messages: [Bytes], _ range: SignRange, _ lower: [Float]? = nil,
            _ upper: [Float]? = nil
        ) -> Step {
            Step(
                model: Binary32Vector(model), step: Binary32Vector(step), messages: messages, bound: range,
                lower: lower.map { Binary32Vector($0) }, upper: upper.map { Binary32Vector($0) })
        }
        file.group(3, "Refusals", profile: .core, basis: .house, section: "OneBitGradientCode.md#edge-cases") { tests in
            func refuse(_ tcId: Int, _ comment: String, _ flag: VectorFlag, _ question: Step, _ kind: Refusal.Kind) {
                tests.invalid(tcId, comment, [flag], question, kind)
            }
            let one = SignRange.given([1])
            refuse(50, "no coordinate", .smallest, question([], [1], [], one), .invalidParameters)
            refuse(51, "step 0", .invalidParameters, question([0], [0], [], one), .invalidParameters)
            refuse(52, "step -1", .invalidParameters, question([0], [-1], [], one), .invalidParameters)
            refuse(53, "an empty box", .invalidParameters, question([0], [1], [], one, [1], [-1]), .invalidParameters)
            refuse(54, "half a box", .invalidParameters, question([0], [1], [], one, [1]), .invalidParameters)
            refuse(
                55, "a range that is negative", .invalidParameters, question([0], [1], [], .given([-1])),
                .invalidParameters)
            refuse(56, "two steps", .sizes, question([0], [1, 1], [], one), .dimensionMismatch)
            refuse(57, "no step", .sizes, question([0], [], [], one), .dimensionMismatch)
            refuse(
                58, "a box of another dimension", .sizes, question([0], [1], [], one, [0, 0], [1, 1]),
                .dimensionMismatch)
            refuse(
                59, "two ranges for three coordinates", .sizes, question([0, 0, 0], [1], [], .given([1, 1])),
                .dimensionMismatch)
            refuse(60, "a model NaN", .nonFinite, question([.nan], [1], [], one), .nonFinite)
            refuse(61, "an infinite step", .nonFinite, question([0], [.infinity], [], one), .nonFinite)
            refuse(62, "a step of -infinity", .nonFinite, question([0], [-.infinity], [], one), .nonFinite)
            refuse(63, "an end NaN", .nonFinite, question([0], [1], [], one, [.nan], [1]), .nonFinite)
            refuse(64, "step 0 and a NaN: the step", .precedence, question([.nan], [0], [], one), .invalidParameters)
        }
        file.group(4, "Malformed", profile: .wire, basis: .house, section: "OneBitGradientCode.md#wire-format") {
            tests in
            for (index, bad) in malformed.enumerated() {
                let model = [Float](repeating: 0, count: bad.dimension)
                tests.invalid(
                    80 + index, bad.comment, [.malformed], question(model, [1], [Bytes(bad.bytes)], bad.range),
                    .malformedMessage)
            }
            tests.invalid(
                100, "the model leaves binary32", [.overflow],
                question([0x1.8p127], [1], [Bytes([0])], .given([0x1.8p127])), .outOfRange)
            tests.invalid(
                101, "the product with the step leaves binary32", [.overflow],
                question([0], [4], [Bytes([0])], .given([0x1p127])), .outOfRange)
        }
    }
}
