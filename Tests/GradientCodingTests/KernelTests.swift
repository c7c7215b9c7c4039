import ExactArithmetic
import GradientCodeKernels
import GradientCodes
import Testing

@Suite struct KernelTests {
    /// The order the kernel documents, one coordinate at a time.
    static func model(_ c: [Float], _ v: [[Float]]) -> [Float] {
        v[0].indices.map { j in
            var sum = c[0] * v[0][j]
            for i in c.indices.dropFirst() { sum = sum + c[i] * v[i][j] }
            return sum
        }
    }

    @Test(arguments: [1, 2, 3, 8, 21], [1, 2, 7, 16, 63, 64, 65, 2047, 2048, 2049, 5000])
    func `the kernel has the bits of its scalar model`(_ terms: Int, _ dimension: Int) throws {
        let c = Philox.testFloats(seed: 3, t: 0, i: 99, count: terms)
        let v = (0..<terms).map { Philox.testFloats(seed: 3, t: 1, i: UInt32($0), count: dimension) }
        let result = try GradientCode.combine(c, v)
        #expect(result.map(\.bitPattern) == Self.model(c, v).map(\.bitPattern))
    }

    @Test func `minus zero survives where the model keeps it`() throws {
        #expect(try GradientCode.combine([1], [[-0.0]])[0].bitPattern == Float(-0.0).bitPattern)
        #expect(try GradientCode.combine([-1, 1], [[0], [-0.0]])[0].bitPattern == Float(-0.0).bitPattern)
    }

    @Test func `a result beyond binary32 is refused, wherever it stands`() throws {
        for position in [0, 15, 2047, 2048, 2999] {
            var vector = [Float](repeating: 1, count: 3000)
            vector[position] = .greatestFiniteMagnitude
            #expect(throws: Refusal.self) { try GradientCode.combine([2], [vector]) }
            vector[position] = 1
            #expect(try GradientCode.combine([2], [vector])[position] == 2)
        }
    }

    @Test func `spoilt messages are excluded wherever the NaN stands`() throws {
        for position in [0, 100, 4096] {
            var spoilt = [Float](repeating: 1, count: 4097)
            spoilt[position] = position == 100 ? .infinity : .nan
            let good = [Float](repeating: 2, count: 4097)
            let recovery = try GradientCode.recover([spoilt, good, nil]) { responders throws(Refusal) in
                #expect(responders.members == [1])
                return [0, 3, 0]
            }
            #expect(recovery.excluded == [0])
            #expect(recovery.sum == [Float](repeating: 6, count: 4097))
        }
    }

    @Test func `messages of different dimensions are refused`() {
        #expect(throws: Refusal.self) { try GradientCode.recover([[1], [1, 2]]) { _ in [1, 1] } }
    }
}
