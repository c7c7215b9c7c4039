import ExactArithmetic
import Testing

@Suite struct RationalMatrixProjectionTests {
    @Test func `a projector is symmetric and idempotent, fixes the rows, and its trace is the rank`() {
        var generator = SplitMix64(seed: 41)
        for _ in 0..<150 {
            let (rows, columns) = (Int.random(in: 0...4, using: &generator), Int.random(in: 1...4, using: &generator))
            let A = generator.matrix(rows: rows, columns: columns)
            let Π = A.rowSpaceProjector
            #expect(Π.rows == columns && Π.columns == columns)
            #expect(Π == Π.transposed && Π * Π == Π, "\(A)")
            #expect(A * Π == A, "\(A)")
            let pivots = A.reducedRowEchelonForm().pivots
            #expect((0..<columns).map { Π[$0, $0] }.total == Rational(pivots.count))
        }
    }

    @Test func `the null space is what a projector kills`() {
        var generator = SplitMix64(seed: 42)
        var killed = 0
        for _ in 0..<150 {
            let (rows, columns) = (Int.random(in: 0...3, using: &generator), Int.random(in: 2...4, using: &generator))
            let A = generator.matrix(rows: rows, columns: columns)
            let Π = A.rowSpaceProjector
            // One null vector for every free column: 1 there, minus the column's entries at the pivots.
            let (form, pivots) = A.reducedRowEchelonForm()
            for free in (0..<columns).filter({ !pivots.contains($0) }) {
                var z = (0..<columns).map { $0 == free ? Rational(1) : 0 }
                for (row, pivot) in pivots.enumerated() { z[pivot] = -form[row, free] }
                #expect((A * z).allSatisfy { $0.isZero } && (Π * z).allSatisfy { $0.isZero }, "\(A)")
                killed += 1
            }
            // The projection is what least squares finds in the span of the rows.
            let x = generator.vector(columns)
            #expect(Π * x == A.transposed.leastSquares(x).projection)
        }
        #expect(killed > 100)
    }

    @Test func `projectors by hand`() {
        #expect(
            RationalMatrix([[1, 2]])!.rowSpaceProjector
                == RationalMatrix([[1, 2], [2, 4]].map { $0.map { Rational($0, 5) } }))
        #expect(RationalMatrix([[1, 1], [1, 2]])!.rowSpaceProjector == .identity(2))
        #expect(RationalMatrix([[0, 0]])!.rowSpaceProjector == RationalMatrix([[0, 0], [0, 0]]))
        #expect(
            RationalMatrix([[1, 1], [2, 2]])!.rowSpaceProjector
                == RationalMatrix([[1, 1], [1, 1]].map { $0.map { Rational($0, 2) } }))
    }
}
