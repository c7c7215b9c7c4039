public import ExactArithmetic
public import GradientCodes

/// What a compressor makes of a vector, as exact numbers: before any rounding, or with the numbers that are sent rounded
/// to binary32 (`docs/CompressedGradientCode.md#compressors`).
public struct CompressedMessage: Hashable, Sendable {
    /// The parts of a message.
    public enum Content: Hashable, Sendable {
        /// The values of identity and rand-K, by increasing index.
        case values([Rational])
        /// One scale a block and one sign a coordinate, true for +.
        case signs(scales: [Rational], [Bool])
        /// The indices that top-K keeps, increasing, and their values.
        case kept([Int], values: [Rational])
        /// A norm and one level a coordinate.
        case levels(norm: Rational, [Int])
        /// A message of 1-bit gradient coding.
        case stochasticSign(SignMessage)
    }

    /// C.
    public let compressor: Compressor
    /// The parts.
    public let content: Content

    /// A message of these parts, which have to fit the compressor.
    package init(_ content: Content, of compressor: Compressor) {
        self.compressor = compressor
        self.content = content
    }

    /// C(v), exact.
    ///
    /// - Parameter draws: one word a coordinate for a random compressor, else none.
    /// - Throws: `outOfRange` if |v_j| is above a given range of the stochastic sign.
    /// - Precondition: the vector has the compressor's dimension; in mode S of the stochastic sign its largest magnitude
    ///   is a binary32 number.
    public init(compressing v: [Rational], by compressor: Compressor, draws: [UInt32] = []) throws(Refusal) {
        precondition(v.count == compressor.dimension && draws.count == compressor.words, "one coordinate, one draw")
        self.compressor = compressor
        switch compressor.kind {
        case .scaledSign, .blockSign:
            // Each block is divided by its own length.
            let scales = compressor.blocks.map { block in
                v[block].map(\.magnitude).total / Rational(block.count)
            }
            content = .signs(scales: scales, v.map { $0 >= 0 })
        case .topK(let k):
            // A sort, not a threshold: of equal magnitudes the smaller index comes first.
            let order = v.indices.sorted { (-v[$0].magnitude, $0) < (-v[$1].magnitude, $1) }
            let kept = order.prefix(k).sorted()
            content = .kept(kept, values: kept.map { v[$0] })
        case .identity:
            content = .values(v)
        case .randK(let k):
            let factor = Rational(compressor.dimension, k)
            content = .values(Compressor.randomCoordinates(k, words: draws).map { factor * v[$0] })
        case .levels(let s):
            let norm = v.map(\.magnitude).max() ?? 0
            content = .levels(
                norm: norm, zip(v, draws).map { Self.level(of: $0, norm: norm, levels: s, draw: $1) })
        case .stochasticSign(let given):
            let ranges = given.map { Compressor.ranges($0, dimension: v.count) }
            if let ranges, let j = v.indices.first(where: { v[$0].magnitude > ranges[$0] }) {
                throw Refusal(.outOfRange, "coordinate \(j) is \(v[j]); expected at most \(ranges[j]) in magnitude")
            }
            content = .stochasticSign(SignMessage(quantizing: v, ranges: ranges, draws: draws))
        }
    }

    /// The level of one coordinate with its sign: l + 1 if u < f · 2³², else l, where s|v|/R = l + f; 0 for R = 0.
    private static func level(of value: Rational, norm: Rational, levels s: Int, draw: UInt32) -> Int {
        guard !norm.isZero else { return 0 }
        let y = Rational(s) * value.magnitude / norm
        let f = y - y.floor
        let lower = Int(exactly: y.floor) ?? 0
        return value.signum * (Rational(draw) < f * Rational(2).power(32) ? lower + 1 : lower)
    }

    /// The message whose numbers are binary32 numbers, correctly rounded; bits of a block whose scale becomes 0 are 1.
    ///
    /// See docs/CompressedGradientCode.md#rounded-messages.
    ///
    /// - Throws: `outOfRange` if a number is beyond binary32.
    public func rounded() throws(Refusal) -> CompressedMessage {
        switch content {
        case .values(let values): Self(.values(try Self.rounded(values)), of: compressor)
        case .signs(let scales, let signs):
            Self(.signs(scales: try Self.rounded(scales), signs), of: compressor).withSignsOfZero()
        case .kept(let indices, let values): Self(.kept(indices, values: try Self.rounded(values)), of: compressor)
        case .levels(let norm, let levels):
            Self(.levels(norm: try Self.rounded([norm])[0], levels), of: compressor)
        case .stochasticSign: self
        }
    }

    /// Where a scale is 0, the signs of its block are +.
    private func withSignsOfZero() -> CompressedMessage {
        guard case .signs(let scales, var signs) = content else { return self }
        for (scale, block) in zip(scales, compressor.blocks) where scale.isZero {
            for j in block { signs[j] = true }
        }
        return Self(.signs(scales: scales, signs), of: compressor)
    }

    private static func rounded(_ numbers: [Rational]) throws(Refusal) -> [Rational] {
        try numbers.map { number throws(Refusal) in
            guard let image = Rational(exactly: Float(number)) else {
                throw Refusal(.outOfRange, "\(number.decimal(digits: 9)) is beyond binary32")
            }
            return image
        }
    }

    /// What the message stands for, one number a coordinate.
    ///
    /// - Parameters:
    ///   - draws: the words of the message for rand-K, whose indices are not sent; else not looked at.
    ///   - isRounded: whether each value of a level is rounded to binary32, as a decoder of the wire does.
    public func decoded(draws: [UInt32] = [], isRounded: Bool = false) -> [Rational] {
        var image = [Rational](repeating: 0, count: compressor.dimension)
        switch (content, compressor.kind) {
        case (.values(let values), .randK(let k)):
            for (j, value) in zip(Compressor.randomCoordinates(k, words: draws), values) { image[j] = value }
        case (.values(let values), _): image = values
        case (.signs(let scales, let signs), _):
            for (scale, block) in zip(scales, compressor.blocks) {
                for j in block { image[j] = signs[j] ? scale : -scale }
            }
        case (.kept(let indices, let values), _):
            for (j, value) in zip(indices, values) { image[j] = value }
        case (.levels(let norm, let levels), .levels(let s)):
            image = levels.map { norm * Rational($0) / Rational(s) }
            if isRounded { image = image.map { Rational(exactly: Float($0)) ?? $0 } }
        case (.stochasticSign(let message), .stochasticSign(let given)):
            image = message.decoded(ranges: given.map { Compressor.ranges($0, dimension: compressor.dimension) })
        default: preconditionFailure("the content of another compressor")
        }
        return image
    }
}

extension Compressor {
    /// One range a coordinate.
    fileprivate static func ranges(_ given: [Float], dimension: Int) -> [Rational] {
        let exact = given.map { Rational(exactly: $0) ?? 0 }
        return exact.count == 1 ? Array(repeating: exact[0], count: dimension) : exact
    }

    /// ‖v − C(v)‖² of a compressor with a memory, by the closed form of the document's table.
    ///
    /// See docs/CompressedGradientCode.md#compressors.
    ///
    /// - Precondition: ``hasMemory``, and the vector has the compressor's dimension.
    public func squaredError(of v: [Rational]) -> Rational {
        precondition(hasMemory && v.count == dimension, "a vector of \(dimension) coordinates, a biased compressor")
        let squares = v.map { $0 * $0 }
        switch kind {
        case .topK(let k): return squares.sorted().prefix(dimension - k).total
        case .scaledSign, .blockSign:
            let kept = blocks.map { block in v[block].map(\.magnitude).total.power(2) / Rational(block.count) }
            return squares.total - kept.total
        case .identity, .randK, .levels, .stochasticSign: return 0
        }
    }
}
