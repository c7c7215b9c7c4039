import GradientCodes

// The unbiased baselines rand-K and s levels (docs/CompressedGradientCode.md#unbiased-compressors).
//
// Order: coordinates are independent, every decision is exact and every value is rounded once, so messages have the same
// bytes on every platform. Traffic: one read a coordinate and word.
extension CompressedGradientCode {
    /// The values fl(D v_j/K) of the coordinates that the words choose.
    static func randomValues(
        _ x: [Float], _ k: Int, by compressor: Compressor, tape: [UInt32]
    ) throws(Refusal) -> [UInt8] {
        var message = [UInt8](repeating: 0, count: compressor.messageBytes)
        for (place, j) in Compressor.randomCoordinates(k, words: tape).enumerated() {
            // At most 26 + 24 bits: exact.
            let value = Float.quotient(Double(x.count) * Double(x[j]), by: Double(k)) + 0
            guard value.isFinite else {
                throw Refusal(.outOfRange, "D v_j/K of coordinate \(j) is beyond binary32, v_j = \(x[j])")
            }
            store(value, at: 4 * place, in: &message)
        }
        return message
    }

    /// R = ‖v‖_∞ and the level of each coordinate plus s.
    static func levels(_ x: [Float], _ s: Int, by compressor: Compressor, tape: [UInt32]) -> [UInt8] {
        let norm = x.largestMagnitude
        precondition(norm.isFinite, "a coordinate is not finite")
        var message = [UInt8](repeating: 0, count: compressor.messageBytes)
        store(norm, at: 0, in: &message)
        var packed = PackedIntegers.Writer(at: 4, width: compressor.levelBits ?? 0)
        for (value, word) in zip(x, tape) {
            let level = norm == 0 ? 0 : self.level(of: value.magnitude, norm: norm, levels: s, word: word)
            packed.append(UInt64(value < 0 ? s - level : s + level), to: &message)
        }
        packed.finish(&message)
        return message
    }

    /// l + 1 if u < f · 2³², else l, where s|v|/R = l + f, exactly.
    ///
    /// s|v| and lR have at most 40 bits. Their difference d is less than R, which has 24 bits in units of its last
    /// place; it is s|v| where l = 0, and otherwise a multiple of the unit of v, which is at least 2⁻¹⁷ of R's. So d is a
    /// binary64 number, and u < f · 2³² is u·r < ⌈d · 2³²/ulp R⌉ with r = R/ulp R, in integers below 2⁵⁶.
    private static func level(of magnitude: Float, norm: Float, levels s: Int, word: UInt32) -> Int {
        let (y, range) = (Double(s) * Double(magnitude), Double(norm))
        var lower = (y / range).rounded(.down)
        var rest = y - lower * range
        if rest < 0 {
            lower -= 1
            rest = y - lower * range
        }
        let unit = Double(norm.ulp)
        let limit = UInt64((rest / unit * 0x1p32).rounded(.up))
        return Int(lower) + (UInt64(word) * UInt64(range / unit) < limit ? 1 : 0)
    }

    /// The value of a level: R · level/s, rounded once; +0 for level 0.
    static func value(ofLevel level: Int, norm: Float, levels s: Int) -> Float {
        Float.quotient(Double(norm) * Double(level), by: Double(s)) + 0
    }

    static func store(_ value: Float, at place: Int, in message: inout [UInt8]) {
        for k in 0..<4 { message[place + k] = UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32(k))) }
    }
}

extension Float {
    /// a/b, rounded once.
    ///
    /// The quotient is first rounded to odd in binary64: inexact, it is that of its two neighbours whose last bit is 1.
    /// A second rounding to 24 bits or fewer then gives what one rounding would have given, because 53 ≥ 24 + 2.
    ///
    /// - Precondition: b > 0, and the quotient is 0 or a normal binary64 number.
    static func quotient(_ a: Double, by b: Double) -> Float {
        let near = a / b
        let rest = a.addingProduct(-near, b)
        guard rest != 0, near.bitPattern & 1 == 0 else { return Float(near) }
        return Float(rest > 0 ? near.nextUp : near.nextDown)
    }
}
