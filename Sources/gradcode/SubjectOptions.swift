public import ArgumentParser
import Foundation
import GradientCodeBuiltIn
import GradientCodeConformance
public import GradientCodeOperations
import GradientCodeVectors

/// Who is examined.
struct SubjectOptions: ParsableArguments {
    @Option(help: "The command that starts an implementation; the package's own by default.")
    var implementation: String?

    @Option(help: "One known defect of the package's own implementation.")
    var mutant: String?

    /// Runs a body with the subject and ends it afterwards.
    ///
    /// - Throws: `Unusable` when there is no such program, mutant or valid start reply.
    func withSubject<Value>(
        nonce: String, _ body: (any Subject, [String]) async throws -> Value
    ) async throws -> (value: Value, misbehaviour: SubjectFailure?) {
        guard let implementation else {
            guard let mutant else { return (try await body(BuiltIn.subject, []), nil) }
            guard let defect = Mutant.named(mutant) else {
                throw Unusable("there is no mutant \"\(mutant)\"; gradcode mutants --list names them")
            }
            return (try await body(BuiltIn.subject(mutant: defect), []), nil)
        }
        guard mutant == nil else { throw Unusable("--mutant damages the package's own implementation, not another") }
        let command = try CommandWords.split(implementation)
        let subject: ChildSubject
        do {
            subject = try await ChildSubject.start(command, nonce: nonce)
        } catch {
            throw Unusable("\(implementation) is no subject: \(error)")
        }
        let value = try await body(subject, command)
        return (value, await subject.end())
    }
}

/// Where vectors come from.
struct VectorOptions: ParsableArguments {
    @Option(help: "The folder of the vectors; ./Vectors where it is there, else made from the reference.")
    var vectors: String?

    /// The vector files.
    func files() throws -> [VectorFile] {
        if let vectors { return try VectorFolder(URL(fileURLWithPath: vectors)).files() }
        let standard = URL(fileURLWithPath: "Vectors")
        guard FileManager.default.fileExists(atPath: standard.appendingPathComponent("manifest.json").path) else {
            return VectorSuite.files
        }
        return try VectorFolder(standard).files()
    }
}

extension Profile: ExpressibleByArgument {}
