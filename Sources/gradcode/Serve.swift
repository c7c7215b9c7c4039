import ArgumentParser
import Foundation
import GradientCodeBuiltIn
import GradientCodeConformance

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answers the protocol on standard input and output with the package's own implementation.")

    @Option(help: "One known defect.") var mutant: String?

    func run() async throws {
        let defect = try mutant.map { name in
            guard let defect = Mutant.named(name) else { throw Unusable("there is no mutant \"\(name)\"") }
            return defect
        }
        throw ExitCode(await Server(BuiltIn.subject(mutant: defect)).run())
    }
}
