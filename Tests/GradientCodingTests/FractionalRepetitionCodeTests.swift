import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

@Suite struct FractionalRepetitionCodeTests {
    static let codes: [FractionalRepetitionCode] = (1...6).flatMap { n in
        (0..<n).flatMap { s in
            (1...7).compactMap { try? FractionalRepetitionCode(workers: n, stragglers: s, partitions: $0) }
        }
    }

    @Test func `all 147 sizes are codes`() { #expect(Self.codes.count == 147) }

    @Test(arguments: codes) func `exactly the sets that meet every group with data recover the sum`(
        _ code: FractionalRepetitionCode
    ) throws {
        let matrix = code.encodingMatrix
        for responders in WorkerSet.subsets(of: code.workers) {
            let meets = (0..<code.groups).allSatisfy { group in
                code.partitions(inGroup: group).isEmpty
                    || code.workers(inGroup: group).contains(where: responders.contains)
            }
            let vector = matrix.decode(responders: responders).vector
            #expect((vector != nil) == meets)
            #expect(code.structuredDecodingVector(responders: responders) == vector)
            if let vector { #expect(matrix.amplification(of: vector) == 1) }
            if responders.count >= code.workers - code.stragglers { #expect(meets) }
        }
    }

    @Test(arguments: codes) func `the closed form of the recovery probability is the enumeration`(
        _ code: FractionalRepetitionCode
    ) throws {
        let probabilities = try (0..<code.workers).map { try Probability(UInt64($0 % 4), 5) }
        #expect(try code.recoveryProbability(probabilities) == code.encodingMatrix.recoveryProbability(probabilities))
    }

    @Test func `a group without partitions is missed by nobody`() throws {
        let code = try FractionalRepetitionCode(workers: 4, stragglers: 1, partitions: 1)
        let first = try WorkerSet([0], of: 4)
        #expect(code.encodingMatrix.decode(responders: first).vector == [1, 0, 0, 0])
        #expect(try code.recoveryProbability(Array(repeating: Probability(1, 2), count: 4)) == Rational(3, 4))
    }
}
