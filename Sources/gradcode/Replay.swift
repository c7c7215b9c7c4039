import ArgumentParser
import Foundation
import GradientCodeConformance
import GradientCodeOperations

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tries one counterexample again.",
        discussion: "Exit status 0: it passes now. 1: it still fails. 2: it could not be tried.")

    @Argument(help: "A counterexample-N.json of a report.")
    var file: String
    @Option(help: "Another implementation than the one that failed.")
    var implementation: String?
    @OptionGroup var vectors: VectorOptions

    func run() async throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            throw Unusable("\(file) cannot be read")
        }
        let counterexample = try JSONText.read(Counterexample.self, from: data)
        var options = SubjectOptions()
        options.mutant = implementation == nil ? counterexample.mutant : nil
        options.implementation = implementation ?? Self.quoted(counterexample.command)
        let verification = Verification(files: try vectors.files())
        let (found, misbehaviour) = try await options.withSubject(nonce: "replay") { subject, command in
            var verification = verification
            verification.command = command
            return try await verification.replay(counterexample, on: subject)
        }
        var report = found
        if let misbehaviour { report.record(misbehaviour) }
        print(report.text { _ in "gradcode replay \(file)" })
        throw ExitCode(report.entries.contains { $0.failed > 0 } || report.misbehaved ? 1 : 0)
    }

    private static func quoted(_ command: [String]) -> String? {
        guard !command.isEmpty else { return nil }
        return command.map { "\"" + $0.map { "\"\\".contains($0) ? "\\\($0)" : String($0) }.joined() + "\"" }
            .joined(separator: " ")
    }
}
