public import ArgumentParser
import ExactArithmetic
import GradientCodeBuiltIn
public import GradientCodeOperations
import GradientCodeVectors
import GradientCodes

/// The schemes that the commands below know.
enum TheoryScheme: String, CaseIterable, ExpressibleByArgument {
    case oneBit
}

struct MomentsOfUpdate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "moments", abstract: "Prints mean and covariance of an update, exact.",
        discussion: """
            Rows are separated by commas, matrices by semicolons: --allocation '1,1;0,1' --probabilities 1/2,1/3 --gradients
            '1;2' --ranges '4;3'. --instance golden is the iteration worked in docs/OneBitGradientCode.md.
            """)

    @Option(help: "The scheme.") var scheme: TheoryScheme
    @Option(help: "golden: the iteration of the documentation.") var instance: String?
    @Option(help: "One row a worker, 1 where it holds the subset.") var allocation: String?
    @Option(help: "Straggling probabilities of independent workers.") var probabilities: String?
    @Option(help: "Or: exactly so many stragglers.") var stragglers: Int?
    @Option(help: "One row a worker; 1/(d (1 − p)) when absent.") var weights: String?
    @Option(help: "One gradient a subset.") var gradients: String?
    @Option(help: "B, one row for all workers or one a worker; the largest magnitude when absent.") var ranges: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let golden = GoldenIteration()
        let question: OneBitGradientCode.Moments
        switch (instance, allocation, gradients) {
        case ("golden", nil, nil):
            question = .init(
                allocation: golden.allocation, probabilities: golden.probabilities, gradients: golden.gradients,
                ranges: [[GradientCode.exact(golden.range)]])
        case (nil, let allocation?, let gradients?):
            question = .init(
                allocation: try Numbers.allocation(allocation), probabilities: try probabilities.map(Numbers.row),
                stragglers: stragglers, weights: try weights.map(Numbers.matrix),
                gradients: try Numbers.matrix(gradients), ranges: try ranges.map(Numbers.matrix))
        default: throw Unusable("expected either --instance golden, or --allocation and --gradients")
        }
        let answer: OneBitGradientCode.Moments.Answer = try BuiltIn.answer(question)
        guard !json else { return print(JSONText.compact(answer)) }
        print("mean       \(answer.mean.map { "\($0)" }.joined(separator: ", "))")
        for (j, row) in answer.covariance.enumerated() {
            print((j == 0 ? "covariance " : "           ") + row.map { "\($0)" }.joined(separator: ", "))
        }
        print("V          \(Numbers.text(answer.stragglerPart + answer.quantiserPart))")
        print("           of stragglers \(answer.stragglerPart), of signs \(answer.quantiserPart)")
        if instance != nil { try printIteration(golden) }
    }

    /// What the package's own kernels make of the golden iteration.
    private func printIteration(_ golden: GoldenIteration) throws {
        let session = OneBitGradientCode.Session(
            allocation: golden.allocation, probabilities: golden.probabilities, bound: .given([golden.range]),
            dimension: golden.dimension)
        let round = OneBitGradientCode.Round(
            gradients: golden.gradients.map { Binary32Vector($0.map { Float($0) }) }, seed: Seed(golden.seed),
            t: golden.t)
        let kernels = BuiltIn.subject
        _ = kernels.reply(to: .open(session: 0, session))
        guard
            case .answer(let outcome as OneBitGradientCode.Round.Outcome) = kernels.reply(
                to: .round(session: 0, round))
        else { throw Unusable("no round") }
        for (worker, message) in (outcome.messages ?? []).enumerated() {
            print("worker \(worker)   \(message.map { JSONText.compact($0) } ?? "straggles")")
        }
        print("update     \(outcome.update.values.map { "\(Int($0))" }.joined(separator: ", "))")
    }
}

struct BoundOfRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bound", abstract: "Prints both sides of a convergence bound for the exact law of a small run.",
        discussion: """
            --instance E2h, E2a, E2q or E3 is one of docs/OneBitGradientCode.md#tight-instances; anything else is given by
            its parts, such as --theorem convex --allocation '1;1' --probabilities 1/2,1/2 --ranges 1 --loss huber
            --curvatures 1 --centres 0 --start 2 --minimiser 0 --step 1 --iterations 4.
            """)

    @Option(help: "The scheme.") var scheme: TheoryScheme
    @Option(help: "A tight instance: E2h, E2a, E2q or E3.") var instance: String?
    @Option(help: "convex (Theorem 5), nonSmooth (5′), stronglyConvex (6) or nonConvex (7).")
    var theorem: OneBitGradientCode.Convergence.Theorem?
    @Option(help: "Iterations T.") var iterations: Int
    @Option(help: "One row a worker, 1 where it holds the subset.") var allocation: String?
    @Option(help: "Straggling probabilities, one a worker.") var probabilities: String?
    @Option(help: "One row a worker; 1/(d (1 − p)) when absent.") var weights: String?
    @Option(help: "B, one or one a coordinate; the largest magnitude when absent.") var ranges: String?
    @Option(help: "φ: quadratic, huber or absolute.") var loss: OneBitGradientCode.Loss.Kind?
    @Option(help: "a, one row a subset.") var curvatures: String?
    @Option(help: "z, one row a subset.") var centres: String?
    @Option(help: "The first model.") var start: String?
    @Option(help: "A minimiser.") var minimiser: String?
    @Option(help: "The step.") var step: String?
    @Option(help: "Multiplies the bound.") var factor: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        for question in try questions() {
            let answer: OneBitGradientCode.Convergence.Answer = try BuiltIn.answer(question)
            guard !json else {
                print(JSONText.compact(answer))
                continue
            }
            print("\(question.theorem.rawValue), T = \(question.iterations)")
            print("  measured    \(Numbers.text(answer.measured))")
            print("  bound       \(Numbers.text(answer.bound)), \(answer.holds ? "holds" : "VIOLATED")")
            print("  difference  \(Numbers.text(answer.bound - answer.measured))")
        }
    }

    private func questions() throws -> [OneBitGradientCode.Convergence] {
        let factor = try factor.map { try Numbers.rational($0) }
        if let instance {
            guard let tight = OneBitInstance.tight.first(where: { $0.name == instance }) else {
                let names = OneBitInstance.tight.map(\.name).joined(separator: ", ")
                throw Unusable("there is no instance \"\(instance)\"; expected one of \(names)")
            }
            return (theorem.map { [$0] } ?? tight.theorems).map {
                tight.question($0, iterations: iterations, factor: factor)
            }
        }
        guard let theorem, let allocation, let probabilities, let loss, let curvatures, let centres, let start,
            let minimiser, let step
        else {
            throw Unusable(
                "expected --instance, or all of --theorem, --allocation, --probabilities, --loss, --curvatures, --centres, --start, --minimiser, --step"
            )
        }
        return [
            .init(
                theorem, allocation: try Numbers.allocation(allocation), probabilities: try Numbers.row(probabilities),
                weights: try weights.map(Numbers.matrix), ranges: try ranges.map(Numbers.row),
                loss: .init(
                    loss, curvatures: try Numbers.matrix(curvatures), centres: try Numbers.matrix(centres)),
                start: try Numbers.row(start), minimiser: try Numbers.row(minimiser),
                step: try Numbers.rational(step), iterations: iterations, factor: factor)
        ]
    }
}

extension OneBitGradientCode.Convergence.Theorem: ExpressibleByArgument {}
extension OneBitGradientCode.Loss.Kind: ExpressibleByArgument {}
