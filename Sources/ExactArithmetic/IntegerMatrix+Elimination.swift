extension IntegerMatrix {
    /// The reduced row echelon form: fraction-free in 64-bit integers where Hadamard's bound says that every minor fits,
    /// otherwise modulo several primes whose product is beyond twice that bound, which certifies rank, pivots and all
    /// numerators.
    ///
    /// - Returns: nil where more primes would be needed than there are at hand: minors beyond some 31 000 bits.
    public func echelonForm() -> IntegerEchelonForm? {
        let bits = minorBits
        if bits < 62 { return fractionFreeForm(isNarrow: bits < 30) }
        return modularForm(bits: bits)
    }

    /// Gauss–Jordan elimination by Bareiss: every number on the way is a minor of the matrix, so that divisions by the
    /// pivot before are exact, and nothing overflows below 2⁶².
    ///
    /// An exact quotient that fits 64 bits is the product with the inverse of the divisor's odd part modulo 2⁶⁴, after a
    /// shift by its power of two. If minors are below 2³⁰, their products fit 64 bits (`isNarrow`); otherwise they are
    /// formed in 128.
    private func fractionFreeForm(isNarrow: Bool) -> IntegerEchelonForm {
        var work = entries
        var pivots: [Int] = []
        var previous = 1
        let (rows, columns) = (rows, columns)
        work.withUnsafeMutableBufferPointer { work in
            for column in 0..<columns {
                let target = pivots.count
                guard let source = (target..<rows).first(where: { work[$0 * columns + column] != 0 }) else { continue }
                if source != target {
                    for j in 0..<columns { work.swapAt(source * columns + j, target * columns + j) }
                }
                let pivot = work[target * columns + column]
                let shift = previous.trailingZeroBitCount
                let inverse = (previous >> shift).inverseModuloWord
                for row in 0..<rows where row != target {
                    let factor = work[row * columns + column]
                    // Below the pivots, columns on the left are zeros already.
                    for j in (row < target ? 0 : column)..<columns {
                        let (place, above) = (row * columns + j, work[target * columns + j])
                        if isNarrow {
                            work[place] = ((pivot &* work[place] &- factor &* above) >> shift) &* inverse
                        } else {
                            let a = pivot.multipliedFullWidth(by: work[place])
                            let b = factor.multipliedFullWidth(by: above)
                            let low = a.low &- b.low
                            let high = a.high &- b.high &- (a.low < b.low ? 1 : 0)
                            let shifted =
                                shift == 0 ? low : low &>> UInt(shift) | UInt(bitPattern: high) &<< UInt(64 - shift)
                            work[place] = Int(bitPattern: shifted) &* inverse
                        }
                    }
                }
                previous = pivot
                pivots.append(column)
            }
        }
        return IntegerEchelonForm(
            pivots: pivots, columns: columns, denominator: Rational(previous),
            numerators: work.prefix(pivots.count * columns).map { Rational($0) })
    }
}

extension Int {
    /// The inverse of an odd number modulo 2⁶⁴, by Newton's iteration: every step doubles the correct bits, 5 at first.
    fileprivate var inverseModuloWord: Int {
        var x = (3 &* self) ^ 2
        for _ in 0..<4 { x = x &* (2 &- self &* x) }
        return x
    }
}
