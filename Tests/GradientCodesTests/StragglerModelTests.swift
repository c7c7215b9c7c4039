import GradientCodes
import Testing

@Suite struct StragglerModelTests {
    static func draws(seed: UInt64, t: UInt32, workers: Int) -> [UInt32] {
        (0..<UInt32(workers)).map { Philox.draw(seed: seed, stream: .stragglers, t: t, i: $0, j: 0) }
    }

    @Test func `the golden iteration has responders 1, 2 and 3`() throws {
        let p = try [(1, 4), (0, 1), (1, 2), (3, 8)].map { try Probability($0, $1) }
        let model = try StragglerModel.independent(p)
        #expect(
            Self.draws(seed: 20_240_319, t: 5, workers: 4)
                == [999_148_941, 251_681_478, 3_221_972_235, 2_557_793_904])
        #expect(model.workers == 4)
        #expect(model.responders(seed: 20_240_319, t: 5) == (try WorkerSet([1, 2, 3], of: 4)))
    }

    @Test func `certain workers always answer or never do`() throws {
        let model = try StragglerModel.independent([.one, .zero, .one])
        for t in 0..<50 { #expect(model.responders(seed: 3, t: UInt32(t)).members == [1]) }
    }

    @Test func `a worker straggles if its word is below its probability, whatever the others do`() throws {
        let eighths = try (0...8).map { try Probability($0, 8) }
        let model = try StragglerModel.independent(eighths)
        for t in 0..<200 {
            let words = Self.draws(seed: 77, t: UInt32(t), workers: 9)
            // The upper three bits of a word are its number of whole eighths.
            let expected = words.indices.filter { Int(words[$0] >> 29) >= $0 }
            #expect(model.responders(seed: 77, t: UInt32(t)).members == expected, "t = \(t)")
        }
    }

    @Test(arguments: 0...6)
    func `exactly s workers straggle, those whose words few others undercut`(s: Int) throws {
        let model = try StragglerModel.exactly(s, of: 6)
        #expect(model.workers == 6)
        for t in 0..<50 {
            let words = Self.draws(seed: 12, t: UInt32(t), workers: 6)
            let expected = (0..<6).filter { i in words.count { $0 < words[i] } >= s }
            #expect(model.responders(seed: 12, t: UInt32(t)).members == expected, "t = \(t)")
        }
    }

    @Test func `of two workers with equal words the lower one straggles`() throws {
        // Found by search: words 55 and 63 are equal, and 43 of the 64 are smaller.
        let words = Self.draws(seed: 3_079_693, t: 0, workers: 64)
        #expect(words[55] == words[63] && words.count { $0 < words[55] } == 43)
        let responders = try StragglerModel.exactly(44, of: 64).responders(seed: 3_079_693, t: 0)
        #expect(!responders.contains(55) && responders.contains(63))
        #expect(responders.count == 20)
    }

    @Test func `an empty model is refused`() {
        #expect(refusal(try StragglerModel.independent([])) == .invalidParameters)
    }

    @Test func `a model above the limit is refused`() {
        let p = [Probability](repeating: .zero, count: 65_537)
        #expect(refusal(try StragglerModel.independent(p)) == .invalidParameters)
    }

    @Test(arguments: [(-1, 3), (4, 3), (0, 0), (1, 0), (0, -1), (.min, .max), (1, .max), (.max, 3), (0, 65_537)])
    func `impossible numbers of stragglers are refused`(s: Int, n: Int) {
        #expect(refusal(try StragglerModel.exactly(s, of: n)) == .invalidParameters)
    }
}
