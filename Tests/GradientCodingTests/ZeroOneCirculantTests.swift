import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// CRC-1 and Theorem 2.
@Suite struct ZeroOneCirculantTests {
    static let sizes = (1...8).flatMap { n in (0..<n).map { (n, $0) } }
    static let divisible = sizes.filter { $0 % ($1 + 1) == 0 }

    static func code(_ n: Int, _ s: Int) throws -> CyclicRepetitionCode {
        try CyclicRepetitionCode(workers: n, stragglers: s, construction: .ones)
    }

    @Test(arguments: divisible) func `entries are 1 on the window and 0 elsewhere, and the rank is n - s`(
        _ n: Int, _ s: Int
    ) throws {
        let matrix = try Self.code(n, s).encodingMatrix
        #expect(matrix == .cyclicOnes(n, s))
        #expect(matrix.rank == n - s)
        if s == 0 { #expect(matrix == .identity(n)) }
        for j in 0..<n { #expect(matrix.column(j).total == Rational(s + 1)) }
    }

    @Test func `two of four workers decode if they are two apart`() throws {
        let code = try Self.code(4, 1)
        let matrix = try code.encodingMatrix
        let apart = try WorkerSet([1, 3], of: 4)
        #expect(matrix.decode(responders: apart).vector == [0, 1, 0, 1])
        #expect(code.structuredDecodingVector(responders: apart) == [0, 1, 0, 1])
        let adjacent = try WorkerSet([0, 1], of: 4)
        #expect(matrix.decode(responders: adjacent).vector == nil)
        #expect(code.structuredDecodingVector(responders: adjacent) == nil)
        // Of several complete classes the smallest.
        #expect(code.structuredDecodingVector(responders: .all(4)) == [1, 0, 1, 0])
    }

    @Test(arguments: divisible)
    func `the class rule answers exactly the decodable sets, canonically`(_ n: Int, _ s: Int) throws {
        let code = GradientCode.cyclicRepetition(try Self.code(n, s))
        let matrix = try code.encodingMatrix
        for responders in WorkerSet.subsets(of: n) {
            let complete = (0...s).filter { c in (0..<n).allSatisfy { $0 % (s + 1) != c || responders.contains($0) } }
            let vector = code.structuredDecodingVector(responders: responders)
            #expect(vector == matrix.decode(responders: responders).vector, "\(responders)")
            #expect((vector != nil) == !complete.isEmpty, "\(responders)")
            guard let vector else { continue }
            #expect(matrix.amplification(of: vector) == 1)
            #expect(vector.map { $0 == 1 } == (0..<n).map { $0 % (s + 1) == complete[0] }, "\(responders)")
        }
    }

    @Test(arguments: divisible)
    func `for 0 < s < n - 1 fewer than n - s workers can decode`(_ n: Int, _ s: Int) throws {
        let properties = try Self.code(n, s).encodingMatrix.properties(stragglers: s)
        #expect(properties.recovery == .always(worstAmplification: 1))
        #expect(properties.isTight == (s == 0 || s == n - 1))
    }

    @Test(arguments: divisible.filter { $0.0 <= 6 })
    func `the closed form of the recovery probability is the enumeration`(_ n: Int, _ s: Int) throws {
        let code = try Self.code(n, s)
        let matrix = try code.encodingMatrix
        let half = try Probability(1, 2)
        let sure = [Probability](repeating: .zero, count: n)
        #expect(try code.recoveryProbability(sure) == 1)
        #expect(try code.recoveryProbability([Probability](repeating: .one, count: n)) == 0)
        let different = try (0..<n).map { try Probability(UInt64($0 * $0 % 8), 7 + UInt64($0)) }
        let extreme: [Probability] = (0..<n).map { $0.isMultiple(of: 3) ? .one : half }
        let single: [Probability] = (0..<n).map { $0 == 1 ? half : .zero }
        for p in [[Probability](repeating: half, count: n), different, extreme, single] {
            #expect(try code.recoveryProbability(p) == matrix.recoveryProbability(p), "\(p)")
        }
    }

    @Test func `documented probabilities, and a list of another length`() throws {
        let half = [Probability](repeating: try Probability(1, 2), count: 4)
        #expect(try Self.code(4, 1).recoveryProbability(half) == Rational(7, 16))
        #expect(throws: Refusal.self) { try Self.code(4, 1).recoveryProbability(half.dropLast()) }
        // Beside the other codes of four workers and one straggler.
        let integers = try CyclicRepetitionCode(workers: 4, stragglers: 1).encodingMatrix
        #expect(integers.recoveryProbability(half) == Rational(6, 16))
        let tight = try CyclicRepetitionCode(workers: 4, stragglers: 1, construction: .tightIntegers).encodingMatrix
        #expect(tight.recoveryProbability(half) == Rational(5, 16))
        #expect(try FractionalRepetitionCode(workers: 4, stragglers: 1).recoveryProbability(half) == Rational(9, 16))
    }

    @Test func `if s + 1 does not divide n, the same matrix is no code`() {
        var matrices = 0
        for (n, s) in Self.sizes where n <= 7 && n % (s + 1) != 0 {
            matrices += 1
            #expect(!RationalMatrix.cyclicOnes(n, s).tolerates(s), "(\(n), \(s))")
        }
        #expect(matrices == 12)
    }
}
