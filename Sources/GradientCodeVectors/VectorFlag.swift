/// Why a test is there, in the vocabulary of Wycheproof: every flag a file uses is explained in its notes.
public enum VectorFlag: String, CaseIterable, Sendable, Comparable, Codable {
    /// An example that the documentation works by hand.
    case handExample
    /// An ordinary case.
    case normal
    /// The smallest sizes and empty sets.
    case smallest
    /// A set of responders that cannot recover the sum.
    case undecodable
    /// Fewer than n − s responders that can recover the sum all the same.
    case notTight
    /// Several answers are right.
    case severalAnswers
    /// Large entries.
    case largeEntries
    /// Rounding of exact numbers.
    case rounding
    /// Subnormal numbers and underflow.
    case subnormal
    /// Signed zeros.
    case signedZero
    /// Infinities and NaN.
    case nonFinite
    /// Results beyond binary32.
    case overflow
    /// A carry between words of a counter.
    case carry
    /// A draw at the edge of its threshold.
    case threshold
    /// Parameters outside their range.
    case invalidParameters
    /// Interpolation nodes that do not increase.
    case invalidNodes
    /// Sizes that do not fit together.
    case sizes
    /// Which refusal is due when several are.
    case precedence
    /// A published known answer.
    case knownAnswer
    /// Values outside the range they have to lie in.
    case outsideRange
    /// Bytes that are no message.
    case malformed
    /// A long input, drawn by the reader; the answer is compared by its digest.
    case long
    /// A bound that is attained, up to a stated term.
    case tight
    /// A bound made too small, which has to fail.
    case negativeControl

    /// Lexicographic.
    public static func < (a: VectorFlag, b: VectorFlag) -> Bool { a.rawValue < b.rawValue }

    /// The explanation, with Wycheproof's fields.
    package struct Note: Codable, Hashable {
        /// The class of mistake.
        let bugType: String
        /// What the tests with this flag have in common.
        let description: String
        /// What goes wrong when such a test fails.
        let effect: String

        init(_ bugType: String, _ description: String, _ effect: String) {
            self.bugType = bugType
            self.description = description
            self.effect = effect
        }
    }

    /// The explanation.
    package var note: Note {
        switch self {
        case .handExample: Note("BASIC", "worked by hand in the documentation", "the scheme is another one")
        case .normal: Note("BASIC", "an ordinary case", "the scheme is another one")
        case .smallest: Note("EDGE_CASE", "one worker, no responder, one coordinate", "loops over empty sets")
        case .undecodable:
            Note("MISSING_STEP", "the responders' rows do not span 1", "a wrong sum is taken for the right one")
        case .notTight:
            Note("EDGE_CASE", "fewer than n - s responders, yet 1 is in their span", "a recoverable sum is thrown away")
        case .severalAnswers: Note("LEGACY", "several decoding vectors are right", "a right answer is called wrong")
        case .largeEntries: Note("ARITHMETIC", "entries beyond 32 bits", "integer overflow, unnoticed")
        case .rounding: Note("ARITHMETIC", "near the border between two floats", "coefficients off by one ulp")
        case .subnormal: Note("ARITHMETIC", "subnormal values or underflow", "values flushed to zero")
        case .signedZero: Note("ARITHMETIC", "-0", "the sign bit of zero is taken for a value")
        case .nonFinite: Note("MISSING_STEP", "infinities and NaN", "0 x NaN spoils the sum")
        case .overflow: Note("MISSING_STEP", "the result is beyond binary32", "an infinite update")
        case .carry: Note("ARITHMETIC", "draws whose block index crosses a word", "repeated draws")
        case .threshold: Note("EDGE_CASE", "the draw next to the threshold", "a bias of one draw")
        case .invalidParameters: Note("MISSING_STEP", "a parameter out of its range", "nonsense is computed in silence")
        case .invalidNodes:
            Note("MISSING_STEP", "interpolation nodes that do not increase strictly", "a matrix that is no code")
        case .sizes: Note("MISSING_STEP", "sizes that do not fit together", "reads beyond the data")
        case .precedence: Note("EDGE_CASE", "several refusals are due", "another refusal than documented")
        case .knownAnswer: Note("BASIC", "published by the generator's authors", "another generator")
        case .outsideRange:
            Note("MISSING_STEP", "a value outside the range it has to lie in", "a clipped value has the wrong mean")
        case .malformed: Note("MISSING_STEP", "bytes that are no message", "padding or noise is read as coordinates")
        case .long:
            Note("EDGE_CASE", "drawn by the reader, compared by SHA-256", "16-bit indices, blocks and tails of loops")
        case .tight: Note("BASIC", "a bound that is attained, up to a stated term", "another law or another bound")
        case .negativeControl:
            Note("BASIC", "a bound made too small, which has to fail", "a check that cannot fail")
        }
    }
}
