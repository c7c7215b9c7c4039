import ExactArithmetic
import GradientCodeLaws
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes
import Testing

@Suite struct CooperativeDecodingTests {
    func reception(_ B: RationalMatrix, _ s: Int, attempts: Int = 1, _ rows: [CooperativeRow]) throws
        -> CooperativeReception
    {
        try CooperativeReception(
            scheme: CooperativeGradientCode(encodingMatrix: B, stragglers: s, attempts: attempts), encodingMatrix: B,
            rows: rows)
    }

    @Test func `the hand examples are those of the document`() throws {
        let z3 = try cyclic(.integers, 3, 1)
        #expect(z3.rowVectors == [[2, 1, 0], [0, 1, 2], [-1, 0, 1]])
        let two = try reception(z3, 1, rows([[0, 1], nil, [2]])).decode(.plus)
        #expect(two.rank == 2 && two.recovered == [2] && two.outcome == .partial)
        let three = try reception(z3, 1, rows([[0, 1], [1, 2], [2]]))
        #expect(try three.decode(.plus).outcome == .full && three.recovered == [0, 1, 2])
        #expect(try three.decode(.threshold).outcome == .full)
        let quiet = try reception(z3, 1, rows([[0, 1], [1, 2], [2, 0]])).decode(.plus)
        #expect(quiet.outcome == .full && quiet.recovered.isEmpty && quiet.rank == 2)
        let pins = try reception(z3, 1, rows([[0], [1], [2]]))
        #expect(try pins.decode(.plus).outcome == .full && pins.recovered == [0, 1, 2])
        #expect(try pins.decode(.threshold).outcome == .none)
        let reduced = RationalMatrix([[1, 1, 0], [0, 1, 0], [0, 0, 1]])!
        #expect(try reception(reduced, 1, rows([[0, 1], [1], nil])).recovered == [0, 1])
        let stack = try reception(z3, 1, attempts: 2, rows([[0, 1], nil, nil]) + rows([[0], nil, nil], attempt: 1))
        #expect(stack.recovered == [0, 1])
        let z4 = try cyclic(.integers, 4, 1)
        let pair = try reception(z4, 1, rows([nil, [1, 2], nil, [3, 0]]))
        #expect(try pair.decode(.span).coefficients == [Rational(1, 2), 1])
        #expect(try pair.decode(.plus).outcome == .full && pair.decode(.threshold).outcome == .none)
    }

    @Test func `the golden iteration is that of the document`() throws {
        let golden = CooperativeGolden()
        #expect(golden.matrix.rowVectors == [[3, 2, 1, 0], [0, 1, 2, 3], [-1, 0, 1, 2], [-2, -1, 0, 1]])
        let half = Rational(1, 2)
        let mean: [Rational] = [Rational(-1, 8), Rational(-1, 4), half]
        func received(_ attempts: Int, _ t: UInt32) throws -> CooperativeReception {
            let scheme = golden.scheme(attempts: attempts)
            return try CooperativeReception(
                scheme: scheme, encodingMatrix: golden.matrix,
                rows: scheme.rows(of: golden.outages(attempts: attempts, t: t)))
        }
        let first = try received(1, 2)
        #expect(first.matrix.rowVectors == [[0, 1, 0, 0], [-2, -1, 0, 1]])
        let partial = try first.decode(.plus)
        #expect(partial.outcome == .partial && partial.recovered == [1] && partial.rank == 2)
        #expect(first.sum.witness.map { first.matrix * $0 } == [0, 0])
        #expect(first.matrix * [0, 0, 1, 0] == [0, 0])
        #expect(first.update(partial, rule: .mean, gradients: golden.gradients) == [0, -1, Rational(3, 2)])
        #expect(first.projection == [Rational(2, 5), 1, 0, Rational(-1, 5)])
        #expect(try first.decode(.threshold).outcome == .none)
        let both = try received(2, 2)
        #expect(
            both.matrix.rowVectors == [[0, 1, 0, 0], [-2, -1, 0, 1], [3, 0, 1, 0], [0, 1, 2, 3], [-2, -1, 0, 1]])
        #expect(
            both.payloads(of: golden.gradients) == [
                [0, -1, Rational(3, 2)], [Rational(5, 2), Rational(-5, 2), -half], [-3, Rational(7, 2), -half],
                [Rational(3, 2), Rational(-9, 2), Rational(7, 2)], [Rational(5, 2), Rational(-5, 2), -half],
            ])
        let full = try both.decode(.plus)
        #expect(full.outcome == .full && full.rank == 3 && full.recovered == [1])
        #expect(full.coefficients == [2, 1, 1, 0, 0])
        #expect(both.update(full, rule: .mean, gradients: golden.gradients) == mean)
        #expect(try both.decode(.threshold).coefficients == [0, -half, 0, half, 0])
        #expect(try both.decode(.all).outcome == .partial)
        let later = try received(2, 8)
        #expect(later.matrix.rowVectors == [[3, 2, 1, 0], [0, 0, 1, 0], [0, 1, 0, 3]])
        let third = Rational(1, 3)
        #expect(try later.decode(.plus).coefficients == [third, 2 * third, third])
        #expect(try later.decode(.threshold).outcome == .none)
        #expect(try later.decode(.all).outcome == .partial && later.decode(.hierarchical).recovered == [2])
        #expect(try received(1, 8).projection == [Rational(15, 13), Rational(10, 13), 1, 0])
    }

    @Test func `the golden run is that of the document`() {
        let plus = CooperativeGoldenRun(decoder: .plus)
        #expect(
            plus.models.dropFirst().map(\.description) == [
                "6/1", "6/1", "6/1", "5/1", "19/4", "19/4", "35/8", "107/16", "251/32", "539/64", "795/128", "795/256",
                "1947/512", "6555/1024", "10651/2048", "29083/4096", "45467/8192", "45467/8192", "94619/16384",
                "160155/32768",
            ])
        let standard = CooperativeGoldenRun(decoder: .threshold)
        #expect(standard.successes == 3 && standard.models.last == Rational(9, 2))
        #expect(standard.models[11] == 6 && standard.models[15] == 5)
        // Theorem A with equality: D_20 = 16 (1/2)^6.
        let bound = try? CooperativeBound.singleRun(
            squaredDistance: 16, successes: 3, step: Rational(1, 2), strongConvexity: 1, smoothness: 1)
        #expect(bound == Rational(1, 4))
    }

    @Test func `decoders are ordered, and Theorem 1 is Fredholm's alternative`() throws {
        for (construction, M, s) in [
            (CyclicRepetitionCode.Construction.integers, 3, 1), (.integers, 3, 2), (.ones, 4, 1),
            (.tightIntegers, 4, 1),
        ] {
            let B = try cyclic(construction, M, s)
            for pattern in patterns(M, s) {
                let reception = try reception(B, s, rows(pattern))
                func isFull(_ decoder: CooperativeGradientCode.Decoder) -> Bool { reception.isFull(decoder) }
                #expect(!isFull(.threshold) || isFull(.span))
                #expect(!isFull(.span) || isFull(.plus))
                #expect(!isFull(.all) || isFull(.plus))
                #expect(isFull(.hierarchical) == (isFull(.threshold) || isFull(.all)))
                if construction == .tightIntegers {
                    #expect(isFull(.threshold) == isFull(.span) && isFull(.hierarchical) == isFull(.plus))
                }
                for k in 0..<M {
                    #expect((reception.gradient(k).coefficients != nil) == reception.recovered.contains(k))
                }
                #expect((reception.sum.coefficients != nil) == isFull(.plus))
                if let witness = reception.sum.witness {
                    #expect((reception.matrix * witness).allSatisfy(\.isZero) && witness.total == 1)
                }
                let projection = reception.projection
                for k in reception.recovered { #expect(projection[k] == 1) }
            }
        }
    }

    @Test func `without outages CRC-Z(12,5) has rank 7`() throws {
        let B = try cyclic(.integers, 12, 5)
        #expect(B.rank == 7)
        #expect(
            try reception(B, 5, rows((0..<12).map { m in (0...5).map { (m + $0) % 12 } })).decode(.all).outcome == .none
        )
    }

    @Test func `R1 to R5 hold for every pattern, and R5 is the rank up to (4,2)`() throws {
        for (construction, M, s) in [
            (CyclicRepetitionCode.Construction.integers, 2, 1), (.integers, 3, 1), (.integers, 3, 2),
            (.tightIntegers, 4, 1), (.ones, 4, 1),
        ] {
            let B = try cyclic(construction, M, s)
            let scheme = try CooperativeGradientCode(clients: M, stragglers: s)
            #expect(CooperativeRank.isGeneric(encodingMatrix: B, stragglers: s))
            for pattern in patterns(M, s) {
                let rows = try rows(pattern)
                let reception = try reception(B, s, rows)
                let statements = try CooperativeRank(scheme, encodingMatrix: B, rows: rows)
                let rank = reception.matrix.rank
                #expect(rank >= statements.lowerBound)
                if let bySyndromes = statements.rankBySyndromes { #expect(rank == bySyndromes) }
                #expect(rank >= statements.largestAcyclicSet)
                #expect(Set(statements.peeled).isSubset(of: reception.recovered))
                #expect(rank == statements.smallestUpperBound)
            }
        }
        #expect(!CooperativeRank.isGeneric(encodingMatrix: try cyclic(.ones, 6, 2), stragglers: 2))
    }

    @Test func `an alternating cycle has a smaller rank than R5 says`() throws {
        let ones = RationalMatrix(rows: 4, columns: 4) { _, _ in 1 }
        let rows = try rows([[0, 1], [1, 2], [2, 3], [3, 0]])
        let statements = try CooperativeRank(
            CooperativeGradientCode(clients: 4, stragglers: 3), encodingMatrix: ones, rows: rows)
        #expect(statements.smallestUpperBound == 4)
        #expect(try reception(ones, 3, rows).matrix.rank == 3)
    }

    @Test func `outages raise the rank`() throws {
        for (M, s) in [(3, 1), (4, 2), (5, 2)] {
            let B = try cyclic(.integers, M, s)
            let pattern = (0..<M).map { m in m < M - s ? (0...s).map { (m + $0) % M } : [m] }
            let decoding = try reception(B, s, rows(pattern)).decode(.plus)
            #expect(decoding.rank == M && decoding.recovered == Array(0..<M))
        }
    }
}
