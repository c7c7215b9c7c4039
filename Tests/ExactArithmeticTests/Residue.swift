import ExactArithmetic

/// A second route for numbers of any size: their residues modulo the prime 2⁶⁴ − 59, read off the decimal text.
struct Residue: Equatable {
    static let modulus: UInt64 = 18_446_744_073_709_551_557

    let value: UInt64

    /// The residue of a number, whose denominator must not be a multiple of the prime.
    init(_ number: Rational) {
        let parts = number.description.split(separator: "/").map { Residue(decimal: $0) }
        self = parts[0] / parts[1]
    }

    private init(value: UInt64) { self.value = value }

    private init(decimal text: Substring) {
        let digits = text.drop { $0 == "-" }
        let magnitude = digits.utf8.reduce(Residue(value: 0)) { sum, digit in
            sum * Residue(value: 10) + Residue(value: UInt64(digit - UInt8(ascii: "0")))
        }
        self = text.first == "-" ? Residue(value: 0) - magnitude : magnitude
    }

    static func + (a: Residue, b: Residue) -> Residue {
        Residue(value: UInt64((UInt128(a.value) + UInt128(b.value)) % UInt128(modulus)))
    }

    static func - (a: Residue, b: Residue) -> Residue {
        Residue(value: UInt64((UInt128(a.value) + UInt128(modulus - b.value)) % UInt128(modulus)))
    }

    static func * (a: Residue, b: Residue) -> Residue {
        Residue(value: modulus.dividingFullWidth(a.value.multipliedFullWidth(by: b.value)).remainder)
    }

    /// By Fermat: the inverse of b is b^(p−2).
    static func / (a: Residue, b: Residue) -> Residue {
        precondition(b.value != 0, "the prime divides a denominator")
        var (result, square, exponent) = (a, b, modulus - 2)
        while exponent > 0 {
            if exponent % 2 == 1 { result = result * square }
            square = square * square
            exponent /= 2
        }
        return result
    }
}
