public import ArgumentParser
import ExactArithmetic
import GradientCodeBuiltIn
public import GradientCodeOperations
import GradientCodes

struct Theory: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints what the theory says, exact and in decimal.",
        subcommands: [ClosedForm.self, MomentsOfUpdate.self, BoundOfRun.self, ResidualOfCode.self],
        defaultSubcommand: ClosedForm.self)
}

struct ClosedForm: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "value", abstract: "Prints a closed form; `gradcode theory QUANTITY` for short.",
        discussion: "Quantities: " + TheoryValue.Quantity.allCases.map(\.rawValue).joined(separator: ", ") + ".")

    @Argument(help: "The quantity.") var quantity: TheoryValue.Quantity
    @Option(help: "Number of workers n.") var workers: Int?
    @Option(help: "Stragglers s.") var stragglers: Int?
    @Option(help: "Number of partitions k.") var partitions: Int?
    @Option(help: "Straggling probabilities n/d, separated by commas.") var probabilities: String?
    @Option(help: "One straggling probability n/d for all workers.") var probability: String?
    @Option(help: "An amplification n/d.") var kappa: String?
    @Option(help: "Number of roundings t.") var roundings: Int?
    @Option(help: "δ of a Bernoulli code, n/d.") var density: String?
    @Option(help: "Number of responders r.") var responders: Int?
    @Option(help: "Workers of each partition, separated by commas.") var replications: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        var list = try probabilities.map(Numbers.row)
        if let probability {
            guard list == nil, let workers, workers >= 0, workers <= CodeDescriptor.maximumSize else {
                throw Unusable(
                    "--probability goes with --workers (at most \(CodeDescriptor.maximumSize)), not with --probabilities"
                )
            }
            list = Array(repeating: try Numbers.rational(probability), count: workers)
        }
        let question = TheoryValue(
            quantity, workers: workers ?? list?.count, stragglers: stragglers, partitions: partitions,
            probabilities: list, kappa: try kappa.map { try Numbers.rational($0) }, roundings: roundings,
            density: try density.map { try Numbers.rational($0) }, responders: responders,
            replications: try replications.map { try $0.split(separator: ",").map { try Numbers.integer($0) } })
        switch BuiltIn.subject.reply(to: .run(question)) {
        case .answer(let answer as TheoryValue.Answer):
            print(json ? JSONText.compact(answer) : "\(answer.value) ≈ \(answer.value.decimal(digits: 12))")
        case .refused(let refusal): throw Unusable(refusal.description)
        case .answer, .unsupported, .failed: throw Unusable("no value")
        }
    }
}

extension TheoryValue.Quantity: ExpressibleByArgument {}

extension BuiltIn {
    /// The package's own answer; a refusal ends the command.
    static func answer<Asked: Question>(_ question: Asked) throws -> Asked.Answer {
        switch subject.reply(to: .run(question)) {
        case .answer(let answer as Asked.Answer): return answer
        case .refused(let refusal): throw Unusable(refusal.description)
        case .unsupported(let reason): throw Unusable("beyond this command: \(reason)")
        case .answer, .failed: throw Unusable("no answer")
        }
    }
}
