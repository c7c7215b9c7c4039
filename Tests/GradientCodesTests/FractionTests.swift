import GradientCodes
import Testing

@Suite struct FractionTests {
    static let corners: [UInt64] = [1, 2, 3, 6, 1 << 32 - 1, 1 << 32, 1 << 63, UInt64.max - 1, UInt64.max]

    /// Compares n/d with m/e by their continued fractions: integer parts first, then the reciprocals of the remainders.
    static func isLess(_ n: UInt64, _ d: UInt64, _ m: UInt64, _ e: UInt64) -> Bool {
        let (a, r) = n.quotientAndRemainder(dividingBy: d)
        let (b, q) = m.quotientAndRemainder(dividingBy: e)
        guard a == b else { return a < b }
        guard r > 0, q > 0 else { return r == 0 && q > 0 }
        return isLess(e, q, d, r)
    }

    @Test func `order agrees with continued fractions up to the largest 64-bit parts`() throws {
        for n in [0] + Self.corners {
            for d in Self.corners {
                for m in [0] + Self.corners {
                    for e in Self.corners {
                        let (a, b) = (try Fraction(n, d), try Fraction(m, e))
                        let (less, greater) = (Self.isLess(n, d, m, e), Self.isLess(m, e, n, d))
                        #expect((a < b) == less, "\(n)/\(d) < \(m)/\(e)")
                        #expect((a == b) == (!less && !greater), "\(n)/\(d) == \(m)/\(e)")
                    }
                }
            }
        }
    }

    @Test func `parts are in lowest terms`() throws {
        for n in Self.corners {
            for d in Self.corners {
                let x = try Fraction(n, d)
                let (left, right) = (n.multipliedFullWidth(by: x.denominator), d.multipliedFullWidth(by: x.numerator))
                #expect(left == right, "\(n)/\(d) became \(x)")
                #expect(subtractiveDivisor(x.numerator, x.denominator) == 1, "\(n)/\(d) became \(x)")
            }
        }
    }

    /// The greatest common divisor by Stein's algorithm: subtractions and halvings only.
    private func subtractiveDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var (a, b, factor) = (a, b, UInt64(1))
        while a != b {
            switch (a.isMultiple(of: 2), b.isMultiple(of: 2)) {
            case (true, true): (a, b, factor) = (a / 2, b / 2, factor * 2)
            case (true, false): a /= 2
            case (false, true): b /= 2
            case (false, false): (a, b) = (min(a, b), max(a, b) - min(a, b))
            }
        }
        return a * factor
    }

    @Test func `zero is 0/1 whatever its denominator`() throws {
        #expect(try Fraction(0, 7) == .zero)
        #expect(try Fraction(0, .max).description == "0/1")
        #expect(try Fraction(7, 7) == .one)
        #expect(Fraction.one.description == "1/1")
        #expect(try Fraction(6, 16).description == "3/8")
    }

    @Test func `equal fractions hash alike`() throws {
        #expect(try Set([Fraction(1, 2), Fraction(3, 6), Fraction(1 << 62, 1 << 63)]).count == 1)
    }

    @Test func `a zero denominator is refused`() {
        #expect(refusal(try Fraction(1, 0)) == .invalidParameters)
        #expect(refusal(try Fraction(0, 0)) == .invalidParameters)
    }
}
