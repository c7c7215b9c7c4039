// Elimination modulo several primes.
//
// What elimination over the rationals does is known by its profile: the column and the row of every pivot, the row
// counted among those that are left. Modulo a prime an entry that is not 0 may vanish, so a prime's profile is the same
// or comes later: a pivot is found in a later row or column, or not at all. Of profiles that differ the one that is
// earlier at the first difference is nearer to the truth, because what is not 0 modulo a prime is not 0.
//
// Certificate: let primes with one profile have a product beyond twice Hadamard's bound H of all minors. If the profile
// were not the true one, then at the first difference some minor that is not 0 would vanish modulo all these primes, so
// would be at least their product: beyond H. So profile and rank are right, and then the numerators and the denominator
// are minors, at most H, and determined by their residues.

extension IntegerMatrix {
    /// The elimination modulo one prime.
    private struct Residues {
        let field: MontgomeryField
        /// Columns of pivots.
        var pivots: [Int] = []
        /// For each pivot the number of rows skipped until it was found.
        var skips: [Int] = []
        /// The product of the pivots in Montgomery form.
        var determinant: UInt
        /// The reduced rows in Montgomery form.
        var entries: [UInt]

        /// Whether the profile of this prime is nearer to the truth; nil where both are the same.
        func isNearer(than other: Residues) -> Bool? {
            for index in 0..<max(pivots.count, other.pivots.count) {
                guard index < other.pivots.count else { return true }
                guard index < pivots.count else { return false }
                let (mine, theirs) = ((pivots[index], skips[index]), (other.pivots[index], other.skips[index]))
                if mine != theirs { return mine < theirs }
            }
            return nil
        }
    }

    /// The reduced row echelon form modulo as many primes as a bound of the minors demands.
    func modularForm(bits: Double) -> IntegerEchelonForm? {
        // A prime has more than 61.99 bits, and the product must exceed twice the bound.
        let needed = Int((bits + 2) / 61.99) + 1
        var agreeing: [Residues] = []
        for field in MontgomeryField.all {
            let residues = eliminated(field)
            if residues.pivots.count == columns { return identityForm }
            if let first = agreeing.first, let isNearer = residues.isNearer(than: first) {
                if !isNearer { continue }
                agreeing = []
            }
            agreeing.append(residues)
            if agreeing.count == needed { return lifted(agreeing) }
        }
        return nil
    }

    /// The form of full column rank, which one prime certifies.
    private var identityForm: IntegerEchelonForm {
        IntegerEchelonForm(
            pivots: Array(0..<columns), columns: columns, denominator: 1,
            numerators: (0..<columns * columns).map { $0 % (columns + 1) == 0 ? 1 : 0 })
    }

    /// Gauss–Jordan elimination without quotients: a row is multiplied by the pivot before a multiple of the pivot row is
    /// subtracted, and what it was multiplied by is remembered, so that two inverses are enough for the whole.
    private func eliminated(_ field: MontgomeryField) -> Residues {
        var residues = Residues(
            field: field, determinant: field.one, entries: entries.map { $0 == 0 ? 0 : field.residue($0) })
        let (rows, columns) = (rows, columns)
        // What each row was multiplied by; and the product of those factors at the time a row became a pivot row.
        var scales = [UInt](repeating: field.one, count: rows)
        var scale = field.one
        residues.entries.withUnsafeMutableBufferPointer { work in
            for column in 0..<columns {
                let target = residues.pivots.count
                guard let source = (target..<rows).first(where: { work[$0 * columns + column] != 0 }) else { continue }
                if source != target {
                    for j in 0..<columns { work.swapAt(source * columns + j, target * columns + j) }
                    scales.swapAt(source, target)
                }
                let start = target * columns
                let pivot = work[start + column]
                residues.determinant = field.product(residues.determinant, pivot)
                scale = field.product(scale, scales[target])
                for row in 0..<rows where row != target && work[row * columns + column] != 0 {
                    let negative = field.prime - work[row * columns + column]
                    for j in 0..<columns where work[row * columns + j] != 0 || work[start + j] != 0 {
                        work[row * columns + j] = field.adding(
                            negative, times: work[start + j], to: field.product(pivot, work[row * columns + j]))
                    }
                    scales[row] = field.product(scales[row], pivot)
                }
                residues.pivots.append(column)
                residues.skips.append(source - target)
            }
            // Normalise by the inverses of the pivots, all from one: the prefix products give the single ones.
            let pivots = residues.pivots.enumerated().map { work[$0.offset * columns + $0.element] }
            var prefixes = [field.one]
            for pivot in pivots { prefixes.append(field.product(prefixes[prefixes.count - 1], pivot)) }
            var inverse = field.inverse(prefixes[pivots.count])
            for row in pivots.indices.reversed() {
                let factor = field.product(inverse, prefixes[row])
                inverse = field.product(inverse, pivots[row])
                for j in 0..<columns where work[row * columns + j] != 0 {
                    work[row * columns + j] = field.product(work[row * columns + j], factor)
                }
            }
        }
        residues.determinant = field.product(residues.determinant, field.inverse(scale))
        return residues
    }

    /// The integers whose residues all primes agree on.
    private func lifted(_ agreeing: [Residues]) -> IntegerEchelonForm {
        let remainders = ChineseRemainders(agreeing.map(\.field))
        let denominator = remainders.integer(agreeing.map { $0.field.value($0.determinant) })
        let pivots = agreeing[0].pivots
        var isPivot = [Bool](repeating: false, count: columns)
        for pivot in pivots { isPivot[pivot] = true }
        // The value of determinant · entry: one factor leaves the Montgomery form by itself.
        let determinants = agreeing.map { $0.field.value($0.determinant) }
        var numerators = [Rational](repeating: 0, count: pivots.count * columns)
        for (row, pivot) in pivots.enumerated() {
            for column in 0..<columns {
                let place = row * columns + column
                if column == pivot {
                    numerators[place] = denominator
                } else if !isPivot[column], agreeing.contains(where: { $0.entries[place] != 0 }) {
                    numerators[place] = remainders.integer(
                        agreeing.indices.map {
                            agreeing[$0].field.product(agreeing[$0].entries[place], determinants[$0])
                        })
                }
            }
        }
        return IntegerEchelonForm(pivots: pivots, columns: columns, denominator: denominator, numerators: numerators)
    }
}

/// The integer of least magnitude with given residues, by Garner's algorithm.
struct ChineseRemainders {
    private let fields: [MontgomeryField]
    /// For each prime, the primes before it in its Montgomery form.
    private let earlier: [[UInt]]
    /// For each prime, the inverse of the product of those before it.
    private let inverses: [UInt]
    private let primes: [UInt]

    init(_ fields: [MontgomeryField]) {
        self.fields = fields
        primes = fields.map(\.prime)
        earlier = fields.indices.map { q in fields[..<q].map { fields[q].residue(unsigned: $0.prime) } }
        inverses = fields.indices.map { [earlier] q in
            fields[q].inverse(earlier[q].reduce(fields[q].one, fields[q].product))
        }
    }

    /// The integer in ±(product of the primes)/2 with these residues, one a prime.
    func integer(_ residues: [UInt]) -> Rational {
        var digits: [UInt] = []
        digits.reserveCapacity(residues.count)
        for q in residues.indices {
            let field = fields[q]
            // The mixed-radix number so far, modulo this prime, as a plain value.
            var known: UInt = 0
            for i in digits.indices.reversed() {
                known = field.product(known, earlier[q][i])
                // The primes lie close together, so a digit is below twice any of them.
                let digit = digits[i] >= field.prime ? digits[i] &- field.prime : digits[i]
                known = known &+ digit
                if known >= field.prime { known &-= field.prime }
            }
            digits.append(field.product(field.difference(residues[q], known), inverses[q]))
        }
        return Rational(BigRational(mixedRadix: digits, primes: primes))
    }
}
