import ExactArithmetic
import GradientCodeKernels
import GradientCodeReference
import GradientCodes
import Testing

/// `recover` against exact sums, against a scalar loop bit for bit, and the bound of a whole round in binary32.
@Suite struct HeterogeneousKernelTests {
    typealias Code = HeterogeneousGradientCode

    static let unit = Rational(2).power(-24)

    static func exact(_ x: Float) -> Rational { Rational(exactly: x)! }

    /// fl(…fl(fl(w_0 y_0) + fl(w_1 y_1)) + …), coordinate by coordinate; +0 where there is no term.
    static func model(_ messages: [[Float]], _ weights: [Float]) -> [Float] {
        let terms = messages.indices.filter { weights[$0] != 0 && messages[$0].allSatisfy(\.isFinite) }
        return messages[0].indices.map { d in
            guard let first = terms.first else { return 0 }
            var sum = weights[first] * messages[first][d]
            for i in terms.dropFirst() {
                let product = weights[i] * messages[i][d]
                sum = sum + product
            }
            return sum
        }
    }

    @Test func `a sum has the bits of a scalar loop, and keeps to the bound of linear combinations`() throws {
        var random = SplitMix64(seed: 28)
        var largest: Rational = 0
        for round in 0..<60 {
            let n = random.int(1...7)
            let dimension = [1, 3, 17, 64, 2049][round % 5] % (round < 10 ? 3000 : 100)
            let scale = Float(sign: .plus, exponent: [0, 60, -140, -100][round % 4], significand: 1)
            let messages = (0..<n).map { i in
                Philox.testFloats(seed: UInt64(round), t: 0, i: UInt32(i), count: dimension).map { $0 * scale }
            }
            var weights = Philox.testFloats(seed: UInt64(round), t: 1, i: 0, count: n).map { 4 * $0 }
            if round % 3 == 0 { weights[0] = 0 }
            let responders = (0..<n).filter { _ in random.int(0...3) > 0 }
            let given = (0..<n).map { responders.contains($0) || $0 == n - 1 ? messages[$0] : nil }
            let sum = try Code.recover(given, weights: weights)
            let present = (0..<n).filter { given[$0] != nil }
            let expected = Self.model(present.map { messages[$0] }, present.map { weights[$0] })
            #expect(sum.vector.map(\.bitPattern) == expected.map(\.bitPattern) && sum.excluded == [])
            let growth = (1 + Self.unit).power(present.count)
            for d in stride(from: 0, to: dimension, by: 1 + dimension / 8) {
                let products = present.map { Self.exact(weights[$0]) * Self.exact(messages[$0][d]) }
                let error = (Self.exact(sum.vector[d]) - products.total).magnitude
                let underflow = Rational(present.count) * growth * Rational(2).power(-150)
                let bound = (growth - 1) * products.map(\.magnitude).total + underflow
                #expect(error <= bound, "round \(round), coordinate \(d)")
                largest = max(largest, error / bound)
            }
        }
        #expect(largest > Rational(1, 4))
    }

    @Test func `a round in gauge A keeps to its bound`() throws {
        var random = SplitMix64(seed: 29)
        var largest: Rational = 0
        for round in 0..<60 {
            let code = random.code(workers: 6, partitions: 5, straggling: SplitMix64.any)
            let (w, b) = code.gauge()
            let C = code.coefficients()
            let exponent = [0, 80, -149, -120][round % 4]
            let gradients = (0..<code.partitions).map { j in
                Philox.testFloats(seed: 7, t: UInt32(round), i: UInt32(j), count: 4).map {
                    $0 * Float(sign: .plus, exponent: exponent, significand: 1)
                }
            }
            let messages = try (0..<code.workers).map { i -> [Float]? in
                let support = (0..<code.partitions).filter { !b[i, $0].isZero }
                guard i == 0 || random.int(0...3) > 0 else { return nil }
                guard !support.isEmpty else { return [0, 0, 0, 0] }
                return try GradientCode.combine(support.map { Float(b[i, $0]) }, support.map { gradients[$0] })
            }
            let responders = messages.indices.filter { messages[$0] != nil }
            let sum = try Code.recover(messages, weights: w.map { Float($0) })
            let loads = code.allocation.loads
            let growth = (1 + Self.unit).power(loads.max()! + responders.count + 2)
            for d in 0..<4 {
                let terms = responders.flatMap { i in
                    (0..<code.partitions).map { C[i, $0] * Self.exact(gradients[$0][d]) }
                }
                let error = (Self.exact(sum.vector[d]) - terms.total).magnitude
                let products = Rational(responders.count) + responders.map { w[$0] * Rational(loads[$0]) }.total
                let bound =
                    (growth - 1) * terms.map(\.magnitude).total
                    + growth * Rational(2).power(-150) * products
                #expect(error <= bound, "\(code) \(d)")
                largest = max(largest, bound.isZero ? 0 : error / bound)
            }
        }
        #expect(largest > Rational(1, 20))
    }

    @Test func `the triangle in binary32`() throws {
        let code = GoldenCode.triangle.code
        let (w, b) = code.gauge()
        let gradients: [Float] = [1, -2, 3]
        let messages = try (0..<3).map { i -> [Float]? in
            let support = code.allocation.partitions(of: i)
            return try GradientCode.combine(support.map { Float(b[i, $0]) }, support.map { [gradients[$0]] })
        }
        let all = try Code.recover(messages, weights: w.map { Float($0) })
        #expect((Self.exact(all.vector[0]) - Rational(101, 30)).magnitude < Rational(1, 1_000_000))
        let two = try Code.recover([messages[0], nil, messages[2]], weights: w.map { Float($0) })
        #expect((Self.exact(two.vector[0]) - Rational(107, 30)).magnitude < Rational(1, 1_000_000))
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, .signalingNaN])
    func `a message that is not finite makes a straggler of its worker`(value: Float) throws {
        let messages: [[Float]?] = [[1, 2], [value, 1], nil, [4, value], [8, -1]]
        let sum = try Code.recover(messages, weights: [1, 2, 3, 0, 5])
        #expect(sum.vector == [41, -3] && sum.excluded == [1, 3])
        let nobody = try Code.recover([[value, value], nil], weights: [1, 1])
        #expect(nobody.vector.map(\.bitPattern) == [0, 0] && nobody.excluded == [0])
    }

    @Test func `weight 0 leaves a message out, however large, and only then nothing is left`() throws {
        let huge = Float.greatestFiniteMagnitude
        let sum = try Code.recover([[huge, -huge], [1, -0.0]], weights: [0, 1])
        #expect(sum.vector.map(\.bitPattern) == [Float(1).bitPattern, Float(-0.0).bitPattern] && sum.excluded == [])
        let nothing = try Code.recover([[-1, 1, 3], nil], weights: [-0.0, 1])
        #expect(nothing.vector.map(\.bitPattern) == [0, 0, 0] && nothing.excluded == [])
    }

    @Test func `what is refused`() {
        let huge = Float.greatestFiniteMagnitude
        #expect(refusal { try Code.recover([[1], [1, 2]], weights: [1, 1]) } == .dimensionMismatch)
        #expect(refusal { try Code.recover([[], nil], weights: [1, 1]) } == .dimensionMismatch)
        #expect(refusal { try Code.recover([[.nan], [1, 2]], weights: [1, 1]) } == .dimensionMismatch)
        #expect(refusal { try Code.recover([[huge], [huge]], weights: [1, 1]) } == .outOfRange)
        #expect(refusal { try Code.recover([[huge], [-huge]], weights: [1, 1]) } == nil)
    }
}
