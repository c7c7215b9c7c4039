import GradientCodes
import Testing

@Suite struct CyclicRepetitionCodeTests {
    @Test func `windows wrap around`() throws {
        let code = try CyclicRepetitionCode(workers: 5, stragglers: 2)
        #expect((code.workers, code.stragglers, code.partitions, code.degree) == (5, 2, 5, 2))
        #expect(code.construction == .integers)
        #expect((0..<5).map { code.window(of: $0) } == [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 0], [4, 0, 1]])
        #expect((0..<5).map { code.zeros(of: $0) } == [[3, 4], [4, 0], [0, 1], [1, 2], [2, 3]])
    }

    @Test(arguments: 1...9)
    func `a window and its zeros go once around the circle`(n: Int) throws {
        for s in 0..<n {
            let code = try CyclicRepetitionCode(workers: n, stragglers: s)
            #expect(code.degree == n - 1 - s)
            for i in 0..<n {
                let circle = Array(i..<n) + Array(0..<i)
                #expect(code.window(of: i) + code.zeros(of: i) == circle)
                #expect(code.window(of: i) == Array(circle.prefix(s + 1)))
            }
        }
    }

    @Test(arguments: [
        (0, 0), (-1, 0), (5, -1), (5, 5), (5, 6), (.max, 1), (65_537, 1), (4, .max), (4, .min), (.min, .min),
    ])
    func `impossible parameters are refused`(n: Int, s: Int) {
        #expect(refusal(try CyclicRepetitionCode(workers: n, stragglers: s)) == .invalidParameters)
    }
}
