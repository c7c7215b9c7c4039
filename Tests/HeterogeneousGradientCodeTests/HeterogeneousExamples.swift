import ExactArithmetic
import GradientCodes
import Testing

extension Rational {
    /// Numbers as the document writes them, separated by blanks: `3/2 -1 0`.
    static func list(_ text: String) -> [Rational] {
        text.split(separator: " ").map { try! Rational(parsing: $0) }
    }

    /// Rows of numbers, separated by commas: `1/2 0, 0 1`.
    static func table(_ text: String) -> [[Rational]] { text.split(separator: ",").map { list(String($0)) } }

    /// One number.
    static func of(_ text: String) -> Rational { try! Rational(parsing: text) }
}

extension ExtendedRational {
    /// Numbers of which some are `inf`.
    static func list(_ text: String) -> [ExtendedRational] {
        text.split(separator: " ").map { $0 == "inf" ? .infinite : .finite(try! Rational(parsing: $0)) }
    }
}

extension Probability {
    /// The probability of a rational number.
    static func of(_ p: Rational) -> Probability {
        try! Probability(UInt64(Int(exactly: p.numerator)!), UInt64(Int(exactly: p.denominator)!))
    }

    var rational: Rational { Rational(value.numerator) / Rational(value.denominator) }
}

/// Sets of indices below ten as the document writes them: `01 – 2`, where a dash is the empty set.
func decimalSets(_ text: String) -> [[Int]] {
    text.split(separator: " ").map { $0.compactMap(\.wholeNumberValue) }
}

/// The kind of the refusal that `build` ends in; nil if it succeeds.
func refusal(_ build: () throws -> some Any) -> Refusal.Kind? {
    do {
        _ = try build()
        return nil
    } catch {
        return (error as? Refusal)?.kind
    }
}

extension HeterogeneousGradientCode {
    /// The code of probabilities and of the workers of each partition.
    init(_ p: [Rational], holders: [[Int]]) throws {
        let rows = p.indices.map { i in holders.map { $0.contains(i) ? 1 : 0 } }
        try self.init(allocation: Allocation(rows), straggling: p.map(Probability.of))
    }

    /// p, exactly.
    var p: [Rational] { straggling.map(\.rational) }
}

/// A code of docs/HeterogeneousGradientCode.md#golden-codes with all its numbers.
struct GoldenCode: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let code: HeterogeneousGradientCode
    let sums: [ExtendedRational]
    let coefficients: RationalMatrix
    let residual: Rational
    let commonMode: Rational
    let floor: Rational?
    let eigenvalueBound: Rational
    let gradientError: Rational
    let multipliers: [Rational]
    /// Mean and residual of least squares; nil where only the vectors have them.
    let leastSquares: (mean: [Rational], residual: Rational)?
    /// τ; nil where only the vectors have it.
    let target: [Rational]?
    let optimum: Rational
    let lowerBound: Rational

    init(
        _ name: String, _ p: String, _ holders: String, sums: String, C: String, R: String, common: String,
        floor: String, eigenvalue: String, error: String, multipliers: String, leastSquares: String, target: String,
        optimum: String, lower: String
    ) {
        testDescription = name
        code = try! HeterogeneousGradientCode(Rational.list(p), holders: decimalSets(holders))
        self.sums = ExtendedRational.list(sums)
        coefficients = RationalMatrix(Rational.table(C))!
        residual = .of(R)
        commonMode = .of(common)
        self.floor = floor.isEmpty ? nil : .of(floor)
        eigenvalueBound = .of(eigenvalue)
        gradientError = .of(error)
        self.multipliers = Rational.list(multipliers)
        let numbers = Rational.list(leastSquares)
        self.leastSquares = numbers.last.map { (Array(numbers.dropLast()), $0) }
        self.target = target.isEmpty ? nil : Rational.list(target)
        self.optimum = .of(optimum)
        lowerBound = .of(lower)
    }

    /// The first m of the document's gradients, in one dimension.
    var gradients: [[Rational]] { Rational.list("1 -2 3 5 -4 2").prefix(code.partitions).map { [$0] } }

    static let triangle = GoldenCode(
        "triangle", "1/2 1/3 1/4", "01 12 02", sums: "3 5 4", C: "2/3 0 1/2, 1 3/5 0, 0 4/5 1", R: "47/60",
        common: "91/60", floor: "3/2", eigenvalue: "11/20", error: "31/20", multipliers: "2/3 2/5 1/2",
        leastSquares: "1679/2040 69163/83640 20677/24600 71027/139400",
        target: "11568915/9520334 11587381/9520334 5625970/4760167", optimum: "2923617/4760167", lower: "167/385")
    static let single = GoldenCode(
        "single", "1/3", "0", sums: "2", C: "3/2", R: "1/2", common: "1/2", floor: "1/2", eigenvalue: "1/2",
        error: "1/2", multipliers: "1", leastSquares: "2/3 1/3", target: "3/2", optimum: "1/2", lower: "1/2")
    static let exactWorker = GoldenCode(
        "exact worker", "0 0 1/2", "012 12 2", sums: "inf inf 1", C: "1/2 0 0, 1/2 1 0, 0 0 2", R: "1", common: "1",
        floor: "", eigenvalue: "1", error: "9", multipliers: "0 0 2", leastSquares: "1 1 1/2 1/2", target: "1 1 2",
        optimum: "1", lower: "1")
    static let deadWorker = GoldenCode(
        "dead worker", "1 1/2", "01 1", sums: "1 1", C: "0 0, 2 2", R: "2", common: "4", floor: "4", eigenvalue: "2",
        error: "1", multipliers: "2 2", leastSquares: "1/2 1/2 1", target: "4 0", optimum: "2", lower: "2")
    static let cycle4 = GoldenCode(
        "cycle4", "1/3 1/3 1/3 1/3", "03 01 12 23", sums: "4 4 4 4",
        C: "3/4 3/4 0 0, 0 3/4 3/4 0, 0 0 3/4 3/4, 3/4 0 0 3/4", R: "1", common: "2", floor: "2", eigenvalue: "1/2",
        error: "51/4", multipliers: "1/2 1/2 1/2 1/2", leastSquares: "212/243 212/243 212/243 212/243 124/243",
        target: "243/106 0 243/106 0", optimum: "31/53", lower: "1/2")
    static let complete = GoldenCode(
        "complete", "1/2 1/3 1/4", "012 012 012", sums: "6 6 6", C: "1/3 1/3 1/3, 1/2 1/2 1/2, 2/3 2/3 2/3", R: "1/2",
        common: "3/2", floor: "3/2", eigenvalue: "1/2", error: "2/3", multipliers: "1/3 1/3 1/3",
        leastSquares: "23/24 23/24 23/24 1/8", target: "72/23 0 0", optimum: "3/23", lower: "3/23")
    static let mixedLPT = GoldenCode(
        "mixed6, LPT", "1/20 1/20 1/20 1/2 1/2 1/2", "03 03 14 14 25 25", sums: "20 20 20 20 20 20",
        C: """
            1 1 0 0 0 0, 0 0 1 1 0 0, 0 0 0 0 1 1, 1/10 1/10 0 0 0 0, 0 0 1/10 1/10 0 0, 0 0 0 0 1/10 1/10
            """, R: "3/10", common: "3/5", floor: "3/5", eigenvalue: "1/10", error: "69/20",
        multipliers: "1/10 1/10 1/10 1/10 1/10 1/10",
        leastSquares: "39/40 39/40 39/40 39/40 39/40 39/40 3/20", target: "80/39 0 80/39 0 80/39 0", optimum: "2/13",
        lower: "2/13")
    static let mixedCyclic = GoldenCode(
        "mixed6, cyclic", "1/20 1/20 1/20 1/2 1/2 1/2", "05 01 12 23 34 45", sums: "20 38 38 20 2 2",
        C: """
            1 10/19 0 0 0 0, 0 10/19 10/19 0 0 0, 0 0 10/19 1 0 0, 0 0 0 1/10 1 0, 0 0 0 0 1 1, 1/10 0 0 0 0 1
            """, R: "219/190", common: "357/190", floor: "3/5", eigenvalue: "31/40", error: "2749/380",
        multipliers: "1/10 1/19 1/19 1/10 1 1", leastSquares: "", target: "",
        optimum: "17131314981606009884504782263280479594/21910350271062330003993837371133110041",
        lower: "1250/1729")

    static let all = [triangle, single, exactWorker, deadWorker, cycle4, complete, mixedLPT, mixedCyclic]
}
