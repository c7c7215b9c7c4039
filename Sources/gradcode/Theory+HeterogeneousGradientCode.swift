import ArgumentParser
import ExactArithmetic
import GradientCodeBuiltIn
import GradientCodeOperations
import GradientCodeTheory
import GradientCodes

struct ResidualOfCode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "residual",
        abstract: "Prints the optimal code of an allocation for heterogeneous stragglers, and what it cannot beat.")

    @Option(help: "Straggling probabilities n/d, one a worker, separated by commas.") var probabilities: String
    @Option(help: "The workers of each partition: '0,1;1,2;0,2'.") var partitions: String
    @Option(help: "Variances δ of unbiased quantisers, one a worker.") var variances: String?
    @Option(help: "The probabilities that are true where the code was made for others.") var truth: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let p = try Numbers.row(probabilities)
        let allocation = try allocation(workers: p.count)
        let question = HeterogeneousGradientCode.OptimalCoefficients(
            allocation: allocation, probabilities: p, variances: try variances.map(Numbers.row))
        let code: HeterogeneousGradientCode.OptimalCoefficients.Answer = try BuiltIn.answer(question)
        guard let residual = code.residual.value else { throw Unusable("no residual") }
        guard !json else { return print(JSONText.compact(code)) }
        print("\(residual) ≈ \(residual.decimal(digits: 12))")
        let sums = (code.oddsSums ?? []).map { $0.value?.description ?? "inf" }
        print("  odds sums S       \(sums.joined(separator: ", "))")
        let rows = code.coefficients.compactMap { row -> [Rational]? in
            if case .exact(let values) = row { values } else { nil }
        }
        for (worker, row) in rows.enumerated() {
            print("  worker \(worker)          \(row.map(\.description).joined(separator: ", "))")
        }
        let known = try HeterogeneousGradientCode(
            allocation: Allocation(allocation), straggling: Probability.all(p))
        try printMoments(of: rows, known, p)
    }

    private func printMoments(
        of rows: [[Rational]], _ code: HeterogeneousGradientCode, _ p: [Rational]
    ) throws {
        let moments: HeterogeneousGradientCode.Moments.Answer = try BuiltIn.answer(
            HeterogeneousGradientCode.Moments(probabilities: p, coefficients: rows))
        let floor = code.commonModeFloor.map { ", no fixed code has less than \(Numbers.text($0))" } ?? ""
        print("  common mode       \(Numbers.text(moments.commonMode))\(floor)")
        print("  any decoder       at least \(Numbers.text(code.residualFloor))")
        print("  unbiased decoder  at least \(Numbers.text(code.unbiasedResidualFloor))")
        guard let truth else { return }
        let told: HeterogeneousGradientCode.Moments.Answer = try BuiltIn.answer(
            HeterogeneousGradientCode.Moments(probabilities: try Numbers.row(truth), coefficients: rows))
        let bias = told.mean.map { ($0 - 1).description }.joined(separator: ", ")
        print("  with the probabilities \(truth):")
        print("    bias            \(bias)")
        print("    residual        \(Numbers.text(told.residual))")
    }

    /// One row a worker, from the lists of workers.
    private func allocation(workers: Int) throws -> [[Int]] {
        let holders = try partitions.split(separator: ";", omittingEmptySubsequences: false).map { list in
            try WorkerSet(list.split(separator: ",").map { try Numbers.integer($0) }, of: workers)
        }
        return (0..<workers).map { i in holders.map { $0.contains(i) ? 1 : 0 } }
    }
}
