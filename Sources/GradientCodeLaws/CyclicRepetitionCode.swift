import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodes

extension Law {
    static let cyclicRepetitionCode: [Law] = [
        forAll(
            (1...10).flatMap { n in (0..<n).map { (n, $0) } }, id: "gradientCode.crcZPolynomials",
            "Row i of CRC-Z holds integer values of a polynomial of degree d = n − s − 1 with zeros outside its window.",
            profile: .wire, basis: .derived, section: "GradientCode.md#crc-z", needs: ["gradientCode.encodingMatrix"]
        ) { size, examiner in
            let (n, s) = size
            let question = GradientCode.EncodingMatrix(code: CodeDescriptor(.crcZ, workers: n, stragglers: s))
            let rows = try await examiner.answer(question).matrix
            func fail(_ reason: String) -> Violation {
                Violation(question, Mismatch(reason, expected: "CRC-Z (\(n), \(s))", received: rows))
            }
            guard rows.count == n, rows.allSatisfy({ $0.count == n }) else { throw fail("not an n × n matrix") }
            for (i, row) in rows.enumerated() {
                for (j, entry) in row.enumerated() where !entry.isInteger || entry.isZero != ((j - i + n) % n > s) {
                    throw fail("entry (\(i), \(j)) is not as its window wants it")
                }
                guard differences(row, order: n - s).allSatisfy(\.isZero) else {
                    throw fail("row \(i) is not a polynomial of degree \(n - s - 1)")
                }
            }
        },
        forAll(
            (1...7).flatMap { n in (0..<n).map { (n, $0) } }, id: "gradientCode.crcZRecovers",
            "Any n − s workers of CRC-Z recover the sum (Corollary 4).", profile: .wire, basis: .derived,
            section: "GradientCode.md#corollary-4", needs: ["gradientCode.encodingMatrix"]
        ) { size, examiner in
            let (n, s) = size
            let question = GradientCode.EncodingMatrix(code: CodeDescriptor(.crcZ, workers: n, stragglers: s))
            let rows = try await examiner.answer(question).matrix
            guard let matrix = RationalMatrix(rows), matrix.rows == n else {
                throw Violation(question, Mismatch("not a matrix", expected: "\(n) rows", received: rows))
            }
            if case .fails(let responders, _) = matrix.properties(stragglers: s).recovery {
                let expected = "aᵀB = 1 for \(responders.members)"
                throw Violation(question, Mismatch("GC(s) fails", expected: expected, received: rows))
            }
        },
    ]

    /// The finite differences of a sequence, taken so many times.
    private static func differences(_ values: [Rational], order: Int) -> [Rational] {
        (0..<order).reduce(values) { values, _ in zip(values, values.dropFirst()).map { $1 - $0 } }
    }
}
