public import ExactArithmetic
public import GradientCodes

extension CyclicRepetitionCode {
    /// The largest magnitude of an entry of CRC-Z: C(n − 1, s), attained at row 0, column 0.
    public var largestEntry: Rational { .binomial(workers - 1, stragglers) }

    /// The worst amplification κ of CRC-Z over all single stragglers, for s = 1 (Theorem 6): with C = C(n − 2,
    /// ⌊(n − 2) / 2⌋), it is 2C − 1 for n ≡ 2 mod 4, else 2C + 1; for n = 2 it is 1.
    ///
    /// - Throws: `invalidParameters` unless s = 1 and n ≥ 2: other s have no closed form.
    public func worstAmplification() throws(Refusal) -> Rational {
        guard stragglers == 1 else {
            throw Refusal(.invalidParameters, "the closed form is for one straggler, not \(stragglers)")
        }
        let central = Rational.binomial(workers - 2, (workers - 2) / 2)
        return workers % 4 == 2 ? 2 * central - 1 : 2 * central + 1
    }
}
