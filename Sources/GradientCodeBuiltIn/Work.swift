import ExactArithmetic
import GradientCodeOperations
import GradientCodes

/// What a question costs in exact arithmetic, so that none takes longer than the protocol waits.
///
/// An estimate: steps of elimination times the length that numbers grow to. The limit is a few seconds.
enum Work {
    private static let limit: Rational = 0x800_0000

    /// Why so many eliminations with `responders` rows of a code are too much; nil when they are not, or when the code is
    /// refused anyway.
    static func tooMuch(
        _ code: CodeDescriptor, responders: Int? = nil, times eliminations: Rational = 1
    ) -> String? {
        guard let resolved = try? code.resolved() else { return nil }
        let (n, k) = (resolved.workers, resolved.partitions)
        guard n * k <= 1 << 12 else { return "more than 2^12 entries" }
        if let sets = setsToVerify(resolved), sets * cost(n, k, digits: digits(code)) > limit {
            return "too many sets to verify"
        }
        // Small codes need no estimate; forming the matrix of a larger one gives the length of its entries.
        guard n > 10 || k > 10 || code.matrix != nil else {
            return eliminations * cost(n, k, digits: 1) > limit ? "too many eliminations" : nil
        }
        guard let matrix = try? resolved.exactMatrix else { return nil }
        let length = Rational(matrix.rowVectors.joined().map { $0.description.utf8.count }.reduce(0, +), n * k)
        let rows = min(n, responders ?? n)
        return eliminations * cost(rows, k, digits: length) > limit ? "too many eliminations of too long numbers" : nil
    }

    /// Steps of one elimination of f rows and k columns, times the length of numbers that grow at each of them.
    private static func cost(_ f: Int, _ k: Int, digits: Rational) -> Rational {
        let rank = min(f, k)
        return Rational(f * k) * Rational(rank * rank) * digits
    }

    /// C(n, s) for a code that is formed only after all its sets have been seen; nil for others.
    private static func setsToVerify(_ code: CodeDescriptor.Resolved) -> Rational? {
        switch code {
        case .named(.nullSpace(let code)): .binomial(code.workers, code.stragglers)
        case .named(.cyclicRepetition(let code)):
            if case .circulant = code.construction { .binomial(code.workers, code.stragglers) } else { nil }
        case .named, .matrix: nil
        }
    }

    /// The length of an entry of a circulant, or of a null space: s terms as long as those of H.
    private static func digits(_ code: CodeDescriptor) -> Rational {
        let rows = code.parityCheck ?? [code.window ?? []]
        let longest = rows.joined().map { "\($0)".utf8.count }.max() ?? 1
        return Rational(longest * (code.parityCheck?.count ?? 1))
    }
}
