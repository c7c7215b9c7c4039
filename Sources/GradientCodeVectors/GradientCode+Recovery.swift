import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

extension GradientCode {
    /// Vectors of `gradientCode.recover`.
    ///
    /// Messages are exact combinations of small integer gradients, so the sum is the same whichever decoding vector is
    /// used, and the bound holds for every sensible one.
    static var recoverVectors: VectorFile {
        var file = VectorFileBuilder(
            Recover.self, "From messages to the sum; a message with NaN or an infinity counts as not received.")
        file.group(1, "UniqueDecodingVector", profile: .core, basis: .derived) { tests in
            var tcId = 1
            for code in [
                CodeCases.fractional(3, 0), CodeCases.integers(3, 1), CodeCases.integers(5, 2),
                CodeCases.integers(7, 3),
            ] {
                for responders in WorkerSet.subsets(of: code.workers, count: code.workers - code.stragglers) {
                    tests.valid(
                        tcId, "\(code.title), \(responders.members)", [.normal],
                        question(code, responders), answer(code, responders))
                    tcId += 1
                }
            }
        }
        file.group(2, "AnyDecodingVector", profile: .core, basis: .derived) { tests in
            let codes = [
                CodeCases.fractional(4, 1), CodeCases.fractional(7, 2, partitions: 5), CodeCases.integers(5, 2),
                CodeCases.integers(4, 1),
            ]
            for (index, code) in codes.enumerated() {
                for responders in WorkerSet.subsets(of: code.workers) {
                    let members = responders.reduce(0) { $0 | 1 << $1 }
                    tests.valid(
                        1000 * (index + 1) + members, "\(code.title), \(responders.members)", [.severalAnswers],
                        question(code, responders), answer(code, responders))
                }
            }
        }
        let code = CodeCases.integers(3, 1)
        let everybody = WorkerSet.all(3)
        file.group(3, "NonFiniteMessages", profile: .core, basis: .house) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ values: [Int: Float], last: Bool = false, excluded: [Int],
                decodes: Bool
            ) {
                var question = question(code, everybody)
                for (worker, value) in values {
                    question.messages[worker] = Binary32Vector(last ? [1, value] : [value, 1])
                }
                let left = everybody.removing(excluded)
                tests.valid(
                    tcId, comment, [.nonFinite], question,
                    decodes
                        ? answer(code, left, excluded: excluded)
                        : .init(status: .undecodable, sum: nil, excluded: excluded))
            }
            add(600, "NaN from a worker that is not needed", [0: .nan], excluded: [0], decodes: true)
            add(601, "infinity", [1: .infinity], excluded: [1], decodes: true)
            add(602, "minus infinity", [2: -.infinity], excluded: [2], decodes: true)
            add(605, "NaN in the last coordinate", [0: .nan], last: true, excluded: [0], decodes: true)
            add(606, "infinity in the last coordinate", [2: .infinity], last: true, excluded: [2], decodes: true)
            add(603, "two NaNs leave too few", [0: .nan, 2: .nan], excluded: [0, 2], decodes: false)
            add(604, "nothing but NaN", [0: .nan, 1: .nan, 2: .nan], excluded: [0, 1, 2], decodes: false)
        }
        file.group(4, "NothingReceived", profile: .core, basis: .derived) { tests in
            tests.valid(
                610, "no message", [.smallest, .undecodable], Recover(code: code.explicit, messages: [nil, nil, nil]),
                .init(status: .undecodable, sum: nil, excluded: []))
        }
        file.group(5, "Refusals", profile: .core, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            tests.invalid(
                700, "two messages for three workers", [.sizes],
                Recover(code: code.explicit, messages: [[1], [1]]), .dimensionMismatch)
            tests.invalid(
                701, "messages of different dimensions", [.sizes],
                Recover(code: code.explicit, messages: [[1], [1, 2], nil]), .dimensionMismatch)
            tests.invalid(
                702, "messages without coordinates", [.smallest],
                Recover(code: code.explicit, messages: [[], [], []]), .dimensionMismatch)
            tests.invalid(
                703, "different dimensions and NaN: the dimensions are refused", [.precedence],
                Recover(code: code.explicit, messages: [[.nan], [1, 2], nil]), .dimensionMismatch)
            let pair = CodeDescriptor(RationalMatrix.identity(2))
            tests.invalid(
                704, "a sum beyond binary32", [.overflow],
                Recover(code: pair, messages: [[0x1.8p127], [0x1.8p127]]), .outOfRange)
            for (tcId, comment, flag, code, kind) in refusedMatrices(710) {
                tests.invalid(tcId, comment, [flag], Recover(code: code, messages: [nil]), kind)
            }
        }
        file.group(6, "RefusedNames", profile: .wire, basis: .house, section: "GradientCode.md#edge-cases") { tests in
            tests.invalid(
                705, "one message for four workers, and 3 does not divide 4: the number is refused", [.precedence],
                Recover(code: CodeDescriptor(.fractionalRepetition, workers: 4, stragglers: 2), messages: [[1]]),
                .dimensionMismatch)
            for (tcId, comment, flag, code, kind) in refusedCodes(720) where code.matrix == nil {
                let messages = [Binary32Vector?](repeating: nil, count: max(0, code.workers ?? 1))
                tests.invalid(tcId, comment, [flag], Recover(code: code, messages: messages), kind)
            }
        }
        file.group(7, "FurtherCodes", profile: .core, basis: .derived) { tests in
            for (index, code) in CodeCases.further.filter({ $0.workers <= 6 }).enumerated() {
                for responders in WorkerSet.subsets(of: code.workers) where responders.count >= code.workers - 2 {
                    tests.valid(
                        100_000 + 1000 * index + bits(responders), "\(code.title), \(responders.members)",
                        [.severalAnswers], question(code, responders), answer(code, responders))
                }
            }
        }
        file.group(8, "FurtherRefusals", profile: .wire, basis: .house, section: "GradientCode.md#edge-cases") {
            tests in
            for (tcId, comment, flag, code, kind) in refusedConstructions(800) {
                let messages = [Binary32Vector?](repeating: nil, count: code.size)
                tests.invalid(tcId, comment, [flag], Recover(code: code, messages: messages), kind)
            }
        }
        return file.file
    }

    /// Integer gradients of two coordinates: small enough that every message of every small code is exact.
    private static func gradients(_ partitions: Int) -> [[Rational]] {
        (0..<partitions).map { (j: Int) -> [Rational] in
            let first: Int = (3 * j + 1) % 7 - 3
            let second: Int = (5 * j + 2) % 11
            return [Rational(first), Rational(second)]
        }
    }

    private static func question(_ code: CodeCases.Case, _ responders: WorkerSet) -> Recover {
        let gradients = gradients(code.matrix.columns)
        let messages = (0..<code.workers).map { i -> Binary32Vector? in
            guard responders.contains(i) else { return nil }
            let row = code.matrix.row(i)
            return Binary32Vector((0..<2).map { d in Float(row.innerProduct(gradients.map { $0[d] })) })
        }
        return Recover(code: code.explicit, messages: messages)
    }

    private static func answer(
        _ code: CodeCases.Case, _ responders: WorkerSet, excluded: [Int] = []
    ) -> Recover.Expected {
        guard code.matrix.decode(responders: responders).vector != nil else {
            return .init(status: .undecodable, sum: nil, excluded: excluded)
        }
        let gradients = gradients(code.matrix.columns)
        let coordinates = (0..<2).map { d in gradients.map { $0[d] } }
        let bounds = coordinates.map { values in
            ForwardError.anyDecodeBound(matrix: code.matrix, responders: responders.members, gradients: values)
        }
        return .init(
            status: .exact,
            sum: .enclosure(center: coordinates.map(\.total), bound: bounds, derivation: "recover-any"),
            excluded: excluded)
    }
}
