public import GradientCodes

// Encode and decode are the same kernel, a linear combination of vectors.
//
// Order: coordinates are independent; for each, the terms are added by ascending index, each product rounded before its
// addition (Swift never contracts the two), so the result has the same bits on every platform and at every vector width.
// Error: docs/numerics.md#linear-combination. Traffic: one read a term and coordinate, one write a coordinate; the
// running sums of a block stay in the first-level cache.
extension GradientCode {
    /// Coordinates summed at a time: 8 KiB of running sums.
    private static let block = 2048

    /// The linear combination Σ_i c_i v_i.
    ///
    /// - Parameters:
    ///   - coefficients: c, one number a vector, finite.
    ///   - vectors: v, at least one, all of one dimension, finite.
    /// - Returns: one value a coordinate.
    /// - Throws: `outOfRange` when a coordinate of the result is beyond binary32.
    public static func combine(_ coefficients: [Float], _ vectors: [[Float]]) throws(Refusal) -> [Float] {
        precondition(coefficients.count == vectors.count && !vectors.isEmpty, "one coefficient a vector")
        let dimension = vectors[0].count
        let sums = [Float](unsafeUninitializedCapacity: dimension) { buffer, count in
            var start = 0
            while start < dimension {
                let end = min(start + block, dimension)
                var first = true
                for (coefficient, vector) in zip(coefficients, vectors) {
                    add(coefficient, vector.span.extracting(start..<end), to: buffer.baseAddress! + start, first: first)
                    first = false
                }
                start = end
            }
            count = dimension
        }
        guard sums.isFinite else {
            throw Refusal(.outOfRange, "a coordinate of the combination is beyond binary32")
        }
        return sums
    }

    /// Adds c·v to a block of sums, or begins the sums with it: no zero is added, so that −0 survives.
    private static func add(_ c: Float, _ v: Span<Float>, to sums: UnsafeMutablePointer<Float>, first: Bool) {
        if first {
            for j in v.indices { (sums + j).initialize(to: c * v[j]) }
        } else {
            for j in v.indices { sums[j] = sums[j] + c * v[j] }
        }
    }
}

extension [Float] {
    /// False when a value is infinite or not a number; without branches, so that it vectorises.
    package var isFinite: Bool {
        let values = span
        var seen: UInt32 = 0
        for j in values.indices { seen |= values[j].bitPattern & 0x7f80_0000 == 0x7f80_0000 ? 1 : 0 }
        return seen == 0
    }
}
