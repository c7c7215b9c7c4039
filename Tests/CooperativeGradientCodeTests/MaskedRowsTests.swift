import CKernels
import ExactArithmetic
import GradientCodeReference
import GradientCodes
import Testing

/// Certified batches against the textbook elimination.
@Suite struct MaskedRowsTests {
    /// Decides patterns and compares each with the textbook.
    func check(_ B: RationalMatrix, _ masks: [UInt64], slots: [Int]) throws {
        var decider = try #require(MaskedRows(B))
        let spaces = decider.decide(masks, rows: slots)
        #expect(spaces.count == masks.count / slots.count)
        for (pattern, space) in spaces.enumerated() {
            let own = (0..<slots.count).map { masks[pattern * slots.count + $0] }
            let G = RationalMatrix(rows: slots.count, columns: B.columns) { i, k in
                own[i] >> UInt64(k) & 1 == 1 ? B[slots[i], k] : 0
            }
            let (form, pivots) = G.reducedRowEchelonForm()
            let units = pivots.indices.filter { i in form.row(i).count { !$0.isZero } == 1 }
            #expect(space.rank == pivots.count)
            #expect(space.units == units.reduce(0) { $0 | 1 << UInt64(pivots[$1]) })
            #expect(
                space.containsOnes
                    == (0..<B.columns).allSatisfy { k in pivots.indices.map { form[$0, k] }.total == 1 })
        }
    }

    @Test func `every pattern of small codes has the textbook's row space`() throws {
        for (construction, M, s) in [
            (CyclicRepetitionCode.Construction.integers, 2, 1), (.integers, 3, 1), (.integers, 3, 2), (.ones, 4, 1),
            (.integers, 4, 1), (.tightIntegers, 4, 1), (.integers, 4, 2),
        ] {
            let masks = patterns(M, s).flatMap { pattern in
                pattern.map { $0.map { $0.reduce(0 as UInt64) { $0 | 1 << UInt64($1) } } ?? 0 }
            }
            try check(try cyclic(construction, M, s), masks, slots: Array(0..<M))
        }
    }

    @Test func `random stacks of larger codes have the textbook's row space`() throws {
        var state: UInt64 = 1
        func random() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        for (construction, M, s, attempts) in [
            (CyclicRepetitionCode.Construction.integers, 10, 3, 1), (.tightIntegers, 10, 3, 2), (.ones, 10, 4, 1),
            (.integers, 12, 5, 1),
        ] {
            let masks = (0..<40).flatMap { _ in
                (0..<attempts * M).map { slot -> UInt64 in
                    let m = slot % M
                    guard random() % 8 > 0 else { return 0 }
                    return (1...s).reduce(1 << UInt64(m)) {
                        random() % 5 > 0 ? $0 | 1 << UInt64((m + $1) % M) : $0
                    }
                }
            }
            try check(try cyclic(construction, M, s), masks, slots: (0..<attempts * M).map { $0 % M })
        }
    }

    @Test func `a matrix that vanishes modulo the prime is decided all the same`() throws {
        let prime = Rational(Int(CKERNELS_PRIME))
        let B = try #require(RationalMatrix([[prime, 1], [1, prime]]))
        try check(B, [3, 3, 1, 3, 1, 2], slots: [0, 1])
        // The determinant is the prime: singular modulo it, and not singular.
        let singular = try #require(RationalMatrix([[prime + 1, 1], [1, 1]]))
        try check(singular, [3, 3], slots: [0, 1])
        #expect(MaskedRows(RationalMatrix(rows: 1, columns: 65) { _, _ in 1 }) == nil)
    }

    @Test func `every instruction set finds the same`() throws {
        let B = try cyclic(.integers, 10, 3)
        let prime = Int(CKERNELS_PRIME)
        let residues = (0..<100).map { place -> UInt32 in
            let entry = Int(exactly: B[place / 10, place % 10])! % prime
            return ckernels_residue(UInt32(entry < 0 ? entry + prime : entry))
        }
        var masks = [UInt64](repeating: 0, count: 160)
        for place in masks.indices {
            masks[place] = UInt64(place) &* 0x9E37_79B9_7F4A_7C15 >> 20 & 1023
        }
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: 8 * (16 * 13 * 10 + 320), alignment: 64)
        defer { scratch.deallocate() }
        let numbers = scratch.bindMemory(to: UInt64.self, capacity: 16 * 13 * 10 + 320)
        var found: [[UInt64]] = []
        for instructions in 0..<3 {
            var result = CKernelsRowSpaces()
            let isThere = ckernels_row_spaces_with(Int32(instructions), residues, 10, 10, masks, numbers, &result)
            guard isThere == 1 else { continue }
            found.append(withUnsafeBytes(of: &result) { Array($0.bindMemory(to: UInt64.self)) })
        }
        #expect(!found.isEmpty && found.allSatisfy { $0 == found[0] })
    }
}
