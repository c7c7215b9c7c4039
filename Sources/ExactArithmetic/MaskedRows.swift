import CKernels

/// What is known, for certain, of the row space of rows of one matrix of which some entries are masked.
public struct MaskedRowSpace: Sendable, Hashable {
    /// The dimension.
    public var rank: Int
    /// Bit k: the unit vector e_k is in the space.
    public var units: UInt64
    /// Whether (1, …, 1) is.
    public var containsOnes: Bool
}

/// Decides the row spaces of many matrices at once that are made by masking the rows of one matrix: outage patterns of a
/// cooperative gradient code.
///
/// Sixteen patterns at a time are reduced modulo one prime. Every statement is then certified, as a prime may lie:
///
/// * a rank modulo a prime is at most the rank. It is the rank if it reaches an upper bound: the number of different rows
///   with an entry, the number of columns with one, or the bound of unmasked rows, whose rank is that of the whole
///   matrix at most, with every masked row adding 1;
/// * given the rank, a vector that is not in the space modulo the prime is not in the space: with it, the rank modulo the
///   prime is larger, so the rank is;
/// * unit vectors U are in the space if the rows within the columns U alone have the rank |U| modulo the prime;
/// * the vector of ones is, if unit vectors that are in the space and a set of unmasked rows, which was looked at exactly,
///   give it.
///
/// What is left is decided by exact elimination of that one pattern, so no answer is a guess.
///
/// See docs/CooperativeGradientCode.md#certificates.
public struct MaskedRows: Sendable {
    private let matrix: IntegerMatrix
    /// Bits of the entries of each row that are not 0.
    private let supports: [UInt64]
    private let residues: [UInt32]
    private let rank: Int
    /// How many patterns, of all so far, were decided by an elimination of their own.
    public private(set) var eliminations = 0
    /// Rank of a set of unmasked rows, and whether the vector of ones is in its span.
    private var completeSets: [UInt64: (rank: Int, containsOnes: Bool)] = [:]
    /// What the row space of the whole matrix and some masked rows make, by pairs of row and mask.
    private var extensions: [[UInt64]: MaskedRowSpace] = [:]
    /// What is remembered at most of either kind.
    private static let memory = 1 << 16

    /// The masks of the rows of a matrix, of at most 64 rows and columns; nil where it is larger, or its rows are no
    /// multiples of rows of 62-bit integers.
    public init?(_ matrix: RationalMatrix) {
        guard matrix.rows <= 64, 1...64 ~= matrix.columns, let matrix = IntegerMatrix(scaling: matrix),
            let rank = matrix.echelonForm()?.rank
        else { return nil }
        self.matrix = matrix
        self.rank = rank
        supports = (0..<matrix.rows).map { i in
            (0..<matrix.columns).reduce(0) { matrix[i, $1] == 0 ? $0 : $0 | 1 << $1 }
        }
        let prime = Int(CKERNELS_PRIME)
        residues = matrix.entries.map { ckernels_residue(UInt32((($0 % prime) + prime) % prime)) }
    }

    /// Decides patterns, each with a mask a slot: bit k of `masks[pattern · count + slot]` says whether column k of the
    /// slot's row is kept; 0 is a row that is absent. `rows[slot]` says of which row of the matrix a slot is.
    ///
    /// - Precondition: the number of masks is a multiple of that of the slots, of which there are 1 to 1024.
    public mutating func decide(_ masks: [UInt64], rows: [Int]) -> [MaskedRowSpace] {
        precondition(
            1...1024 ~= rows.count && masks.count.isMultiple(of: rows.count) && rows.allSatisfy { $0 < matrix.rows },
            "so many masks a pattern as slots")
        let count = masks.count / rows.count
        // Bits outside the support mask nothing.
        let slots = rows.count
        let masks = masks.indices.map { masks[$0] & supports[rows[$0 % slots]] }
        var spaces = reduced(masks, rows: rows, count: count)
        // The rows within the columns of the unit vectors, for the patterns whose unit vectors peeling does not explain.
        var open: [Int] = []
        var inner: [UInt64] = []
        for pattern in 0..<count {
            let units = spaces[pattern].units
            let own = masks[pattern * slots..<(pattern + 1) * slots]
            if Self.peeled(own, rows: rows) & units != units {
                open.append(pattern)
                inner += own.map { $0 & ~units == 0 ? $0 : 0 }
            }
        }
        let innerRanks = reduced(inner, rows: rows, count: open.count).map(\.rank)
        var isExplained = [Bool](repeating: true, count: count)
        for (index, pattern) in open.enumerated() {
            isExplained[pattern] = innerRanks[index] == spaces[pattern].units.nonzeroBitCount
        }
        for pattern in 0..<count {
            let own = masks[pattern * slots..<(pattern + 1) * slots]
            let isCertain =
                isExplained[pattern] && isRankCertain(spaces[pattern].rank, own, rows: rows)
                && areOnesCertain(spaces[pattern], own, rows: rows)
            if !isCertain { spaces[pattern] = decided(own, rows: rows) }
        }
        return spaces
    }

    /// Rank, unit vectors and ones modulo the prime.
    private func reduced(_ masks: [UInt64], rows: [Int], count: Int) -> [MaskedRowSpace] {
        let (slots, columns, lanes) = (rows.count, matrix.columns, Int(CKERNELS_LANES))
        let entries = rows.flatMap { residues[$0 * columns..<($0 + 1) * columns] }
        var spaces: [MaskedRowSpace] = []
        spaces.reserveCapacity(count)
        var group = [UInt64](repeating: 0, count: slots * lanes)
        let words = lanes * (slots + 3) * columns + 2 * lanes * slots
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: 8 * words, alignment: 64)
        defer { scratch.deallocate() }
        let numbers = scratch.bindMemory(to: UInt64.self, capacity: words)
        var result = CKernelsRowSpaces()
        for start in stride(from: 0, to: count, by: lanes) {
            let width = min(lanes, count - start)
            for slot in 0..<slots {
                for lane in 0..<lanes {
                    group[slot * lanes + lane] = lane < width ? masks[(start + lane) * slots + slot] : 0
                }
            }
            ckernels_row_spaces(entries, Int32(slots), Int32(columns), group, numbers, &result)
            withUnsafeBytes(of: &result) { bytes in
                let values = bytes.bindMemory(to: UInt64.self)
                for lane in 0..<width {
                    spaces.append(
                        MaskedRowSpace(
                            rank: Int(values[lane]), units: values[lanes + lane],
                            containsOnes: values[2 * lanes + lane] == 1))
                }
            }
        }
        return spaces
    }

    /// The columns k that are known one after the other from rows with one unknown column.
    private static func peeled(_ masks: ArraySlice<UInt64>, rows: [Int]) -> UInt64 {
        var known: UInt64 = 0
        var grows = true
        while grows {
            grows = false
            for mask in masks {
                let rest = mask & ~known
                if rest != 0, rest & (rest - 1) == 0 {
                    known |= rest
                    grows = true
                }
            }
        }
        return known
    }

    /// Whether the rank modulo the prime is the rank.
    private func isRankCertain(_ found: Int, _ masks: ArraySlice<UInt64>, rows: [Int]) -> Bool {
        let columns = masks.reduce(0, |).nonzeroBitCount
        if found == columns { return true }
        var (complete, incomplete): (UInt64, Int) = (0, 0)
        for (slot, mask) in masks.enumerated() where mask != 0 {
            if mask == supports[rows[slot]] { complete |= 1 << UInt64(rows[slot]) } else { incomplete += 1 }
        }
        return found == min(complete.nonzeroBitCount, rank) + incomplete
    }

    /// Whether what is said of the vector of ones is certain, if the rank and the unit vectors are.
    private mutating func areOnesCertain(
        _ space: MaskedRowSpace, _ masks: ArraySlice<UInt64>, rows: [Int]
    ) -> Bool {
        guard space.containsOnes, space.rank < matrix.columns else { return true }
        let complete = completeSet(masks, rows: rows)
        guard complete.nonzeroBitCount >= rank || space.units == 0 else { return false }
        return completeSpan(complete).containsOnes
    }

    /// The rows that are not masked, as bits.
    private func completeSet(_ masks: ArraySlice<UInt64>, rows: [Int]) -> UInt64 {
        var complete: UInt64 = 0
        for (slot, mask) in masks.enumerated() where mask == supports[rows[slot]] {
            complete |= 1 << UInt64(rows[slot])
        }
        return complete
    }

    /// The span of a set of unmasked rows, which is looked at once.
    private mutating func completeSpan(_ complete: UInt64) -> (rank: Int, containsOnes: Bool) {
        if let known = completeSets[complete] { return known }
        let space = eliminated((0..<matrix.rows).filter { complete >> UInt64($0) & 1 == 1 }.map { ($0, supports[$0]) })
        if completeSets.count < Self.memory { completeSets[complete] = (space.rank, space.containsOnes) }
        return (space.rank, space.containsOnes)
    }

    /// The exact answer for one pattern. If its unmasked rows have the rank of the matrix, they span all its rows, and the
    /// answer depends on the masked rows only: it is remembered.
    private mutating func decided(_ masks: ArraySlice<UInt64>, rows: [Int]) -> MaskedRowSpace {
        let kept = masks.enumerated().filter { $0.element != 0 }.map { (rows[$0.offset], $0.element) }
        let complete = completeSet(masks, rows: rows)
        guard complete.nonzeroBitCount >= rank, completeSpan(complete).rank == rank else {
            eliminations += 1
            return eliminated(kept)
        }
        let key = kept.filter { $0.1 != supports[$0.0] }.flatMap { [UInt64($0.0), $0.1] }
        if let known = extensions[key] { return known }
        eliminations += 1
        let space = eliminated(kept)
        if extensions.count < Self.memory { extensions[key] = space }
        return space
    }

    /// The exact elimination of masked rows.
    private func eliminated(_ kept: [(row: Int, mask: UInt64)]) -> MaskedRowSpace {
        let entries = kept.flatMap { row, mask in
            (0..<matrix.columns).map { mask >> UInt64($0) & 1 == 1 ? matrix[row, $0] : 0 }
        }
        if let masked = IntegerMatrix(rows: kept.count, columns: matrix.columns, entries: entries),
            let form = masked.echelonForm()
        {
            return MaskedRowSpace(
                rank: form.rank, units: form.units.reduce(0) { $0 | 1 << $1 }, containsOnes: form.containsOnes)
        }
        let (form, pivots) = RationalMatrix(rows: kept.count, columns: matrix.columns) { i, k in
            Rational(entries[i * matrix.columns + k])
        }.reducedRowEchelonForm()
        let vectors = pivots.indices.map(form.row)
        let units = vectors.indices.filter { i in vectors[i].count { !$0.isZero } == 1 }.map { pivots[$0] }
        return MaskedRowSpace(
            rank: pivots.count, units: units.reduce(0) { $0 | 1 << $1 },
            containsOnes: (0..<matrix.columns).allSatisfy { k in vectors.map { $0[k] }.total == 1 })
    }
}
