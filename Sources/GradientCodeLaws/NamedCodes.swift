import ExactArithmetic
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodeVectors
import GradientCodes

// Laws of the named constructions: what their matrices are, and that they are codes.
extension Law {
    static let namedCodes: [Law] = [
        forAll(
            sizes(upTo: 7), id: "gradientCode.cyclicRecovers",
            "CRC-1, CRC-Zt and CRC-Q are zero exactly outside their windows, and any n − s workers recover the sum.",
            profile: .wire, basis: .derived, section: "GradientCode.md#corollary-4",
            needs: ["gradientCode.encodingMatrix"]
        ) { size, examiner in
            let (n, s) = size
            let kinds: [CodeDescriptor.Kind] = n % (s + 1) == 0 ? [.crcOnes, .crcZt, .crcQ] : [.crcZt, .crcQ]
            for kind in kinds {
                let question = GradientCode.EncodingMatrix(code: CodeDescriptor(kind, workers: n, stragglers: s))
                let matrix = try await cyclicMatrix(question, workers: n, stragglers: s, examiner)
                let properties = matrix.properties(stragglers: s)
                if case .fails(let responders, _) = properties.recovery {
                    let expected = "aᵀB = 1 for \(responders.members)"
                    throw Violation(question, Mismatch("GC(s) fails", expected: expected, received: matrix.rowVectors))
                }
                guard kind != .crcZt || properties.isTight else {
                    throw Violation(
                        question, Mismatch("not tight", expected: "TIGHT(\(s))", received: matrix.rowVectors))
                }
            }
        },
        generated(
            60, id: "gradientCode.nodePolynomials",
            "Row i of CRC-Q has b_ii = 1, and b_ij (1 + t_j²)^⌊d/2⌋ is a polynomial of degree at most d in the nodes.",
            profile: .wire, basis: .derived, section: "GradientCode.md#crc-q", needs: ["gradientCode.encodingMatrix"]
        ) { choices in
            let n = choices.integer(in: 1...16)
            var nodes = [choices.integer(in: 0...20) - 10]
            for _ in 1..<n { nodes.append(nodes[nodes.count - 1] + 1 + choices.integer(in: 0...9)) }
            return (nodes: nodes, stragglers: choices.integer(in: 0...n - 1), resolution: choices.integer(in: 1...9))
        } trial: { drawn, examiner in
            let (n, s) = (drawn.nodes.count, drawn.stragglers)
            let question = GradientCode.EncodingMatrix(
                code: CodeDescriptor(
                    kind: .crcQ, workers: n, stragglers: s, resolution: drawn.resolution, nodes: drawn.nodes))
            let matrix = try await cyclicMatrix(question, workers: n, stragglers: s, examiner)
            let nodes = drawn.nodes.map { Rational($0, drawn.resolution) }
            for i in 0..<n {
                let values = (0..<n).map { matrix[i, $0] * (1 + nodes[$0] * nodes[$0]).power((n - s - 1) / 2) }
                guard matrix[i, i] == 1, dividedDifferences(values, nodes, order: n - s).allSatisfy(\.isZero) else {
                    throw Violation(
                        question,
                        Mismatch(
                            "row \(i) is not that polynomial", expected: "b_ii = 1, degree \(n - s - 1)",
                            received: matrix.row(i)))
                }
            }
        },
        generated(
            40, id: "gradientCode.integerCodes",
            "CRC-1 is 1 on its windows; a row of CRC-Zt has integers without common divisor, b_ii > 0, and degree d.",
            profile: .wire, basis: .derived, section: "GradientCode.md#crc-zt", needs: ["gradientCode.encodingMatrix"]
        ) { choices in
            let n = choices.integer(in: 1...16)
            let divisors = (1...n).filter { n % $0 == 0 }
            return (
                workers: n, stragglers: choices.integer(in: 0...n - 1), windowOfOnes: choices.element(of: divisors)
            )
        } trial: { drawn, examiner in
            let (n, s) = (drawn.workers, drawn.stragglers)
            let ones = GradientCode.EncodingMatrix(
                code: CodeDescriptor(.crcOnes, workers: n, stragglers: drawn.windowOfOnes - 1))
            let window = try await cyclicMatrix(ones, workers: n, stragglers: drawn.windowOfOnes - 1, examiner)
            guard window.rowVectors.joined().allSatisfy({ $0 == 0 || $0 == 1 }) else {
                throw Violation(ones, Mismatch("an entry is not 0 or 1", expected: "0, 1", received: window.rowVectors))
            }
            let question = GradientCode.EncodingMatrix(code: CodeDescriptor(.crcZt, workers: n, stragglers: s))
            let matrix = try await cyclicMatrix(question, workers: n, stragglers: s, examiner)
            let nodes = (0..<n).map { Rational($0 == n - 1 ? 2 * n : $0) }
            for i in 0..<n {
                let row = matrix.row(i)
                guard row.allSatisfy(\.isInteger), row[i] > 0,
                    row.reduce(0 as Rational, Rational.greatestCommonDivisor) == 1,
                    dividedDifferences(row, nodes, order: n - s).allSatisfy(\.isZero)
                else {
                    throw Violation(
                        question, Mismatch("row \(i) is another one", expected: "degree \(n - s - 1)", received: row))
                }
            }
        },
        generated(
            60, id: "gradientCode.assignments",
            "A worker of a graph holds its two ends; stochastic gradient coding sends g_j/(d_j(1 − p)).",
            profile: .wire,
            basis: .paper, section: "GradientCode.md#approximate-assignments", needs: ["gradientCode.encodingMatrix"]
        ) { choices in
            let k = choices.integer(in: 2...12)
            let edges = (0..<choices.integer(in: 1...14)).map { _ in
                let u = choices.integer(in: 0...k - 1)
                return [u, (u + 1 + choices.integer(in: 0...k - 2)) % k]
            }
            let n = choices.integer(in: 1...10)
            let rows = (0..<n).map { i in (0..<k).map { j in i == j % n || choices.coin() ? 1 : 0 } }
            return (partitions: k, edges: edges, rows: rows, straggling: Rational(choices.integer(in: 0...7), 8))
        } trial: { drawn, examiner in
            let graph = drawn.edges.map { edge in
                (0..<drawn.partitions).map { edge.contains($0) ? 1 as Rational : 0 }
            }
            let shares = (0..<drawn.partitions).map { j in
                Rational(drawn.rows.map { $0[j] }.reduce(0, +)) * (1 - drawn.straggling)
            }
            let stochastic = drawn.rows.map { row in row.indices.map { Rational(row[$0]) / shares[$0] } }
            let cases: [(CodeDescriptor, [[Rational]])] = [
                (CodeDescriptor(kind: .graph, partitions: drawn.partitions, edges: drawn.edges), graph),
                (CodeDescriptor(kind: .stochastic, allocation: drawn.rows, straggling: drawn.straggling), stochastic),
            ]
            for (code, expected) in cases {
                let question = GradientCode.EncodingMatrix(code: code)
                let matrix = try await examiner.answer(question).matrix
                guard matrix == expected else {
                    throw Violation(question, Mismatch(expected: expected, received: matrix))
                }
            }
        },
        generated(
            80, id: "gradientCode.nullSpace",
            "B of a matrix H has b_ii = 1 and H Bᵀ = 0, and where some n − s workers could not recover it is refused.",
            profile: .wire, basis: .paper, section: "GradientCode.md#null-space", needs: ["gradientCode.encodingMatrix"]
        ) { choices in
            let n = choices.integer(in: 1...7)
            let s = choices.integer(in: 0...n - 1)
            let rows = (0..<s).map { _ in
                let free = (0..<n - 1).map { _ in choices.integer(in: 0...6) - 3 }
                return free + [-free.reduce(0, +)]
            }
            return (workers: n, parityCheck: rows)
        } trial: { drawn, examiner in
            let (n, h) = (drawn.workers, drawn.parityCheck)
            let question = GradientCode.EncodingMatrix(
                code: CodeDescriptor(kind: .nullSpace, workers: n, parityCheck: h))
            let code = try NullSpaceCode(workers: n, parityCheck: h)
            let reply = try await examiner.ask([question])[0]
            guard (try? code.encodingMatrix) != nil else {
                guard case .failure(let refusal) = reply, refusal.kind == .invalidParameters else {
                    throw Violation(
                        question,
                        Mismatch("H gives no code", expected: "invalidParameters", received: (try? reply.get())?.matrix)
                    )
                }
                return
            }
            guard case .success(let answer) = reply, let matrix = RationalMatrix(answer.matrix), matrix.rows == n,
                matrix.columns == n
            else {
                throw Violation(
                    question, Mismatch("H gives a code", expected: "B", received: (try? reply.get())?.matrix))
            }
            for i in 0..<n {
                let products = h.map { row in row.map { Rational($0) }.innerProduct(matrix.row(i)) }
                let outside = (0..<n).filter { ($0 - i + n) % n > h.count }
                guard products.allSatisfy(\.isZero), matrix[i, i] == 1, outside.allSatisfy({ matrix[i, $0].isZero })
                else {
                    throw Violation(
                        question, Mismatch("row \(i) is another one", expected: "H bᵀ = 0, b_ii = 1", received: answer))
                }
            }
        },
        generated(
            60, id: "gradientCode.bernoulliEntries",
            "Entry (i, j) of a Bernoulli code is 1 if draw(seed, 8, 0, i, j) is below δ, else 0.", profile: .tape,
            basis: .house, section: "numerics.md#randomness", needs: ["gradientCode.encodingMatrix"]
        ) { choices in
            let (workers, partitions) = (choices.integer(in: 1...6), choices.integer(in: 1...9))
            let seed = Seed(choices.draw(upTo: .max))
            // Now and then a density on an entry's own word, or one above: there a rounded comparison decides otherwise.
            let word = Philox.draw(
                seed: seed.value, stream: .bernoulliCode, t: 0, i: UInt32(choices.integer(in: 0...workers - 1)),
                j: UInt64(choices.integer(in: 0...partitions - 1)))
            let denominator = choices.integer(in: 1...8)
            let simple = Rational(choices.integer(in: 1...denominator), denominator)
            let threshold = Rational(max(1, Int(word) + choices.integer(in: 0...1)), 1 << 32)
            return (
                workers: workers, partitions: partitions, density: choices.coin() ? threshold : simple, seed: seed
            )
        } trial: { drawn, examiner in
            let question = GradientCode.EncodingMatrix(
                code: CodeDescriptor(
                    kind: .bernoulli, workers: drawn.workers, partitions: drawn.partitions, density: drawn.density,
                    seed: drawn.seed))
            let density = try Probability(drawn.density)
            let expected = (0..<drawn.workers).map { i in
                (0..<drawn.partitions).map { j -> Rational in
                    let word = Philox.draw(
                        seed: drawn.seed.value, stream: RandomStream(rawValue: 8), t: 0, i: UInt32(i), j: UInt64(j))
                    return density.occurs(at: word) ? 1 : 0
                }
            }
            let answer = try await examiner.answer(question)
            guard answer.matrix == expected else {
                throw Violation(question, Mismatch(expected: expected, received: answer.matrix))
            }
        },
    ]

    /// All (n, s) with 0 ≤ s < n, by n.
    static func sizes(upTo n: Int) -> [(Int, Int)] { (1...n).flatMap { n in (0..<n).map { (n, $0) } } }

    /// The subject's matrix of a cyclic code, once its shape and its zeros are as the windows want them.
    private static func cyclicMatrix(
        _ question: GradientCode.EncodingMatrix, workers n: Int, stragglers s: Int, _ examiner: Examiner
    ) async throws -> RationalMatrix {
        let rows = try await examiner.answer(question).matrix
        guard let matrix = RationalMatrix(rows), matrix.rows == n, matrix.columns == n else {
            throw Violation(question, Mismatch("not a square matrix", expected: "\(n) rows", received: rows))
        }
        for i in 0..<n {
            for j in 0..<n where matrix[i, j].isZero != ((j - i + n) % n > s) {
                let expected = "nonzero at \(i), …, \(i) + \(s) mod \(n)"
                throw Violation(question, Mismatch("row \(i) has another support", expected: expected, received: rows))
            }
        }
        return matrix
    }

    /// The divided differences of values at nodes, taken so many times: zero for a polynomial of smaller degree.
    private static func dividedDifferences(_ values: [Rational], _ nodes: [Rational], order: Int) -> [Rational] {
        (0..<order).reduce(values) { differences, step in
            differences.indices.dropLast().map { j in
                (differences[j + 1] - differences[j]) / (nodes[j + step + 1] - nodes[j])
            }
        }
    }
}
