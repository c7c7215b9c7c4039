extension Collection<Rational> {
    /// The sum of the numbers; that of none is 0.
    public var total: Rational { reduce(0, +) }

    /// The sum of the products of corresponding numbers; that of two empty collections is 0.
    ///
    /// - Precondition: both collections have the same count.
    public func innerProduct(_ other: some Collection<Rational>) -> Rational {
        precondition(count == other.count, "an inner product is one of vectors of equal length")
        return zip(self, other).reduce(0) { sum, pair in sum + pair.0 * pair.1 }
    }
}
