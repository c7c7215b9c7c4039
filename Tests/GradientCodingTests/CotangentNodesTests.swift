import ExactArithmetic
import Foundation
import GradientCodeReference
import GradientCodes
import Testing

/// CRC-Q: nodes close to the cotangents of equally spaced angles.
@Suite struct CotangentNodesTests {
    static let sizes = (1...6).flatMap { n in (0..<n).map { (n, $0) } }

    static func code(_ n: Int, _ s: Int, resolution: Int? = nil) throws -> CyclicRepetitionCode {
        let resolution = resolution ?? CyclicRepetitionCode.defaultResolution(workers: n)
        return try CyclicRepetitionCode(workers: n, stragglers: s, construction: .cotangents(resolution: resolution))
    }

    @Test func `nodes, a row and a decoding vector of the documentation are these`() throws {
        let code = try Self.code(5, 2)
        #expect(try code.nodes == [-197, -46, 0, 46, 197])
        let matrix = try code.encodingMatrix
        #expect(matrix.row(0) == [1, Rational(986_815, 611_882), Rational(986_815, 995_328), 0, 0])
        let vector = try #require(matrix.decode(responders: WorkerSet([0, 2, 4], of: 5)).vector)
        #expect(vector == [Rational(383_446, 986_815), 0, Rational(305_941, 497_664), 0, Rational(374_933, 986_815)])
        #expect(matrix.amplification(of: vector) == 1)
    }

    @Test(arguments: Array(1...24) + [32, 33, 40])
    func `nodes are symmetric and what binary64 cotangents round to`(n: Int) throws {
        let code = try Self.code(n, 0)
        let nodes = try code.nodes
        guard case .cotangents(let resolution) = code.construction else { return }
        #expect(nodes.count == n && nodes.map(-) == nodes.reversed())
        if n % 2 == 1 { #expect(nodes[n / 2] == 0) }
        for j in 0..<n / 2 {
            let angle = Double.pi * Double(2 * j + 1) / Double(2 * n)
            let scaled = Double(resolution) * cos(angle) / sin(angle)
            // Four roundings of relative size 2⁻⁵³ at most double on the way: below 1e-6 by far, as |scaled| < 2¹³.
            #expect((scaled - scaled.rounded(.down) - 0.5).magnitude > 1e-6, "binary64 cannot decide node \(j) of \(n)")
            #expect(nodes[n - 1 - j] == Int((scaled + 0.5).rounded(.down)), "node \(j) of \(n)")
        }
    }

    @Test(arguments: [1, 2, 16, 17, 33, 64, 128, 199])
    func `nodes of the default resolution are far from equal`(n: Int) throws {
        let nodes = try Self.code(n, 0).nodes
        // The cotangent falls by at least the angle, D π/n ≥ 4π, and two roundings take at most 1.
        for (a, b) in zip(nodes, nodes.dropFirst()) { #expect(b - a >= 11, "\(n) workers") }
    }

    @Test func `a resolution that gives two nodes one value is refused where the nodes are formed`() throws {
        // cot 5π/14 = 0.48… rounds to 0, the middle node.
        let coarse = try Self.code(7, 3, resolution: 1)
        for build in [{ _ = try coarse.nodes }, { _ = try coarse.encodingMatrix }] {
            #expect { try build() } throws: { ($0 as? Refusal)?.kind == .nodesNotSorted }
        }
        #expect(try Self.code(5, 2, resolution: 1).nodes == [-3, -1, 0, 1, 3])
        // cot 5π/12 = 0.26…: nodes 2 and 3, the two of a pair.
        let even = try Self.code(6, 2, resolution: 1)
        #expect { try even.nodes } throws: { ($0 as? Refusal)?.kind == .nodesNotSorted }
        #expect(try Self.code(6, 2, resolution: 2).nodes == [-7, -2, -1, 1, 2, 7])
    }

    @Test func `nodes of the largest resolution are the cotangents rounded to the nearest integer`() throws {
        let largest = CyclicRepetitionCode.maximumResolution
        let nodes = try Self.code(9, 2, resolution: largest).nodes
        for j in 0..<4 {
            // r − 1/2 ≤ D cot < r + 1/2, decided without a quotient: (r ∓ 1/2) sin ≤ D cos.
            let x = Rational(2 * j + 1, 18)
            let (sine, cosine) = (
                RationalInterval.sine(ofHalfTurns: x, bits: 200), RationalInterval.cosine(ofHalfTurns: x, bits: 200)
            )
            let r = Rational(nodes[8 - j])
            let scaled = RationalInterval(Rational(largest)) * cosine
            #expect((RationalInterval(r - Rational(1, 2)) * sine).upper < scaled.lower)
            #expect(scaled.upper < (RationalInterval(r + Rational(1, 2)) * sine).lower)
        }
    }

    @Test(arguments: sizes) func `entries have the documented product form, and b_ii = 1`(_ n: Int, _ s: Int) throws {
        let code = try Self.code(n, s)
        let matrix = try code.encodingMatrix
        let nodes = try code.nodes.map { Rational($0, 64) }
        let d = n - s - 1
        let beta = { (i: Int, j: Int) in
            var weight: Rational = 1
            for _ in 0..<d / 2 { weight *= 1 + nodes[j] * nodes[j] }
            let zeros = (s + 1..<n).map { (i + $0) % n }
            return zeros.reduce(1) { $0 * (nodes[j] - nodes[$1]) } / weight
        }
        for i in 0..<n {
            #expect(matrix[i, i] == 1)
            for j in 0..<n {
                #expect(matrix[i, j] == beta(i, j) / beta(i, i), "(\(n), \(s)): \(i), \(j)")
                #expect(matrix[i, j].isZero == !code.window(of: i).contains(j))
            }
        }
    }

    @Test(arguments: sizes) func `any n - s rows are independent and recover the sum`(_ n: Int, _ s: Int) throws {
        let irregular = (0..<n).map { 5 * $0 * $0 - 7 * $0 * ($0 % 2) }.sorted()
        let given = try CyclicRepetitionCode(
            workers: n, stragglers: s,
            construction: .nodes(irregular.enumerated().map { $1 + $0 - 11 }, resolution: 3))
        for code in [try Self.code(n, s), given] {
            let matrix = try code.encodingMatrix
            #expect(matrix.tolerates(s))
            for responders in WorkerSet.subsets(of: n, count: n - s) {
                #expect(matrix.selecting(rows: responders.members).rank == n - s)
            }
            // The row space is an MDS code: no nonzero vector of it vanishes on d + 1 columns.
            for kept in WorkerSet.subsets(of: n, count: n - s) {
                #expect(matrix.transposed.selecting(rows: kept.members).rank == n - s)
            }
        }
    }

    @Test func `the nodes by name give the code of the nodes given`() throws {
        for (n, s) in [(1, 0), (2, 0), (3, 1), (4, 2), (5, 2), (6, 1)] {
            let named = try Self.code(n, s)
            let given = try CyclicRepetitionCode(
                workers: n, stragglers: s, construction: .nodes(try named.nodes, resolution: 64))
            #expect(try given.encodingMatrix == named.encodingMatrix)
            // A common factor of numerators and resolution changes nothing.
            let doubled = try CyclicRepetitionCode(
                workers: n, stragglers: s, construction: .nodes(try named.nodes.map { 2 * $0 }, resolution: 128))
            #expect(try doubled.encodingMatrix == named.encodingMatrix)
            #expect(try doubled.nodes == named.nodes.map { 2 * $0 })
        }
    }

    @Test func `the worst amplifications are those of the table, to three digits`() throws {
        let thousandths = [
            (5, 1, 4310, 5), (5, 2, 3050, 5), (6, 1, 1010, 5), (6, 2, 14_100, 50), (8, 1, 1050, 5), (8, 3, 10_800, 50),
        ]
        let integers = [(5, 1, 7), (5, 2, 13), (6, 1, 11), (6, 2, 25), (8, 1, 41), (8, 3, 181)]
        for ((n, s, thousandth, half), (_, _, integer)) in zip(thousandths, integers) {
            guard case .always(let worst) = try Self.code(n, s).encodingMatrix.properties(stragglers: s).recovery else {
                Issue.record("CRC-Q(\(n), \(s)) is no code")
                continue
            }
            #expect((worst * 1000 - Rational(thousandth)).magnitude <= Rational(half), "(\(n), \(s)): \(worst)")
            let crcZ = try CyclicRepetitionCode(workers: n, stragglers: s).encodingMatrix.properties(stragglers: s)
            #expect(crcZ.recovery == .always(worstAmplification: Rational(integer)), "(\(n), \(s))")
        }
    }

    @Test func `with the weight exponent rounded up the sum is out of reach even of everybody`() throws {
        var codes = 0
        for (n, s) in Self.sizes where s > 0 && (n - s).isMultiple(of: 2) {
            codes += 1
            let code = try Self.code(n, s)
            let nodes = try code.nodes.map { Rational($0, 64) }
            let heavier = try code.encodingMatrix
            let wrong = RationalMatrix(rows: n, columns: n) { heavier[$0, $1] / (1 + nodes[$1] * nodes[$1]) }
            #expect(!wrong.decodes(.all(n)), "(\(n), \(s))")
            #expect(heavier.decodes(.all(n)))
        }
        #expect(codes == 6)
    }
}
