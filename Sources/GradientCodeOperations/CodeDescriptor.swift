public import ExactArithmetic
public import GradientCodes

/// A gradient code as the protocol describes it: a named construction with its parameters, or an explicit matrix.
public struct CodeDescriptor: Record {
    /// The named constructions (`docs/GradientCode.md`).
    public enum Kind: String, Choice {
        /// Fractional repetition; balanced when `partitions` is given.
        case fractionalRepetition
        /// The cyclic code with integer entries.
        case crcZ
    }

    /// The construction; absent with an explicit matrix.
    public var kind: Kind?
    /// Number of workers n.
    public var workers: Int?
    /// Stragglers tolerated, s.
    public var stragglers: Int?
    /// Number of partitions k of balanced fractional repetition.
    public var partitions: Int?
    /// An explicit encoding matrix: one row a worker, one column a partition.
    public var matrix: [[Rational]]?

    /// Any combination, also a wrong one.
    public init(
        kind: Kind? = nil, workers: Int? = nil, stragglers: Int? = nil, partitions: Int? = nil,
        matrix: [[Rational]]? = nil
    ) {
        self.kind = kind
        self.workers = workers
        self.stragglers = stragglers
        self.partitions = partitions
        self.matrix = matrix
    }

    /// A named construction.
    public init(_ kind: Kind, workers: Int, stragglers: Int, partitions: Int? = nil) {
        self.init(kind: kind, workers: workers, stragglers: stragglers, partitions: partitions)
    }

    /// An explicit matrix.
    public init(_ matrix: RationalMatrix) { self.init(matrix: matrix.rowVectors) }

    /// What the descriptor stands for.
    public enum Resolved: Hashable, Sendable {
        /// A named construction.
        case named(GradientCode)
        /// An explicit matrix.
        case matrix(RationalMatrix)
    }

    /// The most workers or partitions of a code that the protocol speaks of.
    public static let maximumSize = 1024

    /// The construction or matrix described.
    ///
    /// - Throws: `invalidParameters` when neither or both are given, a parameter is missing or out of range, or the
    ///   matrix is empty; `dimensionMismatch` when it is ragged; `nonDivisible` by the construction.
    public func resolved() throws(Refusal) -> Resolved {
        let sizes = [workers ?? 0, partitions ?? 0, matrix?.count ?? 0, matrix?.first?.count ?? 0]
        guard sizes.allSatisfy({ $0 <= Self.maximumSize }) else {
            throw Refusal(.invalidParameters, "more than \(Self.maximumSize) workers or partitions")
        }
        switch (kind, matrix) {
        case (nil, let rows?):
            guard let width = rows.first?.count, width > 0 else {
                throw Refusal(.invalidParameters, "the encoding matrix has no row or no column")
            }
            guard let matrix = RationalMatrix(rows) else {
                throw Refusal(.dimensionMismatch, "the rows of the encoding matrix differ in length")
            }
            return .matrix(matrix)
        case (let kind?, nil):
            guard let workers, let stragglers else {
                throw Refusal(.invalidParameters, "\(kind.rawValue) needs workers and stragglers")
            }
            return .named(try code(kind, workers: workers, stragglers: stragglers))
        default:
            throw Refusal(.invalidParameters, "expected either kind or matrix")
        }
    }

    /// n, where everything but divisibility is in order: sizes are compared with it before divisibility is refused.
    ///
    /// - Throws: as `resolved()`, but not `nonDivisible`.
    public func workerCount() throws(Refusal) -> Int {
        do throws(Refusal) {
            switch try resolved() {
            case .named(let code): return code.workers
            case .matrix(let matrix): return matrix.rows
            }
        } catch {
            guard error.kind == .nonDivisible, let workers else { throw error }
            return workers
        }
    }

    private func code(_ kind: Kind, workers: Int, stragglers: Int) throws(Refusal) -> GradientCode {
        switch (kind, partitions) {
        case (.fractionalRepetition, let partitions?):
            .fractionalRepetition(
                try FractionalRepetitionCode(workers: workers, stragglers: stragglers, partitions: partitions))
        case (.fractionalRepetition, nil):
            .fractionalRepetition(try FractionalRepetitionCode(workers: workers, stragglers: stragglers))
        case (.crcZ, nil):
            .cyclicRepetition(try CyclicRepetitionCode(workers: workers, stragglers: stragglers))
        case (_, _?):
            throw Refusal(.invalidParameters, "\(kind.rawValue) has as many partitions as workers")
        }
    }

    /// The fields.
    public static let shape = Shape(
        Self.init(kind:workers:stragglers:partitions:matrix:),
        Field("kind", \.kind, "a named construction"), Field("workers", \.workers, "its number of workers n"),
        Field("stragglers", \.stragglers, "the stragglers s it tolerates"),
        Field("partitions", \.partitions, "k of balanced fractional repetition"),
        Field("matrix", \.matrix, "or an explicit matrix: one row a worker, one column a partition"))

    /// The refusals of every operation that takes a code.
    static let refusals = [
        RefusalRule(
            .invalidParameters,
            "neither or both of kind and matrix; a parameter missing; n ≤ 0, k ≤ 0, s < 0 or s ≥ n; n or k > 1024; an empty matrix"
        ),
        RefusalRule(.dimensionMismatch, "the rows of the matrix differ in length"),
        RefusalRule(.nonDivisible, "fractionalRepetition without partitions when s + 1 does not divide n"),
    ]

    /// The same, for operations that also take responders.
    static let respondersRefusals =
        refusals + [
            RefusalRule(.indexOutOfRange, "a responder is not in 0 ..< n"),
            RefusalRule(.duplicateWorker, "a responder is listed twice"),
        ]
}
